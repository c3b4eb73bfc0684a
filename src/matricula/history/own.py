"""What a person sees of the record about themselves: course runs, invitations, programs, and what changed.

Each statement finds rows by the account alone. Who made a change, and why, is written for staff: it is not read here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from matricula.catalog.course_keys import run_title
from matricula.enrollments.statuses import LEFT_PROGRAM, ProgramStatus
from matricula.foundation.database import fetch_all
from matricula.journal.states import State, read_state
from matricula.journal.statuses import RECORDED, Source, Subject


@dataclass(frozen=True, slots=True)
class OwnCourse:
    """A course run in which someone is or was enrolled; ``created``: when they first were."""

    key: str
    title: str
    url: str | None
    mode: str
    is_active: bool
    created: datetime
    is_beta_tester: bool


@dataclass(frozen=True, slots=True)
class OwnInvitation:
    """A course run to which someone is invited, and in which they are not enrolled."""

    key: str
    title: str
    url: str | None
    created: datetime


@dataclass(frozen=True, slots=True)
class OwnProgram:
    """A program in which someone is or was, with their own student key there."""

    title: str
    organization: str
    url: str | None
    status: ProgramStatus
    student_key: str


@dataclass(frozen=True, slots=True)
class OwnStep:
    """One change; the course run or the program where it is about one."""

    id: int
    at: datetime
    source: Source
    subject: Subject
    transition: str
    course: str | None
    course_key: str | None
    program: str | None
    before: State | None
    after: State | None


_COUNT_COURSES = "select count(*) from matricula_courseenrollment where account_id = %s"
_COURSES = """
select c.key, c.title, c.url, e.mode, e.is_active, e.created, exists (
    select from matricula_courserole r
    where r.course_id = e.course_id and r.account_id = e.account_id and r.role = 'beta_tester'
)
from matricula_courseenrollment e join matricula_course c on c.id = e.course_id
where e.account_id = %s
order by e.is_active desc, e.created desc, e.id desc limit %s offset %s
"""
# bound to the account, or waiting under its address
_INVITATIONS = """
select c.key, c.title, c.url, i.created
from (
    select distinct on (course_id) * from (
        select id, course_id, created from matricula_preenrollment where account_id = %(account)s
        union all
        select i.id, i.course_id, i.created from matricula_account a
        join matricula_preenrollment i on i.email_key = a.email_key and i.account_id is null
        where a.id = %(account)s
    ) found order by course_id, id desc
) i
join matricula_course c on c.id = i.course_id
where not exists (
    select from matricula_courseenrollment e
    where e.account_id = %(account)s and e.course_id = i.course_id and e.is_active
)
order by i.created desc, i.id desc limit %(limit)s
"""
# students that are kept elsewhere are for no one to see
_PROGRAMS = """
select p.title, o.name, p.url, e.status, e.student_key
from matricula_programenrollment e
join matricula_program p on p.id = e.program_id
join matricula_organization o on o.id = p.organization_id
where e.account_id = %s and p.manages_enrollments
order by e.status = any(%s), e.created desc, e.id desc limit %s
"""
_SUBJECTS = (
    Subject.COURSE_ENROLLMENT,
    Subject.PRE_ENROLLMENT,
    Subject.PROGRAM_ENROLLMENT,
    Subject.PROGRAM_COURSE_ENROLLMENT,
    Subject.STUDENT_KEY,
    Subject.ACCOUNT,
)
_STEPS = """
select j.id, j.at, j.source, j.subject, j.transition, c.title, c.key, p.title, j.before::text, j.after::text
from (select id from matricula_account where id = %(account)s or merged_into_id = %(account)s) a
cross join lateral (
    select * from matricula_change
    where account_id = a.id and subject = any(%(subjects)s) and transition <> %(recorded)s
        and before <> after and id < %(before)s
    order by id desc limit %(limit)s
) j
left join matricula_course c on c.id = j.course_id
left join matricula_program p on p.id = j.program_id
order by j.id desc limit %(limit)s
"""
_NEWEST = 2**63 - 1


def count_own_courses(account_id: int) -> int:
    """How many course runs ``list_own_courses`` has."""
    [(count,)] = fetch_all(_COUNT_COURSES, [account_id])
    return int(count)


def list_own_courses(account_id: int, *, limit: int, offset: int) -> list[OwnCourse]:
    """The course runs in which the account is enrolled, and then those in which it was; the latest first."""
    rows = fetch_all(_COURSES, [account_id, limit, offset])
    return [OwnCourse(key, run_title(title, key), *rest) for key, title, *rest in rows]


def list_own_invitations(account_id: int, *, limit: int) -> list[OwnInvitation]:
    """The invitations of the account and of its address, the latest first."""
    rows = fetch_all(_INVITATIONS, {"account": account_id, "limit": limit})
    return [OwnInvitation(key, run_title(title, key), url, created) for key, title, url, created in rows]


def list_own_programs(account_id: int, *, limit: int) -> list[OwnProgram]:
    """The programs in which the account is a student, and then those that it has left; the latest first."""
    rows = fetch_all(_PROGRAMS, [account_id, list(LEFT_PROGRAM), limit])
    return [OwnProgram(title, name, url, ProgramStatus(status), key) for title, name, url, status, key in rows]


def list_own_steps(account_id: int, *, limit: int, before: int | None = None) -> list[OwnStep]:
    """What changed for the account, and before for those merged into it, the latest first; only what is older than the
    entry ``before``.

    What an address or a student key had before it was the account's is not among it: it may be someone else's.
    """
    parameters = {
        "account": account_id,
        "subjects": list(_SUBJECTS),
        "recorded": RECORDED,
        "before": _NEWEST if before is None else before,
        "limit": limit,
    }
    return [_step(row) for row in fetch_all(_STEPS, parameters)]


def _step(row: Sequence[Any]) -> OwnStep:
    id_, at, source, subject, transition, course, key, program, *states = row
    subject = Subject(subject)
    before, after = (read_state(subject, state) for state in states)
    course = run_title(course, key) if key else None
    return OwnStep(id_, at, Source(source), subject, transition, course, key, program, before, after)
