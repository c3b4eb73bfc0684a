"""The journal entries of jobs: started, ended, canceled."""

from matricula.jobs.models import Job
from matricula.jobs.reads import job_status
from matricula.journal.states import JobState
from matricula.journal.statuses import OperationKind, Source, Subject
from matricula.journal.writes import Entry, Operation, entry_about

STARTED, ENDED = "started", "ended"


def job_entry(operation: Operation, job: Job, transition: str, before: JobState | None) -> Entry:
    """Return one step of a job, from ``before`` to how it is now."""
    # a download or a check is its owner's alone: it is in no history of a course run or a program
    shown = not job_status(job).only_reads
    return entry_about(
        operation,
        Subject.JOB,
        transition,
        before,
        job_state(job),
        course_id=job.course_id if shown else None,
        program_id=job.program_id if shown else None,
    )


def job_state(job: Job) -> JobState:
    """Return a job as the journal keeps it."""
    return JobState(job_id=str(job.pk), kind=job.kind, state=job.state, done=job.done, total=job.total)


def own_operation(job: Job) -> Operation:
    """Return the operation of a job, as its entries name it; its row was written when the job started."""
    return Operation(
        job.pk, job.actor_id, Source(job.source), job.options.get("reason"), OperationKind.TASK, job_id=job.pk
    )
