"""Who holds what where: course roles, roles, features, memberships, those that wait, groups, API clients."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from matricula.foundation.database import pattern_of

COURSE_ROLE, ROLE, FEATURE, MEMBER, PENDING = "course-role", "role", "feature", "member", "pending"


@dataclass(frozen=True, slots=True)
class GrantFilter:
    """Which grants; None: all. ``search`` stands in a name or address of a person, in a group, course or program;
    ``person`` in a name or address only.
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


_NOWHERE = "null::bigint as organization_id, null::bigint as program_id, null::bigint as course_id"
_GRANTS = {
    COURSE_ROLE: """select id, role as what, account_id, null as address, null::bigint as group_id,
        null::bigint as organization_id, null::bigint as program_id, course_id from matricula_courserole""",
    ROLE: """select id, role as what, account_id, null as address, group_id, organization_id, program_id,
        null::bigint as course_id from matricula_rolegrant""",
    FEATURE: f"""select id, feature as what, account_id, null as address, group_id, {_NOWHERE}
        from matricula_featuregrant""",  # noqa: S608  the pieces are ours
    MEMBER: f"""select id, '' as what, account_id, null as address, group_id, {_NOWHERE}
        from matricula_membership""",  # noqa: S608  the pieces are ours
    PENDING: f"""select id, '' as what, null::bigint as account_id, email as address, group_id, {_NOWHERE}
        from matricula_pendingmember""",  # noqa: S608  the pieces are ours
}
# what is searched is found in each table by itself: one condition over all of them would join all grants first
_SEARCHED = """(
    g.account_id in (select id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%')
    or g.course_id in (
        select id from matricula_course where lower(key || ' ' || title) like '%%' || lower(%(search)s) || '%%')
    or g.program_id in (
        select id from matricula_program where lower(key || ' ' || title) like '%%' || lower(%(search)s) || '%%')
    or g.organization_id in (
        select id from matricula_organization where lower(key || ' ' || name) like '%%' || lower(%(search)s) || '%%')
    or g.group_id in (select id from matricula_group where lower(name) like '%%' || lower(%(search)s) || '%%')
    or lower(g.address) like '%%' || lower(%(search)s) || '%%'
)"""
_PERSON = """
g.account_id in (select id from matricula_account where search_text like '%%' || lower(%(person)s) || '%%')
"""
_LIST = """
select g.id, g.what, g.account_id, a.username, btrim(a.first_name || ' ' || a.last_name), coalesce(g.address, a.email),
    g.group_id, held.name, g.organization_id, o.key, g.program_id, p.key, p.title, g.course_id, c.key, c.title
from (select * from ({grants}) g where {wanted} order by g.id desc limit %(limit)s offset %(offset)s) g
left join matricula_account a on a.id = g.account_id
left join matricula_group held on held.id = g.group_id
left join matricula_organization o on o.id = g.organization_id
left join matricula_program p on p.id = g.program_id
left join matricula_course c on c.id = g.course_id
order by g.id desc
"""


def list_grants(kind: str, wanted: GrantFilter, *, limit: int, offset: int = 0) -> list[Grant]:
    """The grants of a kind that fit, the latest first."""
    parameters, conditions = _conditions(wanted)
    query = _LIST.format(grants=_GRANTS[kind], wanted=conditions)
    with connection.cursor() as cursor:
        cursor.execute(query, {**parameters, "limit": limit, "offset": offset})
        return [Grant(*row) for row in cursor.fetchall()]


def count_grants(kind: str, wanted: GrantFilter) -> int:
    """How many grants of a kind fit."""
    parameters, conditions = _conditions(wanted)
    return _count(f"select count(*) from ({_GRANTS[kind]}) g where {conditions}", parameters)  # noqa: S608  ours


def find_grant(kind: str, grant_id: int) -> Grant | None:
    """The grant of a kind with this id, or None."""
    return next(iter(list_grants(kind, GrantFilter(id=grant_id), limit=1)), None)


