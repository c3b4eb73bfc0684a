"""Metrics that are read from the database when they are asked for: they are the same whichever machine is asked.

Each group is a few statements over small or indexed tables. A group that fails leaves the others alone.
"""

import platform
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from importlib.metadata import version

import structlog
from django.db import DatabaseError
from django.utils import timezone
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric

from matricula.connections.reads import list_connections
from matricula.connectors.open_edx.reads import list_connection_statuses
from matricula.feed.webhooks.reads import count_webhooks
from matricula.foundation.database import fetch_all
from matricula.foundation.postgresql.replicas import has_replica
from matricula.foundation.postgresql.replicas import measured as find_measured
from matricula.foundation.postgresql.replicas import usable as find_usable
from matricula.history.seals.reads import find_lateness
from matricula.jobs.reads import count_by_kind, find_oldest_waiting
from matricula.journal.records import JournalElsewhere, PositionAhead, held_back_since
from matricula.monitoring.readiness import DATABASE, Checks, check_readiness, limit_statements
from matricula.notices.reads import count_mails
from matricula.tallies.counts import CHANGES, MAILS, list_counts
from matricula.worker.reads import count_workers, list_queues

_STATEMENT_SECONDS = 3
# a delivery that has waited for longer than one takes
_BEHIND = timedelta(minutes=1)
_CONNECTIONS = """
select coalesce(state, 'unknown'), count(*) from pg_stat_activity
where datname = current_database() and backend_type = 'client backend' group by 1
"""
_MOST = "select current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int"
_log = structlog.get_logger("matricula.monitoring")
Rows = Iterable[tuple[tuple[str, ...], float]]


def read_metrics() -> list[Metric]:
    """Return what the database says about the service; only whether it answers, if it doesn't."""
    checks = check_readiness()
    is_up = checks[DATABASE].problem is None
    metrics = [*known_metrics(is_up=is_up), _readiness(checks)]
    if not is_up:
        return metrics
    failed = {name: float(not _read(name, read, metrics)) for name, read in _READINGS.items()}
    about = "1 if this group of metrics could not be read; it is then missing."
    return [*metrics, _gauges("reading_failed", about, ("reading",), (((name,), n) for name, n in failed.items()))]


def known_metrics(*, is_up: bool) -> list[Metric]:
    """Return what is known without the database."""
    return [_build(), _gauge("database_up", "1 if the database answers.", float(is_up))]


def _read(name: str, read: Callable[[], Iterator[Metric]], into: list[Metric]) -> bool:
    try:
        limit_statements(_STATEMENT_SECONDS)
        into += read()
    except (DatabaseError, JournalElsewhere, PositionAhead) as error:
        _log.warning("reading_failed", reading=name, error=type(error).__name__)
        return False
    return True


# --- One of them ---


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(f"matricula_{name}", about, value=value)


def _gauges(name: str, about: str, labels: tuple[str, ...], rows: Rows) -> Metric:
    family = GaugeMetricFamily(f"matricula_{name}", about, labels=labels)
    for words, value in rows:
        family.add_metric(words, value)
    return family


def _counters(name: str, about: str, labels: tuple[str, ...], rows: Rows) -> Metric:
    family = CounterMetricFamily(f"matricula_{name}", about, labels=labels)
    for words, value in rows:
        family.add_metric(words, value)
    return family


def _age(moment: datetime | None) -> float:
    return max(0.0, (timezone.now() - moment).total_seconds()) if moment else 0.0


# --- The groups ---


def _build() -> Metric:
    facts = {"version": version("matricula"), "python": platform.python_version()}
    return InfoMetricFamily("matricula_build", "What is running here.", value=facts)


def _readiness(checks: Checks) -> Metric:
    rows = [((name,), float(check.problem is None)) for name, check in checks.items()]
    return _gauges("ready", "1 if the check of /health/ready is as it should be.", ("check",), rows)


def _changes() -> Iterator[Metric]:
    yield _counters(
        "changes",
        "Rows written: entries of the audit log, counted when they are sealed, each minute.",
        ("subject", "transition"),
        list_counts(CHANGES).items(),
    )


def _jobs() -> Iterator[Metric]:
    yield _gauges("jobs", "Jobs that are kept, by kind and state.", ("kind", "state"), count_by_kind().items())
    yield _gauge(
        "jobs_oldest_waiting_seconds", "How long the oldest waiting job has waited.", _age(find_oldest_waiting())
    )


def _queues() -> Iterator[Metric]:
    queues = list_queues()
    yield _gauges("workers", "Takers of tasks with a sign of life within the last minute.", (), [((), count_workers())])
    states = [((queue.name, state), float(n)) for queue in queues for state, n in queue.tasks.items()]
    yield _gauges("queue_tasks", "Tasks in a queue: todo, doing, failed.", ("queue", "state"), states)
    ages = [((queue.name,), queue.oldest_seconds) for queue in queues]
    yield _gauges("queue_oldest_seconds", "How long the oldest task that is due has waited.", ("queue",), ages)


