"""Enrolling and unenrolling as stored: rows, journal, mail, and how many statements it takes."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from matricula.enrollments.store.values import Person
from matricula.models import Account, CourseEnrollment, OutgoingMail, PreEnrollment
from tests.conftest import World, as_superuser, make_account, write
from tests.journal import changes


def journal() -> list[tuple[str, int | None, str | None]]:
    return list(changes().order_by("id").values_list("transition", "account_id", "email"))


def test_an_active_account_is_enrolled_in_the_default_mode(world: World) -> None:
    [outcome] = world.enroll("SAM")
    assert (outcome.identifier, outcome.after.enrolled, outcome.after.allowed) == ("SAM", True, False)
    seat = CourseEnrollment.objects.get()
    assert (seat.account_id, seat.mode, seat.is_active, seat.username_key) == (world.learner.pk, "audit", True, "sam")
    assert journal() == [("from unenrolled to enrolled", world.learner.pk, None)]


def test_by_email_without_the_case_of_a_to_z_only(world: World) -> None:
    make_account("kelvin", email="k@example.org")
    assert world.enroll("K@EXAMPLE.org")[0].after.enrolled
    [outcome] = world.enroll("\N{KELVIN SIGN}@example.org")
    assert (outcome.before.enrolled, outcome.before.allowed) == (False, False)
    assert (outcome.after.enrolled, outcome.after.allowed) == (False, True)
    assert CourseEnrollment.objects.get().account.username == "kelvin"
    assert PreEnrollment.objects.get().email == "\N{KELVIN SIGN}@example.org"


def test_two_names_of_one_person_give_two_results_the_second_seeing_the_first(world: World) -> None:
    first, second = world.enroll("sam", "sam@example.org")
    assert (first.before.enrolled, first.after.enrolled) == (False, True)
    assert (second.before.enrolled, second.after.enrolled) == (True, True)
    assert CourseEnrollment.objects.count() == 1
    assert [t for t, _, _ in journal()] == ["from unenrolled to enrolled", "from enrolled to enrolled"]


def test_two_spellings_of_an_unknown_address_are_one_person(world: World) -> None:
    world.enroll("New@Example.org", "new@example.org", auto_enroll=True)
    assert PreEnrollment.objects.count() == 1


def test_unenrolling_keeps_row_and_mode_and_ends_the_invitation(world: World) -> None:
    world.enroll("sam", mode="verified")
    world.unenroll("sam")
    seat = CourseEnrollment.objects.get()
    assert (seat.mode, seat.is_active) == ("verified", False)
    world.enroll("sam")
    seat.refresh_from_db()
    assert (seat.mode, seat.is_active) == ("audit", True)
    assert CourseEnrollment.objects.count() == 1


def test_an_account_not_activated_is_invited_by_either_name(world: World) -> None:
    world.enroll("later")
    world.enroll("later@example.org", auto_enroll=True, mode="honor")
    invitation = PreEnrollment.objects.get()
    assert (invitation.email, invitation.account_id, invitation.auto_enroll, invitation.mode) == (
        "later@example.org", None, True, "honor",
    )  # fmt: skip
    assert CourseEnrollment.objects.count() == 0


@pytest.mark.parametrize(
    ("identifier", "error"),
    [
        ("nobody", Person.UNKNOWN_USERNAME),
        ("no\x00body", Person.UNKNOWN_USERNAME),
        ("bad@", Person.BAD_ADDRESS),
        ("b\x00d@example.org", Person.BAD_ADDRESS),
        ("x" * 300, Person.TOO_LONG),
    ],
)
def test_one_that_fails_leaves_nothing_and_stops_nobody(world: World, identifier: str, error: Person) -> None:
    outcomes = world.enroll("staff", identifier, "sam", email=True)
    assert [o.error for o in outcomes] == [None, error, None]
    assert CourseEnrollment.objects.count() == 2
    assert (changes().count(), OutgoingMail.objects.count(), PreEnrollment.objects.count()) == (2, 2, 0)


def test_an_identifier_of_two_accounts_is_refused(world: World) -> None:
    make_account("sam@example.org", email="other@example.org")
    [outcome] = world.enroll("sam@example.org")
    assert outcome.error is Person.TWO_ACCOUNTS
    assert CourseEnrollment.objects.count() == 0
    assert world.enroll("other@example.org")[0].after.enrolled


def test_an_account_named_by_its_own_address_is_one_account(world: World) -> None:
    make_account("me@example.org", email="me@example.org")
    assert world.enroll("me@example.org")[0].after.enrolled


def test_unchanged_rows_of_a_file_leave_no_audit_row(world: World) -> None:
    world.enroll("sam")
    world.enroll("sam", journal_unchanged=False)
    world.enroll("staff", journal_unchanged=False)
    assert [account for _, account, _ in journal()] == [world.learner.pk, world.staff.pk]


def test_the_journal_names_operation_actor_source_reason_before_and_after(world: World) -> None:
    from matricula.journal.writes import new_operation

    operation = new_operation(world.instructor.pk, "console")
    world.enroll("sam", mode="honor")
    write(world.course, "unenroll", "sam", reason="moved\naway", operation=operation)
    entry = changes().latest("id")
    assert (entry.operation, entry.actor_id, entry.source, entry.reason, entry.course_id) == (
        operation.id, world.instructor.pk, "console", "moved\naway", world.course.id,
    )  # fmt: skip
    assert entry.before == {"v": 2, "enrollment": {"mode": "honor", "is_active": True}}
    assert entry.after == {"v": 2, "enrollment": {"mode": "honor", "is_active": False}}


@pytest.mark.parametrize("statement", ["update {} set reason = ''", "delete from {}", "truncate {}"])
def test_the_journal_is_only_added_to(world: World, statement: str) -> None:
    from django.db.utils import IntegrityError, ProgrammingError

    world.enroll("sam")
    statement = statement.format("matricula_journalentry")
    refused = pytest.raises(ProgrammingError, match="permission denied for table matricula_journalentry")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    refused = pytest.raises(IntegrityError, match="journal_is_append_only")
    with refused, transaction.atomic(), as_superuser(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_renamed_account_keeps_its_place_in_the_order_of_the_roster(world: World) -> None:
    world.enroll("sam")
    Account.objects.filter(pk=world.learner.pk).update(username="Abel")
    assert CourseEnrollment.objects.get().username_key == "abel"


@pytest.mark.parametrize("action", ["enroll", "unenroll"])
@pytest.mark.parametrize("options", [{}, {"email": True, "auto_enroll": True, "reason": "why"}])
def test_statements_do_not_grow_with_the_number_of_people(world: World, action: str, options: dict[str, Any]) -> None:
    from matricula.identity.accounts import save_accounts
    from matricula.journal.writes import new_operation
    from matricula.learners.writes import AccountRequest

    save_accounts(new_operation(None, "command"), [AccountRequest(f"u{n}", f"u{n}@example.org") for n in range(300)])

    def statements(people: range) -> int:
        identifiers = [f"u{n}" for n in people] + [f"new{n}@example.org" for n in people]
        if action == "unenroll":
            world.enroll(*identifiers)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            write(world.course, action, *identifiers, **options)
        return len(queries)

    few, many = statements(range(2)), statements(range(2, 300))
    assert few == many
    assert many <= 15


def test_mail_only_when_asked_and_in_the_right_order(world: World) -> None:
    world.enroll("sam")
    assert OutgoingMail.objects.count() == 0
    PreEnrollment.objects.create(
        course_id=world.course.id, email="sam@example.org", account=world.learner, auto_enroll=True,
        created="2026-01-01T00:00Z",
    )  # fmt: skip
    world.unenroll("sam", email=True)
    assert list(OutgoingMail.objects.order_by("id").values_list("kind", flat=True)) == [
        "enrolled_unenroll",
        "allowed_unenroll",
    ]
    world.unenroll("sam", email=True)
    assert OutgoingMail.objects.count() == 2


def test_enrolling_again_still_sends_the_mail_if_asked(world: World) -> None:
    world.enroll("sam")
    world.enroll("sam", email=True)
    assert OutgoingMail.objects.get().kind == "enrolled_enroll"


def test_a_bound_and_a_waiting_invitation_of_one_person_become_one(world: World) -> None:
    for account in (world.learner, None):
        PreEnrollment.objects.create(
            course_id=world.course.id, email="sam@example.org", account=account, auto_enroll=False,
            created="2026-01-01T00:00Z",
        )  # fmt: skip
    world.enroll("sam")
    assert PreEnrollment.objects.get().account_id == world.learner.pk