def _conditions(wanted: GrantFilter) -> tuple[dict[str, Any], str]:
    groups = None if wanted.group_ids is None else list(wanted.group_ids)
    given = {
        "search": (pattern_of(wanted.search) if wanted.search else None, _SEARCHED),
        "person": (pattern_of(wanted.person) if wanted.person else None, _PERSON),
        "account": (wanted.account_id, "g.account_id = %(account)s"),
        "groups": (groups, "g.group_id = any(%(groups)s)"),
        "id": (wanted.id, "g.id = %(id)s"),
    }
    used = {name: value for name, (value, _) in given.items() if value is not None}
    return used, " and ".join(given[name][1] for name in used) or "true"


def _count(query: str, parameters: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return int(cursor.fetchone()[0])


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


_CLIENTS = """
select k.id, k.client_id, k.name, k.scopes, k.created, k.user_id, a.username,
    (select count(*) from oauth2_provider_accesstoken t where t.application_id = k.id and t.expires > now()),
    (select max(t.created) from oauth2_provider_accesstoken t where t.application_id = k.id)
from (select * from matricula_client k where {wanted} order by k.id desc limit %(limit)s offset %(offset)s) k
left join matricula_account a on a.id = k.user_id
order by k.id desc
"""
_WANTED_CLIENTS = """
(%(id)s::bigint is null or k.id = %(id)s) and (%(account)s::bigint is null or k.user_id = %(account)s)
and (%(search)s = '' or lower(k.client_id || ' ' || k.name) like '%%' || lower(%(search)s) || '%%' or k.user_id in (
    select id from matricula_account where search_text like '%%' || lower(%(search)s) || '%%'))
"""


def list_clients(*, search: str = "", account_id: int | None = None, limit: int, offset: int = 0) -> list[ClientFacts]:
    """The API clients that fit, the latest first; ``account_id``: those that act as this account."""
    return _clients(_wanted_clients(search, account_id), limit, offset)


def find_client(client_id: int, account_id: int | None = None) -> ClientFacts | None:
    """The API client with this id (that acts as this account), or None."""
    return next(iter(_clients({**_wanted_clients("", account_id), "id": client_id}, 1, 0)), None)


def count_clients(*, search: str = "", account_id: int | None = None) -> int:
    """How many API clients fit."""
    query = f"select count(*) from matricula_client k where {_WANTED_CLIENTS}"  # noqa: S608  the pieces are ours
    return _count(query, _wanted_clients(search, account_id))


def _wanted_clients(search: str, account_id: int | None) -> dict[str, Any]:
    return {"search": pattern_of(search), "account": account_id, "id": None}


def _clients(wanted: dict[str, Any], limit: int, offset: int) -> list[ClientFacts]:
    with connection.cursor() as cursor:
        cursor.execute(_CLIENTS.format(wanted=_WANTED_CLIENTS), {**wanted, "limit": limit, "offset": offset})
        return [ClientFacts(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """An access token that is good now; never its value."""

    id: int
    created: datetime
    expires: datetime
    scopes: list[str]
    client_id: str | None


_TOKENS = """
select t.id, t.created, t.expires, t.scope, k.client_id from oauth2_provider_accesstoken t
left join matricula_client k on k.id = t.application_id
where t.expires > now() and (t.user_id = %(account)s
    or t.user_id is null and t.application_id in (select id from matricula_client where user_id = %(account)s))
order by t.id desc limit %(limit)s
"""


def list_tokens(account_id: int, *, limit: int) -> list[TokenFacts]:
    """The good access tokens with which somebody acts as this account, the latest first."""
    with connection.cursor() as cursor:
        cursor.execute(_TOKENS, {"account": account_id, "limit": limit})
        return [
            TokenFacts(id_, created, expires, scope.split(), client)
            for id_, created, expires, scope, client in cursor.fetchall()
        ]
