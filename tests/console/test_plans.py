"""Plans in the console: reviewed row by row, held, approved by someone else, applied, undone."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from matricula.batches import values
from matricula.batches.planning import PlanConflict
from matricula.batches.plans.reads import find_plan
from matricula.batches.plans.statuses import PlanState
from matricula.console.plans.words import STATES, conflict_text
from matricula.jobs.reads import get_job
from matricula.jobs.writes import add_job
from matricula.models import Account, CourseEnrollment, CourseRole, Job, Plan, PlanReview, RoleGrant
from matricula.worker.tasks import carry_out
from tests.batches import start_roster_check
from tests.conftest import KEY, World, make_account, write
from tests.console.conftest import COURSE, Reader, fingerprint_of, plan_id_of, words_of
from tests.domain.program_jobs import enroll, link
from tests.university import OWN, University, make_university

ENROLL = f"{COURSE}enroll/"


@pytest.fixture
def staff(world: World) -> Reader:
    return Reader(world.staff)


def file(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("people.csv", text.encode())


def crowd(world: World, n: int = 12) -> list[str]:
    names = [f"learner{number:02}" for number in range(n)]
    for name in names:
        make_account(name)
    world.enroll(*names)
    return names


def active() -> set[str]:
    return set(CourseEnrollment.objects.filter(is_active=True).values_list("username_key", flat=True))


def removal(world: World, reader: Reader) -> str:
    """The page of a plan that removes everyone of the course run, and is held."""
    rows = "".join(f"{name},unenroll\n" for name in crowd(world))
    return reader.post(ENROLL, file=file(f"identifier,action\n{rows}"), action="enroll")


def review(reader: Reader, plan: str, decision: str, **fields: Any) -> str:
    reader.post(f"{plan}review/", decision=decision, **{"fingerprint": fingerprint_of(plan), **fields})
    return words_of(reader.get(plan))


def state(plan: str) -> str:
    found = find_plan(plan_id_of(plan))
    assert found is not None
    return found.state.value


def test_rows_say_who_was_found_from_which_state_to_which_and_in_which_row(world: World, instructor: Reader) -> None:
    world.enroll("sam")
    text = "identifier,mode\nSAM@example.org,verified\nnobody,\nnew@example.org,\nstaff,\nstaff@example.org,\n"
    plan = instructor.post(ENROLL, file=file(text), action="enroll")
    assert re.fullmatch(r"/plans/[0-9a-f-]{36}/", plan)
    page = words_of(instructor.get(plan))
    assert "Review changes ready to apply" in page and "people.csv" in page and "Made by instructor" in page
    assert "2 to add 1 to change 0 to remove 0 unchanged 2 rejected" in page
    assert (
        "2 SAM@example.org email address: Sam Learner · sam change enrolled (audit) → becomes enrolled (verified)"
    ) in page
    assert "3 nobody rejected There is no account with this username." in page
    assert "4 new@example.org add not enrolled → becomes invited" in page
    assert "5 staff username: staff@example.org add not enrolled → becomes enrolled (audit)" in page
    assert "6 staff@example.org email address: staff rejected Row 5 already names this person." in page
    assert "Apply 3 changes" in page
    only = words_of(instructor.get(f"{plan}?outcome=refused"))
    assert "3 nobody" in only and "SAM@example.org" not in only and "Rows : rejected Show all" in only


def test_rows_are_left_out_by_their_boxes_and_taken_in_again(world: World, instructor: Reader) -> None:
    plan = instructor.post(ENROLL, who="sam staff elsewhere nobody", action="enroll")
    instructor.post(f"{plan}rows/", shown=["1", "2", "3", "4"], row=["1", "3", "4"])
    page = words_of(instructor.get(plan))
    assert "2 to add" in page and "1 left out" in page and "Apply 2 changes" in page
    assert "2 staff username: staff@example.org left out" in page
    assert (
        instructor.post(f"{plan}rows/", leave_out="add", outcome="add", page="1") == f"{plan}?outcome=add&page=1#rows"
    )
    assert "There are no changes to apply" in words_of(instructor.get(plan))
    instructor.post(f"{plan}rows/", shown=["1", "2", "3"], out=["1", "2", "3"], row=["1"])
    assert "Apply 1 change" in words_of(instructor.get(plan))
    instructor.post(f"{plan}rows/", take_in="all")
    assert "3 to add" in words_of(instructor.get(plan))
    instructor.post(f"{plan}rows/", shown=["1", "2", "77"], row=["1"])
    assert "This plan doesn't have these rows." in words_of(instructor.get(plan))
    instructor.post(f"{plan}rows/", shown=["2", "3"])
    instructor.apply(plan, reason="asked for")
    assert active() == {"sam"}
    page = words_of(instructor.get(f"{plan}?state=excluded"))
    assert "2 staff username: staff" in page and "3 elsewhere" in page and "1 sam" not in page


def test_rejected_rows_have_no_box_and_are_not_left_out_by_its_lack(world: World, instructor: Reader) -> None:
    plan = instructor.post(ENROLL, action="enroll", who="sam\nno-such-one\nkim@example.org", auto_enroll="on")
    page = instructor.get(plan)
    assert re.findall(r'type="checkbox" name="row" id="row-(\d)"', page) == ["1", "3"]
    assert re.findall(r'name="shown" value="(\d)"', page) == ["1", "3"]
    assert "can't be applied" in page
    instructor.post(f"{plan}rows/", shown=["1", "3"], row=["1"])
    states = {row.who: row.row.state.value for row in instructor.http.get(plan).context["rows"]}
    assert states == {"sam": "planned", "no-such-one": "refused", "kim@example.org": "excluded"}


def test_a_plan_over_a_limit_waits_for_someone_else(world: World, instructor: Reader, staff: Reader) -> None:
    plan = removal(world, instructor)
    page = words_of(instructor.get(plan))
    assert "This plan removes 12 of 12 active learners (100 %). The limit is 20 %." in page
    assert "Someone else who manages this course run has to approve it. For example: staff." in page
    assert "Approve plan" not in page and "Apply 12 changes" not in page
    # through the address neither
    instructor.apply(plan, reason="now")
    assert "waiting for approval. It can't be applied before." in instructor.get(plan)
    assert "You made this plan, so someone else has to approve it." in review(instructor, plan, "approved")
    assert len(active()) == 12 and "waiting for your approval" not in instructor.get("/")

    home = words_of(staff.get("/"))
    assert "1 plan is waiting for your approval" in home
    assert "people.csv" in staff.get("/plans/?waiting=on")
    assert '<span class="corner">1<' in staff.part("/news/") and "corner" not in instructor.part("/news/")
    assert "This plan was changed" not in review(staff, plan, "approved", fingerprint="other")
    assert "This plan has changed since you opened it." in review(staff, plan, "approved", fingerprint="other")
    assert "Choose whether to approve or to reject" in review(staff, plan, "perhaps")
    assert state(plan) == "held"
    page = review(staff, plan, "approved", note="term is over")
    assert "You approved the plan." in page and "approved staff" in page and "“term is over”" in page
    assert "waiting for your approval" not in staff.get("/")
    assert "was already approved" in review(staff, plan, "approved")

    instructor.apply(plan, reason="end of term")
    page = words_of(instructor.get(plan))
    assert "Result 12 applied 0 not applied: changed since 0 rejected As planned" in page
    assert "Applied by instructor" in page and "“end of term”" in page
    assert not active()


def test_who_is_alone_with_a_plan_is_sent_to_an_administrator(world: World, instructor: Reader) -> None:
    CourseRole.objects.exclude(account=world.instructor).delete()
    page = words_of(instructor.get(removal(world, instructor)))
    assert "No one else has a role for this yet, so ask an administrator." in page and "For example" not in page


def test_a_rejected_plan_is_final_and_says_why(world: World, instructor: Reader, staff: Reader) -> None:
    plan = removal(world, instructor)
    assert "Enter a note that says why" in review(staff, plan, "rejected")
    assert state(plan) == "held"
    assert "“the file is cut off”" in review(staff, plan, "rejected", note="the file is cut off")
    page = words_of(instructor.get(plan))
    assert "rejected and can't be applied" in page and "“the file is cut off”" in page
    instructor.apply(plan, reason="x")
    assert "This plan was rejected. Make a new plan." in instructor.get(plan)
    assert len(active()) == 12


def test_leaving_rows_out_lifts_the_hold(world: World, instructor: Reader) -> None:
    plan = removal(world, instructor)
    instructor.post(f"{plan}rows/", shown=[str(n) for n in range(2, 14)], row=["2", "3"])
    assert state(plan) == "ready"
    instructor.apply(plan, reason="these two")
    assert len(active()) == 10


def test_an_approval_counts_for_the_rows_that_were_seen(world: World, instructor: Reader, staff: Reader) -> None:
    plan = removal(world, instructor)
    review(staff, plan, "approved")
    instructor.post(f"{plan}rows/", shown=["2"])
    assert state(plan) == "held"
    assert "about rows that were different then" in words_of(instructor.get(plan))


def test_where_no_approval_is_needed_the_maker_may_give_it(world: World, instructor: Reader) -> None:
    plan = removal(world, instructor)
    Plan.objects.update(approvals=0)
    assert "Approve plan" in instructor.get(plan)
    assert "You approved the plan." in review(instructor, plan, "approved")


def test_two_approvals_are_counted(world: World, instructor: Reader, staff: Reader) -> None:
    plan = removal(world, instructor)
    Plan.objects.update(approvals=2)
    page = review(staff, plan, "approved")
    assert "1 of 2 approvals" in page and "You have already reviewed this plan." in page and "Approve plan" not in page
    assert "waiting for your approval" not in staff.get("/")
    assert "You have already reviewed this plan." in review(staff, plan, "approved")
    review(Reader(world.admin), plan, "approved")
    assert state(plan) == "approved" and PlanReview.objects.count() == 2


def test_stale_rows_are_shown_and_left_out_on_request(world: World, instructor: Reader) -> None:
    plan = instructor.post(ENROLL, who="sam staff", action="enroll")
    write(world.course, "enroll", "sam", mode="verified")
    page = words_of(instructor.apply(plan, 409, reason="late"))
    assert "1 row changed after this plan was made, so nothing was applied." in page
    assert "Row 1: sam (the plan saw: not enrolled)" in page and active() == {"sam"}
    assert 'value="late"' in instructor.apply(plan, 409, reason="late")
    instructor.apply(plan, reason="late", on_stale="skip")
    page = words_of(instructor.get(plan))
    assert "1 applied 1 not applied: changed since" in page and active() == {"sam", "staff"}
    assert "1 sam" in words_of(instructor.get(f"{plan}?state=stale"))
    assert "2 staff" not in words_of(instructor.get(f"{plan}?state=stale"))


def test_canceling_before_while_planned_and_while_applied(
    world: World, instructor: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = instructor.post(ENROLL, who="sam", action="enroll")
    instructor.post(f"{plan}cancel/")
    assert "This plan was canceled. Nothing was changed." in words_of(instructor.get(plan))
    instructor.apply(plan, reason="x")
    assert "This plan was canceled. Make a new plan." in instructor.get(plan)
    instructor.post(f"{plan}cancel/")
    monkeypatch.setattr(values, "CHUNK", 1)
    planning = instructor.post(ENROLL, who="sam staff", action="enroll")
    assert "0 of 2 rows" in words_of(instructor.get(planning))
    instructor.post(f"{planning}cancel/")
    assert state(planning) == "canceled"
    plan = instructor.post(ENROLL, who="sam staff", action="enroll")
    assert carry_out(get_job(plan_id_of(plan)))
    instructor.apply(plan, reason="x")
    assert "being applied" in instructor.get(plan) and "Stop applying" in instructor.get(plan)
    assert "0 of 2 rows" in words_of(instructor.get(f"{plan}progress/"))
    instructor.post(f"{plan}cancel/")
    assert state(plan) == "canceled" and not active()


def test_plans_are_listed_with_filters(world: World, instructor: Reader, staff: Reader) -> None:
    held = removal(world, instructor)
    own = staff.post(ENROLL, who="sam", action="enroll")

    def listed(query: str = "") -> list[str]:
        found = staff.http.get(f"/plans/{query}").context["plans"]
        return [f"/plans/{shown.plan.id}/" for shown in found]

    assert listed() == [own, held]
    assert listed("?state=held") == [held] and listed("?mine=on") == [own] and listed("?state=rejected") == []
    assert listed(f"?about={KEY.replace('+', '%2B')}") == [own, held] and listed("?about=nothing") == []
    assert "No course run or program has this key." in staff.get("/plans/?about=nothing")
    assert listed(f"?before={own.split('/')[2]}") == [held]
    assert "No plans yet." in Reader(world.learner).get("/plans/")


def test_checks_of_before_there_were_plans_stay_readable(world: World, instructor: Reader) -> None:
    check = start_roster_check(world.course, "sam", actor_id=world.instructor.pk)
    assert instructor.http.get(f"/jobs/{check}/")["Location"] == f"/plans/{check}/"
    Plan.objects.all().delete()
    page = words_of(instructor.get(f"/jobs/{check}/"))
    assert "Review changes" in page and "sam" in page and "Apply" not in page
    assert instructor.http.get(f"/plans/{check}/")["Location"] == f"/jobs/{check}/"
    instructor.post(f"/plans/{check}/apply/", 404, reason="x")


@pytest.fixture
def university(world: World) -> University:
    return make_university(world)


def test_names_of_students_are_for_those_who_see_names(university: University) -> None:
    enroll("s-1")
    link("s-1", university.world.learner)
    text = "student_key,status\ns-1,suspended\ns-2,enrolled\n"
    plan = Reader(university.writer()).post(f"/programs/{OWN}/upload/", file=file(text))
    page = words_of(Reader(university.root).get(plan))
    assert "2 s-1 Sam Learner · sam · sam@example.org change enrolled → becomes suspended" in page
    page = words_of(Reader(Account.objects.get(username="writer")).get(plan))
    assert "2 s-1 change enrolled → becomes suspended" in page and "Sam Learner" not in page


def test_a_plan_of_a_program_is_applied_by_those_who_may_write_there(university: University) -> None:
    writer, reader = university.writer(), university.holder("read_enrollments", name="reader")
    plan = Reader(writer).post(f"/programs/{OWN}/upload/", file=file("student_key,status\ns-1,enrolled\n"))
    page = words_of(Reader(reader).get(plan))
    assert "you don't have permission to apply it" in page and "Apply 1 change" not in page
    for what in ("rows", "review", "apply", "cancel"):
        Reader(reader).post(f"{plan}{what}/", 403, reason="x", fingerprint=fingerprint_of(plan))
    Reader(university.world.instructor).get(plan, 404)
    add_job(
        "write_program_enrollments", actor_id=None, source="upload", course_id=None,
        program_id=university.own.pk, options={},
    )  # fmt: skip
    http = Reader(writer)
    http.apply(plan, reason="x")
    assert "Another upload to this program is still running." in http.get(plan)
    RoleGrant.objects.filter(account=writer).delete()
    Reader(writer).get(plan, 404)


def test_jobs_that_ended_are_new_until_the_reader_has_looked(
    world: World, instructor: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(values, "CHUNK", 1)
    plan = instructor.post(ENROLL, who="sam staff", action="enroll")
    assert "corner" not in instructor.part("/news/")
    Job.objects.update(started="2020-01-01T00:00:00Z")
    assert carry_out(get_job(plan_id_of(plan)))
    page = instructor.part("/news/")
    assert '<span class="corner">1<' in page and f'data-address="/jobs/{plan_id_of(plan)}/"' in page
    instructor.get(plan)
    assert "corner" not in instructor.part("/news/")
    instructor.apply(plan, reason="x")
    Job.objects.update(started="2020-01-01T00:00:00Z")
    [applying] = Job.objects.filter(state="pending")
    assert carry_out(get_job(applying.pk))
    assert "corner" in instructor.part("/news/")
    instructor.get("/jobs/")
    assert "corner" not in instructor.part("/news/")


def test_who_is_not_signed_in_is_asked_no_more(world: World) -> None:
    answer = Client(headers={"HX-Request": "true"}).get("/news/")
    assert (answer.status_code, answer.content) == (286, b"")


@pytest.mark.parametrize("state", PlanState)
def test_every_state_has_its_words(state: PlanState) -> None:
    assert STATES[state] and conflict_text(PlanConflict(state))
