"""The past of course runs and programs in the console: rosters of a moment, comparisons, snapshots, the churn chart."""

import csv
import hashlib
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from matricula.console.history import comparison, rosters
from matricula.enrollments.program.rules import Verb
from matricula.enrollments.program.writes import ProgramRequest, write_program_enrollments
from matricula.journal.writes import new_operation
from matricula.models import Disclosure, Snapshot
from tests.conftest import KEY, World, make_account, write
from tests.conftest import found as found_course
from tests.console.conftest import COURSE, Reader, words_of
from tests.past import DAY, Past
from tests.university import OWN, University, facts

HISTORY_PAGE = Path(__file__).parents[2] / "docs" / "history.md"
AS_OF, COMPARISON, PROGRAM = f"{COURSE}as-of/", f"{COURSE}comparison/", f"/programs/{OWN}/"


def at(moment: datetime) -> str:
    return quote(moment.isoformat())


@pytest.fixture
def past() -> Past:
    return Past()


@pytest.fixture
def term(world: World, past: Past) -> Past:
    """Ann and bob came 20 days ago; ten days ago bob left, cleo came, and ann's mode changed, twice."""
    for name in ("ann", "bob", "cleo"):
        make_account(name)
    past.was(30)
    world.enroll("ann", "bob", mode="audit")
    past.was(20)
    operation = new_operation(world.instructor.pk, "console", course_id=world.course.id)
    write(world.course, "unenroll", "bob", operation=operation)
    world.enroll("cleo", "ann", mode="honor")
    world.enroll("ann", mode="verified")
    past.was(10)
    return past


def test_the_roster_of_a_moment_is_shown_as_the_past(term: Past, instructor: Reader) -> None:
    before = term.noon - 15 * DAY
    page = words_of(instructor.get(f"{AS_OF}?as_of={at(before)}"))
    assert "This is the past." in page and "Back to the current roster" in page and "2 people" in page
    assert "ann audit" in page and "bob" in page and "cleo" not in page
    now = words_of(instructor.get(f"{AS_OF}?as_of={at(term.noon - 5 * DAY)}"))
    assert "ann verified" in now and "cleo" in now and "bob" not in now


def test_a_clocks_time_becomes_an_address_with_offset(term: Past, instructor: Reader) -> None:
    instructor.http.cookies["timezone"] = "Asia/Tokyo"
    day = (term.noon - 15 * DAY).strftime("%Y-%m-%d")
    answer = instructor.http.get(f"{AS_OF}?as_of={day}T09:00")
    assert answer.status_code == 302
    assert answer["Location"] == f"{AS_OF}?as_of={day}T09%3A00%3A00%2B09%3A00"
    # who reads it in another zone sees the same moment, and the institution's time beside it
    page = instructor.get(answer["Location"])
    assert f'value="{day}T09:00"' in page and "in UTC" in words_of(page)
    answer = instructor.http.get(f"{AS_OF}?as_of={day}T09:00&zone=UTC")
    assert answer["Location"].endswith(f"{day}T09%3A00%3A00%2B00%3A00")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("as_of=soon", "“soon” isn't a date and time. Enter one such as"),
        ("as_of=2999-01-01T00:00", "This moment is in the future."),
        ("as_of=1999-01-01T00:00", "This moment is before the first recorded change"),
    ],
)
def test_what_is_no_moment_is_said_beside_the_field(query: str, message: str, term: Past, instructor: Reader) -> None:
    page = instructor.get(f"{AS_OF}?{query}", 400)
    [field] = [line for line in page.split("<input") if 'id="as_of"' in line]
    assert 'aria-invalid="true"' in field and 'aria-describedby="as_of-problem"' in field and message in field
    assert "This is the past" not in page


def test_a_long_roster_of_the_past_has_pages(term: Past, instructor: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rosters, "PAGE", 1)
    moment = at(term.noon - 15 * DAY)
    first = instructor.http.get(f"{AS_OF}?as_of={moment}").context
    answer = instructor.http.get(f"{AS_OF}?{first['next']}")
    second = answer.context
    assert ">First<" in answer.content.decode() and ">Next<" not in answer.content.decode()
    assert [row.username for context in (first, second) for row in context["rows"]] == ["ann", "bob"]
    assert (second["next"], second["count"]) == ("", 2)
    # a cursor of another list begins again
    assert instructor.http.get(f"{AS_OF}?as_of={moment}&after=1").context["rows"] == first["rows"]


