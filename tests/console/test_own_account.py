"""One's own account while others change it: a form that was held back loses nothing of theirs, and gives nobody back
what they lost.
"""

import re
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password

from matricula.history.integrity import list_differences
from matricula.identity.accounts import save_accounts
from matricula.journal.writes import new_operation
from matricula.learners.models import SavedWhole
from matricula.learners.writes import AccountRequest
from matricula.models import Account, Change, Client
from tests.accounts import NEW_PASSWORD, gets_in, held_post, logged_in, mails, operator_changes, state
from tests.conftest import BASE, KEY, PASSWORD, Api, World, make_account, make_token
from tests.journal import changes, record_setting

NEW = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
PROFILE = {"first_name": "Own", "last_name": "Learner", "language": "es", "initial-first_name": "Sam",
           "initial-last_name": "Learner", "initial-language": "", "initial-wants_plan_mail": "True"}  # fmt: skip
# every address to which the owner of an account posts something: what it sends, and the columns that it may change
FORMS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "/account/": (PROFILE, {"first_name", "language", "wants_plan_mail"}),
    "/account/password/change/": (NEW, {"password", "generation"}),
    "/account/email/": ({"email": "new@example.org", "password": PASSWORD}, {"wanted_email"}),
    "/account/sessions/end/": ({"password": PASSWORD, "end_clients": "on"}, {"generation"}),
    "/account/clients/new/": ({"name": "x", "scopes": ["read"]}, set()),
    "/i18n/setlang/": ({"language": "es"}, set()),
    "/logout/": ({"out": "yes"}, set()),
}
# how the session ends while the form is on its way
ENDED: dict[str, dict[str, Any]] = {
    "switched off": {"is_active": False, "is_staff": False},
    "another address": {"email": "operators@example.org"},
    "another password": {"password": "operators-own-choice"},
}


@pytest.mark.parametrize("path", FORMS)
def test_a_form_changes_its_own_columns_and_loses_nothing_of_an_operators_edit(path: str, world: World) -> None:
    http, (fields, own) = logged_in(), FORMS[path]
    edit = {"last_name": "Operators", "is_staff": True}
    before = state(world.learner)
    held_post(http, path, fields, lambda: operator_changes(world.learner, **edit))
    after = state(world.learner)
    assert {name for name in after if after[name] != before[name]} - {"search_text"} == own | set(edit)
    assert (after["last_name"], after["is_staff"]) == ("Operators", True)


@pytest.mark.parametrize("ended", ENDED)
@pytest.mark.parametrize("path", FORMS)
def test_a_form_of_a_session_that_ended_meanwhile_changes_nothing(path: str, ended: str, world: World) -> None:
    http, fields = logged_in(), FORMS[path][0]
    held: dict[str, Any] = {}

    def meanwhile() -> None:
        operator_changes(world.learner, **ENDED[ended])
        held.update(state(world.learner))

    held_post(http, path, fields, meanwhile)
    assert state(world.learner) == held
    assert not Client.objects.filter(user=world.learner).exists()
    assert mails() == []


def test_mail_about_plans_is_switched_off_and_on_and_the_journal_says_so(world: World) -> None:
    record_setting()
    http = logged_in()
    page = http.get("/account/").content.decode()
    assert re.search(r'<input type="checkbox" name="wants_plan_mail"[^>]* checked', page)
    sent = {name: value for name, value in PROFILE.items() if "first_name" not in name and name != "language"}
    assert http.post("/account/", {**sent, "first_name": "Sam"}).status_code == 302
    assert state(world.learner)["wants_plan_mail"] is False
    entry = changes().get(subject="account")
    assert (entry.before["wants_plan_mail"], entry.after["wants_plan_mail"]) == (True, False)
    page = http.get("/account/").content.decode()
    assert not re.search(r'<input type="checkbox" name="wants_plan_mail"[^>]* checked', page)
    on = {**sent, "first_name": "Sam", "wants_plan_mail": "on", "initial-wants_plan_mail": "False"}
    http.post("/account/", on)
    assert state(world.learner)["wants_plan_mail"] is True
    # a page without the box, as of the version before
    http.post("/account/", {"first_name": "Sam", "last_name": "Learner"})
    assert state(world.learner)["wants_plan_mail"] is True
    assert list(list_differences()) == []


