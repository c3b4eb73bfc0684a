"""Signing up, activating, setting a password, getting another address: for owners of addresses, and nobody else."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client as HttpClient
from django.test.utils import CaptureQueriesContext

from matricula.identity.accounts import save_accounts
from matricula.identity.sign_ups import delete_expired_sign_ups
from matricula.journal.writes import new_operation
from matricula.learners.writes import AccountRequest
from matricula.models import Account, CourseRole, OutgoingMail
from matricula.notices.delivery import deliver_due_mail
from tests.accounts import (
    NEW_PASSWORD,
    SIGN_UP,
    gets_in,
    held_post,
    last_mail,
    link_to,
    logged_in,
    mails,
    operator_changes,
    state,
)
from tests.conftest import PASSWORD, World, make_account
from tests.journal import changes

SENT = "/account/confirm-email/"
TWICE = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}


def sign_up(http: HttpClient | None = None, status: int = 302, **fields: str) -> HttpClient:
    http = http or HttpClient()
    answer = http.post("/signup/", {**SIGN_UP, **fields})
    assert (answer.status_code, answer.headers.get("Location")) == (status, SENT if status == 302 else None)
    return http


def ask(email: str, page: str = "/account/activate/") -> Any:
    return HttpClient().post(page, {"email": email})


def test_the_browser_that_signed_up_confirms_and_keeps_its_password(world: World) -> None:
    world.enroll("NEW@example.org", auto_enroll=True)
    http = sign_up()
    assert not gets_in("newcomer", SIGN_UP["password1"])
    account = Account.objects.get(username="newcomer")
    assert (account.is_active, account.self_registered) == (False, True)
    link = link_to("new@example.org")
    page = http.get(link)
    assert "password1" not in page.content.decode()
    assert not Account.objects.get(pk=account.pk).is_active
    assert http.post(link).status_code == 302
    assert gets_in("newcomer", SIGN_UP["password1"])
    account = Account.objects.get(pk=account.pk)
    assert (account.is_active, account.self_registered) == (True, False)
    assert [e.transition for e in changes().filter(account_id=account.pk).order_by("id")] == [
        "signed up", "switched on", "from allowed to enroll to enrolled",
    ]  # fmt: skip
    assert http.get(link).status_code == 404


def test_another_browser_chooses_a_new_password_so_a_stranger_gains_nothing(world: World) -> None:
    stranger = sign_up()
    owner, link = HttpClient(), link_to("new@example.org")
    assert "password1" in owner.get(link).content.decode()
    assert owner.post(link).status_code == 400
    assert owner.post(link, {"password1": NEW_PASSWORD, "password2": "x"}).status_code == 400
    assert not Account.objects.get(username="newcomer").is_active
    assert owner.post(link, TWICE).status_code == 302
    assert not gets_in("newcomer", SIGN_UP["password1"])
    assert gets_in("newcomer", NEW_PASSWORD)
    assert stranger.get("/account/").status_code == 302


def test_a_sign_up_that_nobody_confirmed_blocks_no_other_one(world: World) -> None:
    sign_up()
    old = link_to("new@example.org")
    sign_up(username="rightful", password1=NEW_PASSWORD, password2=NEW_PASSWORD)
    assert not Account.objects.filter(username="newcomer").exists()
    assert HttpClient().get(old).status_code == 404
    # nor by its name
    sign_up(username="RIGHTFUL", email="third@example.org")
    assert Account.objects.get(username_key="rightful").email == "third@example.org"
    assert list(changes().filter(transition="replaced").values_list("email", flat=True)) == [
        "new@example.org", "new@example.org",
    ]  # fmt: skip


@pytest.mark.parametrize(("username", "email"), [("owner", "NEW@example.org"), ("newcomer", "owner@example.org")])
def test_files_replace_a_sign_up_that_nobody_confirmed(username: str, email: str, world: World) -> None:
    http = sign_up(first_name="Stranger")
    link = link_to("new@example.org")
    [outcome] = save_accounts(new_operation(None, "command"), [AccountRequest(username, email)])
    assert outcome.word == "created"
    account = Account.objects.get(username=username)
    assert (account.email, account.is_active, account.first_name, account.self_registered) == (email, True, "", False)
    assert not gets_in(username, SIGN_UP["password1"])
    assert http.post(link).status_code == 404 or http.post(link).status_code == 409
    assert Account.objects.filter(username__in=["owner", "newcomer"]).count() == 1


def test_what_an_operator_gave_something_to_is_not_deleted(world: World) -> None:
    sign_up()
    account = Account.objects.get(username="newcomer")
    CourseRole.objects.create(account=account, course_id=world.course.id, role="staff")
    [outcome] = save_accounts(new_operation(None, "command"), [AccountRequest("other", "new@example.org")])
    assert outcome.word == "email-taken"
    sign_up(username="another")
    assert mails("new@example.org") == ["account_activate"] * 2
    assert Account.objects.filter(pk=account.pk).exists()
    assert delete_expired_sign_ups(0) == 0


def test_an_operator_who_activates_a_sign_up_does_not_vouch_for_its_password(world: World) -> None:
    sign_up()
    operator_changes(Account.objects.get(username="newcomer"), is_active=True)
    assert not gets_in("newcomer", SIGN_UP["password1"])
    ask("new@example.org")
    HttpClient().post(link_to("new@example.org"), TWICE)
    assert gets_in("newcomer", NEW_PASSWORD)


def test_sign_ups_expire_and_the_journal_says_so(world: World) -> None:
    sign_up()
    sign_up(username="fresh", email="fresh@example.org")
    Account.objects.filter(username__in=["newcomer", "later"]).update(date_joined="2026-01-01T00:00Z")
    assert delete_expired_sign_ups(0) == 0
    assert delete_expired_sign_ups(7) == 1
    assert not Account.objects.filter(username="newcomer").exists()
    assert Account.objects.filter(username__in=["fresh", "later"]).count() == 2
    entry = changes().latest("id")
    assert (entry.transition, entry.subject, entry.source, entry.email) == (
        "expired", "account", "schedule", "new@example.org",
    )  # fmt: skip


# how an account stands -> the mail that its address gets, whichever page somebody asks on
STANDINGS = {
    "sam@example.org": "password_reset",
    "later@example.org": "account_activate",
    "off@example.org": "account_off",
    "nobody@example.org": "account_unknown",
}


@pytest.mark.parametrize("page", ["/account/activate/", "/account/password/reset/", "/signup/"])
def test_no_answer_tells_whether_an_address_has_an_account(page: str, world: World) -> None:
    off = make_account("off")
    operator_changes(off, is_active=False)
    answers, statements = set(), []
    for number, (email, kind) in enumerate(STANDINGS.items()):
        fields = {**SIGN_UP, "email": email, "username": f"probe{number}"} if page == "/signup/" else {"email": email}
        http = HttpClient()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = http.post(page, fields)
        statements.append(len(queries))
        answers.add((answer.status_code, answer.content, answer.headers.get("Location"), *sorted(http.cookies)))
        assert http.get(SENT).status_code == 200
        expected = "account_activate" if page == "/signup/" and kind == "account_unknown" else kind
        assert mails(email) == [expected]
    assert len(answers) == 1
    if page != "/signup/":
        assert len(set(statements)) == 1
    assert len(HttpClient().get(SENT).content) > 0


def test_an_account_that_was_switched_off_has_no_way_in(world: World) -> None:
    ask("sam@example.org")
    reset = link_to("sam@example.org")
    operator_changes(world.learner, is_active=False)
    assert HttpClient().get(reset).status_code == 404
    assert HttpClient().post(reset, TWICE).status_code == 409
    ask("sam@example.org")
    assert mails("sam@example.org")[-1] == "account_off"
    operator_changes(world.learner, is_active=True)
    # not even when it is switched on again
    assert HttpClient().get(reset).status_code == 404


def test_a_link_sets_a_password_once_and_everything_else_of_the_account_ends(world: World) -> None:
    session = logged_in()
    ask("SAM@example.org", "/account/password/reset/")
    link = link_to("sam@example.org")
    http = HttpClient()
    assert http.get(link).status_code == 200
    assert http.post(link, TWICE).status_code == 302
    assert gets_in("sam", NEW_PASSWORD)
    assert session.get("/account/").status_code == 302
    assert http.get(link).status_code == 404
    assert mails("sam@example.org") == ["password_reset", "password_changed"]
    entry = changes().latest("id")
    assert (entry.transition, entry.after["generation"]) == ("password changed", entry.before["generation"] + 1)


# everything by which an address leaves an account, or its owner is no longer meant
DOORS: dict[str, Any] = {
    "file, address handed on": lambda a: save_accounts(
        new_operation(None, "command"), [AccountRequest("sam", "moved@example.org"), AccountRequest("b", a.email)]
    ),
    "file, nobody has it": lambda _: save_accounts(
        new_operation(None, "command"), [AccountRequest("sam", "moved@example.org")]
    ),
    "operator": lambda a: operator_changes(a, email="moved@example.org"),
    "operator, password": lambda a: operator_changes(a, password="operators-own-choice"),
    "operator, off": lambda a: operator_changes(a, is_active=False),
    "file, off": lambda a: save_accounts(
        new_operation(None, "command"), [AccountRequest("sam", a.email, is_active=False)]
    ),
}


@pytest.mark.parametrize("door", DOORS)
def test_what_was_sent_before_is_dead_at_once_through_every_door(door: str, world: World) -> None:
    session, account = logged_in(), world.learner
    session.post("/account/email/", {"email": "wished@example.org", "password": PASSWORD})
    change = link_to("wished@example.org")
    ask("sam@example.org")
    reset = link_to("sam@example.org")
    assert (session.get(change).status_code, session.get(reset).status_code) == (200, 200)
    DOORS[door](account)
    assert session.get("/account/").status_code == 302
    for link in (change, reset):
        assert HttpClient().get(link).status_code == 404
        assert HttpClient().post(link, TWICE).status_code == 409
    operator_changes(account, is_active=True)
    for link in (change, reset):
        assert HttpClient().get(link).status_code == 404
    assert session.get("/account/").status_code == 302
    assert gets_in("sam@example.org") == (door in {"file, off", "operator, off"})


# case of A to Z: how an address is stored, how it is typed, by which door
@pytest.mark.parametrize("stored", ["kim@example.org", "KIM@Example.org", "Kim@EXAMPLE.ORG"])
@pytest.mark.parametrize("typed", ["kim@example.org", "KIM@EXAMPLE.ORG", "kIm@eXample.org"])
@pytest.mark.parametrize("door", ["login", "reset", "sign-up", "activate", "file", "admin"])
def test_the_case_of_letters_is_ignored_on_every_door(stored: str, typed: str, door: str, world: World) -> None:
    account = make_account("Kim", email=stored, password=PASSWORD, is_active=door != "activate")
    match door:
        case "login":
            assert gets_in(typed)
            assert gets_in(typed.partition("@")[0])
        case "reset" | "activate":
            ask(typed)
            assert HttpClient().post(link_to(stored), TWICE).status_code == 302
            assert gets_in(typed, NEW_PASSWORD)
        case "sign-up":
            sign_up(email=typed)
            assert mails(stored) == ["password_reset"]
            assert not Account.objects.filter(username="newcomer").exists()
            sign_up(status=400, username=typed.partition("@")[0])
        case "file":
            [other] = save_accounts(new_operation(None, "command"), [AccountRequest("other", typed)])
            [same] = save_accounts(new_operation(None, "command"), [AccountRequest("KIM", typed)])
            assert (other.word, same.account_id) == ("email-taken", account.pk)
        case "admin":
            root = make_account("root", is_superuser=True, password=PASSWORD)
            page = logged_in("root").post("/admin/matricula/account/add/", {"username": "other", "email": typed})
            assert (root.is_superuser, page.status_code) == (True, 200)
            assert not Account.objects.filter(username="other").exists()


@pytest.mark.parametrize("typed", ["\u212aim@example.org", "k\u0130m@example.org", "\u212aim"])
@pytest.mark.parametrize("page", ["/login/", "/account/password/reset/", "/account/activate/"])
def test_letters_that_python_folds_onto_others_match_nobody(typed: str, page: str, world: World) -> None:
    make_account("kim", password=PASSWORD)
    HttpClient().post(page, {"login": typed, "password": PASSWORD, "email": typed})
    assert not gets_in(typed)
    assert mails("kim@example.org") == []


def test_allauths_own_list_of_addresses_is_neither_read_nor_written(world: World) -> None:
    with CaptureQueriesContext(connection) as queries:
        http = sign_up()
        http.post(link_to("new@example.org"))
        http = logged_in("newcomer", SIGN_UP["password1"])
        http.post("/account/email/", {"email": "x@example.org", "password": SIGN_UP["password1"]})
        http.post(link_to("x@example.org"))
        gets_in("x@example.org", "wrong")
        ask("x@example.org")
    assert not [query["sql"] for query in queries if "account_email" in query["sql"]]


def test_a_changed_address_needs_the_password_and_both_addresses_are_told(world: World) -> None:
    http = logged_in()
    wrong = http.post("/account/email/", {"email": "new@example.org", "password": "wrong"})
    assert (wrong.status_code, mails()) == (400, [])
    http.post("/account/email/", {"email": "new@example.org", "password": PASSWORD})
    assert (mails("new@example.org"), mails("sam@example.org")) == (["address_confirm"], ["address_asked"])
    page = http.get("/account/email/").content.decode()
    assert "Unconfirmed address" in page
    assert "new@example.org" in last_mail("sam@example.org")
    link = link_to("new@example.org")
    elsewhere = logged_in()
    assert http.post(link).status_code == 302
    assert Account.objects.get(pk=world.learner.pk).email == "new@example.org"
    assert (mails("new@example.org")[-1], mails("sam@example.org")[-1]) == ("address_changed", "address_changed")
    # this browser stays, others don't
    assert (http.get("/account/").status_code, elsewhere.get("/account/").status_code) == (200, 302)
    assert gets_in("new@example.org")
    assert not gets_in("sam@example.org")
    assert http.get(link).status_code == 404


def test_an_address_asked_for_blocks_nobody_and_may_be_taken_back(world: World) -> None:
    http = logged_in()
    http.post("/account/email/", {"email": "new@example.org", "password": PASSWORD})
    link = link_to("new@example.org")
    sign_up()
    # a sign-up that nobody confirmed gives way
    assert http.get(link).status_code == 200
    http.post("/account/email/", {"keep": ""})
    assert "Unconfirmed address" not in http.get("/account/email/").content.decode()
    assert http.get(link).status_code == 404
    http.post("/account/email/", {"email": "staff@example.org", "password": PASSWORD})
    assert mails("staff@example.org") == ["address_taken"]
    assert (mails("sam@example.org")[-1], "Unconfirmed address" in http.get("/account/email/").content.decode()) == (
        "address_asked", True,
    )  # fmt: skip


def test_an_address_that_was_taken_meanwhile_stays_with_its_account(world: World) -> None:
    http = logged_in()
    http.post("/account/email/", {"email": "new@example.org", "password": PASSWORD})
    make_account("faster", email="NEW@example.org")
    assert http.post(link_to("new@example.org")).status_code == 409
    assert Account.objects.get(pk=world.learner.pk).email == "sam@example.org"


LONG = "a" * 300 + "@example.org"


@pytest.mark.parametrize("email", [LONG, "a@" + "b" * 300 + ".org", "no-address", "a b@example.org"])
@pytest.mark.parametrize("page", ["/signup/", "/account/email/", "/account/activate/", "/account/password/reset/"])
def test_addresses_that_are_none_are_told_so(page: str, email: str, world: World) -> None:
    answer = logged_in().post(page, {**SIGN_UP, "email": email, "password": PASSWORD})
    if page == "/signup/":
        answer = HttpClient().post(page, {**SIGN_UP, "email": email})
    assert answer.status_code == 400
    assert 'class="error"' in answer.content.decode()
    assert mails() == []


@pytest.mark.parametrize("key", ["x", "1", "1-2-3", "9" * 30 + "-abc", "-", "1-" + "a" * 500])
@pytest.mark.parametrize("place", ["/confirm-email/", "/account/password/reset/key/", "/account/email/"])
def test_links_that_are_none(place: str, key: str, world: World) -> None:
    assert HttpClient().get(f"{place}{key}/").status_code == 404
    assert HttpClient().post(f"{place}{key}/", TWICE).status_code in {404, 409}


def test_a_link_is_of_use_for_its_own_purpose_only(world: World) -> None:
    ask("sam@example.org")
    ask("later@example.org")
    reset, activate = (link_to(a).rstrip("/").rpartition("/")[2] for a in ("sam@example.org", "later@example.org"))
    for link in (
        f"/confirm-email/{reset}/", f"/account/email/{reset}/",
        f"/account/password/reset/key/{activate}/", f"/account/email/{activate}/",
    ):  # fmt: skip
        assert HttpClient().get(link).status_code == 404


def test_links_expire(world: World, settings: Any) -> None:
    ask("sam@example.org")
    link = link_to("sam@example.org")
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert HttpClient().get(link).status_code == 404


def test_the_link_leaves_the_table_of_outgoing_mail_once_it_is_sent(world: World, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    ask("sam@example.org")
    assert "link" in OutgoingMail.objects.get().context
    assert deliver_due_mail().sent == 1
    assert "link" not in OutgoingMail.objects.get().context


def test_links_lead_where_the_service_is_whatever_the_request_says(world: World, settings: Any) -> None:
    settings.PUBLIC_URL = "https://records.example.edu"
    settings.ALLOWED_HOSTS = ["records.example.edu"]
    HttpClient(headers={"Host": "records.example.edu"}).post("/account/activate/", {"email": "sam@example.org"})
    assert OutgoingMail.objects.get().context["link"].startswith("https://records.example.edu/account/password/")


def test_the_right_password_of_an_account_that_an_operator_made_sends_the_link(world: World) -> None:
    answer = HttpClient().post("/login/", {"login": "later", "password": PASSWORD})
    assert (answer.headers["Location"], mails()) == (SENT, ["account_activate"])


def test_a_held_confirmation_changes_nothing_of_what_an_operator_did(world: World) -> None:
    ask("later@example.org")
    link = link_to("later@example.org")

    def meanwhile() -> None:
        operator_changes(world.inactive, email="other@example.org")

    assert held_post(HttpClient(), link, TWICE, meanwhile).status_code == 409
    assert state(world.inactive)["is_active"] is False
