"""Who is calling, and what may they do: found and checked in one look."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from matricula.access.models import Group
from matricula.access.permissions import READ_ENROLLMENTS, Permission, carried_permissions
from matricula.access.statuses import COURSE_MANAGER_ROLES, NAMES_IN_DOWNLOADS, READ_ALL_JOBS, Feature, Role
from matricula.catalog.reads import CourseRun, ProgramFacts
from matricula.foundation.database import pattern_of
from matricula.foundation.postgresql.replicas import from_primary
from matricula.foundation.statements import read_statements


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated account. ``scopes`` None: a session, which needs none."""

    account_id: int
    username: str
    is_staff: bool
    is_superuser: bool
    language: str
    scopes: frozenset[str] | None
    # may read the jobs of everyone; looked up for the Registrar API only
    reads_all_jobs: bool = False
    # may see who the students of programs are: names, usernames and addresses behind the keys; looked up with programs
    sees_names: bool = False
    # of the token, if it was one
    token_checksum: str | None = None
    # the API client that got it
    client_id: int | None = None
    # by a token that browsers send by themselves: changes need the CSRF token, as with a session
    by_cookie: bool = False

    @property
    def is_global_staff(self) -> bool:
        """True for who may act in all course runs."""
        return self.is_staff or self.is_superuser


@dataclass(frozen=True, slots=True)
class CourseAccess:
    """A course run, and whether the caller may manage its enrollments."""

    course: CourseRun
    may_manage: bool


@dataclass(frozen=True, slots=True)
class ProgramAccess:
    """A program, what the caller may do with it, and the features that are switched on for the caller."""

    program: ProgramFacts
    permissions: frozenset[Permission]
    features: frozenset[Feature] = frozenset()


ON_PROGRAM = """
(h.program_id = p.id or h.organization_id = p.organization_id or (h.program_id is null and h.organization_id is null))
"""
"""In SQL: a role ``h`` reaches the program ``p``, being on it, on its organization, or everywhere."""
_STATEMENTS = read_statements(__file__, on_program=ON_PROGRAM)
_CALLER = _STATEMENTS["caller"]
_PROGRAM_CALLER = _STATEMENTS["program_caller"]


def find_caller_by_token(token: str, course_key: str | None) -> tuple[Caller, CourseAccess | None] | None:
    """The account behind a living token, and its access to the course run; None if the token is not good."""
    checksum = _checksum(token)
    return _find(_CALLER("by_token"), [list(COURSE_MANAGER_ROLES), course_key, checksum], checksum)


def find_caller_by_account(account_id: int, course_key: str | None) -> tuple[Caller, CourseAccess | None] | None:
    """As ``find_caller_by_token``, for the account of a session."""
    return _find(_CALLER("by_account"), [list(COURSE_MANAGER_ROLES), course_key, account_id])


def _find(query: str, parameters: list[Any], checksum: str | None = None) -> tuple[Caller, CourseAccess | None] | None:
    row = _find_living(query, parameters)
    if row is None:
        return None
    account, (*course, may_manage) = row
    caller = Caller(**account, token_checksum=checksum)
    if course[0] is None:
        return caller, None
    course_id, key, title, url, modes = course
    return caller, CourseAccess(CourseRun(course_id, key, title, url, tuple(modes)), may_manage)


def find_program_caller_by_token(token: str, program_key: str | None) -> tuple[Caller, ProgramAccess | None] | None:
    """The account behind a living token, and its access to the program; None if the token is not good."""
    checksum = _checksum(token)
    return _find_program_caller(_PROGRAM_CALLER("by_token"), [program_key, checksum], checksum)


def find_program_caller_by_account(
    account_id: int, program_key: str | None
) -> tuple[Caller, ProgramAccess | None] | None:
    """As ``find_program_caller_by_token``, for the account of a session."""
    return _find_program_caller(_PROGRAM_CALLER("by_account"), [program_key, account_id])


def _find_program_caller(
    query: str, parameters: list[Any], checksum: str | None = None
) -> tuple[Caller, ProgramAccess | None] | None:
    row = _find_living(query, parameters)
    if row is None:
        return None
    account, (roles, features, *program) = row
    is_superuser = account["is_superuser"]
    caller = Caller(
        **account,
        reads_all_jobs=is_superuser or READ_ALL_JOBS in roles,
        sees_names=is_superuser or NAMES_IN_DOWNLOADS in features,
        token_checksum=checksum,
    )
    if program[0] is None:
        return caller, None
    return caller, _access(program, roles, is_superuser, frozenset(map(Feature, features)))


def _access(
    program: Sequence[Any], roles: Iterable[str], is_superuser: bool, features: frozenset[Feature] = frozenset()
) -> ProgramAccess:
    facts = ProgramFacts(*program)
    permissions = carried_permissions(
        map(Role, roles), is_superuser=is_superuser, manages_enrollments=facts.manages_enrollments
    )
    return ProgramAccess(facts, permissions, features)


