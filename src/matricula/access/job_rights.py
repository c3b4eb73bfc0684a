"""Who may cancel a job (section 6 of Contract 1 has no word for it: it is part of the right to write)."""

from matricula.access.permissions import WRITE_ENROLLMENTS
from matricula.access.reads import find_caller_by_account, find_program_caller_by_account
from matricula.catalog.reads import get_courses, program_keys
from matricula.jobs.reads import JobStatus
from matricula.jobs.statuses import CHECKED, READ_KINDS


def may_cancel(account_id: int, job: JobStatus) -> bool:
    """True for operators, for the owner of what only reads, and for those who may write now where the job writes."""
    found = find_program_caller_by_account(account_id, None)
    if found is None:
        return False
    if found[0].is_superuser:
        return True
    if job.kind in READ_KINDS or job.kind in CHECKED:
        return job.actor_id == account_id
    return _may_write(account_id, job)


def _may_write(account_id: int, job: JobStatus) -> bool:
    if job.program_id is not None:
        found = find_program_caller_by_account(account_id, program_keys([job.program_id])[job.program_id])
        return found is not None and found[1] is not None and WRITE_ENROLLMENTS in found[1].permissions
    if job.course_id is not None:
        course = find_caller_by_account(account_id, get_courses([job.course_id])[job.course_id].key)
        return course is not None and course[1] is not None and course[1].may_manage
    # of all course runs and programs: for operators
    return False