@pytest.mark.parametrize("ended", ENDED)
def test_an_operator_who_is_none_any_more_changes_nothing(ended: str, world: World) -> None:
    root = make_account("root", is_superuser=True, is_staff=True, password=PASSWORD)
    http = logged_in("root")
    target = f"/admin/matricula/account/{world.learner.pk}/change/"
    fields = {"email": "sam@example.org", "is_superuser": "on", "is_active": "on", "new_password": NEW_PASSWORD}
    before = state(world.learner)
    held_post(http, target, fields, lambda: operator_changes(root, **ENDED[ended]))
    held_post(logged_in("admin"), target, fields, lambda: None)
    assert state(world.learner) == before


def test_the_admin_changes_what_the_operator_changed_and_nothing_else(world: World) -> None:
    make_account("root", is_superuser=True, is_staff=True, password=PASSWORD)
    http = logged_in("root")
    path = f"/admin/matricula/account/{world.learner.pk}/change/"
    page = http.get(path).content.decode()
    shown = dict(re.findall(r'<input type="hidden" name="(initial-[a-z_]+)" (?:value="([^"]*)")?', page))
    assert {"initial-email", "initial-first_name", "initial-is_active"} <= set(shown)
    fields = {name.removeprefix("initial-"): value for name, value in shown.items()}
    fields = {name: value for name, value in fields.items() if value != "False"}
    before = state(world.learner)
    # somebody else's edit while this operator looks at the page
    operator_changes(world.learner, first_name="Fresh", is_staff=True)
    answer = http.post(path, {**fields, **shown, "last_name": "Changed", "new_password": ""})
    assert answer.status_code == 302, answer.content.decode()
    after = state(world.learner)
    assert {name for name in after if after[name] != before[name]} - {"search_text"} == {
        "first_name", "last_name", "is_staff",
    }  # fmt: skip


def test_nothing_saves_an_account_as_a_whole(world: World) -> None:
    account = Account.objects.get(pk=world.learner.pk)
    before = state(account)
    account.is_superuser = True
    for save in (
        account.save,
        lambda: account.save(update_fields=["is_superuser"]),
        account.delete,
        lambda: Account.objects.create(username="x", email="x@example.org"),
        lambda: Account.objects.update_or_create(username="sam", defaults={"is_superuser": True}),
        lambda: Account.objects.bulk_create([Account(username="x", email="x@example.org")]),
        lambda: Account.objects.bulk_update([account], ["is_superuser"]),
    ):
        with pytest.raises(SavedWhole):
            save()
    assert state(account) == before


def test_an_outdated_hash_is_renewed_when_somebody_logs_in_and_nothing_else_changes(world: World) -> None:
    Account.objects.filter(pk=world.learner.pk).update(password=make_password(PASSWORD, hasher="pbkdf2_sha256"))
    before = state(world.learner)
    http = logged_in()
    after = state(world.learner)
    assert http.get("/account/").status_code == 200
    assert {name for name in after if after[name] != before[name]} == {"password"}
    assert after["password"].startswith(settings.PASSWORD_HASHERS[0].rpartition(".")[2][:3].lower())
    assert Account.objects.get(pk=world.learner.pk).logged_in is not None
    assert gets_in("sam")


TOKENS_END: dict[str, Any] = {
    "file, off": lambda: save_accounts(
        new_operation(None, "command"), [AccountRequest("instructor", "instructor@example.org", is_active=False)]
    ),
    "file, address": lambda: save_accounts(
        new_operation(None, "command"), [AccountRequest("instructor", "moved@example.org")]
    ),
    "file, password": lambda: save_accounts(
        new_operation(None, "command"), [AccountRequest("instructor", "instructor@example.org", password="other-one")]
    ),
    "own password": lambda: logged_in("instructor").post("/account/password/change/", NEW),
    "own log-out": lambda: logged_in("instructor").post("/account/sessions/end/", {"password": PASSWORD}),
} | {f"operator, {name}": edit for name, edit in ENDED.items()}


