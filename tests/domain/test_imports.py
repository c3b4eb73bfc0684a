"""CSV files in, CSV files out."""

import csv
import io
import json
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from matricula.batches.imports import ImportDoor
from matricula.batches.values import Rejected
from matricula.enrollments.course.exports import export_enrollments, export_users
from matricula.journal.exports import JournalFilter, export_journal
from matricula.models import Account, Change, CourseEnrollment, Job, PreEnrollment
from matricula.tabular.exports import Export
from matricula.tabular.problems import TabularError
from tests.batches import import_enrollments, import_users
from tests.conftest import World, make_account
from tests.journal import changes


def door(rejected: list[Rejected], positions: list[int] | None = None) -> ImportDoor:
    return ImportDoor(None, "command", ([] if positions is None else positions).append, rejected.append)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "roster.csv"


def enroll(file: Path, world: World, content: str | bytes) -> tuple[Counter[str], list[Rejected]]:
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    rejected: list[Rejected] = []
    positions: list[int] = []
    counts = import_enrollments(file, world.course, door(rejected, positions))
    assert positions == sorted(positions)
    return counts, rejected


def test_rows_are_read_again_and_put_into_words_only_if_some_were_rejected(file: Path, world: World) -> None:
    def reads_again(content: str) -> bool:
        with CaptureQueriesContext(connection) as queries:
            enroll(file, world, content)
        return any("codes is not null or results is not null" in query["sql"] for query in queries)

    assert not reads_again("identifier\nsam\nnew@example.org\n")
    assert reads_again("identifier\nsam\nnobody\n")


def test_rows_are_carried_out_and_the_others_told_with_their_row_and_reason(file: Path, world: World) -> None:
    counts, rejected = enroll(
        file,
        world,
        "identifier,mode,auto_enroll,reason,action\r\n"
        "sam,honor,,why,\r\n"
        "nobody,,,,\r\n"
        "new@example.org,,yes,,enroll\r\n"
        "staff,gold,,,\r\n"
        "staff,,perhaps,,\r\n"
        "staff,,,,expel\r\n"
        "sam,,,,UNENROLL\r\n"
        "sam@example.org,audit,,,\r\n"
        "sam,honor,,again,\r\n",
    )
    assert counts == {"enrolled": 1, "allowed": 1, "unchanged": 1, "duplicated": 2, "error": 4}
    assert [r.number for r in rejected] == [3, 5, 6, 7, 8, 9]
    assert all(r.reason for r in rejected)
    assert [r.reason for r in rejected[4:]] == ["Row 2 already names this person. Keep one of the rows."] * 2
    assert PreEnrollment.objects.get().auto_enroll
    assert [e.reason for e in changes().order_by("id")] == ["why", None]
    job = Job.objects.get()
    assert (job.state, job.done, job.counts) == ("completed", 9, dict(counts))
    assert set(changes().values_list("operation", "source")) == {(job.id, "command")}


