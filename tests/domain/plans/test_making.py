"""Plans of course enrollments: what they show is what applying them does, and nothing else."""

import pytest

from matricula.batches.courses import CourseOptions, CourseRow
from matricula.batches.kinds import ROSTER
from matricula.batches.planning import (
    OwnPlan,
    PlanConflict,
    PlanIsStale,
    apply_plan,
    cancel_plan,
    exclude_rows,
    make_plan,
    make_undo,
    review_plan,
)
from matricula.batches.plans.reads import PlanStatus, find_plan, list_plan_rows
from matricula.batches.plans.statuses import Decision, OnStale, PlanState, RowState, Scope
from matricula.batches.runs import given_rows
from matricula.batches.values import Effect
from matricula.journal.operations import find_operation, list_changes
from matricula.journal.statuses import API
from matricula.journal.writes import new_operation
from matricula.models import CourseEnrollment, PreEnrollment
from tests.conftest import World, make_account, write


def plan(world: World, *rows: CourseRow, scope: Scope = Scope.ROWS) -> PlanStatus:
    numbered = [CourseRow(r.identifier, n, r.action, r.mode, r.auto_enroll, r.reason) for n, r in enumerate(rows, 1)]
    given = given_rows(numbered, CourseOptions())
    made = find_plan(make_plan(ROSTER, world.course, given, scope=scope, actor_id=world.staff.pk, source=API))
    assert made is not None
    return made


def again(made: PlanStatus) -> PlanStatus:
    found = find_plan(made.id)
    assert found is not None
    return found


def apply(made: PlanStatus, on_stale: OnStale = OnStale.REFUSE) -> PlanStatus:
    apply_plan(made.id, actor_id=None, source=API, fingerprint=made.fingerprint or "", reason="why", on_stale=on_stale)
    return again(made)


def shown(made: PlanStatus) -> list[tuple[str, str, str]]:
    return [(row.described.who, row.effect.value, row.state.value) for row in list_plan_rows(made)]


def active(world: World) -> set[str]:
    seats = CourseEnrollment.objects.filter(course_id=world.course.id, is_active=True)
    return set(seats.values_list("username_key", flat=True))


def test_a_plan_shows_each_row_and_applies_those_alone(world: World) -> None:
    write(world.course, "enroll", "staff")
    made = plan(
        world,
        CourseRow("sam"),
        CourseRow("staff", mode="verified"),
        CourseRow("nobody"),
        CourseRow("SAM@example.org"),
        CourseRow("new@example.org"),
    )
    assert made.state is PlanState.READY
    assert made.effects == {"add": 2, "change": 1, "remove": 0, "unchanged": 0, "refused": 2}
    assert made.words == {
        "allowed": 1, "duplicated": 1, "enrolled": 1, "mode_changed": 1, "unknown_username": 1,
    }  # fmt: skip
    assert shown(made) == [
        ("sam", "add", "planned"),
        ("staff", "change", "planned"),
        ("nobody", "refused", "refused"),
        ("SAM@example.org", "refused", "refused"),
        ("new@example.org", "add", "planned"),
    ]
    assert active(world) == {"staff"}
    made = apply(made)
    assert made.state is PlanState.APPLIED
    assert [state for _, _, state in shown(made)] == ["applied", "applied", "refused", "refused", "applied"]
    assert active(world) == {"sam", "staff"} and PreEnrollment.objects.count() == 1
    assert apply(made).applied_by == made.applied_by
    operation = find_operation(made.applied_by) if made.applied_by else None
    assert operation and operation.kind.value == "plan" and operation.reason == "why"


def test_stale_rows(world: World) -> None:
    made = plan(world, CourseRow("sam"), CourseRow("staff"))
    write(world.course, "enroll", "sam")
    with pytest.raises(PlanIsStale) as stale:
        apply(made)
    assert (stale.value.count, stale.value.places) == (1, [1])
    assert active(world) == {"sam"} and again(made).state is PlanState.READY
    write(world.course, "unenroll", "sam")
    write(world.course, "enroll", "sam", mode="verified")
    made = apply(made, OnStale.SKIP)
    assert [state for _, _, state in shown(made)] == ["stale", "applied"]
    assert CourseEnrollment.objects.get(username_key="sam").mode == "verified"


def test_who_changed_and_changed_back_is_not_stale(world: World) -> None:
    write(world.course, "enroll", "sam")
    made = plan(world, CourseRow("sam", mode="verified"))
    write(world.course, "unenroll", "sam")
    write(world.course, "enroll", "sam")
    assert [state for _, _, state in shown(apply(made))] == ["applied"]


