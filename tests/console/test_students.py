"""One student of a program in the console: how they stand, what happened, changes by hand."""

from dataclasses import replace
from typing import Any

import pytest

from matricula.enrollments.program.changes import StudentChange, preview_student_change
from matricula.enrollments.program.rules import Verb
from matricula.enrollments.program.writes import (
    ProgramCourseRequest,
    ProgramRequest,
    write_program_course_enrollments,
    write_program_enrollments,
)
from matricula.journal.writes import new_operation
from matricula.models import (
    CourseEnrollment,
    CourseRole,
    FeatureGrant,
    ProgramCourseEnrollment,
    ProgramEnrollment,
)
from tests.conftest import KEY, World, make_account, write
from tests.console.conftest import Reader, words_of
from tests.domain.program_jobs import enroll, link, study
from tests.journal import changes
from tests.university import ABROAD, OWN, SECOND, University, facts, make_university


@pytest.fixture
def university(world: World) -> University:
    """One student, S-1, active in the course run; ann is linked to the key."""
    university = make_university(world)
    enroll("S-1")
    study(university.course.pk, "s-1")
    link("s-1", make_account("ann", first_name="Ann", last_name="Student"))
    return university


@pytest.fixture
def registrar(university: University) -> Reader:
    writer = university.writer()
    FeatureGrant.objects.create(feature="names_in_downloads", account=writer)
    return Reader(writer)


@pytest.fixture
def student(university: University) -> str:
    return f"/programs/{OWN}/students/{ProgramEnrollment.objects.get(student_key='S-1').pk}/"


def test_how_a_student_stands(university: University, registrar: Reader, student: str) -> None:
    page = words_of(registrar.get(student))
    for words in (
        "Ann Student S-1 · ann · ann@example.org",
        "enrolled linked to an account",
        f"{KEY} active",
        "not enrolled",
    ):
        assert words in page
    history = words_of(registrar.get(f"{student}history/"))
    # by key, and by account in the course runs of the program
    assert "linked to an account" in history and "enrolled (masters)" in history
    assert f'href="/courses/{KEY}/people/' not in registrar.get(student)
    CourseRole.objects.create(
        account_id=registrar.http.session["_auth_user_id"], course=university.course, role="instructor"
    )
    assert f'href="/courses/{KEY}/people/' in registrar.get(student)


def test_history_keeps_to_the_program(university: University, registrar: Reader, student: str) -> None:
    """What the account does in other course runs, or through other programs, is none of this program's business."""
    write(university.world.other, "enroll", "ann", reason="elsewhere")
    write(university.world.course, "unenroll", "ann", reason="left the course")
    history = registrar.get(f"{student}history/")
    assert "left the course" in history and "elsewhere" not in history


def test_a_status_is_changed_with_a_reason(university: University, registrar: Reader, student: str) -> None:
    seen = changes().count()
    page = registrar.post(f"{student}change/", 200, status="suspended")
    assert "enrolled → becomes suspended" in words_of(page)
    assert changes().count() == seen

    assert (
        registrar.post(
            f"{student}change/", status="suspended", before="enrolled", reason="  fees\tunpaid ", confirmed="yes"
        )
        == student
    )
    assert ProgramEnrollment.objects.get().status == "suspended"
    [entry] = changes().order_by("id")[seen:]
    assert (entry.transition, entry.source, entry.reason) == ("from enrolled to suspended", "console", "fees unpaid")
    assert entry.actor_id == int(registrar.http.session["_auth_user_id"])
    history = words_of(registrar.get(f"{student}history/"))
    assert "enrolled → suspended" in history and "writer console fees unpaid" in history


@pytest.mark.parametrize("held", ["active", None])
def test_a_course_enrollment_is_changed(
    university: University, registrar: Reader, student: str, held: str | None
) -> None:
    course = university.course if held else university.extra
    wanted = "inactive" if held else "active"
    fields = {"course": course.pk, "status": wanted}
    assert f"{held or 'not enrolled'} → becomes {wanted}" in words_of(
        registrar.post(f"{student}change/", 200, **fields)
    )
    registrar.post(f"{student}change/", before=held or "", reason="asked for", confirmed="yes", **fields)
    assert ProgramCourseEnrollment.objects.get(course=course).status == wanted
    # the account's own course enrollment goes along, with the same reason
    assert CourseEnrollment.objects.get(course=course).is_active is (wanted == "active")
    reasons = changes().filter(source="console").values_list("subject", "reason")
    assert sorted(reasons) == [("course_enrollment", "asked for"), ("program_course_enrollment", "asked for")]


