"""Lists of the console as files: what is shown, in three forms, recorded, for those who may see it."""

import csv
import io
import re
import uuid
from collections.abc import Iterable
from typing import Any, cast

import pytest
from django.test import Client as HttpClient
from django.utils import timezone

from matricula.console import disclosing
from matricula.enrollments.program.rules import Verb
from matricula.enrollments.program.writes import ProgramRequest, write_program_enrollments
from matricula.jobs.reads import get_job
from matricula.journal.statuses import COMMAND
from matricula.journal.writes import new_operation
from matricula.models import Account, CourseRole, Disclosure, Job
from matricula.worker.tasks import carry_out
from tests.conftest import World, make_account
from tests.console.conftest import COURSE, Reader
from tests.university import OWN, University, facts
from tests.workbooks import rows_of

PROGRAM = f"/programs/{OWN}/"
STUDENTS = [
    ProgramRequest(key, status) for key, status in (("007", "enrolled"), ("=a", "pending"), ("b-1", "enrolled"))
]
FORMS = ("csv", "excel", "xlsx")


def body_of(answer: Any) -> bytes:
    assert answer.status_code == 200, answer.status_code
    return b"".join(cast(Iterable[bytes], answer.streaming_content))


def table_of(reader: Reader, address: str, form: str = "csv") -> list[dict[str, str]]:
    """The rows of a list, read as programs read such a file."""
    body = body_of(reader.http.get(address + ("&" if "?" in address else "?") + f"download={form}"))
    if form == "xlsx":
        header, *rows = rows_of(body)
        return [dict(zip(header, row, strict=True)) for row in rows]
    return [*csv.DictReader(io.StringIO(body.decode("utf-8-sig")))]


@pytest.fixture
def roster(world: World) -> World:
    for name in ("ann", "bob", "cleo", "finn"):
        make_account(name, first_name=name.title(), last_name="=Of Roster")
    world.enroll("ann", "bob", "cleo", "finn", "new@example.org", auto_enroll=True)
    world.enroll("bob", mode="verified")
    world.unenroll("finn", reason="moved away")
    CourseRole.objects.create(
        account=Account.objects.get(username="cleo"), course_id=world.course.id, role="beta_tester"
    )
    return world


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ["ann", "bob", "cleo"]),
        ("?page=2", ["ann", "bob", "cleo"]),
        ("?sort=-username", ["cleo", "bob", "ann"]),
        ("?sort=-created&state=all", ["finn", "cleo", "bob", "ann"]),
        ("?q=cle", ["cleo"]),
        ("?mode=verified", ["bob"]),
        ("?state=ended", ["finn"]),
        ("?beta=yes", ["cleo"]),
        ("?beta=no&sort=created", ["ann", "bob"]),
        ("?q=nobody", []),
    ],
)
def test_a_roster_is_downloaded_as_it_is_shown(roster: World, instructor: Reader, query: str, shown: list[str]) -> None:
    for form in FORMS:
        assert [row["identifier"] for row in table_of(instructor, COURSE + query, form)] == shown


@pytest.mark.parametrize("form", FORMS)
def test_who_is_invited_is_downloaded_as_uploads_read_it(roster: World, instructor: Reader, form: str) -> None:
    [row] = table_of(instructor, f"{COURSE}?state=invited", form)
    assert (row["email"], row["auto_enroll"], row["action"]) == ("new@example.org", "True", "enroll")


