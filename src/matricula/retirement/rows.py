"""Replacing people in the rows of the declared tables, batch by batch (``identity.traces``).

PostgreSQL finds the rows in which a person may be; what is really replaced is decided here, by one ``Matcher``. Each
batch is a transaction; memory stays flat, and a run that was ended begins again at no loss.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from django.db import connection

from matricula.foundation.database import execute, fetch_all
from matricula.foundation.transactions import one_transaction
from matricula.identity.traces import COLUMNS, ORGANIZATIONS, REFERENCES, Holds, Refers
from matricula.retirement.matching import Matcher

AT_ONCE = 500
_TREATED = {Holds.USERNAME, Holds.ADDRESS, Holds.STUDENT_KEY, Holds.TEXT, Holds.IDENTIFIERS}
_EXACT = {Holds.USERNAME: "usernames", Holds.ADDRESS: "addresses", Holds.STUDENT_KEY: "keys"}
# what may be the name of a file
_LOOSE = {
    ("matricula_operation", "file"),
    ("matricula_disclosure", "file"),
    ("matricula_job", "options"),
    ("matricula_plan", "name"),
}
_TYPES = """
select a.attname, format_type(a.atttypid, a.atttypmod) from pg_attribute a
where a.attrelid = to_regclass(%s) and a.attnum > 0 and not a.attisdropped
"""
_KEY = """
select a.attname from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
where i.indrelid = to_regclass(%s) and i.indisprimary order by array_position(i.indkey::int[], a.attnum::int)
"""
# the triggers that keep tables as they are let the owner of the tables pass who says this (migration 0045)
_ALLOW = "select set_config('matricula.retiring', 'on', true)"


def allow_changes() -> None:
    """Until the transaction ends, the owner of the tables may change what is append-only otherwise."""
    fetch_all(_ALLOW, [])


class Column(NamedTuple):
    """A column to be treated."""

    name: str
    type: str
    holds: Holds
    loose: bool

    @property
    def is_json(self) -> bool:
        """It is read as JSON: arrays too."""
        return self.type == "jsonb" or self.type.endswith("[]")

    @property
    def read(self) -> str:
        """The column as text, in SQL."""
        if self.type.endswith("[]"):
            return f'to_jsonb(t."{self.name}")::text'
        return f't."{self.name}"::text'

    @property
    def written(self) -> str:
        """The column from the text ``r.<name>``, in SQL."""
        if self.type.endswith("[]"):
            return f'array(select jsonb_array_elements_text(r."{self.name}"::jsonb))::{self.type}'
        return f'r."{self.name}"::{self.type}'


@dataclass(frozen=True)
class Table:
    """A table with its columns to be treated; ``accounts``: the columns that say whom a row is about."""

    name: str
    key: Sequence[tuple[str, str]]
    columns: Sequence[Column]
    accounts: Sequence[str]

    def select(self, *, locked: bool, only_own: bool = False) -> str:
        """The next rows in which a person may be."""
        keys = ", ".join(f't."{name}"' for name, _ in self.key)
        beyond = ", ".join(f"%(after_{place})s::{type_}" for place, (_, type_) in enumerate(self.key))
        about = ", ".join(f't."{name}"' for name in self.accounts)
        found = [f't."{name}" = any(%(accounts)s)' for name in self.accounts] if only_own else [*self._found()]
        return f"""
select {ORGANIZATIONS.get(self.name, "null::bigint")}, array[{about}]::bigint[],
    {", ".join(column.read for column in self.columns)}, {", ".join(f"({key})::text" for key in keys.split(", "))}
from {self.name} t
where (%(first)s or ({keys}) > ({beyond})) and ({" or ".join(found)})
order by {keys} limit {AT_ONCE} {"for no key update of t" if locked else ""}
"""  # noqa: S608  of declared names

    def _found(self) -> Iterator[str]:
        for column in self.columns:
            if column.holds is Holds.NOTHING:
                continue
            if parameter := _EXACT.get(column.holds):
                yield f'lower(t."{column.name}"::text collate "C") = any(%({parameter})s)'
            else:
                yield f"{column.read} ~* %(pattern)s"
            if column.holds is Holds.IDENTIFIERS and column.type == "text[]":
                # an element that is not looked for in texts: too short, or of others too
                folded = f'lower(t."{column.name}"::text)::text[]'
                yield f"(%(hidden)s::text[] <> '{{}}' and {folded} && %(hidden)s::text[])"
        for account in self.accounts:
            yield f't."{account}" = any(%(accounts)s)'

    def update(self, changed: Sequence[str]) -> str:
        """Writes some columns of several rows."""
        columns = {column.name: column for column in self.columns}
        fields = ", ".join(
            [*(f'"{name}" {type_}' for name, type_ in self.key), *(f'"{name}" text' for name in changed)]
        )
        same = " and ".join(f't."{name}" = r."{name}"' for name, _ in self.key)
        return f"""
