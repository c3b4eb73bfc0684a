"""Front ends on other origins: CORS, CSRF and ``next`` are open to those that the operator trusts, and to no other."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.http.response import HttpResponseBase
from django.test import Client as HttpClient
from django.test import RequestFactory

from matricula.rest.origins import origin_headers
from tests.conftest import BASE, KEY, PASSWORD, Api, World
from tests.wire.answers import refused
from tests.wire.test_browsers import logged_in

FRONT, OTHER = "https://console.example.org", "https://evil.example.org"
LIST = f"{BASE}/{KEY}/enrollments"
ASKED = ("content-type", "x-csrftoken", "use-jwt-cookie", "authorization", "idempotency-key", "if-match")
EXPOSED = {"x-request-id", "retry-after", "etag", "location"}
# nearly the trusted one
STRANGE = [
    OTHER,
    "http://console.example.org",
    "https://console.example.org:8443",
    "https://console.example.org.evil.org",
    "https://user@console.example.org",
    "https://evilconsole.example.org",
    "https://console.example.org/",
    "null",
    "*",
    "",
    "https://[",
]


@pytest.fixture
def trusted(settings: Any) -> None:
    """The front end is one that the operator trusts."""
    settings.CORS_ALLOWED_ORIGINS = [FRONT]
    settings.CSRF_TRUSTED_ORIGINS = [*settings.CSRF_TRUSTED_ORIGINS, FRONT]


def cors(answer: HttpResponseBase | Mapping[str, str]) -> dict[str, str]:
    """What an answer says to browsers about other origins."""
    headers = answer.headers if isinstance(answer, HttpResponseBase) else answer
    return {name.lower(): value for name, value in headers.items() if name.lower().startswith("access-control-")}


def varies(answer: HttpResponseBase) -> set[str]:
    return {name.strip().lower() for name in answer.headers.get("Vary", "").split(",")}


def preflight(path: str, origin: str, method: str = "POST") -> HttpResponseBase:
    asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": ", ".join(ASKED)}
    return HttpClient().options(path, headers={"Origin": origin, **asked})


PLACES = [
    LIST,
    "/csrf/api/v1/token",
    "/login_refresh",
    "/api/v1/programs/",
    "/oauth2/access_token",
    "/login/",
    "/api/x",
]


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("path", PLACES)
def test_a_preflight_of_a_trusted_origin_is_answered_without_a_login(path: str) -> None:
    answer = preflight(path, FRONT)
    assert answer.status_code == 200
    said = cors(answer)
    assert said["access-control-allow-origin"] == FRONT
    assert said["access-control-allow-credentials"] == "true"
    assert said["access-control-allow-headers"].split(", ") == list(ASKED)
    assert set(said["access-control-allow-methods"].split(", ")) >= {"GET", "POST", "PUT", "PATCH", "DELETE"}
    assert "origin" in varies(answer)


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("origin", STRANGE)
def test_no_other_origin_is_let_in(origin: str, world: World) -> None:
    http = logged_in(world.instructor)
    answers = [http.get(path, headers={"Origin": origin}) for path in (LIST, "/login/", "/health/")]
    answers.append(preflight(LIST, origin))
    assert [cors(answer) for answer in answers] == [{}] * 4
    # caches must not keep for one origin what another one was answered
    assert all("origin" in varies(answer) for answer in answers)


def test_by_default_no_answer_differs(world: World) -> None:
    http = logged_in(world.instructor)
    for path in (LIST, "/login/", "/csrf/api/v1/token"):
        plain, asked = http.get(path), http.get(path, headers={"Origin": FRONT})
        assert cors(asked) == {} and plain.headers.get("Vary") == asked.headers.get("Vary")
        assert "origin" not in varies(asked)
    refused(preflight(LIST, FRONT), 401)
    assert origin_headers(RequestFactory().get(LIST, headers={"Origin": FRONT}).META) == []


@pytest.mark.usefixtures("trusted")
def test_answers_and_errors_can_be_read_by_the_front_end(world: World) -> None:
    http = logged_in(world.instructor, raise_request_exception=False)
    large = {"identifiers": ["x" * 100] * 200_000}
    asked = [
        (http.get(LIST, headers={"Origin": FRONT}), 200),
        (HttpClient().get(LIST, headers={"Origin": FRONT}), 401),
        (Api(world.learner).get(LIST, Origin=FRONT), 403),
        (http.get("/api/x", headers={"Origin": FRONT}), 404),
        (http.put(LIST, headers={"Origin": FRONT}), 405),
        (Api(world.instructor).post(LIST, large, Origin=FRONT), 413),
        (http.get("/nowhere/", headers={"Origin": FRONT}), 404),
        (http.get("/login/?next=%00", headers={"Origin": FRONT}), 400),
        (http.get("/oauth2/token", headers={"Origin": FRONT}), 405),
    ]
    for answer, status in asked:
        assert answer.status_code == status
        said = cors(answer)
        assert (said["access-control-allow-origin"], said["access-control-allow-credentials"]) == (FRONT, "true")
        assert set(said["access-control-expose-headers"].split(", ")) == EXPOSED
    assert varies(asked[0][0]) == {"authorization", "cookie", "accept-language", "accept-encoding", "origin"}


@pytest.mark.usefixtures("trusted")
def test_answers_that_the_application_does_not_give_have_the_same_headers() -> None:
    def headers(origin: str) -> dict[str, str]:
        found = origin_headers(RequestFactory().post(LIST, headers={"Origin": origin}).META)
        return {name.decode(): value.decode() for name, value in found}

    assert cors(headers(FRONT))["access-control-allow-origin"] == FRONT
    assert headers(OTHER) == {"vary": "origin"}


# --- CSRF ---


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(("origin", "status"), [(FRONT, 200), *((origin, 403) for origin in STRANGE if origin)])
def test_a_session_writes_from_trusted_origins_alone(origin: str, status: int, world: World) -> None:
    http = logged_in(world.instructor, enforce_csrf_checks=True)
    token = http.get("/csrf/api/v1/token", headers={"Origin": origin}).json()["csrfToken"]
    body: dict[str, Any] = {"data": {"identifiers": ["sam"]}, "content_type": "application/json"}
    answer = http.post(LIST, **body, headers={"Origin": origin, "X-CSRFToken": token})
    assert answer.status_code == status
    if status == 200:
        refused(http.post(LIST, **body, headers={"Origin": origin}), 403)


# --- Coming back from the login ---

EVIL = [
    "//evil.example.org/",
    "///evil.example.org",
    "https:evil.example.org",
    "https:/evil.example.org",
    "https:///evil.example.org",
    r"\\evil.example.org",
    r"/\evil.example.org",
    r"https:\\evil.example.org",
    r"https://console.example.org\@evil.example.org/",
    r"https://evil.example.org\.console.example.org/",
    "https://console.example.org@evil.example.org/",
    "https://user:password@console.example.org/",
    "https://console.example.org:8443/",
    "http://console.example.org/",
    "https://console.example.org.evil.org/",
    "http://testserver:81/",
    "http://user@testserver/",
    "https://testserver/",
    "http://127.0.0.1/",
    "//localhost/",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "\t//evil.example.org",
    "/\t/evil.example.org",
    " https://evil.example.org",
    "https://[",
    "ftp://console.example.org/",
]


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("end", ["", "/"])
@pytest.mark.parametrize("back", ["/jobs/", "http://testserver/jobs/", f"{FRONT}/", f"{FRONT}/a?b=c#d", FRONT])
def test_the_login_comes_back(back: str, end: str, world: World) -> None:
    http = HttpClient()
    page = http.get("/login" + end, {"next": back})
    assert page.status_code == 200 and f'name="next" value="{back}"' in page.content.decode()
    answer = http.post("/login" + end, {"login": "instructor", "password": PASSWORD, "next": back})
    assert (answer.status_code, answer.headers["Location"]) == (302, back)
    # someone who is logged in already
    answer = http.get("/login" + end, {"next": back})
    assert (answer.status_code, answer.headers["Location"]) == (302, back)


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("back", EVIL)
def test_the_login_leads_nowhere_else(back: str, world: World) -> None:
    http = HttpClient()
    form = {"login": "instructor", "password": PASSWORD}
    in_form = http.post("/login", {**form, "next": back})
    in_address = HttpClient().post("/login/?" + RequestFactory().get("/", {"next": back}).META["QUERY_STRING"], form)
    again, leaving = http.get("/login", {"next": back}), http.post("/logout", {"next": back})
    assert {answer.headers["Location"] for answer in (in_form, in_address, again)} == {"/"}
    assert leaving.headers["Location"] == "/"


def test_an_origin_that_is_not_trusted_is_no_way_back(world: World) -> None:
    answer = HttpClient().post("/login", {"login": "instructor", "password": PASSWORD, "next": f"{FRONT}/"})
    assert answer.headers["Location"] == "/"
