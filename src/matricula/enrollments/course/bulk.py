"""Course enrollments of a large job: found, decided and written set by set (docs/decisions/0029).

The decisions are those of ``rules``; who can't be written as one of a set is written by ``writes``.
"""

import uuid
from collections.abc import Mapping, Sequence

from matricula.catalog.reads import CourseRun
from matricula.enrollments.course import rules
from matricula.enrollments.course.rules import Requested
from matricula.enrollments.course.writes import EnrollmentOutcome
from matricula.enrollments.store.entries import course_entry
from matricula.enrollments.store.following import follow
from matricula.enrollments.store.standings import Place
from matricula.enrollments.store.values import Decision, Person
from matricula.enrollments.store.work import (
    SLICE,
    SLICED,
    Case,
    Changed,
    Slice,
    count_rows,
    parameters_of,
    standing_of,
)
from matricula.foundation.database import execute, fetch_all
from matricula.foundation.statements import read_statements
from matricula.journal.states import encode_state
from matricula.journal.writes import Operation, add_entries

_STATEMENTS = read_statements(__file__, sliced=SLICED, slice=SLICE)
_ASKED = "select coalesce(bool_or(is_address), false), coalesce(bool_or(not is_address), false) from asked"


class CourseCase(Case, frozen=True):
    """What becomes of active accounts of one standing for which one thing is asked."""

    locks: bool
    inserts: bool
    updates: bool
    # the person is enrolled before and not after, or the other way round
    turns: bool
    mode: str | None
    is_active: bool | None
    journals: bool
    subject: str
    transition: str
    before: str
    after: str

    @property
    def is_absent(self) -> bool:
        """True for who had no enrollment and gets none, which the journal says."""
        return self.journals and not self.locks and not self.inserts


def resolve(job_id: uuid.UUID, course: CourseRun, size: int, chunk: int) -> None:
    """Finds the people whom the rows of ``asked`` name, and makes slices of so many.

    ``chunk``: of people who can't be written as one of a set.
    """
    [(addresses, usernames)] = fetch_all(_ASKED, {})
    named = "both" if addresses and usernames else "addresses" if addresses else "usernames"
    execute(_STATEMENTS["resolve"](named), {"job": job_id, "course": course.id, "size": size, "chunk": chunk})


def decide_case(
    number: int,
    standing: str,
    requested: Requested,
    course: CourseRun,
    *,
    journal_unchanged: bool,
    is_stale: bool = False,
) -> tuple[CourseCase, EnrollmentOutcome]:
    """What becomes of people of a standing, as ``resolve`` wrote it; and the outcome for each of them, without name.

    ``is_stale``: nothing, since a plan saw them otherwise.
    """
    before = standing_of(standing)
    if is_stale:
        decision, journal_unchanged = Decision(before), False
    else:
        decision = rules.decide(Person.ACTIVE_ACCOUNT, before, requested, course.default_mode)
    case = case_of(number, standing, decision, course.id, journal_unchanged=journal_unchanged)
    return case, EnrollmentOutcome("", before, decision.standing, None, is_stale=is_stale)


def case_of(
    number: int, standing: str, decision: Decision, course_id: int, *, journal_unchanged: bool = False
) -> CourseCase:
    """What is written for people of a standing, as ``resolve`` wrote it, about whom this was decided."""
    before, after = standing_of(standing), decision.standing
    changes = after != before
    entry = course_entry(Place(course_id, 1, "", ""), before, decision, None, None)
    return CourseCase(
        number=number,
        standing=standing,
        locks=before.seat is not None and (changes or journal_unchanged),
        inserts=changes and before.seat is None,
        updates=changes and before.seat is not None,
        turns=after.enrolled != before.enrolled,
        mode=after.seat.mode if after.seat else None,
        is_active=after.seat.is_active if after.seat else None,
        journals=changes or journal_unchanged,
        subject=entry.subject.value,
        transition=entry.transition,
        before=encode_state(entry.before),
        after=encode_state(entry.after),
    )


def write_slice(
    operation: Operation, course: CourseRun, piece: Slice, cases: Sequence[CourseCase], rows: Mapping[int, int]
) -> None:
    """Writes a slice as it was decided, in the caller's transaction; ``rows``: case number → how many rows it has.

    Errors: ``Changed``, and what was written must be undone.
    """
    present = [case for case in cases if rows.get(case.number)]
    values = parameters_of(operation, piece, present, course=course.id, reason=operation.reason)
    for name, wanted in (
        ("lock", count_rows((case for case in present if case.locks), rows)),
        ("absent", count_rows((case for case in present if case.is_absent), rows)),
    ):
        if wanted and fetch_all(_STATEMENTS[name](), values) != [(wanted,)]:
            raise Changed
    followed = []
    if any(case.turns for case in present):
        [(in_programs,)] = fetch_all(_STATEMENTS["in_programs"](), values)
        if in_programs:
            turned = fetch_all(_STATEMENTS["turned"](), values)
            followed = follow(operation, [(course.id, account_id, is_active) for account_id, is_active in turned])
    inserted = count_rows((case for case in present if case.inserts), rows)
    if inserted and execute(_STATEMENTS["insert"](), values) != inserted:
        raise Changed
    if any(case.updates for case in present):
        execute(_STATEMENTS["update"](), values)
    add_entries(operation, followed)
    if any(case.journals for case in present):
        execute(_STATEMENTS["journal"](), values)
