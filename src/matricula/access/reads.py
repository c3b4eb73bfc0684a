"""Who is calling, and what may they do: found and checked in one look."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from matricula.access.models import Group
from matricula.access.statuses import COURSE_MANAGER_ROLES
from matricula.catalog.reads import CourseRun


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated account. ``scopes`` None: a session, which needs none."""

    account_id: int
    username: str
    is_staff: bool
    is_superuser: bool
    language: str
    scopes: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class CourseAccess:
    """A course run, and whether the caller may manage its enrollments."""

    course: CourseRun
    may_manage: bool


_COLUMNS = """
    a.id, a.username, a.is_staff, a.is_superuser, a.language,
    c.id, c.key, c.title, c.url, c.modes,
    a.is_staff or a.is_superuser or exists (select 1 from matricula_courserole r
        where r.account_id = a.id and r.course_id = c.id and r.role = any(%s))
"""
_BY_TOKEN = f"""
select t.scope, t.expires, {_COLUMNS}
from oauth2_provider_accesstoken t
left join matricula_client k on k.id = t.application_id
join matricula_account a on a.id = coalesce(t.user_id, k.user_id) and a.is_active
left join matricula_course c on c.key = %s
where t.token_checksum = %s
"""  # noqa: S608  the pieces are ours
_BY_ACCOUNT = f"""
select null, null, {_COLUMNS}
from matricula_account a left join matricula_course c on c.key = %s
where a.id = %s and a.is_active
"""  # noqa: S608  the pieces are ours


def find_caller_by_token(token: str, course_key: str | None) -> tuple[Caller, CourseAccess | None] | None:
    """The account behind a living token, and its access to the course run; None if the token is not good."""
    checksum = hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
    return _find(_BY_TOKEN, [list(COURSE_MANAGER_ROLES), course_key, checksum])


def find_caller_by_account(account_id: int, course_key: str | None) -> tuple[Caller, CourseAccess | None] | None:
    """As ``find_caller_by_token``, for the account of a session."""
    return _find(_BY_ACCOUNT, [list(COURSE_MANAGER_ROLES), course_key, account_id])


def _find(query: str, parameters: list[Any]) -> tuple[Caller, CourseAccess | None] | None:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        row = cursor.fetchone()
    if row is None or not _living(row[1]):
        return None
    scope, _, account_id, username, is_staff, is_superuser, language, *course, may_manage = row
    scopes = None if scope is None else frozenset(scope.split())
    caller = Caller(account_id, username, is_staff, is_superuser, language, scopes)
    if course[0] is None:
        return caller, None
    course_id, key, title, url, modes = course
    return caller, CourseAccess(CourseRun(course_id, key, title, url, tuple(modes)), may_manage)


def _living(expires: datetime | None) -> bool:
    return expires is None or expires > timezone.now()


def group_ids(names: Iterable[str]) -> dict[str, int]:
    """Group name → id, for those that exist."""
    return dict(Group.objects.filter(name__in=list(names)).values_list("name", "id"))
