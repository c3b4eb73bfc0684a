"""Who may send a body of more than 64 KiB, asked before it is taken."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client as HttpClient
from django.test import RequestFactory

from matricula.console.files import MAX_FILE
from matricula.rest.parsing import UPLOAD_DRAINED
from matricula.server.admission import FORM, Refusal, admit, too_large
from tests.conftest import BASE, KEY, World, make_token
from tests.university import OWN, University

BACKEND = "matricula.console.authentication.Backend"
ENROLL = f"{BASE}/{KEY}/enrollments"
UPLOAD = f"/api/v1/programs/{OWN}/enrollments/upload/"
PAGE = f"/programs/{OWN}/upload/"


def asked(method: str, path: str, account: Any = None, *, by: str = "token", **headers: str) -> int | Refusal:
    """The answer to the head of a request, by a token or a session of the account, to whom the body then counts."""
    if account is not None and by == "token":
        headers["Authorization"] = f"Bearer {make_token(account)}"
    elif account is not None:
        http = HttpClient()
        http.force_login(account, backend=BACKEND)
        headers["Cookie"] = f"{settings.SESSION_COOKIE_NAME}={http.cookies[settings.SESSION_COOKIE_NAME].value}"
    answer = admit(RequestFactory().generic(method, path, headers=headers).META)
    if isinstance(answer, Refusal):
        return answer
    assert answer.account == account.pk
    return answer.limit


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/login/", 413),
        ("POST", "/oauth2/token/", 413),
        ("POST", "/oauth2/access_token", 413),
        ("POST", "/signup/", 413),
        ("POST", "/nowhere/", 413),
        ("POST", "/static/matricula/console.css", 413),
        ("GET", "/health/", 413),
        ("POST", PAGE, 413),
        ("POST", ENROLL, 401),
        ("POST", UPLOAD, 401),
        ("POST", "/api/nowhere/", 404),
        ("GET", "/api/openapi.json", 413),
        ("GET", "/api/files/jobs/x.csv", 413),
        ("POST", "/api/openapi.json", 405),
    ],
)
def test_strangers_send_nothing_large(method: str, path: str, status: int, university: University) -> None:
    answer = asked(method, path)
    assert isinstance(answer, Refusal) and answer.status == status


def test_the_right_to_an_endpoint_is_asked_first(university: University) -> None:
    world = university.world
    assert asked("POST", ENROLL, world.instructor) == 2 * settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    assert asked("POST", UPLOAD, university.writer()) == UPLOAD_DRAINED
    for method, path, account, status in (
        ("POST", ENROLL, world.learner, 403),
        ("POST", UPLOAD, world.learner, 403),
        # no body belongs here
        ("GET", ENROLL, world.instructor, 413),
        ("POST", ENROLL, world.inactive, 401),
    ):
        answer = asked(method, path, account)
        assert isinstance(answer, Refusal) and answer.status == status, (method, path, status)


def test_the_right_to_a_page_is_asked_first(university: University) -> None:
    world = university.world
    assert asked("POST", PAGE, university.writer(), by="session") == MAX_FILE + 2**20
    assert asked("POST", f"/courses/{KEY}/enroll/", world.instructor, by="session") == MAX_FILE + 2**20
    # a form, but no file
    for path in ("/i18n/setlang/", "/account/", "/jobs/", "/search/"):
        assert asked("POST", path, world.learner, by="session") == FORM, path
    assert asked("POST", f"/courses/{KEY}/change/", world.instructor, by="session") == FORM
    for path, account, status in (
        (PAGE, world.learner, 403),
        (PAGE.replace(OWN, "nowhere"), world.learner, 404),
        ("/nowhere/", world.learner, 404),
        # tokens are for the API
        ("/login/", world.inactive, 413),
    ):
        answer = asked("POST", path, account, by="session")
        assert isinstance(answer, Refusal) and answer.status == status, path


def test_other_hosts_send_nothing_large(world: World) -> None:
    for path in ("/login/", ENROLL):
        answer = asked("POST", path, world.instructor, Host="evil.example")
        assert isinstance(answer, Refusal) and answer.status == 400


def test_too_large_speaks_the_language_of_the_address(world: World) -> None:
    meta = RequestFactory().post(ENROLL, headers={"Accept-Language": "es"}).META
    assert too_large(meta).status == 413
    assert b"PAYLOAD_TOO_LARGE" in too_large(meta).body
    assert too_large(RequestFactory().post("/login/").META).status == 413
