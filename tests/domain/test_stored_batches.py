"""Rows and outcomes as they are stored: versioned, enums by value; those of the release before are still read."""

import json
import uuid
from typing import Any

import msgspec
import pytest

from matricula.batches.courses import CourseOptions, CourseOutcome, CourseRow, CourseState
from matricula.batches.kinds import COURSE_ENROLLMENTS, ROSTER
from matricula.batches.runs import find_described, run_chunk
from matricula.batches.stored import list_outcomes, lock_next_rows
from matricula.batches.values import Rejected
from matricula.enrollments.store.values import Person
from matricula.foundation.transactions import one_transaction
from matricula.jobs.reads import get_job
from matricula.jobs.writes import add_job
from matricula.models import Job, JobChunk
from matricula.worker.tasks import carry_out
from tests.batches import start_enrollment_task, start_roster_check
from tests.conftest import KEY, World
from tests.domain.program_jobs import enroll, facts, link, result_of, stored
from tests.journal import changes
from tests.university import University

NOBODY = {"enrolled": False, "allowed": False}
AUDIT = {"enrolled": True, "allowed": False, "mode": "audit"}
INVITED = {"enrolled": False, "allowed": True, "auto_enroll": True}


def left_by_the_release_before(
    kind: str, chunks: list[tuple[list[Any], list[Any] | None]], *, actor: int | None = None, **job: Any
) -> uuid.UUID:
    """A job with its chunks as (input, results), done as far as there are results."""
    total = sum(len(rows) for rows, _ in chunks)
    done = sum(len(results) for _, results in chunks if results)
    job_id = add_job(
        kind, actor_id=actor, source="api", **{"course_id": None, "program_id": None, "options": {}, **job}
    )
    state = "completed" if done == total else "running" if done else "pending"
    Job.objects.filter(pk=job_id).update(total=total, done=done, state=state)
    for number, (rows, results) in enumerate(chunks, 1):
        JobChunk.objects.create(job_id=job_id, number=number, input=rows, results=results)
    return job_id


def test_a_task_of_the_release_before_is_finished_and_told_in_whole(world: World) -> None:
    options = {"action": "enroll", "mode": None, "auto_enroll": True, "email_student": False, "reason": "moved"}
    results = [["nobody", NOBODY, NOBODY, "UNKNOWN_USERNAME"], ["new@example.org", NOBODY, INVITED, None]]
    job_id = left_by_the_release_before(
        "course_enrollments",
        [(["nobody", "new@example.org"], results), (["sam", "no one@"], None)],
        actor=world.staff.pk,
        course_id=world.course.id,
        options=options,
    )
    assert carry_out(get_job(job_id))
    found = list(list_outcomes(get_job(job_id), COURSE_ENROLLMENTS))
    assert [row.identifier for row, _ in found] == ["nobody", "new@example.org", "sam", "no one@"]
    nobody, allowed = CourseState(False, False), CourseState(False, True, auto_enroll=True)
    assert [outcome for _, outcome in found] == [
        CourseOutcome("error", nobody, nobody, Person.UNKNOWN_USERNAME),
        CourseOutcome("allowed", nobody, allowed),
        CourseOutcome("enrolled", nobody, CourseState(True, False, mode="audit")),
        CourseOutcome("error", nobody, nobody, Person.BAD_ADDRESS),
    ]
    [entry] = changes()
    assert (entry.account_id, entry.reason, entry.operation) == (world.learner.pk, "moved", job_id)


def test_a_check_of_a_roster_of_the_release_before_is_shown(world: World) -> None:
    cells = ["sam", "", "nonsense", "", "", ""]
    rows = [
        ["staff", 2, None, None, None, "own", None, []],
        ["sam", 3, None, None, None, None, "This course run has no such mode; it has: audit.", cells],
        ["nobody", 4, "unenroll", None, True, None, None, []],
        ["instructor", None, None, None, None, None, None, []],
    ]
    results = [
        ["enrolled", NOBODY, AUDIT, None],
        ["error", {}, {}, None],
        ["error", NOBODY, NOBODY, "UNKNOWN_USERNAME"],
        ["mode_changed", AUDIT, {**AUDIT, "mode": "verified"}, None],
    ]
    options = {"action": "enroll", "mode": None, "auto_enroll": False, "email_student": False, "file": "rows.csv"}
    check = left_by_the_release_before(
        "check_roster", [(rows, results)], actor=world.instructor.pk, course_id=world.course.id, options=options
    )
    shown = find_described(get_job(check), None, 0, 100)
    assert [(row.number, row.who, row.word, bool(row.rejection)) for row in shown] == [
        (2, "staff", "enrolled", False),
        (3, "sam", "error", True),
        (4, "nobody", "error", True),
        (None, "instructor", "mode_changed", False),
    ]
    assert (shown[1].cells, shown[1].rejection) == (tuple(cells), rows[1][6])


