"""The instructor dashboard: its calls in the order in which a browser makes them, and each answer in full."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.db import connection
from django.http.response import HttpResponseBase
from django.test import Client as HttpClient
from django.test.utils import CaptureQueriesContext

from matricula.models import Change, Course, CourseEnrollment, CourseRole, OperationRecord, OutgoingMail, PreEnrollment
from tests.conftest import KEY, OTHER_KEY, Api, World, make_account
from tests.wire.answers import content, usernames
from tests.wire.test_permissions import BACKEND

COURSE, OLDER = f"/api/instructor/v2/courses/{KEY}", f"/courses/{KEY}/instructor/api"
BULK = "/api/bulk_enroll/v1/bulk_enroll"
MODIFY, TESTERS = f"{COURSE}/enrollments/modify", f"{COURSE}/beta_testers/modify"
NOWHERE = {"user": True, "enrollment": False, "allowed": False, "auto_enroll": False}
ENROLLED = {**NOWHERE, "enrollment": True}
FORMS = {
    "JSON": lambda body: (json.dumps(body), "application/json"),
    "form": lambda body: (urlencode(body, doseq=True), "application/x-www-form-urlencoded"),
    "multipart": lambda body: (multipart(body), "multipart/form-data; boundary=x"),
}


def multipart(body: dict[str, Any]) -> bytes:
    parts = [(name, one) for name, value in body.items() for one in (value if isinstance(value, list) else [value])]
    head = 'Content-Disposition: form-data; name="{}"'
    return ("".join(f"--x\r\n{head.format(name)}\r\n\r\n{value}\r\n" for name, value in parts) + "--x--\r\n").encode()


def ok(answer: HttpResponseBase, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, content(answer)
    assert answer.headers["Content-Type"] == "application/json"
    return dict(answer.json())  # type: ignore[attr-defined]


class Browser:
    """A session with the token in the header, as the front end's library sends it."""

    def __init__(self, account: Any) -> None:
        self._http = HttpClient(enforce_csrf_checks=True)
        self._http.get("/login/")
        self._http.force_login(account, backend=BACKEND)

    def get(self, path: str) -> dict[str, Any]:
        return ok(self._http.get(path, headers={"USE-JWT-COOKIE": "true"}))

    def post(self, path: str, body: Any, form: str = "JSON") -> dict[str, Any]:
        data, media = FORMS[form](body)
        headers = {"X-CSRFToken": self._http.cookies["csrftoken"].value, "USE-JWT-COOKIE": "true"}
        return ok(self._http.generic("POST", path, data, content_type=media, headers=headers))


def test_calls_of_the_dashboard_in_order(world: World) -> None:
    page = Browser(world.instructor)
    course = page.get(f"/api/instructor/v2/courses/{quote(KEY, safe='')}")
    assert [tab["tab_id"] for tab in course["tabs"]] == ["course_info", "enrollments"]
    assert course["permissions"]["instructor"] is True
    assert course["total_enrollment"] == 0

    listing = f"{COURSE}/enrollments?page=1&page_size=25&search="
    assert page.get(listing)["count"] == 0
    body = {
        "identifier": ["sam, new@example.org"],
        "action": "enroll",
        "auto_enroll": True,
        "email_students": False,
        "reason": "",
    }
    results = page.post(MODIFY, body)["results"]
    assert [(r["identifier"], r["after"]["enrollment"], r["after"]["allowed"]) for r in results] == [
        ("sam", True, False),
        ("new@example.org", False, True),
    ]
    [row] = page.get(listing)["results"]
    assert (row["username"], row["full_name"], row["mode"], row["is_beta_tester"]) == (
        "sam",
        "Sam Learner",
        "audit",
        False,
    )
    added = page.post(TESTERS, {"identifier": ["sam"], "action": "add", "email_students": False, "auto_enroll": False})
    assert added["results"] == [{"identifier": "sam", "error": False, "user_does_not_exist": False, "is_active": True}]
    assert page.get(f"{COURSE}/enrollments?is_beta_tester=True")["results"][0]["is_beta_tester"] is True
    gone = page.post(MODIFY, {"identifier": ["sam"], "action": "unenroll", "email_students": False})
    assert gone["results"] == [{"identifier": "sam", "before": ENROLLED, "after": NOWHERE}]
    assert page.get(listing)["count"] == 0
    assert page.get(f"{COURSE}/instructor_tasks") == {"tasks": []}
    assert page.get(f"{COURSE}/learners/sam%40example.org")["is_enrolled"] is False
    status = page.post(f"{OLDER}/get_student_enrollment_status", {"unique_student_identifier": "sam"}, "multipart")
    assert status["enrollment_status"] == "Enrollment status of sam: inactive"
    assert page.post(f"{OLDER}/list_instructor_tasks", {}, "form") == {"tasks": []}


