"""The error object, for every kind of problem and in the caller's language."""

from typing import Any

import pytest

from matricula.models import Account
from matricula.rest import callers
from matricula.rest.contracts.enrollment_v2.urls import ENROLLMENT_ADDRESSES
from matricula.rest.rates import Rates
from matricula.rest.urls import DOCUMENT
from tests.broken_rows import broken_table
from tests.conftest import BASE, KEY, Api, World
from tests.wire.answers import refused

FAULTS: dict[str, tuple[int, str, str, Any, tuple[str, ...]]] = {
    "bad page": (400, "GET", "enrollments?page=0", None, ("page",)),
    "no number": (400, "GET", "enrollments?page=x", None, ("page",)),
    "bad boolean": (400, "GET", "enrollments?is_active=x", None, ("is_active",)),
    "bad requested field": (400, "GET", "enrollments?requested_fields=x", None, ("requested_fields",)),
    "bad cursor": (400, "GET", "enrollments?cursor=0", None, ("cursor",)),
    "bad key": (400, "GET", f"{BASE}/x/enrollments", None, ()),
    "bad json": (400, "POST", "enrollments", "{", ()),
    "no object": (400, "POST", "enrollments", "[]", ()),
    "missing field": (400, "POST", "enrollments", {}, ("identifiers",)),
    "wrong type": (400, "POST", "enrollments", {"identifiers": 1}, ("identifiers",)),
    "blank": (400, "POST", "enrollments", {"identifiers": [" "]}, ("identifiers",)),
    "bad mode": (400, "POST", "enrollments", {"identifiers": ["sam"], "mode": "x"}, ("mode",)),
    "bad reason": (400, "POST", "enrollments", {"identifiers": ["sam"], "reason": "\x07"}, ("reason",)),
    "long identifier": (400, "GET", "enrollments/" + "x" * 256, None, ("email_or_username",)),
    "bad task id": (400, "GET", "tasks/x", None, ("task_id",)),
    "unsigned": (403, "GET", "tasks/00000000-0000-4000-8000-000000000001/results", None, ()),
    "unknown course": (404, "GET", f"{BASE}/course-v1:A+B+C/enrollments", None, ()),
    "unknown page": (404, "GET", "enrollments?page=2", None, ()),
    "unknown person": (404, "GET", "enrollments/nobody", None, ()),
    "unknown task": (404, "GET", "tasks/00000000-0000-4000-8000-000000000001", None, ()),
    "unknown address": (404, "GET", "/api/nothing", None, ()),
    "wrong method": (405, "PUT", "enrollments", {}, ()),
    "too large": (413, "POST", "enrollments", b"x" * (16 * 1024 * 1024 + 1), ()),
}


@pytest.mark.parametrize("name", FAULTS)
def test_problems_in_english_and_spanish(name: str, api: Api) -> None:
    status, method, path, body, fields = FAULTS[name]
    english = refused(api(method, path, body), status, *fields)
    spanish = refused(api(method, path, body, **{"Accept-Language": "es"}), status, *fields)
    assert english["developer_message"] == spanish["developer_message"]
    assert english["developer_message"].startswith(english["user_message"])
    assert english["user_message"] != spanish["user_message"]
    assert english.get("field_errors", {}).keys() == spanish.get("field_errors", {}).keys() == set(fields)
    for field in fields:
        ours, theirs = english["field_errors"][field], spanish["field_errors"][field]
        assert ours["developer_message"] == theirs["developer_message"]
        assert ours["user_message"] != theirs["user_message"]


@pytest.mark.parametrize(
    ("kind", "status"), [("nobody", 401), ("learner", 403), ("reader", 403), ("type", 415), ("host", 400)]
)
def test_other_problems_in_english_and_spanish(kind: str, status: int, world: World) -> None:
    api = {"nobody": Api(), "learner": Api(world.learner), "reader": Api(world.instructor, "read")}.get(kind)
    api = api or Api(world.instructor)
    extra = {"type": {"content_type": "text/plain"}, "host": {"Host": "evil.example"}}.get(kind, {})
    texts = [
        refused(api.post("enrollments", {"identifiers": ["sam"]}, **extra, **language), status)["user_message"]
        for language in ({}, {"Accept-Language": "es"})
    ]
    assert texts[0] != texts[1]


