"""Operations in the console: found, opened, and taken back by a plan."""

import re
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from matricula.console import operations
from matricula.models import CourseEnrollment, CourseRole, Plan, PreEnrollment, ProgramEnrollment
from tests.conftest import KEY, OTHER_KEY, World, write
from tests.console.conftest import COURSE, Reader, plan_id_of, words_of
from tests.domain.program_jobs import enroll
from tests.journal import changes
from tests.university import OWN, University, make_university

ENROLL = f"{COURSE}enroll/"


def done(reader: Reader, who: str, **fields: str) -> str:
    """The page of the operation that enrolled them."""
    plan = reader.post(ENROLL, who=who, **{"action": "enroll", **fields})
    return reader.apply(plan, reason="a term begins").replace("jobs", "operations")


def active() -> set[str]:
    return set(CourseEnrollment.objects.filter(is_active=True).values_list("username_key", flat=True))


def test_an_operation_is_shown_undone_and_that_is_undone_again(world: World, instructor: Reader) -> None:
    world.enroll("staff")
    operation = done(instructor, "sam staff new@example.org", mode="verified")
    page = words_of(instructor.get(operation))
    assert "By instructor console" in page and "Reason a term begins" in page
    assert "sam sam@example.org enrolled (verified)" in page and "mode changed: audit → verified" in page
    assert "new@example.org invited" in page and "Undo…" in page

    undo = f"{operation}undo/"
    assert "Undo this operation" in words_of(instructor.get(undo))
    assert "Enter a reason." in instructor.post(undo, 400)
    plan = instructor.post(undo, reason="the wrong list")
    page = words_of(instructor.get(plan))
    assert "Review undo ready to apply" in page and "Apply 3 changes" in page
    assert "sam username: Sam Learner · sam@example.org remove enrolled (verified) → becomes not enrolled" in page
    assert 'value="the wrong list"' in instructor.get(plan) and len(active()) == 2
    undoing = instructor.apply(plan, reason="the wrong list").replace("jobs", "operations")
    assert active() == {"staff"} and not PreEnrollment.objects.exists()
    assert CourseEnrollment.objects.get(username_key="staff").mode == "audit"

    page = words_of(instructor.get(operation))
    assert "This operation was undone." in page and "already undone" in page and "Undo…" not in page
    assert undoing in instructor.get(undo)
    assert "already undone" in instructor.post(undo, 409, reason="again")
    assert "The operation that this one undid" in instructor.get(undoing)
    instructor.apply(instructor.post(f"{undoing}undo/", reason="it was right"), reason="it was right")
    assert active() == {"sam", "staff"}
    assert "undone, and that was undone again" in words_of(instructor.get(operation))
    assert "Undo…" in words_of(instructor.get(operation))


def test_what_someone_changed_since_is_shown_and_stays(world: World, instructor: Reader) -> None:
    operation = done(instructor, "sam staff")
    write(world.course, "enroll", "sam", mode="verified")
    plan = instructor.post(f"{operation}undo/", reason="x")
    page = words_of(instructor.get(plan))
    assert "1 to remove 0 unchanged 1 rejected" in page and "Changed since by" in page
    instructor.apply(plan, reason="x")
    assert active() == {"sam"}


def test_one_line_of_a_history_is_undone(world: World, instructor: Reader) -> None:
    done(instructor, "sam staff")
    line = changes().filter(account_id=world.learner.pk).latest("id")
    address = f"/operations/{line.operation}/undo/?change={line.pk}"
    for page in (f"{COURSE}history/", f"{COURSE}people/{world.learner.pk}/"):
        assert address in instructor.get(page), page
    page = words_of(instructor.get(address))
    assert "Undo one change" in page and "sam sam@example.org enrolled (audit)" in page and "staff@" not in page
    plan = instructor.post(address, reason="only this one")
    assert "Undo of one change" in words_of(instructor.get(plan))
    instructor.apply(plan, reason="only this one")
    assert active() == {"staff"}
    page = words_of(instructor.get(f"/operations/{line.operation}/"))
    assert "Some changes of this operation were undone." in page and "Undo…" in page
    for change in ("0", "999999999", "x", ""):
        instructor.get(f"/operations/{line.operation}/undo/?change={change}", 404)


def test_single_changes_are_undone_where_they_were_made(world: World, instructor: Reader) -> None:
    world.enroll("sam")
    instructor.post(f"{COURSE}people/{world.learner.pk}/beta-tester/", granted="yes", reason="a test")
    line = changes().latest("id")
    assert f"/operations/{line.operation}/undo/?change={line.pk}" in instructor.get(f"{COURSE}history/")
    instructor.apply(instructor.post(f"/operations/{line.operation}/undo/", reason="x"), reason="x")
    assert not CourseRole.objects.filter(role="beta_tester").exists()


