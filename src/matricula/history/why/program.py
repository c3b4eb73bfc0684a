"""Why is a student in a program, or why not?"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from matricula.batches.rejections import find_planned, find_rejected
from matricula.batches.values import Effect
from matricula.catalog.reads import ProgramFacts as Program
from matricula.foundation.folding import fold
from matricula.foundation.text import storable, trim
from matricula.history.why import rules
from matricula.history.why.identifiers import plain, spellings
from matricula.history.why.mistaken import twins_of_key
from matricula.history.why.reads import find_linked, list_program_chain, list_students_of
from matricula.history.why.rules import Case, Change, ProgramFacts
from matricula.history.why.tried import is_pending, list_refused, list_waiting_plans
from matricula.history.why.values import (
    Answer,
    Asker,
    Conflict,
    ConflictKind,
    Link,
    Through,
    Waiting,
    WaitingFor,
    Who,
)
from matricula.journal.states import StudentState
from matricula.journal.statuses import RECORDED, Subject
from matricula.learners.reads import get_learners

_LONGEST = 255
_TWINS = (ConflictKind.INVISIBLE, ConflictKind.CASE)


def explain_in_program(program: Program, given: str, asker: Asker) -> Answer:
    """Why the student with this key is in the program, or why not. An answer for every key."""
    given = storable(trim(given))[:_LONGEST]
    names = spellings(given)
    rows = {fold(one.student_key): one for one in list_students_of(program.id, names)}
    row = rows.get(names[0])
    key = row.student_key if row else given
    chain = list_program_chain(program.id, program.organization_id, names[0], asker)
    planned = [one for one in find_planned([names[0]], None, programs=[program.id]) if one.course_id is None]
    decisive, change = _decisive(chain, row)
    answer = Answer(
        who=_who(given, key, row, asker),
        about=program.title,
        case=Case.UNKNOWN_KEY,
        state=_state(row),
        chain=chain,
        decisive=decisive,
        since=row.since if row else None,
        through=[row] if row else [],
        waiting=[*_waiting(row), *list_waiting_plans(planned)],
        refused=list_refused(find_rejected([plain(given)], program_ids=[program.id]), planned),
        conflicts=[
            *twins_of_key(given, names, {name: one.student_key for name, one in rows.items()}),
            *_conflicts(program, names[0], row),
        ],
    )
    facts = ProgramFacts(
        status=row.status if row else None,
        linked=bool(row and row.account_id),
        change=change,
        removed=row is None and decisive is not None,
        planned=any(one.effect is Effect.ADD and is_pending(one) for one in planned),
        rejected=bool(answer.refused),
        has_twin=any(one.is_known and one.kind in _TWINS for one in answer.conflicts),
        is_invisible=any(one.is_known and one.kind is ConflictKind.INVISIBLE for one in answer.conflicts),
    )
    return replace(answer, case=rules.decide_program_case(facts))


def _who(given: str, key: str, row: Through | None, asker: Asker) -> Who:
    ids = [row.account_id] if row and row.account_id and asker.sees_names else []
    learner = next(iter(get_learners(ids)), None) if ids else None
    if learner is None:
        return Who(given, student_key=key)
    return Who(given, learner.id, learner.username, learner.email, learner.full_name, key)


def _state(row: Through | None) -> Mapping[str, Any]:
    """As the contract shows it (registrar-api: Students of a program); empty where there is no row."""
    return {"status": row.status, "account_exists": row.account_id is not None} if row else {}


def _decisive(chain: Sequence[Link], row: Through | None) -> tuple[Link | None, Change]:
    """The latest change to the present status, or the one that removed the row."""
    for link in chain:
        if link.subject is not Subject.PROGRAM_ENROLLMENT:
            continue
        before, after = _status(link.before), _status(link.after)
        if before != after and after == (row.status if row else None):
            return (None, Change.UNKNOWN) if link.transition == RECORDED else (link, Change.KNOWN)
    return None, Change.UNKNOWN


def _status(state: object) -> str | None:
    return state.status if isinstance(state, StudentState) else None


def _waiting(row: Through | None) -> list[Waiting]:
    if row is None or row.account_id is not None:
        return []
    return [
        Waiting(
            WaitingFor.STUDENT,
            row.since,
            program=row.program,
            program_title=row.program_title,
            student_key=row.student_key,
            status=row.status,
        )
    ]


def _conflicts(program: Program, key: str, row: Through | None) -> list[Conflict]:
    """A key whose account is in the program under another one: an account is there once."""
    linked = find_linked(program.id, program.organization_id, key)
    if linked is None or linked[1] is None or (row and row.account_id == linked[0]):
        return []
    return [Conflict(ConflictKind.ACCOUNT_HAS_ANOTHER_KEY, linked[1])]
