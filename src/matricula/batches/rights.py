"""Who may have a job done, cancel it, and see what it read or wrote."""

from matricula.access.permissions import READ_ENROLLMENTS, WRITE_ENROLLMENTS, Permission
from matricula.access.permits import Permit
from matricula.access.reads import find_caller_by_account, find_program_caller_by_account
from matricula.batches.kinds import UNDO, find_kind
from matricula.catalog.reads import get_courses, program_keys
from matricula.jobs.reads import JobStatus


def permit_of_job(job: JobStatus) -> Permit | None:
    """What the one who started it must still be allowed to do; None: it was started from the shell.

    The token or the session with which it was started may end: the job goes on.
    """
    if job.actor_id is None:
        return None
    if job.program_id is None:
        # what is taken back of several course runs or programs is for operators
        is_operator = job.course_id is None and find_kind(job) is UNDO
        return Permit(job.actor_id, course_id=job.course_id, is_operator=is_operator)
    return Permit(job.actor_id, program_id=job.program_id, permission=_permission(job))


def _permission(job: JobStatus) -> Permission | None:
    """The one on the program, of a download or a batch."""
    kind = find_kind(job)
    return kind.permission if kind else READ_ENROLLMENTS


def may_cancel(account_id: int, job: JobStatus) -> bool:
    """True for operators, for the owner of what only reads, and for those who may write now where the job writes."""
    found = find_program_caller_by_account(account_id, None)
    if found is None:
        return False
    if found[0].is_superuser:
        return True
    if job.only_reads:
        return job.actor_id == account_id
    return _may_write(account_id, job)


def may_read_about(account_id: int, course_id: int | None, program_id: int | None) -> bool:
    """True for those who see plans and operations about a course run or a program; about neither: for operators."""
    return _may(account_id, course_id, program_id, READ_ENROLLMENTS)


def may_write_about(account_id: int, course_id: int | None, program_id: int | None) -> bool:
    """True for those who plan, approve, apply and undo there."""
    return _may(account_id, course_id, program_id, WRITE_ENROLLMENTS)


def _may(account_id: int, course_id: int | None, program_id: int | None, permission: Permission) -> bool:
    found = find_program_caller_by_account(account_id, None)
    if found is None:
        return False
    if found[0].is_superuser:
        return True
    if program_id is not None:
        return _holds(account_id, program_id, permission)
    return course_id is not None and _manages(account_id, course_id)


def may_see_contents(account_id: int, job: JobStatus) -> bool:
    """True for those who may read all jobs, and for the owner while they may read what the job is about: someone who
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
        return _holds(account_id, job.program_id, READ_ENROLLMENTS)
    return job.course_id is None or _manages(account_id, job.course_id)


def _may_write(account_id: int, job: JobStatus) -> bool:
    if job.program_id is not None:
        return _holds(account_id, job.program_id, _permission(job))
    # of all course runs and programs: for operators
    return job.course_id is not None and _manages(account_id, job.course_id)


def _holds(account_id: int, program_id: int, permission: Permission | None) -> bool:
    found = find_program_caller_by_account(account_id, program_keys([program_id])[program_id])
    return found is not None and found[1] is not None and permission in found[1].permissions


def _manages(account_id: int, course_id: int) -> bool:
    found = find_caller_by_account(account_id, get_courses([course_id])[course_id].key)
    return found is not None and found[1] is not None and found[1].may_manage
