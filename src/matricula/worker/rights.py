"""The right with which a job was started, which each of its steps must still find."""

from matricula.access.permissions import READ_ENROLLMENTS, WRITE_ENROLLMENTS
from matricula.access.permits import Permit
from matricula.jobs.reads import JobStatus
from matricula.jobs.statuses import READ_KINDS


def permit_of_job(job: JobStatus) -> Permit | None:
    """What the one who started it must still be allowed to do; None: it was started from the shell.

    The token or the session with which it was started may end: the job goes on.
    """
    if job.actor_id is None:
        return None
    if job.program_id is None:
        return Permit(job.actor_id, course_id=job.course_id)
    permission = READ_ENROLLMENTS if job.kind in READ_KINDS else WRITE_ENROLLMENTS
    return Permit(job.actor_id, program_id=job.program_id, permission=permission)
