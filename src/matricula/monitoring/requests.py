"""What the processes of one web server count about requests, and how it is written for Prometheus.

Each process counts in files of its own in one folder (prometheus-client's multiprocess mode); the one that is asked
adds them up. Labels are route templates and never paths, which contain people's names; what clients make up is one
word.
"""

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from matricula.foundation.request_ids import known_method

# of prometheus-client; it has to be set before that is imported
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
UNKNOWN, REJECTED = "unknown", "rejected"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


@contextmanager
def counting_folder() -> Iterator[None]:
    """The folder in which the processes that are started within count."""
    with tempfile.TemporaryDirectory(prefix="matricula-metrics-", ignore_cleanup_errors=True) as folder:
        os.environ[FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[FOLDER]


class RequestCounts:
    """What this process counts."""

    def __init__(self) -> None:
        # loaded by those alone who count
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram  # noqa: PLC0415

        self._registry = CollectorRegistry()
        self._requests = Counter(
            "matricula_requests",
            "Requests that were answered; route 'rejected': before it was looked for, as too large or too many.",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "matricula_request_seconds",
            "How long the application worked on a request, without the time that a client takes to send and to read.",
            ["method", "route"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._waiters = Gauge(
            "matricula_feed_waiters",
            "Requests that wait for changes.",
            multiprocess_mode="livesum",
            registry=self._registry,
        )
        # looked up by what they are of: that is quicker than by their labels
        self._ended: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Counts a request that was answered."""
        method = known_method(method)
        name = (method, route, status)
        found = self._ended.get(name)
        if found is None:
            found = self._requests.labels(method, route, str(status)), self._seconds.labels(method, route)
            self._ended[name] = found
        found[0].inc()
        found[1].observe(seconds)

    def count_rejected(self, method: str, status: int) -> None:
        """Counts a request that the application wasn't asked about."""
        self._requests.labels(known_method(method), REJECTED, str(status)).inc()

    def waiting(self, count: int) -> None:
        """So many requests wait for changes now."""
        self._waiters.set(count)

    def metrics(self) -> list[Any]:
        """Return what this process counts."""
        return list(self._registry.collect())

    def render(self, accepted: str, more: Iterable[Any]) -> tuple[str, bytes]:
        """Return content type and text of all metrics: of all processes, and those that are given."""
        from prometheus_client import CollectorRegistry  # noqa: PLC0415
        from prometheus_client.exposition import choose_encoder  # noqa: PLC0415
        from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415

        counted = self._registry
        if FOLDER in os.environ:
            _leave_out_ended(Path(os.environ[FOLDER]))
            MultiProcessCollector(counted := CollectorRegistry())  # type: ignore[no-untyped-call]
        encode, content_type = choose_encoder(accepted)
        return content_type, encode(_Together([*counted.collect(), *more]))


class _Together:
    """Metrics in the form of a registry."""

    def __init__(self, metrics: list[Any]) -> None:
        self._metrics = metrics

    def collect(self) -> list[Any]:
        """All of them."""
        return self._metrics


def _leave_out_ended(folder: Path) -> None:
    """What a process that has ended had open is no longer open; what it counted still counts."""
    from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415

    for file in folder.glob("gauge_live*_*.db"):
        process = int(file.stem.rpartition("_")[2])
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            mark_process_dead(process, str(folder))  # type: ignore[no-untyped-call]
        except PermissionError:
            continue
