"""A running service as the database sees it."""

import os
from pathlib import Path

import psycopg
import pytest

from matricula.embedded.postgres import embedded_postgres
from tests.journeys.conftest import Service

COURSE = "course-v1:North+CS101+2027_T1"
pytestmark = pytest.mark.xdist_group("service")


def test_web_and_worker_are_connected_as_the_application_and_know_no_other_role(shared_service: Service) -> None:
    service = shared_service
    service.token()
    with embedded_postgres(service.folder / "data") as urls, psycopg.connect(urls.superuser) as connection:
        # the worker listens for tasks, and the web server has just answered
        service.wait(lambda: len(_roles(connection)) >= 2)
        assert set(_roles(connection)) == {"matricula_app"}
    secrets = [
        (service.folder / "data" / "postgres" / name).read_text().strip() for name in ("password", "owner_password")
    ]
    known = [Path(f"/proc/{pid}/environ").read_text() for pid in _descendants(service.process.pid)]
    assert len(known) >= 3
    assert not [secret for secret in secrets for text in known if secret in text]
    assert service.run("check").stdout == "No problems found.\n"


def _roles(connection: psycopg.Connection) -> list[str]:
    query = (
        "select usename::text from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()"
    )
    return [role for (role,) in connection.execute(query)]


def _descendants(pid: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        parents.setdefault(parent, []).append(int(stat.parent.name))
    found, ahead = [], [pid]
    while ahead:
        children = parents.get(ahead.pop(), [])
        found += children
        ahead += children
    return [child for child in found if os.access(f"/proc/{child}/environ", os.R_OK)]