@pytest.mark.parametrize("door", TOKENS_END)
def test_sessions_and_tokens_end_by_every_door_and_do_not_come_back(door: str, world: World) -> None:
    raw, session, account = make_token(world.instructor), logged_in("instructor"), world.instructor
    here = f"{BASE}/{KEY}/enrollments"

    def lives() -> tuple[bool, bool]:
        bearer = Api(Authorization=f"Bearer {raw}")
        return bearer.get(here).status_code == 200, session.get("/account/").status_code == 200

    assert lives() == (True, True)
    change = TOKENS_END[door]
    operator_changes(account, **change) if isinstance(change, dict) else change()
    assert lives() == (False, False)
    operator_changes(account, is_active=True, email="instructor@example.org")
    assert lives() == (False, False)
    # being switched off ends also what could get new tokens
    assert Client.objects.filter(user=account).exists() == ("off" not in door)


@pytest.mark.parametrize("wished", [True, False])
@pytest.mark.parametrize("path", ["/account/password/change/", "/account/sessions/end/"])
def test_ones_own_clients_end_if_one_wishes(path: str, wished: bool, world: World) -> None:
    make_token(world.learner)
    make_token(world.instructor)
    http = logged_in()
    http.post(path, {**NEW, "password": PASSWORD, **({"end_clients": "on"} if wished else {})})
    assert Client.objects.filter(user=world.learner).exists() is not wished
    assert Client.objects.filter(user=world.instructor).exists()
    assert http.get("/account/").status_code == 200
    assert changes().filter(subject="client", transition="deleted").exists() is wished


@pytest.mark.parametrize(
    "wrong",
    [
        {"oldpassword": "wrong"},
        {"password2": "x"},
        {"password1": "short", "password2": "short"},
        {"password1": "sam@example.org", "password2": "sam@example.org"},
    ],
)
def test_a_password_that_is_refused_is_not_changed(wrong: dict[str, str], world: World) -> None:
    answer = logged_in().post("/account/password/change/", {**NEW, **wrong})
    assert (answer.status_code, gets_in("sam"), mails()) == (400, True, [])


@pytest.mark.parametrize(
    ("wanted", "transition"),
    [
        ({"is_active": False}, "switched off"),
        ({"is_staff": True, "is_superuser": True}, "changed"),
        ({"email": "moved@example.org"}, "address changed"),
        ({"password": "operators-own-choice"}, "password changed"),
        ({"first_name": "Other"}, "changed"),
    ],
)
def test_the_journal_keeps_what_changed_and_never_a_password(
    wanted: dict[str, Any], transition: str, world: World
) -> None:
    before = state(world.learner)
    operator_changes(world.learner, **wanted)
    entry = changes().latest("id")
    assert (entry.subject, entry.transition, entry.account_id, entry.source) == (
        "account", transition, world.learner.pk, "console",
    )  # fmt: skip
    told = set(entry.after) - {"v"}
    assert "password" not in told and told == set(entry.before) - {"v"}
    assert {name: entry.before[name] for name in told} == {name: before[name] for name in told}
    ends = {"generation": 1} if set(wanted) & {"password", "is_active", "email"} else {}
    differing = {name: entry.after[name] for name in told if entry.after[name] != entry.before[name]}
    assert differing == {name: value for name, value in wanted.items() if name != "password"} | ends
    kept = changes().count()
    operator_changes(world.learner, **wanted)
    assert changes().count() == kept


def test_an_account_that_may_do_more_is_in_the_journal_from_the_start(world: World) -> None:
    [made] = save_accounts(
        new_operation(None, "command"), [AccountRequest("root", "root@example.org", is_superuser=True)]
    )
    root = Account.objects.get(pk=made.account_id)
    entry = Change.objects.latest("id")
    assert (entry.transition, entry.account_id, entry.after["is_superuser"]) == ("created", root.pk, True)
    page = logged_in_operator(root).get(f"/access/people/{root.pk}/").content.decode()
    assert "created" in page


def logged_in_operator(account: Account) -> Any:
    operator_changes(account, password=PASSWORD)
    return logged_in(account.username)