update {self.name} t set {", ".join(f'"{name}" = {columns[name].written}' for name in changed)}
from jsonb_to_recordset(%s::jsonb) r({fields}) where {same}
"""  # noqa: S608  of declared names


class Change(NamedTuple):
    """A row that is to be changed: its key as texts, and the new texts of its columns."""

    key: tuple[str, ...]
    texts: Mapping[str, str]


Before = Callable[[Sequence[Change]], None]
Decide = Callable[["Table", Sequence[Any]], Mapping[str, str]]


@cache
def tables() -> Mapping[str, Table]:
    """The tables that are there and have columns to be treated."""
    # entries have rules of their own (``entries``)
    made = {name: table_of(name, _TREATED) for name in COLUMNS if name != "matricula_journalentry"}
    return {name: table for name, table in made.items() if table is not None and table.columns}


def table_of(name: str, holding: set[Holds]) -> Table | None:
    """The table with its columns that hold one of these; None where it isn't there."""
    types = dict(fetch_all(_TYPES, [name]))
    if not types:
        return None
    columns = [
        Column(column, types[column], holds, (name, column) in _LOOSE)
        for column, holds in COLUMNS[name].items()
        if holds in holding and column in types
    ]
    about = [r.column for r in REFERENCES if r.table == name and r.how is Refers.PERSON and not r.many]
    key = [(column, types[column]) for (column,) in fetch_all(_KEY, [name])]
    return Table(name, key, columns, about)


def replace_in(
    table: Table,
    matcher: Matcher,
    *,
    dry: bool,
    decide: Decide | None = None,
    before: Before | None = None,
    only_own: bool = False,
) -> int:
    """Replaces the people in a table; how many rows it concerns. ``dry``: only counts.

    ``decide``: the new texts of a row, where the table has rules of its own; ``before``: done in the transaction of
    each batch, before it is changed; ``only_own``: only rows that refer to the people's accounts, which are found soon.
    """
    decided = decide or (lambda _table, row: _decide(table, matcher, row))
    query, parameters = table.select(locked=not dry, only_own=only_own), parameters_of(matcher)
    parameters |= {"first": True, **{f"after_{place}": None for place in range(len(table.key))}}
    concerned = 0
    while True:
        with one_transaction():
            rows = fetch_all(query, parameters)
            count = len(table.key)
            changes = [Change(tuple(row[-count:]), texts) for row in rows if (texts := decided(table, row[:-count]))]
            concerned += len(changes)
            if changes and not dry:
                allow_changes()
                if before:
                    before(changes)
                _write(table, changes)
        if len(rows) < AT_ONCE:
            return concerned
        parameters |= {"first": False, **{f"after_{place}": value for place, value in enumerate(rows[-1][-count:])}}


def parameters_of(matcher: Matcher) -> dict[str, Any]:
    """What statements that look for these people are given."""
    return {
        **matcher.folded,
        "pattern": matcher.pattern,
        "full_pattern": matcher.full_pattern,
        "accounts": matcher.account_ids,
        "hidden": matcher.hidden,
    }


def _write(table: Table, changes: Sequence[Change]) -> None:
    """A statement for each set of columns that change together."""
    by_columns: dict[tuple[str, ...], list[dict[str, str]]] = defaultdict(list)
    names = [name for name, _ in table.key]
    for change in changes:
        row = dict(zip(names, change.key, strict=True)) | dict(change.texts)
        by_columns[tuple(sorted(change.texts))].append(row)
    for changed, rows in by_columns.items():
        execute(table.update(changed), [json.dumps(rows)])


def _decide(table: Table, matcher: Matcher, row: Sequence[Any]) -> Mapping[str, str]:
    organization, accounts, *texts = row
    about = {matcher.accounts[id_] for id_ in accounts if id_ in matcher.accounts}
    new: dict[str, str] = {}
    placed = [*zip(table.columns, texts, strict=True)]
    for column, text in placed:
        if text is not None and column.holds in _EXACT and (found := _exactly(column, matcher, text, organization)):
            about.add(found[0])
            new[column.name] = found[1]
    for column, text in placed:
        if text is None or column.holds in _EXACT:
            continue
        exact = column.holds is Holds.IDENTIFIERS
        if column.is_json:
            replaced = matcher.json(text, about, organization, loose=column.loose, exact=exact)
        else:
            replaced = matcher.text(text, about, loose=column.loose)
        if replaced != text:
            new[column.name] = replaced
    return new


def _exactly(column: Column, matcher: Matcher, text: str, organization: int | None) -> tuple[int, str] | None:
    match column.holds:
        case Holds.USERNAME:
            return matcher.username(text)
        case Holds.ADDRESS:
            return matcher.address(text)
        case _:
            return matcher.key(text, organization)


def vacuum(names: Sequence[str]) -> None:
    """Frees what the old rows still hold on disk, and renews the planner's figures, which have samples of values."""
    if names and not connection.in_atomic_block:
        execute(f"vacuum (analyze) {', '.join(names)}", [])
