"""Who holds what where: course roles, roles, features, memberships, those that wait, groups, API clients."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection

from matricula.access.permissions import CARRIED_BY, WRITE_ENROLLMENTS
from matricula.access.statuses import COURSE_MANAGER_ROLES
from matricula.catalog.course_keys import run_title
from matricula.foundation.database import fetch_all, pattern_of
from matricula.foundation.statements import read_statements

COURSE_ROLE, ROLE, FEATURE, MEMBER, PENDING = "course-role", "role", "feature", "member", "pending"


@dataclass(frozen=True, slots=True)
class GrantFilter:
    """Which grants; None: all. ``search`` is part of a name or address of a person, in a group, course or program;
    ``person`` (of groups) in a name or address only. Only these can be asked for together.
    """

    search: str | None = None
    person: str | None = None
    account_id: int | None = None
    group_ids: Sequence[int] | None = None
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """Something that was given to an account, a group or (a membership that waits) an address, with its names."""

    id: int
    # the role or the feature; nothing for a membership
    what: str
    account_id: int | None
    username: str | None
    full_name: str
    email: str | None
    group_id: int | None
    group: str | None
    # on what: one of them, or none for everywhere
    organization_id: int | None
    organization: str | None
    program_id: int | None
    program: str | None
    program_title: str | None
    course_id: int | None
    course: str | None
    course_title: str | None


_STATEMENTS = read_statements(__file__)
_GRANTS, _CLIENTS = _STATEMENTS["grants"], _STATEMENTS["clients"]


def list_grants(kind: str, wanted: GrantFilter, *, limit: int, offset: int = 0) -> list[Grant]:
    """The grants of a kind that fit, the latest first."""
    parameters = _parameters(wanted)
    with connection.cursor() as cursor:
        cursor.execute(_GRANTS("page", *_asked(kind, wanted)), {**parameters, "limit": limit, "offset": offset})
        return [_grant(*row) for row in cursor.fetchall()]


def _grant(*row: Any) -> Grant:
    grant = Grant(*row)
    if grant.course is None or grant.course_title is None:
        return grant
    return replace(grant, course_title=run_title(grant.course_title, grant.course))


def count_grants(kind: str, wanted: GrantFilter) -> int:
    """How many grants of a kind fit."""
    return _count(_GRANTS("count", *_asked(kind, wanted)), _parameters(wanted))


def find_grant(kind: str, grant_id: int) -> Grant | None:
    """The grant of a kind with this id, or None."""
    return next(iter(list_grants(kind, GrantFilter(id=grant_id), limit=1)), None)


# what can be asked for together: the set fields of a filter → the variant
_VARIANTS = {
    (): "all",
    ("id",): "one",
    ("account_id",): "of_account",
    ("group_ids",): "of_groups",
    ("person", "group_ids"): "person_of_groups",
    ("search",): "searched",
}


def _asked(kind: str, wanted: GrantFilter) -> tuple[str, str]:
    return kind.replace("-", "_"), _VARIANTS[tuple(name for name, value in asdict(wanted).items() if value is not None)]


def _parameters(wanted: GrantFilter) -> dict[str, Any]:
    return {
        "search": pattern_of(wanted.search or ""),
        "person": pattern_of(wanted.person or ""),
        "account": wanted.account_id,
        "groups": None if wanted.group_ids is None else list(wanted.group_ids),
        "id": wanted.id,
    }


def _count(query: str, parameters: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return int(cursor.fetchone()[0])


def list_reviewers(course_id: int | None, program_id: int | None, maker_id: int | None, *, limit: int) -> list[int]:
    """The ids of active accounts that may approve a plan, and want mail about it, but for the one who made it.

    About a course run: its staff and instructors; about a program: who may write its enrollments by a role; about
    neither: operators.
    """
    variant = "of_course" if course_id is not None else "of_program" if program_id is not None else "of_operators"
    parameters = {
        "course": course_id,
        "program": program_id,
        "maker": maker_id,
        "course_roles": list(COURSE_MANAGER_ROLES),
        "roles": [role.value for role, carried in CARRIED_BY.items() if WRITE_ENROLLMENTS in carried],
        "limit": limit,
    }
    return [account_id for (account_id,) in fetch_all(_STATEMENTS["reviewers"](variant), parameters)]


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """A group, with how many belong to it and what it gives them."""

    id: int
    name: str
    members: int
    pending: int
    roles: list[str]
    features: list[str]


_GROUPS = """
select g.id, g.name, (select count(*) from matricula_membership m where m.group_id = g.id),
    (select count(*) from matricula_pendingmember m where m.group_id = g.id),
    array(select distinct r.role from matricula_rolegrant r where r.group_id = g.id order by 1),
    array(select f.feature from matricula_featuregrant f where f.group_id = g.id order by 1)
