"""Every answer names its request, by the same id as the log and the journal."""

import logging
import uuid
from typing import Any

import pytest
from django.test import Client as HttpClient

from matricula.journal.models import JournalEntry, OperationRecord
from matricula.server.admission import admit
from matricula.server.front import environ_of
from tests.conftest import BASE, KEY, Api, World
from tests.university import University

LIST = f"{BASE}/{KEY}/enrollments"
PLACES = {
    "/login/": 200, "/": 200, "/nowhere/": 404, "/admin/": 302, "/oauth2/token/": 405, "/health/": 200,
    "/static/nothing.css": 404, "/x%00/": 404, "/login/?next=%00": 400,
    "/api/nothing": 404, LIST: 401, "/api/openapi.json": 200,
}  # fmt: skip


class Lines(logging.Handler):
    """What the log gets."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.msg, dict):
            self.found.append(record.msg)


@pytest.fixture
def lines() -> Any:
    handler = Lines()
    logging.getLogger().addHandler(handler)
    yield handler.found
    logging.getLogger().removeHandler(handler)


def client(world: World) -> HttpClient:
    http = HttpClient(raise_request_exception=False)
    http.force_login(world.staff)
    return http


@pytest.mark.parametrize("path", PLACES)
def test_every_answer_has_an_id_of_its_own(path: str, world: World, lines: Any) -> None:
    answers = [HttpClient(headers={"X-Request-Id": "mine"}).get(path) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [PLACES[path]] * 2
    ids = [str(uuid.UUID(answer.headers["X-Request-Id"])) for answer in answers]
    assert ids[0] != ids[1]
    logged = [line["request"] for line in lines if line["event"] in {"page", "api"}]
    assert logged == ([] if path == "/health/" else ids)


@pytest.mark.parametrize("path", ["/jobs/", LIST, "/health/"])
def test_an_internal_error_is_found_in_the_log(
    path: str, world: World, lines: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("console.views.connection", "console.jobs.pages.render", "rest.dispatch.parse_query"):
        monkeypatch.setattr(f"matricula.{place}", None)
    answer = client(world).get(path)
    assert answer.status_code == 500
    problems = [line for line in lines if line["event"] in {"page_failed", "api_problem"}]
    assert [line["request"] for line in problems] == [answer.headers["X-Request-Id"]]
    if path == "/jobs/":
        # the page has the number to tell the operators
        page = answer.content.decode()
        assert answer.headers["X-Request-Id"] in page and "Give them this number" in page


def test_what_a_page_did_has_the_id_of_its_request(university: University) -> None:
    http = HttpClient()
    http.force_login(university.root)
    for name in ("one", "two"):
        answer = http.post("/access/groups/new/", {"name": name, "reason": "they asked"})
        assert answer.status_code == 302
        done = JournalEntry.objects.get(subject="group", after__group=name)
        assert str(done.operation) == answer.headers["X-Request-Id"]


def test_what_the_api_did_has_the_id_of_its_request(api: Api) -> None:
    answer = api.post("enrollments", {"identifiers": ["lee"]})
    assert OperationRecord.objects.filter(id=answer.headers["X-Request-Id"]).exists()


def test_what_the_front_rejects_has_the_id_of_its_request(world: World) -> None:
    scope = {
        **{"method": "POST", "raw_path": LIST.encode(), "query_string": b"", "scheme": "http", "headers": []},
        **{"server": ("localhost", 80), "client": ("127.0.0.1", 1), "http_version": "1.1"},
    }
    environ = environ_of(scope)
    known = environ["matricula.request_id"]
    admit(environ)
    assert environ["matricula.request_id"] == known
