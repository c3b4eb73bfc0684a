"""Indexes on tables in use, built and dropped without holding anyone up; for migrations with ``atomic = False``."""

from typing import Any

from django.contrib.postgres import operations

RemoveIndexConcurrently = operations.RemoveIndexConcurrently
_INVALID = """
select exists (
    select from pg_index i join pg_class c on c.oid = i.indexrelid
    where c.relname = %s and c.relnamespace = current_schema()::regnamespace and not i.indisvalid)
"""
_PARTS = """
select p.relname from pg_inherits h join pg_class p on p.oid = h.inhrelid
where h.inhparent = to_regclass(%s) and p.relkind = 'r' order by p.relname
"""
_IS_PARTITIONED = "select relkind = 'p' from pg_class where oid = to_regclass(%s)"


class AddIndexConcurrently(operations.AddIndexConcurrently):
    """Build an index; run again after it was interrupted, it first drops the invalid index that was left behind.

    PostgreSQL builds none of a partitioned table without holding up its writers: of such a table, each part's index is
    built by itself, and becomes a part of the table's.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Build the index."""
        model = to_state.apps.get_model(app_label, self.model_name)
        table = model._meta.db_table
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(_IS_PARTITIONED, [table])
            is_partitioned = cursor.fetchone()[0]
            cursor.execute(_PARTS, [table])
            parts = [part for (part,) in cursor.fetchall()]
        if not is_partitioned:
            _drop_invalid(schema_editor, self.index.name)
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        elif self.allow_migrate_model(schema_editor.connection.alias, model):
            self._build_parts(schema_editor, model, parts)

    def _build_parts(self, schema_editor: Any, model: Any, parts: list[str]) -> None:
        quote = schema_editor.quote_name
        table, name = quote(model._meta.db_table), quote(self.index.name)
        create = str(self.index.create_sql(model, schema_editor))
        # not valid until the index of each part belongs to it; parts that are made from now on have it by themselves
        schema_editor.execute(
            create.replace("CREATE INDEX", "CREATE INDEX IF NOT EXISTS").replace(
                f" ON {table}", f" ON ONLY {table}", 1
            ),
            params=None,
        )
        for part in parts:
            own = f"{part.removeprefix('matricula_')}_{self.index.name}"[:63]
            _drop_invalid(schema_editor, own)
            text = create.replace("CREATE INDEX", "CREATE INDEX CONCURRENTLY IF NOT EXISTS").replace(
                name, quote(own), 1
            )
            schema_editor.execute(text.replace(f" ON {table}", f" ON {quote(part)}", 1), params=None)
            schema_editor.execute(f"alter index {name} attach partition {quote(own)}", params=None)


def _drop_invalid(schema_editor: Any, name: str) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_INVALID, [name])
        left_behind = cursor.fetchone()[0]
    if left_behind:
        schema_editor.execute(f"drop index concurrently {schema_editor.quote_name(name)}")
