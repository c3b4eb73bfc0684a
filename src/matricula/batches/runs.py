"""From a request to its outcomes: stored as a job, looked at or written chunk by chunk, reported row by row."""

import uuid
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator
from functools import partial
from itertools import count
from typing import Any

from msgspec.structs import replace

from matricula.batches import values
from matricula.batches.engine import is_large, planner_of, run_slices, writer_of
from matricula.batches.kinds import get_kind, operation_of
from matricula.batches.plans.notifying import notify_if_held
from matricula.batches.plans.numbers import count_plan
from matricula.batches.stored import (
    AnyKind,
    find_outcomes,
    keep_outcomes,
    keep_planned,
    keep_rows,
    list_outcomes,
    lock_next_rows,
    options_of,
    read_chunk,
    read_chunks,
    stored_options,
)
from matricula.batches.values import (
    Described,
    Options,
    Rejected,
    ResultFile,
    count_words,
    outcomes_of,
    requests_of,
)
from matricula.catalog.reads import CourseRun, ProgramFacts
from matricula.foundation.files import StorageFailed, write_file
from matricula.foundation.transactions import one_transaction
from matricula.jobs.downloads import finish_with_file, result_name
from matricula.jobs.limits import lock_jobs_of
from matricula.jobs.quota import within_quota
from matricula.jobs.reads import JobStatus, get_job
from matricula.jobs.statuses import UNFINISHED
from matricula.jobs.writes import add_job, complete_job, queue_job, record_start, update_job
from matricula.journal.statuses import Source
from matricula.journal.writes import record_operation
from matricula.tabular.office import OfficeFile
from matricula.tabular.reading import Table, TableFile
from matricula.tabular.writing import table_lines

_MOST_UNUSED = 20
# rows, and what is said once for all of them
Given = Callable[[], tuple[Iterable[Any], Options]]


def start_batch(
    kind: AnyKind, about: Any, rows: Iterable[Any], options: Options, *, actor_id: int | None, source: Source
) -> uuid.UUID:
    """Stores the requested changes as a job and queues it. Errors: ``TooManyJobs``, ``WriteUnfinished``."""
    with one_transaction():
        if actor_id is not None:
            lock_jobs_of(actor_id)
        job_id = _add_batch(kind, about, given_rows(rows, options), actor_id, source)
        queue_job(job_id)
    return job_id


def start_batch_of_file(
    kind: AnyKind, about: Any, file: TableFile, options: Options, *, actor_id: int | None, source: Source
) -> uuid.UUID:
    """As ``start_batch``; errors, then: ``TabularError`` with the row, and nothing is stored."""
    with one_transaction():
        job_id = store_batch_of_file(kind, about, file, options, actor_id=actor_id, source=source)
        queue_job(job_id)
    return job_id


def store_batch_of_file(
    kind: AnyKind, about: Any, file: TableFile, options: Options, *, actor_id: int | None, source: Source
) -> uuid.UUID:
    """As ``start_batch_of_file``, for the caller to run; a worker takes it over once it has not moved for a minute."""
    return _add_batch(kind, about, rows_of_file(kind, about, file, options), actor_id, source)


def store_check(kind: AnyKind, about: Any, given: "Given", *, actor_id: int | None, source: Source) -> uuid.UUID:
    """Stores a job that looks at what the rows would do, for the caller to run. Errors: ``TooManyJobs``; of a file,
    ``TabularError`` with the row, and nothing is stored.
    """
    # a plan shows the rows as they are in the file
    return add_check(kind, about, partial(_keep_given, keep_rows, kind, given), actor_id=actor_id, source=source)


def add_check(
    kind: AnyKind,
    about: Any,
    store: "Callable[[uuid.UUID], tuple[int, Options]]",
    *,
    actor_id: int | None,
    source: Source,
) -> uuid.UUID:
    """As ``store_check``: ``store`` keeps the rows of the job, and returns how many they are and their options."""
    assert kind.check is not None  # noqa: S101  the caller's promise
    return _add(kind, kind.check, about, store, actor_id, source)


def given_rows(rows: Iterable[Any], options: Options) -> "Given":
    """What a list of rows asks for."""
    return lambda: (rows, options)


def rows_of_file(kind: AnyKind, about: Any, file: TableFile, options: Options) -> "Given":
    """What a file asks for; it is read when it is stored. Errors, then: ``TabularError``."""
    return partial(_parsed, kind, about, file, options)


def _parsed(kind: AnyKind, about: Any, file: TableFile, options: Options) -> tuple[Iterable[Any], Options]:
    parsed = kind.parse(file, about, options)
    return requests_of(parsed, parsed.rows), with_header(parsed.options, parsed.table, file)


def with_header(options: Options, table: Table, file: TableFile) -> Options:
    """What a person's file was understood as is kept, for those who review it."""
    if not isinstance(file, OfficeFile):
        return options
    return replace(
        options,
        understood=tuple(table.understood.items()) or None,
        unused=table.unused[:_MOST_UNUSED] or None,
        sheet=file.sheet,
    )


def _add_batch(kind: AnyKind, about: Any, given: Given, actor_id: int | None, source: Source) -> uuid.UUID:
    assert kind.keep is not None  # noqa: S101  no kind without it comes here
    return _add(kind, kind.job, about, partial(_keep_given, kind.keep, kind, given), actor_id, source)


def _keep_given(
    keep: Callable[[uuid.UUID, Iterable[Any], AnyKind], int], kind: AnyKind, given: Given, job_id: uuid.UUID
) -> tuple[int, Options]:
    rows, options = given()
    return keep(job_id, rows, kind), options


