"""Replacing people in files: results, reports, snapshots, and mails that are written into a folder."""

import email
import email.policy
import gzip
import hashlib
import io
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urlsplit

from django.conf import settings

from matricula.foundation.database import execute, fetch_all
from matricula.foundation.files import delete_file, open_file, walk_files, write_file
from matricula.foundation.transactions import one_transaction
from matricula.retirement.matching import Matcher
from matricula.retirement.rows import allow_changes
from matricula.retirement.workbooks import replace_in_archive

_FOLDERS = ("jobs", "snapshots", "reports")
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_LOOKED = 64 * 1024
_SNAPSHOT = """
select s.id, p.organization_id from matricula_snapshot s left join matricula_program p on p.id = s.program_id
where s.file = %s
"""
_JOB = """
select j.id, p.organization_id from matricula_job j left join matricula_program p on p.id = j.program_id
where j.result = %s
"""
_SET_SNAPSHOT = """
update matricula_snapshot set redacted = now(), redacted_digest = %s, file_bytes = %s where id = %s
"""
_SET_JOB = "update matricula_job set file_bytes = %s where id = %s and file_bytes > 0"
_REPORTS = "select organization_id from matricula_program where key = %s"


@dataclass
class Found:
    """What came of looking at the files."""

    changed: int = 0
    # no text: what is in them can't be searched
    unread: list[str] = field(default_factory=list)


class _Unreadable(Exception):
    """No text."""


def replace_in_files(matcher: Matcher, *, dry: bool) -> Found:
    """Replaces the people in all files of the storage, each whole or not at all."""
    found = Found()
    for folder in _FOLDERS:
        for name in walk_files(folder):
            try:
                found.changed += _replace_in(name, matcher, dry=dry)
            except _Unreadable:
                found.unread.append(name)
            except FileNotFoundError:
                continue
    return found


def _replace_in(name: str, matcher: Matcher, *, dry: bool) -> bool:
    folder, _, last = name.rpartition("/")
    new_name = f"{folder}/{matcher.text(last, loose=True)}"
    organization, snapshot_id, job_id = _belongs_to(name)
    with open_file(name) as file:
        is_changed = any(a != b for a, b in _blocks(file, matcher, organization))
    if dry or not (is_changed or new_name != name):
        return is_changed or new_name != name
    digest, size = hashlib.sha256(), 0

    def written(file: IO[bytes]) -> Iterator[bytes]:
        nonlocal size
        for _, block in _blocks(file, matcher, organization):
            digest.update(block)
            size += len(block)
            yield block

    with open_file(name) as file:
        write_file(new_name, written(file))
    if new_name != name:
        delete_file(name)
    with one_transaction():
        allow_changes()
        if snapshot_id is not None:
            execute(_SET_SNAPSHOT, [digest.hexdigest(), size, snapshot_id])
        if job_id is not None:
            execute(_SET_JOB, [size, job_id])
    return True


def _belongs_to(name: str) -> tuple[int | None, uuid.UUID | None, uuid.UUID | None]:
    """The organization whose student keys are in the file; the snapshot, or the job, that it is of."""
    for snapshot_id, organization in fetch_all(_SNAPSHOT, [name]):
        return organization, snapshot_id, None
    for job_id, organization in fetch_all(_JOB, [name]):
        return organization, None, job_id
    parts = name.split("/")
    for (organization,) in fetch_all(_REPORTS, [parts[-2]]):
        return organization, None, None
    return None, None, None


def _blocks(file: IO[bytes], matcher: Matcher, organization: int | None) -> Iterator[tuple[bytes, bytes]]:
    """Pieces of the file as they are, and as they shall be. Errors: ``_Unreadable``."""
    start = file.read(_LOOKED)
    file.seek(0)
    if start.startswith(_ZIP):
        yield from replace_in_archive(file, matcher, organization, lambda part: _part(part, matcher, organization))
    elif start.startswith(_GZIP):
        yield from _gzipped(file, matcher, organization)
    else:
        yield from _lines(file, start, matcher, organization)


def _lines(
    file: Iterable[bytes], start: bytes, matcher: Matcher, organization: int | None
) -> Iterator[tuple[bytes, bytes]]:
    if b"\x00" in start:
        raise _Unreadable
    columns: list[str] = []
    for number, line in enumerate(file):
        text = line.decode("utf-8", "surrogateescape")
        if number == 0 and not text.lstrip("\ufeff").startswith(("{", "[")):
            columns = [cell.strip('"').lower() for cell in text.strip("\ufeff\r\n").split(",")]
        yield line, matcher.line(text, organization, columns).encode("utf-8", "surrogateescape")


def _gzipped(file: IO[bytes], matcher: Matcher, organization: int | None) -> Iterator[tuple[bytes, bytes]]:
    """One piece: the whole."""
    held = io.BytesIO()
    is_changed = False
    with gzip.open(file) as plain, gzip.GzipFile(fileobj=held, mode="wb") as packed:
        start = plain.read(_LOOKED)
        plain.seek(0)
        for before, after in _lines(plain, start, matcher, organization):
            is_changed |= before != after
            packed.write(after)
    file.seek(0)
    before = file.read()
    yield before, held.getvalue() if is_changed else before


def _part(file: IO[bytes], matcher: Matcher, organization: int | None) -> Iterator[tuple[bytes, bytes]]:
    """What is in an archive, and no sheet: whole, as far as it is no text."""
    content = file.read()
    if b"\x00" in content[:_LOOKED]:
        return iter([(content, content)])
    return _lines(io.BytesIO(content), content[:_LOOKED], matcher, organization)


def delete_mail_files(matcher: Matcher, *, dry: bool) -> int:
    """Deletes mails that name one of the people, where mails are written into a folder (``EMAIL_URL=file:…``)."""
    parts = urlsplit(settings.ENVIRONMENT.email_url)
    folder = Path(unquote(parts.path))
    if parts.scheme != "file" or not folder.is_dir():
        return 0
    deleted = 0
    for file in sorted(folder.glob("*.eml")):
        if _names_someone(file.read_bytes(), matcher):
            deleted += 1
            if not dry:
                file.unlink(missing_ok=True)
    return deleted


def _names_someone(mail: bytes, matcher: Matcher) -> bool:
    message = email.message_from_bytes(mail, policy=email.policy.default)
    texts = [str(value) for value in message.values()]
    texts += [str(part.get_content()) for part in message.walk() if part.get_content_maintype() == "text"]
    return any(matcher.text(text) != text for text in texts)
