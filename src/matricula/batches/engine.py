"""Large batches: rows are found and decided set by set, and written in slices by several connections at once.

A slice is one transaction and has people who are in no other slice, so slices may be written in any order and at the
same time, and the rows of each are in the order of the tables' indexes. What can't be written as one of a set is
written by the kind's ``write``, as everything is in small batches; so is a slice in which someone was faster. See
docs/decisions/0029.
"""

import contextvars
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import Any

import msgspec
from django.conf import settings
from django.db import IntegrityError, connection

from matricula.batches import values
from matricula.batches.kinds import get_kind, operation_of
from matricula.batches.stored import (
    coded,
    collect_outcomes,
    form_of,
    hold_chunks,
    int_array,
    options_of,
    read_chunks,
)
from matricula.batches.values import STALE, LeftOut, Previewed, count_words
from matricula.enrollments.store.work import BETWEEN, Changed, Slice
from matricula.foundation.database import execute, fetch_all
from matricula.foundation.statements import read_statements
from matricula.foundation.transactions import acting, one_transaction
from matricula.jobs.reads import JobStatus
from matricula.jobs.slices import count_slices
from matricula.jobs.statuses import UNFINISHED
from matricula.jobs.writes import JobCanceled

# batches of more rows are written in slices
LARGE = 5_000
# people in one transaction: enough that its statements cost little, few enough that no one waits long for them
SLICE = 20_000
_encode = msgspec.json.Encoder().encode


def is_large(job: JobStatus) -> bool:
    """True for a batch that is written in slices: its kind can, and it has more rows than one transaction takes.

    One that was begun in chunks, or whose outcomes were collected, goes on in chunks.
    """
    kind = get_kind(job)
    if job.total <= LARGE or kind.bulk is None:
        return False
    if not kind.bulk.fits(options_of(job, kind), job.kind == kind.check):
        return False
    return _may_be_sliced(job)


def _may_be_sliced(job: JobStatus) -> bool:
    [(may_be,)] = fetch_all(_STATEMENTS["may_be_sliced"](), {"job": job.id})
    return bool(may_be)


def run_slices(
    job: JobStatus,
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[], None] = lambda: None,
    connections: int | None = None,
    size: int = SLICE,
) -> bool:
    """Writes what is left of a large job, or looks at it; False if ``stop`` came true before its end.

    ``progress`` is called after each slice, in whatever thread wrote it. A job that was canceled has ended.
    ``connections``: as many as the settings say. Slices that another process writes are waited for.
    """
    engine = _Engine(job, size)
    with suppress(JobCanceled):
        while engine.prepare():
            if not engine.write_all(stop, progress, connections or settings.ENVIRONMENT.batch_connections):
                return False
            engine.wait_for_others()
    engine.advance()
    with one_transaction():
        collect_outcomes(job, engine.kind)
    return True


def find_stale(job: JobStatus, shown: int = 100) -> tuple[int, list[int]]:
    """How many rows of a job that applies a plan are no longer as the plan saw them, and the places of the first ones.

    In the caller's transaction; nothing is written, but the slices of a large job, which it then begins with.
    """
    if is_large(job):
        return _Engine(job, SLICE).find_stale(shown)
    places: list[int] = []
    place = 0
    for chunk in read_chunks(job.id, get_kind(job)):
        rows = [(place + nth, row) for nth, row in enumerate(chunk.rows, 1) if row is not LeftOut.ROW]
        place += len(chunk.rows)
        places += _stale_places(job, rows)
    return len(places), places[:shown]


def _stale_places(job: JobStatus, rows: Sequence[tuple[int, Any]]) -> list[int]:
    """The places, of (place, row), of those that are no longer as the plan saw them; no row names anyone twice."""
    planned = planner_of(job)([row for _, row in rows])
    return [place for (place, _), preview in zip(rows, planned, strict=True) if preview.outcome.word == STALE]


def writer_of(job: JobStatus) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """What a job does with rows, a few thousand at most: one outcome for each."""
    kind = get_kind(job)
    return partial(kind.write, operation_of(job), kind.about(job), options_of(job, kind))