def test_operations_are_listed_with_filters(world: World, instructor: Reader) -> None:
    first, second = done(instructor, "sam"), done(instructor, "staff")
    today = timezone.localdate().isoformat()

    def listed(query: str) -> set[str]:
        answer = instructor.http.get(f"/operations/{query}")
        assert answer.status_code == 200, query
        found = answer.context["operations"]
        return {f"/operations/{shown.facts.id}/" for shown in found} & {first, second}

    both, none = {first, second}, set[str]()
    key, other = KEY.replace("+", "%2B"), OTHER_KEY.replace("+", "%2B")
    queries = {
        "": both, "?actor=Instructor": both, "?actor=staff": none, "?source=console": both, "?source=api": none,
        f"?about={key}": both, f"?about={other}": none, "?about=nothing": none, f"?since={today}": both,
        f"?until={today}": both, "?since=2999-01-01": none, "?until=2020-01-01": none,
        f"?before={second.split('/')[2]}": {first}, "?until=9999-12-31": both, "?since=x&until=y": both,
    }  # fmt: skip
    assert {query: listed(query) for query in queries} == queries
    assert first not in Reader(world.elsewhere).get("/operations/")


def test_a_list_counts_so_many_changes_of_each_operation_and_no_more(
    world: World, instructor: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = done(instructor, "sam staff")
    row = re.compile(rf'href="{where}".*?<td class="number"[^>]*>\s*([\d+]+)\s*</td>', re.DOTALL)
    for counted, shown in ((3, "2"), (2, "2+"), (1, "1+")):
        monkeypatch.setattr(operations, "_COUNTED", counted)
        [found] = row.findall(instructor.get("/operations/"))
        assert found == shown


def test_who_may_not_see_or_undo_an_operation(world: World, instructor: Reader) -> None:
    operation = done(instructor, "sam")
    for address in (operation, f"{operation}undo/", f"/operations/{uuid.UUID(int=1)}/"):
        Reader(world.elsewhere).get(address, 404)
    Reader(world.elsewhere).post(f"{operation}undo/", 404, reason="x")
    CourseRole.objects.filter(account=world.instructor).delete()
    instructor.post(f"{operation}undo/", 404, reason="x")
    assert active() == {"sam"}


def test_an_operation_without_changes_says_so(world: World, instructor: Reader) -> None:
    plan = instructor.post(ENROLL, who="sam", action="enroll")
    page = words_of(instructor.get(plan.replace("plans", "operations")))
    assert "This operation changed nothing that can be undone." in page and "This operation changed nothing." in page
    assert "changed nothing" in instructor.post(f"{plan.replace('plans', 'operations')}undo/", 409, reason="x")
    assert Plan.objects.count() == 1


@pytest.fixture
def university(world: World) -> University:
    return make_university(world)


def test_an_upload_of_students_is_undone(university: University) -> None:
    enroll("s-1")
    writer = Reader(university.writer())
    file = SimpleUploadedFile("s.csv", b"student_key,status\ns-1,ended\ns-2,enrolled\n")
    operation = writer.apply(writer.post(f"/programs/{OWN}/upload/", file=file), reason="x").replace(
        "jobs", "operations"
    )
    reader = Reader(university.holder("read_enrollments", name="reader"))
    assert "Undo…" not in words_of(reader.get(operation))
    reader.get(f"{operation}undo/", 403)
    student = ProgramEnrollment.objects.get(student_key="s-1")
    history = writer.get(f"/programs/{OWN}/students/{student.pk}/history/")
    assert f"{operation}undo/?change=" in history and f"{operation}undo/" not in reader.get(f"/programs/{OWN}/history/")
    writer.apply(writer.post(f"{operation}undo/", reason="cut off"), reason="cut off")
    assert list(ProgramEnrollment.objects.values_list("student_key", "status")) == [("s-1", "enrolled")]


def test_a_status_changed_by_hand_is_undone(university: University) -> None:
    enroll("s-1")
    writer, student = Reader(university.writer()), ProgramEnrollment.objects.get()
    form = {"status": "suspended", "before": "enrolled", "confirmed": "yes", "reason": "unpaid"}
    writer.post(f"/programs/{OWN}/students/{student.pk}/change/", **form)
    line = changes().latest("id")
    plan = writer.post(f"/operations/{line.operation}/undo/?change={line.pk}", reason="paid")
    assert plan_id_of(plan) == Plan.objects.get().pk
    writer.apply(plan, reason="paid")
    assert ProgramEnrollment.objects.get().status == "enrolled"
