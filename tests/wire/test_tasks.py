"""GET /tasks/{task_id} and the signed link to all results."""

import csv
import io
import json
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from matricula.batches.runs import run_chunk
from matricula.jobs.reads import find_job
from matricula.jobs.writes import fail_job, record_job
from matricula.models import CourseEnrollment, OutgoingMail
from matricula.tabular.writing import plain_cell
from tests.canceled_jobs import cancel
from tests.conftest import BASE, KEY, OTHER_KEY, Api, World, make_account
from tests.journal import changes
from tests.wire.answers import content, refused, work

COLUMNS = [
    "identifier",
    "enrolled_before",
    "allowed_before",
    "mode_before",
    "enrolled_after",
    "allowed_after",
    "mode_after",
    "error",
]
NEITHER = {"enrolled": False, "allowed": False}


def start(api: Api, *identifiers: str, **more: Any) -> str:
    answer = api.post("enrollments", {"identifiers": list(identifiers), **more})
    assert answer.status_code == 202
    return str(answer.json()["task_id"])


def status(api: Api, task: str) -> dict[str, Any]:
    answer = api.get(f"tasks/{task}")
    assert answer.status_code == 200
    return dict(answer.json())


def test_pending(api: Api) -> None:
    task = start(api, "sam", "staff")
    shown = status(api, task)
    for name in ("created_at", "updated_at"):
        datetime.strptime(shown.pop(name), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert shown == {"task_id": task, "state": "pending", "progress": {"current": 0, "total": 2}}


def test_running_in_chunks(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matricula.batches.values.CHUNK", 2)
    task = start(api, "sam", "staff", "nobody")
    job = find_job(uuid.UUID(task))
    assert job is not None
    assert run_chunk(job)
    shown = status(api, task)
    assert (shown["state"], shown["progress"]) == ("running", {"current": 2, "total": 3})
    assert not {"result", "error"} & set(shown)
    work(task)
    assert status(api, task)["progress"] == {"current": 3, "total": 3}


def test_completed(api: Api, world: World) -> None:
    world.enroll("staff")
    task = start(api, "sam", "new@example.org", "staff", "nobody", mode=None, reason="why", email_students=True)
    work(task)
    shown = status(api, task)
    assert (shown["state"], shown["progress"]) == ("completed", {"current": 4, "total": 4})
    assert "error" not in shown
    result = shown["result"]
    assert set(result) == {"success", "message", "results", "results_url"}
    assert result["success"] is False
    assert result["message"] == "1 enrolled, 1 invited, 1 unchanged, 1 failed"
    assert [r["identifier"] for r in result["results"]] == ["sam", "new@example.org", "staff", "nobody"]
    sam, new, staff, nobody = result["results"]
    assert sam == {
        "identifier": "sam",
        "before": NEITHER,
        "after": {"enrolled": True, "allowed": False, "mode": "audit"},
    }
    assert new["after"] == {"enrolled": False, "allowed": True, "auto_enroll": False}
    assert staff["before"] == staff["after"]
    assert (nobody["before"], nobody["after"]) == (NEITHER, NEITHER)
    assert "username" in nobody["error"]
    entries = changes().filter(operation=task)
    assert {(e.reason, e.actor_id) for e in entries} == {("why", world.instructor.pk)}
    assert entries.count() == 3
    assert OutgoingMail.objects.count() == 3


def test_success_is_true_if_nobody_failed(api: Api) -> None:
    task = start(api, "sam", "staff")
    work(task)
    result = status(api, task)["result"]
    assert (result["success"], result["message"]) == (True, "2 enrolled")


def test_two_identifiers_of_one_person(api: Api) -> None:
    task = start(api, "sam", "SAM@example.org", mode="honor")
    work(task)
    first, second = status(api, task)["result"]["results"]
    assert first["before"] == NEITHER
    assert (
        second["before"] == first["after"] == second["after"] == {"enrolled": True, "allowed": False, "mode": "honor"}
    )
    assert CourseEnrollment.objects.count() == 1


def test_ambiguous_and_long_identifiers_fail_by_themselves(api: Api) -> None:
    make_account("sam@example.org", email="other@example.org")
    task = start(api, "sam@example.org", "x" * 256, "a\x07b", "staff")
    work(task)
    result = status(api, task)["result"]
    assert result["message"] == "1 enrolled, 3 failed"
    assert ["error" in r for r in result["results"]] == [True, True, True, False]


def test_texts_are_in_the_language_asked_for(api: Api) -> None:
    task = start(api, "sam", "nobody")
    work(task)
    english = status(api, task)["result"]
    spanish = api.get(f"tasks/{task}", **{"Accept-Language": "es"}).json()["result"]
    assert english["message"] != spanish["message"]
    assert english["results"][1]["error"] != spanish["results"][1]["error"]
    csv_text = content(Api().get(f"{english['results_url']}&format=csv", **{"Accept-Language": "es"})).decode()
    assert spanish["results"][1]["error"] in csv_text


def test_failed_is_http_200(api: Api) -> None:
    task = start(api, "sam", "staff")
    fail_job(uuid.UUID(task), "An internal error.")
    shown = status(api, task)
    assert shown["state"] == "failed"
    assert shown["error"] == {"code": "INTERNAL_ERROR", "message": "An internal error."}
    assert "result" not in shown
    work(task)
    assert status(api, task)["state"] == "failed"
    assert not CourseEnrollment.objects.exists()


def test_first_thousand_here_and_all_behind_the_link(api: Api) -> None:
    people = [f"p{n}@example.org" for n in range(1_001)]
    task = start(api, *people)
    work(task)
    result = status(api, task)["result"]
    assert [r["identifier"] for r in result["results"]] == people[:1_000]
    everything = content(Api().get(result["results_url"]))
    parsed = json.loads(everything)
    assert parsed["action"] == "enroll"
    assert [r["identifier"] for r in parsed["results"]] == people
    assert parsed["results"][:1_000] == result["results"]


def rows_of(task: str, api: Api) -> list[dict[str, str]]:
    work(task)
    answer = Api().get(f"{status(api, task)['result']['results_url']}&format=csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{task}.csv"'
    reader = csv.DictReader(io.StringIO(content(answer).decode(), newline=""))
    assert reader.fieldnames == COLUMNS
    return list(reader)


def test_csv(api: Api, world: World) -> None:
    world.enroll("staff", mode="honor")
    sam, staff, new, nobody = rows_of(start(api, "sam", "staff", "new@example.org", "nobody"), api)
    assert sam == dict(zip(COLUMNS, ["sam", "False", "False", "", "True", "False", "audit", ""], strict=True))
    assert staff == dict(zip(COLUMNS, ["staff", "True", "False", "honor", "True", "False", "honor", ""], strict=True))
    assert new == dict(zip(COLUMNS, ["new@example.org", "False", "False", "", "False", "True", "", ""], strict=True))
    assert (nobody["identifier"], nobody["enrolled_after"]) == ("nobody", "False")
    assert "username" in nobody["error"]


def test_csv_holds_no_formulas(api: Api) -> None:
    evil = ["=cmd|'/c", "+1", "-1", "@sum", "=x@example.org", '"=1', "'=1", "😀", 'a"b']
    rows = rows_of(start(api, *evil), api)
    assert [plain_cell(row["identifier"]) for row in rows] == evil
    assert not [row["identifier"] for row in rows if row["identifier"][0] in "=+-@\t\r"]


def test_signed_link(api: Api, settings: Any) -> None:
    task = start(api, "sam", "nobody")
    other = start(api, "staff", "nobody")
    for each in (task, other):
        work(each)
    url = status(api, task)["result"]["results_url"]
    parts = urlsplit(url)
    [signature] = parse_qs(parts.query)["signature"]
    assert parts.path == f"{BASE}/{KEY}/tasks/{task}/results"
    assert Api().get(url).status_code == 200
    path = parts.path
    for broken in (
        "",
        "x",
        f"x{signature}",
        f"{signature}x",
        signature[:-1],
        signature.upper(),
        "::",
        "a:b:c",
        "%C3%A9",
    ):
        refused(Api().get(f"{path}?signature={broken}"), 403)
    refused(Api().get(path), 403)
    refused(Api().get(url.replace(task, other)), 403)
    refused(Api().get(url.replace(KEY, OTHER_KEY)), 404)
    refused(Api().get(url.replace(KEY, "course-v1:No+Such+Course")), 404)
    refused(Api().get(url.replace(KEY, f"{KEY}%00")), 400)
    refused(Api().get(f"{path}?signature=%00"), 400, "signature")
    refused(Api().get(f"{url}&format=xml"), 400, "format")
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, result_link_seconds=-1)
    refused(Api().get(url), 403)


def test_link_of_the_older_base(api: Api) -> None:
    task = start(api, "sam", "nobody")
    work(task)
    answer = api.get(f"/api/instructor/v2/courses/{KEY}/tasks/{task}/").json()
    assert answer["result"]["results_url"].startswith(
        f"http://testserver/api/instructor/v2/courses/{KEY}/tasks/{task}/results?"
    )
    assert Api().get(answer["result"]["results_url"]).status_code == 200


def test_head_of_results(api: Api) -> None:
    task = start(api, "sam", "nobody")
    work(task)
    head = Api()("HEAD", status(api, task)["result"]["results_url"])
    assert (head.status_code, content(head), head.headers["Content-Type"]) == (200, b"", "application/json")
    assert status(api, task)["state"] == "completed"


def test_task_of_another_course(api: Api, api_as, world: World) -> None:
    task = start(api, "sam", "staff")
    refused(api_as("admin").get(f"{BASE}/{OTHER_KEY}/tasks/{task}"), 404)
    refused(api_as("elsewhere").get(f"{BASE}/{OTHER_KEY}/tasks/{task}"), 404)
    refused(api_as("elsewhere").get(f"tasks/{task}"), 403)
    assert api_as("staff").get(f"tasks/{task}").status_code == 200


def test_canceled(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matricula.batches.values.CHUNK", 2)
    task = start(api, "sam", "staff", "nobody")
    job = find_job(uuid.UUID(task))
    assert job is not None
    assert run_chunk(job)
    assert cancel(job.id)
    shown = status(api, task)
    assert (shown["state"], shown["progress"]) == ("failed", {"current": 2, "total": 3})
    assert shown["error"]["code"] == "CANCELED"
    assert "canceled" in shown["error"]["message"]
    assert [result["identifier"] for result in shown["result"]["results"]] == ["sam", "staff"]
    everything = json.loads(content(api.get(shown["result"]["results_url"])))
    assert [result["identifier"] for result in everything["results"]] == ["sam", "staff"]


def test_task_of_another_kind(api: Api, world: World) -> None:
    job = record_job("import", actor_id=None, source="command", course_id=world.course.id, options={})
    refused(api.get(f"tasks/{job}"), 404)


@pytest.mark.parametrize(
    "task",
    [
        "1",
        "x",
        "%00",
        "%20",
        "None",
        "0" * 36,
        "00000000-0000-0000-0000-00000000000g",
        "00000000000000000000000000000001",
        "{00000000-0000-0000-0000-000000000001}",
        "urn:uuid:00000000-0000-0000-0000-000000000001",
        "%D9%A10000000-0000-0000-0000-000000000001",
        "1" * 10_000,
    ],
)
def test_task_id_that_is_no_uuid(task: str, api: Api) -> None:
    refused(api.get(f"tasks/{task}"), 400, "task_id")


@pytest.mark.parametrize("spelling", [str.lower, str.upper])
def test_unknown_task_and_case_of_the_id(spelling: Any, api: Api) -> None:
    refused(api.get(f"tasks/{spelling('abcdef00-0000-4000-8000-000000000001')}"), 404)
    task = start(api, "sam", "staff")
    assert status(api, spelling(task))["task_id"] == task
