"""Second factors: set up, asked for, required by role, guessed at, used twice, lost."""

import time
from dataclasses import replace
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt
from django.test import Client as HttpClient

from matricula.identity.second_factors import remove_second_factors
from matricula.journal.writes import new_operation
from matricula.models import Account, OperationRecord
from tests.conftest import PASSWORD, World

LOGIN = {"login": "instructor", "password": PASSWORD}
PAGE = "/account/second-factor/"


def code_of(secret: str, ahead: int = 0) -> str:
    """The code of now; ``ahead``: of the next half minute, which is taken too."""
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30 + ahead))


def is_in(http: HttpClient) -> bool:
    return "_auth_user_id" in http.session


def logged_in(**login: str) -> HttpClient:
    http = HttpClient()
    assert http.post("/login/", login or LOGIN).status_code == 302
    return http


def set_up(http: HttpClient) -> str:
    """An app for someone who is logged in; its secret."""
    assert http.get(PAGE + "app/")["Location"].startswith("/account/again/")
    assert http.post("/account/again/", {"password": "wrong"}).status_code == 200
    assert http.post("/account/again/?next=" + PAGE + "app/", {"password": PASSWORD})["Location"] == PAGE + "app/"
    secret = http.get(PAGE + "app/").context["form"].secret
    assert http.post(PAGE + "app/", {"code": "000000"}).status_code == 200
    answer = http.post(PAGE + "app/", {"code": code_of(secret)})
    assert (answer.status_code, answer["Location"]) == (302, PAGE + "codes/")
    return str(secret)


def test_an_app_is_added_asked_for_and_its_codes_are_good_once(world: World) -> None:
    secret = set_up(logged_in())
    stored = Authenticator.objects.get(type="totp").data["secret"]
    assert stored != secret and decrypt(stored) == secret
    assert OperationRecord.objects.filter(reason="Second factor added: authenticator app").exists()

    http = HttpClient()
    assert http.post("/login/", LOGIN)["Location"] == PAGE + "ask/"
    assert not is_in(http)
    page = http.get(PAGE + "ask/")
    assert "Second factor" in page.content.decode() and "security key" not in page.content.decode()
    assert "script-src" not in page["Content-Security-Policy"]
    assert http.get("/my/").status_code == 302 and http.get("/api/user/v1/accounts/instructor").status_code == 401
    assert http.post(PAGE + "ask/", {"code": "abcdef"}).status_code == 200 and not is_in(http)
    code = code_of(secret, 1)
    assert http.post(PAGE + "ask/", {"code": code}).status_code == 302 and is_in(http)

    # the same code in another browser, and one of before it
    other = logged_in()
    for used in (code, code_of(secret, -1), code_of(secret)):
        assert other.post(PAGE + "ask/", {"code": used}).status_code == 200 and not is_in(other)


def test_recovery_codes_are_shown_after_a_proof_good_once_and_replaced(world: World) -> None:
    http = logged_in()
    set_up(http)
    codes = http.get(PAGE + "codes/").context["unused_codes"]
    assert len(codes) == 10
    other = logged_in()
    assert other.post(PAGE + "ask/", {"code": codes[0]}).status_code == 302 and is_in(other)
    # logged in, but without a proof of a moment ago
    assert other.get(PAGE + "codes/")["Location"].startswith("/account/again/")
    assert codes[0] not in http.get(PAGE + "codes/").context["unused_codes"]
    assert http.post(PAGE + "codes/new/").status_code == 302
    assert set(codes).isdisjoint(http.get(PAGE + "codes/").context["unused_codes"])
    assert http.post(PAGE + "app/remove/").status_code == 302
    assert not Authenticator.objects.exists()
    assert is_in(logged_in())


def test_guessing_at_codes_is_limited(world: World) -> None:
    set_up(logged_in())
    http = logged_in()
    for _ in range(20):
        page = http.post(PAGE + "ask/", {"code": "123"}).content.decode()
        if "Too many wrong codes" in page:
            return
    raise AssertionError("it was never limited")


@pytest.mark.parametrize(
    ("required", "name"),
    [("everyone", "sam"), ("global_staff", "admin"), ("course_roles", "instructor"), ("superusers", None)],
)
def test_no_session_begins_without_a_factor_that_is_required(
    required: str, name: str | None, world: World, settings: Any
) -> None:
    before = HttpClient()
    account = Account.objects.get(username=name or "instructor")
    before.force_login(account)
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, second_factor=frozenset({required}))
    # what the account itself is counts at once; a role at the next login
    ended = required in {"everyone", "global_staff"}
    assert (before.get("/my/").status_code == 302) == ended
    http = HttpClient()
    answer = http.post("/login/", {"login": account.username, "password": PASSWORD})
    if name is None:
        assert is_in(http)
        return
    assert (answer["Location"], is_in(http)) == (PAGE + "set-up/", False)
    page = http.get(PAGE + "set-up/")
    assert page.content.decode().count("data:image/svg+xml;base64,") == 1
    secret = page.context["form"].secret
    assert http.post(PAGE + "set-up/", {"code": "1"}).status_code == 200 and not is_in(http)
    answer = http.post(PAGE + "set-up/", {"code": code_of(secret)})
    assert (answer["Location"], is_in(http)) == (PAGE + "codes/", True)
    assert len(http.get(PAGE + "codes/").context["unused_codes"]) == 10
    # who needs one keeps the last one
    assert "Set up another one first" in http.post(PAGE + "app/remove/").content.decode()
    assert Authenticator.objects.filter(type="totp").exists()


def test_an_operator_removes_what_was_lost_and_sessions_end(world: World) -> None:
    http = logged_in()
    set_up(http)
    operation = new_operation(None, "command", "lost the phone")
    assert remove_second_factors(operation, world.instructor.pk) == 2
    assert remove_second_factors(operation, world.instructor.pk) == 0
    assert http.get("/my/").status_code == 302
    assert is_in(logged_in())