def test_excluded_rows_are_left_out(world: World) -> None:
    made = plan(world, CourseRow("sam"), CourseRow("staff"), CourseRow("nobody"))
    exclude_rows(made.id, [1], (), excluded=True)
    other = again(made)
    assert other.fingerprint != made.fingerprint
    assert other.effects == {"add": 1, "change": 0, "remove": 0, "unchanged": 0, "refused": 1}
    with pytest.raises(PlanConflict):
        apply(made)
    exclude_rows(made.id, (), [Effect.ADD, Effect.REJECTED], excluded=True)
    assert {row.state for row in list_plan_rows(again(made))} == {RowState.EXCLUDED}
    exclude_rows(made.id, (), [Effect.ADD, Effect.REJECTED], excluded=False)
    exclude_rows(made.id, [1], (), excluded=True)
    assert again(made).fingerprint == other.fingerprint
    exclude_rows(made.id, [1], (), excluded=False)
    assert again(made).fingerprint == made.fingerprint
    exclude_rows(made.id, [1], (), excluded=True)
    apply(again(made))
    assert active(world) == {"staff"}


def test_a_row_that_is_left_out_and_taken_in_again_leaves_the_fingerprint_as_it_was(world: World) -> None:
    made = plan(world, CourseRow("sam"), CourseRow("staff"))
    exclude_rows(made.id, [1], (), excluded=True)
    exclude_rows(made.id, [1], (), excluded=False)
    assert again(made).fingerprint == made.fingerprint


def crowd(world: World, number: int) -> list[str]:
    names = [f"learner{n}" for n in range(number)]
    for name in names:
        make_account(name)
        write(world.course, "enroll", name)
    return names


def test_a_plan_that_removes_many_waits_for_someone_else(world: World) -> None:
    crowd(world, 12)
    made = plan(world, CourseRow("sam"), scope=Scope.ALL)
    assert made.state is PlanState.HELD
    assert made.effects == {"add": 1, "change": 0, "remove": 12, "unchanged": 0, "refused": 0}
    assert [(limit.name, limit.exceeded) for limit in made.limits] == [
        ("removals", True), ("changes", False), ("refused", False),
    ]  # fmt: skip
    with pytest.raises(PlanConflict):
        apply(made)
    operation = new_operation(world.staff.pk, API)
    seen = made.fingerprint or ""
    with pytest.raises(OwnPlan):
        review_plan(made.id, world.staff.pk, Decision.APPROVED, fingerprint=seen, note=None, operation=operation)
    review_plan(
        made.id, world.admin.pk, Decision.APPROVED, fingerprint=seen, note="yes",
        operation=new_operation(world.admin.pk, API),
    )  # fmt: skip
    assert again(made).state is PlanState.APPROVED
    apply(again(made))
    assert active(world) == {"sam"}


def test_an_undo_puts_everything_back(world: World) -> None:
    crowd(world, 3)
    write(world.course, "enroll", "staff", mode="verified")
    made = apply(
        plan(
            world,
            CourseRow("learner0", action="unenroll"),
            CourseRow("staff", mode="honor"),
            CourseRow("sam"),
            CourseRow("new@example.org"),
        )
    )
    assert made.applied_by
    before = active(world)
    operation = find_operation(made.applied_by)
    assert operation
    assert len(list_changes(operation.id, limit=100)) == 4
    undo = find_plan(make_undo(operation, None, reason=None, name="Undo", actor_id=world.admin.pk, source=API))
    assert undo and undo.state is PlanState.READY
    assert undo.effects == {"add": 1, "change": 1, "remove": 2, "unchanged": 0, "refused": 0}
    apply(undo)
    assert active(world) == {"learner0", "learner1", "learner2", "staff"}
    assert CourseEnrollment.objects.get(username_key="staff").mode == "verified"
    assert not PreEnrollment.objects.exists()
    undone = find_operation(again(undo).applied_by)  # type: ignore[arg-type]
    assert undone and undone.reverts == operation.id
    redo = find_plan(make_undo(undone, None, reason=None, name="Redo", actor_id=world.admin.pk, source=API))
    assert redo
    apply(redo)
    assert active(world) == before


def test_an_undo_leaves_alone_what_someone_changed_since(world: World) -> None:
    made = apply(plan(world, CourseRow("sam"), CourseRow("staff")))
    write(world.course, "enroll", "sam", mode="verified")
    operation = find_operation(made.applied_by)  # type: ignore[arg-type]
    assert operation
    undo = find_plan(make_undo(operation, None, reason=None, name="Undo", actor_id=world.admin.pk, source=API))
    assert undo and undo.effects == {"add": 0, "change": 0, "remove": 1, "unchanged": 0, "refused": 1}
    [conflict] = [row for row in list_plan_rows(undo) if row.effect is Effect.REJECTED]
    assert (
        conflict.outcome.conflict.operation and str(conflict.outcome.conflict.operation) in conflict.described.rejection
    )
    apply(undo)
    assert active(world) == {"sam"}


def test_a_canceled_plan_is_never_applied(world: World) -> None:
    made = plan(world, CourseRow("sam"))
    cancel_plan(made.id, new_operation(world.staff.pk, API))
    assert again(made).state is PlanState.CANCELED
    with pytest.raises(PlanConflict):
        apply(made)
    assert not active(world)