def test_nothing_is_changed_without_a_reason(university: University, registrar: Reader, student: str) -> None:
    fields = {"status": "ended", "before": "enrolled", "confirmed": "yes"}
    assert "Enter a reason" in registrar.post(f"{student}change/", 400, reason=" ", **fields)
    assert ProgramEnrollment.objects.get().status == "enrolled"


def test_what_somebody_changed_meanwhile_is_shown_again(
    university: University, registrar: Reader, student: str
) -> None:
    ProgramEnrollment.objects.update(status="pending")
    fields = {"status": "ended", "reason": "done", "confirmed": "yes"}
    page = registrar.post(f"{student}change/", 400, before="enrolled", **fields)
    assert "changed in the meantime" in page and "pending → becomes ended" in words_of(page)
    assert ProgramEnrollment.objects.get().status == "pending"
    registrar.post(f"{student}change/", before="pending", **fields)
    assert ProgramEnrollment.objects.get().status == "ended"


def test_a_status_that_is_there_already(university: University, registrar: Reader, student: str) -> None:
    assert registrar.post(f"{student}change/", status="enrolled") == student
    assert "Nothing was changed" in registrar.get(student)


def test_refusals_are_told_in_words(
    university: University, registrar: Reader, student: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before it is asked for, and once more where the write itself refuses."""
    fields = {"status": "ended", "before": "enrolled", "reason": "done", "confirmed": "yes"}
    allowed = settings.ENVIRONMENT
    settings.ENVIRONMENT = replace(allowed, forbidden_moves=frozenset({("enrolled", "ended")}))
    page = registrar.post(f"{student}change/", 409, **fields)
    assert "This status change isn't allowed." in page and 'name="confirmed"' not in page
    settings.ENVIRONMENT = allowed
    with monkeypatch.context() as patch:
        patch.setattr(
            "matricula.console.students.write_student_change", lambda *_: "Another was faster than this change."
        )
        assert registrar.post(f"{student}change/", **fields) == student
    assert "Another was faster" in registrar.get(student)
    assert "This status doesn't exist." in registrar.post(f"{student}change/", 409, status="nonsense")
    assert ProgramEnrollment.objects.get().status == "enrolled"


def test_active_through_another_program(university: University, registrar: Reader) -> None:
    operation = new_operation(None, "api")
    write_program_enrollments(operation, facts(SECOND), Verb.CREATE, [ProgramRequest("x-9", "enrolled")])
    request = ProgramCourseRequest(university.course.pk, "x-9", "active")
    write_program_course_enrollments(operation, facts(SECOND), Verb.CREATE, [request])
    enroll("x-9")
    row = ProgramEnrollment.objects.get(student_key="x-9", program=university.own)
    address = f"/programs/{OWN}/students/{row.pk}/"
    page = registrar.post(f"{address}change/", 409, course=university.course.pk, status="active")
    assert "active in the course run through another program" in page


def test_who_may_not(university: University, student: str) -> None:
    reader = Reader(university.holder("read_enrollments"))
    assert "Change the status" not in reader.get(student)
    reader.post(f"{student}change/", 403, status="ended")
    Reader(university.holder("read_metadata")).get(student, 403)
    Reader(university.holder("read_reports")).get(f"{student}history/", 403)


def test_students_are_looked_for_in_their_program_only(university: University, registrar: Reader, student: str) -> None:
    number = student.rstrip("/").rpartition("/")[2]
    Reader(university.root).get(f"/programs/{ABROAD}/students/{number}/", 404)
    for wrong in ("0", "9" * 25):
        registrar.get(f"/programs/{OWN}/students/{wrong}/", 404)
    registrar.post(f"{student}change/", 404, course=CourseEnrollment.objects.get().course_id + 999, status="active")
    registrar.post(f"{student}change/", 404, course="x", status="active")
    registrar.get(f"{student}change/", 405)


def test_a_student_who_was_forgotten_meanwhile(university: University) -> None:
    foreseen = preview_student_change(facts(), StudentChange("gone", "ended"))
    assert foreseen.refusal == "This student is no longer in the program."
