"""What a migration may do to tables that a running service uses. Python in ``RunPython`` is not looked at."""

import re
from collections.abc import Iterator

from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from matricula.foundation.postgresql.concurrently import AddIndexConcurrently, RemoveIndexConcurrently

_TAKES_AWAY = (
    migrations.RemoveField, migrations.RenameField, migrations.DeleteModel, migrations.RenameModel,
    migrations.AlterModelTable,
)  # fmt: skip
_CONCURRENT = (AddIndexConcurrently, RemoveIndexConcurrently)
_SQL = {
    r"\b(create|drop)\s+(unique\s+)?index\b(?!\s+concurrently)": "builds or drops an index and blocks writes meanwhile",
    r"\badd\s+(constraint|check|unique|primary|foreign)\b(?!.*\b(not\s+valid|using\s+index)\b)": (
        "adds a constraint that reads the table under a lock: add it NOT VALID, and validate it in the next migration"
    ),
    r"\bdrop\s+(column|table)\b|\brename\b|\bset\s+not\s+null\b|\balter\s+(column\s+)?\w+\s+(set\s+data\s+)?type\b": (
        "takes away what the version before uses"
    ),
}


def list_problems(migration: migrations.Migration, before: ProjectState) -> list[str]:
    """Return what a migration does that would stop the service, or the version before, while it runs."""
    state = before.clone()
    there = {name for app, name in state.models if app == migration.app_label}
    problems = []
    for operation in _flat(migration.operations):
        if getattr(operation, "model_name_lower", None) in there or not hasattr(operation, "model_name_lower"):
            problems += _problems_of(operation, state, migration.app_label)
        operation.state_forwards(migration.app_label, state)
    return [*problems, *_problems_of_whole(migration)]


def _flat(operations: list[Operation]) -> Iterator[Operation]:
    for operation in operations:
        if isinstance(operation, migrations.SeparateDatabaseAndState):
            yield from _flat(operation.database_operations)
        else:
            yield operation


def _problems_of(operation: Operation, state: ProjectState, app: str) -> Iterator[str]:
    name = type(operation).__name__
    if isinstance(operation, _TAKES_AWAY):
        yield f"{name} takes away what the version before uses"
    elif isinstance(operation, migrations.AddIndex | migrations.RemoveIndex) and not isinstance(operation, _CONCURRENT):
        yield f"{name} blocks writes: use that of foundation.postgresql.concurrently"
    elif isinstance(operation, migrations.AddConstraint) and not isinstance(operation, AddConstraintNotValid):
        yield f"{name} reads the table under a lock: use AddConstraintNotValid, and ValidateConstraint in the next one"
    elif isinstance(operation, migrations.AddField | migrations.AlterField):
        before = state.models[app, operation.model_name_lower].fields.get(operation.name)
        yield from _problems_of_field(operation.field, before)
    elif isinstance(operation, migrations.RunSQL):
        yield from (why for pattern, why in _SQL.items() if re.search(pattern, str(operation.sql), re.I))


def _problems_of_field(field: models.Field, before: models.Field | None) -> Iterator[str]:
    if before is None and not field.null and not field.has_db_default() and not field.many_to_many:
        yield "a column that must be given, and that the version before doesn't know: null=True or a db_default"
    if before is not None and before.null and not field.null:
        yield "NOT NULL on a column that the version before may leave empty"
    if before is not None and _type_of(before) != _type_of(field):
        yield "another type of a column rewrites the table"
    if _makes_index(field) and not (before is not None and _makes_index(before)):
        yield "a field with an index or a foreign key builds it under a lock: add it in a migration of its own"


def _type_of(field: models.Field) -> tuple[str, object]:
    return field.get_internal_type(), field.max_length


def _makes_index(field: models.Field) -> bool:
    return field.db_index or field.unique or bool(field.remote_field and getattr(field, "db_constraint", False))


def _problems_of_whole(migration: migrations.Migration) -> Iterator[str]:
    operations = list(_flat(migration.operations))
    concurrent = [operation for operation in operations if isinstance(operation, _CONCURRENT)]
    if concurrent and (len(concurrent) < len(operations) or migration.atomic):
        yield "indexes are built concurrently in a migration of their own, with atomic = False"
    limits = [vars(type(migration)).get(name) for name in ("lock_seconds", "statement_seconds")]
    if concurrent and limits != [0, 0]:
        yield "building an index waits long, but holds nobody up: lock_seconds = 0 and statement_seconds = 0"
    if any(isinstance(operation, ValidateConstraint) for operation in operations) and any(
        not isinstance(operation, ValidateConstraint) for operation in operations
    ):
        yield "constraints are validated in a migration of their own, which holds no lock that others wait for"
    if any(isinstance(operation, migrations.RunPython) for operation in operations) and len(operations) > 1:
        yield "data is changed in a migration of its own, so that no table is locked meanwhile"
    known = {"dependencies", "operations", "atomic", "lock_seconds", "statement_seconds", "initial"}
    if unknown := {name for name in vars(type(migration)) if not name.startswith("__")} - known:
        yield f"an attribute that means nothing: {', '.join(sorted(unknown))}"