def test_a_session_without_its_csrf_token_changes_nothing(world: World) -> None:
    http = HttpClient(enforce_csrf_checks=True)
    http.force_login(world.instructor, backend=BACKEND)
    for path in (MODIFY, TESTERS, f"{OLDER}/students_update_enrollment", f"{OLDER}/list_instructor_tasks"):
        answer = http.post(path, {"identifier": "sam", "action": "enroll"}, content_type="application/json")
        assert ok(answer, 403)["error_code"] == "PERMISSION_DENIED"
    assert not CourseEnrollment.objects.exists()


def test_course(world: World, settings: Any) -> None:
    world.enroll("sam", "staff", mode="honor")
    Course.objects.filter(key=KEY).update(enrollment_end="2027-01-31T12:00:00Z")
    asked = Api(world.staff)
    course = ok(asked.get(COURSE))
    start = f"/instructor-dashboard/{KEY}"
    assert course == {
        "course_id": KEY,
        "display_name": "Introduction to Programming",
        "org": "North",
        "course_number": "CS101",
        "course_run": "2027_T1",
        "enrollment_start": None,
        "enrollment_end": "2027-01-31T12:00:00Z",
        "total_enrollment": 2,
        "learner_count": 1,
        "staff_count": 2,
        "enrollment_counts": {"audit": 0, "honor": 2, "verified": 0, "total": 2},
        "permissions": {
            "admin": False,
            "instructor": False,
            "finance_admin": False,
            "sales_admin": False,
            "staff": True,
            "forum_admin": False,
            "data_researcher": False,
        },
        "tabs": [
            {"tab_id": "course_info", "title": "Course", "url": f"{start}/course_info", "sort_order": 10},
            {"tab_id": "enrollments", "title": "Enrollments", "url": f"{start}/enrollments", "sort_order": 20},
        ],
        "course_errors": [],
        "disable_buttons": False,
        **dict.fromkeys(
            (
                "start",
                "end",
                "pacing",
                "has_started",
                "has_ended",
                "num_sections",
                "grade_cutoffs",
                "studio_url",
                "gradebook_url",
                "studio_grading_url",
                "admin_console_url",
                "analytics_dashboard_message",
            )
        ),
    }
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, dashboard_url="https://apps.example.org/dash/")
    assert ok(asked.get(f"{COURSE}/"))["tabs"][0]["url"] == f"https://apps.example.org/dash/{KEY}/course_info"
    admin = ok(Api(world.admin).get(COURSE))["permissions"]
    assert (admin["admin"], admin["instructor"], admin["staff"]) == (True, True, True)


def test_list_is_lenient_under_the_base_of_the_dashboard(api: Api, world: World) -> None:
    world.enroll("sam", "later", "elsewhere")
    world.unenroll("elsewhere")
    assert usernames(api.get(f"{COURSE}/enrollments?page_size=500")) == ["sam"]
    assert usernames(api.get(f"{COURSE}/enrollments?is_active=False")) == ["elsewhere"]
    assert usernames(api.get(f"{COURSE}/enrollments?is_beta_tester=True")) == []
    assert usernames(api.get(f"{COURSE}/enrollments?is_beta_tester=False&is_active=True")) == ["sam"]
    for bad in ("page_size=0", "page_size=x", "is_active=maybe", "is_beta_tester=yes"):
        assert api.get(f"{COURSE}/enrollments?{bad}").status_code == 400, bad
    for bad in ("page_size=101", "is_active=True", "is_active=False", "is_beta_tester=True"):
        assert api.get(f"enrollments?{bad}").status_code == 400, bad


