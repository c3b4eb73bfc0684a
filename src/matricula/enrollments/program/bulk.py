"""Program enrollments of a large job: found, decided and written set by set (docs/decisions/0029).

The decisions are those of ``rules``; what can't be written as one of a set is written by ``writes``.
"""

import uuid
from collections.abc import Mapping, Sequence

from django.conf import settings

from matricula.catalog.reads import ProgramFacts
from matricula.enrollments.program import rules
from matricula.enrollments.program.rules import Verb
from matricula.enrollments.store.entries import student_state
from matricula.enrollments.store.work import (
    SLICE,
    SLICED,
    Case,
    Changed,
    Slice,
    count_rows,
    parameters_of,
)
from matricula.foundation.database import execute
from matricula.foundation.statements import read_statements
from matricula.journal.states import encode_state
from matricula.journal.writes import Operation
from matricula.learners.locks import share_student_keys

_STATEMENTS = read_statements(__file__, sliced=SLICED, slice=SLICE)


class StudentCase(Case, frozen=True):
    """What becomes of students of one status for whom one thing is asked; ``deletes``: their rows go."""

    inserts: bool
    updates: bool
    deletes: bool
    status: str
    transition: str
    before: str
    after: str


def resolve(job_id: uuid.UUID, program: ProgramFacts, asks: Sequence[str], size: int, chunk: int) -> None:
    """Finds the students whom the rows of ``asked`` name, and makes slices of so many.

    ``chunk``: of rows that ask for something else than ``asks``, which can't be written as one of a set.
    """
    values = {"job": job_id, "program": program.id, "asks": list(asks), "size": size, "chunk": chunk}
    execute(_STATEMENTS["resolve"](), values)


def decide_case(
    number: int, standing: str, wanted: str, *, repeated: bool, expected: str | None
) -> tuple[StudentCase, str]:
    """What becomes of students of a status ('': none); and the word for each of them."""
    held = standing or None
    moves = rules.allowed_moves(settings.ENVIRONMENT.forbidden_moves)
    step = rules.decide_program_enrollment(
        Verb.CREATE_OR_UPDATE, held, wanted, repeated=repeated, expected=expected, moves=moves
    )
    return case_of(number, held, wanted if step.writes else held), step.word


def case_of(number: int, held: str | None, wanted: str | None) -> StudentCase:
    """What is written for students of a status who shall have another one; None: no row."""
    changes = wanted != held
    return StudentCase(
        number=number,
        standing=held or "",
        inserts=changes and held is None,
        updates=changes and held is not None and wanted is not None,
        deletes=changes and wanted is None,
        status=wanted or "",
        transition=f"from {held or 'none'} to {wanted or 'none'}",
        before=encode_state(student_state(held)),
        after=encode_state(student_state(wanted)),
    )


def write_slice(
    operation: Operation, program: ProgramFacts, piece: Slice, cases: Sequence[StudentCase], rows: Mapping[int, int]
) -> None:
    """Writes a slice as it was decided, in the caller's transaction; ``rows``: case number → how many rows it has.

    Errors: ``Changed``, and what was written must be undone.
    """
    present = [case for case in cases if rows.get(case.number)]
    values = parameters_of(operation, piece, present, program=program.id, organization=program.organization_id)
    share_student_keys()
    for name, wanted in (
        ("update", count_rows((case for case in present if case.updates), rows)),
        ("insert", count_rows((case for case in present if case.inserts), rows)),
        ("delete", count_rows((case for case in present if case.deletes), rows)),
    ):
        if wanted and execute(_STATEMENTS[name](), values) != wanted:
            raise Changed
