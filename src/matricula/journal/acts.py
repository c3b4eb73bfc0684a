"""Histories as lines of what was done: the changes of one operation about a course run, a program or a person."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from matricula.foundation.database import fetch_all
from matricula.foundation.folding import fold
from matricula.foundation.statements import read_statements
from matricula.journal.operations import OperationFacts, Someone, list_recorded
from matricula.journal.reads import HistoryEntry, get_entries
from matricula.journal.statuses import OperationKind

_STATEMENTS = read_statements(__file__)
# Entries that a page looks at: of most histories the first are enough. After a large upload a page goes on to as many
# as can be put together in a tenth of a second, and the next page from there on.
_WALKS = (500, 20_000)
# of one act
_UNFOLDED = 8


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose history, and what of it the reader sees; ``programs`` None: all (``journal.reads.list_history``).

    One of course run, program and person is given. Of a person: accounts, (program, key) pairs, and addresses.
    """

    course_id: int | None = None
    program_id: int | None = None
    account_ids: Sequence[int] = ()
    keys: Sequence[tuple[int, str]] = ()
    emails: Sequence[str] = ()
    programs: Collection[int] | None = ()
    # of a person: where others than operators see what happened to them
    courses: Collection[int] | None = ()
    organizations: Collection[int] = ()
    # False: not who is behind a student key
    names: bool = True

    @property
    def of(self) -> str:
        """Which of the three it is."""
        return "of_course" if self.course_id else "of_program" if self.program_id else "of_person"


@dataclass(frozen=True, slots=True)
class ActFilter:
    """What is looked for in a history; ``actor``: a username."""

    since: datetime | None = None
    until: datetime | None = None
    kind: OperationKind | None = None
    actor: str | None = None
    person: Someone | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """What one operation changed in a scope: the latest of the changes, how many there are, of how many people.

    ``is_more``: it has older ones, which weren't looked at, and may be about something else.
    """

    operation: OperationFacts
    changes: int
    people: int
    entries: list[HistoryEntry]
    is_more: bool

    @property
    def latest(self) -> HistoryEntry:
        """The latest change."""
        return self.entries[0]


@dataclass(frozen=True, slots=True)
class ActPage:
    """Acts, the latest first, and the entry before which the next page begins; ``is_cut``: only so far was looked for
    what the filter wants.
    """

    acts: list[Act]
    older: int | None
    is_cut: bool


def list_acts(scope: Scope, wanted: ActFilter, *, limit: int, before: int | None = None) -> ActPage:
    """The latest acts that fit, and whose latest change in the scope is older than the entry ``before``."""
    for walk in _WALKS:
        rows = _walk(scope, wanted, limit=limit + 1, walk=walk, before=before)
        walked, oldest, found = rows[0][0], rows[0][1], [row[2:] for row in rows if row[2] is not None]
        ended = walked < walk
        if ended or len(found) > limit:
            break
    page = found[:limit]
    acts = _acts(page, names=scope.names, ended=ended)
    if len(found) > limit:
        return ActPage(acts, page[-1][1], is_cut=False)
    return ActPage(acts, None if ended else oldest, is_cut=not ended)


def list_entries(
    scope: Scope, wanted: ActFilter, *, walk: int, before: int | None = None
) -> tuple[list[HistoryEntry], int | None]:
    """The entries of the same acts, the latest first, and the one before which the next ones begin (None: there are no
    more). Of ``walk`` entries that are looked at at once, the filter may want none.
    """
    [(walked, oldest, ids)] = _fetch("entries", scope, wanted, walk=walk, before=before)
    found = get_entries(ids or (), names=scope.names)
    return [found[id_] for id_ in sorted(found, reverse=True)], oldest if walked == walk else None


def count_people_in_acts(scope: Scope, wanted: ActFilter) -> int:
    """How many people they are about; known by a key in one and by an account in another, one counts twice."""
    return int(_fetch("people", scope, wanted, walk=None)[0][0])


def _walk(scope: Scope, wanted: ActFilter, *, limit: int, walk: int, before: int | None) -> list[Any]:
    return _fetch("acts", scope, wanted, walk=walk, before=before, limit=limit, unfolded=_UNFOLDED)


def _fetch(
    name: str, scope: Scope, wanted: ActFilter, *, walk: int | None, before: int | None = None, **more: int
) -> list[Any]:
    asked = {"everything": scope.programs is None, "one_person": wanted.person is not None}
    person = wanted.person or Someone()
    parameters = {
        "course": scope.course_id,
        "program": scope.program_id,
        "accounts": list(scope.account_ids),
        "keyed_programs": [program for program, _ in scope.keys],
        "keys": [fold(key) for _, key in scope.keys],
        "emails": [fold(email) for email in scope.emails],
        "programs": list(scope.programs or ()),
        "every_course": scope.courses is None,
        "courses": list(scope.courses or ()),
        "organizations": list(scope.organizations),
        "names": scope.names,
        "looked_for": list(person.account_ids),
        "looked_for_keys": list(person.keys),
        "looked_for_emails": list(person.emails),
        "since": wanted.since,
        "until": wanted.until,
        "kind": wanted.kind,
        "actor": wanted.actor,
        "before": before,
        "walk": walk,
        **more,
    }
    return fetch_all(_STATEMENTS[name](scope.of, *(one for one, is_asked in asked.items() if is_asked)), parameters)


def _acts(rows: Sequence[Sequence[Any]], *, names: bool, ended: bool) -> list[Act]:
    ids = [entry for row in rows for entry in row[4]]
    entries = get_entries(ids, names=names)
    operations: dict[uuid.UUID, OperationFacts] = {one.id: one for one in list_recorded({row[0] for row in rows})}
    return [
        Act(
            operations.get(operation) or _unrecorded(entries[shown[0]]),
            changes,
            people,
            [entries[id_] for id_ in shown],
            is_more and not ended,
        )
        for operation, _head, changes, people, shown, is_more in rows
    ]


def _unrecorded(entry: HistoryEntry) -> OperationFacts:
    """What an entry says itself, whose operation has no record."""
    return OperationFacts(
        entry.operation, OperationKind.REQUEST, entry.source, None, entry.actor, entry.at, entry.at, entry.reason,
        None, None, None, None, None,
    )  # fmt: skip
