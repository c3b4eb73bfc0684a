"""Jobs whose rows are done here and now, where they are few."""

import uuid
from collections.abc import Callable

from matricula.jobs.reads import JobStatus, get_job
from matricula.jobs.writes import complete_job, queue_job


def work_few_at_once(job_id: uuid.UUID, work: Callable[[JobStatus], bool], *, few: int) -> None:
    """Does a stored job that has at most ``few`` rows, chunk by chunk, and completes it; hands more to the worker.

    A job left over by a kill is the worker's.
    """
    job = get_job(job_id)
    if job.total > few:
        queue_job(job_id)
        return
    while work(job):
        pass
    complete_job(job_id)
