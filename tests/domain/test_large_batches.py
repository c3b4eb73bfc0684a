"""Large batches are written set by set: everything that comes of it is what the small form makes of the same rows."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matricula.batches.courses import CourseOptions, CourseRow
from matricula.batches.engine import run_slices
from matricula.batches.kinds import COURSE_ENROLLMENTS, IMPORTED_ENROLLMENTS, ROSTER, STUDENTS
from matricula.batches.programs import StudentRow
from matricula.batches.runs import finish, run_chunk, start_batch, start_check
from matricula.batches.stored import AnyKind, list_outcomes
from matricula.batches.values import Options, Rejected
from matricula.jobs.reads import get_job
from tests.conftest import World, make_account, write
from tests.domain.program_jobs import enroll, facts, link
from tests.university import University

NAMES = ["sam", "SAM@example.org", "later", "later@example.org", "staff", "instructor", "elsewhere@example.org"]
OTHERS = ["new@example.org", "New@example.org", "nobody", "bad@", "x" * 300, "sam\u200bx", "two@example.org"]
asked = {
    "action": st.sampled_from([None, "enroll", "unenroll"]),
    "mode": st.sampled_from([None, "audit", "verified"]),
    "auto_enroll": st.sampled_from([None, True, False]),
    "reason": st.sampled_from([None, "own reason", "why"]),
}
rows = st.builds(CourseRow, st.sampled_from(NAMES + OTHERS), st.none(), **asked)
rejected = st.just(Rejected(None, ("x", "", "", "", "", ""), "why not"))
batches = st.lists(st.one_of(rows, rows, rows, rejected), min_size=1, max_size=14)
options = st.builds(
    CourseOptions,
    action=st.sampled_from(["enroll", "unenroll"]),
    mode=st.sampled_from([None, "honor"]),
    auto_enroll=st.booleans(),
    reason=st.sampled_from([None, "why"]),
)
_TABLES = {
    "seats": "select course_id, account_id, username_key, mode, is_active from matricula_courseenrollment",
    "students": "select program_id, student_key, account_id, status from matricula_programenrollment",
    "invitations": """
        select course_id, email, account_id, mode, auto_enroll, actor_id, reason from matricula_preenrollment
    """,
    "in programs": """
        select program_enrollment_id, course_id, status, course_staff from matricula_programcourseenrollment
    """,
    "journal": """
        select kind, source, actor_id, subject, account_id, email, student_key, course_id, program_id, transition,
            before::text, after::text, reason
        from matricula_change where subject not in ('job', 'account')
    """,
    "mails": """
        select to_jsonb(m) - '{id, created, operation, due, queued}'::text[] from matricula_outgoingmail m
    """,
}


@pytest.fixture
def world(world: World) -> World:
    """With an address that fits two accounts."""
    make_account("two@example.org", email="another@example.org")
    make_account("second", email="two@example.org")
    return world


def by_chunks(job_id: uuid.UUID) -> None:
    while run_chunk(get_job(job_id)):
        pass


def by_slices(job_id: uuid.UUID) -> None:
    assert run_slices(get_job(job_id), connections=1)


def everything(kind: AnyKind, job_id: uuid.UUID) -> dict[str, Any]:
    finish(get_job(job_id))
    job = get_job(job_id)
    found: dict[str, Any] = {
        "outcomes": list(list_outcomes(job, kind)),
        "job": (job.state, job.done, job.total, {word: n for word, n in job.counts.items() if n}, job.text),
    }
    with connection.cursor() as cursor:
        for name, query in _TABLES.items():
            cursor.execute(query)
            found[name] = sorted(map(repr, cursor.fetchall()))
    return found


def undone(act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    with transaction.atomic():
        found = act()
        transaction.set_rollback(True)
    return found


@pytest.mark.parametrize("kind", [COURSE_ENROLLMENTS, IMPORTED_ENROLLMENTS, ROSTER], ids=lambda kind: str(kind.job))
@settings(max_examples=25, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(before=st.lists(rows, max_size=6), batch=batches, said=options)
def test_both_forms_do_the_same(
    world: World, kind: AnyKind, before: list[CourseRow], batch: list[CourseRow | Rejected], said: CourseOptions
) -> None:
    def act(form: Callable[[uuid.UUID], None]) -> dict[str, Any]:
        for row in before:
            write(
                world.course, row.action or "enroll", row.identifier, mode=row.mode, auto_enroll=bool(row.auto_enroll)
            )
        job_id = start_batch(kind, world.course, batch, said, actor_id=world.admin.pk, source="api")
        form(job_id)
        return everything(kind, job_id)

    small, large = undone(lambda: act(by_chunks)), undone(lambda: act(by_slices))
    assert large == small


@settings(max_examples=25, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(before=st.lists(rows, max_size=6), batch=batches, said=options)
def test_both_forms_foresee_the_same(
    world: World, before: list[CourseRow], batch: list[CourseRow | Rejected], said: CourseOptions
) -> None:
    for row in before:
        write(world.course, row.action or "enroll", row.identifier, mode=row.mode, auto_enroll=bool(row.auto_enroll))
    small = start_check(ROSTER, world.course, batch, said, actor_id=world.admin.pk, source="console")
    large = start_batch_of_check(batch, said, world)
    by_slices(large)
    assert list(list_outcomes(get_job(small), ROSTER)) == list(list_outcomes(get_job(large), ROSTER))
    assert get_job(small).counts == get_job(large).counts


def start_batch_of_check(batch: list[CourseRow | Rejected], said: CourseOptions, world: World) -> uuid.UUID:
    from matricula.batches.runs import _add

    assert ROSTER.check
    return _add(ROSTER, ROSTER.check, world.course, lambda: (batch, said), world.admin.pk, "console")


statuses = st.sampled_from(["enrolled", "pending", "suspended", "canceled", "ended", "nonsense", 'x"y'])
students = st.lists(
    st.builds(StudentRow, st.sampled_from(["s-1", "S-1", "s-2", "s-3", "ñ-4", "s-5"]), statuses), min_size=1, max_size=9
)


@settings(max_examples=25, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(before=students, batch=students)
def test_both_forms_write_the_same_students(
    university: University, before: list[StudentRow], batch: list[StudentRow]
) -> None:
    def act(form: Callable[[uuid.UUID], None]) -> dict[str, Any]:
        link("s-1", university.world.learner)
        link("s-5", university.world.staff)
        enroll(*(row.student_key for row in before if row.status != "nonsense"))
        job_id = start_batch(STUDENTS, facts(), batch, Options(), actor_id=university.root.pk, source="upload")
        form(job_id)
        return everything(STUDENTS, job_id)

    small, large = undone(lambda: act(by_chunks)), undone(lambda: act(by_slices))
    assert large == small
