"""Problems of ours: the database itself refuses certain rows, or a table."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from psycopg import sql

from tests.conftest import ROLE, as_superuser


def break_rows(table: str, condition: str, *, message: str = "secret", errcode: str = "P0001") -> None:
    """Whoever writes a row for which the condition holds, meets an error, until the test's transaction is undone."""
    with as_superuser(), connection.cursor() as cursor:
        cursor.execute(
            "create or replace function break_row() returns trigger language plpgsql as"
            " $$ begin raise exception using message = tg_argv[0], errcode = tg_argv[1]; end $$"
        )
        arguments = sql.SQL(", ").join([sql.Literal(message), sql.Literal(errcode)]).as_string(cursor.cursor)
        cursor.execute(
            f"create or replace trigger broken before insert or update on matricula_{table} for each row"
            f" when ({condition}) execute function break_row({arguments})"
        )


def mend_rows(table: str) -> None:
    with as_superuser(), connection.cursor() as cursor:
        cursor.execute(f"drop trigger broken on matricula_{table}")


@contextmanager
def broken_table(table: str) -> Iterator[None]:
    """Within, whoever reads the table meets an error; all that is done within is undone."""
    place = transaction.savepoint()
    with as_superuser(), connection.cursor() as cursor:
        cursor.execute(f"revoke select on matricula_{table} from {ROLE}")  # noqa: S608  a table of ours
    yield
    transaction.savepoint_rollback(place)
