"""Single students and several at once: added, linked, unlinked, changed, those selected and all that match."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from matricula.enrollments.statuses import Action
from matricula.models import (
    Account,
    Course,
    CourseEnrollment,
    FeatureGrant,
    Plan,
    PreEnrollment,
    ProgramCourseEnrollment,
    ProgramEnrollment,
    StudentIdentity,
)
from tests.conftest import KEY, World, make_account, write
from tests.console.conftest import COURSE, Reader, plan_id_of, words_of
from tests.domain.program_jobs import enroll, link, study
from tests.journal import changes
from tests.university import OWN, University

PROGRAM = f"/programs/{OWN}/"
NEW, SEVERAL = f"{PROGRAM}students/new/", f"{PROGRAM}students/change/"
WHY = "asked for by the faculty"


@pytest.fixture
def registrar(university: University) -> Reader:
    writer = university.writer()
    FeatureGrant.objects.create(feature="names_in_downloads", account=writer)
    return Reader(writer)


def seen_of(page: str) -> str:
    return re.search(r'name="seen" value="(\w+)"', page)[1]  # type: ignore[index]


def link_address(key: str) -> str:
    return f"{PROGRAM}students/{ProgramEnrollment.objects.get(program__key=OWN, student_key=key).pk}/link/"


def held_keys() -> dict[str, str]:
    return {one.student_key: one.account.username for one in StudentIdentity.objects.select_related("account")}


def undo_latest(reader: Reader) -> None:
    operation = changes().order_by("-id")[0].operation
    plan = reader.post(f"/operations/{operation}/undo/", reason="a mistake")
    reader.apply(plan, reason="a mistake")


def add(reader: Reader, **fields: str) -> str:
    """The form, and its confirmation; where that leads to."""
    page = reader.post(NEW, 200, status="enrolled", **fields)
    return reader.post(NEW, status="enrolled", confirmed="yes", reason=WHY, seen=seen_of(page), **fields)


def test_a_student_is_added_after_a_review(university: University, registrar: Reader) -> None:
    seen = changes().count()
    page = registrar.post(NEW, 200, student_key=" S-1 ", status="pending")
    assert "S-1 not in this program → becomes pending" in words_of(page)
    assert changes().count() == seen
    fields = {"student_key": "S-1", "status": "pending", "seen": seen_of(page), "confirmed": "yes"}
    assert "Enter a reason" in registrar.post(NEW, 400, **fields)
    address = registrar.post(NEW, reason=WHY, **fields)
    assert "S-1" in registrar.get(address)
    assert ProgramEnrollment.objects.get().status == "pending"
    [entry] = changes().order_by("id")[seen:]
    assert (entry.source, entry.reason, entry.actor_id) == ("console", WHY, registrar.account_id)

    # sent again: nothing more happens, and the page leads to the student
    again = registrar.post(NEW, 400, reason=WHY, **fields)
    assert "already in the program" in again and f'href="{address}"' in again
    assert changes().count() == seen + 1
    undo_latest(registrar)
    assert not ProgramEnrollment.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"), [("student_key", ""), ("student_key", "S\u200b1"), ("status", "graduated"), ("who", "no-one")]
)
def test_what_is_wrong_is_said_at_its_field(university: University, registrar: Reader, field: str, value: str) -> None:
    page = registrar.post(NEW, 400, **{"student_key": "S-1", "status": "enrolled", field: value})
    assert 'class="error"' in page
    assert not ProgramEnrollment.objects.exists()


def test_a_student_is_added_with_an_account_and_all_of_it_is_undone(university: University, registrar: Reader) -> None:
    ann = make_account("ann", first_name="Ann", last_name="Student")
    page = registrar.post(NEW, 200, student_key="S-1", status="enrolled", who="ANN@example.org")
    assert "Account afterwards Ann Student · ann · ann@example.org" in words_of(page)
    add(registrar, student_key="S-1", who="ann")
    assert ProgramEnrollment.objects.get().account == ann and held_keys() == {"S-1": "ann"}
    undo_latest(registrar)
    assert not ProgramEnrollment.objects.exists() and held_keys() == {}


def test_who_is_behind_a_key_is_for_those_who_see_names(university: University) -> None:
    make_account("ann", first_name="Ann", last_name="Student")
    link("s-1", Account.objects.get(username="ann"))
    reader = Reader(university.writer())
    page = reader.post(NEW, 200, student_key="S-1", status="enrolled", who="ann")
    assert "Ann" not in page and "Account" not in words_of(page).split("Add student")[1]
    reader.post(NEW, student_key="S-1", status="enrolled", confirmed="yes", reason=WHY, seen=seen_of(page))
    assert ProgramEnrollment.objects.get().account is not None
    linked = link_address("S-1")
    assert 'name="who"' not in reader.get(linked)
    reader.post(linked, 400, who="ann")
    review = reader.post(linked, 200, unlink="yes")
    assert "Account now linked Account afterwards none" in words_of(review)


def test_a_key_is_linked_and_unlinked_and_both_are_undone(university: University, registrar: Reader) -> None:
    enroll("S-1")
    study(university.course.pk, "S-1")
    ann = make_account("ann", first_name="Ann", last_name="Student")
    address = link_address("S-1")
    page = registrar.post(address, 200, who="ann")
    assert "Course enrollments that begin Introduction to Programming (2027_T1)" in words_of(page)
    fields = {"who": "ann", "confirmed": "yes", "seen": seen_of(page)}
    registrar.post(address, reason=WHY, **fields)
    seat = CourseEnrollment.objects.get(account=ann)
    assert seat.is_active and held_keys() == {"S-1": "ann"}
    assert "Nothing would change" in registrar.post(address, 200, reason=WHY, **fields)

    review = registrar.post(address, 200, unlink="yes")
    assert "Course enrollments that end Introduction to Programming (2027_T1)" in words_of(review)
    registrar.post(address, unlink="yes", confirmed="yes", reason=WHY, seen=seen_of(review))
    seat.refresh_from_db()
    assert not seat.is_active and held_keys() == {}

    undo_latest(registrar)
    seat.refresh_from_db()
    assert seat.is_active and held_keys() == {"S-1": "ann"}
    assert ProgramEnrollment.objects.get().account == ann
    undo_latest(registrar)
    seat.refresh_from_db()
    assert not seat.is_active and held_keys() == {}


def test_the_other_key_of_the_account_is_named_and_comes_back(university: University, registrar: Reader) -> None:
    enroll("S-1", "S-2")
    link("S-1", make_account("ann"))
    address = link_address("S-2")
    page = registrar.post(address, 200, who="ann")
    assert "another student key of this organization: s-1" in words_of(page)
    registrar.post(address, who="ann", confirmed="yes", reason=WHY, seen=seen_of(page))
    assert held_keys() == {"S-2": "ann"}
    undo_latest(registrar)
    assert held_keys() == {"s-1": "ann"}


def test_a_key_that_an_account_can_no_longer_have_is_a_conflict(university: University, registrar: Reader) -> None:
    enroll("S-1", "S-2")
    ann = make_account("ann")
    link("S-1", ann)
    address = link_address("S-1")
    review = registrar.post(address, 200, unlink="yes")
    registrar.post(address, unlink="yes", confirmed="yes", reason=WHY, seen=seen_of(review))
    operation = changes().order_by("-id")[0].operation
    link("S-2", ann)
    plan = registrar.post(f"/operations/{operation}/undo/", reason="a mistake")
    assert Plan.objects.get(pk=plan_id_of(plan)).effects["refused"] == 1
    assert held_keys() == {"S-2": "ann"}


def test_keys_are_linked_by_those_who_may_write_every_program_that_has_them(
    university: University, registrar: Reader
) -> None:
    enroll("S-1")
    ProgramEnrollment.objects.create(
        program=university.second, student_key="s-1", status="enrolled", created="2026-01-01T00:00Z",
        updated="2026-01-01T00:00Z",
    )  # fmt: skip
    make_account("ann")
    address = link_address("S-1")
    page = registrar.post(address, 200, who="ann")
    assert "also used in a program that you can't change" in words_of(page) and 'name="seen"' not in page
    registrar.post(address, 403, who="ann", confirmed="yes", reason=WHY)
    assert held_keys() == {}
    operator = Reader(university.root)
    seen = seen_of(operator.post(address, 200, who="ann"))
    operator.post(address, who="ann", confirmed="yes", reason=WHY, seen=seen)
    assert held_keys() == {"S-1": "ann"}
    # nor is it taken back by others
    operation = changes().order_by("-id")[0].operation
    registrar.post(f"/operations/{operation}/undo/", 403, reason="a mistake")


def test_what_was_changed_since_the_review_is_reviewed_again(university: University, registrar: Reader) -> None:
    enroll("S-1")
    make_account("ann")
    address = link_address("S-1")
    seen = seen_of(registrar.post(address, 200, who="ann"))
    link("S-1", make_account("bob"))
    page = registrar.post(address, 400, who="ann", confirmed="yes", reason=WHY, seen=seen)
    assert "changed in the meantime" in page and held_keys() == {"S-1": "bob"}


def selected(*keys: str) -> list[int]:
    return [one.pk for one in ProgramEnrollment.objects.filter(student_key__in=keys)]


def statuses() -> dict[str, str]:
    return dict(ProgramEnrollment.objects.values_list("student_key", "status"))


def test_selected_students_are_changed_by_a_plan(university: University, registrar: Reader) -> None:
    enroll("S-1", "S-2", "S-3")
    plan = registrar.post(SEVERAL, who=selected("S-1", "S-3"), what="program", new_status="suspended")
    assert statuses() == dict.fromkeys(["S-1", "S-2", "S-3"], "enrolled")
    registrar.apply(plan, reason=WHY)
    assert statuses() == {"S-1": "suspended", "S-2": "enrolled", "S-3": "suspended"}
    undo_latest(registrar)
    assert statuses() == dict.fromkeys(["S-1", "S-2", "S-3"], "enrolled")


def test_nothing_selected_and_nothing_chosen(university: University, registrar: Reader) -> None:
    enroll("S-1")
    assert registrar.post(SEVERAL, what="program", new_status="suspended") == PROGRAM
    assert "Select at least one student" in registrar.get(PROGRAM)
    back = registrar.post(SEVERAL, who=selected("S-1"), what="course", **{"of-status": "enrolled"})
    assert back == f"{PROGRAM}?status=enrolled" and "Choose a status" in registrar.get(back)
    # rows of other programs are no one's to select here
    other = ProgramEnrollment.objects.create(
        program=university.abroad, student_key="X", status="enrolled", created="2026-01-01T00:00Z",
        updated="2026-01-01T00:00Z",
    )  # fmt: skip
    assert registrar.post(SEVERAL, who=other.pk, what="program", new_status="suspended") == PROGRAM
    assert not Plan.objects.exists()


def test_all_that_match_are_those_who_match_when_the_plan_is_made(university: University, registrar: Reader) -> None:
    enroll("S-1", "S-2", "S-3")
    enroll("P-4", status="pending")
    fields = {"all": "yes", "what": "program", "new_status": "ended", "of-status": "enrolled", "of-q": "s-"}
    enroll("S-5")
    plan = registrar.post(SEVERAL, **fields)
    page = words_of(registrar.get(plan))
    assert "search: s-" in page and "status: enrolled" in page
    # one leaves before it is applied, one comes: the first is stale, the other no part of it
    registrar.post(
        f"{PROGRAM}students/{selected('S-2')[0]}/change/", status="canceled", before="enrolled", reason=WHY,
        confirmed="yes",
    )  # fmt: skip
    enroll("S-6")
    assert "1" in words_of(registrar.apply(plan, 409, reason=WHY))
    registrar.apply(plan, reason=WHY, on_stale="skip")
    assert statuses() == {
        "S-1": "ended", "S-2": "canceled", "S-3": "ended", "P-4": "pending", "S-5": "ended", "S-6": "enrolled",
    }  # fmt: skip


def test_names_select_no_one_for_those_who_don_t_see_them(university: University) -> None:
    enroll("S-1", "S-2")
    link("S-1", make_account("ann", first_name="Ann"))
    fields = {"all": "yes", "what": "program", "new_status": "ended", "of-q": "ann"}
    hidden, named = Reader(university.writer()), Reader(university.writer("second"))
    FeatureGrant.objects.create(feature="names_in_downloads", account_id=named.account_id)
    assert hidden.post(SEVERAL, **fields).startswith(PROGRAM)
    assert named.post(SEVERAL, **fields).startswith("/plans/")


def test_all_students_in_a_course(university: University, registrar: Reader) -> None:
    enroll("S-1", "S-2")
    study(university.course.pk, "S-1")
    link("S-2", make_account("ann"))
    fields = {"all": "yes", "what": "course", "new_course": KEY}
    registrar.apply(registrar.post(SEVERAL, course_status="active", **fields), reason=WHY)
    assert {one.status for one in ProgramCourseEnrollment.objects.all()} == {"active"}
    assert CourseEnrollment.objects.get().is_active
    only = {"of-course": KEY, "of-in": "active", "of-account": "waiting"}
    registrar.apply(registrar.post(SEVERAL, course_status="inactive", **fields, **only), reason=WHY)
    assert dict(ProgramCourseEnrollment.objects.values_list("student_key_folded", "status")) == {
        "s-1": "inactive",
        "s-2": "active",
    }


def test_all_that_match_in_a_roster(world: World, instructor: Reader) -> None:
    for name, mode in (("ann", "audit"), ("bob", "verified"), ("cid", "audit")):
        make_account(name)
        write(world.course, Action.ENROLL, name, mode=mode)
    change = f"{COURSE}change/"
    fields = {"action": "enroll", "mode": "verified", "all": "yes", "of-mode": "audit"}
    plan = instructor.post(change, **fields)
    assert "mode: audit" in words_of(instructor.get(plan))
    instructor.apply(plan, reason=WHY)
    assert {one.mode for one in CourseEnrollment.objects.all()} == {"verified"}
    assert instructor.post(change, **fields) == COURSE
    assert "No one fits" in instructor.get(COURSE)
    instructor.apply(instructor.post(change, action="unenroll", all="yes", **{"of-q": "b"}), reason=WHY)
    assert sorted(CourseEnrollment.objects.filter(is_active=True).values_list("account__username", flat=True)) == [
        "ann",
        "cid",
    ]


def test_all_invitations_are_withdrawn(world: World, instructor: Reader) -> None:
    for name in ("new@example.org", "newer@example.org", "other@example.org"):
        write(world.course, Action.ENROLL, name)
    change = {"action": "unenroll", "all": "yes", "of-state": "invited", "of-q": "new"}
    instructor.apply(instructor.post(f"{COURSE}change/", **change), reason=WHY)
    assert [one.email for one in PreEnrollment.objects.all()] == ["other@example.org"]


def test_the_modes_of_the_filter_are_those_that_there_are_too(world: World, instructor: Reader) -> None:
    make_account("ann")
    write(world.course, Action.ENROLL, "ann", mode="verified")
    Course.objects.filter(pk=world.course.id).update(modes=["audit"])
    page = instructor.http.get(COURSE)
    assert page.context["modes"] == ["audit", "verified"]


def test_the_plan_of_a_filter_takes_as_many_statements_for_many(university: University, registrar: Reader) -> None:
    def counted(*keys: str) -> int:
        enroll(*keys)
        with CaptureQueriesContext(connection) as queries:
            registrar.post(SEVERAL, all="yes", what="program", new_status="ended")
        return len(queries)

    few = counted("S-1", "S-2")
    # one more for the plan that is held
    assert counted(*(f"T-{n}" for n in range(60))) <= few + 1
