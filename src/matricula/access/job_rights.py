"""Who may cancel a job, and who may see what it read or wrote."""

from matricula.access.permissions import READ_ENROLLMENTS, WRITE_ENROLLMENTS
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


def may_see_contents(account_id: int, job: JobStatus) -> bool:
    """True for those who may read all jobs, and for the owner while they may read what the job is about: somebody who
    lost a role keeps the job, its state and its counts, and no longer its rows and files.
    """
    found = find_program_caller_by_account(account_id, None)
    if found is None:
        return False
    if found[0].is_superuser or found[0].reads_all_jobs:
        return True
    if job.actor_id != account_id:
        return False
    if job.program_id is not None:
        of_program = find_program_caller_by_account(account_id, program_keys([job.program_id])[job.program_id])
        access = of_program and of_program[1]
        return access is not None and READ_ENROLLMENTS in access.permissions
    if job.course_id is not None:
        of_course = find_caller_by_account(account_id, get_courses([job.course_id])[job.course_id].key)
        return of_course is not None and of_course[1] is not None and of_course[1].may_manage
    return True


def _may_write(account_id: int, job: JobStatus) -> bool:
    if job.program_id is not None:
        found = find_program_caller_by_account(account_id, program_keys([job.program_id])[job.program_id])
        return found is not None and found[1] is not None and WRITE_ENROLLMENTS in found[1].permissions
    if job.course_id is not None:
        course = find_caller_by_account(account_id, get_courses([job.course_id])[job.course_id].key)
        return course is not None and course[1] is not None and course[1].may_manage
    # of all course runs and programs: for operators
    return False
