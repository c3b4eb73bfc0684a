"""Plans, their reviews and their rows as they are shown (record-api: Plans)."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from matricula.batches.kinds import COURSE_STUDENTS, MERGE, ROSTER, STUDENTS, UNDO, get_kind
from matricula.batches.plans.limits import Limit
from matricula.batches.plans.numbers import count_applied
from matricula.batches.plans.statuses import Decision, PlanKind, PlanState, RowState, Scope
from matricula.batches.stored import AnyKind, collect_left, read_chunk
from matricula.batches.values import STALE, Described, Effect, Rejected
from matricula.foundation.database import fetch_all
from matricula.foundation.statements import read_statements
from matricula.jobs.reads import JobStatus, find_job, get_job
from matricula.jobs.statuses import UNFINISHED
from matricula.journal.statuses import Source

# of plans whose rows are given
KINDS: Mapping[PlanKind, AnyKind] = {
    PlanKind.COURSE_ENROLLMENTS: ROSTER,
    PlanKind.PROGRAM_ENROLLMENTS: STUDENTS,
    PlanKind.PROGRAM_COURSE_ENROLLMENTS: COURSE_STUDENTS,
}
_KINDS: Mapping[PlanKind, AnyKind] = {**KINDS, PlanKind.UNDO: UNDO, PlanKind.MERGE: MERGE}
_NAMES = {kind.check: name for name, kind in _KINDS.items()}
_STATEMENTS = read_statements(__file__)


@dataclass(frozen=True, slots=True)
class Review:
    """What someone decided; ``counts``: about the rows as they are now."""

    by: str
    at: datetime
    decision: Decision
    note: str | None
    counts: bool


@dataclass(frozen=True, slots=True)
class PlanStatus:
    """A plan as it is shown; ``effects`` and what follows from them are None while it is being made."""

    id: uuid.UUID
    kind: PlanKind
    actor_id: int | None
    source: Source
    course_id: int | None
    program_id: int | None
    name: str
    scope: Scope
    created: datetime
    expires: datetime
    total: int
    done: int
    effects: Mapping[str, int] | None
    words: Mapping[str, int] | None
    limits: Sequence[Limit]
    fingerprint: str | None
    approvals: int
    undo_of: uuid.UUID | None
    # the job that applies it, or did: it has the id of the operation
    applied_by: uuid.UUID | None
    error: str | None
    state: PlanState
    # how the rows ended that were applied, by their words
    written: Mapping[str, int] | None


def find_plan(plan_id: uuid.UUID) -> PlanStatus | None:
    """The plan with this id, or None."""
    found = fetch_all(_STATEMENTS["one"](), {"plan": plan_id})
    return _plan(found[0]) if found else None


def list_plans(
    *,
    limit: int,
    courses: Collection[int] | None = None,
    programs: Collection[int] | None = None,
    states: Collection[PlanState] | None = None,
    course_id: int | None = None,
    program_id: int | None = None,
    actor_id: int | None = None,
    expires_before: datetime | None = None,
    before: uuid.UUID | None = None,
) -> list[PlanStatus]:
    """The latest plans that fit everything given, expire before a moment, and are older than the plan ``before``.

    ``courses``, ``programs``: those whose plans the reader may see (``access.reads.Reach``); None of courses: all of
    them; both None: everything.
    """
    asked = {
        "course": course_id is not None,
        "program": program_id is not None,
        "some": courses is not None or programs is not None,
        "before": before is not None,
    }
    parameters = {
        "actor": actor_id,
        "course": course_id,
        "program": program_id,
        "every_course": courses is None,
        "courses": list(courses or ()),
        "programs": list(programs or ()),
        "before": before,
        "expires_before": expires_before,
        "states": [state.value for state in (PlanState if states is None else states)],
        "limit": limit,
    }
    query = _STATEMENTS["latest"](*(name for name, wanted in asked.items() if wanted))
    return [_plan(row) for row in fetch_all(query, parameters)]


def _plan(row: Sequence[Any]) -> PlanStatus:
    columns = [*row]
    columns[1] = _NAMES[columns[1]]
    columns[3], columns[7] = Source(columns[3]), Scope(columns[7])
    for place in (12, 13, 21):
        columns[place] = msgspec.json.decode(columns[place]) if columns[place] else None
    columns[14] = msgspec.json.decode(columns[14], type=list[Limit]) if columns[14] else []
    columns[20] = PlanState(columns[20])
    return PlanStatus(*columns)


def find_result(plan: PlanStatus) -> dict[str, int] | None:
    """What became of the rows of a plan that was applied: applied, unchanged, stale, rejected; None before."""
    if plan.applied_by is None or plan.state is PlanState.APPLYING or plan.effects is None:
        return None
    rejected, kind = plan.effects[Effect.REJECTED], _KINDS[plan.kind]
    if plan.state is PlanState.APPLIED and not any(word in kind.rejected for word in plan.written or ()):
        unchanged = plan.effects[Effect.UNCHANGED]
        applied = sum(plan.effects.values()) - unchanged - rejected
        return {"applied": applied, "unchanged": unchanged, "stale": 0, "refused": rejected}
    applied_by = get_job(plan.applied_by)
    collect_left(applied_by, kind)
    return count_applied(get_job(plan.id), applied_by, rejected)


def list_reviews(plans: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Review]]:
    """Plan → its reviews, the oldest first."""
    found: dict[uuid.UUID, list[Review]] = defaultdict(list)
    for plan_id, by, at, decision, note, counts in fetch_all(_STATEMENTS["reviews"](), {"plans": list(plans)}):
        found[plan_id].append(Review(by, at, Decision(decision), note, counts))
    return found


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A row of a plan. ``place``: from 1, among all; ``outcome`` None for one that was rejected before."""

    place: int
    row: Any
    outcome: Any
    effect: Effect
    state: RowState
    account_id: int | None
    # in words; ``number`` is the row in the file
    described: Described