def test_pages_of_a_hundred_are_walked_by_next(api: Api, world: World) -> None:
    operation = Api(world.admin)
    for n in range(101):
        make_account(f"p{n:03}")
    people = [f"p{n:03}" for n in range(101)]
    ok(operation.post(MODIFY, {"identifier": people, "action": "enroll"}))
    first = ok(api.get(f"{COURSE}/enrollments?page_size=1000"))
    assert (first["count"], first["num_pages"], len(first["results"])) == (101, 2, 100)
    rest = ok(api.get(first["next"].removeprefix("http://testserver")))
    assert [row["username"] for row in rest["results"]] == ["p100"]


def test_modify_is_no_person(api: Api, world: World) -> None:
    make_account("modify")
    world.enroll("modify")
    assert ok(api.get(MODIFY), 405)["error_code"] == "METHOD_NOT_ALLOWED"
    assert api.get(f"{MODIFY}/").status_code == 405
    assert api.delete(MODIFY).status_code == 405
    assert CourseEnrollment.objects.get().is_active
    # under the other base it is one, as ever
    assert ok(api.get("enrollments/modify"))["username"] == "modify"


@pytest.mark.parametrize("form", FORMS)
def test_modify(form: str, api: Api, world: World) -> None:
    make_account("sam@example.org", email="other@example.org")
    body = {
        "identifier": ["Sam nobody,new@example.org", "bad@", "sam@example.org", "later", "x" * 256],
        "action": "enroll",
        "auto_enroll": "true",
        "email_students": "False",
        "reason": "start of term",
    }
    data, media = FORMS[form](body)
    answer = ok(api.post(MODIFY, data, content_type=media))
    invited = {"user": False, "enrollment": False, "allowed": True, "auto_enroll": True}
    assert answer == {
        "action": "enroll",
        "auto_enroll": True,
        "results": [
            {"identifier": "Sam", "before": NOWHERE, "after": ENROLLED},
            {"identifier": "nobody", "invalid_identifier": True},
            {"identifier": "new@example.org", "before": {**NOWHERE, "user": False}, "after": invited},
            {"identifier": "bad@", "invalid_identifier": True},
            {"identifier": "sam@example.org", "error": True},
            {"identifier": "later", "before": NOWHERE, "after": {**invited, "user": True}},
            {"identifier": "x" * 256, "invalid_identifier": True},
        ],
    }
    [operation] = OperationRecord.objects.order_by("started").reverse()[:1]
    assert (operation.source, operation.course_id, operation.actor_id) == ("api", world.course.id, world.instructor.pk)
    assert {e.reason for e in Change.objects.filter(operation=operation.id)} == {"start of term"}
    assert not OutgoingMail.objects.exists()


def test_modify_unenrolls_and_notifies(api: Api, world: World) -> None:
    world.enroll("sam")
    world.enroll("new@example.org", auto_enroll=True)
    people = "sam\nnew@example.org, staff stranger@example.org"
    answer = ok(api.post(MODIFY, {"identifier": people, "action": "unenroll", "email_students": True}))
    states = {r["identifier"]: (r["before"], r["after"]) for r in answer["results"]}
    nothing = {**NOWHERE, "user": False}
    assert states == {
        "sam": (ENROLLED, NOWHERE),
        "new@example.org": ({**nothing, "allowed": True, "auto_enroll": True}, nothing),
        # who has nothing is a success
        "staff": (NOWHERE, NOWHERE),
        "stranger@example.org": (nothing, nothing),
    }
    assert not CourseEnrollment.objects.filter(is_active=True).exists()
    assert not PreEnrollment.objects.exists()
    assert {*OutgoingMail.objects.values_list("to", flat=True)} == {"sam@example.org", "new@example.org"}