def test_two_moments_are_compared(term: Past, instructor: Reader) -> None:
    query = f"from={at(term.noon - 15 * DAY)}"
    context = instructor.http.get(f"{COMPARISON}?{query}").context
    assert [(number.n, number.words) for number in context["numbers"]] == [
        (3, "All differences"), (1, "Joined"), (1, "Left"), (1, "Changed mode"),
    ]  # fmt: skip
    rows = {row.who: (row.what, row.before, row.after, len(row.steps)) for row in context["rows"]}
    assert rows == {
        "ann": ("changed", "enrolled (audit)", "enrolled (verified)", 2),
        "bob": ("left", "enrolled (audit)", "ended (audit)", 1),
        "cleo": ("joined", "", "enrolled (honor)", 1),
    }
    page = instructor.get(f"{COMPARISON}?{query}&show=left")
    assert "bob" in page and "cleo" not in page
    [step] = instructor.http.get(f"{COMPARISON}?{query}&show=left").context["rows"][0].steps
    assert f'href="/operations/{step.operation}/"' in page and step.actor == "instructor"
    assert "bob" in instructor.get(f"/operations/{step.operation}/")


def test_of_many_steps_the_latest_are_shown(term: Past, instructor: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparison, "_STEPS", 1)
    page = words_of(instructor.get(f"{COMPARISON}?from={at(term.noon - 15 * DAY)}&show=changed"))
    assert "and 1 more change" in page


def test_a_long_comparison_has_pages(term: Past, instructor: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparison, "PAGE", 1)
    seen, query = [], f"from={at(term.noon - 15 * DAY)}&to={at(term.noon - 5 * DAY)}"
    while query:
        context = instructor.http.get(f"{COMPARISON}?{query}").context
        is_first = not seen
        seen += [row.who for row in context["rows"]]
        assert (">First<" in instructor.get(f"{COMPARISON}?{query}")) is not is_first
        query = context["next"]
    assert seen == ["ann", "bob", "cleo"]


@pytest.mark.parametrize(
    ("query", "name", "message"),
    [
        ("from=x", "from", "“x” isn't a date and time."),
        ("from={early}&to=2999-01-01T00:00", "to", "This moment is in the future."),
        ("from={late}&to={early}", "to", "This moment is before the first one."),
    ],
)
def test_what_can_not_be_compared_is_said_beside_the_field(
    query: str, name: str, message: str, term: Past, instructor: Reader
) -> None:
    early, late = at(term.noon - 15 * DAY), at(term.noon - 5 * DAY)
    page = instructor.get(f"{COMPARISON}?{query.format(early=early, late=late)}", 400)
    [field] = [line for line in page.split("<input") if f'id="{name}"' in line]
    assert message in field and "All differences" not in page


def test_what_was_typed_is_sent_on_with_offset(term: Past, instructor: Reader) -> None:
    answer = instructor.http.get(f"{COMPARISON}?from={term.noon - 15 * DAY:%Y-%m-%dT%H:%M}&to=")
    assert answer.status_code == 302 and "to" not in answer["Location"].partition("?")[2]
    assert answer["Location"].endswith("%2B00%3A00")


def rows_of(answer: Any) -> list[list[str]]:
    """What a file contains, without its first line."""
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(b"".join(answer.streaming_content).decode().splitlines()))[1:]


def test_files_contain_what_the_pages_show_and_are_recorded(term: Past, instructor: Reader) -> None:
    moment = at(term.noon - 15 * DAY)
    answer = instructor.http.get(f"{AS_OF}roster.csv?as_of={moment}")
    assert [row[:3] for row in rows_of(answer)] == [[n, f"{n}@example.org", "audit"] for n in ("ann", "bob")]
    assert re.search(r'filename="North-CS101-2027_T1-roster-20\d\d-\d\d-\d\d.csv"', answer["Content-Disposition"])
    answer = instructor.http.get(f"{COMPARISON}differences.csv?from={moment}")
    assert rows_of(answer) == [
        ["ann", "changed", "audit", "verified"],
        ["bob", "left", "audit", ""],
        ["cleo", "joined", "", "honor"],
    ]
    address = kept(instructor, term.noon - 15 * DAY)
    assert [row[0] for row in rows_of(instructor.http.get(f"{address}snapshot.csv"))] == ["ann", "bob"]
    recorded = Disclosure.objects.order_by("id").values_list("kind", "people", "actor_id", "source")
    assert list(recorded) == [
        (kind, people, instructor.account_id, "console")
        for kind, people in (("roster", 2), ("difference", 3), ("snapshot", 2), ("snapshot_rows", 2))
    ]