def test_uploads_of_the_release_before_are_finished(university: University) -> None:
    chunks: list[tuple[list[Any], list[Any] | None]] = [
        ([["a", "enrolled", False], ["b", "x", False]], ["enrolled", "invalid-status"]),
        ([["c", "ended", True], ["d", "pending", False]], None),
    ]
    job_id = left_by_the_release_before("write_program_enrollments", chunks, program_id=facts().id)
    Job.objects.filter(pk=job_id).update(counts={"enrolled": 1, "invalid-status": 1})
    assert carry_out(get_job(job_id))
    job, file = result_of(job_id)
    assert file == b"student_key,status\r\na,enrolled\r\nb,invalid-status\r\nc,duplicated\r\nd,pending\r\n"
    assert job.text == "207" and stored() == [("d", "pending")]


def test_checks_of_uploads_of_the_release_before_are_shown(university: University) -> None:
    enroll("s-1", "s-2")
    link("s-1", university.world.learner)
    course_id = university.world.course.id
    rows = [
        [KEY, "s-1", "active", False, course_id, True],
        ["no-such", "s-2", "active", False, None, None],
        [KEY, "s-2", "inactive", False, course_id, None],
    ]
    check = left_by_the_release_before(
        "check_course_run_enrollments",
        [(rows, [["active", "active"], ["course-not-found", None], ["inactive", "inactive"]])],
        actor=university.root.pk,
        program_id=facts().id,
        options={"file": "rows.csv", "course_staff": True},
    )
    # a row that says who is course staff may change that
    assert [row.word for row in find_described(get_job(check), None, 0, 100)] == [
        "active",
        "course-not-found",
        "unchanged",
    ]


def test_what_is_stored_has_a_version_and_no_name_of_a_member(world: World) -> None:
    task = start_enrollment_task(
        world.course, ["sam", "nobody", "no one@", "x" * 256, "sam\u200bx"], CourseOptions(reason="r"),
        actor_id=world.staff.pk,
    )  # fmt: skip
    assert run_chunk(get_job(task))
    start_roster_check(world.course, "sam", "nobody", actor_id=world.instructor.pk)
    chunks = list(JobChunk.objects.all())
    assert chunks
    for chunk in chunks:
        assert (chunk.version, chunk.input, chunk.results) == (2, None, None)
        text = json.dumps(chunk.outcomes)
        assert "unknown username" in text and not [person.name for person in Person if person.name in text]
    assert {job.options["v"] for job in Job.objects.all()} == {1}


@pytest.mark.parametrize("person", Person)
def test_an_error_is_stored_by_its_value(person: Person) -> None:
    state = CourseState(False, False)
    stored = json.loads(msgspec.json.encode(CourseOutcome("error", state, state, person)))
    assert stored[3] == person.value
    assert msgspec.convert(stored, CourseOutcome).error is person


def test_rejected_rows_keep_their_places(world: World) -> None:
    rejected = Rejected(3, ("x", "", "", "", "", ""), "why")
    rows = [CourseRow("sam", 2), rejected, CourseRow("staff", 4)]
    job_id = add_job(
        "change_roster",
        actor_id=None,
        source="command",
        course_id=world.course.id,
        program_id=None,
        options={"action": "enroll"},
    )
    assert ROSTER.keep is not None
    Job.objects.filter(pk=job_id).update(total=ROSTER.keep(job_id, rows, ROSTER))
    with one_transaction():
        chunk = lock_next_rows(get_job(job_id), ROSTER)
    assert chunk is not None and chunk.rows == rows
    assert carry_out(get_job(job_id))
    assert [row.word for row in find_described(get_job(job_id), None, 0, 100)] == ["enrolled", "error", "enrolled"]
    assert get_job(job_id).counts == {"enrolled": 2, "error": 1}


def test_a_version_that_is_not_known_is_not_guessed_at(world: World) -> None:
    job_id = start_enrollment_task(world.course, ["sam"], actor_id=world.staff.pk)
    JobChunk.objects.update(version=3)
    with pytest.raises(ValueError, match="unknown version 3"):
        run_chunk(get_job(job_id))
    assert not changes().exists()