def _mails() -> Iterator[Metric]:
    found = count_mails()
    yield _gauges(
        "mails",
        "Mails to be sent: waiting, and those of them that are failing.",
        ("state",),
        [(("waiting",), found.waiting), (("failing",), found.failing)],
    )
    yield _gauge("mails_oldest_due_seconds", "For how long the oldest mail has been due.", _age(found.oldest_due))
    totals = dict.fromkeys(("sent", "failed", "given_up"), 0) | {
        result: total for (_, result), total in list_counts(MAILS).items()
    }
    rows = [((result,), float(total)) for result, total in totals.items()]
    yield _counters(
        "mails_tried", "Attempts to send a mail, by result; given_up: failed for the last time.", ("result",), rows
    )


def _webhooks() -> Iterator[Metric]:
    found = count_webhooks(waiting_for=_BEHIND)
    states = {"working": found.working, "failing": found.failing, "off": found.off, "given_up": found.given_up}
    rows = [((state,), float(count)) for state, count in states.items()]
    yield _gauges("webhooks", "Webhooks by state; given_up: switched off after three days.", ("state",), rows)
    yield _gauge("webhooks_behind", "Webhooks whose delivery has waited for more than a minute.", found.behind)
    oldest = _age(found.oldest_waiting)
    yield _gauge("webhooks_oldest_waiting_seconds", "How long the oldest delivery has waited.", oldest)


def _seals() -> Iterator[Metric]:
    found = find_lateness()
    yield _gauge("seal_age_seconds", "How long ago the last seal was made; 0: there is none.", _age(found.sealed))
    about = "How long the oldest change that could be sealed has waited for it."
    yield _gauge("seal_oldest_waiting_seconds", about, _age(found.unsealed))


def _feed() -> Iterator[Metric]:
    about = "How long the oldest change has waited for an older transaction to end."
    yield _gauge("feed_held_back_seconds", about, _age(held_back_since()))


def _connectors() -> Iterator[Metric]:
    """What the connectors have sent elsewhere, and how they are."""
    names = {connection.id: connection.name for connection in list_connections()}
    statuses = {names[id_]: status for id_, status in list_connection_statuses().items() if id_ in names}
    rows = [
        ((name, state), float(count))
        for name, status in statuses.items()
        for state, count in (
            ("waiting", status.waiting),
            ("sent", status.sent),
            ("confirmed", status.confirmed),
            ("rejected", status.rejected),
        )
    ]
    about = "Enrollments to be had in an LMS: waiting, sent without a confirmation, confirmed, rejected."
    yield _gauges("lms_rows", about, ("connection", "state"), rows)
    differ = [((name,), float(status.differences)) for name, status in statuses.items()]
    yield _gauges("lms_differences", "Differences that the last comparison found.", ("connection",), differ)
    failing = [((name,), float(status.condition.problem is not None)) for name, status in statuses.items()]
    yield _gauges("lms_failing", "1 if the LMS doesn't answer as it should.", ("connection",), failing)
    ages = [((name,), _age(status.condition.last_good)) for name, status in statuses.items()]
    yield _gauges("lms_answer_age_seconds", "How long ago the LMS last answered; 0: never.", ("connection",), ages)


def _replica() -> Iterator[Metric]:
    """As the process that is asked has measured it; nothing without a replica."""
    usable, lags = list[float](), list[float]()
    if has_replica():
        # the first question begins the measuring
        usable = [float(find_usable() is not None)]
        lags = [found.lag for found in (find_measured(),) if found is not None and found.lag is not None]
    yield _gauges("replica_usable", "1 if reads go to the replica.", (), [((), value) for value in usable])
    yield _gauges("replica_lag_seconds", "How far the replica is behind.", (), [((), lag) for lag in lags])


def _connections() -> Iterator[Metric]:
    rows = [((state,), float(count)) for state, count in fetch_all(_CONNECTIONS, [])]
    yield _gauges("database_connections", "Connections to the database, of all programs.", ("state",), rows)
    [(most,)] = fetch_all(_MOST, [])
    yield _gauge("database_connections_most", "How many connections the database server takes.", most)


_READINGS: dict[str, Callable[[], Iterator[Metric]]] = {
    "changes": _changes,
    "jobs": _jobs,
    "queues": _queues,
    "mails": _mails,
    "webhooks": _webhooks,
    "seals": _seals,
    "feed": _feed,
    "connectors": _connectors,
    "replica": _replica,
    "connections": _connections,
}
