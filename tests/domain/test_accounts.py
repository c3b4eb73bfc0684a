"""Accounts that become active are enrolled where they were invited, in whatever way they do."""

import pytest
from django.db import IntegrityError, connection, transaction

from matricula.identity.accounts import activate_account, save_accounts
from matricula.journal.writes import new_operation
from matricula.learners.writes import AccountRequest
from matricula.models import Account, CourseEnrollment, Group, Membership, PendingMember, PreEnrollment
from tests.conftest import World, make_account, write
from tests.journal import changes


def enrolled(account: Account) -> list[tuple[str, bool]]:
    return list(CourseEnrollment.objects.filter(account=account).values_list("mode", "is_active"))


def test_an_account_made_active_is_enrolled_by_the_one_who_invited_and_for_the_same_reason(world: World) -> None:
    for reason in ("first", "second"):
        write(
            world.course, "enroll", "new@example.org", auto_enroll=True, mode="honor", reason=reason,
            operation=new_operation(world.staff.pk if reason == "first" else world.instructor.pk, "api"),
        )  # fmt: skip
    operation = new_operation(None, "command")
    save_accounts(operation, [AccountRequest("new", "NEW@example.org")])
    account = Account.objects.get(username="new")
    assert enrolled(account) == [("honor", True)]
    entry = changes().latest("id")
    assert (entry.transition, entry.actor_id, entry.reason, entry.source, entry.account_id, entry.operation) == (
        "from allowed to enroll to enrolled", world.instructor.pk, "second", "command", account.pk, operation.id,
    )  # fmt: skip
    assert PreEnrollment.objects.get().account_id == account.pk


def test_a_registered_account_waits_until_it_is_activated(world: World) -> None:
    world.enroll("later", auto_enroll=True)
    save_accounts(new_operation(None, "command"), [AccountRequest("later", "later@example.org")])
    assert enrolled(world.inactive) == []
    activate_account(new_operation(None, "sign-up"), world.inactive.pk, world.inactive.email)
    assert enrolled(world.inactive) == [("audit", True)]


def test_without_auto_enroll_the_invitation_is_only_bound(world: World) -> None:
    world.enroll("new@example.org")
    account = make_account("new")
    assert enrolled(account) == []
    assert PreEnrollment.objects.get().account_id == account.pk
    assert list(changes().order_by("id").values_list("transition", flat=True)) == [
        "from unenrolled to allowed to enroll",
        "linked",
    ]


def test_a_new_address_of_an_active_account_brings_its_invitations(world: World) -> None:
    world.enroll("fresh@example.org", auto_enroll=True)
    write(world.other, "enroll", "fresh@example.org", auto_enroll=False)
    save_accounts(new_operation(None, "command"), [AccountRequest("sam", "fresh@example.org")])
    assert enrolled(world.learner) == [("audit", True)]
    assert set(PreEnrollment.objects.values_list("account_id", flat=True)) == {world.learner.pk}


def test_a_bound_invitation_is_of_no_use_to_another_account(world: World) -> None:
    world.enroll("shared@example.org", auto_enroll=True)
    first = make_account("first", email="shared@example.org")
    save_accounts(new_operation(None, "command"), [AccountRequest("first", "moved@example.org")])
    second = make_account("second", email="shared@example.org")
    assert (len(enrolled(first)), len(enrolled(second))) == (1, 0)
    assert world.enroll("shared@example.org")[0].before.allowed is False


def test_an_invitation_of_the_new_address_joins_the_one_that_is_bound_already(world: World) -> None:
    world.enroll("sam", "fresh@example.org")
    PreEnrollment.objects.create(
        course_id=world.course.id, email="sam@example.org", account=world.learner, auto_enroll=False,
        created="2026-01-01T00:00Z",
    )  # fmt: skip
    save_accounts(new_operation(None, "command"), [AccountRequest("sam", "fresh@example.org")])
    assert PreEnrollment.objects.get().account_id == world.learner.pk


def test_pending_members_are_admitted(world: World) -> None:
    group = Group.objects.create(name="admins")
    PendingMember.objects.create(email="Dean@example.org", group=group)
    make_account("dean", email="dean@example.org", is_active=False)
    assert not Membership.objects.exists()
    dean = make_account("dean", email="dean@example.org", is_active=True)
    assert list(Membership.objects.values_list("account_id", flat=True)) == [dean.pk]
    assert not PendingMember.objects.exists()


def test_saving_says_what_became_of_each(world: World) -> None:
    def save(*requests: AccountRequest) -> list[str]:
        return [o.word for o in save_accounts(new_operation(None, "command"), requests)]

    request = AccountRequest("ann", "ann@example.org", first_name="Ann", password="secret-password")
    assert save(request) == ["created"]
    assert save(request) == ["unchanged"]
    assert save(AccountRequest("ANN", "ann@example.org")) == ["updated"]
    assert save(AccountRequest("bob", "SAM@example.org")) == ["email-taken"]
    assert save(AccountRequest("x", "x@example.org"), AccountRequest("y", "X@example.org")) == [
        "created",
        "email-taken",
    ]
    # an address handed on within one file
    assert save(AccountRequest("x", "new-x@example.org"), AccountRequest("y", "x@example.org")) == [
        "updated",
        "created",
    ]
    assert Account.objects.get(username="ANN").first_name == "Ann"


def _insert(username: str, email: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into matricula_account (username, email, password, first_name, last_name, language, is_active,
                is_staff, is_superuser, date_joined) values (%s, %s, '', '', '', '', true, false, false, now())""",
            [username, email],
        )


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"username": "SAM", "email": "x@example.org"}, "account_username_unique"),
        ({"username": "x", "email": "SAM@example.org"}, "account_email_unique"),
        ({"username": "", "email": "x@example.org"}, "account_has_a_username"),
        ({"username": "x", "email": "nothing"}, "account_has_an_email"),
    ],
)
def test_the_database_itself_refuses(world: World, fields: dict[str, str], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        _insert(**fields)


def test_one_enrollment_and_one_invitation_are_the_databases_own_rules(world: World) -> None:
    world.enroll("sam", "new@example.org")
    seat, invitation = CourseEnrollment.objects.get(), PreEnrollment.objects.get()
    seat.pk = invitation.pk = None
    with pytest.raises(IntegrityError, match="enrollment_once"), transaction.atomic():
        seat.save()
    with pytest.raises(IntegrityError, match="pre_enrollment_once_for_email"), transaction.atomic():
        invitation.email = "NEW@example.org"
        invitation.save()
