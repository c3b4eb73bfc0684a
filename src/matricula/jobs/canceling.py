"""Canceling a job: who asks must have the right at that moment, and the journal keeps who it was."""

import uuid
from collections.abc import Callable

from django.utils import timezone

from matricula.foundation.transactions import one_transaction
from matricula.jobs.entries import job_entry, job_state
from matricula.jobs.models import Job
from matricula.jobs.reads import JobStatus, job_status
from matricula.jobs.slices import count_last_slices
from matricula.jobs.statuses import CANCELED, UNFINISHED
from matricula.journal.writes import Operation, add_entries, end_operation


class CancelRejected(Exception):
    """Who asked may not cancel this job."""


def cancel_job(job_id: uuid.UUID, operation: Operation, *, may: Callable[[JobStatus], bool]) -> bool:
    """Ends a job at the chunk it is at: chunks that are done stay. False if it had ended already.

    ``may`` is asked in the transaction that ends the job. Errors: ``CancelRejected``, and nothing is changed.
    """
    with one_transaction():
        job = Job.objects.select_for_update().get(pk=job_id)
        status = job_status(job)
        if not may(status):
            raise CancelRejected
        if job.state not in UNFINISHED:
            return False
        count_last_slices(job)
        before = job_state(job)
        job.state, job.file_bytes, job.updated = CANCELED, 0, timezone.now()
        job.save(update_fields=["state", "file_bytes", "updated"])
        add_entries(operation, [job_entry(operation, job, CANCELED, before)])
        end_operation(job.pk)
    return True
