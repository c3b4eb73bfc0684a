"""The archive of a backup: whole or not there, and damage is found before anything of it is used."""

import json
import shutil
import zipfile
from pathlib import Path

import pytest

from matricula.backups.archives import (
    DATABASE,
    FILES,
    MANIFEST,
    About,
    Archive,
    ArchiveInvalid,
    RestoreRejected,
    new_archive,
)

ABOUT = About("2026-11-27T18:00:00Z", "0.1.0", [("matricula", "0001_initial"), ("other", "0009_x")], "18.6", "k", True)
REPORT = f"{FILES}reports/north/mcs/a report.csv"


def progress(_what: str, _done: int, _total: int | None) -> None:
    """No one looks."""


def make(path: Path, about: About = ABOUT) -> str:
    with new_archive(path) as archive:
        archive.add(DATABASE, [b"dump" * 5000, b"end"], is_compressed=True)
        archive.add(REPORT, [b"a,b\r\n" * 1000])
        return archive.finish(about, ["jobs/gone.csv"])


def verify(path: Path) -> None:
    with Archive.open(path) as archive:
        archive.check_release()
        archive.verify(progress)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "backup.zip"
    digest = make(path)
    verify(path)
    with Archive.open(path) as archive:
        assert archive.digest == digest and archive.manifest.about == ABOUT
        assert archive.manifest.missing == ["jobs/gone.csv"]
        assert archive.files == [REPORT]
        assert b"".join(archive.blocks(REPORT)) == b"a,b\r\n" * 1000
        assert archive.total == 20003 + 5000
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["backup.zip"]


def test_an_archive_that_was_cut_anywhere_is_rejected(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole.zip", tmp_path / "cut.zip"
    make(whole)
    content = whole.read_bytes()
    for length in [0, 1, *range(100, len(content), len(content) // 9), len(content) - 1]:
        cut.write_bytes(content[:length])
        with pytest.raises(ArchiveInvalid):
            verify(cut)


def test_an_archive_that_was_altered_anywhere_is_rejected(tmp_path: Path) -> None:
    """In each part, in its name, in the manifest and in the list: whatever is read is compared."""
    whole, altered = tmp_path / "whole.zip", tmp_path / "altered.zip"
    make(whole)
    content = whole.read_bytes()
    parts = zipfile.ZipFile(whole).infolist()
    places = [part.header_offset + 30 + len(part.filename.encode()) + 40 for part in parts]
    for place in places:
        altered.write_bytes(content[:place] + bytes([content[place] ^ 0x20]) + content[place + 1 :])
        with pytest.raises(ArchiveInvalid):
            verify(altered)


@pytest.mark.parametrize("what", ["one more", "one less", "another one", "no manifest"])
def test_an_archive_with_other_parts_is_rejected(tmp_path: Path, what: str) -> None:
    whole, other = tmp_path / "whole.zip", tmp_path / "other.zip"
    make(whole)
    with zipfile.ZipFile(whole) as read, zipfile.ZipFile(other, "w") as written:
        for name in read.namelist():
            if (name, what) in [(REPORT, "one less"), (MANIFEST, "no manifest")]:
                continue
            is_another = name == REPORT and what == "another one"
            written.writestr(name, b"another" if is_another else read.read(name))
        if what == "one more":
            written.writestr(f"{FILES}jobs/more.csv", "more")
    with pytest.raises(ArchiveInvalid):
        verify(other)


@pytest.mark.parametrize("name", ["text", "zip"])
def test_another_file_is_rejected(tmp_path: Path, name: str) -> None:
    path = tmp_path / "file"
    if name == "zip":
        zipfile.ZipFile(path, "w").close()
    else:
        path.write_text("email\nsam@example.org\n")
    with pytest.raises(ArchiveInvalid, match="backup"):
        verify(path)


def test_a_backup_of_a_newer_release_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "backup.zip"
    make(path, About("", "9.9.0", [("matricula", "0001_initial"), ("matricula", "9999_new")], "18.6", "k", True))
    with pytest.raises(RestoreRejected, match=r"9\.9\.0.*9999_new"):
        verify(path)


def test_a_newer_format_is_rejected_by_its_number(tmp_path: Path) -> None:
    path, newer = tmp_path / "backup.zip", tmp_path / "newer.zip"
    make(path)
    with zipfile.ZipFile(path) as read, zipfile.ZipFile(newer, "w") as written:
        manifest = json.loads(read.read(MANIFEST)) | {"format": 2, "parts": "another form"}
        written.writestr(MANIFEST, json.dumps(manifest))
    with pytest.raises(ArchiveInvalid, match="format 2"):
        verify(newer)


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), new_archive(tmp_path / "backup.zip") as archive:
        archive.add(DATABASE, [b"dump"], is_compressed=True)
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "backup.zip"
    make(path)
    shutil.copy(path, tmp_path / "copy.zip")
    with pytest.raises(FileExistsError):
        make(path)
    assert path.read_bytes() == (tmp_path / "copy.zip").read_bytes()
