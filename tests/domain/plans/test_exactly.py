"""A plan shows what applying it does, to the row; an undo puts back what was there: random batches, both forms."""

import uuid
from collections.abc import Callable
from typing import Any

from django.db import connection
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from matricula.batches.courses import CourseOptions, CourseRow, change_roster
from matricula.batches.kinds import COURSE_STUDENTS, ROSTER, STUDENTS, UNDO
from matricula.batches.planning import _add_applying, add_plan, find_plan
from matricula.batches.plans.models import Plan
from matricula.batches.plans.reads import PlanStatus, find_result, list_plan_rows
from matricula.batches.plans.statuses import RowState, Scope
from matricula.batches.programs import CourseStudentOptions, CourseStudentRow, StudentRow
from matricula.batches.runs import finish, given_rows, store_check
from matricula.batches.stored import VERSION, AnyKind, stored_options
from matricula.batches.undo.rows import keep_undo
from matricula.batches.undo.values import UndoOptions
from matricula.batches.values import Effect, Options, Rejected
from matricula.catalog.reads import CourseRun, ProgramFacts
from matricula.foundation.transactions import one_transaction
from matricula.history.integrity import list_differences
from matricula.jobs.reads import get_job
from matricula.jobs.writes import add_job, update_job
from matricula.journal.operations import find_operation
from matricula.journal.statuses import API
from matricula.journal.writes import new_operation
from tests.conftest import World, write
from tests.domain.program_jobs import enroll, facts
from tests.domain.test_large_batches import (
    Campus,
    by_chunks,
    by_slices,
    course_students,
    rejected,
    rows,
    students,
    studying,
    undone,
)
from tests.journal import record_setting
from tests.university import University

