"""Reading from a streaming replica (DATABASE_REPLICA_URL): whether it may be used now, and how.

Within ``read``, this thread's database connection is one to the replica, so no reading code knows of it; only what must
not be late (rights) or has to be written (disclosures, days of a roster) asks for ``on_primary``.

How far the replica is behind is measured by a thread of each process, once a second, by positions in the log and not by
times of transactions, which say nothing while no one writes: all is there that had been written at the moment whose
position the replica has passed. Requests only look at what was measured, and wait for nothing.
"""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import wraps
from typing import Any, NamedTuple, ParamSpec, TypeVar

import structlog
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections

T = TypeVar("T")
P = ParamSpec("P")
REPLICA = "replica"
"""The name of its entry in ``DATABASES``."""
PERIOD_SECONDS = 1.0
# one that can't be used is looked at again after so long
PAUSE_SECONDS = 5.0
# what was measured before says nothing any more: the measuring itself hangs
_STALE_SECONDS = 5.0
_now = time.monotonic
_log = structlog.get_logger("matricula.replica")
_PRIMARY = "select (pg_current_wal_insert_lsn() - '0/0')::bigint, matricula_server()"
_PLACE = """
select pg_is_in_recovery(), (case when pg_is_in_recovery() then pg_last_wal_replay_lsn() - '0/0' end)::bigint,
    pg_snapshot_xmin(pg_current_snapshot())::text::bigint, matricula_server()
"""
_primary: ContextVar[Any] = ContextVar("primary", default=None)


class Measured(NamedTuple):
    """What was measured. ``lag``: seconds; None: not known yet. ``xmin``: all transactions below it are there."""

    lag: float | None
    xmin: int = 0
    problem: str | None = None


class _Watch:
    """What is known about the replica in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        # (moment, position of the primary then), the oldest first
        self._positions: deque[tuple[float, int]] = deque(maxlen=10_000)
        self.measured: Measured | None = None
        self._at = 0.0
        # how many reads went where
        self.reads: Counter[str] = Counter()

    def begin(self) -> None:
        """Start measuring, once in a process."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="replica", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            found = self.measure()
            time.sleep(PERIOD_SECONDS if found.problem is None else PAUSE_SECONDS)

    def measure(self) -> Measured:
        """Ask both servers, and keep what they say."""
        try:
            found = self._ask()
        except (DatabaseError, InterfaceError) as error:
            found = Measured(None, problem=f"it doesn't respond ({type(error).__name__})")
            for alias in (DEFAULT_DB_ALIAS, REPLICA):
                with suppress(DatabaseError, InterfaceError):
                    connections[alias].close()
        self._keep(found)
        return found

    def fail(self, error: Exception) -> None:
        """A read failed there: don't use it until it has been measured again."""
        self.reads["failed"] += 1
        self._keep(Measured(None, problem=f"a read failed ({type(error.__cause__ or error).__name__})"))

    def usable(self) -> Measured | None:
        """What was measured, if the replica may be used."""
        found = self.measured
        if found is None or found.problem is not None or found.lag is None:
            return None
        if _now() - self._at > _STALE_SECONDS or found.lag > settings.ENVIRONMENT.replica_lag_seconds:
            return None
        return found

    def _ask(self) -> Measured:
        now = _now()
        position, server = _row(DEFAULT_DB_ALIAS, _PRIMARY)
        is_replica, reached, xmin, other = _row(REPLICA, _PLACE)
        if not is_replica:
            return Measured(None, problem="the server isn't a replica: it takes writes itself")
        if 0 not in (server, other) and server != other:
            return Measured(None, problem="it is a replica of another server")
        if self._positions and position < self._positions[-1][1]:
            # another server has taken over, or an earlier state was restored
            self._positions.clear()
        self._positions.append((now, position))
        passed = None
        while self._positions and self._positions[0][1] <= reached:
            passed = self._positions.popleft()
        if passed is not None:
            # the last that was passed goes on counting
            self._positions.appendleft(passed)
            return Measured(now - passed[0], xmin)
        # at least since the oldest that it hasn't passed; how long before, no one has seen
        behind = now - self._positions[0][0]
        return Measured(behind if behind > settings.ENVIRONMENT.replica_lag_seconds else None, xmin)

    def _keep(self, found: Measured) -> None:
        before, self.measured, self._at = self.measured, found, _now()
        if found.problem != (before and before.problem):
            if found.problem:
                _log.warning("replica_not_used", problem=found.problem)
            elif before is not None:
                _log.info("replica_used_again")


