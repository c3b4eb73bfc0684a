"""The three roles of the embedded PostgreSQL: who administers it, who owns the tables, who works with the rows.

- `matricula`: the superuser that `initdb` made. Only this module and backups use it.
- `matricula_owner`: owns the database and all that is in it. Migrations run as this role.
- `matricula_app`: everything else runs as this role. It owns nothing; `matricula migrate` grants its rights.

Each has a password of its own in a file that only the operator can read.
"""

import secrets
from pathlib import Path
from typing import LiteralString, NamedTuple

import psycopg
from psycopg import sql

from matricula.embedded.cluster import NAME, EmbeddedPostgresError, password, write_durably

OWNER = f"{NAME}_owner"
APPLICATION = f"{NAME}_app"
_FILES = {OWNER: "owner_password", APPLICATION: "app_password"}


class ServerUrls(NamedTuple):
    """The libpq URLs of one running server, one for each role."""

    application: str
    owner: str
    superuser: str


_MISSING_ROLES: LiteralString = """
select n.name from unnest(%s::text[]) n(name) where not exists (select from pg_roles where rolname = n.name)
"""
# The statements that give the owner what belongs to another role: all of it in a folder of a version that had one
# role, or after a dump was restored. What is part of an extension, and sequences of columns, stay where they are.
_FOREIGN: LiteralString = """
with owner as (select oid from pg_roles where rolname = %s), owned as (
    select case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence'
           else 'table' end as kind, c.oid::regclass::text as name, c.relowner as owner, c.oid, c.tableoid
    from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S')
      and not (c.relkind = 'S' and exists (
          select from pg_depend d where d.classid = c.tableoid and d.objid = c.oid and d.deptype in ('a', 'i')))
    union all
    select 'routine', p.oid::regprocedure::text, p.proowner, p.oid, p.tableoid
    from pg_proc p where p.pronamespace = 'public'::regnamespace
    union all
    select 'type', t.oid::regtype::text, t.typowner, t.oid, t.tableoid
    from pg_type t left join pg_class c on c.oid = t.typrelid
    where t.typnamespace = 'public'::regnamespace and (t.typtype in ('e', 'd') or c.relkind = 'c')
)
select format('alter %%s %%s owner to ', owned.kind, owned.name) from owned, owner
where owned.owner <> owner.oid and not exists (
    select from pg_depend d where d.classid = owned.tableoid and d.objid = owned.oid and d.deptype = 'e')
union all
select format('alter database %%I owner to ', d.datname) from pg_database d, owner
where d.datname = current_database() and d.datdba <> owner.oid
"""


def prepared_roles(home: Path, port: int) -> ServerUrls:
    """Create the roles that are missing, give the owner what is not its own yet, and return the URLs.

    The caller holds the lock of those who join. Raise EmbeddedPostgresError if the server rejects it.
    """
    superuser = _url(port, NAME, password(home))
    try:
        with psycopg.connect(superuser, options="-c search_path=pg_catalog") as connection:
            _make_roles(connection, home)
            _hand_over(connection)
    except psycopg.Error as error:
        raise EmbeddedPostgresError(
            f"The roles of the PostgreSQL server in {home} can't be set up: {str(error).strip()}"
        ) from error
    return ServerUrls(
        application=_url(port, APPLICATION, _password_of(home, APPLICATION)),
        owner=_url(port, OWNER, _password_of(home, OWNER)),
        superuser=superuser,
    )


def _url(port: int, role: str, secret: str) -> str:
    return f"postgresql://{role}:{secret}@127.0.0.1:{port}/{NAME}"


def _make_roles(connection: psycopg.Connection, home: Path) -> None:
    missing = {name for (name,) in connection.execute(_MISSING_ROLES, [list(_FILES)])}
    for role, file in _FILES.items():
        place = home / file
        if place.exists() and role not in missing:
            continue
        secret = _password_of(home, role) if place.exists() else secrets.token_urlsafe(32)
        statement = (
            "{verb} role {role} login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password {secret}"
        )
        verb = sql.SQL("create" if role in missing else "alter")
        connection.execute(sql.SQL(statement).format(verb=verb, role=sql.Identifier(role), secret=sql.Literal(secret)))
        # the file comes last: if this ends in between, the next start finds no file and sets another password
        connection.commit()
        if not place.exists():
            write_durably(place, secret)


def _hand_over(connection: psycopg.Connection) -> None:
    owner = sql.Identifier(OWNER)
    statements = [sql.SQL(found) + owner for (found,) in connection.execute(_FOREIGN, [OWNER])]
    if statements:
        connection.execute(sql.SQL("; ").join(statements))


def _password_of(home: Path, role: str) -> str:
    return (home / _FILES[role]).read_text().strip()
