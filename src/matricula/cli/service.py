"""Finding the database and getting Django ready, for every command.

What a command needs is loaded once it runs: `--help` and `--version` load none of it.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from matricula.foundation.environment import Environment

Data = Annotated[Path | None, typer.Option("--data", help="The data folder.", show_default=False)]
_owner_urls: list[str] = []


def note(text: str) -> None:
    """Says something on standard error, beside what the command prints."""
    typer.echo(text, err=True)


def fail(message: str, code: int = 2) -> typer.Exit:
    """Says what is wrong on standard error; raise the result."""
    name = "matricula:" if os.environ.get("NO_COLOR") else typer.style("matricula:", fg="red", bold=True)
    note(f"{name} {message}")
    return typer.Exit(code)


def settings_of(data: Path | None) -> "Environment":
    """The settings, with the folder that ``--data`` names. Ends the command with a clear list if some are wrong."""
    from matricula.foundation.environment import EnvironmentInvalid, read_environment

    if data is not None:
        os.environ["MATRICULA_DATA"] = str(data)
    try:
        environment = read_environment()
    except EnvironmentInvalid as invalid:
        raise fail(str(invalid)) from None
    _check_issuers(environment)
    _check_providers(environment)
    os.environ["MATRICULA_DATA"] = str(environment.data.absolute())
    return environment


def _check_providers(environment: "Environment") -> None:
    if environment.sign_on is None:
        return
    from matricula.identity.providers.reading import ProvidersInvalid, read_providers

    try:
        read_providers(environment.sign_on, os.environ)
    except ProvidersInvalid as invalid:
        raise fail(str(invalid)) from None


def _check_issuers(environment: "Environment") -> None:
    if environment.issuers is None:
        return
    # what it needs is loaded for those alone who trust an issuer
    from matricula.access.issuers.reading import IssuersInvalid
    from matricula.access.issuers.tokens import read_trust

    try:
        read_trust(environment.issuers)
    except IssuersInvalid as invalid:
        raise fail(str(invalid)) from None


@contextmanager
def database(data: Path | None, *, serving: bool = False) -> Iterator["Environment"]:
    """The database of ``DATABASE_URL``, else the embedded one of the data folder: joined, or taken up for this command.

    Django is ready inside, and connects as the application's role. Where the owner's role has a URL, ``owner_url``
    returns it, and processes started inside don't inherit it. Who is ``serving`` is held to the limits of waiting; a
    command waits for its locks.
    """
    from matricula.foundation.environment import OWNER_DATABASE_URL
    from matricula.foundation.postgresql.limits import be_patient

    if not serving:
        be_patient()
    environment = settings_of(data)
    for name in (OWNER_DATABASE_URL, f"{OWNER_DATABASE_URL}_FILE"):
        os.environ.pop(name, None)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "matricula.settings")
    if environment.database_url:
        _owner_urls[:] = [environment.owner_database_url] if environment.owner_database_url else []
        _prepare_django()
        yield environment
        return
    from matricula.embedded.postgres import EmbeddedPostgresError, embedded_postgres

    try:
        with embedded_postgres(environment.data.absolute()) as urls:
            os.environ["DATABASE_URL"] = urls.application
            _owner_urls[:] = [urls.owner]
            _prepare_django()
            yield environment
            _close_connections()
    except EmbeddedPostgresError as error:
        raise fail(str(error)) from None


def _prepare_django() -> None:
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
    except ImproperlyConfigured as error:
        raise fail(str(error)) from None


def _close_connections() -> None:
    from django.db import connections

    connections.close_all()


def owner_url() -> str | None:
    """Return the URL of the role that owns the tables; None where the application's own role does."""
    return _owner_urls[0] if _owner_urls else None
