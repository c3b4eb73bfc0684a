"""``matricula backup`` and ``matricula restore``."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from matricula.cli.check import deep_problems
from matricula.cli.ownership import as_owner, migrate_tables
from matricula.cli.service import database, fail, note, owner_url, settings_of

if TYPE_CHECKING:
    from matricula.backups.archives import Archive
    from matricula.foundation.environment import Environment

Data = Annotated[
    Path | None, typer.Option("--data", help="The data folder (else MATRICULA_DATA, else ./data).", show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Programs = Annotated[
    Path | None,
    typer.Option(
        "--programs",
        help="The folder of pg_dump, pg_restore and psql to use. By default those that come with Matricula: they work "
        "with servers up to their own version.",
        exists=True,
        file_okay=False,
        show_default=False,
    ),
]
# what may be in a data folder that wasn't used yet
_UNUSED = {"secret_key", "lost+found"}


def backup(
    file: Annotated[Path, typer.Argument(help="The archive to make.", dir_okay=False)],
    data: Data = None,
    no_files: Annotated[
        bool, typer.Option("--no-files", help="Leave out result files, snapshots and reports.")
    ] = False,
    programs: Programs = None,
    as_json: AsJson = False,
) -> None:
    """Make a backup: the database and the files in one archive. It works while the service runs.

    The secret key and passwords of the database aren't in it: keep a copy of the secret key in another place.
    """
    began = time.monotonic()
    _end_cleanly()
    with database(data), explained():
        from matricula.backups.writes import make_backup

        if not file.parent.is_dir():
            raise fail(f"there is no folder {file.parent}.", 1)
        with as_owner(), _shown() as progress:
            made = make_backup(file, _programs(programs), _url(), with_files=not no_files, progress=progress)
        for name in made.missing:
            note(f"Missing in the file storage: {name}")
        facts = {
            "file": str(file),
            "bytes": file.stat().st_size,
            "digest": made.digest,
            "made": made.about.made,
            "release": made.about.release,
            "database_bytes": made.database_bytes,
            "files": made.files,
            "file_bytes": made.file_bytes,
            "missing": made.missing,
            "seconds": round(time.monotonic() - began, 1),
        }
        _print(facts, as_json=as_json)
    note("The secret key isn't in the backup: keep a copy of it in another place.")


def restore(
    file: Annotated[Path, typer.Argument(help="The archive.", exists=True, dir_okay=False)],
    data: Data = None,
    digest: Annotated[
        str | None,
        typer.Option(
            help="What `matricula backup` printed as the digest: another archive is rejected.", show_default=False
        ),
    ] = None,
    no_check: Annotated[
        bool, typer.Option("--no-check", help="Don't compare everything afterwards, as `matricula check --deep` does.")
    ] = False,
    no_migrate: Annotated[
        bool,
        typer.Option(
            "--no-migrate",
            help="Leave the tables as the backup has them, and don't compare: to go back to the version that made it.",
        ),
    ] = False,
    programs: Programs = None,
    as_json: AsJson = False,
) -> None:
    """Restore a backup into a new data folder, or into an empty database.

    The archive is verified before anything is written. Missing migrations are run afterwards.
    """
    began = time.monotonic()
    _end_cleanly()
    environment = settings_of(data)
    with explained():
        from matricula.backups.archives import Archive

        with Archive.open(file) as archive:
            if digest is not None and digest.strip().lower() != archive.digest:
                raise fail(f"this is another backup: its digest is {archive.digest}. Nothing was written.", 1)
            archive.check_release()
            is_new_key = _check_folder(environment)
            with _shown() as progress:
                archive.verify(progress)
            steps = _Steps(migrate=not no_migrate, check=not no_migrate and not no_check)
            _restore(archive, data, _programs(programs), began, steps, is_new_key=is_new_key, json=as_json)


class _Steps(NamedTuple):
    """What is done once a backup is restored."""

    migrate: bool
    check: bool


def _restore(
    archive: "Archive", data: Path | None, programs: Path, began: float, steps: _Steps, *, is_new_key: bool, json: bool
) -> None:
    with database(data) as environment:
        from matricula.backups.restoring import check_target, restore_backup

        with as_owner():
            check_target(archive)
            try:
                with _shown() as progress:
                    restored = restore_backup(archive, programs, _url(), progress)
            except BaseException:
                note(_INCOMPLETE.format(where=_place(environment)))
                raise
        if steps.migrate:
            migrate_tables()
        problems = list(deep_problems()) if steps.check else []
        for problem in problems:
            note(problem)
        about = archive.manifest.about
        facts = {
            "digest": archive.digest,
            "made": about.made,
            "release": about.release,
            "files": restored.files,
            "file_bytes": restored.file_bytes,
            "missing": archive.manifest.missing,
            "with_files": about.with_files,
            "same_secret_key": restored.same_secret_key,
            "problems": problems if steps.check else None,
            "seconds": round(time.monotonic() - began, 1),
        }
        _print(facts, as_json=json)
    if not restored.same_secret_key:
        note(_NEW_KEY if is_new_key else _OTHER_KEY)
    if problems:
        raise fail(f"{len(problems)} differences were found in what was restored, see above.", 1)


_INCOMPLETE = "The restore wasn't completed. Before the next one, delete what it left in {where}."
_CONSEQUENCES = (
    "With another key, everyone has to log in again, links in mails no longer work, and webhooks need new secrets."
)
_NEW_KEY = (
    "A new secret key was made, because the data folder has none and SECRET_KEY isn't set. Before you start the "
    f"service, put the old one there. {_CONSEQUENCES}"
)
_OTHER_KEY = f"The secret key isn't that of the service that was backed up. {_CONSEQUENCES}"


@contextmanager
def explained() -> Iterator[None]:
    """Ends the command with the reason where a backup can't be made or restored."""
    try:
        yield
    except Exception as error:
        why = _why(error)
        if why is None:
            raise
        raise fail(why, 1) from None


