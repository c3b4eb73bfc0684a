"""Getting in: OAuth2 tokens of API clients, and sessions of people."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.http.response import HttpResponseBase
from django.test import Client as HttpClient
from django.utils import timezone
from oauth2_provider.models import AccessToken

from matricula.models import Account, Client
from tests.conftest import BASE, KEY, PASSWORD, Api, World
from tests.wire.answers import refused

TOKEN, REVOKE = "/oauth2/token/", "/oauth2/revoke_token/"
SECRET = "a-long-random-secret-of-a-client"
LIST = f"{BASE}/{KEY}/enrollments"


def make_client(account: Account, *scopes: str, client_id: str = "registrar") -> Client:
    client = Client(
        client_id=client_id,
        user=account,
        client_type="confidential",
        authorization_grant_type="client-credentials",
        client_secret=SECRET,
        scopes=list(scopes),
    )
    client.save()
    return client


def basic(client_id: str = "registrar", secret: str = SECRET) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


def ask(headers: dict[str, str] | None = None, **fields: str) -> Any:
    return HttpClient().post(TOKEN, {"grant_type": "client_credentials", **fields}, headers=headers or {})


@pytest.fixture
def client(world: World) -> Client:
    return make_client(world.instructor, "read", "write")


def bearer(answer: HttpResponseBase) -> Api:
    assert answer.status_code == 200, answer.content  # type: ignore[attr-defined]
    return Api(**{"Authorization": f"Bearer {answer.json()['access_token']}"})  # type: ignore[attr-defined]


@pytest.mark.parametrize("by", ["basic", "fields"])
def test_token(by: str, client: Client) -> None:
    answer = ask(basic()) if by == "basic" else ask(client_id="registrar", client_secret=SECRET)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 36000)
    assert set(body["scope"].split()) == {"read", "write"}
    assert "refresh_token" not in body
    assert "no-store" in answer.headers["Cache-Control"]
    api = bearer(answer)
    assert api.get(LIST).status_code == 200
    assert api.post(LIST, {"identifiers": ["sam"]}).status_code == 200


@pytest.mark.parametrize("asked", ["jwt", "JWT", "bearer", ""])
@pytest.mark.parametrize("path", ["/oauth2/token", TOKEN, "/oauth2/access_token", "/oauth2/access_token/"])
def test_every_address_gives_a_token_under_the_name_that_was_asked_for(path: str, asked: str, client: Client) -> None:
    fields = {"grant_type": "client_credentials", "token_type": asked}
    answer = HttpClient(enforce_csrf_checks=True).post(path, fields, headers=basic())
    assert answer.status_code == 200
    assert answer.json()["token_type"] == ("JWT" if asked.lower() == "jwt" else "Bearer")
    assert set(answer.json()) == {"access_token", "expires_in", "token_type", "scope"}
    for scheme in ("JWT", "Bearer"):
        assert Api(Authorization=f"{scheme} {answer.json()['access_token']}").get(LIST).status_code == 200
    wrong = HttpClient().post(path, fields, headers=basic(secret="wrong"))
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")


def test_neither_token_nor_secret_is_stored_as_it_is(client: Client) -> None:
    raw = ask(basic()).json()["access_token"]
    stored = AccessToken.objects.get()
    assert raw not in {str(value) for value in vars(stored).values()}
    client.refresh_from_db()
    assert SECRET not in client.client_secret


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        (None, {"read"}),
        ("read", {"read"}),
        ("write", None),
        ("read write", None),
        ("admin", None),
        ("read admin", None),
    ],
)
def test_scopes_are_limited_to_the_clients(asked: str | None, granted: set[str] | None, world: World) -> None:
    make_client(world.instructor, "read")
    answer = ask(basic(), **({"scope": asked} if asked else {}))
    if granted is None:
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")
        assert not AccessToken.objects.exists()
        return
    assert set(answer.json()["scope"].split()) == granted
    api = bearer(answer)
    assert api.get(LIST).status_code == 200
    refused(api.post(LIST, {"identifiers": ["sam"]}), 403)


@pytest.mark.parametrize("scope", ["read", "write", "write read"])
def test_fewer_scopes_may_be_asked_for(scope: str, client: Client) -> None:
    answer = ask(basic(), scope=scope)
    assert set(answer.json()["scope"].split()) == set(scope.split())
    assert bearer(answer).get(LIST).status_code == (200 if "read" in scope else 403)


def test_client_without_scopes_gets_no_way_in(world: World) -> None:
    make_client(world.instructor)
    answer = ask(basic())
    if answer.status_code == 200:
        refused(bearer(answer).get(LIST), 403)
    else:
        assert answer.status_code == 400


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        (basic(secret="wrong"), {}),
        (basic(secret=""), {}),
        (basic(client_id="somebody"), {}),
        (basic(client_id=""), {}),
        ({}, {"client_id": "registrar", "client_secret": "wrong"}),
        ({}, {"client_id": "registrar"}),
        ({}, {"client_secret": SECRET}),
        ({}, {}),
        ({"Authorization": "Basic !!!"}, {}),
        ({"Authorization": "Basic " + base64.b64encode(b"\xff\xfe").decode()}, {}),
        ({"Authorization": "Basic " + base64.b64encode(b"registrar").decode()}, {}),
    ],
)
def test_wrong_credentials(headers: dict[str, str], fields: dict[str, str], client: Client) -> None:
    answer = ask(headers, **fields)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert not AccessToken.objects.exists()


def test_stored_form_of_the_secret_is_no_secret(client: Client) -> None:
    client.refresh_from_db()
    assert ask(basic(secret=client.client_secret)).status_code == 401


@pytest.mark.parametrize(
    "grant", ["password", "authorization_code", "refresh_token", "implicit", "", "urn:ietf:params:oauth:grant-type:x"]
)
def test_other_grants(grant: str, client: Client) -> None:
    answer = ask(basic(), grant_type=grant, username="instructor", password=PASSWORD, code="x", refresh_token="x")
    assert answer.status_code in {400, 401}
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_token_endpoint_answers_only_post(method: str, client: Client) -> None:
    path = f"{TOKEN}?grant_type=client_credentials"
    assert HttpClient().generic(method, path, headers=basic()).status_code == 405
    assert not AccessToken.objects.exists()


def test_credentials_in_the_address_count_for_nothing(client: Client) -> None:
    query = f"?client_id=registrar&client_secret={SECRET}&grant_type=client_credentials"
    answer = HttpClient().post(f"{TOKEN}{query}", {"grant_type": "client_credentials"})
    assert answer.status_code in {400, 401}
    assert not AccessToken.objects.exists()


def test_token_expires(client: Client) -> None:
    api = bearer(ask(basic()))
    assert api.get(LIST).status_code == 200
    AccessToken.objects.update(expires=timezone.now() - timedelta(seconds=1))
    refused(api.get(LIST), 401)


def test_token_ends_with_its_account(client: Client, world: World) -> None:
    api = bearer(ask(basic()))
    Account.objects.filter(pk=world.instructor.pk).update(is_active=False)
    refused(api.get(LIST), 401)


def test_token_ends_with_its_client(client: Client) -> None:
    api = bearer(ask(basic()))
    client.delete()
    refused(api.get(LIST), 401)


def test_token_is_revoked(client: Client) -> None:
    answer = ask(basic())
    api = bearer(answer)
    assert HttpClient().post(REVOKE, {"token": answer.json()["access_token"]}, headers=basic()).status_code == 200
    refused(api.get(LIST), 401)


def test_nobody_revokes_the_token_of_another_client(client: Client, world: World) -> None:
    answer = ask(basic())
    make_client(world.staff, "read", client_id="other")
    HttpClient().post(REVOKE, {"token": answer.json()["access_token"]}, headers=basic("other"))
    HttpClient().post(REVOKE, {"token": answer.json()["access_token"]})
    assert bearer(answer).get(LIST).status_code == 200


def test_token_acts_as_the_clients_account_and_no_more(world: World) -> None:
    make_client(world.learner, "read", "write")
    refused(bearer(ask(basic())).get(LIST), 403)


def browser() -> tuple[HttpClient, str]:
    http = HttpClient(enforce_csrf_checks=True)
    http.get("/login/")
    return http, http.cookies["csrftoken"].value


def log_in(http: HttpClient, token: str, **fields: str) -> Any:
    return http.post("/login/", {"csrfmiddlewaretoken": token, "password": PASSWORD, **fields})


@pytest.mark.parametrize("field", ["login", "username"])
@pytest.mark.parametrize("name", ["instructor", "INSTRUCTOR", "instructor@example.org", "Instructor@Example.ORG"])
def test_session(field: str, name: str, world: World) -> None:
    http, token = browser()
    answer = log_in(http, token, **{field: name})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    cookie = http.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert http.get(LIST).status_code == 200
    body = {"data": '{"identifiers": ["sam"]}', "content_type": "application/json"}
    refused(http.post(LIST, **body), 403)
    good = {"X-CSRFToken": http.cookies["csrftoken"].value}
    assert http.post(LIST, **body, headers=good).status_code == 200
    assert http.delete(f"{LIST}/sam", headers=good).status_code == 200


def test_logout(world: World) -> None:
    http, token = browser()
    log_in(http, token, login="instructor")
    old = http.cookies["sessionid"].value
    answer = http.post("/logout/", {"csrfmiddlewaretoken": http.cookies["csrftoken"].value})
    assert answer.status_code == 302
    refused(http.get(LIST), 401)
    refused(Api(Cookie=f"sessionid={old}").get(LIST), 401)


def test_login_makes_a_new_session(world: World) -> None:
    http, token = browser()
    http.cookies["sessionid"] = "abcdefghijklmnopqrstuvwxyz012345"
    log_in(http, token, login="instructor")
    assert http.cookies["sessionid"].value != "abcdefghijklmnopqrstuvwxyz012345"
    assert http.get(LIST).status_code == 200


def test_session_ends_with_the_password(world: World) -> None:
    http, token = browser()
    log_in(http, token, login="instructor")
    account = Account.objects.get(pk=world.instructor.pk)
    account.set_password("another-password-entirely")
    Account.objects.filter(pk=account.pk).update(password=account.password)
    refused(http.get(LIST), 401)


def test_login_needs_its_csrf_token(world: World) -> None:
    http, _ = browser()
    assert http.post("/login/", {"login": "instructor", "password": PASSWORD}).status_code == 403
    refused(http.get(LIST), 401)


@pytest.mark.parametrize(
    "fields",
    [
        {"login": "instructor", "password": "wrong"},
        {"login": "instructor", "password": ""},
        {"login": "", "password": PASSWORD},
        {"login": "who"},
        {"login": "later"},
        {"login": "later@example.org"},
        {"username": "later"},
        {"login": "staff"},
        {"login": "staff", "password": "!"},
        {"login": "\u212aay"},
    ],
    ids=repr,
)
def test_who_does_not_get_in(fields: dict[str, str], world: World) -> None:
    http, token = browser()
    answer = log_in(http, token, **fields)
    assert answer.status_code in {200, 302}
    assert answer.status_code == 200 or answer.headers["Location"] != "/"
    refused(http.get(LIST), 401)


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_login_leads_nowhere_else(target: str, world: World) -> None:
    http, token = browser()
    assert log_in(http, token, login="instructor", next=target).headers["Location"] == "/"


def test_account_that_was_switched_off_loses_its_session(world: World) -> None:
    http, token = browser()
    log_in(http, token, login="instructor")
    Account.objects.filter(pk=world.instructor.pk).update(is_active=False)
    refused(http.get(LIST), 401)
    http, token = browser()
    log_in(http, token, login="instructor")
    refused(http.get(LIST), 401)


_JUNK: list[tuple[dict[str, str], dict[str, str]]] = [
    ({}, {"client_id": "a\x00b", "client_secret": "x"}),
    ({}, {"client_id": "a\x00b"}),
    ({}, {"client_id": "registrar", "client_secret": "a\x00b"}),
    (basic("a\x00b"), {}),
    (basic("a%00b"), {}),
    (basic("registrar", "a\x00b"), {}),
    (basic("registrar", "a%00b"), {}),
    (basic("a" * 10_000), {}),
    (basic("\udcff".encode("utf-8", "surrogatepass").decode("latin-1")), {}),
    ({"Authorization": "Basic ünï"}, {}),
    ({"Authorization": "Basic"}, {}),
    ({"Authorization": "Basic =" * 1000}, {}),
    ({"Authorization": "Bearer a\x00b"}, {}),
    ({}, {"grant_type": "urn:ietf:params:oauth:grant-type:device_code"}),
    ({}, {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": "x\x00"}),
    ({}, {"grant_type": "device_code", "client_id": "registrar"}),
    ({}, {"grant_type": "a\x00b"}),
    ({}, {"scope": "a\x00b"}),
    ({}, {"resource": "a\x00b"}),
    ({}, {"token": "a\x00b", "token_type_hint": "\x00"}),
]


@pytest.mark.parametrize("path", [TOKEN, REVOKE])
@pytest.mark.parametrize("authenticated", [False, True])
@pytest.mark.parametrize(("headers", "fields"), _JUNK)
def test_junk_is_an_oauth_error(
    path: str, authenticated: bool, headers: dict[str, str], fields: dict[str, str], client: Client
) -> None:
    good = basic() if authenticated else {}
    answer = HttpClient().post(
        path, {"grant_type": "client_credentials", "token": "x", **fields}, headers=good | headers
    )
    expected = {200, 400, 401} if authenticated else {400, 401}
    assert answer.status_code in expected, answer.content
    if answer.status_code != 200:
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.json()["error"]


@pytest.mark.parametrize("path", [TOKEN, REVOKE])
@pytest.mark.parametrize("query", ["%00", "a=%zz", "a=[", "a=%ff", "client_id=%00", "grant_type=%00", "=&&=&;"])
def test_junk_in_the_query_is_no_problem_of_ours(path: str, query: str, client: Client) -> None:
    answer = HttpClient().post(f"{path}?{query}", {"grant_type": "client_credentials"}, headers=basic())
    assert answer.status_code in {200, 400, 401}


@pytest.mark.parametrize("path", [TOKEN, REVOKE])
@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b'{"grant_type": "client_credentials"}'),
        ("application/x-www-form-urlencoded", b"\xff\xfe=%&&&%zz=%00;=["),
        ("application/x-www-form-urlencoded; charset=nonsense", b"grant_type=client_credentials"),
        ("application/x-www-form-urlencoded; charset=utf-16", b"grant_type=client_credentials"),
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n--x--"),
        ("", b"\x00"),
    ],
)
def test_a_broken_body_is_no_problem_of_ours(path: str, kind: str, body: bytes, client: Client) -> None:
    answer = HttpClient().generic("POST", path, body, content_type=kind, headers=basic())
    assert answer.status_code < 500
