"""Recorded examples: each file in ``examples`` holds a request and its exact answer, and is replayed here.

Record them anew after a wanted change, look at the difference, and commit it:
``MATRICULA_RECORD_EXAMPLES=1 .venv/bin/python -m pytest tests/wire/test_examples.py``
"""

import json
import os
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.http.response import HttpResponseBase

from matricula.jobs.writes import fail_job
from matricula.models import CourseRole
from tests.conftest import BASE, KEY, OTHER_KEY, Api, World, make_account
from tests.wire.answers import content, work

FOLDER = Path(__file__).parent / "examples"
RECORD = os.environ.get("MATRICULA_RECORD_EXAMPLES") == "1"
ENROLLMENTS = f"{BASE}/{KEY}/enrollments"
OLDER = f"/api/instructor/v2/courses/{KEY}/enrollments"
TASK = f"{BASE}/{KEY}/tasks/{{task}}"
NO_TASK = f"{BASE}/{KEY}/tasks/00000000-0000-4000-8000-000000000000"
SHOWN_HEADERS = ("Content-Type", "Allow", "WWW-Authenticate", "Content-Disposition", "Location", "Deprecation", "Link")
STAND_INS = {
    r"[0-9a-f]{64}": "{fingerprint}",
    r'(?<="change_id":)[0-9]+': "0",
    # in files
    r"(?m)^[0-9]+(?=,[0-9]{4}-)|(?<=,applied,)[0-9]+": "0",
    r'(?<="change_ids":\[)[0-9]+': "0",
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z": "{time}",
    r"(?<=signature=)[\w:.%~-]+": "{signature}",
    r"(?<=cursor=)-?[0-9]+": "{cursor}",
    r"(?<!0000-)[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-(?!000000000000)[0-9a-f]{12}": "{id}",
}


@dataclass(frozen=True)
class Example:
    method: str
    path: str
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    caller: str | None = "instructor"
    scopes: str = "read write"
    # what has happened before
    before: Callable[[World], None] = lambda world: None
    # how far the task or the plan of the path is
    task: str = "pending"


def roster(world: World) -> None:
    make_account("Zoe", first_name="Zoë", last_name="Ángel")
    make_account("adam")
    world.enroll("invited@example.org", auto_enroll=True, mode="verified")
    make_account("invited")
    world.enroll("sam", "Zoe", "adam", mode="honor")
    world.unenroll("adam")
    CourseRole.objects.create(account=world.learner, course_id=world.course.id, role="beta_tester")


def invited(world: World) -> None:
    world.enroll("new+tag@example.org", auto_enroll=True, mode="verified")


def twin(world: World) -> None:
    make_account("sam@example.org", email="other@example.org")


def start_task(world: World) -> str:
    people = ["sam", "SAM@example.org", "new@example.org", "later", "nobody", "bad@", "=1+1"]
    answer = Api(world.instructor).post(ENROLLMENTS, {"identifiers": people, "mode": "honor"})
    return str(answer.json()["task_id"])


ENROLL = {"identifiers": ["sam"]}
DASHBOARD = f"/api/instructor/v2/courses/{KEY}"
DASHBOARD_OLDER = f"/courses/{KEY}/instructor/api"
FORM = {"content_type": "application/x-www-form-urlencoded"}
PEOPLE = ["sam later", "new@example.org", "nobody", "sam@example.org"]
ACCOUNTS = "/api/user/v1/accounts"
RECORD_API = "/api/record/v1"
PLANS = f"{RECORD_API}/plans"
PLAN = f"{PLANS}/{{plan}}"
OPERATION = f"{RECORD_API}/operations/{{operation}}"
ROWS = [{"identifier": "sam", "mode": "verified"}, {"identifier": "new@example.org"}, {"identifier": "ghost"}]
A_PLAN = {
    "kind": "course_enrollments",
    "course": KEY,
    "rows": ROWS,
    "defaults": {"reason": "start of term"},
}


