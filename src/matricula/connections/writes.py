"""Saving connections to learning platforms (institution-and-commands: The institution file)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matricula.catalog.statuses import Saved
from matricula.connections.models import LmsConnection, LmsCoverage
from matricula.foundation.transactions import one_transaction

_FIELDS = ("url", "client_id", "client_secret_env", "api_key_env", "push", "grades", "owner", "pause_between_calls")


@dataclass(frozen=True, slots=True)
class ConnectionRequest:
    """A connection as it is to be; None leaves what there is, or means the default for a new one."""

    name: str
    url: str
    client_id: str
    client_secret_env: str
    api_key_env: str | None = None
    push: bool | None = None
    grades: bool | None = None
    owner: str | None = None
    pause_between_calls: float | None = None
    organization_ids: tuple[int, ...] | None = None
    course_ids: tuple[int, ...] | None = None


def save_connections(requests: Sequence[ConnectionRequest]) -> list[Saved]:
    """Create or update connections with a few statements; return a word for each.

    What a request names moves to its connection from the one that had it.
    """
    with one_transaction():
        stored = {row.name: row for row in LmsConnection.objects.select_for_update().order_by("pk")}
        words: dict[str, Saved] = {}
        new, changed = [], []
        for request in requests:
            given = {name: value for name in _FIELDS if (value := getattr(request, name)) is not None}
            row = stored.get(request.name)
            if row is None:
                new.append(LmsConnection(name=request.name, **given))
                words[request.name] = Saved.CREATED
            elif _apply(row, given):
                changed.append(row)
                words[request.name] = Saved.UPDATED
        stored |= {row.name: row for row in LmsConnection.objects.bulk_create(new)}
        if changed:
            LmsConnection.objects.bulk_update(changed, _FIELDS)
        for name in _save_coverage(requests, stored):
            words.setdefault(name, Saved.UPDATED)
    return [words.get(request.name, Saved.UNCHANGED) for request in requests]


def _apply(row: LmsConnection, given: Mapping[str, Any]) -> bool:
    differs = any(getattr(row, name) != value for name, value in given.items())
    for name, value in given.items():
        setattr(row, name, value)
    return differs


def _save_coverage(requests: Sequence[ConnectionRequest], stored: Mapping[str, LmsConnection]) -> set[str]:
    """Replace the organizations and course runs that requests name; return the connections that have others now."""
    rows = list(LmsCoverage.objects.select_for_update().order_by("pk"))
    by_id = {row.pk: row.name for row in stored.values()}
    before = {(row.organization_id, row.course_id): by_id[row.connection_id] for row in rows}
    after = dict(before)
    for request in requests:
        for place, ids in enumerate((request.organization_ids, request.course_ids)):
            if ids is not None:
                after = {k: name for k, name in after.items() if name != request.name or k[place] is None}
    for request in requests:
        after |= {(organization_id, None): request.name for organization_id in request.organization_ids or ()}
        after |= {(None, course_id): request.name for course_id in request.course_ids or ()}
    gone = [row.pk for row in rows if after.get(key := (row.organization_id, row.course_id)) != before[key]]
    LmsCoverage.objects.filter(pk__in=gone).delete()
    LmsCoverage.objects.bulk_create(
        LmsCoverage(connection=stored[name], organization_id=key[0], course_id=key[1])
        for key, name in after.items()
        if before.get(key) != name
    )
    return {name for key in before.keys() | after.keys() if before.get(key) != (name := after.get(key)) and name} | {
        name for key, name in before.items() if after.get(key) != name
    }
