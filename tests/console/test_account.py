"""One's own account in the console: name and language, sessions, API clients."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client as HttpClient
from django.utils import timezone
from oauth2_provider.models import AccessToken

from matricula.models import Account, Client
from tests.conftest import BASE, KEY, PASSWORD, World
from tests.console.access import ask, secret_on
from tests.console.conftest import Reader
from tests.journal import changes

ACCOUNT = "/account/"
NEW = {"name": "my grade script", "scopes": ["read"]}


def logged_in(name: str = "instructor") -> HttpClient:
    http = HttpClient()
    assert http.post("/login/", {"login": name, "password": PASSWORD}).status_code == 302
    return http


def test_the_language_is_saved_and_the_pages_follow_at_once(world: World, instructor: Reader) -> None:
    assert '<html lang="en"' in instructor.get(ACCOUNT)
    instructor.post(ACCOUNT, first_name="Ina", last_name="Structor", language="es")
    account = Account.objects.get(pk=world.instructor.pk)
    assert (account.language, account.first_name, account.last_name) == ("es", "Ina", "Structor")
    assert (account.email, account.is_active) == (world.instructor.email, True)
    assert '<html lang="es"' in instructor.get(ACCOUNT)
    assert '<html lang="es"' in instructor.get(ACCOUNT, **{"Accept-Language": "en"})
    # another browser of the same person, which has no cookie
    assert '<html lang="es"' in Reader(account).get("/")
    instructor.post(ACCOUNT, first_name="", last_name="", language="")
    assert Account.objects.get(pk=world.instructor.pk).language == ""
    assert '<html lang="en"' in instructor.get(ACCOUNT, **{"Accept-Language": "en"})


@pytest.mark.parametrize("wrong", [{"language": "tlh"}, {"first_name": "x" * 151}])
def test_what_is_wrong_is_not_saved(wrong: dict[str, str], world: World, instructor: Reader) -> None:
    page = instructor.post(ACCOUNT, 400, **{"first_name": "Ina", "last_name": "S", "language": "es", **wrong})
    assert 'class="error"' in page
    account = Account.objects.get(pk=world.instructor.pk)
    assert (account.first_name, account.language) == ("", "")


def test_a_changed_name_leaves_the_password(world: World) -> None:
    http = logged_in()
    http.post(ACCOUNT, {"first_name": "Ina", "last_name": "", "language": "en"})
    assert http.get(ACCOUNT).status_code == 200
    assert logged_in().get(ACCOUNT).status_code == 200


@pytest.mark.parametrize("address", ["/news/", "/jobs/", "/", ACCOUNT])
def test_a_page_that_is_still_made_while_its_reader_logs_out_is_answered(world: World, address: str) -> None:
    http = logged_in()

    def log_out_once_it_was_read(execute: Any, sql: str, *rest: Any) -> Any:
        found = execute(sql, *rest)
        if "matricula_account" in sql:
            ended.append(address)
            if len(ended) == 1:
                Session.objects.all().delete()
        return found

    ended: list[str] = []
    with connection.execute_wrapper(log_out_once_it_was_read):
        answer = http.get(address, headers={"HX-Request": "true"} if address == "/news/" else None)
    assert (answer.status_code, bool(ended)) == (200, True)
    assert http.get("/news/", headers={"HX-Request": "true"}).status_code == 286


def test_logging_out_everywhere_else(world: World) -> None:
    here, elsewhere, somebody = logged_in(), logged_in(), logged_in("sam")
    answer = here.post("/account/sessions/end/", {"password": "wrong"}, follow=True)
    assert "your password" in answer.content.decode()
    assert elsewhere.get(ACCOUNT).status_code == 200
    here.post("/account/sessions/end/", {"password": PASSWORD})
    assert elsewhere.get(ACCOUNT).status_code == 302
    assert here.get(ACCOUNT).status_code == 200
    assert somebody.get(ACCOUNT).status_code == 200
    assert logged_in().get(ACCOUNT).status_code == 200


def test_passwords_are_not_tried_without_end(world: World) -> None:
    here, elsewhere = logged_in(), logged_in()
    for _ in range(10):
        here.post("/account/sessions/end/", {"password": "wrong"})
    here.post("/account/sessions/end/", {"password": PASSWORD})
    assert elsewhere.get(ACCOUNT).status_code == 200


def made(reader: Reader) -> tuple[Client, str]:
    secret = secret_on(reader.post("/account/clients/new/", 200, **NEW))
    return Client.objects.latest("pk"), secret


def test_an_own_client_works_within_its_scopes_and_ends(world: World, instructor: Reader) -> None:
    client, secret = made(instructor)
    assert (client.user_id, client.scopes, client.name) == (world.instructor.pk, ["read"], "my grade script")
    entry = changes().latest("id")
    assert (entry.subject, entry.transition, entry.account_id, entry.actor_id, entry.reason) == (
        "client", "created", world.instructor.pk, world.instructor.pk, "my grade script",
    )  # fmt: skip
    token = ask(client.client_id, secret).json()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    here = f"{BASE}/{KEY}/enrollments"
    assert HttpClient().get(here, headers=bearer).status_code == 200
    assert HttpClient().post(here, {}, content_type="application/json", headers=bearer).status_code == 403
    page = instructor.get(ACCOUNT)
    assert "my grade script" in page
    assert secret not in page
    assert token not in page
    stored = AccessToken.objects.get()
    assert f"/account/tokens/{stored.pk}/end/" in page
    instructor.post(f"/account/tokens/{stored.pk}/end/")
    ended = changes().latest("id")
    assert (ended.transition, ended.before["tokens"], ended.after["tokens"]) == ("tokens ended", 1, 0)
    assert (ended.before["client_id"], ended.actor_id) == (client.client_id, world.instructor.pk)
    assert HttpClient().get(here, headers=bearer).status_code == 401
    second = ask(client.client_id, secret).json()["access_token"]
    assert "1 access token stops" in instructor.get(f"/account/clients/{client.pk}/delete/")
    assert Client.objects.filter(pk=client.pk).exists()
    instructor.post(f"/account/clients/{client.pk}/delete/")
    assert HttpClient().get(here, headers={"Authorization": f"Bearer {second}"}).status_code == 401
    assert ask(client.client_id, secret).status_code == 401
    assert changes().latest("id").transition == "deleted"


def test_clients_and_tokens_of_others_are_out_of_reach(world: World, instructor: Reader) -> None:
    client, secret = made(instructor)
    ask(client.client_id, secret)
    token = AccessToken.objects.get()
    other = Reader(world.learner)
    assert "my grade script" not in other.get(ACCOUNT)
    other.get(f"/account/clients/{client.pk}/delete/", 404)
    other.post(f"/account/clients/{client.pk}/delete/", 404)
    other.post(f"/account/tokens/{token.pk}/end/", 404)
    assert AccessToken.objects.filter(pk=token.pk, application=client).exists()


@pytest.mark.parametrize("wrong", [{"name": ""}, {"scopes": []}, {"scopes": ["read", "admin"]}, {"name": "a\nb"}])
def test_an_own_client_that_is_refused_is_not_made(wrong: dict[str, Any], instructor: Reader) -> None:
    instructor.post("/account/clients/new/", 400, **{**NEW, **wrong})
    assert not Client.objects.exists()


def test_nobody_makes_clients_without_end(instructor: Reader) -> None:
    for _ in range(20):
        made(instructor)
    instructor.post("/account/clients/new/", 400, **NEW)
    assert Client.objects.count() == 20


def test_tokens_that_have_expired_are_not_listed(instructor: Reader) -> None:
    client, secret = made(instructor)
    ask(client.client_id, secret)
    assert "/account/tokens/" in instructor.get(ACCOUNT)
    AccessToken.objects.update(expires=timezone.now() - timedelta(days=1))
    assert "/account/tokens/" not in instructor.get(ACCOUNT)


@pytest.mark.parametrize("path", ["/account/", "/account/clients/new/", "/account/email/", "/account/password/change/"])
def test_the_own_account_is_for_who_is_signed_in(path: str, instructor: Reader) -> None:
    instructor.get(path)
    answer = HttpClient().get(path)
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/login/")


def test_the_demo_tells_its_first_visitor_what_to_do(world: World, settings: Any, tmp_path: Any) -> None:
    def page() -> str:
        return HttpClient().get("/").content.decode()

    settings.ENVIRONMENT = settings.ENVIRONMENT.__class__(
        **{name: getattr(settings.ENVIRONMENT, name) for name in settings.ENVIRONMENT.__dataclass_fields__}
        | {"data": tmp_path}
    )
    assert "demo" not in page()
    (tmp_path / "demo-login.json").write_text('{"password": "not-for-the-page"}')
    assert "/login/?login=rita" in page()
    assert "not-for-the-page" not in page()
    assert 'value="rita"' in HttpClient().get("/login/?login=rita").content.decode()