def planner_of(job: JobStatus) -> Callable[[Sequence[Any]], Sequence[Previewed[Any]]]:
    """What a job that plans says of rows, a few thousand at most at a time; who is named again is rejected."""
    kind = get_kind(job)
    assert kind.preview is not None  # noqa: S101  a kind that can be planned has one
    about, options, named = kind.about(job), options_of(job, kind), dict[Any, int | None]()
    preview = kind.preview
    return lambda rows: preview(about, options, rows, named)


def _without_people(write: Callable[[Sequence[Any]], Sequence[Any]]) -> Callable[[Sequence[Any]], list[Previewed[Any]]]:
    return lambda rows: [Previewed(outcome) for outcome in write(rows)]


_STATEMENTS = read_statements(__file__)
# the numbers of slices that were split: far below those that were looked at one by one from the beginning
_SPLIT_BELOW, _PARTS = -1_000_000, 1_000


class _Engine:
    """One job as this process does it."""

    def __init__(self, job: JobStatus, size: int) -> None:
        self.job, self.kind, self._size = job, get_kind(job), size
        assert self.kind.bulk is not None  # noqa: S101  asked by ``is_large``
        self._bulk, self._form = self.kind.bulk, form_of(self.kind)
        self._about, self._options = self.kind.about(job), options_of(job, self.kind)
        self._is_check = job.kind == self.kind.check
        self._cases: list[Any] = []
        self._outcomes: list[Any] = []
        self._stored_outcomes = ""
        self._texts: list[str] = []

    def prepare(self) -> bool:
        """Finds whom the rows name, and makes the slices, unless another process has; False if none is left to write.

        Errors: ``JobCanceled``.
        """
        with one_transaction():
            hold_chunks(self.job.id)
            [(is_made, is_left)] = self._fetch("is_made")
            if not is_left and (is_made or not _may_be_sliced(self.job)):
                return False
            if not is_made:
                self._make_slices()
                self._hold_job()
        self._decide()
        return True

    def _make_slices(self) -> None:
        self._run("more_memory")
        self._run("drop_asked")
        self._run("make_asked")
        self._fill()
        self._run("analyze_asked")
        self._bulk.resolve(self.job.id, self._about, self._size, values.CHUNK)
        self._run("drop_asked")
        self._run("keep_rejected")

    @property
    def _names_rows(self) -> bool:
        """True for a file that no plan looks at first: a person named twice gets the number of the earlier row."""
        return self._options.file is not None and self.kind.check is None

    def _fill(self) -> None:
        asked = [
            *(["lines"] if self._is_check or self._names_rows else []),
            *(["people"] if self.kind.names_accounts and (self._is_check or self._options.plan) else []),
        ]
        execute(_STATEMENTS["fill_asked"](*asked), {"job": self.job.id})

    def _decide(self) -> None:
        """What becomes of whom, by case: the same rules as for one person, asked once for each case."""
        self._cases, self._outcomes = [], []
        self._texts = [text for (text,) in self._fetch("cases")]
        for number, text in enumerate(self._texts):
            standing, _, ask = text.partition(BETWEEN)
            row = self._form.row("", ask, None, None)
            case, outcome = self._bulk.decide(number, standing, row, self._about, self._options, self._is_check)
            self._cases.append(case)
            self._outcomes.append(outcome)
        self._stored_outcomes = _encode(self._outcomes).decode()

    def find_stale(self, shown: int) -> tuple[int, list[int]]:
        """As the function of this name."""
        self.prepare()
        texts = [text for text, outcome in zip(self._texts, self._outcomes, strict=True) if outcome.word == STALE]
        places = [place for (place,) in self._fetch("stale", texts=texts)]
        for (number,) in self._fetch("others"):
            for rows in self._rows(number):
                places += _stale_places(self.job, rows)
        return len(places), sorted(places)[:shown]

    def write_all(self, stop: Callable[[], bool], progress: Callable[[], None], connections: int) -> bool:
        """Writes slice after slice, several at once; False if ``stop`` came true. Errors: the first of any slice."""
        ended: list[BaseException] = []

        def work() -> bool:
            while not (halted := stop()) and not ended:
                if not self._write_next():
                    break
                progress()
            return not halted

        def work_apart() -> bool:
            try:
                return work()
            except BaseException as error:
                ended.append(error)
                raise
            finally:
                connection.close()

        if connections == 1:
            return work()
        with ThreadPoolExecutor(connections) as threads:
            # what this thread knows, such as for whom it acts
            running = [threads.submit(contextvars.copy_context().run, work_apart) for _ in range(connections)]
        if ended:
            raise ended[0]
        return all(each.result() for each in running)

    def _write_next(self) -> bool:
        """Writes a slice that no one writes, with its outcomes, in one transaction; False if there is none left.

        Errors: ``JobCanceled``, and the slice is not written.
        """
        with one_transaction():
            found = self._fetch("take", "free")
            if not found:
                return False
            [(number,)] = found
            counts = self._write_set(number) if number > 0 else self._write_others(number)
            if counts is not None:
                self._run("keep_counts", slice=number, counts=_encode(counts).decode())
            self._hold_job()
        self.advance(soon=True)
        return True

    def wait_for_others(self) -> None:
        """Returns once a slice that another process holds is written, or left because that process died."""
        with one_transaction():
            self._fetch("take", "held")

    def _hold_job(self) -> None:
        """Until the commit the job can't end. Slices of one that has ended may be collected, and stay as they are."""
        [(is_unfinished,)] = self._fetch("hold_job", unfinished=list(UNFINISHED))
        if not is_unfinished:
            raise JobCanceled

    def advance(self, *, soon: bool = False) -> None:
        """Moves the job on; ``soon``: it is done again after the next slice. In a transaction of its own, since
        the slices that are written at the same time would wait for each other's commit; for no one, since what was
        written counts also where the right to go on is lost meanwhile.
        """
        with acting(None), one_transaction():
            if soon:
                self._run("commit_soon")
            count_slices(self.job.id)

    def _write_set(self, number: int) -> Mapping[str, int] | None:
        """How many rows ended how; None where the slice was split."""
        try:
            with one_transaction():
                rows = dict(self._fetch("keep_set", slice=number, texts=self._texts, outcomes=self._stored_outcomes))
                if not self._is_check:
                    piece = Slice(self.job.id, number)
                    self._bulk.write(operation_of(self.job), self._about, piece, self._cases, rows)
        except (Changed, IntegrityError):
            # someone was faster: who they are is looked at again, one by one, and no slice holds many for long
            self._run("split", slice=number, below=_SPLIT_BELOW - _PARTS * number)
            return None
        counts: Counter[str] = Counter()
        for code, times in rows.items():
            counts[self._outcomes[code].word] += times
        return counts

    def _write_others(self, number: int) -> Mapping[str, int]:
        numbers: list[int] = []
        done: list[Previewed[Any]] = []
        act = planner_of(self.job) if self._is_check else _without_people(writer_of(self.job))
        for chunk in self._rows(number):
            numbers += [place for place, _ in chunk]
            done += act([row for _, row in chunk])
        outcomes = [each.outcome for each in done]
        different, codes = coded(outcomes)
        self._run(
            "keep_others",
            slice=number,
            outcomes=_encode(different).decode(),
            numbers=int_array(numbers),
            codes=int_array(codes),
            held=int_array(each.account_id for each in done),
        )
        return count_words(outcomes)

    def _rows(self, number: int) -> Iterator[list[tuple[int, Any]]]:
        """The rows of a slice, a few thousand at a time: one person's may be many."""
        remaining = iter(self._fetch("rows", slice=number))
        while found := list(islice(remaining, values.CHUNK)):
            yield [
                (place, self._form.row(key, text.partition(BETWEEN)[2], number, reason, person))
                for place, key, text, reason, number, person in found
            ]

    def _fetch(self, name: str, *variant: str, **parameters: Any) -> list[Any]:
        return fetch_all(_STATEMENTS[name](*variant), {"job": self.job.id, **parameters})

    def _run(self, name: str, **parameters: Any) -> None:
        execute(_STATEMENTS[name](), {"job": self.job.id, "chunk": values.CHUNK, **parameters})