def start_plan(world: World, *, is_applied: bool) -> dict[str, str]:
    """What stands for the plan and its operation in a path."""
    ask = Api(world.instructor)
    plan = ask.post(PLANS, A_PLAN).json()
    if is_applied:
        answer = ask.post(f"{PLANS}/{plan['plan_id']}/apply", {"fingerprint": plan["fingerprint"]})
        plan = answer.json()
    return {"{plan}": plan["plan_id"], "{operation}": str(plan["operation_id"])}


def a_plan(world: World) -> None:
    start_plan(world, is_applied=False)


def an_applied_plan(world: World) -> None:
    start_plan(world, is_applied=True)


def invited_for_v1(world: World) -> None:
    world.enroll("new@example.org", auto_enroll=True)


V1 = "/api/enrollment/v1"
V1_COURSE = {"course_details": {"course_id": KEY}}
V1_INVITED = {"email": "new@example.org", "course_id": KEY}
V1_EXAMPLES: dict[str, Example] = {
    "v1-enroll": Example(
        "POST",
        f"{V1}/enrollment",
        {
            **V1_COURSE,
            "user": "sam",
            "mode": "verified",
            "is_active": True,
            "enrollment_attributes": [{"namespace": "order", "name": "order_number", "value": "EDX-100001"}],
        },
        caller="admin",
    ),
    "v1-unenroll": Example(
        "POST", f"{V1}/enrollment", {**V1_COURSE, "user": "sam", "is_active": False}, caller="admin", before=roster
    ),
    "v1-unenroll-never-enrolled": Example(
        "POST", f"{V1}/enrollment", {**V1_COURSE, "user": "sam", "is_active": False}, caller="admin"
    ),
    "v1-enroll-unknown-mode": Example(
        "POST",
        f"{V1}/enrollment",
        {**V1_COURSE, "user": "sam", "mode": "gold"},
        caller="admin",
        headers={"Accept-Language": "es"},
    ),
    "v1-enroll-unknown-user": Example("POST", f"{V1}/enrollment", {**V1_COURSE, "user": "ghost"}, caller="admin"),
    "v1-enroll-others": Example("POST", f"{V1}/enrollment", {**V1_COURSE, "user": "ghost"}, caller="learner"),
    "v1-enroll-oneself": Example("POST", f"{V1}/enrollment", V1_COURSE, caller="learner"),
    "v1-records": Example("GET", f"{V1}/enrollment?user=sam", before=roster),
    "v1-record-ended": Example("GET", f"{V1}/enrollment/adam,{KEY}", caller="admin", before=roster),
    "v1-record-none": Example("GET", f"{V1}/enrollment/{KEY}", caller="learner"),
    "v1-course": Example("GET", f"{V1}/course/{KEY}", caller=None),
    "v1-list": Example("GET", f"{V1}/enrollments?page_size=2", caller="admin", before=roster),
    "v1-list-forbidden": Example("GET", f"{V1}/enrollments"),
    "v1-allow": Example("POST", f"{V1}/enrollment_allowed/", {**V1_INVITED, "auto_enroll": True}, caller="admin"),
    "v1-allow-again": Example("POST", f"{V1}/enrollment_allowed/", V1_INVITED, caller="admin", before=invited_for_v1),
    "v1-allowed": Example(
        "GET", f"{V1}/enrollment_allowed/?email=new@example.org", caller="admin", before=invited_for_v1
    ),
    "v1-disallow": Example("DELETE", f"{V1}/enrollment_allowed/", V1_INVITED, caller="admin", before=invited_for_v1),
}
EXAMPLES: dict[str, Example] = {
    **V1_EXAMPLES,
    "list-empty": Example("GET", ENROLLMENTS),
    "list": Example("GET", ENROLLMENTS, before=roster),
    "list-page": Example("GET", f"{ENROLLMENTS}?page=2&page_size=1&search=example", before=roster),
    "list-ended": Example("GET", f"{ENROLLMENTS}?is_active=false", before=roster),
    "list-all-fields": Example(
        "GET", f"{ENROLLMENTS}?requested_fields=beta_tester,profile_image&search=sam", before=roster
    ),
    "list-older-base": Example("GET", f"{OLDER}?is_active=any", before=roster),
    "list-bad-parameters": Example("GET", f"{ENROLLMENTS}?page=0&page_size=101&is_active=maybe&requested_fields=age"),
    "list-unknown-requested-field": Example("GET", f"{ENROLLMENTS}?requested_fields=age"),
    "list-unknown-cursor": Example("GET", f"{ENROLLMENTS}?cursor=0"),
    "list-page-past-the-end": Example("GET", f"{ENROLLMENTS}?page=2"),
    "list-head": Example("HEAD", ENROLLMENTS),
    "enroll-one": Example("POST", ENROLLMENTS, ENROLL),
    "enroll-one-with-everything": Example(
        "POST",
        ENROLLMENTS,
        {
            "identifiers": ["new@example.org"],
            "auto_enroll": True,
            "email_students": True,
            "reason": "Transfer",
            "mode": "verified",
        },
    ),
    "enroll-invited-with-account": Example("POST", ENROLLMENTS, {"identifiers": ["invited"]}, before=roster),
    "enroll-not-activated-account": Example("POST", ENROLLMENTS, {"identifiers": ["later"]}),
    "enroll-again-in-another-mode": Example(
        "POST", ENROLLMENTS, {"identifiers": ["sam"], "mode": "verified"}, before=roster
    ),
    "enroll-unknown-username": Example("POST", ENROLLMENTS, {"identifiers": ["nobody"]}),
    "enroll-unknown-username-spanish": Example(
        "POST", ENROLLMENTS, {"identifiers": ["nobody"]}, headers={"Accept-Language": "es"}
    ),
    "enroll-bad-email": Example("POST", ENROLLMENTS, {"identifiers": ["bad@"]}),
    "enroll-too-long": Example("POST", ENROLLMENTS, {"identifiers": ["x" * 256]}),
    "enroll-two-accounts": Example("POST", ENROLLMENTS, {"identifiers": ["sam@example.org"]}, before=twin),
    "enroll-several": Example("POST", ENROLLMENTS, {"identifiers": ["sam, new@example.org", "SAM"]}),
    "enroll-several-older-base": Example("POST", OLDER, {"identifiers": ["sam", "new@example.org"]}),
    "enroll-wrong-types": Example(
        "POST", ENROLLMENTS, {"identifiers": "sam", "auto_enroll": "true", "reason": 5, "mode": []}
    ),
    "enroll-nobody": Example("POST", ENROLLMENTS, {"identifiers": [" , "]}),
    "enroll-no-identifiers": Example("POST", ENROLLMENTS, {}),
    "enroll-unknown-mode": Example("POST", ENROLLMENTS, {"identifiers": ["sam"], "mode": "masters"}),
    "enroll-long-reason": Example("POST", ENROLLMENTS, {"identifiers": ["sam"], "reason": "x" * 10_001}),
    "enroll-broken-json": Example("POST", ENROLLMENTS, "{"),
    "enroll-no-object": Example("POST", ENROLLMENTS, "[]"),
    "enroll-not-json": Example("POST", ENROLLMENTS, "identifiers=sam", headers={"content_type": "text/plain"}),
    "get": Example("GET", f"{ENROLLMENTS}/SAM@example.org", before=roster),
    "get-all-fields": Example("GET", f"{ENROLLMENTS}/sam?requested_fields=beta_tester,profile_image", before=roster),
    "get-ended": Example("GET", f"{ENROLLMENTS}/adam", before=roster),
    "get-invited": Example("GET", f"{ENROLLMENTS}/new+tag%40example.org", before=invited),
    "get-unknown": Example("GET", f"{ENROLLMENTS}/nobody"),
    "get-unknown-spanish": Example("GET", f"{ENROLLMENTS}/nobody", headers={"Accept-Language": "es"}),
    "get-two-accounts": Example("GET", f"{ENROLLMENTS}/sam@example.org", before=twin),
    "unenroll": Example("DELETE", f"{ENROLLMENTS}/sam?email_student=true&reason=Moved", before=roster),
    "unenroll-both": Example("DELETE", f"{ENROLLMENTS}/invited", before=roster),
    "unenroll-ended": Example("DELETE", f"{ENROLLMENTS}/adam", before=roster),
    "unenroll-invited": Example("DELETE", f"{ENROLLMENTS}/new+tag@example.org", before=invited),
    "unenroll-unknown": Example("DELETE", f"{ENROLLMENTS}/nobody"),
    "unenroll-bad-boolean": Example("DELETE", f"{ENROLLMENTS}/sam?email_student=maybe", before=roster),
    "task-pending": Example("GET", TASK),
    "task-completed": Example("GET", TASK, task="completed"),
    "task-completed-spanish": Example("GET", TASK, task="completed", headers={"Accept-Language": "es"}),
    "task-failed": Example("GET", TASK, task="failed"),
    "task-unknown": Example("GET", NO_TASK),
    "task-no-uuid": Example("GET", f"{BASE}/{KEY}/tasks/7"),
    "results-json": Example("GET", "{results_url}", caller=None, task="completed"),
    "results-csv": Example("GET", "{results_url}&format=csv", caller=None, task="completed"),
    "results-altered": Example("GET", f"{NO_TASK}/results?signature=x", caller=None),
    "unauthenticated": Example("GET", ENROLLMENTS, caller=None),
    "forbidden": Example("GET", ENROLLMENTS, caller="learner"),
    "forbidden-other-course": Example("GET", f"{BASE}/{OTHER_KEY}/enrollments"),
    "forbidden-scope": Example("POST", ENROLLMENTS, ENROLL, scopes="read"),
    "unknown-course": Example("GET", f"{BASE}/course-v1:No+Such+Course/enrollments"),
    "bad-course-key": Example("GET", f"{BASE}/North-CS101/enrollments"),
    "unknown-address": Example("GET", "/api/enrollment/v3/courses", caller=None),
    "method-not-allowed": Example("PATCH", ENROLLMENTS, {}),
    "plan-made": Example("POST", PLANS, A_PLAN, before=roster),
    "plan-without-rows": Example("POST", PLANS, {**A_PLAN, "rows": []}),
    "plan-of-both": Example("POST", PLANS, {**A_PLAN, "program": "n-cs"}),
    "plan-unknown-mode-spanish": Example(
        "POST", PLANS, {**A_PLAN, "defaults": {"mode": "gold"}}, headers={"Accept-Language": "es"}
    ),
    "plan": Example("GET", PLAN),
    "plan-list": Example("GET", f"{PLANS}?state=ready&mine=true", before=a_plan),
    "plan-rows": Example("GET", f"{PLAN}/rows", before=roster),
    "plan-rows-csv": Example("GET", f"{PLAN}/rows?fmt=csv", task="applied"),
    "plan-applied": Example("GET", PLAN, task="applied"),
    "plan-rows-applied": Example("GET", f"{PLAN}/rows", task="applied"),
    "plan-exclude": Example("POST", f"{PLAN}/exclude", {"rows": [1], "outcomes": ["refused"]}),
    "plan-approve-not-held": Example("POST", f"{PLAN}/approve", {"fingerprint": "x"}, caller="staff"),
    "plan-apply-as-not-seen": Example("POST", f"{PLAN}/apply", {"fingerprint": "x"}),
    "plan-cancel": Example("POST", f"{PLAN}/cancel", {}),
    "plan-of-others": Example("GET", PLAN, caller="elsewhere"),
    "plan-no-uuid": Example("GET", f"{PLANS}/7"),
    "operation": Example("GET", OPERATION, task="applied"),
    "operation-list": Example("GET", f"{RECORD_API}/operations?source=api", before=an_applied_plan),
    "operation-changes": Example("GET", f"{OPERATION}/changes", task="applied"),
    "operation-changes-csv": Example("GET", f"{OPERATION}/changes?fmt=csv&page_size=1", task="applied"),
    "operation-undo": Example("POST", f"{OPERATION}/undo", {"reason": "wrong file"}, task="applied"),
    "operation-undo-unknown-change": Example("POST", f"{OPERATION}/undo", {"changes": [1]}, task="applied"),
    "operation-of-others": Example("POST", f"{OPERATION}/undo", {}, caller="learner", task="applied"),
    "method-not-allowed-one": Example("PUT", f"{ENROLLMENTS}/sam", {}),
    "dashboard-course": Example("GET", DASHBOARD, before=roster),
    "dashboard-course-of-others": Example("GET", DASHBOARD, caller="learner"),
    "dashboard-course-unknown": Example("GET", "/api/instructor/v2/courses/course-v1:No+Such+Course"),
    "dashboard-list": Example("GET", f"{OLDER}?page=1&page_size=500&is_beta_tester=True", before=roster),
    "dashboard-modify": Example("POST", f"{OLDER}/modify", {"identifier": PEOPLE, "action": "enroll"}, before=twin),
    "dashboard-modify-unenroll": Example(
        "POST", f"{OLDER}/modify", {"identifier": ["sam", "later"], "action": "unenroll"}, before=roster
    ),
    "dashboard-modify-wrong": Example("POST", f"{OLDER}/modify", {"identifier": [], "action": "move"}),
    "dashboard-modify-too-many": Example(
        "POST", f"{OLDER}/modify", {"identifier": " ".join(map(str, range(1001))), "action": "enroll"}
    ),
    "dashboard-modify-read": Example("GET", f"{OLDER}/modify"),
    "dashboard-testers": Example(
        "POST", f"{DASHBOARD}/beta_testers/modify", {"identifier": PEOPLE, "action": "add"}, before=twin
    ),
    "dashboard-testers-as-staff": Example(
        "POST", f"{DASHBOARD}/beta_testers/modify", {"identifier": ["sam"], "action": "add"}, caller="staff"
    ),
    "dashboard-learner": Example("GET", f"{DASHBOARD}/learners/sam@example.org", before=roster),
    "dashboard-learner-unknown": Example("GET", f"{DASHBOARD}/learners/nobody"),
    "dashboard-tasks": Example("GET", f"{DASHBOARD}/instructor_tasks", before=lambda world: start_task(world) and None),
    "dashboard-older-tasks": Example("POST", f"{DASHBOARD_OLDER}/list_instructor_tasks", {}),
    "dashboard-older-status": Example(
        "POST",
        f"{DASHBOARD_OLDER}/get_student_enrollment_status",
        "unique_student_identifier=adam",
        headers=FORM,
        before=roster,
    ),
    "dashboard-older-update": Example(
        "POST",
        f"{DASHBOARD_OLDER}/students_update_enrollment",
        "identifiers=sam%2Cnobody&action=enroll&auto_enroll=true",
        headers=FORM,
    ),
    "dashboard-older-testers": Example(
        "POST", f"{DASHBOARD_OLDER}/bulk_beta_modify_access", "identifiers=sam%2Cnobody&action=add", headers=FORM
    ),
    "bulk-enroll": Example(
        "POST",
        "/api/bulk_enroll/v1/bulk_enroll",
        {
            "identifiers": "sam,new@example.org",
            "courses": f"{KEY},{OTHER_KEY}",
            "action": "enroll",
            "auto_enroll": True,
        },
        caller="admin",
    ),
    "bulk-enroll-bad-course": Example(
        "POST",
        "/api/bulk_enroll/v1/bulk_enroll",
        {"identifiers": "sam", "courses": "x", "action": "enroll"},
        caller="admin",
    ),
    "enroll-bad-key": Example("POST", ENROLLMENTS, ENROLL, {"Idempotency-Key": "two words"}),
    "unenroll-changed-meanwhile": Example(
        "DELETE", f"{ENROLLMENTS}/sam", headers={"If-Match": '"as-it-was"'}, before=roster
    ),
    "get-not-changed": Example("GET", f"{ENROLLMENTS}/sam", headers={"If-None-Match": "*"}, before=roster),
    "plan-changed-meanwhile": Example("POST", f"{PLAN}/cancel", {}, {"If-Match": '"as-it-was"'}),
    "account-own": Example("GET", f"{ACCOUNTS}/sam", caller="learner"),
    "account-of-others": Example("GET", f"{ACCOUNTS}/staff", caller="learner"),
    "account-unknown": Example("GET", f"{ACCOUNTS}/ghost", caller="learner"),
    "accounts-by-email": Example("GET", f"{ACCOUNTS}?email=SAM@example.org", caller="admin"),
    "accounts-not-staff": Example("GET", f"{ACCOUNTS}?username=sam", caller="learner"),
    "accounts-neither": Example("GET", ACCOUNTS, caller="admin"),
    "login-refresh-without-session": Example("POST", "/login_refresh", caller=None),
}


