"""Apps that people allow to act for them: codes with PKCE, refresh tokens, what revoking and introspection say."""

import base64
import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.http.response import HttpResponseBase
from django.test import Client as HttpClient
from django.utils import timezone
from oauth2_provider.models import AccessToken, Grant, RefreshToken

from matricula.access.clients.redirects import is_redirect
from matricula.access.clients.writes import create_client, delete_clients_of, end_tokens, end_tokens_of
from matricula.access.statuses import Scope
from matricula.journal.writes import new_operation
from matricula.models import Account, Client, CourseRole, JournalEntry
from tests.conftest import BASE, KEY, Api, World
from tests.wire.answers import content

BACK = "https://app.example.org/callback?from=matricula"
VERIFIER = "a-verifier-that-is-long-enough-for-the-standard-0123456789"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
ASK = {
    "response_type": "code",
    "client_id": "app",
    "redirect_uri": BACK,
    "scope": "read",
    "state": "s-1",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


def make_app(world: World, client_id: str = "app", *, is_public: bool = True, **more: Any) -> str:
    secret = create_client(
        new_operation(None, "console"),
        client_id,
        "Grade Book",
        world.admin.pk,
        [Scope.READ, Scope.WRITE],
        redirects=[BACK, "http://127.0.0.1/back"],
        is_public=is_public,
        **more,
    )
    assert secret is not None
    return secret


@pytest.fixture
def app(world: World) -> World:
    make_app(world)
    return world


def browser(account: Account) -> HttpClient:
    http = HttpClient()
    http.force_login(account)
    return http


def asked(http: HttpClient, decision: str | None = None, **changed: str | None) -> Any:
    query = urlencode({name: value for name, value in {**ASK, **changed}.items() if value is not None})
    path = f"/oauth2/authorize/?{query}"
    return http.get(path) if decision is None else http.post(path, {"decision": decision})


def sent_back(answer: HttpResponseBase) -> dict[str, str]:
    assert answer.status_code == 302, content(answer)
    address = urlsplit(answer.headers["Location"])
    assert f"{address.scheme}://{address.netloc}{address.path}" in {
        "https://app.example.org/callback",
        "http://127.0.0.1:5000/back",
    }
    return {name: values[0] for name, values in parse_qs(address.query).items()}


def code_for(account: Account, **changed: str | None) -> str:
    return sent_back(asked(browser(account), "allow", **changed))["code"]


def token(**fields: str) -> Any:
    return HttpClient().post("/oauth2/token/", {"client_id": "app", **fields})


def exchange(good: str, **changed: str) -> Any:
    fields = {"code": good, "redirect_uri": BACK, "code_verifier": VERIFIER, **changed}
    return token(grant_type="authorization_code", **fields)


def refresh(value: str, **changed: str) -> Any:
    return token(grant_type="refresh_token", refresh_token=value, **changed)


def works(access_token: str) -> bool:
    return Api(Authorization=f"Bearer {access_token}").get(f"{BASE}/{KEY}/enrollments").status_code == 200


def rejected(answer: Any, error: str, status: int = 400) -> None:
    assert (answer.status_code, answer.json()["error"]) == (status, error), content(answer)


def test_a_person_allows_an_app_which_then_acts_for_them(app: World) -> None:
    page = asked(browser(app.instructor))
    text = page.content.decode()
    assert page.status_code == 200
    assert "Allow Grade Book to act for you?" in text
    assert "app.example.org" in text
    assert "Change everything" not in text
    assert "https://app.example.org" in page.headers["Content-Security-Policy"].split("form-action")[1].split(";")[0]
    back = sent_back(asked(browser(app.instructor), "allow"))
    assert back == {"from": "matricula", "code": back["code"], "state": "s-1", "iss": "http://testserver"}
    answer = exchange(back["code"])
    body = answer.json()
    assert (answer.status_code, set(body)) == (
        200,
        {"access_token", "expires_in", "token_type", "scope", "refresh_token"},
    )
    assert (body["scope"], body["token_type"]) == ("read", "Bearer")
    ask = Api(Authorization=f"Bearer {body['access_token']}")
    assert ask.get(f"{BASE}/{KEY}/enrollments").status_code == 200
    # what was not allowed
    assert ask.post(f"{BASE}/{KEY}/enrollments", {"identifiers": ["sam"]}).status_code == 403
    # and not more than the person may: the app's own account is global staff
    CourseRole.objects.all().delete()
    assert ask.get(f"{BASE}/{KEY}/enrollments").status_code == 403
    stored = {body["access_token"], body["refresh_token"]}
    assert not stored & {row.token for row in (*AccessToken.objects.all(), *RefreshToken.objects.all())}


def test_who_is_not_logged_in_logs_in_first(app: World) -> None:
    answer = asked(HttpClient())
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/login/?next=/oauth2/authorize/%3F")


def test_who_does_not_allow_it_goes_back_without_a_code(app: World) -> None:
    for decision in ("deny", ""):
        back = sent_back(asked(browser(app.learner), decision))
        assert (back["error"], back["state"], "code" in back) == ("access_denied", "s-1", False)
    assert not Grant.objects.exists()


def test_the_page_is_in_spanish_too(app: World) -> None:
    http = browser(app.learner)
    answer = http.get(f"/oauth2/authorize/?{urlencode(ASK)}", headers={"Accept-Language": "es"})
    assert "¿Permitir que Grade Book actúe en su nombre?" in answer.content.decode()


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "id_token"}, "unsupported_response_type"),
        ({"scope": "read everything"}, "invalid_scope"),
    ],
)
@pytest.mark.parametrize("decision", [None, "allow"])
def test_what_an_app_asks_for_wrongly_is_reported_to_it(
    changed: dict[str, str | None], error: str, decision: str | None, app: World
) -> None:
    back = sent_back(asked(browser(app.learner), decision, **changed))
    assert (back["error"], back["state"]) == (error, "s-1")
    assert not Grant.objects.exists()


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "unknown"},
        {"client_id": "a\x00b"},
        {"client_id": None},
        {"client_id": "plain-client"},
        {"redirect_uri": "https://evil.example.org/callback"},
        {"redirect_uri": f"{BACK}&more=1"},
        {"redirect_uri": "https://app.example.org/callback/.."},
        {"redirect_uri": None},
    ],
)
def test_no_one_is_sent_to_an_unknown_address(changed: dict[str, str | None], app: World) -> None:
    create_client(new_operation(None, "console"), "plain-client", "", app.admin.pk, [Scope.READ])
    for decision in (None, "allow"):
        answer = asked(browser(app.learner), decision, **changed)
        assert (answer.status_code, "Location" in answer.headers) == (400, False), changed