def test_forms_names_and_types_of_files(roster: World, instructor: Reader) -> None:
    day = timezone.localdate()
    for form, suffix, media in [
        ("csv", "csv", "text/csv; charset=utf-8"),
        ("excel", "csv", "text/csv; charset=utf-8"),
        ("xlsx", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ]:
        answer = instructor.http.get(f"{COURSE}?download={form}")
        assert answer["Content-Disposition"] == f'attachment; filename="North-CS101-2027_T1-roster-{day}.{suffix}"'
        assert answer["Content-Type"] == media
        assert body_of(answer).startswith(
            {"csv": b"identifier", "excel": b"\xef\xbb\xbfidentifier", "xlsx": b"PK"}[form]
        )
    # what is no form is no download
    assert instructor.http.get(f"{COURSE}?download=exe")["Content-Type"].startswith("text/html")


def test_texts_that_look_like_formulas(roster: World, instructor: Reader) -> None:
    assert table_of(instructor, COURSE)[0]["last_name"] == "'=Of Roster"
    assert table_of(instructor, COURSE, "xlsx")[0]["last_name"] == "=Of Roster"


@pytest.mark.parametrize("form", FORMS)
def test_a_download_is_recorded_without_what_was_searched_for(roster: World, instructor: Reader, form: str) -> None:
    table_of(instructor, f"{COURSE}?q=of+roster&state=all&page=2", form)
    recorded = Disclosure.objects.get()
    assert (recorded.kind, recorded.source, recorded.actor_id) == ("enrollments", "console", instructor.account_id)
    assert (recorded.rows, recorded.people, recorded.complete) == (4, 4, True)
    assert recorded.filters == {"state": "all", "searched": "yes"}


def test_a_reason_is_asked_for_where_it_is_required(
    roster: World, instructor: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matricula.console.disclosing.is_reason_required", lambda: True)
    address = f"{COURSE}?q=cle&download=xlsx"
    page = instructor.get(address)
    assert f'action="{address}"' in page.replace("&amp;", "&")
    assert "North-CS101-2027_T1-roster" in page
    instructor.post(address, 400, reason=" ")
    assert not Disclosure.objects.exists()
    assert len(rows_of(body_of(instructor.http.post(address, {"reason": "census"})))) == 2
    assert Disclosure.objects.get().reason == "census"


@pytest.mark.parametrize("form", FORMS)
def test_students_as_they_are_shown(university: University, form: str) -> None:
    write_program_enrollments(new_operation(None, COMMAND), facts(), Verb.CREATE, STUDENTS)
    reader = Reader(university.holder("read_enrollments", name="reads"))
    rows = table_of(reader, PROGRAM, form)
    assert {row["student_key"].removeprefix("'") for row in rows} == {"007", "=a", "b-1"}
    assert [row["student_key"] for row in table_of(reader, f"{PROGRAM}?status=enrolled", form)] == ["007", "b-1"]
    assert [row["student_key"] for row in table_of(reader, f"{PROGRAM}?q=b-", form)] == ["b-1"]
    # who may not see names gets none
    assert [*rows[0]] == ["student_key", "status", "account_exists", "updated"]
    assert "username" in table_of(Reader(university.root), PROGRAM, form)[0]


@pytest.mark.parametrize(
    ("address", "role", "status"),
    [
        (COURSE, None, 403),
        (f"{COURSE}history/", None, 403),
        (PROGRAM, "read_metadata", 403),
        (f"{PROGRAM}history/", "read_metadata", 403),
        (PROGRAM, None, 403),
    ],
)
def test_who_may_not_see_a_list_gets_no_file(
    university: University, address: str, role: str | None, status: int
) -> None:
    account = university.holder(role, name="reads") if role else make_account("stranger")
    for method in ("get", "post"):
        assert getattr(Reader(account).http, method)(f"{address}?download=csv").status_code == status
    assert HttpClient().get(f"{address}?download=csv")["Location"].startswith("/login/")
    assert not Disclosure.objects.exists()


@pytest.mark.parametrize("form", FORMS)
def test_history_of_a_course_run(roster: World, instructor: Reader, form: str) -> None:
    rows = table_of(instructor, f"{COURSE}history/", form)
    assert rows[0]["username"] == "finn"
    assert rows[0]["reason"] == "moved away"
    assert len(rows) == 7


def test_a_long_list_is_prepared_by_a_worker(
    roster: World, instructor: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disclosing, "AT_ONCE", 2)
    address = f"{COURSE}?q=of+roster&download=xlsx"
    page = instructor.get(address)
    assert "Prepare workbook" in page
    assert "download=csv" in page
    assert not Job.objects.exists()
    assert not Disclosure.objects.exists()
    job = instructor.post(address)
    # asked for again, it is the same one
    assert instructor.post(address) == job
    assert carry_out(get_job(uuid.UUID(job.split("/")[2])))
    [link] = re.findall(r'href="(https?://[^"]+/api/files/[^"]+)"', instructor.get(job))
    answer = instructor.http.get(link.replace("http://testserver", ""))
    name = f"North-CS101-2027_T1-roster-{timezone.localdate()}.xlsx"
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer["Content-Type"].endswith("spreadsheetml.sheet")
    assert [row[0] for row in rows_of(body_of(answer))] == ["identifier", "ann", "bob", "cleo"]
    assert Disclosure.objects.get().people == 3
    # CSV is as long as it is
    assert len(table_of(instructor, f"{COURSE}?q=of+roster")) == 3
