"""Every door by which a file about people leaves: what is recorded, and the reason that an operator can require."""

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from django.db import DatabaseError, transaction
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import Client as HttpClient
from typer.testing import CliRunner

from matricula.cli.main import app
from matricula.disclosures.statuses import DisclosureKind
from matricula.disclosures.writes import Contents, Recipient, disclosed
from matricula.enrollments.program.rules import Verb
from matricula.enrollments.program.writes import ProgramRequest, write_program_enrollments
from matricula.jobs.reads import get_job
from matricula.journal.statuses import CONSOLE
from matricula.journal.writes import new_operation
from matricula.models import Client, Disclosure
from matricula.tabular.exports import export_rows
from matricula.worker.tasks import carry_out
from tests.conftest import KEY, Api, World
from tests.university import OWN, University, facts

REASON = {"X-Matricula-Reason": "audit of the dean, año 2026".encode().decode("latin-1")}
SAID = "audit of the dean, año 2026"
REGISTRAR = "/api/v1/programs"
RECORD = "/api/record/v1"


def read(answer: HttpResponseBase) -> bytes:
    assert answer.status_code == 200, getattr(answer, "content", b"")
    if not answer.streaming:
        return cast(bytes, answer.content)  # type: ignore[attr-defined]
    return b"".join(cast("Iterator[bytes]", answer))


def only() -> Disclosure:
    return Disclosure.objects.get()


def required(settings: Any) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, export_reason_required=True)