def test_an_app_on_this_computer_has_any_port(app: World) -> None:
    to = "http://127.0.0.1:5000/back"
    code = code_for(app.learner, redirect_uri=to)
    assert exchange(code, redirect_uri=to).status_code == 200


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("https://app.example.org/callback", True),
        ("https://app.example.org:8443/a?b=c", True),
        ("http://127.0.0.1/a", True),
        ("http://[::1]:80/a", True),
        ("http://localhost/a", False),
        ("http://app.example.org/a", False),
        ("https://app.example.org/a#b", False),
        ("https://me@app.example.org/a", False),
        ("https://*.example.org/a", False),
        ("https:///a", False),
        ("app.example.org/a", False),
        ("javascript:alert(1)", False),
        ("https://app.example.org/a b", False),
        ("https://app.example.org\\@evil.example.org/", False),
        ("https://ñ.example.org/a", False),
        ("https://a.example.org:x/", False),
        ("https://a.example.org/" + "x" * 2000, False),
    ],
)
def test_addresses_to_which_codes_are_sent(text: str, good: bool) -> None:
    assert is_redirect(text) is good


@pytest.mark.parametrize(
    "changed",
    [
        {"code_verifier": VERIFIER + "x"},
        {"redirect_uri": "http://127.0.0.1/back"},
        {"code": "unknown"},
        {"code": ""},
    ],
)
def test_a_code_is_good_for_who_asked_for_it(changed: dict[str, str], app: World) -> None:
    make_app(app, "other")
    code = code_for(app.learner)
    rejected(exchange(code, **changed), "invalid_request" if "redirect_uri" in changed else "invalid_grant")
    rejected(exchange(code, client_id="other"), "invalid_grant")
    rejected(token(grant_type="authorization_code", code=code, redirect_uri=BACK), "invalid_request")
    assert not AccessToken.objects.exists()
    assert exchange(code).status_code == 200


def test_a_code_expires(app: World) -> None:
    code = code_for(app.learner)
    Grant.objects.update(expires=timezone.now() - timedelta(seconds=1))
    rejected(exchange(code), "invalid_grant")


def test_a_code_that_is_used_again_ends_what_came_from_it(app: World) -> None:
    code = code_for(app.instructor)
    first = exchange(code).json()
    second = refresh(first["refresh_token"]).json()
    assert works(second["access_token"])
    rejected(exchange(code), "invalid_grant")
    assert not works(second["access_token"])
    rejected(refresh(second["refresh_token"]), "invalid_grant")


