"""Logging in at a real provider: found, linked, made; and everything that leads nowhere."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from matricula.access.grants import MembershipRequest, save_groups, write_grants
from matricula.access.reads import group_ids
from matricula.enrollments.program.rules import Verb
from matricula.enrollments.program.writes import ProgramRequest, write_program_enrollments
from matricula.history.integrity import list_differences
from matricula.identity.accounts import change_account
from matricula.journal.writes import new_operation
from matricula.models import (
    Account,
    CourseEnrollment,
    ExternalLogin,
    JournalEntry,
    Membership,
    ProgramEnrollment,
    StudentIdentity,
)
from tests.conftest import PASSWORD, World
from tests.sign_on.conftest import US, Browser, IdentityProvider
from tests.university import University, facts

pytestmark = pytest.mark.xdist_group("identity provider")
Configure = Callable[..., None]


def who(browser: Browser) -> str | None:
    """Who is logged in."""
    found = browser.ours.session.get("_auth_user_id")
    return None if found is None else Account.objects.get(pk=found).username


def transitions(account_id: int) -> list[str]:
    entries = JournalEntry.objects.filter(account_id=account_id).order_by("id")
    return list(entries.values_list("transition", flat=True))


def changed(address: str, **fields: str) -> str:
    """The address with other values in its query."""
    parts = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()} | fields
    return parts._replace(query=urlencode(query)).geturl()


def state_of(asked: str) -> str:
    return parse_qs(urlsplit(asked).query)["state"][0]


def test_an_account_is_linked_at_its_first_login_and_known_by_the_subject_from_then_on(
    world: World, configured: Configure, identity_provider: IdentityProvider
) -> None:
    configured()
    world.enroll("old.friend@example.org", auto_enroll=True)
    identity_provider.says("s-1", email="SAM@example.org", email_verified=True, preferred_username="someone else")
    browser = Browser()
    before = len(transitions(world.learner.pk))
    asked = browser.begin()
    assert parse_qs(urlsplit(asked).query).keys() == {
        "client_id", "redirect_uri", "scope", "response_type", "state", "nonce", "code_challenge",
        "code_challenge_method",
    }  # fmt: skip
    answer = browser.follow(browser.come_back(asked, "s-1"))
    assert (answer.status_code, answer["Location"], who(browser)) == (302, "/my/", "sam")
    assert transitions(world.learner.pk)[before:] == ["login linked"]

    # nothing changed: nothing is written
    assert Browser().log_in("s-1").status_code == 302
    assert len(transitions(world.learner.pk)) == before + 1

    # another address there: the same account, which gets the address, and is enrolled where that one was invited
    identity_provider.says("s-1", email="old.friend@example.org", email_verified=True)
    browser = Browser()
    browser.log_in("s-1")
    account = Account.objects.get(username="sam")
    assert (who(browser), account.email) == ("sam", "old.friend@example.org")
    assert transitions(account.pk)[before + 1 : before + 2] == ["address changed"]
    assert CourseEnrollment.objects.get(account=account).is_active

    # someone else's address, and one that no one vouches for, change nothing; the login works
    for said in ({"email": "staff@example.org", "email_verified": True}, {"email": "new@example.org"}):
        identity_provider.says("s-1", **said)
        browser = Browser()
        browser.log_in("s-1")
        assert (who(browser), Account.objects.get(username="sam").email) == ("sam", "old.friend@example.org")
    assert [d for d in list_differences() if "login" in d.what] == []


def test_what_leads_to_no_login(world: World, configured: Configure, identity_provider: IdentityProvider) -> None:
    configured()
    identity_provider.says("s-1", email="sam@example.org", email_verified=True)
    browser = Browser()

    # a nonce that isn't this browser's
    answer = browser.follow(browser.come_back(changed(browser.begin(), nonce="another"), "s-1"))
    assert (answer.status_code, who(browser)) == (401, None)
    # an unknown state; one of another browser; no state at all
    back = browser.come_back(browser.begin(), "s-1")
    for state in ("unknown", state_of(Browser().begin()), ""):
        assert browser.follow(changed(back, state=state)).status_code == 401
    # an answer of another issuer
    answer = browser.follow(changed(browser.come_back(browser.begin(), "s-1"), iss="https://other.example.org"))
    assert (answer.status_code, who(browser)) == (401, None)
    # a code that was used: with its own state, and with a new one
    back = browser.come_back(browser.begin(), "s-1")
    code = parse_qs(urlsplit(back).query)["code"][0]
    assert browser.follow(back).status_code == 302
    assert browser.follow(back).status_code == 401
    again = state_of(browser.begin())
    assert browser.follow(changed(back, code=code, state=again)).status_code == 401
    # someone who said no
    state = state_of(browser.begin())
    refused = urlencode({"state": state, "error": "access_denied"})
    page = browser.follow(f"{US}/account/sign-on/campus/callback/?{refused}")
    assert "canceled the login at North Campus" in page.content.decode()
    # a link on another site begins none
    answer = browser.ours.get("/account/sign-on/campus/?next=/my/", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer["Location"] == "/login/?next=%2Fmy%2F"
    # what an address brings isn't passed on
    asked = browser.ours.get("/account/sign-on/campus/?process=connect&auth_params=state%3Dx&scope=all")["Location"]
    assert parse_qs(urlsplit(asked).query)["scope"] == ["openid"] and "state=x" not in asked


@pytest.mark.parametrize(
    ("claims", "text"),
    [
        ({"email": "sam@example.org", "email_verified": False}, "confirmed your email address"),
        ({"email": "sam@example.org"}, "confirmed your email address"),
        ({}, "confirmed your email address"),
        ({"email": "nobody@example.org", "email_verified": True}, "No account has your email address"),
        ({"email": "off@example.org", "email_verified": True}, "Your account is inactive"),
        ({"email": "linked@example.org", "email_verified": True}, "belongs to another login"),
    ],
)
def test_a_first_login_that_is_no_ones(
    world: World, configured: Configure, identity_provider: IdentityProvider, claims: dict[str, object], text: str
) -> None:
    configured(verified_domains=["example.org"] if claims == {} else [])
    off, linked = Account.objects.get(username="elsewhere"), Account.objects.get(username="staff")
    operation = new_operation(None, "command")
    change_account(operation, off.pk, {"email": "off@example.org", "is_active": False})
    change_account(operation, linked.pk, {"email": "linked@example.org"})
    ExternalLogin.objects.create(provider="campus", subject="s-0", account=linked)
    identity_provider.says("s-9", **claims)
    browser = Browser()
    page = browser.log_in("s-9")
    assert (page.status_code, who(browser)) == (403, None)
    assert text in page.content.decode()
    assert ExternalLogin.objects.count() == 1


def test_a_new_account_its_student_key_and_its_groups(
    university: University, configured: Configure, identity_provider: IdentityProvider
) -> None:
    configured(
        create_accounts=True,
        student_keys=[{"claim": "number", "organization": "north"}],
        groups={"claim": "groups", "map": {"teachers": "Teachers", "deans": "Deans", "gone": "No such group"}},
    )
    university.world.enroll("alma@example.org", auto_enroll=True)
    operation = new_operation(None, "command")
    write_program_enrollments(operation, facts(), Verb.CREATE, [ProgramRequest("S-1", "enrolled")])
    save_groups(operation, ["Teachers", "Deans", "Others"])
    groups = group_ids(["Teachers", "Deans", "Others"])
    says = {"email": "alma@example.org", "email_verified": True, "preferred_username": "sam@north", "number": "S-1"}
    names = {"given_name": "Alma", "family_name": "Paz"}
    identity_provider.says("s-2", **says, **names, groups=["teachers", "deans", "x", "gone"])
    browser = Browser()
    assert browser.log_in("s-2").status_code == 302
    account = Account.objects.get(email="alma@example.org")
    assert (who(browser), account.get_full_name()) == ("sam-2", "Alma Paz")
    assert not account.has_usable_password()
    assert CourseEnrollment.objects.get(account=account).is_active
    assert ProgramEnrollment.objects.get().account_id == account.pk

    def members() -> set[int]:
        return set(Membership.objects.filter(account=account).values_list("group_id", flat=True))

    assert members() == {groups["Teachers"], groups["Deans"]}
    assert len(JournalEntry.objects.filter(account_id=account.pk).values("operation").distinct()) == 1

    # what an operator gave is the operator's to take; what the claim no longer says is taken away
    write_grants(operation, [MembershipRequest(groups["Others"], account.pk)], granted=True)
    identity_provider.says("s-2", **says, groups="teachers")
    Browser().log_in("s-2")
    assert members() == {groups["Teachers"], groups["Others"]}
    assert transitions(account.pk)[-1] == "withdrawn membership"

    # another key moves nothing, and a key of someone else stays with them
    identity_provider.says("s-2", **{**says, "number": "S-2"}, groups=[])
    Browser().log_in("s-2")
    assert members() == {groups["Others"]}
    identity_provider.says("s-3", email="berta@example.org", email_verified=True, number="S-1")
    browser = Browser()
    browser.log_in("s-3")
    assert who(browser) == "berta"
    assert list(StudentIdentity.objects.values_list("student_key", "account_id")) == [("S-1", account.pk)]
    assert [d for d in list_differences() if "login" in d.what] == []


def test_an_account_that_is_switched_off_and_a_logout_at_both(
    world: World, configured: Configure, identity_provider: IdentityProvider
) -> None:
    configured()
    identity_provider.says("s-1", email="sam@example.org", email_verified=True)
    browser = Browser()
    browser.log_in("s-1")
    page = browser.ours.post("/logout/")
    assert who(browser) is None
    assert "default-src 'self'" in page["Content-Security-Policy"]
    address = page.context["address"]
    assert address.startswith(identity_provider.issuer) and "sam" not in address
    # the provider asks, and then doesn't know the browser any more
    confirmed = browser.send(browser.theirs.get(address, timeout=60), logout="yes")
    assert confirmed.headers["Location"].startswith(f"{US}/login/")
    page_of_login = browser.theirs.get(browser.begin(), timeout=60)
    assert 'name="login"' in page_of_login.text

    change_account(new_operation(None, "command"), world.learner.pk, {"is_active": False})
    browser = Browser()
    page = browser.log_in("s-1")
    assert (page.status_code, who(browser)) == (403, None)
    # who logged in with a password isn't led to the provider
    browser = Browser()
    browser.ours.post("/login/", {"login": "instructor", "password": PASSWORD})
    assert browser.ours.post("/logout/").status_code == 302
