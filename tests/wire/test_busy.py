"""What waits too long for somebody else is told to come again: 503, with nothing changed."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test import Client as HttpClient

from matricula.access.clients.writes import create_client
from matricula.journal.writes import new_operation
from matricula.models import CourseEnrollment, Group, ProgramEnrollment
from tests.conftest import Api, as_superuser, make_world
from tests.domain.program_jobs import enroll
from tests.university import OWN, University, make_university
from tests.wire.answers import declined, refused


@pytest.fixture
def university(own_database: None) -> University:
    return make_university(make_world())


@contextmanager
def held(table: str) -> Iterator[None]:
    """Somebody else writes the whole table, and does not come to an end."""
    holds, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"lock table {table} in exclusive mode")
                holds.set()
                may_end.wait(60)
        finally:
            connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    assert holds.wait(60)
    try:
        yield
    finally:
        may_end.set()
        thread.join(60)


@pytest.fixture(params=["lock_timeout", "statement_timeout"])
def impatient(request: pytest.FixtureRequest, university: University) -> Iterator[None]:
    """The limit of our own connection, as the settings would set it."""
    with connection.cursor() as cursor:
        cursor.execute("select current_setting(%s)", [request.param])
        [before] = cursor.fetchone()
        cursor.execute("select set_config(%s, '300ms', false)", [request.param])
    yield
    with connection.cursor() as cursor:
        cursor.execute("select set_config(%s, %s, false)", [request.param, before])


def delayed(table: str, ask: Callable[[], Any]) -> Any:
    with held(table):
        answer = ask()
    assert int(answer.headers["Retry-After"]) > 0
    return answer


def test_the_enrollment_api(university: University, impatient: None) -> None:
    api = Api(university.world.instructor)
    answer = delayed("matricula_courseenrollment", lambda: api.post("enrollments", {"identifiers": ["sam"]}))
    assert "Nothing was changed" in refused(answer, 503)["developer_message"]
    assert not CourseEnrollment.objects.exists()
    spoken = delayed(
        "matricula_courseenrollment",
        lambda: api.post("enrollments", {"identifiers": ["sam"]}, **{"Accept-Language": "es"}),
    )
    assert "No se ha cambiado nada" in refused(spoken, 503)["user_message"]
    assert api.post("enrollments", {"identifiers": ["sam"]}).status_code == 200


def test_the_registrar_api(university: University, impatient: None) -> None:
    enroll("S-1")
    api, change = Api(university.writer()), [{"student_key": "S-1", "status": "suspended"}]

    def ask() -> Any:
        return api("PATCH", f"/api/v2/programs/{OWN}/enrollments/", change)

    declined(delayed("matricula_programenrollment", ask), 503, "Nothing was changed")
    assert ProgramEnrollment.objects.get().status == "enrolled"
    assert ask().status_code == 200


def test_a_page(university: University, impatient: None) -> None:
    http = HttpClient()
    http.force_login(university.root)

    def ask() -> Any:
        return http.post("/access/groups/new/", {"name": "team", "reason": "a new office"})

    answer = delayed("matricula_group", ask)
    assert answer.status_code == 503
    assert "Nothing was changed" in answer.content.decode()
    assert not Group.objects.exists()
    assert ask().status_code == 302


def test_tokens(university: University, impatient: None) -> None:
    secret = create_client(new_operation(None, "console"), "sis", "SIS", university.root.pk, ["read"])
    form = {"grant_type": "client_credentials", "client_id": "sis", "client_secret": secret}

    def ask() -> Any:
        return HttpClient().post("/oauth2/token", form)

    answer = delayed("oauth2_provider_accesstoken", ask)
    assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")
    assert ask().status_code == 200


def test_every_other_error_of_the_database_is_an_internal_error(university: University) -> None:
    with as_superuser(), connection.cursor() as cursor:
        cursor.execute("alter table matricula_group rename to matricula_gone")
    try:
        http = HttpClient(raise_request_exception=False)
        http.force_login(university.root)
        assert http.post("/access/groups/new/", {"name": "team", "reason": "x"}).status_code == 500
    finally:
        with as_superuser(), connection.cursor() as cursor:
            cursor.execute("alter table matricula_gone rename to matricula_group")