def play(example: Example, request: dict[str, Any], world: World) -> HttpResponseBase:
    example.before(world)
    path = request["path"]
    if "{task}" in path or "{results_url}" in path:
        task = start_task(world)
        if example.task == "completed":
            work(task)
        if example.task == "failed":
            fail_job(uuid.UUID(task), "A fault of ours ended this task.")
        status = Api(world.instructor).get(f"tasks/{task}").json()
        path = path.replace("{task}", task).replace("{results_url}", status.get("result", {}).get("results_url", ""))
    if "{plan}" in path or "{operation}" in path:
        for stand_in, id_ in start_plan(world, is_applied=example.task == "applied").items():
            path = path.replace(stand_in, id_)
    caller = getattr(world, request["caller"]) if request["caller"] else None
    return Api(caller, request["scopes"])(request["method"], path, request["body"], **request["headers"])


def shown(answer: HttpResponseBase) -> dict[str, Any]:
    text = content(answer).decode()
    for pattern, stand_in in STAND_INS.items():
        text = re.sub(pattern, stand_in, text)
    is_json = answer.headers.get("Content-Type") == "application/json" and text
    disposition = {name: answer.headers[name] for name in SHOWN_HEADERS if name in answer.headers}
    headers = {name: re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "{id}", value) for name, value in disposition.items()}
    return {
        "status": answer.status_code,
        "headers": headers,
        "body": json.loads(text) if is_json else text.splitlines(keepends=True),
    }