def test_where_a_reason_is_required_files_and_snapshots_ask_for_it(
    term: Past, instructor: Reader, settings: Any
) -> None:
    address = kept(instructor, term.noon - 15 * DAY)
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, export_reason_required=True)
    moment = at(term.noon - 15 * DAY)
    files = (
        f"{AS_OF}roster.csv?as_of={moment}",
        f"{COMPARISON}differences.csv?from={moment}",
        f"{address}snapshot.csv",
    )
    for file in files:
        assert "Say why you need it." in instructor.get(file)
        assert rows_of(instructor.http.post(file, {"reason": "the census"}))
    assert 'name="reason"' in instructor.get(f"{AS_OF}?as_of={moment}")
    fields = {"as_of": (term.noon - 15 * DAY).isoformat(), "name": "Census"}
    assert "Enter a reason." in instructor.post(f"{COURSE}snapshots/", 400, **fields)
    instructor.post(f"{COURSE}snapshots/", **fields, reason="the census")
    assert set(Disclosure.objects.values_list("reason", flat=True)) == {None, "the census"}


def test_the_page_of_the_docs_computes_the_digest_from_the_downloaded_file(
    term: Past, instructor: Reader, tmp_path: Path
) -> None:
    address = kept(instructor, term.noon - 15 * DAY)
    file = tmp_path / "snapshot.csv"
    file.write_bytes(b"".join(instructor.http.get(f"{address}snapshot.csv").streaming_content))  # type: ignore[attr-defined]
    [script] = re.findall(r"<<'EOF'\n(.*?)EOF", HISTORY_PAGE.read_text(encoding="utf-8"), re.DOTALL)
    computed = subprocess.run([sys.executable, "-", file], input=script, capture_output=True, text=True, check=True)
    assert computed.stdout.split() == ["2", Snapshot.objects.get().digest]


