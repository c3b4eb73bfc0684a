"""How a connection is: when it may make its next call, what went wrong, whether it pauses. Shared by all processes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from matricula.connections.reads import Connection
from matricula.connectors.open_edx.models import LmsState
from matricula.connectors.open_edx.rules import Problem, decide_break
from matricula.foundation.database import execute, fetch_all

# an LMS throttles at 120 a minute; with this one between them, no minute has more than 99
WITHOUT_KEY_SECONDS = 60 / 98
_RESERVE = """
insert into matricula_lmsstate as s (connection_id, next_call, courses, failures)
values (%(id)s, %(now)s::float8 + %(seconds)s::float8, '{}', 0)
on conflict (connection_id) do update set next_call = greatest(s.next_call, %(now)s::float8) + %(seconds)s::float8
returning next_call - %(seconds)s::float8
"""
_GOOD = """
insert into matricula_lmsstate as s (connection_id, next_call, courses, failures, last_good)
values (%(id)s, 0, '{}', 0, now())
on conflict (connection_id) do update set failures = 0, problem = null, paused_until = null, last_good = now()
where s.paused_until is null or s.paused_until <= %(now)s::float8
"""
_BAD = """
insert into matricula_lmsstate as s (connection_id, next_call, courses, failures, problem)
values (%(id)s, 0, '{}', 1, %(words)s::text)
on conflict (connection_id) do update set failures = s.failures + 1, problem = %(words)s::text
returning failures
"""


@dataclass(frozen=True, slots=True)
class Condition:
    """How a connection is; ``paused_until`` in seconds since 1970."""

    problem: str | None = None
    failures: int = 0
    paused_until: float | None = None
    last_good: datetime | None = None
    compared: datetime | None = None
    graded: datetime | None = None

    def is_paused(self, now: float) -> bool:
        """Return whether no calls are made."""
        return self.paused_until is not None and now < self.paused_until


def seconds_between_calls(connection: Connection) -> float:
    """Return the least time between two calls: the file's, and without a key no less than the throttle allows."""
    least = 0.0 if connection.api_key_env else WITHOUT_KEY_SECONDS
    return max(connection.pause_between_calls, least)


def reserve_call(connection_id: int, now: float, seconds: float) -> float:
    """Return the time of the next call: ``seconds`` after the one before, in any process, and not before now."""
    [(time,)] = fetch_all(_RESERVE, {"id": connection_id, "now": now, "seconds": seconds})
    return float(time)


def find_condition(connection_id: int) -> Condition:
    """Return how a connection is."""
    row = LmsState.objects.filter(pk=connection_id).first()
    return _condition(row) if row else Condition()


def list_conditions() -> dict[int, Condition]:
    """Return connection → how it is, for those of which something is known."""
    return {row.pk: _condition(row) for row in LmsState.objects.all()}


def _condition(row: LmsState) -> Condition:
    return Condition(row.problem, row.failures, row.paused_until, row.last_good, row.compared, row.graded)


def lock_state(connection_id: int) -> LmsState:
    """Return the row of a connection, locked: one process at a time follows the record, or keeps what was read."""
    LmsState.objects.get_or_create(connection_id=connection_id)
    return LmsState.objects.select_for_update().get(pk=connection_id)


def record_good(connection_id: int, now: float) -> None:
    """Record that the LMS answers: what was wrong is over, unless the connection pauses since another call."""
    execute(_GOOD, {"id": connection_id, "now": now})


def record_problem(connection_id: int, problem: Problem, now: float) -> bool:
    """Record what went wrong; return whether the connection pauses."""
    [(failures,)] = fetch_all(_BAD, {"id": connection_id, "words": problem.words})
    pause = decide_break(problem.kind, failures, problem.pause)
    if pause is not None:
        _update(connection_id, paused_until=now + pause)
    return pause is not None


def end_pause(connection_id: int) -> None:
    """Let the next call go out: someone asks for it."""
    _update(connection_id, paused_until=None)


def record_comparison(connection_id: int) -> None:
    """Record that the LMS was compared with the record."""
    _update(connection_id, compared=timezone.now())


def record_grades(connection_id: int) -> None:
    """Record that grades were fetched."""
    _update(connection_id, graded=timezone.now())


def _update(connection_id: int, **values: Any) -> None:
    LmsState.objects.update_or_create(connection_id=connection_id, defaults=values)
