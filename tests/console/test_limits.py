"""Guessing at one's own password from a session, asking for mails without an end, and doors beside the login."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client as HttpClient

from matricula.models import Account, FailureCount, OutgoingMail
from tests.accounts import NEW_PASSWORD, link_to, logged_in
from tests.conftest import PASSWORD, World
from tests.wire.test_guessing import HERE, THERE, guess_until_limited, is_in, keep_waiting, log_in, pass_time

WRONG = "wrong"
NEW = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
# every page that asks for the reader's password before it changes something: what it sends, but for the password
ASKING: dict[str, tuple[str, dict[str, str]]] = {
    "/account/sessions/end/": ("password", {}),
    "/account/password/change/": ("oldpassword", NEW),
    "/account/email/": ("password", {"email": "new@example.org"}),
}


def guess(http: HttpClient, path: str, password: str = WRONG) -> Any:
    field, others = ASKING[path]
    return http.post(path, {field: password, **others})


@pytest.mark.parametrize("path", ASKING)
def test_ones_own_password_is_limited_on_every_page_that_asks_for_it(path: str, world: World) -> None:
    http = logged_in()
    answers = [guess(http, path) for _ in range(30)]
    limited = next(answer for answer in answers if answer.status_code == 429)
    assert int(limited.headers["Retry-After"]) >= 1
    keep_waiting()
    before = Account.objects.values_list("password", "generation", "wanted_email").get(pk=world.learner.pk)
    for other in ASKING:
        assert guess(http, other, PASSWORD).status_code == 429
    assert Account.objects.values_list("password", "generation", "wanted_email").get(pk=world.learner.pk) == before
    pass_time(hours=2)
    assert guess(http, path, PASSWORD).status_code == 302


def test_guessing_at_the_login_does_not_limit_the_owner_within_the_session(world: World) -> None:
    http = logged_in()
    guess_until_limited("sam")
    keep_waiting()
    assert guess(http, "/account/password/change/", PASSWORD).status_code == 302


@pytest.mark.parametrize("path", ["/account/password/reset/", "/account/activate/", "/signup/"])
def test_mails_to_an_address_are_limited_whether_or_not_it_has_an_account(path: str, world: World) -> None:
    def ask(email: str, number: int) -> Any:
        form = {"email": email, "username": f"person{number}", **NEW}
        return HttpClient().post(path, form, REMOTE_ADDR=f"192.0.2.{number}")

    for email in ("sam@example.org", "nobody@example.org"):
        statuses = [ask(email, number).status_code for number in range(40)]
        assert statuses[:5] == [302] * 5
        assert 429 in statuses
        queued = OutgoingMail.objects.count()
        keep_waiting()
        assert ask(email.upper(), 50).status_code == 429
        assert OutgoingMail.objects.count() == queued
        pass_time(hours=1)


def test_who_follows_a_mailed_link_can_log_in_while_the_account_is_attacked(world: World) -> None:
    http = HttpClient()
    http.post("/account/password/reset/", {"email": "sam@example.org"})
    guess_until_limited("sam", THERE)
    keep_waiting()
    assert log_in("sam", http=http).status_code == 429
    assert http.post(link_to("sam@example.org"), NEW).status_code == 302
    assert is_in(log_in("sam", NEW_PASSWORD, http=http))
    assert log_in("sam", NEW_PASSWORD).status_code == 429


def test_a_changed_password_keeps_this_browser_known_and_no_other(world: World) -> None:
    here, other = HttpClient(), HttpClient()
    for http in (here, other):
        assert is_in(log_in("sam", http=http))
    assert guess(here, "/account/password/change/", PASSWORD).status_code == 302
    here.post("/logout/")
    guess_until_limited("sam", THERE)
    keep_waiting()
    assert log_in("sam", NEW_PASSWORD, HERE, http=other).status_code == 429
    assert is_in(log_in("sam", NEW_PASSWORD, HERE, http=here))


@pytest.mark.parametrize("path", ["/account/login/", "/account/signup/", "/account/reauthenticate/"])
def test_there_is_no_second_door(path: str, world: World) -> None:
    form = {"login": "sam", "password": PASSWORD}
    assert HttpClient().post(path, form).status_code == 404
    assert logged_in().post(path, form).status_code == 404
    assert not FailureCount.objects.exists()


def test_allauths_limits_in_each_process_are_off() -> None:
    assert not settings.ACCOUNT_RATE_LIMITS