@from_primary
def list_programs_of(caller: Caller, permission: Permission, organization_id: int | None = None) -> list[ProgramAccess]:
    """The programs (of an organization) on which the caller holds the permission, by key; without features."""
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENTS["programs"](), [caller.account_id, organization_id, organization_id])
        found = [_access(program, roles, caller.is_superuser) for roles, *program in cursor.fetchall()]
    return [access for access in found if permission in access.permissions]


@dataclass(frozen=True, slots=True)
class Reach:
    """The course runs and programs (by id) of which someone sees plans, operations and changes; None: all of them."""

    courses: Sequence[int] | None
    programs: Sequence[int] | None


@from_primary
def reach_of(caller: Caller, permission: Permission = READ_ENROLLMENTS) -> Reach:
    """The course runs that the caller manages, and the programs whose students the caller may see (or write)."""
    if caller.is_superuser:
        return Reach(None, None)
    return Reach(list_managed(caller), [access.program.id for access in list_programs_of(caller, permission)])


@from_primary
def list_managed(caller: Caller) -> list[int] | None:
    """The course runs that the caller manages; None: all."""
    if caller.is_global_staff:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_MANAGED, [caller.account_id, list(COURSE_MANAGER_ROLES)])
        return [course_id for (course_id,) in cursor.fetchall()]


_MANAGED = "select distinct course_id from matricula_courserole where account_id = %s and role = any(%s)"


def readable_programs(caller: Caller) -> list[int] | None:
    """The ids of the programs whose students the caller may see; None: all."""
    if caller.is_superuser:
        return None
    return [access.program.id for access in list_programs_of(caller, READ_ENROLLMENTS)]


_LIST_COURSES = """
select c.id, c.key, c.title, c.url, c.modes from matricula_course c
where (%(all)s or c.id in (
    select r.course_id from matricula_courserole r where r.account_id = %(account)s and r.role = any(%(roles)s)
))
and (%(among)s::bigint[] is null or c.id = any(%(among)s))
and lower(c.key || ' ' || c.title) like '%%' || lower(%(search)s) || '%%'
order by c.key collate "C" limit %(limit)s offset %(offset)s
"""


@from_primary
def list_courses_of(
    caller: Caller, *, search: str = "", among: Sequence[int] | None = None, limit: int, offset: int = 0
) -> list[CourseRun]:
    """The course runs whose enrollments the caller may manage, by key; those with ``search`` in key or title, and of
    those whose ids are given.
    """
    parameters: dict[str, Any] = {
        "all": caller.is_global_staff,
        "account": caller.account_id,
        "roles": list(COURSE_MANAGER_ROLES),
        "search": pattern_of(search),
        "among": among,
        "limit": limit,
        "offset": offset,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LIST_COURSES, parameters)
        return [CourseRun(id_, key, title, url, tuple(modes)) for id_, key, title, url, modes in cursor.fetchall()]


def holds_in_organization(caller: Caller, organization_id: int) -> bool:
    """True if the caller holds any role on the organization itself or everywhere, or is a superuser."""
    return caller.is_superuser or bool(
        _fetch_one(_STATEMENTS["holds_in_organization"](), [caller.account_id, READ_ALL_JOBS, organization_id])[0]
    )


def _find_living(query: str, parameters: list[Any]) -> tuple[dict[str, Any], Sequence[Any]] | None:
    """The fields of the caller, and what else the query gives; None for no account or a token that has expired."""
    row = _fetch_one(query, parameters)
    if row is None:
        return None
    scope, expires, client_id, account_id, username, is_staff, is_superuser, language, *others = row
    if expires is not None and expires <= timezone.now():
        return None
    account = {
        "account_id": account_id,
        "username": username,
        "is_staff": is_staff,
        "is_superuser": is_superuser,
        "language": language,
        "scopes": None if scope is None else frozenset(scope.split()),
        "client_id": client_id,
    }
    return account, others


@from_primary
def _fetch_one(query: str, parameters: list[Any] | dict[str, Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchone()


def _checksum(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


_HOLDS_ROLES = """
select
    exists (select from matricula_rolegrant where account_id = %(account)s or group_id in (
        select group_id from matricula_membership where account_id = %(account)s)),
    exists (select from matricula_courserole where account_id = %(account)s and role = any(%(roles)s))
"""


def holds_roles(account_id: int) -> tuple[bool, bool]:
    """Whether an account has any role on organizations or programs (itself, or by a group), and in course runs."""
    row = _fetch_one(_HOLDS_ROLES, {"account": account_id, "roles": list(COURSE_MANAGER_ROLES)})
    return bool(row[0]), bool(row[1])


@from_primary
def group_ids(names: Iterable[str]) -> dict[str, int]:
    """Group name → id, for those that exist."""
    return dict(Group.objects.filter(name__in=list(names)).values_list("name", "id"))


@from_primary
def group_names(ids: Iterable[int]) -> dict[int, str]:
    """Id → group name."""
    wanted = list(ids)
    return dict(Group.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}