@pytest.mark.parametrize(
    ("header", "own", "language"),
    [
        (None, "", "en"),
        (None, "en", "en"),
        (None, "es", "es"),
        (None, "xx", "en"),
        ("es", "en", "es"),
        ("en", "es", "en"),
        ("es-MX, en;q=0.5", "en", "es"),
        ("en;q=0.5, es;q=0.9", "en", "es"),
        ("fr", "es", "es"),
        ("*", "es", "es"),
        ("", "es", "es"),
        ("es\x00;q=zz," * 300, "en", "en"),
        ("de, es;q=0.1", "en", "es"),
    ],
)
def test_language_is_the_one_asked_for_or_else_the_callers_own(
    header: str | None, own: str, language: str, world: World, api: Api
) -> None:
    Account.objects.filter(pk=world.instructor.pk).update(language=own)
    headers = {} if header is None else {"Accept-Language": header}
    text = refused(api.get("enrollments/nobody", **headers), 404)["user_message"]
    assert text.startswith({"en": "This person", "es": "Esta persona"}[language])


def test_language_of_one_call_does_not_stay_for_the_next(api: Api) -> None:
    spanish = refused(api.get("enrollments/nobody", **{"Accept-Language": "es"}), 404)["user_message"]
    assert refused(api.get("enrollments/nobody"), 404)["user_message"] != spanish


@pytest.mark.parametrize("address", [*ENROLLMENT_ADDRESSES, DOCUMENT], ids=lambda a: a.template)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_405_lists_the_methods_there_are(address: Any, method: str, slash: str, api: Api) -> None:
    path = address.template.format(
        course_key=KEY, email_or_username="nobody", task_id="00000000-0000-4000-8000-000000000001"
    )
    if path.endswith(".json") and slash:
        refused(api(method, path + slash), 404)
        return
    answer = api(method, path + slash)
    if method in address.methods:
        assert answer.status_code != 405
    else:
        refused(answer, 405)
        assert answer.headers["Allow"] == ", ".join(address.allowed_methods)


@pytest.mark.parametrize(
    "path",
    [
        "/api/",
        "/api/nothing",
        "/api/enrollment/v2",
        "/api/enrollment/v2/courses",
        f"{BASE}/{KEY}",
        f"{BASE}/{KEY}/",
        f"{BASE}/{KEY}/enrolments",
        f"{BASE}/{KEY}/tasks",
        f"{BASE}/{KEY}/tasks/1/2",
        f"/api/enrollment/v3/courses/{KEY}/enrollments",
        f"/api/enrollment/v2/course/{KEY}/enrollments",
        "/api/%00",
        "/api/%FF",
        "/api/%0A",
        "/api/" + "x" * 20_000,
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "BREW"])
def test_addresses_that_are_none(path: str, method: str, api: Api) -> None:
    refused(api(method, path), 404)
    refused(Api()(method, path), 404)


def test_slashes_of_others_do_not_confuse(api: Api) -> None:
    for path in ("enrollments//", "enrollments/a/b/c", "enrollments/a%2Fenrollments%2Fb"):
        assert api.get(path).status_code in {400, 404}


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "PUT"])
def test_rate_limit(method: str, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "_rates", Rates("2/hour"))
    api, other = Api(world.instructor), Api(world.staff)
    for _ in range(2):
        assert api.get("enrollments").status_code == 200
    for path in ("enrollments", f"{BASE}/x/enrollments", f"tasks/{'0' * 36}"):
        answer = api(method, path)
        assert answer.status_code == 429
        assert 1 <= int(answer.headers["Retry-After"]) <= 3600
        if method != "HEAD":
            refused(answer, 429)
    assert Api(world.instructor).get("enrollments").status_code == 429
    assert other.get("enrollments").status_code == 200
    refused(Api().get("enrollments"), 401)


def test_rate_limit_speaks_spanish(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "_rates", Rates("1/hour"))
    api = Api(world.instructor)
    api.get("enrollments")
    english = refused(api.get("enrollments"), 429)["user_message"]
    assert refused(api.get("enrollments", **{"Accept-Language": "es"}), 429)["user_message"] != english


def test_a_problem_of_ours_is_plain_to_the_client(api: Api) -> None:
    with broken_table("courseenrollment"):
        answer = api.get("enrollments")
    error = refused(answer, 500)
    assert answer.headers["X-Request-Id"] in error["developer_message"]
    told = answer.content.decode()
    assert "permission denied" not in told and "courseenrollment" not in told
    with broken_table("courseenrollment"):
        spanish = refused(api.get("enrollments", **{"Accept-Language": "es"}), 500)
    assert spanish["user_message"].split()[0] != error["user_message"].split()[0]


@pytest.mark.parametrize("path", ["enrollments", "enrollments/nobody", "/api/nothing", "/api/openapi.json"])
def test_headers_of_every_answer(path: str, api: Api) -> None:
    for answer in (api.get(path), Api().get(path), api("BREW", path)):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert {"Authorization", "Cookie", "Accept-Language"} <= {v.strip() for v in answer.headers["Vary"].split(",")}
        assert answer.headers["X-Request-Id"]
        assert not answer.cookies
