"""What went wrong elsewhere, and can't here: each as whoever it happened to would do it, over HTTP."""

from typing import Any

from matricula.enrollments.program.rules import Verb
from matricula.enrollments.program.writes import ProgramRequest, write_program_enrollments
from matricula.journal.writes import new_operation
from matricula.models import CourseRole, ProgramEnrollment
from tests.conftest import Api, World, make_account
from tests.domain.program_jobs import facts
from tests.university import OWN, University
from tests.wire.answers import content, refused
from tests.wire.test_record_plans import act, active, applied, crowd, made, named, seen, upload


def test_one_file_disables_a_whole_term(university: University) -> None:
    """A file with the right students and the wrong column: all of them canceled."""
    keys = [f"N-{n:03}" for n in range(40)]
    requests = [ProgramRequest(key, "enrolled") for key in keys]
    write_program_enrollments(new_operation(None, "api"), facts(), Verb.CREATE, requests)
    root, other = Api(university.root), Api(make_account("second", is_superuser=True))
    file = "student_key,status\n" + "".join(f"{key},canceled\n" for key in keys)
    body, kind = upload({"kind": "program_enrollments", "program": OWN}, file)
    answer = root.post("/api/record/v1/plans", body, content_type=kind)
    assert answer.status_code == 201, content(answer)
    plan: dict[str, Any] = answer.json()  # type: ignore[attr-defined]
    assert (plan["state"], plan["counts"]["remove"]) == ("held", 40)
    assert [limit["name"] for limit in plan["limits"] if limit["exceeded"]] == ["removals"]
    # nothing has happened, and the one who uploaded it can make nothing happen
    refused(act(root, plan, "apply", fingerprint=plan["fingerprint"]), 409)
    assert act(root, plan, "approve", fingerprint=plan["fingerprint"]).status_code == 403
    assert act(other, plan, "reject", fingerprint=plan["fingerprint"], note="wrong column").status_code == 200
    assert seen(root, plan)["state"] == "rejected"
    refused(act(root, plan, "apply", fingerprint=plan["fingerprint"]), 409)
    assert set(ProgramEnrollment.objects.filter(student_key__in=keys).values_list("status", flat=True)) == {"enrolled"}


def test_a_truncated_file_removes_most_of_the_accounts(world: World) -> None:
    """The nightly export broke off: 44 of 100 learners are in the file that is to be the whole roster."""
    names = crowd(world, 100)
    ask = Api(world.staff)
    plan = made(ask, named(*names[:44]), scope="all")
    assert plan["state"] == "held" and plan["counts"]["remove"] == 56 and plan["counts"]["unchanged"] == 44
    removals = plan["limits"][0]
    assert removals["value"] == {"percent": 56, "rows": 56} and removals["exceeded"]
    assert act(ask, plan, "apply", fingerprint=plan["fingerprint"]).status_code == 409
    assert active(world) == set(names)
    # what is right about it is applied without the removals
    assert act(ask, plan, "exclude", outcomes=["remove"]).status_code == 200
    assert seen(ask, plan)["state"] == "ready"
    assert applied(ask, plan)["result"] == {"applied": 0, "unchanged": 44, "stale": 0, "refused": 0}
    assert active(world) == set(names)


def test_54_people_are_enrolled_by_mistake(world: World) -> None:
    """Someone pasted the wrong list into a request; the instructor on duty takes it back at once, and only that."""
    wrong = [f"wrong{n:02}" for n in range(54)]
    for name in [*wrong, "kim"]:
        make_account(name)
    instructor = make_account("duty")
    ask, duty = Api(world.staff), Api(instructor)
    CourseRole.objects.create(account=instructor, course_id=world.course.id, role="instructor")
    plan = applied(ask, made(ask, named(*wrong), defaults={"reason": "wrong list"}))
    assert len(active(world)) == 54
    # meanwhile someone else was enrolled, and one of the 54 was given another mode on purpose
    applied(ask, made(ask, [*named("kim"), {"identifier": "wrong07", "mode": "verified"}]))
    answer = duty.post(
        f"/api/record/v1/operations/{plan['operation_id']}/undo", {"reason": "wrong list", "changes": "all"}
    )
    assert answer.status_code == 201, content(answer)
    back: dict[str, Any] = answer.json()  # type: ignore[attr-defined]
    assert back["counts"] == {"add": 0, "change": 0, "remove": 53, "unchanged": 0, "refused": 1}
    # 53 of 55: also taking back waits for someone else
    assert back["state"] == "held"
    assert act(ask, back, "approve", fingerprint=back["fingerprint"]).status_code == 200
    assert applied(duty, back)["result"]["applied"] == 53
    assert active(world) == {"kim", "wrong07"}
