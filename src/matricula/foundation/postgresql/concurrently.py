"""Indexes on tables in use, built and dropped without holding anyone up; for migrations with ``atomic = False``.

PostgreSQL builds none concurrently on a partitioned table, but on each of its parts: the index of the table itself is
there at once, and valid as soon as each part has its own.
"""

from typing import Any

from django.conf import settings
from django.contrib.postgres import operations
from django.db.models import Index, Model

_INVALID = """
select exists (
    select from pg_index i join pg_class c on c.oid = i.indexrelid
    where c.relname = %s and c.relnamespace = current_schema()::regnamespace and not i.indisvalid)
"""
_IS_PARTITIONED = "select relkind = 'p' from pg_class where oid = to_regclass(%s)"
_WITHOUT = """
select p.relname from pg_inherits i join pg_class p on p.oid = i.inhrelid
where i.inhparent = to_regclass(%s) and not exists (
    select from pg_inherits a join pg_index x on x.indexrelid = a.inhrelid
    where a.inhparent = to_regclass(%s) and x.indrelid = p.oid)
order by 1
"""


class AddIndexConcurrently(operations.AddIndexConcurrently):
    """Build an index; run again after it was interrupted, it goes on, or first drops what was left behind invalid."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Build the index."""
        model = to_state.apps.get_model(app_label, self.model_name)
        if _ask(schema_editor, _IS_PARTITIONED, model._meta.db_table):
            _build_in_parts(schema_editor, model, self.index)
            return
        if _ask(schema_editor, _INVALID, self.index.name):
            schema_editor.execute(f"drop index concurrently {schema_editor.quote_name(self.index.name)}")
        super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Drop the index."""
        table = from_state.apps.get_model(app_label, self.model_name)._meta.db_table
        if _ask(schema_editor, _IS_PARTITIONED, table):
            _drop_in_parts(schema_editor, self.index.name)
        else:
            super().database_backwards(app_label, schema_editor, from_state, to_state)


class RemoveIndexConcurrently(operations.RemoveIndexConcurrently):
    """Drop an index; of a partitioned table under a lock, for which it waits no longer than other migrations do."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Drop the index."""
        table = from_state.apps.get_model(app_label, self.model_name)._meta.db_table
        if _ask(schema_editor, _IS_PARTITIONED, table):
            _drop_in_parts(schema_editor, self.name)
        else:
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Build the index."""
        model = to_state.apps.get_model(app_label, self.model_name)
        if _ask(schema_editor, _IS_PARTITIONED, model._meta.db_table):
            index = to_state.models[app_label, self.model_name_lower].get_index_by_name(self.name)
            _build_in_parts(schema_editor, model, index)
        else:
            super().database_backwards(app_label, schema_editor, from_state, to_state)


def _build_in_parts(schema_editor: Any, model: type[Model], index: Index) -> None:
    table, quote = model._meta.db_table, schema_editor.quote_name
    if not _ask(schema_editor, "select to_regclass(%s) is not null", index.name):
        # nothing is built yet; writers who come meanwhile wait for the lock behind this
        whole = str(index.create_sql(model, schema_editor))
        _briefly(schema_editor, whole.replace(f" ON {quote(table)} ", f" ON ONLY {quote(table)} ", 1))
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_WITHOUT, [table, index.name])
        parts = [part for (part,) in cursor.fetchall()]
    for part in parts:
        # PostgreSQL takes 63 bytes of a name
        name = f"{part[-30:]}_{index.name}"[:63]
        schema_editor.execute(f"drop index concurrently if exists {quote(name)}", params=None)
        built = str(index.create_sql(model, schema_editor, concurrently=True))
        built = built.replace(quote(index.name), quote(name), 1)
        schema_editor.execute(built.replace(f" ON {quote(table)} ", f" ON {quote(part)} ", 1), params=None)
        _briefly(schema_editor, f"alter index {quote(index.name)} attach partition {quote(name)}")


def _drop_in_parts(schema_editor: Any, name: str) -> None:
    _briefly(schema_editor, f"drop index if exists {schema_editor.quote_name(name)}")


def _briefly(schema_editor: Any, statement: str) -> None:
    """Execute what has to lock the table for a moment; others would wait behind a wait of any length."""
    schema_editor.execute(f"set lock_timeout = '{settings.ENVIRONMENT.migration_lock_seconds:d}s'")
    # nothing of it is a parameter, also where it has a percent sign
    schema_editor.execute(statement, params=None)
    schema_editor.execute("set lock_timeout = 0")


def _ask(schema_editor: Any, question: str, name: str) -> bool:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(question, [name])
        row = cursor.fetchone()
        return bool(row and row[0])