def _add(
    kind: AnyKind,
    job_kind: str,
    about: Any,
    store: Callable[[uuid.UUID], tuple[int, Options]],
    actor_id: int | None,
    source: Source,
) -> uuid.UUID:
    with one_transaction():
        job_id = add_job(
            job_kind,
            actor_id=actor_id,
            source=source,
            course_id=about.id if isinstance(about, CourseRun) else None,
            program_id=about.id if isinstance(about, ProgramFacts) else None,
            options={},
        )
        rows, options = store(job_id)
        update_job(job_id, total=rows, options=stored_options(options))
        operation = operation_of(get_job(job_id))
        if job_kind == kind.check:
            record_operation(operation)
        else:
            record_start(operation)
    return job_id


def run_few(job_id: uuid.UUID) -> None:
    """Does a job that has the rows of one chunk; hands more to the worker. What a kill leaves is the worker's."""
    if get_job(job_id).total > values.CHUNK:
        queue_job(job_id)
        return
    try:
        run_here(job_id)
    except StorageFailed:
        # the rows are written; the worker tries the file again, and says so where it can't
        queue_job(job_id)


def run_here(job_id: uuid.UUID, progress: Callable[[int], None] = lambda _: None) -> JobStatus:
    """Carries a job out here and now, beside a worker that may take part; the job as it ended.

    ``progress`` gets how many rows are done. A caller that is killed leaves the rest to the worker.
    """
    job = get_job(job_id)
    if is_large(job):
        run_slices(job, progress=lambda: progress(get_job(job_id).done))
    else:
        while run_chunk(job):
            progress(get_job(job_id).done)
    finish(job)
    return get_job(job_id)


def run(job: JobStatus, stop: Callable[[], bool]) -> bool:
    """Does what is left of a job; False if ``stop`` came true before its end."""
    if is_large(job):
        asked = count()
        # one slice is written in any case, as one chunk is: a job whose workers are stopped each time moves on
        if not run_slices(job, lambda: next(asked) > 0 and stop()):
            return False
    else:
        while run_chunk(job):
            if stop():
                return False
    finish(job)
    return True


def run_chunk(job: JobStatus) -> bool:
    """Looks at, or writes, the next chunk, its outcomes with it, in one transaction; False once none is left."""
    kind = get_kind(job)
    with one_transaction():
        chunk = lock_next_rows(job, kind)
        if chunk is None:
            return False
        if job.kind == kind.check:
            planned = outcomes_of(chunk.rows, planner_of(job))
            counts = count_words(preview and preview.outcome for preview in planned)
            keep_planned(job.id, kind, chunk, planned, counts)
        else:
            outcomes = outcomes_of(chunk.rows, writer_of(job))
            keep_outcomes(job.id, chunk, outcomes, count_words(outcomes, chunk.rows))
    return True


def finish(job: JobStatus) -> None:
    """Writes the result file of a job whose chunks are done, where its kind has one, and completes it."""
    job, kind = get_job(job.id), get_kind(job)
    result = kind.result
    if job.state not in UNFINISHED:
        return
    if job.kind == kind.check:
        with one_transaction():
            count_plan(job.id)
            if complete_job(job.id):
                notify_if_held(job.id)
        return
    if result is None:
        complete_job(job.id)
        return
    options, name = options_of(job, kind), result_name(job.id, "csv")
    counts = Counter[str]()
    told = _told_of_upload(job, kind, result, counts) if _was_held(job) else list_outcomes(job, kind)
    cells = (result.cells(options, row, outcome) for row, outcome in told)
    write_file(name, within_quota(job, table_lines(kind.columns(options), cells)))
    finish_with_file(job.id, name, result.code(counts if _was_held(job) else job.counts))


def _was_held(job: JobStatus) -> bool:
    """True for an upload that got the rows of its plan once that was approved."""
    return job.source is Source.UPLOAD and bool(job.options.get("plan"))


def _told_of_upload(
    job: JobStatus, kind: AnyKind, result: ResultFile[Any, Any, Any], counts: Counter[str]
) -> Iterator[tuple[Any, Any]]:
    """All rows that were uploaded, with what the result says of each; counted by its words."""
    for planned in read_chunks(uuid.UUID(job.options["plan"]), kind):
        written = read_chunk(job.id, kind, planned.number)
        assert written is not None  # noqa: S101  it was made of the planned one
        for row, foreseen, became in zip(planned.rows, planned.outcomes, written.outcomes, strict=True):
            outcome = result.of_plan(foreseen, became)
            counts[outcome.word] += 1
            yield row, outcome


def list_rejected(job: JobStatus) -> Iterator[Described]:
    """The rows of a job that were rejected, in words, in order. Words cost something: the others get none."""
    kind = get_kind(job)
    words = {values.ERROR, *kind.rejected}
    told = ((row, outcome) for row, outcome in list_outcomes(job, kind) if outcome is None or outcome.word in words)
    yield from (row for row in _described(job, kind, told) if row.rejection)


def find_described(job: JobStatus, words: Container[str] | None, offset: int, limit: int) -> list[Described]:
    """A page of the rows of a job that are done, in words, in order: those that ended with one of the ``words``; None:
    with any.
    """
    kind = get_kind(job)
    return [*_described(job, kind, find_outcomes(job, kind, words, offset, limit))]


def _described(job: JobStatus, kind: AnyKind, told: Iterable[tuple[Any, Any]]) -> Iterator[Described]:
    is_check, rejected = job.kind == kind.check, kind.words().get(values.ERROR, values.ERROR)
    for row, outcome in told:
        if isinstance(row, Rejected):
            who = values.first_cell(row.cells)
            yield Described(row.number, who, values.ERROR, rejected, "", "", row.reason, row.cells)
        else:
            yield kind.describe(row, outcome, is_check)
