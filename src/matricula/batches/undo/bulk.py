"""Undoing many changes of one subject in one course run or program: found, decided and written set by set."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from matricula.batches.stored import RowForm, list_asks
from matricula.batches.undo.values import (
    RESTORED,
    UndoAbout,
    UndoOptions,
    UndoOutcome,
    UndoRow,
    outcome_of,
    read_row,
    standing_in_state,
)
from matricula.batches.values import Bulk
from matricula.enrollments.course import bulk as course_bulk
from matricula.enrollments.course.bulk import CourseCase
from matricula.enrollments.course.restoring import restored, restoring
from matricula.enrollments.program import bulk as program_bulk
from matricula.enrollments.program.bulk import StudentCase
from matricula.enrollments.store.entries import course_state, student_state
from matricula.enrollments.store.work import SLICED, Slice, standing_of, standing_text
from matricula.foundation.database import execute
from matricula.foundation.statements import read_statements
from matricula.journal.states import State, StudentState
from matricula.journal.statuses import Subject
from matricula.journal.writes import Operation

_STATEMENTS = read_statements(__file__, sliced=SLICED)
_ROWS = RowForm(UndoRow, "key")


def _fits(options: UndoOptions, _is_check: bool) -> bool:
    """True where all rows may be written as a set: none waits for another one."""
    return options.subject in {Subject.COURSE_ENROLLMENT, Subject.PROGRAM_ENROLLMENT}


def _resolve(job_id: uuid.UUID, about: UndoAbout, size: int, chunk: int) -> None:
    rows = [(text, _ROWS.row("", text, None, None)) for text in list_asks()]
    known = [(text, states) for text, row in rows if (states := _as_set(row, about))]
    parameters = {
        "job": job_id,
        "course": about.course and about.course.id,
        "program": about.program and about.program.id,
        "asks": [text for text, _ in known],
        "expected": [expected for _, (expected, _) in known],
        "targets": [target for _, (_, target) in known],
        "size": size,
        "chunk": chunk,
    }
    execute(_STATEMENTS["resolve_courses" if about.course else "resolve_students"](), parameters)


def _as_set(row: UndoRow, about: UndoAbout) -> tuple[str, str] | None:
    """What is expected and what is to be, as ``resolve`` reads it; None for what can't be written as one of a set."""
    one = read_row(row)
    if row.subject == Subject.PROGRAM_ENROLLMENT and about.program and row.program_id == about.program.id:
        return _status(one.expected), _status(one.target)
    if row.subject == Subject.COURSE_ENROLLMENT and about.course and row.course_id == about.course.id:
        before = standing_in_state(one.expected)
        after = restored(standing_in_state(one.target), before)
        if before.invitation is None and after.invitation is None:
            return standing_text(before), standing_text(after)
    return None


def _status(state: State | None) -> str:
    return state.status if isinstance(state, StudentState) else ""


def _decide(
    number: int, standing: str, row: UndoRow, about: UndoAbout, _options: UndoOptions, is_check: bool
) -> tuple[CourseCase | StudentCase, UndoOutcome]:
    one = read_row(row)
    if about.course:
        now = standing_of(standing)
        outcome = outcome_of(one, course_state(now), may_be=True)
        after = restored(standing_in_state(one.target), now) if outcome.word == RESTORED else now
        case: CourseCase | StudentCase = course_bulk.case_of(number, standing, restoring(now, after), about.course.id)
    else:
        outcome = outcome_of(one, student_state(standing or None), may_be=True)
        target = one.target.status if isinstance(one.target, StudentState) else None
        case = program_bulk.case_of(number, standing or None, target if outcome.word == RESTORED else standing or None)
    return case, outcome if is_check else UndoOutcome(outcome.word, outcome.before, outcome.after)


def _write_slice(
    operation: Operation, about: UndoAbout, piece: Slice, cases: Sequence[Any], rows: Mapping[int, int]
) -> None:
    if about.course:
        course_bulk.write_slice(operation, about.course, piece, cases, rows)
    elif about.program:
        program_bulk.write_slice(operation, about.program, piece, cases, rows)


BULK = Bulk(_fits, _resolve, _decide, _write_slice)
