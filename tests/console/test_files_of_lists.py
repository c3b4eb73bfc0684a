"""Files of people who were found, of histories as they are filtered, and of lists about work: what the page shows."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from matricula.console import disclosing
from matricula.console.people import search
from matricula.jobs.reads import get_job
from matricula.journal.writes import new_operation
from matricula.listings import exports
from matricula.models import Account, Disclosure, FeatureGrant, OutgoingMail, PreEnrollment, ProgramEnrollment
from matricula.worker.tasks import carry_out
from tests.conftest import World, make_account, write
from tests.console.conftest import COURSE, Reader
from tests.console.test_downloads import FORMS, body_of, table_of
from tests.console.test_history import kept, term
from tests.console.test_people import SEEN, STUDENT_KEY, ines, reader_of
from tests.console.test_webhooks import URL, hook
from tests.past import Past
from tests.university import OWN, University
from tests.workbooks import rows_of

__all__ = ["ines", "term"]
HISTORY = f"{COURSE}history/"


@pytest.fixture
def past() -> Past:
    return Past()


@pytest.mark.parametrize("who", SEEN)
def test_people_who_were_found_as_far_as_the_reader_sees_them(who: str, university: University, ines: Account) -> None:
    reader = reader_of(university, who)
    for q in ("gomez ines", STUDENT_KEY):
        shown = reader.http.get("/search/", {"q": q}).context["people"]
        rows = table_of(reader, f"/search/?q={q.replace(' ', '+')}")
        assert [
            (row["username"], row["email"], row["full_name"], row["student_keys"], row["places"]) for row in rows
        ] == [
            (one.username, one.email, one.full_name, one.student_keys or "", ", ".join(one.places)) for one, _ in shown
        ]
    recorded = Disclosure.objects.latest("id")
    assert (recorded.kind, recorded.filters) == ("users", {"list": "people", "searched": "yes"})
    assert recorded.people == len(rows)


@pytest.mark.parametrize("form", FORMS)
def test_people_are_found_in_each_form(form: str, university: University, ines: Account) -> None:
    make_account("formula", first_name="=Eva", last_name="Gómez")
    eva, one = table_of(Reader(university.root), "/search/?q=gomez", form)
    assert eva["full_name"] == ("=Eva Gómez" if form == "xlsx" else "'=Eva Gómez")
    assert (one["username"], one["student_keys"]) == ("iigomez", STUDENT_KEY)


def test_no_file_lacks_people_silently(university: University, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("twin1", "twin2"):
        make_account(name, last_name="Twinning")
    reader = Reader(university.root)
    assert len(table_of(reader, "/search/?q=twinning")) == 2
    monkeypatch.setattr(search, "MOST_FOUND", 1)
    page = reader.get("/search/?q=twinning&download=csv")
    assert "More than 1 people fit: a file would lack some of them." in page
    assert Disclosure.objects.count() == 1
    assert "Nothing fits" in reader.get("/search/?q=&download=csv")


def entries_of(reader: Reader, address: str) -> list[tuple[str, str, str]]:
    """What the page of a history shows, each change of it."""
    acts = reader.http.get(address).context["acts"].acts
    entries = sorted((entry for one in acts for entry in one.act.entries), key=lambda entry: -entry.id)
    return [(str(entry.operation), entry.transition, entry.username or "") for entry in entries]


def rows_of_history(reader: Reader, address: str, form: str = "csv") -> list[tuple[str, str, str]]:
    return [(row["operation"], row["transition"], row["username"]) for row in table_of(reader, address, form)]


FILTERS = [
    ("", 7),
    ("?person=ann", 2),
    ("?person=nobody", 0),
    ("?kind=request", 7),
    ("?kind=upload", 0),
    ("?actor=instructor", 1),
    ("?actor=nobody", 0),
    ("?since=2020-01-01", 7),
    ("?until=2020-01-01", 0),
    ("?since=2020-01-01&kind=request&actor=instructor&person=bob", 1),
    ("?person=ann&before=1", 2),
]


@pytest.fixture
def events(university: University, ines: Account) -> University:
    world = university.world
    for name in ("ann", "bob"):
        make_account(name)
    world.enroll("ann", "bob")
    world.enroll("ann", mode="verified")
    world.enroll("iigomez", "invited@example.org", auto_enroll=True)
    operation = new_operation(world.instructor.pk, "console", "left", course_id=world.course.id)
    write(world.course, "unenroll", "bob", operation=operation)
    return university


@pytest.mark.parametrize(("query", "count"), FILTERS)
@pytest.mark.parametrize("at_once", [1, 2_000])
def test_a_history_is_downloaded_as_it_is_filtered(
    query: str, count: int, at_once: int, events: University, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "_AT_ONCE", at_once)
    reader = Reader(events.world.instructor)
    rows = rows_of_history(reader, HISTORY + query)
    assert rows == entries_of(reader, HISTORY + query.replace("&before=1", ""))
    assert len(rows) == count
    recorded = Disclosure.objects.get()
    assert (recorded.kind, recorded.rows, recorded.complete) == ("journal", count, True)
    assert "ann" not in str(recorded.filters) and "nobody" not in str(recorded.filters)
    assert recorded.people == len({name for *_, name in rows})


@pytest.mark.parametrize("form", FORMS)
def test_a_persons_history(form: str, events: University, ines: Account) -> None:
    for who in ("operator", "instructor", "reads the program, with names"):
        reader = reader_of(events, who)
        address = f"/people/{ines.pk}/history/"
        rows = rows_of_history(reader, address, form)
        assert rows == entries_of(reader, address) and rows
        assert rows_of_history(reader, f"{address}?kind=upload", form) == []
    answer = reader.http.get(f"{address}?download={form}")
    assert f'filename="person-{ines.pk}-history-' in answer["Content-Disposition"]
    assert Disclosure.objects.first().people == 1  # type: ignore[union-attr]
    # who sees nothing of someone gets nothing
    for who in ("reads another program", "learner"):
        assert reader_of(events, who).http.get(f"{address}?download={form}").status_code == 404


def test_histories_of_keys_and_addresses(events: University, ines: Account) -> None:
    row = ProgramEnrollment.objects.get(student_key=STUDENT_KEY)
    reader = reader_of(events, "reads metadata")
    address = f"/people/students/{row.pk}/"
    assert reader.http.get(f"{address}?download=csv").status_code == 404
    reader = Reader(events.holder("read_enrollments", name="keys"))
    rows = table_of(reader, address)
    assert {row["student_key"] for row in rows} == {STUDENT_KEY}
    assert not any(row["username"] or row["email"] for row in rows)
    invitation = PreEnrollment.objects.get(email="invited@example.org")
    address = f"/people/invitations/{invitation.pk}/"
    assert reader.http.get(f"{address}?download=csv").status_code == 404
    assert [row["email"] for row in table_of(Reader(events.world.instructor), address)] == ["invited@example.org"]


def test_a_program_keeps_names_from_those_who_may_not_see_them(events: University) -> None:
    address = f"/programs/{OWN}/history/?person={STUDENT_KEY}"
    reader = Reader(events.holder("read_enrollments", name="keys"))
    rows = table_of(reader, address)
    assert rows and {row["student_key"] for row in rows} == {STUDENT_KEY}
    assert not any(row["username"] or row["email"] for row in rows)
    FeatureGrant.objects.create(feature="names_in_downloads", account_id=reader.account_id)
    assert rows_of_history(reader, address) == entries_of(reader, address)


def test_a_long_history_is_prepared_by_a_worker_with_its_filters(
    events: University, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = Reader(events.world.instructor)
    address = f"{HISTORY}?person=ann&since=2020-01-01"
    expected = rows_of_history(reader, address)
    monkeypatch.setattr(disclosing, "AT_ONCE", 1)
    job = reader.post(f"{address}&download=xlsx")
    assert carry_out(get_job(uuid.UUID(job.split("/")[2])))
    [link] = re.findall(r'href="(https?://[^"]+/api/files/[^"]+)"', reader.get(job))
    header, *rows = rows_of(body_of(reader.http.get(link.replace("http://testserver", ""))))
    found = [dict(zip(header, row, strict=True)) for row in rows]
    assert [(row["operation"], row["transition"], row["username"]) for row in found] == expected
    # a person's history is about no course run or program, as a job is
    ann = Account.objects.get(username="ann")
    assert "Prepare workbook" not in reader.get(f"/people/{ann.pk}/history/?download=xlsx")


@pytest.mark.parametrize("form", FORMS)
def test_snapshots(form: str, term: Past, instructor: Reader) -> None:
    kept(instructor, timezone.now() - timedelta(days=15), "=Census")
    [row] = table_of(instructor, "/snapshots/", form)
    assert row["name"].removeprefix("'") == "=Census" and re.fullmatch("[0-9a-f]{64}", row["digest"])
    assert row["by"] == "instructor"
    assert table_of(instructor, "/snapshots/?about=nothing", form) == []
    assert table_of(Reader(make_account("stranger")), "/snapshots/", form) == []


@pytest.mark.parametrize("form", FORMS)
def test_webhooks_without_their_secrets(form: str, world: World) -> None:
    row = hook(world)
    reader = Reader(world.instructor)
    reader.post(f"/webhooks/{row.pk}/test/")
    for address in ("/webhooks/", f"/webhooks/{row.pk}/"):
        body = body_of(reader.http.get(f"{address}?download={form}"))
        assert row.secret.encode() not in body
    [listed] = table_of(reader, "/webhooks/", form)
    assert listed["url"] == URL and listed["last_state"] == "waiting"
    [delivery] = table_of(reader, f"/webhooks/{row.pk}/", form)
    assert (delivery["kind"], delivery["state"], delivery["last_status"]) == ("test", "waiting", "")
    assert table_of(reader, f"/webhooks/{row.pk}/?state=failed", form) == []
    assert table_of(reader, "/webhooks/?failing=on", form) == []
    stranger = Reader(make_account("stranger"))
    assert stranger.http.get(f"/webhooks/{row.pk}/?download={form}").status_code == 404
    assert table_of(stranger, "/webhooks/", form) == []


@pytest.mark.parametrize("form", FORMS)
def test_mail_without_its_words(form: str, university: University) -> None:
    university.world.enroll("sam", email=True)
    OutgoingMail.objects.create(
        kind="account_activate",
        to="new@example.org",
        language="en",
        context={"link": "https://m/in/SECRET/"},
        operation=uuid.uuid4(),
        queued="2027-01-01T00:00:00Z",
    )
    root = Reader(university.root)
    assert [row["kind"] for row in table_of(root, "/mail/", form)] == ["account_activate", "enrolled_enroll"]
    assert b"SECRET" not in body_of(root.http.get(f"/mail/?download={form}"))
    [row] = table_of(root, "/mail/?kind=enrolled_enroll", form)
    assert row["to"] == "sam@example.org" and row["course"].startswith("course-v1:")
    assert table_of(root, "/mail/?state=sent", form) == []
    assert [row["kind"] for row in table_of(Reader(university.world.instructor), "/mail/", form)] == ["enrolled_enroll"]
    assert table_of(Reader(make_account("stranger")), "/mail/", form) == []


def test_mail_of_programs_hides_who_gets_it(university: University) -> None:
    OutgoingMail.objects.create(
        kind="plan_held",
        to="rita@example.org",
        language="en",
        context={},
        operation=uuid.uuid4(),
        program_id=university.own.pk,
        queued="2027-01-01T00:00:00Z",
        last_error="550 rita@example.org unknown",
    )
    reader = Reader(university.holder("read_write_enrollments", name="writes"))
    [row] = table_of(reader, "/mail/")
    assert (row["kind"], row["to"], row["error"]) == ("plan_held", "", "")


@pytest.mark.parametrize("name", ["search", "snapshots", "webhooks", "mails", "operations"])
def test_strangers_get_no_file(name: str, world: World, client: Any) -> None:
    assert client.get(f"{reverse(name)}?download=csv")["Location"].startswith("/login/")
