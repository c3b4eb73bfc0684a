"""Large batches are written set by set: everything that comes of it is what the small form makes of the same rows."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from matricula.batches.courses import CourseOptions, CourseRow
from matricula.batches.engine import run_slices
from matricula.batches.kinds import COURSE_ENROLLMENTS, COURSE_STUDENTS, IMPORTED_ENROLLMENTS, ROSTER, STUDENTS
from matricula.batches.planning import make_plan
from matricula.batches.programs import CourseStudentOptions, CourseStudentRow, StudentRow
from matricula.batches.runs import _add_batch, finish, given_rows, run_chunk, start_batch, store_check
from matricula.batches.stored import AnyKind, list_outcomes
from matricula.batches.values import Options, Rejected
from matricula.enrollments.program.rules import Verb
from matricula.enrollments.program.writes import (
    ProgramCourseRequest,
    ProgramRequest,
    write_program_course_enrollments,
    write_program_enrollments,
)
from matricula.identity.linking import link_student_keys
from matricula.jobs.reads import get_job
from matricula.journal.statuses import CONSOLE, Source
from matricula.journal.writes import new_operation
from matricula.models import Account, Course, PreEnrollment
from tests.conftest import KEY, World, make_account, write
from tests.domain.program_jobs import enroll, facts, link
from tests.university import ABROAD, EXTERNAL, EXTRA, OWN, SECOND, University

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
        select e.program_id, e.student_key, c.course_id, c.status, c.course_staff, c.organization_id,
            c.student_key_folded
        from matricula_programcourseenrollment c join matricula_programenrollment e on e.id = c.program_enrollment_id
    """,
    "journal": """
        select kind, source, actor_id, subject, account_id, email, student_key, course_id, program_id, transition,
            before::text, after::text, reason
        from matricula_change where subject not in ('job', 'account')
    """,
    "roles": "select role, account_id, course_id from matricula_courserole",
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
@settings(max_examples=10, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
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


@settings(max_examples=10, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(before=st.lists(rows, max_size=6), batch=batches, said=options)
def test_both_forms_foresee_the_same(
    world: World, before: list[CourseRow], batch: list[CourseRow | Rejected], said: CourseOptions
) -> None:
    for row in before:
        write(world.course, row.action or "enroll", row.identifier, mode=row.mode, auto_enroll=bool(row.auto_enroll))
    given = given_rows(batch, said)
    small = make_plan(ROSTER, world.course, given, actor_id=world.admin.pk, source=CONSOLE)
    large = start_batch_of_check(batch, said, world)
    by_slices(large)
    assert list(list_outcomes(get_job(small), ROSTER)) == list(list_outcomes(get_job(large), ROSTER))
    assert get_job(small).counts == get_job(large).counts


def start_batch_of_check(batch: list[CourseRow | Rejected], said: CourseOptions, world: World) -> uuid.UUID:
    return store_check(ROSTER, world.course, lambda: (batch, said), actor_id=world.admin.pk, source=CONSOLE)


statuses = st.sampled_from(["enrolled", "pending", "suspended", "canceled", "ended", "nonsense", 'x"y'])
students = st.lists(
    st.builds(StudentRow, st.sampled_from(["s-1", "S-1", "s-2", "s-3", "ñ-4", "s-5"]), statuses), min_size=1, max_size=9
)


@settings(max_examples=10, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
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


keys = st.sampled_from(["s-1", "S-1", "s-2", "ñ-4", "s-5", "s-6", "s-7", "absent"])
course_students = st.lists(
    st.builds(
        CourseStudentRow,
        course=st.sampled_from([KEY, EXTERNAL, EXTRA, EXTRA, "course-v1:unknown"]),
        student_key=keys,
        status=st.sampled_from(["active", "active", "inactive", "inactive", "nonsense"]),
        course_staff=st.sampled_from([None, None, False, True]),
    ),
    min_size=1,
    max_size=12,
)
# what is there before: students of programs in course runs, and people in the rosters
studying = st.tuples(
    st.sampled_from([OWN, OWN, SECOND, ABROAD]),
    st.sampled_from([KEY, EXTRA]),
    keys,
    st.sampled_from(["active", "active", "inactive"]),
    st.sampled_from([None, None, True]),
)
on_rosters = st.tuples(
    st.sampled_from(["enroll", "enroll", "unenroll"]),
    st.sampled_from(["sam", "staff", "instructor", "later@example.org"]),
    st.sampled_from(["audit", "verified", "masters"]),
)


class Campus:
    """Students of programs, of whom some are linked to accounts: active ones, an inactive one, one with a bound
    pre-enrollment.
    """

    def __init__(self, university: University) -> None:
        self.university, self.world = university, university.world
        self.ids = {KEY: university.course.pk, EXTERNAL: university.course.pk, EXTRA: university.extra.pk}
        self.fresh = make_account("fresh")
        link("s-1", self.world.learner)
        link("s-5", self.world.staff)
        link("s-6", self.world.inactive)
        link("s-7", self.world.instructor)
        south = facts(ABROAD).organization_id
        link_student_keys(new_operation(None, "api"), south, [("s-2", self.world.learner.pk)])
        PreEnrollment.objects.create(
            course=university.course,
            account=self.world.instructor,
            email=self.world.instructor.email,
            auto_enroll=False,
            created=datetime.now(UTC),
        )
        for program in (OWN, SECOND, ABROAD):
            enroll_in(program, "s-1", "s-2", "ñ-4", "s-5", "s-6", "s-7")

    def study(self, *steps: tuple[str, str, str, str, bool | None]) -> None:
        for program, course, key, status, staff in steps:
            request = ProgramCourseRequest(self.ids[course], key, status, staff)
            operation = new_operation(None, "api")
            write_program_course_enrollments(operation, facts(program), Verb.CREATE_OR_UPDATE, [request])

    def requests(self, batch: list[CourseStudentRow]) -> list[CourseStudentRow]:
        return [replace(row, course_id=self.ids.get(row.course)) for row in batch]


def enroll_in(program: str, *keys: str) -> None:
    requests = [ProgramRequest(key, "enrolled") for key in keys]
    write_program_enrollments(new_operation(None, "api"), facts(program), Verb.CREATE, requests)


@settings(max_examples=10, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    programs=st.lists(studying, max_size=6),
    people=st.lists(on_rosters, max_size=4),
    late=st.lists(studying, max_size=2),
    batch=course_students,
    looks=st.booleans(),
)
def test_both_forms_write_the_same_students_of_course_runs(
    university: University,
    programs: list[Any],
    people: list[tuple[str, str, str]],
    late: list[Any],
    batch: list[CourseStudentRow],
    looks: bool,
) -> None:
    def act(form: Callable[[uuid.UUID], None]) -> dict[str, Any]:
        campus = Campus(university)
        campus.study(*programs)
        for action, who, mode in people:
            write(university.world.course, action, who, mode=mode)
        campus.study(*late)
        rows = given_rows(campus.requests(batch), CourseStudentOptions(course_staff=True))
        if looks:
            job_id = store_check(COURSE_STUDENTS, facts(), rows, actor_id=university.root.pk, source=Source.UPLOAD)
        else:
            job_id = _add_batch(COURSE_STUDENTS, facts(), rows, university.root.pk, Source.UPLOAD)
        form(job_id)
        return everything(COURSE_STUDENTS, job_id)

    small, large = undone(lambda: act(by_chunks)), undone(lambda: act(by_slices))
    assert large == small


def unlink(key: str) -> None:
    link_student_keys(new_operation(None, "api"), facts().organization_id, [(key, None)])


FASTER: dict[str, Callable[[Campus], Any]] = {
    "another enrolls the account": lambda campus: write(campus.world.course, "enroll", "sam", mode="audit"),
    "another unenrolls the account": lambda campus: write(campus.world.course, "unenroll", "staff"),
    "another sets the status": lambda campus: campus.study((OWN, KEY, "s-5", "inactive", None)),
    "another adds the status": lambda campus: campus.study((OWN, KEY, "s-2", "inactive", None)),
    "another makes course staff": lambda campus: campus.study((OWN, KEY, "s-5", "active", True)),
    "another program has the student": lambda campus: campus.study((SECOND, KEY, "s-2", "active", None)),
    "another program has the account": lambda campus: campus.study((ABROAD, KEY, "s-2", "inactive", None)),
    "the key is linked": lambda campus: link("ñ-4", campus.fresh),
    "the key is not linked any more": lambda campus: unlink("s-1"),
    "the key is another account's": lambda campus: (
        write(campus.world.course, "enroll", "fresh"),
        unlink("s-1"),
        link("s-1", campus.fresh),
    ),
    "the account is not active any more": lambda campus: write_inactive(campus.world.learner),
    "the account is invited": lambda campus: invite(campus.university.course, campus.world.learner),
}


def write_inactive(account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(is_active=False)


def invite(course: Course, account: Account) -> None:
    PreEnrollment.objects.create(course=course, email=account.email, auto_enroll=True, created=datetime.now(UTC))


@pytest.mark.parametrize("act_faster", FASTER.values(), ids=FASTER)
def test_students_of_course_runs_are_decided_again_where_someone_was_faster(
    university: University, act_faster: Callable[[Campus], Any]
) -> None:
    campus = Campus(university)
    campus.study((OWN, KEY, "s-5", "active", None))
    rows = [CourseStudentRow(KEY, key, "active") for key in ("s-1", "s-2", "ñ-4")]
    rows += [CourseStudentRow(KEY, "s-5", "inactive"), CourseStudentRow(EXTRA, "s-1", "active")]

    def act(form: Callable[[uuid.UUID, Callable[[], bool]], None]) -> dict[str, Any]:
        options = CourseStudentOptions()
        job_id = start_batch(
            COURSE_STUDENTS, facts(), campus.requests(rows), options, actor_id=university.root.pk, source="upload"
        )
        acts = iter([lambda: act_faster(campus)])

        def once() -> bool:
            for go in acts:
                go()
            return False

        form(job_id, once)
        return everything(COURSE_STUDENTS, job_id)

    def after(job_id: uuid.UUID, go: Callable[[], bool]) -> None:
        go()
        by_chunks(job_id)

    def meanwhile(job_id: uuid.UUID, go: Callable[[], bool]) -> None:
        lowest = []

        # asked before each slice
        def look() -> bool:
            with connection.cursor() as cursor:
                cursor.execute("select min(number) from matricula_jobslice where job_id = %s", [job_id])
                lowest.append(cursor.fetchone()[0])
            return go()

        assert run_slices(get_job(job_id), look, connections=1)
        # written as a set at first, then one by one
        assert lowest[0] == 0 > lowest[-1]

    small, large = undone(lambda: act(after)), undone(lambda: act(meanwhile))
    assert large == small
