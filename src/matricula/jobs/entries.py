"""The journal entries of jobs: started, ended, canceled."""

from matricula.jobs.models import Job
from matricula.jobs.statuses import CHECKED, READ_KINDS
from matricula.journal.states import JobState
from matricula.journal.statuses import Subject
from matricula.journal.writes import Entry, Operation, entry_about

STARTED, ENDED = "started", "ended"


def is_shown(kind: str) -> bool:
    """True for jobs that write. A download or a check changes nothing, and is its owner's alone."""
    return kind not in READ_KINDS and kind not in CHECKED


def job_entry(operation: Operation, job: Job, transition: str, before: JobState | None) -> Entry:
    """Return one step of a job, from ``before`` to how it is now."""
    shown = is_shown(job.kind)
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
