"""Passwords switched off, and what there is while a provider is down."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client as HttpClient

from matricula.identity.providers.claims import read_person
from matricula.identity.providers.reading import Provider
from matricula.identity.providers.reads import list_logins
from matricula.identity.providers.writes import sign_on, unlink
from matricula.journal.writes import new_operation
from matricula.learners.links import RESET, make_link
from matricula.learners.rows import read_row
from matricula.models import Account
from tests.conftest import PASSWORD, World
from tests.sign_on.conftest import free_port

WITHOUT_PASSWORDS = {"/signup/", "/account/password/reset/", "/account/activate/", "/account/confirm-email/"}
FILE = """
- {name: campus, title: North Campus, issuer: "http://127.0.0.1:%d", client_id: matricula, scopes: [openid]}
"""


@pytest.fixture
def down(settings: Any, tmp_path: Path) -> None:
    """A provider at which no one answers."""
    (tmp_path / "providers.yaml").write_text(FILE % free_port())
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, sign_on=tmp_path / "providers.yaml")


def log_in(name: str) -> tuple[HttpClient, Any]:
    http = HttpClient()
    return http, http.post("/login/", {"login": name, "password": PASSWORD})


def test_without_passwords_no_page_is_about_one(world: World, down: None, settings: Any) -> None:
    row = read_row(account_id=world.learner.pk)
    assert row is not None
    reset = f"/account/password/reset/key/{make_link(RESET, row)}/"
    inside, answer = log_in("sam")
    assert answer.status_code == 302
    pages = WITHOUT_PASSWORDS | {reset}
    assert {HttpClient().get(page).status_code for page in pages} == {200}
    assert 'type="password"' in HttpClient().get("/login/").content.decode()

    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, passwords=False)
    assert {HttpClient().get(page).status_code for page in pages} == {404}
    assert {HttpClient().post(page, {"email": "sam@example.org"}).status_code for page in pages} == {404}
    assert {inside.get(page).status_code for page in ("/account/password/change/", "/account/email/")} == {404}
    page = HttpClient().get("/login/?next=/jobs/").content.decode()
    assert 'type="password"' not in page and "/signup/" not in page
    assert 'href="/account/sign-on/campus/?next=%2Fjobs%2F"' in page
    http, answer = log_in("sam")
    assert (answer.status_code, "_auth_user_id" in http.session) == (200, False)
    # a session that began before goes on, and ends the others without a password
    page = inside.get("/account/").content.decode()
    assert "/account/password/change/" not in page and 'type="password"' not in page
    assert inside.post("/account/sessions/end/").status_code == 302


def test_named_superusers_keep_their_passwords(world: World, down: None, settings: Any) -> None:
    Account.objects.filter(username__in=["admin", "instructor"]).update(is_superuser=True)
    kept = frozenset({"admin", "sam"})
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, passwords=False, password_superusers=kept)
    page = HttpClient().get("/login/").content.decode()
    assert "administrators only" in page and "/account/password/reset/" not in page
    # a superuser that isn't named, and a name that is no superuser's, have none
    entered = {name: "_auth_user_id" in log_in(name)[0].session for name in ("admin", "instructor", "sam")}
    assert entered == {"admin": True, "instructor": False, "sam": False}
    assert HttpClient().get("/account/password/reset/").status_code == 404


def test_a_provider_that_is_down_is_said_to_be(world: World, down: None) -> None:
    answer = HttpClient().get("/account/sign-on/campus/")
    assert answer.status_code == 503
    assert "North Campus isn't responding" in answer.content.decode().replace("&#x27;", "'")
    assert HttpClient().get("/account/sign-on/unknown/").status_code == 404
    http, _ = log_in("sam")
    # the logout doesn't wait for it
    session = http.session
    session["sign_on"] = "campus"
    session.save()
    assert http.post("/logout/").status_code == 302
    assert "_auth_user_id" not in http.session


def test_a_sign_up_of_someone_else_keeps_no_password_and_an_operator_unlinks(world: World) -> None:
    provider = Provider(name="campus", title="Campus", create_accounts=True)
    person = read_person(provider, "s-1", {"email": "x@north.org", "email_verified": True, "preferred_username": "sam"})
    signing_up = HttpClient()
    form = {"email": "x@north.org", "username": "mallory", "password1": "a-long-secret", "password2": "a-long-secret"}
    assert signing_up.post("/signup/", form).status_code == 302
    account_id = sign_on(provider, person)
    assert isinstance(account_id, int)
    account = Account.objects.get(pk=account_id)
    assert (account.username, account.has_usable_password()) == ("sam-2", False)
    assert not Account.objects.filter(username="mallory").exists()
    assert sign_on(provider, person) == account_id

    operation = new_operation(None, "command")
    generation = account.generation
    assert unlink(operation, account_id, "campus")
    assert not unlink(operation, account_id, "campus")
    assert list_logins(account_id) == []
    assert Account.objects.get(pk=account_id).generation == generation + 1
