"""All that is known about one person, as far as the reader may see: a few statements, whatever there is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from matricula.catalog.course_keys import run_title
from matricula.catalog.reads import ProgramFacts
from matricula.enrollments.statuses import LEFT_PROGRAM
from matricula.foundation.database import fetch_all
from matricula.foundation.statements import read_statements
from matricula.history.people.sight import Sight

_STATEMENTS = read_statements(__file__)
# no one is in so many; a page that shows all of them has still an end
MOST = 1_000


@dataclass(frozen=True, slots=True)
class PersonAccount:
    """An account; ``merged``: those that were merged into it, by id and username."""

    id: int
    username: str
    email: str
    email_key: str
    full_name: str
    is_active: bool
    joined: datetime
    logged_in: datetime | None
    merged_into: int | None
    is_staff: bool
    is_superuser: bool
    merged: list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class CourseOfStudent:
    """What the university reported about a student in a course run of a program."""

    title: str
    status: str
    course_staff: bool


@dataclass(frozen=True, slots=True)
class PersonProgram:
    """A row in a program. ``may_write``: the reader may change it."""

    student_id: int
    program: ProgramFacts
    student_key: str
    status: str
    account_id: int | None
    may_write: bool
    courses: list[CourseOfStudent] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PersonGrade:
    """A grade, or why there is none."""

    percent: float | None
    letter_grade: str | None
    passed: bool | None
    error: str | None


@dataclass(frozen=True, slots=True)
class PersonSeat:
    """A course enrollment, active or ended; ``roles``: the person's in the course run."""

    key: str
    title: str
    mode: str
    is_active: bool
    created: datetime
    roles: list[str]
    grade: PersonGrade | None


@dataclass(frozen=True, slots=True)
class PersonInvitation:
    """An invitation that didn't become an enrollment (yet)."""

    key: str
    title: str
    email: str
    mode: str | None
    auto_enroll: bool
    created: datetime
    actor: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class PersonKey:
    """The student key under which an organization knows an account."""

    organization_id: int
    organization: str
    student_key: str


@dataclass(frozen=True, slots=True)
class StudentKey:
    """The student key of a row in ``program``; ``account_id``: whose it is."""

    program: ProgramFacts
    student_key: str
    folded: str
    account_id: int | None


def find_account(account_id: int) -> PersonAccount | None:
    """The account with this id, for any reader."""
    for *columns, merged in fetch_all(_STATEMENTS["account"](), {"account": account_id}):
        return PersonAccount(*[*columns, [(int(id_), username) for id_, username in merged]])
    return None


def list_programs_of_account(sight: Sight, account_id: int) -> list[PersonProgram]:
    """The programs in which the account is a student, those that it has left behind them."""
    return _programs(sight, "of_account", sight.named, account=account_id)


def list_programs_of_key(sight: Sight, organization_id: int, key: str) -> list[PersonProgram]:
    """The programs of an organization in which there is a student with this folded key."""
    programs = [id_ for id_ in sight.readable if sight.programs[id_].program.organization_id == organization_id]
    return _programs(sight, "of_key", programs, key=key)


def _programs(sight: Sight, whose: str, programs: Sequence[int], **who: Any) -> list[PersonProgram]:
    if not programs:
        return []
    parameters = {**who, "programs": list(programs), "left": list(LEFT_PROGRAM), "limit": MOST}
    found = {
        student_id: PersonProgram(student_id, sight.programs[program_id].program, *[*rest, sight.writes(program_id)])
        for student_id, program_id, *rest in fetch_all(_STATEMENTS["programs"](whose), parameters)
    }
    given = {"students": list(found), "limit": MOST}
    for student_id, key, title, *rest in fetch_all(_STATEMENTS["in_courses"](), given) if found else []:
        found[student_id].courses.append(CourseOfStudent(run_title(title, key), *rest))
    return list(found.values())


def list_seats(sight: Sight, account_id: int, *, limit: int) -> tuple[list[PersonSeat], int]:
    """The course runs in which the account is or was enrolled, the current ones first; and how many there are."""
    parameters = {"account": account_id, "courses": sight.courses, "limit": limit}
    rows = fetch_all(_STATEMENTS["seats"](*_some(sight)), parameters)
    return [_seat(row) for row in rows], rows[0][-1] if rows else 0


def _seat(row: Sequence[Any]) -> PersonSeat:
    key, title, mode, is_active, created, roles, *grade, _count = row
    graded = PersonGrade(*grade) if any(one is not None for one in grade) else None
    return PersonSeat(key, run_title(title, key), mode, is_active, created, roles, graded)


def list_invitations(sight: Sight, *, account_id: int | None, email_key: str, limit: int) -> list[PersonInvitation]:
    """The invitations of an account and of an address, the latest first."""
    parameters = {"account": account_id, "email": email_key, "courses": sight.courses, "limit": limit}
    return [
        PersonInvitation(key, run_title(title, key), *rest)
        for key, title, *rest in fetch_all(_STATEMENTS["invitations"](*_some(sight)), parameters)
    ]


class InvitationRow(NamedTuple):
    """The address of an invitation, also folded, and the account that it is bound to."""

    email: str
    email_key: str
    account_id: int | None


def find_invitation(sight: Sight, invitation_id: int) -> InvitationRow | None:
    """The invitation with this id; None where the reader doesn't manage its course run."""
    for email, email_key, account_id, course_id in fetch_all(_STATEMENTS["invitation"](), {"id": invitation_id}):
        if sight.manages(course_id):
            return InvitationRow(email, email_key, account_id)
    return None


def list_keys(sight: Sight, account_id: int) -> list[PersonKey]:
    """The student keys of an account."""
    parameters = {"account": account_id, "organizations": sight.organizations}
    return [PersonKey(*row) for row in fetch_all(_STATEMENTS["keys"](), parameters)] if sight.organizations else []


def find_student_row(sight: Sight, student_id: int) -> StudentKey | None:
    """The key of a row in a program whose students the reader sees; or None."""
    for program_id, *rest in fetch_all(_STATEMENTS["student"](), {"id": student_id}):
        if program_id in sight.readable:
            return StudentKey(sight.programs[program_id].program, *rest)
    return None


def _some(sight: Sight) -> list[str]:
    return [] if sight.courses is None else ["some"]
