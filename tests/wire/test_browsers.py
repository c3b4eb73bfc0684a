"""What front ends in a browser call first: a CSRF token, the cookie of the login, accounts."""

import base64
import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client as HttpClient
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from matricula.foundation.login_cookie import NAME
from matricula.models import Account
from matricula.rest.contracts.browsers.guard import GLOBAL_STAFF, HAS_SESSION, OWN_OR_STAFF
from matricula.rest.contracts.browsers.urls import BROWSER_ADDRESSES, OPEN
from tests.conftest import BASE, KEY, PASSWORD, Api, World, make_account
from tests.wire.answers import refused
from tests.wire.test_openapi import BROWSERS, ask, ask_plenty, labels, schema
from tests.wire.test_permissions import BY_SCOPE, CALLERS, NOBODY, caller, session

BACKEND = "matricula.console.authentication.Backend"
CSRF, REFRESH, ACCOUNTS = "/csrf/api/v1/token", "/login_refresh", "/api/user/v1/accounts"
ACCOUNT = ACCOUNTS + "/{username}"
# address → method, who may
TABLE = {
    CSRF: ("GET", OPEN),
    REFRESH: ("POST", HAS_SESSION),
    ACCOUNTS: ("GET", GLOBAL_STAFF),
    ACCOUNT: ("GET", OWN_OR_STAFF),
}
STAFF = {"global staff", "superuser"}
SESSIONS = {"session", "learner session", "session without csrf"}
NO_READ = {name for name, scope in BY_SCOPE.items() if scope != "read"}


def logged_in(account: Account, **how: Any) -> HttpClient:
    http = HttpClient(**how)
    http.force_login(account, backend=BACKEND)
    return http


def payload(value: str) -> dict[str, Any]:
    """What a front end reads of the cookie."""
    head, body = value.split(".")
    assert "=" not in value and json.loads(base64.urlsafe_b64decode(head + "=="))["typ"] == "JWT"
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return found


# --- Who may ---


def test_the_table_is_the_address_table() -> None:
    assert {(a.template, m): e.permission for a in BROWSER_ADDRESSES for m, e in a.methods.items()} == {
        (path, method): who for path, (method, who) in TABLE.items()
    }


def expected(name: str, who: str) -> int:
    if who == OPEN:
        return 200
    if name in NOBODY:
        return 401
    if who == HAS_SESSION:
        return 200 if name in SESSIONS else 401
    if name in NO_READ:
        return 403
    return 200 if name in STAFF else 403 if who == GLOBAL_STAFF else 404


@pytest.mark.parametrize("name", CALLERS)
def test_every_address_and_caller(name: str, world: World) -> None:
    calling = caller(name, world)
    for path, (method, who) in TABLE.items():
        for end in ("", "/"):
            address = path.format(username="later") + end + ("?username=later" if path == ACCOUNTS else "")
            answer = calling(method, address, "")
            wanted = expected(name, who)
            assert (path, answer.status_code) == (path, wanted)
            if wanted >= 400:
                refused(answer, wanted)
            assert ("WWW-Authenticate" in answer.headers) == (wanted == 401)


def test_methods_that_there_are_not(world: World) -> None:
    calling = session(world.admin)
    for path, (method, _) in TABLE.items():
        answer = calling("PUT", path.format(username="sam"), "")
        refused(answer, 405)
        assert answer.headers["Allow"] == ("GET, HEAD" if method == "GET" else method)


# --- The CSRF token ---


def test_a_token_of_a_person_who_is_not_logged_in_brings_its_cookie() -> None:
    http = HttpClient()
    answer = http.get(CSRF)
    assert answer.status_code == 200 and set(answer.json()) == {"csrfToken"}
    assert answer.cookies["csrftoken"]["path"] == "/"


def test_with_the_token_a_session_may_write(world: World) -> None:
    http = logged_in(world.instructor, enforce_csrf_checks=True)
    body: dict[str, Any] = {"content_type": "application/json", "data": '{"identifiers": ["sam"]}'}
    address = f"{BASE}/{KEY}/enrollments"
    refused(http.post(address, **body), 403)
    token = http.get(CSRF).json()["csrfToken"]
    assert http.post(address, **body, headers={"X-CSRFToken": token}).status_code == 200
    # asked for again, the first one stays good: a page may have several front ends
    http.get(CSRF)
    assert http.post(address, **body, headers={"X-CSRFToken": token}).status_code == 200
    refused(http.post(address, **body, headers={"X-CSRFToken": "a" * 64}), 403)


# --- The cookie that scripts read ---


def test_the_cookie_says_who_is_logged_in(world: World) -> None:
    http = logged_in(world.learner, enforce_csrf_checks=True)
    answer = http.post(REFRESH)
    now = answer.json()["response_epoch_seconds"]
    cookie = answer.cookies[NAME]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == ("", "Lax", "/")
    assert payload(cookie.value) == {
        "exp": now + 3600,
        "user_id": world.learner.pk,
        "preferred_username": "sam",
        "email": "sam@example.org",
        "name": "Sam Learner",
        "roles": [],
        "administrator": False,
    }
    assert payload(logged_in(world.admin).post(REFRESH).cookies[NAME].value)["administrator"] is True


def test_nothing_is_granted_for_the_cookie(world: World) -> None:
    value = logged_in(world.admin).post(REFRESH).cookies[NAME].value
    for headers in ({}, {"USE-JWT-COOKIE": "true"}, {"Authorization": f"JWT {value}."}):
        http = HttpClient(headers=headers)
        http.cookies[NAME] = value
        assert http.get(f"{ACCOUNTS}/sam").status_code == 401
        assert http.post(REFRESH).status_code == 401


