"""Making a backup: one snapshot of the database, and the files that it names, streamed into one archive.

The snapshot is exported to pg_dump, and the names of files are read in it, so both are of one moment. Files are copied
after that. They are never changed, only replaced as a whole or deleted: each one that the snapshot names is there,
unless it expired meanwhile or was missing before.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils.crypto import salted_hmac

import matricula
from matricula.backups import programs
from matricula.backups.archives import DATABASE, FILES, About, ArchiveWriter, Progress, new_archive
from matricula.foundation.database import fetch_all
from matricula.foundation.files import open_file, walk_files
from matricula.foundation.transactions import one_transaction
from matricula.history.snapshots.reads import list_snapshot_files
from matricula.jobs.reads import list_result_files

REPORTS = "reports"
_BLOCK = 1 << 20
_SNAPSHOT = """
set transaction isolation level repeatable read, read only;
set local idle_in_transaction_session_timeout = 0;
"""


_HAS_COLUMN = """
select exists (select from pg_attribute where attrelid = to_regclass(%s) and attname = %s and not attisdropped)
"""
_NAMING = (
    ("matricula_job", "result", list_result_files),
    ("matricula_snapshot", "file", list_snapshot_files),
)


class Backup(NamedTuple):
    """What was made; ``digest`` identifies its contents. ``missing``: files that the database still names, and that are
    not there.
    """

    about: About
    digest: str
    database_bytes: int
    files: int
    file_bytes: int
    missing: list[str]


def make_backup(path: Path, folder: Path, url: str, *, with_files: bool, progress: Progress) -> Backup:
    """Make an archive of the database and, unless they are left out, of all files.

    ``folder`` has PostgreSQL's programs; ``url`` is the database, as a role that may read all of it. Errors:
    ``ProgramFailed``, ``StorageFailed``, ``FileExistsError``, ``OSError``.
    """
    with new_archive(path) as archive:
        with one_transaction():
            with connection.cursor() as cursor:
                for statement in filter(str.strip, _SNAPSHOT.split(";")):
                    cursor.execute(statement)
                cursor.execute("select pg_export_snapshot(), current_setting('server_version')")
                snapshot, server = cursor.fetchone()
            about = _about(server, with_files=with_files)
            named = _named_files() if with_files else []
            dumped = _counted("Database", programs.dump(folder, url, snapshot), progress)
            database = archive.add(DATABASE, dumped, is_compressed=True)
        gone = _add_files(archive, named, progress) if with_files else []
        # those that expired while this ran are named no more
        missing = sorted({*gone} & {*_named_files()}) if gone else []
        digest = archive.finish(about, missing)
        sizes = [part.bytes for name, part in archive.parts.items() if name.startswith(FILES)]
    return Backup(about, digest, database.bytes, len(sizes), sum(sizes), missing)


def secret_key_digest() -> str:
    """Return by what a backup recognizes the secret key."""
    return salted_hmac("matricula.backups", "secret key", algorithm="sha256").hexdigest()[:16]


def _named_files() -> list[str]:
    """The files that the database names; also of an older release, before its tables are migrated."""
    named = []
    for table, column, list_files in _NAMING:
        if fetch_all(_HAS_COLUMN, [table, column])[0][0]:
            named += list_files()
    return named


def _about(server: str, *, with_files: bool) -> About:
    applied = sorted(MigrationRecorder(connection).applied_migrations())
    made = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return About(made, matricula.__version__, applied, server, secret_key_digest(), with_files)


def _add_files(archive: ArchiveWriter, named: Iterable[str], progress: Progress) -> list[str]:
    """Add the named files and all reports; return the names of those that are not there."""
    gone, done = [], 0
    for is_named, name in [*((True, name) for name in named), *((False, name) for name in walk_files(REPORTS))]:
        try:
            file = open_file(name)
        except FileNotFoundError:
            if is_named:
                gone.append(name)
            continue
        with file:
            added = archive.add(f"{FILES}{name}", _counted("Files", _blocks(file), progress, done))
        done += added.bytes
    return gone


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    while block := file.read(_BLOCK):
        yield block


def _counted(what: str, blocks: Iterable[bytes], progress: Progress, done: int = 0) -> Iterator[bytes]:
    for block in blocks:
        yield block
        done += len(block)
        progress(what, done, None)
