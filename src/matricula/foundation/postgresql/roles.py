"""What the database role of the application may do: granting it, and reporting what is too much or too little."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from typing import Any

from django.db import connection
from psycopg import sql

from matricula.foundation.transactions import one_transaction

ORDINARY = ("select", "insert", "update", "delete")
"""What the application may do in a table that is not declared otherwise."""

_GRANTS = 7305  # advisory lock: one grant at a time (docs/locking.md)
# What a role owns includes what is owned by a role that it is a member of.
_OWNERS = """
select pg_get_userbyid(c.relowner), count(*) from pg_class c
where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
    and not pg_has_role(c.relowner, 'member')
group by 1 order by 1
"""
_OWN = """
select c.relkind = 'S', c.relname from pg_class c
where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p', 'v', 'S')
    and pg_has_role(c.relowner, 'member') order by 2
"""
_COUNT_OWN = """
select count(*) from pg_class c
where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
    and pg_has_role(%s, c.relowner, 'member')
"""
_POWERS = """
select power from pg_roles, lateral (values
    (rolsuper, 'is a superuser'),
    (rolcreaterole, 'may create roles'),
    (rolcreatedb, 'may create databases'),
    (rolreplication, 'may replicate'),
    (pg_has_role(rolname, 'pg_execute_server_program', 'member'), 'may run programs on the server'),
    (pg_has_role(rolname, 'pg_write_server_files', 'member'), 'may write files on the server'),
    (pg_has_role(rolname, 'pg_read_server_files', 'member'), 'may read files on the server'),
    (has_parameter_privilege(rolname, 'session_replication_role', 'set'), 'may switch triggers off'),
    (has_schema_privilege(rolname, current_schema(), 'create'), 'may create tables')
) p(has, power) where rolname = current_user and has
"""
# rights can be granted on single columns too, which has_table_privilege doesn't see
_RIGHTS = """
select c.relname, array(
    select case
        when has_table_privilege(c.oid, p.name) then p.name
        else p.name || ' (' || (
            select string_agg(a.attname, ', ' order by a.attnum) from pg_attribute a
            where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                and has_column_privilege(c.oid, a.attnum, p.name)) || ')'
        end
    from unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'trigger', 'references'])
        with ordinality p(name, position)
    where has_table_privilege(c.oid, p.name)
       or p.name in ('update', 'references') and has_any_column_privilege(c.oid, p.name) order by p.position)
from pg_class c where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p', 'v') order by 1
"""
_REMEDY = 'See "Database roles" in docs/operations.md.'


@contextmanager
def connected_as(settings: Mapping[str, Any]) -> Iterator[None]:
    """Within, this thread's database connection is one with these settings (an entry of ``DATABASES``)."""
    before = connection.settings_dict
    connection.close()
    connection.settings_dict = {**before, **settings}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = before


def current_role() -> str:
    """Return the role whose rights count now."""
    return str(_rows("select current_user")[0][0])


def may_create_tables() -> bool:
    """Return whether the current role may."""
    return bool(_rows("select has_schema_privilege(current_schema(), 'create')")[0][0])


def may_read(table: str) -> bool:
    """Return whether the current role may read a table; also True where there is no such table."""
    return bool(_rows("select coalesce(has_table_privilege(to_regclass(%s), 'select'), true)", [table])[0][0])


def list_other_owners() -> list[tuple[str, int]]:
    """Return the roles that own tables here and for which the current role can't act, with the number of tables."""
    return [(owner, count) for owner, count in _rows(_OWNERS)]


def grant_rights(role: str, declared: Mapping[str, Sequence[str]]) -> None:
    """Grant ``role`` its rights in all tables of the current role, and withdraw all others.

    ``declared`` lists the rights (such as ``("select", "insert")``) by table, where they aren't ``ORDINARY``; a name
    may be a pattern: the parts of a table are reached through it, and need no rights of their own. A role
    that owns the tables, or can act for their owner, keeps what it has: what it lost, the owner would lose.
    """
    with one_transaction(), connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_GRANTS])
        if role == current_role() or _rows(_COUNT_OWN, [role])[0][0]:
            return
        [(schema,)] = _rows("select current_schema()")
        tables: dict[tuple[str, ...], list[str]] = {}
        sequences = []
        for is_sequence, name in _rows(_OWN):
            if is_sequence:
                sequences.append(_name(schema, name))
            else:
                tables.setdefault(tuple(_wanted(name, declared)), []).append(_name(schema, name))
        to, everything = _name(role), [name for of in tables.values() for name in of]
        statements = [
            f"revoke create on schema {_name(schema)} from {to}, public",
            f"grant usage on schema {_name(schema)} to {to}",
            f"revoke all on {', '.join(everything)} from {to}",
            f"revoke all on sequence {', '.join(sequences)} from {to}",
            f"grant usage, select on sequence {', '.join(sequences)} to {to}",
            # one for each set of rights, however many tables there are
            *(f"grant {', '.join(rights)} on {', '.join(of)} to {to}" for rights, of in tables.items() if rights),
        ]
        cursor.execute("; ".join(statements))


def list_role_problems(declared: Mapping[str, Sequence[str]]) -> list[str]:
    """Return a line for each thing that the current role may do and shouldn't, or has to and may not.

    ``declared`` is that of ``grant_rights``.
    """
    role = current_role()
    powers = [power for (power,) in _rows(_POWERS)]
    [(owned,)] = _rows(_COUNT_OWN, [role])
    if "is a superuser" in powers:
        return [f"The database role {role} is a superuser. {_REMEDY}"]
    if owned:
        powers = [*(power for power in powers if power != "may create tables"), f"owns {owned} tables"]
    lines = [f"The database role {role} {', '.join(powers)}. {_REMEDY}"] if powers else []
    return lines if owned else [*lines, *_wrong_rights(role, declared)]


def _wrong_rights(role: str, declared: Mapping[str, Sequence[str]]) -> Iterator[str]:
    missing = []
    for table, held in _rows(_RIGHTS):
        wanted = _wanted(table, declared)
        if lacking := [right for right in wanted if right not in held]:
            missing.append(f"{', '.join(lacking)} in {table}")
        # in other tables, more than ordinary rights do no more harm than these
        if wanted is not ORDINARY and (surplus := [right for right in held if right not in wanted]):
            yield f"The database role {role} may {', '.join(surplus)} in {table}. {_REMEDY}"
    if missing:
        more = f", and more in {len(missing) - 3} tables" if len(missing) > 3 else ""
        yield (
            f"The database role {role} can't {'; '.join(missing[:3])}{more}. "
            "Run `matricula migrate`, which grants this."
        )


def _wanted(table: str, declared: Mapping[str, Sequence[str]]) -> Sequence[str]:
    for name, rights in declared.items():
        if fnmatchcase(table, name):
            return rights
    return ORDINARY


def _rows(query: str, parameters: Sequence[str] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())


def _name(*parts: str) -> str:
    return sql.Identifier(*parts).as_string(None)
