"""Accounts in the middle of each other: the same name or address at once; and who may write accounts at all."""

import re
from collections import Counter
from pathlib import Path

import pytest

import matricula
from matricula.identity.accounts import change_account, save_accounts
from matricula.identity.sign_ups import SignUp, confirm_sign_up, delete_expired_sign_ups, sign_up
from matricula.journal.writes import new_operation
from matricula.learners.newcomers import MANY
from matricula.learners.rows import lock_rows, unreferred
from matricula.learners.writes import CREATED, UNCHANGED, AccountRequest
from matricula.models import Account, CourseRole, OutgoingMail
from tests.conftest import World, make_world
from tests.domain.races import behind, together

SITE = "http://localhost"


@pytest.fixture
def shared(own_database: None) -> World:
    return make_world()


def signing_up(username: str, email: str) -> int | None:
    return sign_up(new_operation(None, "sign-up"), SignUp(username, email, "a-long-secret"), SITE).account_id


def activation_link() -> str:
    [link] = re.findall(r"confirm-email/([\w-]+)/", OutgoingMail.objects.latest("id").context["link"])
    return str(link)


@pytest.mark.parametrize("same", ["address", "username", "both"])
def test_many_sign_ups_at_once_are_all_answered_and_one_stands(same: str, shared: World) -> None:
    names = [f"n{n}" if same == "address" else "one" for n in range(6)]
    addresses = [f"n{n}@example.org" if same == "username" else "one@example.org" for n in range(6)]
    made = together(*(lambda n=n, a=a: signing_up(n, a) for n, a in zip(names, addresses, strict=True)))
    assert len(set(made)) == 6
    assert None not in made
    left = Account.objects.filter(self_registered=True)
    assert (left.count(), OutgoingMail.objects.count()) == (1, 6)


def test_two_files_with_one_new_username_at_once_end_in_one_account(shared: World) -> None:
    outcomes = together(
        *(
            lambda a=a: save_accounts(new_operation(None, "command"), [AccountRequest("one", a)])
            for a in ("a@example.org", "b@example.org")
        )
    )
    assert sorted(outcome[0].word for outcome in outcomes) == ["created", "updated"]


def test_two_files_with_the_same_new_people_at_once_make_each_of_them_once(shared: World) -> None:
    """So many of them are made set by set, here in opposite order."""
    people = [AccountRequest(f"new{number}", f"new{number}@example.org") for number in range(3 * MANY)]
    ways = (people, people[::-1])
    found = together(*[lambda way=way: save_accounts(new_operation(None, "command"), way) for way in ways])
    words = Counter(outcome.word for outcomes in found for outcome in outcomes)
    assert words == {CREATED: len(people), UNCHANGED: len(people)}
    assert Account.objects.filter(username__startswith="new").count() == len(people)


def test_two_operators_change_different_things_of_one_account_and_both_stay(shared: World) -> None:
    behind(
        lambda: change_account(new_operation(None, "console"), shared.learner.pk, {"email": "moved@example.org"}),
        lambda: change_account(new_operation(None, "console"), shared.learner.pk, {"is_staff": True}),
    )
    account = Account.objects.get(pk=shared.learner.pk)
    assert (account.email, account.is_staff) == ("moved@example.org", True)


@pytest.mark.parametrize("change", [{"email": "other@example.org"}, {"is_active": True}])
def test_a_confirmation_behind_an_operators_change_decides_on_what_that_left(
    change: dict[str, object], shared: World
) -> None:
    account_id = signing_up("one", "one@example.org")
    assert account_id is not None
    link = activation_link()
    confirmed = behind(
        lambda: change_account(new_operation(None, "console"), account_id, change),
        lambda: confirm_sign_up(link, None, "sign-up"),
    )
    assert confirmed is None


def test_a_sign_up_that_is_being_confirmed_does_not_expire(shared: World) -> None:
    account_id = signing_up("one", "one@example.org")
    Account.objects.filter(pk=account_id).update(date_joined="2026-01-01T00:00Z")
    link = activation_link()
    assert behind(lambda: confirm_sign_up(link, None, "sign-up"), lambda: delete_expired_sign_ups(7)) == 0
    assert Account.objects.get(pk=account_id).is_active


def test_nothing_comes_to_refer_to_a_sign_up_between_the_look_for_references_and_its_deletion(shared: World) -> None:
    account_id = signing_up("one", "one@example.org")
    assert account_id is not None

    def look() -> None:
        [row] = lock_rows(ids=[account_id])
        assert unreferred([row.id]) == {account_id}

    # it waits for the end of whoever has looked
    behind(look, lambda: CourseRole.objects.create(account_id=account_id, course_id=shared.course.id, role="staff"))
    assert unreferred([account_id]) == set()
    # another sign-up leaves it now
    assert signing_up("two", "one@example.org") is None


def test_only_the_rows_of_learners_are_written_there() -> None:
    """The table of accounts, by SQL or by Django.

    Besides, the demo moves dates back, in a database that was empty, and a retirement replaces names.
    """
    source = Path(matricula.__file__).parent
    statement = re.compile(r"(?:update|insert into|delete from) matricula_account\b", re.IGNORECASE)
    django = re.compile(r"(?:Account|get_user_model\(\))\.objects\b[^\n]*\.(?:update|delete|create)\w*\(")
    writers = {
        path.relative_to(source).as_posix()
        for path in (*source.rglob("*.py"), *source.rglob("*.sql"))
        if "migrations" not in path.parts and (statement.search(text := path.read_text()) or django.search(text))
    }
    assert writers == {
        "learners/rows.py",
        "learners/newcomers.sql",
        "learners/writes.py",
        "cli/demo/backdating.py",
        # as the owner of the tables, in the one transaction of a retirement
        "retirement/accounts.py",
    }