Form = Callable[[uuid.UUID], None]
FORMS = (by_chunks, by_slices)
_random = settings(
    max_examples=5,
    phases=[Phase.generate],
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
_TABLES = {
    "seats": "select course_id, account_id, mode, is_active from matricula_courseenrollment",
    "students": "select program_id, student_key, account_id, status from matricula_programenrollment",
    "invitations": "select course_id, email_key, account_id, mode, auto_enroll from matricula_preenrollment",
    "in programs": """
        select e.program_id, e.student_key, c.course_id, c.status, c.course_staff
        from matricula_programcourseenrollment c join matricula_programenrollment e on e.id = c.program_enrollment_id
    """,
    "roles": "select role, account_id, course_id from matricula_courserole",
}


def tables() -> dict[str, list[Any]]:
    found = {}
    with connection.cursor() as cursor:
        for name, query in _TABLES.items():
            cursor.execute(query)
            found[name] = sorted(cursor.fetchall(), key=repr)
    return found


def make(kind: AnyKind, about: CourseRun | ProgramFacts, asked: list[Any], options: Options, form: Form) -> PlanStatus:
    numbered = [row if isinstance(row, Rejected) else replace(row, number=n) for n, row in enumerate(asked, 2)]
    job_id = store_check(kind, about, given_rows(numbered, options), actor_id=None, source=API)
    add_plan(job_id, Scope.ROWS, "")
    return planned(job_id, form)


def planned(job_id: uuid.UUID, form: Form) -> PlanStatus:
    form(job_id)
    finish(get_job(job_id))
    found = find_plan(job_id)
    assert found is not None and found.effects is not None
    return found


def apply(plan: PlanStatus, form: Form) -> PlanStatus:
    with one_transaction():
        job = _add_applying(plan, None, API, "why", None)
        Plan.objects.filter(pk=plan.id).update(applied_by=job.id)
    form(job.id)
    finish(get_job(job.id))
    found = find_plan(plan.id)
    assert found is not None
    return found


def undo(operation_id: uuid.UUID, form: Form) -> PlanStatus:
    operation = find_operation(operation_id)
    assert operation is not None and UNDO.check is not None
    with one_transaction():
        job_id = add_job(
            UNDO.check, actor_id=None, source=API, options={},
            course_id=operation.course_id, program_id=operation.program_id,
        )  # fmt: skip
        total, subject = keep_undo(job_id, operation_id, None, 3, VERSION)
        options = UndoOptions(undo_of=str(operation_id), subject=subject)
        update_job(job_id, total=total, options=stored_options(options))
        add_plan(job_id, Scope.ROWS, "", operation_id)
    return planned(job_id, form)


def shown(plan: PlanStatus) -> list[Any]:
    return [(r.place, r.described, r.effect, r.state, r.account_id) for r in list_plan_rows(plan)]


def run_alone(run: Callable[[Form], dict[str, Any]], form: Form) -> dict[str, Any]:
    """As if nothing had been done; the journal says everything of what is there then."""

    def act() -> dict[str, Any]:
        record_setting()
        found = run(form)
        assert list(list_differences()) == []
        return found

    return undone(act)


@_random
@given(
    before=st.lists(rows, max_size=6),
    batch=st.lists(st.one_of(rows, rows, rows, rejected), min_size=1, max_size=12),
    meanwhile=st.lists(rows, max_size=3),
)
def test_exactly_the_planned_rows_are_written(
    world: World, before: list[CourseRow], batch: list[CourseRow | Rejected], meanwhile: list[CourseRow]
) -> None:
    def act(row: CourseRow) -> None:
        requested = row.action or "enroll"
        write(world.course, requested, row.identifier, mode=row.mode, auto_enroll=bool(row.auto_enroll))

    def run(form: Form) -> dict[str, Any]:
        for row in before:
            act(row)
        plan = make(ROSTER, world.course, batch, CourseOptions(), form)
        as_planned = [row.outcome.standing for row in list_plan_rows(plan) if row.state is RowState.PLANNED]
        for row in meanwhile:
            act(row)
        again = make(ROSTER, world.course, batch, CourseOptions(), form)
        as_now = [row.outcome.standing for row in list_plan_rows(again) if row.effect is not Effect.REJECTED]
        before_it = tables()

        def directly() -> dict[str, Any]:
            kept = [r.row for r in list_plan_rows(plan) if r.state is RowState.PLANNED]
            same = [row for row, was, is_ in zip(kept, as_planned, as_now, strict=True) if was == is_]
            change_roster(new_operation(None, API), world.course, CourseOptions(), same)
            return tables()

        direct = undone(directly)
        done = apply(plan, form)
        assert tables() == direct
        states = [row.state for row in list_plan_rows(done) if row.effect is not Effect.REJECTED]
        stale = [was != is_ for was, is_ in zip(as_planned, as_now, strict=True)]
        assert [state is RowState.STALE for state in states] == stale
        result = find_result(done)
        assert result is not None and sum(result.values()) == len(batch) and result["stale"] == sum(stale)
        if all(stale):
            assert tables() == before_it
        return {"plan": plan.fingerprint, "rows": shown(done), "counts": plan.effects, "result": result}

    small, large = (run_alone(run, form) for form in FORMS)
    assert small == large


@_random
@given(before=st.lists(rows, max_size=6), batch=st.lists(rows, min_size=1, max_size=8))
def test_an_undo_of_a_roster_change(world: World, before: list[CourseRow], batch: list[CourseRow]) -> None:
    def run(form: Form) -> dict[str, Any]:
        for row in before:
            requested = row.action or "enroll"
            write(world.course, requested, row.identifier, mode=row.mode, auto_enroll=bool(row.auto_enroll))
        return there_and_back(make(ROSTER, world.course, batch, CourseOptions(), form), form)

    small, large = (run_alone(run, form) for form in FORMS)
    assert small == large


@_random
@given(before=students, batch=students)
def test_an_undo_of_an_upload_of_students(
    university: University, before: list[StudentRow], batch: list[StudentRow]
) -> None:
    def run(form: Form) -> dict[str, Any]:
        Campus(university)
        record_setting()
        enroll(*(row.student_key for row in before))
        return there_and_back(make(STUDENTS, facts(), batch, Options(), form), form)

    small, large = (run_alone(run, form) for form in FORMS)
    assert small == large


@_random
@given(programs=st.lists(studying, max_size=6), batch=course_students)
def test_an_undo_of_an_upload_of_students_in_course_runs(
    university: University, programs: list[Any], batch: list[CourseStudentRow]
) -> None:
    def run(form: Form) -> dict[str, Any]:
        campus = Campus(university)
        record_setting()
        campus.study(*programs)
        options = CourseStudentOptions(course_staff=True)
        return there_and_back(make(COURSE_STUDENTS, facts(), campus.requests(batch), options, form), form)

    small, large = (run_alone(run, form) for form in FORMS)
    assert small == large


def there_and_back(plan: PlanStatus, form: Form) -> dict[str, Any]:
    """A plan is applied, taken back, and the undo taken back: what is there then is what was there after the first."""
    first = tables()
    done = apply(plan, form)
    second = tables()
    assert done.applied_by
    back = undo(done.applied_by, form)
    assert back.effects and not back.effects[Effect.REJECTED], [row.described for row in list_plan_rows(back)]
    back = apply(back, form)
    assert {row.state for row in list_plan_rows(back)} <= {RowState.APPLIED}
    third = tables()
    # an enrollment that was made stays as an ended one
    known = {(course, account) for course, account, *_ in first["seats"]}
    made = [seat for seat in third["seats"] if seat[:2] not in known]
    assert not any(is_active for *_, is_active in made)
    assert {**third, "seats": [seat for seat in third["seats"] if seat not in made]} == first
    assert back.applied_by
    again = apply(undo(back.applied_by, form), form)
    assert tables() == second, [row.described for row in list_plan_rows(again)]
    # in the order of the journal, in which each form has its own
    taken_back = sorted((row.described.cells, row.effect, row.described.word) for row in list_plan_rows(back))
    return {"rows": shown(done), "back": taken_back}
