"""The archive of a backup: a zip file whose last part, the manifest, has the size and the digest of all others.

The list of a zip file is at its end, so one that was cut off can't be opened; and before anything of an archive is
used, each part is read once and compared with the manifest.
"""

import hashlib
import os
import pkgutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Self

import msgspec

import matricula
from matricula import migrations

MANIFEST = "manifest.json"
DATABASE = "database.dump"
FILES = "files/"
FORMAT = 1
_BLOCK = 1 << 20
_LARGEST_MANIFEST = 1 << 30

Progress = Callable[[str, int, int | None], None]
"""Gets a name of what is being done, how many bytes of it are done, and of how many, if that is known."""


class ArchiveInvalid(Exception):
    """The file is no whole backup; the message says why, and what to do."""


class RestoreRejected(Exception):
    """The backup can't be restored here; the message says why, and what to do. Nothing was written."""


class Part(msgspec.Struct, frozen=True):
    """One part of an archive."""

    bytes: int
    sha256: str


class About(msgspec.Struct, frozen=True):
    """What a backup is of."""

    made: str
    release: str
    # (app, name)
    migrations: list[tuple[str, str]]
    # of PostgreSQL
    server: str
    # a digest of the secret key, by which another one is recognized; the key itself is in no archive
    secret_key: str
    with_files: bool


class Manifest(msgspec.Struct, frozen=True):
    """What an archive contains."""

    format: int
    about: About
    parts: dict[str, Part]
    # files that the database names, and that were missing already
    missing: list[str]


class ArchiveWriter:
    """An archive that is being written, part after part; memory stays flat."""

    def __init__(self, file: BinaryIO) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=3)
        self.parts: dict[str, Part] = {}

    def add(self, name: str, blocks: Iterable[bytes], *, is_compressed: bool = False) -> Part:
        """Add a part; ``is_compressed``: its bytes are taken as they are."""
        entry = zipfile.ZipInfo(name)
        entry.compress_type = zipfile.ZIP_STORED if is_compressed else zipfile.ZIP_DEFLATED
        entry.external_attr = 0o600 << 16
        size, digest = 0, hashlib.sha256()
        # of a stream no one knows whether it will have more than 4 GiB
        with self._zip.open(entry, "w", force_zip64=True) as part:
            for block in blocks:
                size += len(block)
                digest.update(block)
                part.write(block)
        self.parts[name] = Part(size, digest.hexdigest())
        return self.parts[name]

    def finish(self, about: About, missing: list[str]) -> str:
        """Add the manifest; return its digest, which is the digest of the whole backup."""
        manifest = msgspec.json.encode(Manifest(FORMAT, about, self.parts, missing))
        entry = zipfile.ZipInfo(MANIFEST)
        entry.external_attr = 0o600 << 16
        self._zip.writestr(entry, manifest, zipfile.ZIP_DEFLATED)
        return hashlib.sha256(manifest).hexdigest()

    def close(self) -> None:
        """Write the list of the parts."""
        self._zip.close()


@contextmanager
def new_archive(path: Path) -> Iterator[ArchiveWriter]:
    """An archive that is at ``path`` once the block has ended well, for its owner's eyes only, and else is not there.

    Errors: ``FileExistsError``, ``OSError``.
    """
    if path.exists():
        raise FileExistsError(path)
    # made with the permissions 0600
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    draft = Path(name)
    try:
        with open(descriptor, "wb") as file:
            writer = ArchiveWriter(file)
            try:
                yield writer
            finally:
                writer.close()
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            raise FileExistsError(path)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class Archive:
    """An archive that was opened; ``digest`` is that of its manifest."""

    def __init__(self, zip_file: zipfile.ZipFile) -> None:
        self._zip = zip_file
        text = self._read_manifest()
        self.digest = hashlib.sha256(text).hexdigest()
        try:
            form = msgspec.json.decode(text, type=_Form)
            if form.format != FORMAT:
                raise ArchiveInvalid(
                    f"the backup has the format {form.format}, and this version of Matricula knows {FORMAT}. Restore "
                    f"it with the version that made it: {form.about.release}."
                )
            self.manifest = msgspec.json.decode(text, type=Manifest)
        except msgspec.MsgspecError as error:
            raise ArchiveInvalid(f"the manifest of the backup can't be read ({error}). Use another backup.") from None
        self.files = sorted(name for name in self.manifest.parts if name.startswith(FILES))

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[Self]:
        """The archive of a file. Errors: ``ArchiveInvalid``, ``OSError``."""
        try:
            zip_file = zipfile.ZipFile(path)
        except zipfile.BadZipFile:
            raise ArchiveInvalid(
                f"{path} is not a backup, or was cut off. Copy it again, or use another backup."
            ) from None
        with zip_file:
            yield cls(zip_file)

    @property
    def total(self) -> int:
        """How many bytes all parts have."""
        return sum(part.bytes for part in self.manifest.parts.values())

    def blocks(self, name: str) -> Iterator[bytes]:
        """The bytes of a part."""
        with self._zip.open(name) as part:
            while block := part.read(_BLOCK):
                yield block

    def check_release(self) -> None:
        """Raise ``RestoreRejected`` for a backup of a newer release, whose tables this one doesn't know."""
        known = {module.name for module in pkgutil.iter_modules(migrations.__path__)}
        about = self.manifest.about
        if newer := [name for app, name in about.migrations if app == "matricula" and name not in known]:
            raise RestoreRejected(
                f"the backup was made by a newer release of Matricula ({about.release}; this is "
                f"{matricula.__version__}, which doesn't know the migration {newer[0]}). Install that release, or a "
                "later one, and run this command again."
            )

    def verify(self, progress: Progress) -> None:
        """Compare each part with the manifest. Errors: ``ArchiveInvalid``."""
        expected = self.manifest.parts
        named = sorted(name for name in self._zip.namelist() if name != MANIFEST)
        if named != sorted(expected) or DATABASE not in expected:
            raise ArchiveInvalid("the backup has other parts than its manifest names. Use another backup.")
        done = 0
        for name, part in expected.items():
            size, digest = 0, hashlib.sha256()
            try:
                for block in self.blocks(name):
                    size += len(block)
                    digest.update(block)
                    progress("Verifying", done + size, self.total)
            # what zlib and zipfile raise for damaged data has no common name
            except Exception as error:
                raise ArchiveInvalid(_damaged(name)) from error
            if (size, digest.hexdigest()) != (part.bytes, part.sha256):
                raise ArchiveInvalid(_damaged(name))
            done += size

    def _read_manifest(self) -> bytes:
        try:
            if self._zip.getinfo(MANIFEST).file_size > _LARGEST_MANIFEST:
                raise ArchiveInvalid("the manifest of the backup is too large. Use another backup.")
            return self._zip.read(MANIFEST)
        except KeyError:
            raise ArchiveInvalid("this zip file is not a backup: it has no manifest.json.") from None
        except ArchiveInvalid:
            raise
        except Exception as error:
            raise ArchiveInvalid(_damaged(MANIFEST)) from error


class _Release(msgspec.Struct):
    release: str


class _Form(msgspec.Struct):
    format: int
    about: _Release


def _damaged(name: str) -> str:
    return f"the backup is damaged: {name} differs from what was written. Copy it again, or use another backup."