def test_a_refresh_token_is_good_once_and_ends_its_family_when_used_again(app: World) -> None:
    first = exchange(code_for(app.instructor)).json()
    other = exchange(code_for(app.instructor)).json()
    second = refresh(first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert (works(first["access_token"]), works(second["access_token"])) == (False, True)
    third = refresh(second["refresh_token"]).json()
    rejected(refresh(first["refresh_token"]), "invalid_grant")
    assert not works(third["access_token"])
    rejected(refresh(third["refresh_token"]), "invalid_grant")
    # another consent is another family
    assert works(other["access_token"])
    assert refresh(other["refresh_token"]).status_code == 200


def test_a_refresh_token_is_its_clients_and_expires(app: World, settings: Any) -> None:
    make_app(app, "other")
    first = exchange(code_for(app.learner)).json()
    rejected(refresh(first["refresh_token"], client_id="other"), "invalid_grant")
    AccessToken.objects.update(expires=timezone.now() - timedelta(days=29))
    second = refresh(first["refresh_token"]).json()
    AccessToken.objects.update(expires=timezone.now() - timedelta(days=31))
    rejected(refresh(second["refresh_token"]), "invalid_grant")


def test_scopes_only_become_fewer(app: World) -> None:
    first = exchange(code_for(app.learner, scope="read write")).json()
    assert set(first["scope"].split()) == {"read", "write"}
    second = refresh(first["refresh_token"], scope="read").json()
    assert second["scope"] == "read"
    rejected(refresh(second["refresh_token"], scope="read write"), "invalid_scope")
    # what the client may no longer ask for is not renewed
    third = exchange(code_for(app.learner, scope="read write")).json()
    Client.objects.filter(client_id="app").update(scopes=["read"])
    assert refresh(third["refresh_token"]).json()["scope"] == "read"


ENDS: dict[str, Callable[[World, Any], object]] = {
    "the account is switched off": lambda w, _: Account.objects.filter(pk=w.instructor.pk).update(is_active=False),
    "the password is changed": lambda w, _: end_tokens_of([w.instructor.pk]),
    "the client's tokens are ended": lambda _, __: end_tokens(
        new_operation(None, "console"), Client.objects.get(client_id="app").pk
    ),
    "the person revokes it": lambda w, _: browser(w.instructor).post(
        f"/account/tokens/{AccessToken.objects.get().pk}/end/"
    ),
    "the access token is revoked": lambda _, t: HttpClient().post(
        "/oauth2/revoke_token/", {"client_id": "app", "token": t["access_token"]}
    ),
    "the refresh token is revoked": lambda _, t: HttpClient().post(
        "/oauth2/revoke_token/", {"client_id": "app", "token": t["refresh_token"]}
    ),
}


@pytest.mark.parametrize("way", ENDS)
def test_both_tokens_end_when(way: str, app: World) -> None:
    tokens, code = exchange(code_for(app.instructor)).json(), None
    if "revoke" not in way:
        code = code_for(app.instructor)
    assert works(tokens["access_token"])
    ENDS[way](app, tokens)
    assert not works(tokens["access_token"])
    rejected(refresh(tokens["refresh_token"]), "invalid_grant")
    if code is not None:
        rejected(exchange(code), "invalid_grant")


def test_the_account_page_has_apps_whose_token_is_over_but_is_renewed(app: World) -> None:
    exchange(code_for(app.learner))
    AccessToken.objects.update(expires=timezone.now() - timedelta(hours=1))
    text = browser(app.learner).get("/account/").content.decode()
    assert "Grade Book" in text
    assert "renewed by the app" in text


@pytest.mark.parametrize(
    "grant", ["password", "implicit", "urn:ietf:params:oauth:grant-type:device_code", "client_credentials"]
)
def test_an_app_has_no_other_grant(grant: str, world: World) -> None:
    secret = make_app(world, is_public=False)
    answer = token(grant_type=grant, client_secret=secret, username="sam", password="x", device_code="x")
    rejected(answer, "unauthorized_client" if grant == "client_credentials" else "unsupported_grant_type")


def test_a_client_with_a_secret_needs_it(world: World) -> None:
    secret = make_app(world, is_public=False)
    code = code_for(world.learner)
    rejected(exchange(code), "invalid_client", 401)
    rejected(exchange(code, client_secret="wrong"), "invalid_client", 401)
    tokens = exchange(code, client_secret=secret).json()
    rejected(refresh(tokens["refresh_token"]), "invalid_client", 401)
    assert refresh(tokens["refresh_token"], client_secret=secret).status_code == 200


def test_a_public_client_has_no_secret_at_all(world: World) -> None:
    secret = make_app(world)
    for given in (secret, "", "none"):
        basic = base64.b64encode(f"app:{given}".encode()).decode()
        answer = HttpClient().post(
            "/oauth2/token/", {"grant_type": "client_credentials"}, headers={"Authorization": f"Basic {basic}"}
        )
        rejected(answer, "invalid_client", 401)


def introspect(client_id: str, secret: str, value: str) -> Any:
    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return HttpClient().post("/oauth2/introspect", {"token": value}, headers={"Authorization": f"Basic {basic}"})


def test_introspection(world: World) -> None:
    secret, other = make_app(world, is_public=False), make_app(world, "other", is_public=False)
    tokens = exchange(code_for(world.learner), client_secret=secret).json()
    answer = introspect("app", secret, tokens["access_token"])
    body = answer.json()
    assert answer.headers["Cache-Control"] == "no-store"
    assert {**body, "exp": 0, "iat": 0} == {
        "active": True,
        "scope": "read",
        "client_id": "app",
        "username": "sam",
        "sub": str(world.learner.pk),
        "token_type": "Bearer",
        "exp": 0,
        "iat": 0,
    }
    assert body["exp"] - body["iat"] == 36000
    for client_id, own, value in (
        ("other", other, tokens["access_token"]),
        ("app", secret, "x"),
    ):
        assert introspect(client_id, own, value).json() == {"active": False}
    rejected(introspect("app", "wrong", tokens["access_token"]), "invalid_client", 401)
    for value in ("", "\x00"):
        rejected(introspect("app", secret, value), "invalid_request")
    Account.objects.filter(pk=world.admin.pk).update(is_superuser=True)
    assert introspect("other", other, tokens["access_token"]).json()["active"] is True
    Account.objects.filter(pk=world.learner.pk).update(is_active=False)
    assert introspect("app", secret, tokens["access_token"]).json() == {"active": False}


def test_an_app_is_made_in_the_console_and_is_in_the_audit_log(world: World) -> None:
    Account.objects.filter(pk=world.admin.pk).update(is_superuser=True)
    http = browser(world.admin)
    form = {"client_id": "book", "who": "staff", "scopes": ["read"], "reason": "asked for", "redirects": f"{BACK}\n"}
    bad = http.post("/access/clients/new/", {**form, "redirects": "http://app.example.org/"})
    assert (bad.status_code, "http://app.example.org/" in bad.content.decode()) == (400, True)
    assert http.post("/access/clients/new/", {**form, "redirects": "", "is_public": "on"}).status_code == 400
    made = http.post("/access/clients/new/", form)
    assert (made.status_code, "grant_type=client_credentials" in made.content.decode()) == (200, False)
    assert http.post("/access/clients/new/", {**form, "client_id": "spa", "is_public": "on"}).status_code == 302
    [book, spa] = JournalEntry.objects.filter(subject="client").order_by("id")
    assert (book.after["redirects"], "public" in book.after, spa.after["public"]) == ([BACK], False, True)
    shown = http.get(f"/access/clients/{Client.objects.get(client_id='spa').pk}/").content.decode()
    assert "callback?from=matricula" in shown


def test_who_is_responsible_for_an_app_does_not_have_it_as_their_own(app: World) -> None:
    http = browser(app.admin)
    assert "Grade Book" not in http.get("/account/").content.decode()
    assert http.post(f"/account/clients/{Client.objects.get(client_id='app').pk}/delete/").status_code == 404
    assert delete_clients_of(new_operation(None, "console"), [app.admin.pk]) == 0
    assert Client.objects.filter(client_id="app").exists()


def test_without_redirect_addresses_a_client_is_as_it_was(world: World) -> None:
    secret = create_client(new_operation(None, "console"), "script", "", world.instructor.pk, [Scope.READ])
    answer = token(grant_type="client_credentials", client_id="script", client_secret=str(secret))
    assert set(answer.json()) == {"access_token", "expires_in", "token_type", "scope"}
    assert works(answer.json()["access_token"])
    assert set(JournalEntry.objects.get(subject="client").after) == {"v", "client_id", "scopes", "name", "account_id"}


def test_what_the_metadata_names_is_there(app: World) -> None:
    found = HttpClient().get("/.well-known/oauth-authorization-server").json()
    assert (found["issuer"], found["grant_types_supported"]) == (
        "http://testserver",
        ["client_credentials", "authorization_code", "refresh_token"],
    )
    ends = {name: address for name, address in found.items() if name.endswith("_endpoint")}
    assert len(ends) == 4
    for name, address in ends.items():
        path = address.removeprefix("http://testserver")
        assert HttpClient().get(path).status_code == (302 if name == "authorization_endpoint" else 405), name
