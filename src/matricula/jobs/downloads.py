"""Downloads as jobs: rows streamed into a file of the storage (registrar-api: Jobs)."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from matricula.disclosures.links import LinkedFile
from matricula.disclosures.statuses import DisclosureKind
from matricula.disclosures.writes import Contents
from matricula.foundation.files import delete_file, write_file
from matricula.foundation.transactions import RightLost, one_transaction
from matricula.jobs.limits import lock_jobs_of
from matricula.jobs.quota import within_quota
from matricula.jobs.reads import JobStatus, find_job, find_unfinished_download, get_job
from matricula.jobs.writes import begin_job, complete_job, start_job
from matricula.journal.replicas import read_blocks_for
from matricula.journal.statuses import Source
from matricula.tabular.exports import Export

# gives the file, whose blocks return the job's ``text`` at their end
Download = Callable[[JobStatus], Export]
FOLDER = "jobs"
FORMATS = ("json", "csv")
PEOPLE, REASON = "people", "export_reason"
"""In a job's options: how many people its file is about, and why it was asked for."""


class _Stopped(Exception):
    """The worker stops before the file is whole."""


def start_download(
    kind: str,
    *,
    actor_id: int | None,
    source: Source,
    program_id: int | None,
    course_id: int | None = None,
    form: str,
    options: Mapping[str, Any] | None = None,
    reason: str | None = None,
) -> uuid.UUID:
    """Stores a job that writes a file and queues it; ``form``: one of ``FORMATS``, or of those of
    ``tabular.forms``.

    A caller who asks for the same again, while it is unfinished, gets the same job. Errors: ``TooManyJobs``.
    What the caller may see goes into ``options``: it is decided now, not when the worker comes to it.
    """
    wanted = {**(options or {}), "format": form, **({REASON: reason} if reason else {})}
    with one_transaction():
        if actor_id is not None:
            lock_jobs_of(actor_id)
            same = find_unfinished_download(kind, actor_id, program_id=program_id, course_id=course_id, options=wanted)
            if same is not None:
                return same
        return start_job(
            kind, actor_id=actor_id, source=source, course_id=course_id, program_id=program_id, options=wanted
        )


def run_download(job: JobStatus, download: Download, stop: Callable[[], bool]) -> bool:
    """Writes the file and completes the job; False if ``stop`` came true before, and nothing was kept."""
    if not begin_job(job.id):
        return True
    text: str | None = None
    export = download(job)

    def blocks() -> Iterator[bytes]:
        nonlocal text
        source = read_blocks_for(job.actor_id, export.take_blocks())
        while True:
            if stop():
                source.close()
                raise _Stopped
            try:
                block = next(source)
            except StopIteration as end:
                text = end.value
                return
            yield block

    name = result_name(job.id, job.options["format"])
    try:
        write_file(name, within_quota(job, blocks()))
    except _Stopped:
        return False
    # who fetches the file gets that many
    finish_with_file(job.id, name, text, {**job.options, PEOPLE: export.count_people()})
    return True


def result_name(job_id: uuid.UUID, form: str) -> str:
    """The file of a job: its id says nothing about anyone, and a job that is done again replaces its own file."""
    return f"{FOLDER}/{job_id}.{form}"


def linked_result(job: JobStatus) -> LinkedFile:
    """The file of a job that has one, to make links to. It was asked for, or the rows were written, for a reason."""
    people = job.options.get(PEOPLE) if job.only_reads else job.total
    contents = Contents(
        DisclosureKind.JOB_RESULT, job.course_id, job.program_id, job.id, job.result, filters={"job_kind": job.kind}
    )
    return LinkedFile(contents, people, job.options.get(REASON) or job.options.get("reason"))


def job_of_file(name: str) -> JobStatus | None:
    """The job that wrote a file, by the file's name."""
    folder, _, file = name.rpartition("/")
    try:
        return find_job(uuid.UUID(file.partition(".")[0])) if folder == FOLDER else None
    except ValueError:
        return None


def finish_with_file(job_id: uuid.UUID, name: str, text: str | None, options: Mapping[str, Any] | None = None) -> None:
    """Complete a job with its file; that of a job that was canceled meanwhile is not kept. ``options``: the job's,
    with what was found out.

    A job that another worker has completed meanwhile has the same file, and keeps it. Errors: ``RightLost``; the file
    is not kept.
    """
    try:
        found = {} if options is None else {"options": dict(options)}
        kept = complete_job(job_id, result=name, text=text, **found) or get_job(job_id).result == name
    except RightLost:
        delete_file(name)
        raise
    if not kept:
        delete_file(name)
