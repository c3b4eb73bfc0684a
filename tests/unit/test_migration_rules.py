"""The version before goes on working while a migration runs, and after it: each new migration keeps to the rules."""

import pytest
from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState

from matricula.foundation.postgresql.concurrently import AddIndexConcurrently
from tests.migrations import list_problems

# those before are older than the rules
_FIRST = "0017"
# (migration, problem): the reason why it may
ALLOWED: dict[tuple[str, str], str] = {
    (
        "0024_plans",
        "AddConstraint reads the table under a lock: use AddConstraintNotValid, and ValidateConstraint in the next one",
    ): "a unique one can't be validated later; jobs are deleted after a month, and few of them are unfinished",
    ("0030_journal_by_quarter", "takes away what the version before uses"): (
        "the journal is renamed, and a table of the old name takes its place in the same transaction"
    ),
}
_CHECK = models.CheckConstraint(condition=models.Q(word__in=["a"]), name="word_known")
_INDEX = models.Index(fields=["word"], name="by_word")
_UNIQUE = models.UniqueConstraint(fields=["word"], name="word_once")


def test_each_migration_keeps_to_the_rules() -> None:
    graph = MigrationLoader(None).graph
    names = sorted(name for app, name in graph.nodes if app == "matricula" and name >= _FIRST)
    assert names
    found = set()
    for name in names:
        migration = graph.nodes["matricula", name]
        before = graph.make_state(nodes=migration.dependencies, at_end=True)
        found |= {(name, problem) for problem in list_problems(migration, before)}
    assert found == set(ALLOWED)


def _made(*operations: Operation, **attributes: object) -> migrations.Migration:
    kind = type("Migration", (migrations.Migration,), {"operations": list(operations), **attributes})
    return kind("0099_made", "matricula")


def _state() -> ProjectState:
    fields = [
        ("id", models.BigAutoField(primary_key=True)),
        ("word", models.TextField(null=True)),
        ("number", models.IntegerField(null=True)),
    ]
    state = ProjectState()
    state.add_model(ModelState("matricula", "Thing", fields, {"indexes": [], "constraints": []}))
    return state


@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddIndex("thing", _INDEX),
        migrations.AddConstraint("thing", _CHECK),
        migrations.AddConstraint("thing", _UNIQUE),
        migrations.RemoveField("thing", "word"),
        migrations.RenameField("thing", "word", "text"),
        migrations.RenameModel("Thing", "Item"),
        migrations.DeleteModel("Thing"),
        migrations.AddField("thing", "more", models.TextField()),
        # Django drops this default again, and the version before gives none
        migrations.AddField("thing", "more", models.TextField(default="")),
        migrations.AddField("thing", "more", models.TextField(null=True, db_index=True)),
        migrations.AlterField("thing", "word", models.TextField()),
        migrations.AlterField("thing", "number", models.BigIntegerField(null=True)),
        migrations.RunSQL("create index by_word on matricula_thing (word)"),
        migrations.RunSQL("alter table matricula_thing add constraint c check (word > '')"),
        migrations.RunSQL("alter table matricula_thing rename column word to text"),
        migrations.RunSQL("alter table matricula_thing alter word set not null"),
        migrations.SeparateDatabaseAndState(database_operations=[migrations.RemoveField("thing", "word")]),
        AddIndexConcurrently("thing", _INDEX),
    ],
    ids=lambda operation: f"{type(operation).__name__}: {operation.describe()}",
)
def test_what_would_stop_the_version_before_is_a_problem(operation: Operation) -> None:
    assert list_problems(_made(operation), _state())


def test_a_constraint_is_validated_in_another_migration() -> None:
    added, validated = AddConstraintNotValid("thing", _CHECK), ValidateConstraint("thing", "word_known")
    assert list_problems(_made(added, validated), _state())
    assert not list_problems(_made(added), _state())
    assert not list_problems(_made(validated), _state())


def test_data_is_changed_in_another_migration() -> None:
    changed = migrations.RunPython(migrations.RunPython.noop)
    assert list_problems(_made(migrations.AddField("thing", "more", models.TextField(null=True)), changed), _state())
    assert not list_problems(_made(changed), _state())


def test_what_the_version_before_need_not_know_is_fine() -> None:
    model = migrations.CreateModel("New", [("id", models.BigAutoField(primary_key=True)), ("word", models.TextField())])
    assert not list_problems(
        _made(
            model,
            migrations.AddIndex("new", _INDEX),
            migrations.AddConstraint("new", _CHECK),
            migrations.AddField("thing", "more", models.TextField(null=True)),
            migrations.AddField("thing", "most", models.TextField(db_default="")),
        ),
        _state(),
    )
    assert not list_problems(
        _made(AddIndexConcurrently("thing", _INDEX), atomic=False, lock_seconds=0, statement_seconds=0), _state()
    )


def test_a_misspelt_limit_is_a_problem() -> None:
    assert list_problems(_made(migrations.RunSQL("select 1"), statement_second=0), _state())
