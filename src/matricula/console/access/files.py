"""Who holds which role where, the groups and the API clients, as files: the columns of the pages."""

from collections.abc import Callable, Iterator, Sequence
from itertools import count, takewhile
from typing import TypeVar

from matricula.access.holders import (
    ClientFacts,
    Grant,
    GrantFilter,
    GroupFacts,
    list_clients,
    list_grants,
    list_groups,
)
from matricula.listings.exports import time_cell
from matricula.tabular.exports import Export, export_rows

_AT_ONCE = 500
_GRANTS = ("what", "username", "full_name", "email", "group", "organization", "program", "course")
_GROUPS = ("group", "members", "pending", "roles", "features")
_CLIENTS = ("client_id", "name", "username", "scopes", "created", "active_tokens", "last_token", "redirects", "public")
Row = TypeVar("Row")


def export_grants(kind: str, wanted: GrantFilter) -> Export:
    """The grants of a kind that fit, the latest first."""
    return export_rows(_GRANTS, map(_grant, _all(lambda at: list_grants(kind, wanted, limit=_AT_ONCE, offset=at))))


def export_groups(search: str) -> Export:
    """The groups, by name; they name no one."""
    rows = _all(lambda at: list_groups(search=search, limit=_AT_ONCE, offset=at))
    return export_rows(_GROUPS, map(_group, rows), lambda: 0, numbers=_GROUPS[1:3])


def export_clients(search: str) -> Export:
    """The API clients, the latest first; never their secrets."""
    rows = _all(lambda at: list_clients(search=search, limit=_AT_ONCE, offset=at))
    return export_rows(_CLIENTS, map(_client, rows), numbers=("active_tokens",))


def _all(page: Callable[[int], Sequence[Row]]) -> Iterator[Row]:
    for rows in takewhile(bool, map(page, count(0, _AT_ONCE))):
        yield from rows


def _grant(one: Grant) -> Sequence[object]:
    named = (one.username, one.full_name, one.email)
    return (one.what, *named, one.group, one.organization, one.program, one.course)


def _group(one: GroupFacts) -> Sequence[object]:
    return one.name, one.members, one.pending, " ".join(one.roles), " ".join(one.features)


def _client(one: ClientFacts) -> Sequence[object]:
    times = (time_cell(one.created), one.tokens, time_cell(one.last_token))
    return (one.client_id, one.name, one.username, " ".join(one.scopes), *times, " ".join(one.redirects), one.is_public)
