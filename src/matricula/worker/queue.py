"""The queue, for workers that lose a task to another one: frozen, or cut off, and taken for dead."""

import structlog
from procrastinate import jobs
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException, UniqueViolation
from procrastinate.manager import JobManager
from psycopg.errors import RaiseException

_log = structlog.get_logger("matricula.worker")


class TaskManager(JobManager):
    """The queue's own, but what has changed about a task meanwhile is a line in the log, not an error."""

    async def finish_job(self, job: jobs.Job, status: jobs.Status, delete_job: bool) -> None:
        """Set a task to its final state, unless another worker has done that."""
        try:
            await super().finish_job(job, status, delete_job)
        except ConnectorException as error:
            _report_if_taken(job, error)

    async def retry_job(self, job: jobs.Job, *arguments: object, **named: object) -> None:
        """Queue a task again, unless another worker has ended it, or one like it is waiting already."""
        try:
            await super().retry_job(job, *arguments, **named)  # type: ignore[arg-type]
        except (UniqueViolation, AlreadyEnqueued):
            await self.finish_job(job, jobs.Status.ABORTED, delete_job=True)
        except ConnectorException as error:
            _report_if_taken(job, error)


def _report_if_taken(job: jobs.Job, error: ConnectorException) -> None:
    # the queue's functions raise this for a task that is gone, or that has ended
    if not isinstance(error.__cause__, RaiseException):
        raise error
    _log.warning("task_taken_away", task=job.task_name, job=job.id)
