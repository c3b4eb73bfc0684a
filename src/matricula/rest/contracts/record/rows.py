"""Rows of plans on the wire: states as the contract of their kind has them (record-api: Rows)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from matricula.batches.courses import CourseRow
from matricula.batches.kinds import MERGE
from matricula.batches.merging.values import MergeRow
from matricula.batches.plans.reads import KINDS, PlanRow, PlanStatus
from matricula.batches.plans.statuses import PlanKind, RowState
from matricula.batches.programs import UNCHANGED, CourseStudentRow, StudentOutcome, StudentRow
from matricula.batches.stored import options_of
from matricula.batches.undo.values import UndoRow
from matricula.batches.values import ERROR, Effect, Rejected
from matricula.catalog.reads import get_courses
from matricula.foundation.folding import fold
from matricula.jobs.reads import get_job
from matricula.journal.operations import Named, find_change_ids
from matricula.journal.shown import show_state
from matricula.journal.states import read_state
from matricula.journal.statuses import Subject
from matricula.rest.contracts.record import schemas

COLUMNS = (
    "row", "key", "course_id", "action", "outcome", "word", "before", "after", "refusal", "state", "change_ids",
)  # fmt: skip
_AT_ONCE = 1_000
_IN_COURSES = (Subject.COURSE_ENROLLMENT, Subject.PRE_ENROLLMENT)
_STUDENTS = (Subject.PROGRAM_ENROLLMENT, Subject.PROGRAM_COURSE_ENROLLMENT)
_encode = msgspec.json.Encoder().encode
Item = TypeVar("Item")


def show_rows(plan: PlanStatus, rows: Sequence[PlanRow], *, names: bool) -> list[schemas.PlanRow]:
    """Some rows of a plan. ``names`` False: not who the students of a program are."""
    action = _default_action(plan)
    courses = _course_keys(rows)
    changes = _change_ids(plan, rows)
    hidden = not names and plan.kind is PlanKind.UNDO and plan.program_id is not None
    return [_shown(one, action, courses, ids, is_hidden=hidden) for one, ids in zip(rows, changes, strict=True)]


def row_cells(plan: PlanStatus, rows: Iterable[PlanRow], *, names: bool) -> Iterator[Sequence[Any]]:
    """The cells of all rows, some of which are held at a time."""
    for some in _in_parts(rows):
        for row in show_rows(plan, some, names=names):
            yield (
                row.row,
                row.key,
                row.course_id,
                row.action,
                row.outcome.value,
                row.word,
                _encode(row.before).decode(),
                _encode(row.after).decode(),
                row.refusal,
                row.state.value,
                " ".join(map(str, row.change_ids)),
            )


def _in_parts(items: Iterable[Item]) -> Iterator[list[Item]]:
    remaining = iter(items)
    while some := list(islice(remaining, _AT_ONCE)):
        yield some


def _default_action(plan: PlanStatus) -> str | None:
    if plan.kind is not PlanKind.COURSE_ENROLLMENTS:
        return None
    options = options_of(get_job(plan.id), KINDS[plan.kind])
    return str(options.action)


def _course_keys(rows: Sequence[PlanRow]) -> dict[int, str]:
    named = [one.row.course_id for one in rows if isinstance(one.row, UndoRow | MergeRow)]
    ids = {course_id for course_id in named if course_id is not None}
    return {id_: course.key for id_, course in get_courses(ids).items()} if ids else {}


def _shown(
    one: PlanRow, action: str | None, courses: dict[int, str], change_ids: list[int], *, is_hidden: bool
) -> schemas.PlanRow:
    row, outcome = one.row, one.outcome
    before, after = _states(row, outcome)
    return schemas.PlanRow(
        row=one.place if one.described.number is None else one.described.number,
        key=_key(row, is_hidden),
        course_id=_course(row, courses),
        action=_action(row, action),
        outcome=one.effect,
        word=ERROR if isinstance(row, Rejected) else outcome.word,
        before=before,
        after=after,
        refusal=one.described.rejection or None if one.effect is Effect.REJECTED else None,
        state=one.state,
        change_ids=change_ids,
    )


def _key(row: Any, is_hidden: bool) -> str | None:
    if isinstance(row, UndoRow):
        return None if is_hidden and row.subject not in _STUDENTS else row.key
    if isinstance(row, CourseRow):
        return row.identifier
    if isinstance(row, MergeRow):
        return row.key
    return str(row.key if isinstance(row, Rejected) else row.student_key)


def _course(row: Any, courses: dict[int, str]) -> str | None:
    if isinstance(row, CourseStudentRow):
        return row.course
    return courses.get(row.course_id) if isinstance(row, UndoRow | MergeRow) and row.course_id is not None else None


def _action(row: Any, action: str | None) -> str | None:
    if isinstance(row, CourseRow):
        return row.action or action
    return row.status if isinstance(row, StudentRow | CourseStudentRow) else None


def _states(row: Any, outcome: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    if isinstance(row, Rejected):
        return {}, {}
    if isinstance(row, UndoRow):
        subject = Subject(row.subject)
        return show_state(read_state(subject, outcome.before)), show_state(read_state(subject, outcome.after))
    if isinstance(row, MergeRow):
        return msgspec.json.decode(outcome.before), msgspec.json.decode(outcome.after)
    if isinstance(row, CourseRow):
        return msgspec.to_builtins(outcome.before), msgspec.to_builtins(outcome.after)
    return _student_states(row, outcome)


def _student_states(
    row: StudentRow | CourseStudentRow, outcome: StudentOutcome
) -> tuple[dict[str, Any], dict[str, Any]]:
    before: dict[str, Any] = {} if outcome.before is None else {"status": outcome.before}
    is_staff = outcome.course_staff is True
    if isinstance(row, CourseStudentRow) and before:
        before["course_staff"] = is_staff
    if not outcome.is_carried_out:
        return before, before
    after: dict[str, Any] = {"status": outcome.before if outcome.word == UNCHANGED else outcome.word}
    if isinstance(row, CourseStudentRow):
        after["course_staff"] = is_staff if row.course_staff is None else row.course_staff
    return before, after


def _change_ids(plan: PlanStatus, rows: Sequence[PlanRow]) -> list[list[int]]:
    """For each row the changes that applying it made."""
    found: list[list[int]] = [[] for _ in rows]
    applied_by: UUID | None = plan.applied_by
    if applied_by is None:
        return found
    places = [n for n, one in enumerate(rows) if one.state is RowState.APPLIED and one.effect is not Effect.UNCHANGED]
    ids = find_change_ids(applied_by, [_named(plan, rows[n]) for n in places]) if places else []
    for n, changes in zip(places, ids, strict=True):
        found[n] = changes
    if plan.kind is PlanKind.MERGE and places:
        # beside those of the other account, those of the one that is kept
        kept = options_of(get_job(plan.id), MERGE).kept
        named = [replace(_named(plan, rows[n]), account_id=kept) for n in places]
        for n, changes in zip(places, find_change_ids(applied_by, named), strict=True):
            found[n] = sorted({*found[n], *changes})
    return found


def _named(plan: PlanStatus, one: PlanRow) -> Named:
    row = one.row
    if isinstance(row, CourseRow):
        email = fold(row.identifier) if "@" in row.identifier else None
        return Named(_IN_COURSES, plan.course_id, account_id=one.account_id, email=email)
    if isinstance(row, CourseStudentRow):
        key = fold(row.student_key)
        return Named((Subject.PROGRAM_COURSE_ENROLLMENT,), row.course_id, plan.program_id, student_key=key)
    if isinstance(row, StudentRow):
        return Named((Subject.PROGRAM_ENROLLMENT,), None, plan.program_id, student_key=fold(row.student_key))
    subject = Subject(row.subject)
    if isinstance(row, MergeRow):
        return Named(_IN_COURSES if subject in _IN_COURSES else (subject,), row.course_id, account_id=one.account_id)
    if subject in _STUDENTS:
        return Named((subject,), row.course_id, row.program_id, student_key=fold(row.key))
    subjects = _IN_COURSES if subject in _IN_COURSES else (subject,)
    return Named(subjects, row.course_id, account_id=row.account_id, email=fold(row.key) if "@" in row.key else None)