WAYS_OUT = {
    "logout": lambda http: http.post("/logout/"),
    "logout without slash": lambda http: http.post("/logout"),
    "admin": lambda http: http.post("/admin/logout/"),
    "switched off": lambda http: http.get("/"),
    "session gone": lambda http: http.get("/login"),
    "someone else": lambda http: http.post("/login", {"login": "sam", "password": PASSWORD}),
}


def test_links_of_pages_keep_their_slash() -> None:
    assert [reverse(f"account_{name}") for name in ("login", "logout")] == ["/login/", "/logout/"]


@pytest.mark.parametrize("way", WAYS_OUT)
def test_logging_out_removes_the_cookie(way: str, world: World) -> None:
    root = make_account("root", is_staff=True, is_superuser=True)
    http = logged_in(root)
    http.post(REFRESH)
    assert NAME not in http.get("/jobs/").cookies
    if way == "switched off":
        Account.objects.filter(pk=root.pk).update(is_active=False)
    if way in {"session gone", "someone else"}:
        del http.cookies["sessionid"]
    answer = WAYS_OUT[way](http)
    gone = answer.cookies[NAME]
    assert (gone.value, gone["max-age"], gone["path"]) == ("", 0, "/")


def test_the_cookie_of_another_issuer_stays(world: World) -> None:
    http = logged_in(world.admin)
    http.cookies[NAME], http.cookies["edx-jwt-cookie-signature"] = "a.b", "c"
    assert NAME not in http.post("/logout/").cookies
    assert NAME not in http.post(REFRESH).cookies


def test_the_cookie_goes_where_the_session_goes(world: World, settings: Any) -> None:
    settings.SESSION_COOKIE_DOMAIN, settings.SESSION_COOKIE_SAMESITE = "example.org", "None"
    settings.SESSION_COOKIE_SECURE = True
    http = logged_in(world.admin)
    made = http.post(REFRESH).cookies[NAME]
    gone = http.post("/logout/").cookies[NAME]
    for cookie in (made, gone):
        assert (cookie["domain"], cookie["samesite"], cookie["secure"]) == ("example.org", "None", True)


# --- Accounts ---


def test_an_account_as_front_ends_show_it(world: World) -> None:
    shown = Api(world.learner).get(f"{ACCOUNTS}/SAM").json()  # type: ignore[attr-defined]
    picture = "http://testserver/static/matricula/person.svg"
    assert shown == {
        "username": "sam",
        "name": "Sam Learner",
        "email": "sam@example.org",
        "profile_image": {
            "has_image": False,
            **{f"image_url_{size}": picture for size in ("full", "large", "medium", "small")},
        },
    }
    staff = Api(world.admin)
    assert staff.get(f"{ACCOUNTS}/sam").json() == shown  # type: ignore[attr-defined]
    for query in ("email=SAM@example.org", "username=Sam"):
        assert staff.get(f"{ACCOUNTS}?{query}").json() == [shown]  # type: ignore[attr-defined]


def test_an_account_of_others_is_answered_as_an_unknown_one(world: World) -> None:
    asking = Api(world.instructor)
    answers = [
        asking.get(f"{ACCOUNTS}/{name}") for name in ("sam", "unknown", "later", "sam@example.org", "a/b", "%00")
    ]
    assert {(a.status_code, a.content) for a in answers} == {(404, answers[0].content)}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{ACCOUNTS}/unknown", 404),
        # this address takes usernames alone
        (f"{ACCOUNTS}/sam@example.org", 404),
        (f"{ACCOUNTS}/%00", 404),
        (f"{ACCOUNTS}?username=unknown", 404),
        (f"{ACCOUNTS}?username=sam@example.org", 404),
        (f"{ACCOUNTS}?email=sam", 404),
        (f"{ACCOUNTS}?email=unknown@example.org", 404),
        (ACCOUNTS, 400),
        (f"{ACCOUNTS}?email=&username=", 400),
        (f"{ACCOUNTS}?email=sam@example.org&username=sam", 400),
    ],
)
def test_staff_learn_what_there_is_not(path: str, status: int, world: World) -> None:
    refused(Api(world.admin).get(path), status, *(["email", "username"] if status == 400 else []))


def test_a_username_that_is_the_address_of_another_account(world: World) -> None:
    make_account("sam@example.org", email="twin@example.org")
    staff = Api(world.admin)
    found = {q: staff.get(f"{ACCOUNTS}?{q}=sam@example.org").json()[0]["email"] for q in ("email", "username")}  # type: ignore[attr-defined]
    assert found == {"email": "sam@example.org", "username": "twin@example.org"}


def test_a_sign_up_that_was_not_confirmed_is_no_account(world: World) -> None:
    make_account("new", is_active=False)
    Account.objects.filter(username="new").update(self_registered=True)
    refused(Api(world.admin).get(f"{ACCOUNTS}/new"), 404)


def test_a_look_up_is_two_statements(world: World) -> None:
    staff = Api(world.admin)
    with CaptureQueriesContext(connection) as asked:
        staff.get(f"{ACCOUNTS}?email=sam@example.org")
    assert len(asked) == 2


# --- The document ---


@pytest.mark.parametrize("label", labels(schema.include(path_regex=BROWSERS)))
def test_api_keeps_to_its_document(label: str, world: World) -> None:
    http = logged_in(world.admin)
    headers = {"Cookie": f"sessionid={http.cookies['sessionid'].value}"}
    assert ask_plenty(label, lambda case: ask(case, headers)) >= 1