def test_the_same_file_again_changes_nothing_and_leaves_no_trace(file: Path, world: World) -> None:
    content = "email;mode\nsam@example.org;\nnew@example.org;honor\n"
    enroll(file, world, content)
    entries = changes().count()
    counts, _ = enroll(file, world, content)
    assert counts == {"unchanged": 2}
    assert changes().count() == entries


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"", "empty"),
        (b"name\nsam\n", "identifier"),
        (b"identifier,mode\nsam\n", "row 2"),
        (b'identifier\nsam\n"open\n', "row 3"),
        (b"identifier\nsam\n\xe9t\xe9\n", "row 3"),
        (b"identifier\nsam\nki\x00m\n", "row 3"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole_with_its_place(
    file: Path, world: World, content: bytes, place: str
) -> None:
    with pytest.raises(TabularError, match=f"(?i){place}"):
        enroll(file, world, content)
    assert (CourseEnrollment.objects.count(), Job.objects.count()) == (0, 0)


def test_users_are_made_changed_and_enrolled_where_they_were_invited(file: Path, world: World) -> None:
    world.enroll("ana@example.org", auto_enroll=True)
    file.write_text(
        "username,email,first_name,language,is_active\n"
        "ana,ana@example.org,Ana,es,true\n"
        "ben,ben@example.org,,,no\n"
        "sam,sam@example.org,Samuel,,\n"
        "bad user,x@example.org,,,\n"
        "cat,nothing,,,\n"
        "dan,sam@example.org,,,\n"
        "eve,eve@example.org,,xx,\n"
    )
    rejected: list[Rejected] = []
    counts = import_users(file, door(rejected))
    assert counts == {"created": 2, "updated": 1, "error": 4}
    assert sorted(r.number for r in rejected) == [5, 6, 7, 8]
    ana, ben = Account.objects.get(username="ana"), Account.objects.get(username="ben")
    assert (ana.language, ana.is_active, ben.is_active) == ("es", True, False)
    assert CourseEnrollment.objects.get().account_id == ana.pk
    assert Account.objects.get(username="sam").first_name == "Samuel"


def content_of(export: Export) -> bytes:
    return b"".join(export.take_blocks())


def rows(export: Export) -> list[dict[str, str]]:
    text = content_of(export).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_exports_can_be_imported_again_and_carry_no_formulas(file: Path, world: World) -> None:
    make_account("evil", first_name='=HYPERLINK("http://x")', last_name="+1")
    world.enroll("evil", "sam", "staff", mode="honor")
    world.unenroll("staff")
    exported = rows(export_enrollments(world.course.id, "csv"))
    assert [(r["identifier"], r["mode"], r["is_active"]) for r in exported] == [
        ("evil", "honor", "True"), ("sam", "honor", "True"), ("staff", "honor", "False"),
    ]  # fmt: skip
    assert (exported[0]["first_name"], exported[0]["last_name"]) == ('\'=HYPERLINK("http://x")', "'+1")
    lines = content_of(export_enrollments(world.course.id, "jsonl")).decode().splitlines()
    assert json.loads(lines[0])["first_name"] == '=HYPERLINK("http://x")'
    content = content_of(export_enrollments(world.course.id, "csv"))
    counts, rejected = enroll(file, world, content)
    assert (counts, rejected) == ({"unchanged": 3}, [])
    assert not CourseEnrollment.objects.get(account=world.staff).is_active


def test_exported_users_hold_no_passwords_and_can_be_imported_again(file: Path, world: World) -> None:
    exported = rows(export_users("csv"))
    assert {r["username"] for r in exported} >= {"admin", "sam"}
    assert not any("assword" in key for key in exported[0])
    file.write_bytes(content_of(export_users("csv")))
    assert import_users(file, door([])) == {"unchanged": len(exported)}


def test_the_journal_is_exported_by_course_person_and_time(world: World) -> None:
    setting = Change.objects.count()
    world.enroll("sam", "new@example.org", reason='a "quoted"\nreason')
    world.unenroll("sam")

    def transitions(**wanted: object) -> list[str]:
        lines = content_of(export_journal(JournalFilter(**wanted), "jsonl")).decode().splitlines()  # type: ignore[arg-type]
        return [json.loads(line)["transition"] for line in lines]

    everything = ["from unenrolled to enrolled", "from unenrolled to allowed to enroll", "from enrolled to unenrolled"]
    assert transitions()[setting:] == everything
    assert transitions(course_id=world.course.id) == everything
    assert transitions(course_id=world.other.id) == []
    assert transitions(account_ids=(world.learner.pk,), emails=("sam@example.org",)) == ["registered", *everything[::2]]
    assert transitions(emails=("NEW@example.org",)) == everything[1:2]
    assert transitions(since=changes().latest("id").at) == everything[2:]
    exported = rows(export_journal(JournalFilter(), "csv"))
    assert exported[setting]["reason"] == 'a "quoted"\nreason'
    assert json.loads(exported[setting + 2]["before"]) == {"v": 2, "enrollment": {"mode": "audit", "is_active": True}}