from matricula_group g
where (%(id)s::bigint is null or g.id = %(id)s) and lower(g.name) like '%%' || lower(%(search)s) || '%%'
order by lower(g.name), g.id limit %(limit)s offset %(offset)s
"""
_COUNT_GROUPS = "select count(*) from matricula_group where lower(name) like '%%' || lower(%(search)s) || '%%'"


def list_groups(*, search: str = "", limit: int, offset: int = 0) -> list[GroupFacts]:
    """The groups with ``search`` in their names, by name."""
    return _groups(pattern_of(search), None, limit, offset)


def find_group(group_id: int) -> GroupFacts | None:
    """The group with this id, or None."""
    return next(iter(_groups("", group_id, 1, 0)), None)


def _groups(pattern: str, group_id: int | None, limit: int, offset: int) -> list[GroupFacts]:
    with connection.cursor() as cursor:
        cursor.execute(_GROUPS, {"search": pattern, "id": group_id, "limit": limit, "offset": offset})
        return [GroupFacts(*row) for row in cursor.fetchall()]


def count_groups(search: str = "") -> int:
    """How many groups have ``search`` in their names."""
    return _count(_COUNT_GROUPS, {"search": pattern_of(search)})


@dataclass(frozen=True, slots=True)
class ClientFacts:
    """An API client; never its secret."""

    id: int
    client_id: str
    name: str
    scopes: list[str]
    created: datetime
    account_id: int | None
    username: str | None
    # access tokens that are good now, and when the last one was given out
    tokens: int
    last_token: datetime | None
    # where people are sent back to who allow it to act for them; none: it acts as the account
    redirects: list[str]
    is_public: bool


def list_clients(*, search: str = "", account_id: int | None = None, limit: int, offset: int = 0) -> list[ClientFacts]:
    """The API clients that fit, the latest first; ``account_id``: those that act as this account."""
    return _clients(_wanted_clients(search, account_id), limit, offset)


def find_client(client_id: int, account_id: int | None = None) -> ClientFacts | None:
    """The API client with this id (that acts as this account), or None."""
    return next(iter(_clients({**_wanted_clients("", account_id), "id": client_id}, 1, 0)), None)


def count_clients(*, search: str = "", account_id: int | None = None) -> int:
    """How many API clients fit."""
    return _count(_CLIENTS("count"), _wanted_clients(search, account_id))


def _wanted_clients(search: str, account_id: int | None) -> dict[str, Any]:
    return {"search": pattern_of(search), "account": account_id, "id": None}


def _clients(wanted: dict[str, Any], limit: int, offset: int) -> list[ClientFacts]:
    with connection.cursor() as cursor:
        cursor.execute(_CLIENTS("page"), {**wanted, "limit": limit, "offset": offset})
        return [ClientFacts(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """An access token that is good now, or is renewed by its app; never its value."""

    id: int
    created: datetime
    expires: datetime
    scopes: list[str]
    client_id: str | None
    # of the app that someone allowed, and whether it gets new ones by itself
    name: str | None
    is_renewed: bool


_TOKENS = """
select t.id, t.created, t.expires, t.scope, k.client_id, nullif(k.name, ''), r.id is not null
from oauth2_provider_accesstoken t
left join matricula_client k on k.id = t.application_id
left join oauth2_provider_refreshtoken r on r.access_token_id = t.id and r.revoked is null
where (t.expires > now() or r.id is not null) and (t.user_id = %(account)s
    or t.user_id is null and t.application_id in (select id from matricula_client where user_id = %(account)s))
order by t.id desc limit %(limit)s
"""


def list_tokens(account_id: int, *, limit: int) -> list[TokenFacts]:
    """The good access tokens with which someone acts as this account, the latest first."""
    with connection.cursor() as cursor:
        cursor.execute(_TOKENS, {"account": account_id, "limit": limit})
        return [
            TokenFacts(id_, created, expires, scope.split(), client, name, is_renewed)
            for id_, created, expires, scope, client, name, is_renewed in cursor.fetchall()
        ]