def _why(error: Exception) -> str | None:
    from matricula.backups.archives import ArchiveInvalid, RestoreRejected
    from matricula.backups.programs import ProgramFailed

    if isinstance(error, ArchiveInvalid | RestoreRejected):
        return str(error)
    if isinstance(error, FileExistsError):
        return f"{error.filename or error} exists already. Choose another name, or delete it first."
    if isinstance(error, ProgramFailed):
        return f"PostgreSQL reported: {str(error).rstrip('.')}. {_advice(str(error))}".strip()
    if isinstance(error, OSError):
        return f"{error.filename or 'the archive'}: {error.strerror or error}"
    return _why_of_storage(error)


def _why_of_storage(error: Exception) -> str | None:
    from django.conf import settings

    # before Django is ready, no storage can have failed
    if not settings.configured:
        return None
    from matricula.foundation.files import StorageFailed

    if not isinstance(error, StorageFailed):
        return None
    return f"the file storage doesn't work: {error}. Remove the cause, and run this command again."


def _advice(said: str) -> str:
    if "permission denied" in said:
        return "Run this with MATRICULA_OWNER_DATABASE_URL: the service's own role can't read everything."
    if "server version mismatch" in said:
        return "Name the folder of newer programs with --programs."
    return ""


def _end_cleanly() -> None:
    """A signal ends the command as Ctrl-C does: what isn't whole is removed."""

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGHUP, end)


def _check_folder(environment: "Environment") -> bool:
    """Ends the command where the data folder of an embedded server was used; True if there is no secret key yet."""
    folder = environment.data.absolute()
    there = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    if environment.database_url is None and (used := sorted(there - _UNUSED)):
        raise fail(
            f"the data folder {folder} has been used: it has {', '.join(used[:5])}. Restore into "
            "a new folder with --data; it may contain secret_key, and nothing else.",
            1,
        )
    return environment.secret_key is None and "secret_key" not in there


def _place(environment: "Environment") -> str:
    if environment.database_url is None:
        return str(environment.data.absolute())
    return "the file storage; nothing was kept in the database, unless a message above is about a migration"


def _programs(folder: Path | None) -> Path:
    from matricula.embedded.cluster import programs_folder

    return folder or programs_folder()


def _url() -> str:
    return owner_url() or os.environ["DATABASE_URL"]


@contextmanager
def _shown() -> Iterator[Callable[[str, int, int | None], None]]:
    """Shows progress on standard error, where that is a terminal."""
    from rich.console import Console
    from rich.progress import DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    with Progress(
        TextColumn("{task.description}"),
        DownloadColumn(),
        TransferSpeedColumn(),
        console=Console(stderr=True),
        transient=False,
    ) as bar:
        tasks: dict[str, Any] = {}

        def progress(what: str, done: int, total: int | None) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done, total=total)

        yield progress


def _print(facts: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        from matricula.cli.printing import print_json

        print_json(facts)
        return
    for name, value in facts.items():
        if value not in (None, [], {}):
            shown = ", ".join(map(str, value)) if isinstance(value, list) else value
            typer.echo(f"{name.replace('_', ' '):16} {shown}")
