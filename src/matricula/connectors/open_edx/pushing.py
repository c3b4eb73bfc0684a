"""Sending what waits to an LMS, until nothing waits or the connection pauses.

Rows are taken in hand before a call goes out, in a transaction of their own, and what became of them is recorded after
it. A process that is killed in between leaves rows in hand; the next one frees them, and reads in the LMS what became
of them before it sends anything again.
"""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import httpx
from django.db import connection as database

from matricula.connections.reads import Connection, list_connected_courses
from matricula.connectors.open_edx.calls import PacedClient, Stopped
from matricula.connectors.open_edx.clocks import Clock, WallClock
from matricula.connectors.open_edx.conditions import find_condition, record_good, record_problem
from matricula.connectors.open_edx.rows import (
    Claimed,
    Outcome,
    claim_rows,
    free_claims,
    is_any_due,
    keep_outcomes,
    pushing,
    read_claimed,
)
from matricula.connectors.open_edx.rules import (
    Call,
    Done,
    Known,
    Problem,
    Rejected,
    Seat,
    decide_call,
    learn,
    pause_after,
)
from matricula.connectors.open_edx.statuses import CHANGING, ProblemKind, RowState, Wanted

LANES = 6
"""Calls at the same time."""
# rows in hand of a lane: recording each alone would cost more than its call
_BATCH = 16
# a loop of calls about one person that does not end is a bug, here or in the LMS
_MAX_CALLS = 10
_GOOD_SECONDS = 5.0
# a batch whose calls take longer than this is not begun again with what was read before
_STALE_SECONDS = 1.0


@dataclass
class Pushed:
    """What one push did: rows by their new state, calls that changed something; ``problem``: why it ended early."""

    states: Counter[RowState] = field(default_factory=Counter)
    sent: int = 0
    problem: Problem | None = None
    # another process pushes to the LMS
    is_busy: bool = False


def push(
    connection: Connection,
    *,
    clock: Clock | None = None,
    transport: httpx.BaseTransport | None = None,
    stop: Callable[[], bool] = lambda: False,
    seconds: float | None = None,
    lanes: int = LANES,
) -> Pushed:
    """Send what waits; end once nothing is due, the connection pauses, ``stop`` is true, or ``seconds`` are over.

    With one lane, all of it is done by this thread.
    """
    clock = clock or WallClock()
    with pushing(connection.id) as is_free:
        if not is_free:
            return Pushed(is_busy=True)
        free_claims(connection.id)
        ends = None if seconds is None else clock.now() + seconds
        client = PacedClient(connection, clock, transport, stop, size=lanes)
        try:
            work = _Push(client, lambda: stop() or (ends is not None and clock.now() >= ends))
            return work.run(lanes)
        finally:
            client.client.close()


