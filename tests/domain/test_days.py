"""How many came and went on each day: the same whether days are kept or counted."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from matricula.history.curves import course_curve, program_curve
from matricula.history.integrity import list_differences
from matricula.history.moments import days
from matricula.history.moments.days import Of, count_students, list_days
from matricula.models import ProgramDay, RosterDay, StudentDay
from tests.university import University

NOW = datetime.now(UTC)
# days ago, student, before, after
STEPS = [
    (9, "s1", None, "enrolled"),
    (9, "s2", None, "pending"),
    (7, "s1", "enrolled", "suspended"),
    (7, "s2", "pending", "enrolled"),
    (7, "s3", None, "enrolled"),
    (3, "s3", "enrolled", "ended"),
    (3, "s3", "ended", None),
    (0, "s1", "suspended", "enrolled"),
]


def add(program_id: int, steps: list[tuple[int, str, str | None, str | None]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            insert into matricula_journalentry
                (at, operation, subject, student_key, program_id, transition, before, after)
            values (%s, gen_random_uuid(), 'program_enrollment', %s, %s, 'x',
                jsonb_strip_nulls(jsonb_build_object('status', %s::text)),
                jsonb_strip_nulls(jsonb_build_object('status', %s::text)))
            """,
            [(NOW - timedelta(days=ago), key, program_id, before, after) for ago, key, before, after in steps],
        )


def expected(steps: list[tuple[int, str, str | None, str | None]]) -> list[tuple[date, int, int]]:
    found: dict[date, list[int]] = {}
    for ago, _, before, after in steps:
        day = found.setdefault((NOW - timedelta(days=ago)).date(), [0, 0])
        day[0] += after == "enrolled" != before
        day[1] += before == "enrolled" != after
    return [(day, came, went) for day, (came, went) in found.items()]


def test_days_of_a_program_are_kept_once_they_are_over(university: University, monkeypatch: pytest.MonkeyPatch) -> None:
    program = university.own.pk
    add(program, STEPS)
    assert list_days(Of.PROGRAM, program) == expected(STEPS)
    # so few are counted each time
    assert not ProgramDay.objects.exists()
    monkeypatch.setattr(days, "_MANY", 3)
    for _ in range(3):
        assert list_days(Of.PROGRAM, program) == expected(STEPS)
    assert ProgramDay.objects.count() == 3
    more = [(0, "s4", None, "enrolled"), (0, "s1", "enrolled", "canceled")]
    add(program, more)
    assert list_days(Of.PROGRAM, program) == expected(STEPS + more)
    assert [point.enrolled for point in program_curve(program)] == [1, 2, 1, 2]
    wrong = "days of a program differ from what the journal tells"
    assert wrong not in {difference.what for difference in list_differences()}
    ProgramDay.objects.filter(came=2).update(came=1)
    assert wrong in {difference.what for difference in list_differences()}


def test_students_of_any_status_are_counted_of_the_days_that_are_kept(
    university: University, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = university.own.pk
    more = [(1, "s5", None, "pending"), (0, "s5", "pending", None), (0, "s6", None, "canceled")]
    add(program, STEPS)
    add(program, more)

    def counted() -> list[int]:
        return [count_students(program, NOW - timedelta(days=ago) + timedelta(minutes=1)) for ago in (400, 30, 3, 1, 0)]

    there = [0] * 5
    for n, ago in enumerate((400, 30, 3, 1, 0)):
        last = {key: after for days_ago, key, _, after in STEPS + more if days_ago >= ago}
        there[n] = sum(after is not None for after in last.values())
    assert counted() == there
    assert not StudentDay.objects.exists()
    monkeypatch.setattr(days, "_MANY", 1)
    for _ in range(2):
        assert counted() == there
    assert StudentDay.objects.exists()
    wrong = "days of the students of a program differ from what the journal tells"
    assert wrong not in {difference.what for difference in list_differences()}
    StudentDay.objects.filter(came__gt=0).update(came=9)
    assert wrong in {difference.what for difference in list_differences()}


def test_the_curve_of_a_course_run_is_that_of_its_days(university: University, monkeypatch: pytest.MonkeyPatch) -> None:
    world = university.world
    world.enroll("sam", "staff")
    world.unenroll("sam")
    before = list_days(Of.COURSE, world.course.id)
    assert before == [(NOW.date(), 2, 1)]
    monkeypatch.setattr(days, "_MANY", 0)
    assert list_days(Of.COURSE, world.course.id) == before
    # today isn't over
    assert not RosterDay.objects.exists()
    assert [(point.enrolled, point.came, point.went) for point in course_curve(world.course.id)] == [(1, 2, 1)]
