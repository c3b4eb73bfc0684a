"""Rows that were rejected, and plans that wait, by whom they name; as long as the rows of jobs are kept."""

import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from matricula.batches.kinds import CHECKS, KINDS, MERGE, UNDO
from matricula.batches.plans.reads import KINDS as PLANS
from matricula.batches.plans.reads import PlanStatus, list_plans
from matricula.batches.plans.statuses import PlanKind, PlanState
from matricula.batches.stored import AnyKind, form_of
from matricula.batches.values import Effect, Rejected
from matricula.foundation.database import fetch_all
from matricula.foundation.statements import read_statements
from matricula.foundation.text import INVISIBLE_CLASS
from matricula.journal.statuses import Source

WORDS = frozenset(str(word) for kind in KINDS if kind.outcome and kind is not MERGE for word in kind.rejected)
"""The words of outcomes that say that a row was not written; the index of rejected rows knows them (migration 0036).

A merge has none that anyone asks about: its two accounts are named by the plan.
"""
# so many chunks of the latest jobs are looked at: more is more than anyone reads
_CHUNKS, _PLANS = 10, 5
_STATEMENTS = read_statements(__file__)
_KIND_OF: dict[str, AnyKind] = {job: kind for kind in KINDS for job in (kind.job, kind.check) if job}
_KINDS_OF_PLANS: dict[PlanKind, AnyKind] = {**PLANS, PlanKind.UNDO: UNDO}
# what may still be applied, or was never
_NOT_APPLIED = (
    PlanState.READY, PlanState.HELD, PlanState.APPROVED, PlanState.REJECTED, PlanState.EXPIRED, PlanState.APPLYING,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that was not written; ``applied_by``: the job that applied the rest of its ``plan_id``."""

    job_id: uuid.UUID
    at: datetime
    actor: str | None
    source: Source
    file: str | None
    # of the job, or of the row
    program_id: int | None
    # the course run that the row names, where rows name one
    course_id: int | None
    plan_id: uuid.UUID | None
    applied_by: uuid.UUID | None
    number: int | None
    key: str
    word: str
    rejection: str


def find_rejected(
    keys: Collection[str], *, course_id: int | None = None, program_ids: Collection[int] = ()
) -> list[RejectedRow]:
    """The latest rows with one of the ``keys`` (folded, without invisible characters) that were rejected in jobs about
    the course run or the programs; a row of a plan once, also where the rest of the plan was applied.
    """
    parameters = {
        "keys": list(keys),
        "course": course_id,
        "programs": list(program_ids),
        "invisible": INVISIBLE_CLASS,
        "limit": _CHUNKS,
    }
    found = [*_rows(fetch_all(_STATEMENTS["rejected"](), parameters))]
    planned = {(row.applied_by, row.number, row.key) for row in found if row.applied_by}
    return [row for row in found if (row.job_id, row.number, row.key) not in planned]


def _rows(found: Sequence[Sequence[Any]]) -> Iterator[RejectedRow]:
    for job_id, job_kind, at, actor, source, file, program_id, plan_id, applied_by, *stored in found:
        kind = _KIND_OF[job_kind]
        place, key, ask, reason, number, outcome, rejected = stored
        if ask is None:
            if rejected is None:
                continue
            told = msgspec.json.decode(rejected, type=Rejected)
            row, word, rejection, number = None, told.word, told.reason, told.number
        else:
            decoded = msgspec.json.decode(outcome or "null", type=kind.outcome | None)  # type: ignore[operator]
            if decoded is None or decoded.word not in kind.rejected:
                continue
            row = form_of(kind).row(key, ask, number, reason)
            word, rejection = decoded.word, kind.describe(row, decoded, job_kind in CHECKS).rejection
        yield RejectedRow(
            job_id,
            at,
            actor,
            Source(source),
            file,
            program_id or getattr(row, "program_id", None),
            getattr(row, "course_id", None),
            plan_id,
            applied_by,
            place if number is None else number,
            key,
            word,
            rejection,
        )


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A row of a plan that isn't applied, and what it would do; the course run or program of the plan or of the row."""

    plan: PlanStatus
    number: int
    key: str
    effect: Effect
    course_id: int | None
    program_id: int | None


def find_planned(
    keys: Collection[str], account_id: int | None, *, courses: Collection[int] = (), programs: Collection[int] = ()
) -> list[PlannedRow]:
    """The rows that would change something, for one of the folded ``keys`` or for the account, of the latest plans
    about the course runs and programs that are not applied; only the first rows of large plans are looked at.
    """
    plans = {
        plan.id: plan for plan in list_plans(limit=_PLANS, states=_NOT_APPLIED, courses=courses, programs=programs)
    }
    if not plans:
        return []
    parameters = {"keys": list(keys), "account": account_id, "plans": list(plans), "limit": 4 * _CHUNKS}
    found = []
    for job_id, number, key, ask, stored in fetch_all(_STATEMENTS["planned"](), parameters):
        plan = plans[job_id]
        kind = _KINDS_OF_PLANS[plan.kind]
        effect = kind.effect(msgspec.json.decode(stored, type=kind.outcome))
        if effect not in {Effect.UNCHANGED, Effect.REJECTED}:
            row = form_of(kind).row(key, ask, number, None)
            course_id, program_id = (getattr(row, name, None) for name in ("course_id", "program_id"))
            found.append(PlannedRow(plan, number, key, effect, course_id, plan.program_id or program_id))
    return found
