"""``matricula up``: database, migrations, demo, web server and worker under one supervisor."""

import json
import os
import secrets
import socket
import sys
import threading
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import typer

from matricula.cli.ownership import as_owner, migrate_tables
from matricula.cli.service import database, fail, settings_of
from matricula.embedded.supervisor import supervise

# seconds between two looks at what was requested
_RETIREMENT_PAUSE = 60
_DEMO_COURSE = "course-v1:North+CS101+2027_T1"


def run(
    host: str, port: int, data: Path | None, *, demo: bool, institution: Path | None, demo_lms: bool = False
) -> int:
    """Runs everything until Ctrl-C or SIGTERM; the exit code. ``demo_lms``: with an LMS on the next port."""
    address = f"http://{_reachable(host)}:{port}"
    _refuse_taken_port(host, port)
    environment = settings_of(data)
    if environment.public_url is None:
        os.environ["PUBLIC_URL"] = address
        local = (f"localhost:{port}", f"127.0.0.1:{port}")
        os.environ["MATRICULA_HOSTS"] = ",".join(dict.fromkeys([*environment.hosts, *local]))
    if "EMAIL_URL" not in os.environ:
        os.environ["EMAIL_URL"] = f"file://{quote(str(environment.data.absolute() / 'mail'))}"
    external = environment.database_url is not None
    with database(data) as environment:
        migrate_tables()
        login = _fill(environment.data, demo=demo, institution=institution)
        lms = {"lms": _prepare_lms(environment.data, port + 1)} if demo_lms else {}
        from django.db import connections

        connections.close_all()
        threading.Thread(target=_retire_when_requested, name="retire", daemon=True).start()
        program = [sys.executable, "-m", "matricula"]
        keeper = {} if external else {"database": [*program, "keep-database"]}
        return supervise(
            {
                **keeper,
                **lms,
                "web": [*program, "web", "--host", host, "--port", str(port)],
                "worker": [*program, "worker"],
            },
            env=os.environ,
            announce=lambda: _announce(address, login, os.environ["EMAIL_URL"], port + 1 if demo_lms else None),
            ready=lambda: _answers(f"http://{_reachable(host)}:{port}/health/"),
        )


def _retire_when_requested() -> None:
    """Retires people as the owner of the tables: of the programs that are run, none knows that role."""
    from django.db import DatabaseError

    from matricula.foundation.files import StorageFailed
    from matricula.retirement.reads import list_unfinished
    from matricula.retirement.runs import NotTheOwner, Unsettled, run_retirements

    while True:
        time.sleep(_RETIREMENT_PAUSE)
        try:
            with as_owner():
                if list_unfinished():
                    run_retirements()
        except NotTheOwner:
            return
        # the database is started again, or the storage is full, or a job is running: later
        except (DatabaseError, OSError, StorageFailed, Unsettled) as error:
            typer.echo(f"retire | not finished: {type(error).__name__}. It is tried again.", err=True)


def _reachable(host: str) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  compared, not bound
    return f"[{host}]" if ":" in host else host


def _refuse_taken_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise fail(f"can't listen on {host}:{port}: {error.strerror}. Choose another --port.", 1) from None


def _fill(data: Path, *, demo: bool, institution: Path | None) -> dict[str, str] | None:
    """Loads the institution file, or the demo into an empty database; the demo's login, where the demo is there."""
    from matricula.cli.load import load_file
    from matricula.learners.reads import accounts_exist

    path = data / "demo-login.json"
    if institution is not None:
        load_file(institution)
    elif demo and not accounts_exist():
        from matricula.cli.demo.loading import DatabaseInUse, load_demo

        data.mkdir(parents=True, exist_ok=True)
        login = {"password": secrets.token_urlsafe(9), "secret": secrets.token_urlsafe(24)}
        path.write_text(json.dumps(login))
        path.chmod(0o600)
        os.environ["MATRICULA_DEMO_PASSWORD"] = login["password"]
        os.environ["MATRICULA_DEMO_SECRET"] = login["secret"]
        try:
            # only the owner can move the journal into the past
            with as_owner():
                load_demo(datetime.now(UTC))
        except DatabaseInUse:
            # someone else was faster, with another password
            path.unlink()
    known: dict[str, str] | None = json.loads(path.read_text()) if path.exists() else None
    return known


def _prepare_lms(data: Path, port: int) -> list[str]:
    from matricula.cli.demo.lms import is_available, prepare_lms

    if not is_available():
        raise fail("--demo-lms needs the source tree: the test LMS is in its folder tests.", 1)
    _refuse_taken_port("127.0.0.1", port)
    return prepare_lms(data, port)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310  our own address
            return bool(response.status == 200)
    except OSError:
        return False


def _announce(address: str, login: dict[str, str] | None, email_url: str, lms_port: int | None) -> None:
    typer.echo(f"\n  Matricula is up at {address}/ (API: {address}/api-docs/). Ctrl-C stops it.")
    if email_url.startswith("file:"):
        typer.echo(f"  Mails are written to {unquote(urlsplit(email_url).path)}/.")
    if lms_port is not None:
        typer.echo(f"  The demo LMS is connected: see {address}/lms/, and http://127.0.0.1:{lms_port}/control/state.")
    typer.echo()
    if login is None:
        typer.echo(f"  Log in at {address}/login/ with an account of your institution file, and try:\n")
        typer.echo(f"  curl -s {address}/api/openapi.json\n")
        return
    token = (
        f"curl -s -u demo:{login['secret']} -d grant_type=client_credentials {address}/oauth2/token/ | cut -d'\"' -f4"
    )
    typer.echo(f"  Log in at {address}/login/ as admin, password {login['password']}.")
    typer.echo(
        "  Other accounts with the same password: rita (registrar), helen (instructor), sam (learner). Then try:\n"
    )
    typer.echo(
        f'  curl -s -H "Authorization: Bearer $({token})"'
        f" {address}/api/enrollment/v2/courses/{_DEMO_COURSE}/enrollments\n"
    )
