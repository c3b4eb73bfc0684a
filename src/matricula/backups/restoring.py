"""Putting a backup back: into a database and a file storage that are empty, and only if all of it can be."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from django.db import connection

from matricula.backups import programs
from matricula.backups.archives import DATABASE, FILES, Archive, Progress, RestoreRejected
from matricula.backups.writes import REPORTS, secret_key_digest
from matricula.foundation.database import fetch_all
from matricula.foundation.files import walk_files, write_file

# what is part of an extension doesn't count
_HAS_TABLES = """
select exists (
    select from pg_class c where c.relnamespace = current_schema()::regnamespace
        and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
        and not exists (select from pg_depend d where d.classid = c.tableoid and d.objid = c.oid and d.deptype = 'e'))
"""
# of the connections of other roles the kind may be hidden; processes of the server itself have no role
_OTHERS = """
select count(*) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and usesysid is not null
    and coalesce(backend_type, 'client backend') = 'client backend'
"""
_FOLDERS = ("jobs", "snapshots", REPORTS)


class Restored(NamedTuple):
    """What was restored. ``same_secret_key``: whether the secret key is that of the backup."""

    files: int
    file_bytes: int
    same_secret_key: bool


def check_target(archive: Archive) -> None:
    """Raise ``RestoreRejected`` unless database and file storage are empty and not in use.

    The connection is that of the role that is to own the tables. Errors: ``StorageFailed``.
    """
    name = connection.settings_dict["NAME"]
    if not fetch_all("select has_schema_privilege(current_schema(), 'create')", [])[0][0]:
        raise RestoreRejected(
            f"the database role may not create tables in {name}. Run this with MATRICULA_OWNER_DATABASE_URL."
        )
    if fetch_all(_HAS_TABLES, [])[0][0]:
        raise RestoreRejected(
            f"the database {name} isn't empty. Restore into a new one (`create database …`, then DATABASE_URL), and "
            "switch over to it afterwards."
        )
    if others := fetch_all(_OTHERS, [])[0][0]:
        connections = "1 other connection" if others == 1 else f"{others} other connections"
        raise RestoreRejected(
            f"the database {name} is in use: it has {connections}. Stop the web servers and workers of this database, "
            "and end all other connections to it."
        )
    if archive.manifest.about.with_files and (found := next(_files_there(), None)):
        raise RestoreRejected(
            f"the file storage isn't empty: it has {found}. Set MATRICULA_FILES to an empty folder, or to a prefix of "
            "a bucket that has no files yet."
        )


def restore_backup(archive: Archive, folder: Path, url: str, progress: Progress) -> Restored:
    """Write the files, then the database in one transaction: where there are tables, all of the backup is there.

    The archive has been verified, and the target checked. Errors: ``ProgramFailed``, ``StorageFailed``.
    """
    size = 0
    for name in archive.files:
        write_file(name.removeprefix(FILES), _counted(archive, name, "Files", progress))
        size += archive.manifest.parts[name].bytes
    programs.restore(folder, url, _counted(archive, DATABASE, "Database", progress))
    with connection.cursor() as cursor:
        # until then, the planner knows nothing about the tables
        cursor.execute("analyze")
    same = archive.manifest.about.secret_key == secret_key_digest()
    return Restored(len(archive.files), size, same)


def _files_there() -> Iterator[str]:
    for folder in _FOLDERS:
        yield from islice(walk_files(folder), 1)


def _counted(archive: Archive, name: str, what: str, progress: Progress) -> Iterator[bytes]:
    done, total = 0, archive.manifest.parts[name].bytes
    for block in archive.blocks(name):
        yield block
        done += len(block)
        progress(what, done, total)