_watch = _Watch()


def has_replica() -> bool:
    """Return whether a replica is configured."""
    return REPLICA in connections.settings


def usable() -> Measured | None:
    """Return what was measured last, if the replica may be used now; the first call begins the measuring."""
    if not has_replica() or _primary.get() is not None or connections[DEFAULT_DB_ALIAS].in_atomic_block:
        return None
    _watch.begin()
    return _watch.usable()


def measured() -> Measured | None:
    """Return what was measured last in this process; None: nothing, or there is no replica."""
    return _watch.measured if has_replica() else None


def measure() -> Measured:
    """Measure now."""
    return _watch.measure()


def reads() -> dict[str, int]:
    """Return how many reads of this process went to the replica, to the primary though the replica could have been
    used, and how many failed on the replica (and were done on the primary).
    """
    return dict(_watch.reads)


def count_read(where: str) -> None:
    """Count a read."""
    _watch.reads[where] += 1


def read(function: Callable[[], T]) -> T:
    """What the function returns, reading from the replica; if that fails there, from the primary."""
    try:
        with _on_replica():
            answer = function()
    except (DatabaseError, InterfaceError) as error:
        _watch.fail(error)
        return function()
    count_read(REPLICA)
    return answer


def read_blocks(blocks: Generator[T, None, Any]) -> Generator[T, None, Any]:
    """The blocks, each read from the replica."""
    count_read(REPLICA)
    return _blocks(blocks)


def as_begun(blocks: Generator[T, None, Any]) -> Generator[T, None, Any]:
    """The blocks of an answer that is streamed later: within ``read``, they are read from the replica then, too."""
    return blocks if _primary.get() is None else _blocks(blocks)


@contextmanager
def on_primary() -> Iterator[None]:
    """Within, the connection is that to the primary, also within ``read``."""
    primary = _primary.get()
    if primary is None:
        yield
        return
    with _connected_to(primary, None):
        yield


def from_primary(function: Callable[P, T]) -> Callable[P, T]:
    """A function that always reads from the primary: what it finds must not be late."""

    @wraps(function)
    def reading(*args: P.args, **kwargs: P.kwargs) -> T:
        with on_primary():
            return function(*args, **kwargs)

    return reading


@contextmanager
def _on_replica() -> Iterator[None]:
    with _connected_to(_living_replica(), connections[DEFAULT_DB_ALIAS]):
        yield


@contextmanager
def _connected_to(wrapper: Any, primary: Any) -> Iterator[None]:
    """Within, the default connection of this thread is another one; ``primary``: the one that ``on_primary`` gives."""
    before = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = wrapper
    token = _primary.set(primary)
    try:
        yield
    finally:
        _primary.reset(token)
        connections[DEFAULT_DB_ALIAS] = before


def _living_replica() -> Any:
    replica = connections[REPLICA]
    if replica.connection is not None and not replica.is_usable():
        replica.close()
    replica.ensure_connection()
    return replica


def _blocks(blocks: Generator[T, None, Any]) -> Generator[T, None, Any]:
    replica = _living_replica()
    try:
        while True:
            with _connected_to(replica, connections[DEFAULT_DB_ALIAS]):
                try:
                    block = next(blocks)
                except StopIteration as end:
                    return end.value
            yield block
    finally:
        # what a generator does at its end, it does on the connection on which it began
        with _connected_to(replica, connections[DEFAULT_DB_ALIAS]):
            blocks.close()


def _row(alias: str, query: str) -> Any:
    connection = connections[alias]
    if connection.connection is not None and not connection.is_usable():
        connection.close()
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()