@pytest.fixture
def students(university: University, settings: Any, tmp_path: Path) -> University:
    default = {**settings.STORAGES["default"], "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "default": default}
    requests = [ProgramRequest(f"S-{n}", "enrolled") for n in range(3)]
    write_program_enrollments(new_operation(None, "api"), facts(), Verb.CREATE, requests)
    return university


@pytest.mark.parametrize("form", ["csv", "jsonl"])
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_a_roster_is_recorded_for_the_account_and_its_client(form: str, encoding: str, api: Api, world: World) -> None:
    world.enroll("sam", "staff")
    answer = api.get(f"export?format={form}", **{"Accept-Encoding": encoding}, **REASON)
    assert not Disclosure.objects.exists(), "nothing was given yet"
    read(answer)
    found = only()
    assert (found.kind, found.source, found.actor_id, found.course_id) == (
        "enrollments", "api", world.instructor.pk, world.course.id,
    )  # fmt: skip
    assert found.client_id == Client.objects.get().pk
    assert str(found.operation) == answer.headers["X-Request-Id"]
    assert (found.rows, found.people, found.complete, found.reason) == (2, 2, True, SAID)
    assert found.filters == {"format": form}
    assert found.ended is not None


def test_a_head_is_no_disclosure(api: Api, world: World) -> None:
    assert api("HEAD", "export").status_code == 200
    assert not Disclosure.objects.exists()


def test_a_file_that_was_not_read_to_its_end_is_recorded_with_what_was_given(db: None) -> None:
    export = export_rows(["n"], ([n] for n in range(5_000)))
    blocks = disclosed(export, Contents(DisclosureKind.GRADES), Recipient(CONSOLE, new_operation(None, "api").id, 1))
    next(blocks), next(blocks), next(blocks)
    assert only().ended is None, "it was recorded before the first byte"
    blocks.close()
    found = only()
    assert (found.rows, found.people, found.complete) == (2_000, 2_000, False)


def test_a_file_that_broke_off_is_recorded_with_what_was_given(db: None) -> None:
    def rows() -> Iterator[list[int]]:
        yield from ([n] for n in range(2_500))
        raise ValueError("in the middle")

    blocks = disclosed(
        export_rows(["n"], rows()), Contents(DisclosureKind.GRADES), Recipient(CONSOLE, new_operation(None, "api").id)
    )
    with pytest.raises(ValueError, match="in the middle"):
        list(blocks)
    assert (only().complete, only().rows) == (False, 2_500)


def test_rows_stay_as_they_are(api: Api, world: World) -> None:
    read(api.get("export"))
    for change in (
        lambda: Disclosure.objects.update(reason="another"),
        lambda: Disclosure.objects.update(people=0),
        lambda: Disclosure.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_a_client_that_goes_away_is_recorded(own_database: None) -> None:
    from tests.conftest import make_account, make_world

    world = make_world()
    for n in range(3):
        make_account(f"n{n}", first_name="x" * 200)
        world.enroll(f"n{n}")
    answer = Api(world.instructor).get("export")
    assert isinstance(answer, StreamingHttpResponse)
    next(iter(answer))
    answer.close()
    assert only().rows == 3


# --- the reason that an operator can require ---


def test_without_a_reason_the_enrollment_api_gives_nothing(api: Api, world: World, settings: Any) -> None:
    required(settings)
    answer = api.get("export")
    assert answer.status_code == 400
    assert [*answer.json()["field_errors"]] == ["reason"]  # type: ignore[attr-defined]
    assert api("HEAD", "export").status_code == 400
    assert api.get("export", **{"X-Matricula-Reason": "  "}).status_code == 400
    assert not Disclosure.objects.exists()
    read(api.get("export", **REASON))
    assert only().reason == SAID


def test_without_a_reason_the_registrar_api_starts_no_download(students: University, settings: Any) -> None:
    api = Api(students.writer())
    address = f"{REGISTRAR}/{OWN}/enrollments"
    assert api.get(address).status_code == 202
    required(settings)
    answer = api.get(address)
    assert answer.status_code == 400
    assert "X-Matricula-Reason" in answer.content.decode()  # type: ignore[attr-defined]
    assert api.get(address, **REASON).status_code == 202


def test_a_download_is_recorded_when_its_file_is_fetched(students: University, settings: Any) -> None:
    required(settings)
    writer = students.writer()
    api = Api(writer)
    started = api.get(f"{REGISTRAR}/{OWN}/enrollments?fmt=csv", **REASON).json()  # type: ignore[attr-defined]
    carry_out(get_job(started["job_id"]))
    link = api.get(urlsplit(started["job_url"]).path).json()["result"]  # type: ignore[attr-defined]
    assert not Disclosure.objects.exists()
    # whoever has the link: it says for whom it was made
    assert read(Api().get(link)).count(b"\n") == 4
    found = only()
    assert (found.kind, found.actor_id, found.people, found.complete) == ("job_result", writer.pk, 3, None)
    assert (str(found.job_id), found.reason) == (started["job_id"], SAID)
    assert found.client_id == Client.objects.get().pk
    assert found.program_id == students.own.pk
    assert Api().get(link.replace(".csv?", ".csv%3A1?")).status_code == 403
    assert Api().get(link.replace("signature=", "signature=9")).status_code == 403


def test_what_an_upload_did_is_given_back_without_a_reason(students: University, settings: Any) -> None:
    required(settings)
    writer = students.writer()
    api = Api(writer)
    file = io.BytesIO(b"student_key,status\nS-7,enrolled\n")
    file.name = "students.csv"
    headers = {"Authorization": api._headers["Authorization"]}
    started = HttpClient().post(f"{REGISTRAR}/{OWN}/enrollments/upload/", {"file": file}, headers=headers).json()
    carry_out(get_job(started["job_id"]))
    read(Api().get(api.get(urlsplit(started["job_url"]).path).json()["result"]))  # type: ignore[attr-defined]
    assert (only().people, only().reason) == (1, None)


def test_reports_are_recorded(students: University, settings: Any) -> None:
    from datetime import date

    from matricula.reports.writes import write_program_reports

    write_program_reports(facts(), date(2026, 11, 27))
    reader = students.holder("read_reports")
    api = Api(reader)
    links = {one["name"]: one["download_url"] for one in api.get(f"{REGISTRAR}/{OWN}/reports").json()}  # type: ignore[attr-defined]
    for link in links.values():
        read(Api().get(link))
    assert {(one.file or "").rpartition("/")[2]: one.people for one in Disclosure.objects.all()} == {
        "enrollment_report__2026-11-27.csv": 3,
        "aggregate_report__2026-11-27.csv": 0,
    }
    assert {(one.actor_id, one.program_id, one.kind) for one in Disclosure.objects.all()} == {
        (reader.pk, students.own.pk, "report")
    }
    required(settings)
    [link, _] = links.values()
    refused = Api().get(link)
    assert (refused.status_code, refused.headers["Content-Type"]) == (400, "text/plain; charset=utf-8")
    read(Api().get(link, **REASON))
    http = HttpClient()
    http.force_login(reader)
    address = f"/programs/{OWN}/reports/enrollment_report__2026-11-27.csv"
    assert address in http.get(f"/programs/{OWN}/").content.decode()
    assert b'name="reason"' in http.get(address).content
    assert http.post(address, {"reason": ""}).status_code == 400
    assert http.get(f"/programs/{OWN}/reports/nothing.csv").status_code == 404
    read(http.post(address, {"reason": "for the board"}))
    last = Disclosure.objects.latest("id")
    assert (last.source, last.reason, last.people) == ("console", "for the board", 3)


def test_links_that_lead_past_us_are_recorded_when_they_are_made(students: University, settings: Any) -> None:
    from datetime import date

    from matricula.reports.writes import write_program_reports

    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "tests.broken_storage.LinkingStorage"}}
    write_program_reports(facts(), date(2026, 11, 27))
    reader, other = students.holder("read_reports"), students.holder("read_reports", name="another")
    address = f"{REGISTRAR}/{OWN}/reports"
    for account in (reader, reader, other):
        assert Api(account).get(address).json()[0]["download_url"].startswith("https://bucket.example.org/")  # type: ignore[attr-defined]
    made = [(one.actor_id, one.people, one.complete) for one in Disclosure.objects.order_by("id")]
    # each token is another client
    assert made == [(account.pk, None, None) for account in (reader, reader, other) for _ in range(2)]
    http = HttpClient()
    http.force_login(reader)
    for _ in range(3):
        http.get(f"/programs/{OWN}/")
    assert Disclosure.objects.filter(source="console").count() == 2
    required(settings)
    assert Api(reader).get(address).status_code == 400
    assert Api(reader).get(address, **REASON).status_code == 200
    page = http.post(f"/programs/{OWN}/reports/enrollment_report__2026-11-27.csv", {"reason": "for the board"})
    assert page["Location"].startswith("https://bucket.example.org/reports/")


