"""One person in two browsers at once."""

import time
from collections import Counter

import pytest
from allauth.core.context import request_context
from allauth.mfa.totp.internal import auth as totp
from django.test import RequestFactory

from matricula.console.second_factor.forms import CodeForm
from matricula.identity.providers.claims import Person
from matricula.identity.providers.reading import Provider
from matricula.identity.providers.writes import sign_on
from matricula.models import Account, ExternalLogin
from tests.conftest import World, make_world
from tests.domain.races import together

PROVIDER = Provider(name="campus", title="Campus", create_accounts=True)


@pytest.fixture
def shared(own_database: None) -> World:
    return make_world()


def test_first_logins_at_once_make_one_account(shared: World) -> None:
    before = Account.objects.count()
    # also where the provider names another address each time
    people = [Person("s-1", f"{name}@example.org", usernames=(name,)) for name in ("one", "two", "one")]
    found = together(*(lambda person=person: sign_on(PROVIDER, person) for person in people))
    login = ExternalLogin.objects.get()
    assert set(found) == {login.account_id}
    assert Account.objects.count() == before + 1


def test_a_code_is_good_for_one_of_two(shared: World) -> None:
    with request_context(RequestFactory().get("/")):
        secret = totp.generate_totp_secret()
        totp.TOTP.activate(shared.learner, secret)
    code = totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30))

    def enter() -> bool:
        with request_context(RequestFactory().get("/")):
            return bool(CodeForm(user=shared.learner, data={"code": code}).is_valid())

    assert Counter(together(enter, enter, enter)) == {True: 1, False: 2}
