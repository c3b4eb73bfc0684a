"""Undoing as a batch: what rows would do, and doing it.

Everything of a chunk is locked first, in the order of docs/locking.md, and then written.
"""

import uuid
from collections.abc import Sequence

from matricula.batches.undo import merges
from matricula.batches.undo.rows import find_conflicts
from matricula.batches.undo.subjects import (
    FIND,
    course_restore,
    fits_account,
    lock_rows,
    organizations_of,
    restore_given_grades,
    restore_roles,
    student_course_restore,
    student_restore,
)
from matricula.batches.undo.values import (
    CONFLICT,
    RESTORED,
    UNCHANGED,
    Conflict,
    RowStates,
    UndoAbout,
    UndoOptions,
    UndoOutcome,
    UndoRow,
    comes_to,
    is_same,
    outcome_of,
    read_row,
)
from matricula.batches.values import STALE, Effect, Named, Previewed
from matricula.enrollments.course.restoring import restore_course_enrollments
from matricula.enrollments.program.restoring import restore_course_rows, restore_students
from matricula.enrollments.store.standings import in_one_transaction
from matricula.journal.states import State, encode_state
from matricula.journal.statuses import Subject
from matricula.journal.writes import Entry, Operation, add_entries, record_operation


def preview_undo(
    _about: UndoAbout,
    options: UndoOptions,
    rows: Sequence[UndoRow],
    named: Named,  # noqa: ARG001  no row names a subject twice
) -> list[Previewed[UndoOutcome]]:
    """What ``write_undo`` would do now; of what was changed since, by whom."""
    given = [read_row(row) for row in rows]
    found: dict[int, tuple[State | None, bool]] = {}
    for subject, find in FIND.items():
        chosen = [(n, one) for n, one in enumerate(given) if one.row.subject == subject]
        if chosen:
            found.update(zip([n for n, _ in chosen], find([one for _, one in chosen]), strict=True))
    becoming = merges.list_becoming([one for n, one in enumerate(given) if is_same(found[n][0], one.expected)])
    outcomes = {
        n: outcome_of(one, found[n][0], may_be=found[n][1] or fits_account(one, becoming))
        for n, one in enumerate(given)
    }
    conflicts = [n for n, outcome in outcomes.items() if outcome.word == CONFLICT]
    if conflicts:
        since = find_conflicts(uuid.UUID(options.undo_of), [(n, rows[n]) for n in conflicts])
        for n in conflicts:
            was = outcomes[n]
            outcomes[n] = UndoOutcome(CONFLICT, was.before, was.after, Effect.REJECTED, None, since.get(n, Conflict()))
    return [Previewed(outcomes[n], row.account_id) for n, row in enumerate(rows)]


def write_undo(
    operation: Operation, _about: UndoAbout, _options: UndoOptions, rows: Sequence[UndoRow]
) -> list[UndoOutcome]:
    """Puts back what each row names, if it is as expected, in one transaction; else the row is stale."""
    return in_one_transaction(lambda: _write(operation, rows))


def _write(operation: Operation, rows: Sequence[UndoRow]) -> list[UndoOutcome]:
    given = [read_row(row) for row in rows]
    organizations = organizations_of(given)
    of = {subject: [(n, one) for n, one in enumerate(given) if one.row.subject == subject] for subject in FIND}
    students = [student_restore(one, organizations) for _, one in of[Subject.PROGRAM_ENROLLMENT]]
    courses = [student_course_restore(one, organizations) for _, one in of[Subject.PROGRAM_COURSE_ENROLLMENT]]
    accounts, moved = ([one for _, one in of[subject]] for subject in (Subject.ACCOUNT, Subject.STUDENT_KEY))
    lock_rows(students, courses, accounts, moved)
    done: dict[int, bool] = {}
    entries: list[Entry] = []

    def keep(subject: Subject, found: Sequence[bool | None], more: Sequence[Entry] = ()) -> None:
        done.update((n, is_done) for (n, _), is_done in zip(of[subject], found, strict=True) if is_done is not None)
        entries.extend(more)

    if accounts or moved:
        are_accounts, are_moved = merges.restore_accounts(operation, accounts, moved)
        keep(Subject.ACCOUNT, are_accounts)
        keep(Subject.STUDENT_KEY, are_moved)
    keep(Subject.PROGRAM_ENROLLMENT, *restore_students(operation, students, creating=True))
    keep(Subject.PROGRAM_COURSE_ENROLLMENT, *restore_course_rows(operation, courses))
    seats = [course_restore(one) for _, one in of[Subject.COURSE_ENROLLMENT]]
    keep(Subject.COURSE_ENROLLMENT, *restore_course_enrollments(operation, seats))
    keep(Subject.PROGRAM_ENROLLMENT, *restore_students(operation, students, creating=False))
    add_entries(operation, entries)
    keep(Subject.COURSE_ROLE, restore_roles(operation, [one for _, one in of[Subject.COURSE_ROLE]]))
    keep(Subject.GRADE, restore_given_grades(operation, [one for _, one in of[Subject.GRADE]]))
    for subject in (Subject.ROLE, Subject.FEATURE, Subject.MEMBERSHIP):
        if of[subject]:
            keep(subject, merges.restore_grants(operation, [one for _, one in of[subject]]))
    record_operation(operation)
    return [_written(one, done[n]) for n, one in enumerate(given)]


def _written(one: RowStates, is_done: bool) -> UndoOutcome:
    before = encode_state(one.expected)
    if not is_done:
        return UndoOutcome(STALE, before, before)
    after = comes_to(one, one.expected)
    return UndoOutcome(UNCHANGED if is_same(after, one.expected) else RESTORED, before, encode_state(after))


def undo_effect(outcome: UndoOutcome) -> Effect:
    """What a planned row would do."""
    return outcome.effect