def test_a_file_fetched_from_a_page_is_recorded_as_that(students: University) -> None:
    writer = students.writer()
    http = HttpClient()
    http.force_login(writer)
    form = {"what": "students", "format": "json", "reason": "for the board"}
    address = http.post(f"/programs/{OWN}/download/", form)["Location"]
    carry_out(get_job(address.split("/")[2]))  # type: ignore[arg-type]
    [link] = re.findall(r'href="(http://testserver/api/files/[^"]+)"', http.get(address).content.decode())
    read(http.get(link))
    found = only()
    assert (found.source, found.actor_id, found.reason, found.people) == ("console", writer.pk, "for the board", 3)
    assert found.filters == {"job_kind": "list_program_enrollments"}


def test_rows_of_plans_and_changes_of_operations(world: World, settings: Any) -> None:
    api = Api(world.instructor)
    body = {"kind": "course_enrollments", "course": KEY, "rows": [{"identifier": "sam"}, {"identifier": "staff"}]}
    plan = api("POST", f"{RECORD}/plans", body).json()  # type: ignore[attr-defined]
    address = f"{RECORD}/plans/{plan['plan_id']}"
    read(api.get(f"{address}/rows?fmt=csv&outcome=add"))
    asked = {"fingerprint": plan["fingerprint"], "reason": "term"}
    operation = api("POST", f"{address}/apply", asked).json()["operation_id"]  # type: ignore[attr-defined]
    read(api.get(f"{RECORD}/operations/{operation}/changes?fmt=csv"))
    rows, changes = Disclosure.objects.order_by("id")
    assert (rows.kind, rows.people, rows.course_id) == ("plan_rows", 2, world.course.id)
    assert rows.filters == {"plan": plan["plan_id"], "outcome": "add"}
    assert (changes.kind, changes.people, changes.filters) == ("operation_changes", 2, {"operation": operation})
    # pages are no files
    api.get(f"{address}/rows")
    assert Disclosure.objects.count() == 2
    required(settings)
    for door in (f"{address}/rows?fmt=csv", f"{RECORD}/operations/{operation}/changes?fmt=csv"):
        answer = api.get(door)
        assert (answer.status_code, [*answer.json()["field_errors"]]) == (400, ["reason"])  # type: ignore[attr-defined]
        read(api.get(door, **REASON))


