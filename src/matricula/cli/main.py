"""The command ``matricula`` (institution-and-commands: Commands)."""

import gc
import os
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from matricula import __version__
from matricula.cli import (
    backups,
    exports,
    imports,
    jobs,
    lms,
    logins,
    merging,
    operations,
    past,
    plans,
    reports,
    retiring,
    why,
)
from matricula.cli.group import group
from matricula.cli.ownership import migrate_tables
from matricula.cli.service import database, fail, settings_of

app = group("The record of enrollments in programs and courses.")
app.add_typer(imports.app, name="import")
app.add_typer(exports.app, name="export")
app.add_typer(jobs.app, name="jobs")
app.add_typer(logins.app, name="logins")
app.add_typer(plans.app, name="plan")
app.add_typer(lms.app, name="lms")
app.command("operations")(operations.operations)
app.command("undo")(operations.undo)
app.command("backup")(backups.backup)
app.command("restore")(backups.restore)
app.command("merge")(merging.merge)
app.command("report")(reports.report)
app.command("retire")(retiring.retire)
app.command("why")(why.why)
app.command("roster")(past.roster)
app.command("diff")(past.diff)
app.command("snapshot")(past.snapshot)
app.add_typer(past.snapshots, name="snapshots")

Data = Annotated[
    Path | None, typer.Option("--data", help="The data folder (else MATRICULA_DATA, else ./data).", show_default=False)
]
Host = Annotated[str, typer.Option(help="The address to listen on.")]
Port = Annotated[int, typer.Option(help="The port to listen on.", min=1, max=65535)]


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"matricula {__version__}")
        raise typer.Exit


@app.callback()
def command(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Options of ``matricula`` itself."""


@app.command()
def up(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    data: Data = None,
    no_demo: Annotated[bool, typer.Option("--no-demo", help="Don't load the demo into an empty database.")] = False,
    institution: Annotated[
        Path | None, typer.Option(help="Load this institution file instead of the demo.", exists=True, dir_okay=False)
    ] = None,
    demo_lms: Annotated[
        bool, typer.Option("--demo-lms", help="Also run a test LMS on the next port, and connect it.")
    ] = False,
) -> None:
    """Run the whole service on this machine; Ctrl-C stops it."""
    from matricula.cli.up import run

    raise typer.Exit(run(host, port, data, demo=not no_demo, institution=institution, demo_lms=demo_lms))


@app.command()
def load(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    data: Data = None,
    prune_roles: Annotated[
        bool,
        typer.Option(
            "--prune-roles",
            help="Withdraw roles and memberships that the file no longer gives to the users and groups in it.",
        ),
    ] = False,
) -> None:
    """Make the database agree with an institution file: all of it or nothing."""
    with database(data):
        from matricula.cli.load import load_file

        # so that a file may be loaded before the first `up`
        migrate_tables()
        load_file(file, prune_roles=prune_roles)


@app.command()
def web(host: Host = "127.0.0.1", port: Port = 8000, data: Data = None) -> None:
    """Run the web server."""
    with database(data, serving=True) as environment:
        from matricula.cli.serving import serve

        raise typer.Exit(serve(host, port, environment.web_workers, is_counting=environment.metrics_token is not None))


@app.command()
def worker(
    data: Data = None,
    concurrency: Annotated[int, typer.Option(min=1, help="Number of jobs to run at the same time.")] = 3,
) -> None:
    """Run a worker: background tasks and mail."""
    with database(data, serving=True):
        from matricula.worker.process import run_worker

        run_worker(concurrency)


@app.command(hidden=True)
def keep_database(data: Data = None) -> None:
    """Keep the embedded PostgreSQL running until stopped. Ends if PostgreSQL ends, so that `up` starts both again."""
    from matricula.embedded.postgres import embedded_postgres, is_running

    # it runs for as long as the service, and loads no app that would do this
    gc.enable()
    folder = settings_of(data).data.absolute()
    with embedded_postgres(folder):
        while is_running(folder):
            time.sleep(1)
    raise fail("the embedded PostgreSQL has stopped unexpectedly.", 1)


@app.command()
def migrate(data: Data = None) -> None:
    """Bring the tables up to date."""
    with database(data):
        migrate_tables(verbosity=1)


@app.command()
def check(
    data: Data = None,
    migrations: Annotated[
        bool, typer.Option("--migrations", help="Check only whether every change to the models has a migration.")
    ] = False,
    deep: Annotated[
        bool, typer.Option("--deep", help="Also recompute counts and states and compare them. Reads whole tables.")
    ] = False,
) -> None:
    """Check settings, tables and the state of the service."""
    from matricula.cli.check import check_migrations, check_service

    if migrations:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "matricula.settings")
        settings_of(data)
        raise typer.Exit(check_migrations())
    with database(data):
        raise typer.Exit(check_service(deep=deep))


def main() -> None:
    """Runs the command; a database that can't be reached, or a missing part, ends it with one line."""
    os.umask(0o077)
    # what is loaded at the start stays; the app switches it on again (`apps.py`)
    gc.disable()
    try:
        app()
    except Exception as error:
        from django.core.exceptions import ImproperlyConfigured
        from django.db import OperationalError, ProgrammingError
        from psycopg.errors import InsufficientPrivilege

        if isinstance(error, ImproperlyConfigured):
            fail(str(error))
        elif isinstance(error, OperationalError):
            fail(f"the database doesn't respond: {str(error).splitlines()[0]}")
        elif isinstance(error, ProgrammingError) and isinstance(error.__cause__, InsufficientPrivilege):
            fail(
                f"the database role lacks a permission: {str(error).splitlines()[0]}. Run `matricula migrate`, which "
                "grants what the service needs; `matricula check` reports what is wrong."
            )
        else:
            raise
        sys.exit(2)


if __name__ == "__main__":
    main()