class _Push:
    def __init__(self, client: PacedClient, stop: Callable[[], bool]) -> None:
        self._client, self._stop = client, stop
        self._connection, self._clock = client.connection, client.clock
        self._courses = list_connected_courses(self._connection.id)
        self._pushed = Pushed()
        self._lock = threading.Lock()
        self._good_until = 0.0

    def run(self, lanes: int) -> Pushed:
        condition = find_condition(self._connection.id)
        if condition.is_paused(self._clock.now()):
            return self._pushed
        if condition.failures:
            # one call shows whether the LMS is back
            self._round(1)
        if lanes == 1:
            self._work()
        else:
            with ThreadPoolExecutor(lanes, "lms") as threads:
                for done in [threads.submit(self._work_alone) for _ in range(lanes)]:
                    done.result()
        return self._pushed

    def _is_over(self) -> bool:
        return self._pushed.problem is not None or self._stop()

    def _work_alone(self) -> None:
        """Work in a thread of its own, with its own connection to the database."""
        try:
            self._work()
        finally:
            database.close()

    def _work(self) -> None:
        while self._round(1 if self._client.seconds else _BATCH):
            pass

    def _round(self, size: int) -> bool:
        """Take rows in hand, and record what became of them; return False if there is nothing more to do."""
        if self._is_over() or not is_any_due(self._connection.id, self._clock.now()):
            return False
        try:
            self._client.wait()
        except Stopped:
            return False
        if self._is_over():
            return False
        rows = claim_rows(self._connection.id, self._clock.now(), size)
        began, outcomes = self._clock.now(), []
        for row in rows:
            is_late = self._clock.now() - began > _STALE_SECONDS and row is not rows[0]
            outcomes.append(_left(row) if is_late or self._is_over() else self._attend(row))
        keep_outcomes(self._connection.id, outcomes)
        with self._lock:
            self._pushed.states.update(outcome.state for outcome in outcomes)
            self._pushed.sent += sum(outcome.was_sent for outcome in outcomes)
        return bool(rows)

    def _attend(self, row: Claimed) -> Outcome:
        """Make the calls that a row needs. The time of the first was waited for; behind each pause it is read again."""
        known, was_sent, is_first = row.known, False, True
        for _ in range(_MAX_CALLS):
            step = decide_call(row.target, known)
            if isinstance(step, Call) and self._client.seconds and not is_first:
                try:
                    self._client.wait()
                except Stopped:
                    return _left(row, known, was_sent)
                row = read_claimed(row.id)
                step = decide_call(row.target, known)
            is_first = False
            if isinstance(step, Done):
                return Outcome(row, _completed(row, known, step), step.state, was_sent=was_sent)
            result = learn(known, step, self._client.client.send(step, self._courses[row.course_id], row.operation))
            if isinstance(result, Problem):
                return self._failed(row, known, step, result, was_sent)
            self._record_good()
            was_sent |= step.do in CHANGING
            if isinstance(result, Rejected):
                known = replace(known, is_unsure=False, confirmed=None)
                return Outcome(row, known, RowState.REJECTED, result.words, was_sent=was_sent)
            known = result
        return self._failed(row, known, step, Problem(ProblemKind.BROKEN, "the LMS contradicts itself"), was_sent)

    def _failed(self, row: Claimed, known: Known, step: Call | Done, problem: Problem, was_sent: bool) -> Outcome:
        now = self._clock.now()
        is_broken = problem.kind is ProblemKind.BROKEN
        with self._lock:
            self._good_until = 0.0
            if record_problem(self._connection.id, problem, now):
                self._pushed.problem = self._pushed.problem or problem
        if is_broken and isinstance(step, Call) and step.do in CHANGING:
            known = replace(known, is_unsure=True)
        tries = row.tries + is_broken
        next_try = now + pause_after(tries) if is_broken else 0.0
        return Outcome(row, known, RowState.WAITING, problem.words, tries, next_try, was_sent)

    def _record_good(self) -> None:
        """Record that the LMS answers, at once after a problem, and else now and then."""
        now = self._clock.now()
        with self._lock:
            if now < self._good_until:
                return
            self._good_until = now + _GOOD_SECONDS
        record_good(self._connection.id, now)


def _left(row: Claimed, known: Known | None = None, was_sent: bool = False) -> Outcome:
    """Return the outcome of a row that is left for later."""
    return Outcome(row, known or row.known, RowState.WAITING, None, row.tries, 0.0, was_sent)


def _completed(row: Claimed, known: Known, done: Done) -> Known:
    """Return what is known of a row that is done: of what is wanted, it is confirmed."""
    if done.state is RowState.ABSENT:
        return replace(known, is_unsure=False, confirmed=None)
    match row.target.wanted:
        case Wanted.ENROLLED:
            confirmed: Seat | None = Seat(row.target.mode, True)
        case Wanted.ENDED:
            before = known.seat or known.confirmed
            confirmed = Seat(before.mode if before else None, False)
        case _:
            confirmed = known.confirmed
    return replace(known, is_unsure=False, confirmed=confirmed)
