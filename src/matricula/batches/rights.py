"""Who may have a job done, cancel it, and see what it read or wrote."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from matricula.access.permissions import READ_ENROLLMENTS, WRITE_ENROLLMENTS, Permission
from matricula.access.permits import Permit, Permits
from matricula.access.reads import Reach, find_caller_by_account, find_program_caller_by_account
from matricula.access.statuses import Feature
from matricula.batches.kinds import UNDO, find_kind, get_kind
from matricula.batches.plans.reads import PlanStatus
from matricula.batches.stored import options_of
from matricula.batches.undo.rows import list_programs_of_keys
from matricula.batches.undo.values import SUBJECTS
from matricula.catalog.reads import get_courses, program_keys
from matricula.jobs.reads import JobStatus, get_job
from matricula.journal.operations import OperationFacts, list_about, merges_among
from matricula.journal.statuses import Subject

# (course run, None), (None, program), or neither: what is for operators alone
About = tuple[int | None, int | None]
# what is taken back of more of them at once is for operators, since each right is read again with each chunk
_MOST_PARTS = 50


def permit_of_job(job: JobStatus) -> Permit | Permits | None:
    """What the one who started it must still be allowed to do; None: it was started from the shell.

    The token or the session with which it was started may end: the job goes on.
    """
    if job.actor_id is None:
        return None
    if job.program_id is None:
        undone = job.options.get("undo_of") if job.course_id is None and find_kind(job) is UNDO else None
        if undone:
            return permit_about(_parts_of(uuid.UUID(undone)), account_id=job.actor_id)
        return Permit(job.actor_id, course_id=job.course_id)
    return Permit(job.actor_id, program_id=job.program_id, permission=_permission(job))


def permit_about(parts: Sequence[About], features: frozenset[Feature] = frozenset(), **who: Any) -> Permit | Permits:
    """The right to write about each of the parts; ``features``: needed there; ``who``: other fields of ``Permit``."""
    permits = tuple(
        Permit(**who, program_id=program_id, permission=WRITE_ENROLLMENTS, features=features)
        if program_id is not None
        else Permit(**who, course_id=course_id, is_operator=course_id is None)
        for course_id, program_id in parts
    )
    return permits[0] if len(permits) == 1 else Permits(permits)


def parts_of_operations(records: Sequence[OperationFacts]) -> dict[uuid.UUID, list[About]]:
    """What operations are about; where one doesn't say so itself, what it changed that can be undone."""
    silent = [record.id for record in records if record.course_id is None and record.program_id is None]
    merges = merges_among(silent)
    found = list_about([id_ for id_ in silent if id_ not in merges], SUBJECTS) if silent else {}
    of_programs = [record.id for record in records if record.program_id is not None]
    keyed = list_programs_of_keys(of_programs) if of_programs else {}
    return {
        record.id: _own_part(record, keyed.get(record.id, ())) or _parts(found.get(record.id, [])) for record in records
    }


def with_part(record: OperationFacts, parts: Sequence[About]) -> OperationFacts:
    """The operation with the one course run or program that it is about, also where it doesn't say so itself."""
    return replace(record, course_id=parts[0][0], program_id=parts[0][1]) if len(parts) == 1 else record


def parts_of_plan(plan: PlanStatus) -> list[About]:
    """What a plan is about; one that takes back what is about several: each of them."""
    if plan.course_id is None and plan.program_id is None and plan.undo_of is not None:
        return _parts_of(plan.undo_of)
    keyed = list_programs_of_keys([plan.undo_of]).get(plan.undo_of, []) if plan.undo_of and plan.program_id else []
    return _own_part(plan, keyed) or [(None, None)]


def _own_part(what: OperationFacts | PlanStatus, keyed: Sequence[int] = ()) -> list[About]:
    """``keyed``: the programs that have the student keys that it is about."""
    if what.program_id is not None:
        return [(None, program_id) for program_id in sorted({what.program_id, *keyed})]
    return [] if what.course_id is None else [(what.course_id, None)]


def _parts_of(operation_id: uuid.UUID) -> list[About]:
    if merges_among([operation_id]):
        return _parts([])
    return _parts(list_about([operation_id], SUBJECTS).get(operation_id, []))


def _parts(found: list[About]) -> list[About]:
    return found if 0 < len(found) <= _MOST_PARTS else [(None, None)]


def sees_operation(reach: Reach, record: OperationFacts) -> bool:
    """True for those who see the operation, or a part of it."""
    if reach.programs is None or any(_is_in(reach, part) for part in _own_part(record)):
        return True
    changed = list_about([record.id], [*Subject])
    return any(_is_in(reach, part) for part in changed.get(record.id, []))


def _is_in(reach: Reach, part: About) -> bool:
    course_id, program_id = part
    if program_id is not None:
        return reach.programs is None or program_id in reach.programs
    return course_id is not None and (reach.courses is None or course_id in reach.courses)


def are_all_in(reach: Reach, parts: Sequence[About]) -> bool:
    """True if all of these are within reach."""
    return reach.programs is None or all(_is_in(reach, part) for part in parts)


def may_read_parts(account_id: int, parts: Sequence[About]) -> bool:
    """True for those who see plans about all of these."""
    return all(may_read_about(account_id, *part) for part in parts)


def may_write_parts(account_id: int, parts: Sequence[About], features: frozenset[Feature] = frozenset()) -> bool:
    """True for those who plan, approve, apply and undo about all of these."""
    return all(may_write_about(account_id, *part) and _has(account_id, part, features) for part in parts)


def _has(account_id: int, part: About, features: frozenset[Feature]) -> bool:
    if not features or part[1] is None:
        return True
    found = find_program_caller_by_account(account_id, program_keys([part[1]])[part[1]])
    return found is not None and found[1] is not None and features <= found[1].features


def features_of_plan(plan: PlanStatus) -> frozenset[Feature]:
    """What must be switched on for those who write what the plan says."""
    job = get_job(plan.id)
    kind = get_kind(job)
    return frozenset(map(Feature, kind.features(options_of(job, kind))))


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