def test_results_of_tasks_are_recorded_for_whom_the_link_was_made(api: Api, world: World) -> None:
    body = {"identifiers": ["sam", "nobody", "new@example.org"]}
    task = api.post("enrollments", body).json()["task_id"]  # type: ignore[attr-defined]
    carry_out(get_job(task))
    link = api.get(f"tasks/{task}").json()["result"]["results_url"]  # type: ignore[attr-defined]
    for form in ("csv", "json"):
        read(Api().get(f"{link}&format={form}"))
    assert [(one.kind, one.actor_id, one.people, one.filters) for one in Disclosure.objects.order_by("id")] == [
        ("task_results", world.instructor.pk, 3, {"format": form}) for form in ("csv", "json")
    ]


# --- pages ---


def test_rejected_rows_of_a_page(world: World) -> None:
    from tests.batches import start_roster_check

    job = start_roster_check(world.course, "staff", "no-such-person", actor_id=world.instructor.pk)
    http = HttpClient()
    http.force_login(world.instructor)
    for address in (f"/jobs/{job}/refused.csv", f"/plans/{job}/refused.csv"):
        read(http.get(address))
    assert {(one.kind, one.source, one.people, one.actor_id) for one in Disclosure.objects.all()} == {
        ("rejected_rows", "console", 1, world.instructor.pk)
    }


def test_a_download_from_a_page_says_why(students: University, settings: Any) -> None:
    required(settings)
    http = HttpClient()
    http.force_login(students.writer())
    address, form = f"/programs/{OWN}/download/", {"what": "students", "format": "csv"}
    assert b'id="download-reason"' in http.get(f"/programs/{OWN}/").content
    assert http.post(address, form)["Location"] == f"/programs/{OWN}/"
    started = http.post(address, form | {"reason": "for the board"})["Location"]
    job = get_job(started.split("/")[2])  # type: ignore[arg-type]
    assert job.options["export_reason"] == "for the board"


def test_operators_read_who_got_what(api: Api, world: World, students: University) -> None:
    world.enroll("sam")
    read(api.get("export", **REASON))
    read(Api(world.staff).get("export"))
    http = HttpClient()
    http.force_login(students.root)
    page = http.get("/disclosures/").content.decode()
    assert "instructor" in page
    assert SAID in page
    for query, is_shown in {
        "actor=instructor": True,
        "actor=staff": False,
        f"about={KEY.replace('+', '%2B')}": True,
        f"about={OWN}": False,
        "about=unknown": False,
        "since=2026-01-01": True,
        "since=2999-01-01": False,
        "until=2026-01-01": False,
        "before=1": False,
    }.items():
        assert (SAID in http.get(f"/disclosures/?{query}").content.decode()) is is_shown, query


# --- commands ---


@pytest.mark.usefixtures("_commands")
def test_commands_say_who_and_why(world: World, tmp_path: Path, settings: Any) -> None:
    world.enroll("sam")
    run = CliRunner()
    required(settings)
    words = ["export", "enrollments", "--course", KEY]
    refused = run.invoke(app, words)
    assert refused.exit_code == 2
    done = run.invoke(app, [*words, "--reason", "term report", "-o", str(tmp_path / "a.csv")])
    assert done.exit_code == 0, done.output
    found = only()
    assert (found.kind, found.source, found.people, found.reason) == ("enrollments", "command", 1, "term report")
    assert found.actor_id is None
    assert found.os_user
    listed = run.invoke(app, ["export", "disclosures", "--format", "jsonl", "--reason", "review"])
    assert '"term report"' in listed.output
    assert [one.kind for one in Disclosure.objects.order_by("id")] == ["enrollments", "disclosures"]


@pytest.fixture
def _commands(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command joins the database of the test."""
    from contextlib import nullcontext

    from matricula.cli import exports

    monkeypatch.setattr(exports, "database", lambda _data: nullcontext())
