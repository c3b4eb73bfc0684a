"""Indexes on tables in use, built and dropped without holding anyone up; for migrations with ``atomic = False``."""

from typing import Any

from django.contrib.postgres import operations

RemoveIndexConcurrently = operations.RemoveIndexConcurrently
_INVALID = """
select exists (
    select from pg_index i join pg_class c on c.oid = i.indexrelid
    where c.relname = %s and c.relnamespace = current_schema()::regnamespace and not i.indisvalid)
"""


class AddIndexConcurrently(operations.AddIndexConcurrently):
    """Build an index; run again after it was interrupted, it first drops the invalid index that was left behind."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Build the index."""
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(_INVALID, [self.index.name])
            left_behind = cursor.fetchone()[0]
        if left_behind:
            schema_editor.execute(f"drop index concurrently {schema_editor.quote_name(self.index.name)}")
        super().database_forwards(app_label, schema_editor, from_state, to_state)
