"""Files of results and reports, in a storage that every process shares: a folder, or S3 (MATRICULA_FILES)."""

import contextlib
import mimetypes
import os
import re
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import quote

from django.conf import settings
from django.core import signing
from django.core.files import File
from django.core.files.storage import default_storage

from matricula.foundation.text import has_control_characters

_signer = signing.TimestampSigner(salt="matricula.files")
_signer_for = signing.TimestampSigner(salt="matricula.files.held")
# whom a link is for: an account, maybe an API client, or a page; then time and signature
_HELD = re.compile(r"([0-9]+(?:\.[0-9]+)?c?):[^:]+:[^:]+")
# a file that is still being written; its writer may have been killed
_PART = ".part"
_LEFTOVER_SECONDS = 24 * 60 * 60
# what browsers get; the system's own table of types differs from machine to machine
_TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class StorageFailed(Exception):
    """The storage did not do what was asked: it is full, closed, or does not answer."""


@contextlib.contextmanager
def _asking_storage() -> Iterator[None]:
    """Raise every error of the storage as ``StorageFailed``: each storage has errors of its own.

    ``FileNotFoundError`` and ``NotADirectoryError`` are answers, and pass through.
    """
    try:
        yield
    except (StorageFailed, FileNotFoundError, NotADirectoryError):
        raise
    except Exception as error:
        raise StorageFailed(f"{type(error).__name__}: {error}") from error


class LinkRefused(Exception):
    """The link was not signed here, or was altered."""


class LinkExpired(LinkRefused):
    """The link was signed here, and is too old."""


def is_file_name(name: str) -> bool:
    """True for a name of the form ``folder/file``: no way out of the storage, nothing hidden, one line."""
    parts = name.split("/")
    return (
        not any(part.startswith(".") or not part.strip() for part in parts)
        and "\\" not in name
        and not name.endswith(_PART)
        and not has_control_characters(name)
    )


def write_file(name: str, blocks: Iterable[bytes]) -> None:
    """Stores the blocks under a name, which is there with all of them or not at all; memory stays flat.

    Errors: ``StorageFailed``, and those of the blocks themselves.
    """
    _check(name)
    try:
        if _folder() is not None:
            _write_locally(Path(default_storage.path(name)), blocks)
        else:
            _write_afar(name, blocks)
    except OSError as error:
        raise StorageFailed(str(error)) from error


def _write_locally(path: Path, blocks: Iterable[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, part = tempfile.mkstemp(prefix=".", suffix=_PART, dir=path.parent)
    try:
        with open(descriptor, "wb") as file:
            for block in blocks:
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def _write_afar(name: str, blocks: Iterable[bytes]) -> None:
    with tempfile.TemporaryFile() as held:
        for block in blocks:
            held.write(block)
        held.seek(0)
        with _asking_storage():
            default_storage.save(name, File(held))


def open_file(name: str) -> BinaryIO:
    """The file, to be read. Errors: ``FileNotFoundError``, ``StorageFailed``."""
    _check(name)
    with _asking_storage():
        file = cast(BinaryIO, default_storage.open(name, "rb"))
        # a storage that fetches the file at the first read does so now, where its errors are still an answer
        file.seek(0)
    return file


def delete_file(name: str) -> None:
    """Deletes the file, if it is there. Errors: ``StorageFailed``."""
    _check(name)
    with _asking_storage():
        default_storage.delete(name)


def file_size(name: str) -> int:
    """How many bytes it has. Errors: ``FileNotFoundError``, ``StorageFailed``."""
    _check(name)
    with _asking_storage():
        return default_storage.size(name)


def list_files(folder: str) -> list[str]:
    """The names of the files right in a folder, sorted; none where there is no such folder.

    Errors: ``StorageFailed``.
    """
    _, files = _list(folder)
    return sorted(name for name in files if name and is_file_name(f"{folder}/{name}"))


def walk_files(folder: str) -> Iterator[str]:
    """The names of all files in a folder and in the folders in it; none where there is no such folder.

    Errors: ``StorageFailed``.
    """
    folders, files = _list(folder)
    yield from (name for file in sorted(files) if file and is_file_name(name := f"{folder}/{file}"))
    for inner in sorted(folders):
        if is_file_name(name := f"{folder}/{inner}"):
            yield from walk_files(name)


def _list(folder: str) -> tuple[list[str], list[str]]:
    """The folders and the files right in a folder, as the storage names them."""
    _check(folder)
    try:
        with _asking_storage():
            folders, files = default_storage.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return [], []
    return folders, files


def content_type(name: str) -> str:
    """The content type for a browser."""
    return _TYPES.get(Path(name).suffix.lower()) or mimetypes.guess_type(name)[0] or "application/octet-stream"


def delete_leftovers(folder: str) -> int:
    """Deletes what writers that were killed left in a folder, once it is a day old; how many."""
    root = _folder()
    if root is None:
        return 0
    deleted = 0
    with contextlib.suppress(FileNotFoundError):
        for part in (root / folder).glob(f".*{_PART}"):
            if part.stat().st_mtime < time.time() - _LEFTOVER_SECONDS:
                part.unlink(missing_ok=True)
                deleted += 1
    return deleted


def gives_out_files() -> bool:
    """True where the storage itself answers to links, and not Matricula."""
    return _folder() is None


def signed_link(name: str, root: str, *, holder: str = "", shown: str = "") -> str:
    """An absolute address that opens the file without credentials, for a while; signed again at every call.

    ``root`` is the start of our own addresses, such as ``https://matricula.example.org``. ``holder``: for whom it is
    made, by ids, as ``check_signature`` returns it. ``shown``: the name that a storage gives the file when it is
    downloaded from there. Errors: ``StorageFailed``. What has people in it gets its link by
    ``disclosures.links``.
    """
    _check(name)
    if _folder() is None:
        file_name = quote(shown or name.rpartition("/")[2], safe="")
        parameters = {
            "ResponseContentDisposition": f"attachment; filename*=UTF-8''{file_name}",
            "ResponseContentType": content_type(name),
        }
        # the storage for S3 takes more than Django's own
        with _asking_storage():
            return str(cast(Any, default_storage).url(name, parameters=parameters))
    signer, signed = (_signer_for, f"{name}:{holder}") if holder else (_signer, name)
    signature = signer.sign(signed)[len(name) + 1 :]
    return f"{root}/api/files/{quote(name)}?signature={signature}"


def check_signature(name: str, signature: str) -> str:
    """The holder of the link; "" where it names none. Errors: ``LinkExpired``, ``LinkRefused``."""
    held = _HELD.fullmatch(signature)
    holder = held[1] if held else ""
    try:
        signed = (_signer_for if held else _signer).unsign(
            f"{name}:{signature}", max_age=settings.ENVIRONMENT.result_link_seconds
        )
    except signing.SignatureExpired:
        raise LinkExpired from None
    except (signing.BadSignature, ValueError):
        raise LinkRefused from None
    # part of the signature may have been moved into the name
    if signed != (f"{name}:{holder}" if held else name) or not is_file_name(name):
        raise LinkRefused
    return holder


def _folder() -> Path | None:
    """The folder of the storage, where it is one."""
    try:
        return Path(default_storage.path(""))
    except NotImplementedError:
        return None


def _check(name: str) -> None:
    if not is_file_name(name):
        raise ValueError(f"{name!r} is no name for a file")