def list_plan_rows(
    plan: PlanStatus,
    *,
    after: int = 0,
    offset: int = 0,
    effects: Collection[Effect] | None = None,
    states: Collection[RowState] | None = None,
) -> Iterator[PlanRow]:
    """The rows behind the place ``after`` that fit, in order, without the first ``offset`` of them; a chunk is held.

    Chunks without a fitting row are passed over by their counts.
    """
    job = get_job(plan.id)
    applied_by = find_job(plan.applied_by) if plan.applied_by else None
    first = 1
    ended = applied_by.id if applied_by and applied_by.state not in UNFINISHED else None
    if applied_by and ended:
        collect_left(applied_by, get_kind(applied_by))
    for number, rows, text, has_excluded, written in fetch_all(
        _STATEMENTS["chunks"](), {"plan": plan.id, "applied_by": ended}
    ):
        behind, first = first, first + rows
        if first <= after + 1:
            continue
        counts = msgspec.json.decode(text, type=dict[str, int]) if text else {}
        if states and not any(state in _states_in(job, counts, written, has_excluded) for state in states):
            continue
        fitting = sum(n for effect, n in counts.items() if effects is None or effect in effects)
        if not fitting or (states is None and after < behind and fitting <= offset):
            offset -= min(offset, fitting)
            continue
        for row in _chunk_rows(job, applied_by, number, behind):
            if row.place <= after or (effects and row.effect not in effects) or (states and row.state not in states):
                continue
            if offset:
                offset -= 1
                continue
            yield row


def _states_in(
    job: JobStatus, effects: Mapping[str, int], written: str | None, has_excluded: bool
) -> Collection[RowState]:
    """The states that rows of a chunk can be in, by its counts; ``written``: how its rows ended that were applied."""
    found = {RowState.EXCLUDED} if has_excluded else set()
    if effects.get(Effect.REJECTED):
        found.add(RowState.REJECTED)
    if written is None:
        return found | {RowState.PLANNED}
    rejected = get_kind(job).rejected
    for word in msgspec.json.decode(written, type=dict[str, int]):
        found.add(RowState.STALE if word == STALE else RowState.REJECTED if word in rejected else RowState.APPLIED)
    return found


def list_rows_at(plan: PlanStatus, places: Collection[int]) -> list[PlanRow]:
    """The rows at some places, in order."""
    job, wanted = get_job(plan.id), frozenset(places)
    found: list[PlanRow] = []
    first = 1
    for number, rows, *_ in fetch_all(_STATEMENTS["chunks"](), {"plan": plan.id, "applied_by": None}):
        if any(first <= place < first + rows for place in wanted):
            found += [row for row in _chunk_rows(job, None, number, first) if row.place in wanted]
        first += rows
    return found


def _chunk_rows(job: JobStatus, applied_by: JobStatus | None, number: int, first: int) -> Iterator[PlanRow]:
    kind = get_kind(job)
    chunk = read_chunk(job.id, kind, number)
    assert chunk is not None  # noqa: S101  its number was just read
    written = read_chunk(applied_by.id, kind, number) if applied_by and applied_by.state not in UNFINISHED else None
    for nth, (row, outcome) in enumerate(zip(chunk.rows, chunk.outcomes, strict=True)):
        became = written.outcomes[nth] if written else None
        is_rejected = outcome is None
        effect = Effect.REJECTED if is_rejected else kind.effect(outcome)
        state = _state(effect, bool(chunk.excluded and chunk.excluded[nth]), became, kind)
        account_id = chunk.people[nth] if chunk.people else None
        yield PlanRow(first + nth, row, outcome, effect, state, account_id, described(kind, row, outcome))


def _state(effect: Effect, is_excluded: bool, became: Any, kind: AnyKind) -> RowState:
    if is_excluded:
        return RowState.EXCLUDED
    if effect is Effect.REJECTED:
        return RowState.REJECTED
    if became is None:
        return RowState.PLANNED
    if became.word == STALE:
        return RowState.STALE
    return RowState.REJECTED if became.word in kind.rejected else RowState.APPLIED


def described(kind: AnyKind, row: Any, outcome: Any) -> Described:
    """A row and what it would do, in words."""
    if isinstance(row, Rejected):
        words = kind.words().get("error", "error")
        return Described(row.number, row.key, row.word, words, "", "", row.reason, row.cells)
    described: Described = kind.describe(row, outcome, True)
    return described