def as_request(example: Example) -> dict[str, Any]:
    return {name: getattr(example, name) for name in ("method", "path", "caller", "scopes", "headers", "body")}


@pytest.mark.parametrize("name", EXAMPLES)
def test_example(name: str, world: World) -> None:
    example, file = EXAMPLES[name], FOLDER / f"{name}.json"
    if RECORD:
        answer = shown(play(example, as_request(example), world))
        FOLDER.mkdir(exist_ok=True)
        recorded = {"request": as_request(example), "answer": answer}
        file.write_text(json.dumps(recorded, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        pytest.skip("recorded, not tested")
    recorded = json.loads(file.read_text(encoding="utf-8"))
    assert recorded["request"] == as_request(example)
    answer = shown(play(example, recorded["request"], world))
    assert answer == recorded["answer"]
    # also the order of the fields is part of the example
    assert json.dumps(answer) == json.dumps(recorded["answer"])


def test_every_file_is_an_example() -> None:
    assert {file.stem for file in FOLDER.iterdir()} == set(EXAMPLES)


def test_examples_show_every_status_of_every_route() -> None:
    seen = {
        (recorded["request"]["method"], recorded["answer"]["status"])
        for recorded in (json.loads(file.read_text(encoding="utf-8")) for file in FOLDER.iterdir())
    }
    assert {("GET", s) for s in (200, 400, 401, 403, 404)} <= seen
    assert {("POST", s) for s in (200, 202, 400, 403, 415)} <= seen
    assert {("DELETE", s) for s in (200, 400, 404)} <= seen
    assert {("PATCH", 405), ("PUT", 405), ("HEAD", 200)} <= seen
