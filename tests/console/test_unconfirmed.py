"""Sign-ups that nobody confirmed: the login does not tell of them, and no door takes one for somebody."""

from typing import Any

import pytest
from django.test import Client as HttpClient

from matricula.models import Account
from tests.accounts import SIGN_UP, mails
from tests.conftest import World
from tests.wire.test_guessing import keep_waiting

PASSWORD = SIGN_UP["password1"]


def sign_up(**fields: str) -> None:
    assert HttpClient().post("/signup/", {**SIGN_UP, **fields}).status_code == 302


def log_in(name: str, password: str = PASSWORD, language: str = "en") -> Any:
    form = {"login": name, "password": password}
    answer = HttpClient(headers={"Accept-Language": language}).post("/login/", form)
    # what was typed stands in the form again
    errors = answer.context["form"].errors.as_json() if answer.status_code == 200 else ""
    return answer.status_code, answer.headers.get("Location"), errors


@pytest.mark.parametrize("name", ["newcomer", "NEWCOMER", None])
def test_a_login_after_a_sign_up_does_not_tell_whether_the_address_had_an_account(
    name: str | None, world: World
) -> None:
    answers = {}
    for email in ("sam@example.org", "new@example.org"):
        sign_up(email=email)
        before = mails()
        answers[email] = [log_in(name or email), log_in(name or email, "wrong")]
        assert mails() == before
    assert Account.objects.filter(username="newcomer", email="new@example.org").exists()
    [answer] = {answer for both in answers.values() for answer in both}
    assert answer[:2] == (200, None)
    assert "the address is not confirmed yet" in answer[2]


def test_the_right_password_of_a_sign_up_is_counted_as_a_wrong_one(world: World) -> None:
    sign_up()
    statuses = [log_in("newcomer")[0] for _ in range(30)]
    keep_waiting()
    assert (statuses[0], log_in("newcomer")[0]) == (200, 429)


def test_the_login_says_so_in_spanish(world: World) -> None:
    assert "pida un enlace nuevo" in log_in("nobody", language="es")[2].encode().decode("unicode_escape")