def test_a_longer_comparison_takes_no_more_statements(
    term: Past, instructor: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def statements(page: int) -> int:
        monkeypatch.setattr(comparison, "PAGE", page)
        with CaptureQueriesContext(connection) as captured:
            context = instructor.http.get(f"{COMPARISON}?from={at(term.noon - 15 * DAY)}").context
        assert len(context["rows"]) == min(page, 3)
        return len(captured)

    assert statements(1) == statements(50)


@pytest.fixture
def students(university: University, past: Past) -> University:
    """S-1, who is ann, and S-2; today S-1 is suspended, S-2 has gone and S-3 is there."""
    program = facts()

    def save(verb: Verb, **statuses: str) -> None:
        requests = [ProgramRequest(key.replace("_", "-"), status) for key, status in statuses.items()]
        operation = new_operation(university.root.pk, "api", program_id=program.id)
        write_program_enrollments(operation, program, verb, requests)

    past.was(30)
    save(Verb.CREATE, S_1="enrolled", S_2="enrolled")
    past.was(20)
    save(Verb.UPDATE, S_1="suspended", S_2="canceled")
    save(Verb.CREATE, S_3="enrolled")
    past.was(10)
    return university


def test_students_of_a_moment_and_between_two(students: University, past: Past) -> None:
    reader = Reader(students.holder("read_enrollments"))
    moment = at(past.noon - 15 * DAY)
    page = words_of(reader.get(f"{PROGRAM}as-of/?as_of={moment}"))
    assert "S-1 enrolled" in page and "S-2 enrolled" in page and "S-3" not in page and "Account" not in page
    context = reader.http.get(f"{PROGRAM}comparison/?from={moment}").context
    assert {row.who: (row.what, row.before, row.after) for row in context["rows"]} == {
        "S-1": ("changed", "enrolled", "suspended"),
        "S-2": ("left", "enrolled", "canceled"),
        "S-3": ("joined", "", "enrolled"),
    }
    assert rows_of(reader.http.get(f"{PROGRAM}as-of/roster.csv?as_of={moment}")) == [
        ["S-1", "enrolled", ""],
        ["S-2", "enrolled", ""],
    ]
    assert rows_of(reader.http.get(f"{PROGRAM}comparison/differences.csv?from={moment}"))[2] == [
        "S-3", "joined", "", "enrolled",
    ]  # fmt: skip
    # whose keys they are is for those who see names
    assert "Account" in words_of(Reader(students.root).get(f"{PROGRAM}as-of/?as_of={moment}"))


def test_a_course_run_in_a_program_shows_no_student_key(students: University, past: Past) -> None:
    students.world.enroll("sam")
    reader = Reader(students.world.instructor)
    page = reader.get(f"{COMPARISON}?from={at(students_begin(past))}", 400)
    assert "S-1" not in page


def students_begin(past: Past) -> datetime:
    return past.noon - 15 * DAY


def test_pages_of_today_have_a_picker(students: University) -> None:
    reader = Reader(students.root)
    for page in (COURSE, PROGRAM):
        assert 'type="datetime-local"' in reader.get(page) and f'action="{page}as-of/"' in reader.get(page)


def test_the_churn_of_each_day_is_beside_the_curve(term: Past, instructor: Reader) -> None:
    answer = instructor.http.get(f"{COURSE}curve/")
    churn = answer.context["churn"]
    assert churn.span == 1
    assert [(bar.joined, bar.left) for bar in churn.columns] == [(2, 0), (1, 1)]
    assert "1 joined, 1 left" in answer.content.decode() and "style=" not in answer.content.decode()


def kept(reader: Reader, moment: datetime, name: str = "Census fall 2026") -> str:
    """The address of a new snapshot."""
    return reader.post(f"{COURSE}snapshots/", as_of=moment.isoformat(), name=name)


def test_a_snapshot_is_made_listed_and_verified(term: Past, instructor: Reader) -> None:
    moment = term.noon - 15 * DAY
    address = kept(instructor, moment)
    page = instructor.get(address)
    found = Snapshot.objects.get()
    assert (found.as_of, found.count, found.name) == (moment, 2, "Census fall 2026")
    assert found.digest == hashlib.sha256(b"ann\taudit\nbob\taudit\n").hexdigest() and found.digest in page
    assert f"{COURSE}as-of/?as_of={at(moment)}" in page and "The snapshot was created." in page
    # enrolling more changes nothing of it
    make_account("zoe")
    write(found_course(KEY), "enroll", "zoe")
    assert "The file is unchanged: 2 rows, and the same digest." in words_of(instructor.post(f"{address}verify/", 200))
    listed = words_of(instructor.get(f"/snapshots/?about={quote(KEY)}"))
    assert "Census fall 2026 Introduction to Programming" in listed
    assert "No course run or program has this key." in instructor.get("/snapshots/?about=none")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda text: text.replace(b'"audit"', b'"honor"', 1), "The file isn't the one that was kept."),
        # what is not in the lines of the digest is compared, too
        (lambda text: text.replace(b"example.org", b"example.net", 1), "The file isn't the one that was kept."),
        (lambda text: text + text.splitlines(True)[0], "The file isn't the one that was kept."),
        (lambda _: b"\xff\n", "The file isn't the one that was kept."),
        (None, "The file is no longer in the file storage."),
    ],
)
def test_a_file_that_was_altered_is_found(damage: Any, message: str, term: Past, instructor: Reader) -> None:
    address = kept(instructor, term.noon - 15 * DAY)
    path = Path(default_storage.path(Snapshot.objects.get().file))
    before = path.read_bytes()
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage(before))
        assert path.read_bytes() != before
    assert message in words_of(instructor.post(f"{address}verify/", 200))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": "Census"}, "Enter a date and a time."),
        ({"name": "Census", "as_of": "2999-01-01T00:00Z"}, "This moment is in the future."),
        ({"name": "Census", "as_of": "x"}, "“x” isn't a date and time."),
        ({"name": " "}, "Enter a name, such as"),
    ],
)
def test_a_snapshot_that_can_not_be_made_is_said_beside_the_field(
    fields: dict[str, str], message: str, term: Past, instructor: Reader
) -> None:
    moment = {} if "name" in fields and fields["name"].strip() else {"as_of": (term.noon - 15 * DAY).isoformat()}
    page = instructor.post(f"{COURSE}snapshots/", 400, **{**moment, **fields})
    assert message in page and 'aria-invalid="true"' in page
    assert not Snapshot.objects.exists()


def test_a_storage_that_fails_is_said(term: Past, instructor: Reader, storage_fails: Callable[[], None]) -> None:
    moment = term.noon - 15 * DAY
    address = kept(instructor, moment)
    storage_fails()
    fields = {"as_of": moment.isoformat(), "name": "Another"}
    message = "The file storage is not responding."
    assert message in instructor.post(f"{COURSE}snapshots/", 503, **fields)
    assert message in instructor.post(f"{address}verify/", 503)
    assert Snapshot.objects.count() == 1


def test_snapshots_of_others_are_not_there(students: University, past: Past) -> None:
    root = Reader(students.root)
    moment = (past.noon - 15 * DAY).isoformat()
    address = root.post(f"{PROGRAM}snapshots/", as_of=moment, name="Students")
    assert Snapshot.objects.get().digest == hashlib.sha256(b"S-1\tenrolled\nS-2\tenrolled\n").hexdigest()
    reader, other = Reader(students.holder("read_enrollments")), Reader(students.world.instructor)
    assert "Students" in reader.get("/snapshots/") and "Students" in reader.get(address)
    assert "Students" not in words_of(other.get("/snapshots/"))
    other.get(address, 404)
    other.post(f"{address}verify/", 404)