WRONG: dict[str, tuple[Any, set[str]]] = {
    "nothing": ({}, {"identifier", "action"}),
    "no people": ({"identifier": [" , "], "action": "enroll"}, {"identifier"}),
    "empty": ({"identifier": [], "action": "enroll"}, {"identifier"}),
    "a number": ({"identifier": 5, "action": "enroll"}, {"identifier"}),
    "numbers": ({"identifier": [5], "action": "enroll"}, {"identifier"}),
    "control characters": ({"identifier": ["sam\x00"], "action": "enroll"}, {"identifier"}),
    "action": ({"identifier": ["sam"], "action": "delete"}, {"action"}),
    "flags": (
        {"identifier": ["sam"], "action": "enroll", "auto_enroll": "maybe", "email_students": 7},
        {"auto_enroll", "email_students"},
    ),
    "reason": ({"identifier": ["sam"], "action": "enroll", "reason": "x" * 10_001}, {"reason"}),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_bodies_are_a_plain_map_of_fields(case: str, api: Api) -> None:
    body, fields = WRONG[case]
    error = ok(api.post(MODIFY, body), 400)
    assert set(error) == fields
    for messages in error.values():
        assert isinstance(messages, list)
        assert messages[0].strip()


BROKEN = {
    "JSON": ("{", "application/json", 400),
    "a list": ("[]", "application/json", 400),
    "text": ("sam", "text/plain", 415),
    "multipart": (b"--y\r\n", "multipart/form-data; boundary=x", 400),
    "no boundary": (b"x", "multipart/form-data", 400),
    "too many fields": (b"a=1&" * 1100, "application/x-www-form-urlencoded", 400),
    "bytes": (b"identifier=%ff\xff&action=enroll", "application/x-www-form-urlencoded", 200),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_bodies(case: str, api: Api) -> None:
    body, media, status = BROKEN[case]
    ok(api.post(MODIFY, body, content_type=media), status)


@pytest.mark.parametrize(
    ("path", "field"), [(MODIFY, "identifier"), (f"{OLDER}/students_update_enrollment", "identifiers")]
)
def test_a_thousand_people_and_no_more(path: str, field: str, api: Api) -> None:
    people = [f"p{n}@example.org" for n in range(1001)]
    error = ok(api.post(path, {field: people, "action": "enroll"}), 413)
    assert "/api/enrollment/v2/courses/" in error["detail"]
    assert not PreEnrollment.objects.exists()
    assert len(ok(api.post(path, {field: people[1:], "action": "enroll"}))["results"]) == 1000
    assert PreEnrollment.objects.count() == 1000


def statements(ask: Callable[[], HttpResponseBase]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        ok(ask())
    return len(seen)


def test_statements_dont_grow_with_the_people(api: Api, world: World) -> None:
    people = [make_account(f"p{n}").username for n in range(60)]
    for path, body in (
        (MODIFY, {"action": "enroll", "email_students": True}),
        (TESTERS, {"action": "add", "auto_enroll": True}),
        (f"{OLDER}/bulk_beta_modify_access", {"action": "remove"}),
    ):
        field = "identifiers" if path.startswith("/courses") else "identifier"
        few = statements(lambda: api.post(path, {**body, field: people[:2]}))  # noqa: B023  called at once
        many = statements(lambda: api.post(path, {**body, field: people[2:]}))  # noqa: B023  called at once
        assert many <= few, path


@pytest.mark.parametrize("form", FORMS)
def test_beta_testers(form: str, api: Api, world: World) -> None:
    make_account("sam@example.org", email="other@example.org")
    people = ["sam", "later", "nobody", "new@example.org", "sam@example.org"]
    data, media = FORMS[form]({"identifier": people, "action": "add", "auto_enroll": "False"})
    answer = ok(api.post(TESTERS, data, content_type=media))
    unknown = {"error": True, "user_does_not_exist": True, "is_active": None}
    given = {"error": False, "user_does_not_exist": False}
    assert answer == {
        "action": "add",
        "results": [
            {"identifier": "sam", **given, "is_active": True},
            {"identifier": "later", **given, "is_active": False},
            {"identifier": "nobody", **unknown},
            {"identifier": "new@example.org", **unknown},
            {"identifier": "sam@example.org", "error": True, "user_does_not_exist": False, "is_active": None},
        ],
    }
    testers = CourseRole.objects.filter(course_id=world.course.id, role="beta_tester")
    assert {*testers.values_list("account__username", flat=True)} == {"sam", "later"}
    assert not CourseEnrollment.objects.exists()
    removed = ok(api.post(TESTERS, {"identifier": ["sam", "staff"], "action": "remove"}))
    # who is none is a success
    assert [r["error"] for r in removed["results"]] == [False, False]
    assert [r.account_id for r in testers] == [world.inactive.pk]


def test_beta_testers_are_enrolled_in_the_same_operation(api: Api, world: World) -> None:
    world.enroll("elsewhere", mode="verified")
    before = OperationRecord.objects.count()
    body = {"identifier": "sam elsewhere later", "action": "add", "auto_enroll": True, "email_students": True}
    ok(api.post(TESTERS, body))
    assert OperationRecord.objects.count() == before + 1
    modes = dict(CourseEnrollment.objects.values_list("account__username", "mode"))
    assert modes == {"sam": "audit", "elsewhere": "verified"}
    # who has no active account yet is enrolled once it is
    assert PreEnrollment.objects.get().auto_enroll
    # only those who were not enrolled get mail
    assert {*OutgoingMail.objects.values_list("to", flat=True)} == {"sam@example.org", "later@example.org"}


def test_a_sign_up_that_no_one_confirmed_is_no_beta_tester(api: Api) -> None:
    account = make_account("mallory", is_active=False)
    type(account).objects.filter(pk=account.pk).update(self_registered=True, activated=None)
    [result] = ok(api.post(TESTERS, {"identifier": ["mallory"], "action": "add"}))["results"]
    assert result["user_does_not_exist"] is True
    assert api.get(f"{COURSE}/learners/mallory").status_code == 400


def test_the_older_address_of_beta_testers(api: Api) -> None:
    data, media = FORMS["form"]({"identifiers": "sam\nnobody", "action": "add", "email_students": "true"})
    answer = ok(api.post(f"{OLDER}/bulk_beta_modify_access", data, content_type=media))
    assert answer["results"] == [
        {"identifier": "sam", "error": False, "userDoesNotExist": False, "is_active": True},
        {"identifier": "nobody", "error": True, "userDoesNotExist": True, "is_active": None},
    ]
    for path, field in ((TESTERS, "identifier"), (f"{OLDER}/bulk_beta_modify_access", "identifiers")):
        assert set(ok(api.post(path, {"action": "enroll"}), 400)) == {field, "action"}
        people = [f"p{n}" for n in range(1001)]
        ok(api.post(path, {field: people, "action": "add"}), 413)


def test_learners(api: Api, world: World) -> None:
    make_account("sam@example.org", email="other@example.org")
    world.enroll("sam")
    assert ok(api.get(f"{COURSE}/learners/SAM")) == {
        "username": "sam",
        "email": "sam@example.org",
        "full_name": "Sam Learner",
        "progress_url": None,
        "is_enrolled": True,
    }
    world.unenroll("sam")
    assert ok(api.get(f"{COURSE}/learners/sam/"))["is_enrolled"] is False
    for bad in ("nobody", "new@example.org", "sam@example.org", "a%00", "x" * 300, "a%2Fb"):
        assert set(ok(api.get(f"{COURSE}/learners/{bad}"), 400)) == {"email_or_username"}, bad


def test_tasks(api: Api, world: World) -> None:
    task = ok(api.post("enrollments", {"identifiers": ["sam", "new@example.org"]}), 202)["task_id"]
    Api(world.elsewhere).post(
        f"/api/enrollment/v2/courses/{OTHER_KEY}/enrollments", {"identifiers": ["sam", "new@example.org"]}
    )
    [shown] = ok(api.get(f"{COURSE}/instructor_tasks"))["tasks"]
    assert shown.pop("created").endswith("Z")
    assert shown == {
        "task_type": "course_enrollments",
        "task_input": '{"total":2}',
        "task_id": task,
        "requester": "instructor",
        "task_state": "PENDING",
        "task_output": None,
        "duration_sec": None,
        "status": "Incomplete",
        "task_message": "0 of 2 rows",
    }
    [same] = ok(api.post(f"{OLDER}/list_instructor_tasks", {}))["tasks"]
    assert same["task_id"] == task


def test_enrollment_status_in_words(api: Api, world: World) -> None:
    world.enroll("sam", "elsewhere")
    world.unenroll("elsewhere")
    world.enroll("new@example.org", "later")
    path = f"{OLDER}/get_student_enrollment_status"
    found = {
        person: ok(api.post(path, {"unique_student_identifier": person}))["enrollment_status"]
        for person in ("sam", "elsewhere", "new@example.org", "later", "staff", "nobody")
    }
    assert {person: text.partition(": ")[2] for person, text in found.items()} == {
        "sam": "active",
        "elsewhere": "inactive",
        "new@example.org": "pending (invited)",
        "later": "pending (invited)",
        "staff": "never enrolled",
        "nobody": "never enrolled",
    }
    spanish = {"Accept-Language": "es"}
    answer = ok(api.post(path, {"unique_student_identifier": "sam"}, **spanish))
    assert answer == {"course_id": KEY, "error": "", "enrollment_status": "Estado de la inscripción de sam: activa"}
    make_account("sam@example.org", email="other@example.org")
    for bad in ({}, {"unique_student_identifier": ""}, {"unique_student_identifier": "sam@example.org"}):
        assert set(ok(api.post(path, bad), 400)) == {"unique_student_identifier"}


UPDATE = {"identifiers": "sam,nobody bad@\nsam@example.org", "action": "enroll", "auto_enroll": "true"}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("older", [OLDER, f"/courses/{quote(KEY, safe='')}/instructor/api"])
def test_the_older_address_of_modify(form: str, older: str, api: Api) -> None:
    make_account("sam@example.org", email="other@example.org")
    data, media = FORMS[form](UPDATE)
    answer = ok(api.post(f"{older}/students_update_enrollment", data, content_type=media))
    sam, nobody, bad, two = answer["results"]
    assert (answer["action"], answer["auto_enroll"]) == ("enroll", True)
    assert sam == {
        "identifier": "sam",
        "success": True,
        "before": NOWHERE,
        "after": ENROLLED,
        "state_transition": "from unenrolled to enrolled",
    }
    assert (nobody["success"], nobody["invalidIdentifier"], nobody["error_type"]) == (False, True, "unknown_username")
    assert nobody["error_message"].startswith("There is no account with this username.")
    assert (bad["success"], bad["invalidIdentifier"], bad["error_type"]) == (False, True, "bad_address")
    assert (two["success"], two["invalidIdentifier"], two["error"], two["error_type"]) == (
        False,
        False,
        True,
        "two_accounts",
    )


@pytest.mark.parametrize("form", FORMS)
def test_bulk_enrollment(form: str, world: World) -> None:
    data, media = FORMS[form](
        {
            "identifiers": "sam,nobody",
            "courses": f"{KEY},{OTHER_KEY}",
            "action": "enroll",
            "auto_enroll": "true",
            "email_students": "false",
        }
    )
    answer = ok(Api(world.admin).post(BULK, data, content_type=media))
    assert {key: answer[key] for key in ("action", "auto_enroll", "email_students")} == {
        "action": "enroll",
        "auto_enroll": True,
        "email_students": False,
    }
    assert set(answer["courses"]) == {KEY, OTHER_KEY}
    for one in answer["courses"].values():
        assert (one["action"], one["auto_enroll"]) == ("enroll", True)
        assert [r["success"] for r in one["results"]] == [True, False]
    assert {*CourseEnrollment.objects.values_list("course__key", "mode")} == {(KEY, "audit"), (OTHER_KEY, "honor")}
    assert OperationRecord.objects.filter(source="api").count() == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"action": "delete"}, "action"),
        ({"courses": f"{KEY},course-v1:No+Such+Course"}, "courses"),
        ({"courses": "no-key"}, "courses"),
        ({"courses": "a\x00b"}, "courses"),
        ({"courses": " , "}, "courses"),
        ({"identifiers": ""}, "identifiers"),
        ({"auto_enroll": "x"}, "auto_enroll"),
        ({"reason": "x" * 10_001}, "reason"),
    ],
)
def test_wrong_bulk_enrollment(given: dict[str, str], field: str, world: World) -> None:
    body = {"identifiers": "sam", "courses": KEY, "action": "enroll"} | given
    assert set(ok(Api(world.admin).post(f"{BULK}/", body), 400)) == {field}
    assert not CourseEnrollment.objects.exists()


def test_bulk_enrollment_has_an_end(world: World) -> None:
    body = {"identifiers": [f"p{n}@example.org" for n in range(1001)], "courses": KEY, "action": "enroll"}
    ok(Api(world.admin).post(BULK, body), 413)


@pytest.mark.parametrize("path", [f"{OLDER}/", f"{OLDER}/no_such_call", "/api/bulk_enroll/v1/"])
def test_unknown_addresses_are_answered_in_json(path: str, api: Api) -> None:
    assert ok(api.post(path, {}), 404)["error_code"] == "RESOURCE_NOT_FOUND"


def test_messages_in_spanish(api: Api) -> None:
    spanish = {"Accept-Language": "es"}
    assert ok(api.post(MODIFY, {"action": "enroll"}, **spanish), 400)["identifier"] == ["Este dato es obligatorio."]
