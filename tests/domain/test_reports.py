"""Reports: what is in ours, byte for byte, and which files of a program's folder are reports."""

from datetime import UTC, date, datetime

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from matricula.catalog.reads import ProgramFacts
from matricula.enrollments.program.rules import Verb
from matricula.enrollments.program.writes import (
    ProgramCourseRequest,
    ProgramRequest,
    write_program_course_enrollments,
    write_program_enrollments,
)
from matricula.foundation.files import write_file
from matricula.identity.linking import link_student_keys
from matricula.journal.writes import new_operation
from matricula.models import Organization
from matricula.reports.names import report_date, report_folder
from matricula.reports.reads import list_reports
from matricula.reports.writes import write_program_reports
from tests.conftest import as_superuser
from tests.journal import changes
from tests.university import EXTERNAL, EXTRA, SECOND, University, facts

DAY = date(2027, 1, 31)
FOLDER = "reports/north/n-cs"


def enroll(program: ProgramFacts, status: str, *keys: str) -> None:
    wanted = [ProgramRequest(key, status) for key in keys]
    write_program_enrollments(new_operation(None, "command"), program, Verb.CREATE_OR_UPDATE, wanted)


def study(program: ProgramFacts, course_id: int, status: str, *keys: str) -> None:
    wanted = [ProgramCourseRequest(course_id, key, status) for key in keys]
    write_program_course_enrollments(new_operation(None, "command"), program, Verb.CREATE_OR_UPDATE, wanted)


def text(name: str) -> str:
    with default_storage.open(f"{FOLDER}/{name}") as file:
        return str(file.read().decode())


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("enrollment_report__2027-01-31.csv", DAY),
        ("__2027-01-31.csv", DAY),
        ("a__2020-01-01__2027-01-31.tar.gz", DAY),
        ("Año nuevo__2027-01-31.txt", DAY),
        ("report_2027-01-31.csv", None),
        ("report__2027-01-31", DAY),
        ("report__2027-01-31.", None),
        ("report__2027-02-30.csv", None),
        ("report__20270131.csv", None),
        ("report__2027-01-31-final.csv", None),
        ("report.csv", None),
    ],
)
def test_a_report_has_its_day_in_its_name(name: str, day: date | None) -> None:
    assert report_date(name) == day


@pytest.mark.parametrize(
    ("key", "folder"),
    [("north", "reports/north/p"), ("..", "reports/%2E./p"), (".x", "reports/%2Ex/p"), ("a\\b", "reports/a%5Cb/p")],
)
def test_no_organization_key_leads_out_of_the_folder(key: str, folder: str) -> None:
    assert report_folder(key, "p") == folder


def test_the_enrollment_report_has_a_row_for_each_student(university: University, program: ProgramFacts) -> None:
    enroll(program, "enrolled", "s-2", "S-1", "=S-3")
    enroll(facts(SECOND), "enrolled", "S-9")
    enroll(program, "ended", "=S-3")
    study(program, university.course.pk, "active", "S-1", "s-2")
    study(program, university.extra.pk, "inactive", "S-1")
    operation = new_operation(None, "command")
    link_student_keys(operation, program.organization_id, [("S-1", university.world.learner.pk)])
    assert write_program_reports(program, DAY)[0] == f"{FOLDER}/enrollment_report__2027-01-31.csv"
    assert text("enrollment_report__2027-01-31.csv") == (
        f"student_key,status,account_exists,{EXTERNAL},{EXTRA}\r\n"
        "'=S-3,ended,False,,\r\n"
        "S-1,enrolled,True,active,inactive\r\n"
        "s-2,enrolled,False,active,\r\n"
    )


def test_the_aggregate_counts_by_status_by_run_and_by_day(university: University, program: ProgramFacts) -> None:
    enroll(program, "enrolled", "S-1", "S-2", "S-3")
    enroll(program, "enrolled", "S-1")
    enroll(program, "ended", "S-3")
    enroll(facts(SECOND), "enrolled", "S-9")
    study(program, university.course.pk, "active", "S-1", "S-2")
    study(program, university.extra.pk, "inactive", "S-1")
    operation = new_operation(None, "command")
    link_student_keys(operation, program.organization_id, [("S-1", university.world.learner.pk)])
    _set_day(changes().filter(student_key="S-1").earliest("id").pk, datetime(2027, 1, 29, 23, 59, tzinfo=UTC))
    today = datetime.now(UTC).date().isoformat()
    assert write_program_reports(program, DAY)[1] == f"{FOLDER}/aggregate_report__2027-01-31.csv"
    rows = text("aggregate_report__2027-01-31.csv").split("\r\n")
    assert rows[:10] == [
        "measure,course_id,date,status,count",
        "students,,,enrolled,2",
        "students,,,pending,0",
        "students,,,suspended,0",
        "students,,,canceled,0",
        "students,,,ended,1",
        f"course_enrollments,{EXTERNAL},,active,2",
        f"course_enrollments,{EXTERNAL},,inactive,0",
        f"course_enrollments,{EXTRA},,active,0",
        f"course_enrollments,{EXTRA},,inactive,1",
    ]
    assert set(rows[10:]) == {
        "became,,2027-01-29,enrolled,1", f"became,,{today},enrolled,2", f"became,,{today},ended,1", "",
    }  # fmt: skip


def _set_day(entry: int, at: datetime) -> None:
    with as_superuser(), connection.cursor() as cursor:
        cursor.execute("alter table matricula_journalentry disable trigger journal_is_append_only")
        cursor.execute("update matricula_journalentry set at = %s where id = %s", [at, entry])
        cursor.execute("alter table matricula_journalentry enable trigger journal_is_append_only")


def test_a_program_without_students_has_reports_too(program: ProgramFacts) -> None:
    write_program_reports(program, DAY)
    assert text("enrollment_report__2027-01-31.csv") == f"student_key,status,account_exists,{EXTERNAL},{EXTRA}\r\n"
    assert "became" not in text("aggregate_report__2027-01-31.csv")


def test_a_second_report_of_a_day_replaces_the_first(program: ProgramFacts) -> None:
    write_program_reports(program, DAY)
    enroll(program, "enrolled", "S-1")
    write_program_reports(program, DAY)
    assert "S-1,enrolled" in text("enrollment_report__2027-01-31.csv")
    assert len(list_reports(program)) == 2


def test_statements_do_not_grow_with_the_students(university: University, program: ProgramFacts) -> None:
    def statements(numbers: range) -> int:
        keys = [f"S-{n}" for n in numbers]
        enroll(program, "enrolled", *keys)
        study(program, university.course.pk, "active", *keys)
        with CaptureQueriesContext(connection) as queries:
            write_program_reports(program, DAY)
        return len(queries)

    assert statements(range(2)) == statements(range(2, 60))


def test_ours_and_the_operators_files_are_listed_latest_first_and_from_a_day_on(program: ProgramFacts) -> None:
    write_program_reports(program, DAY)
    for name in ("letter__2027-02-01.pdf", "old__2026-12-31.txt", "notes.txt", "wrong__2027-02-31.csv"):
        write_file(f"{FOLDER}/{name}", [b"x"])
    write_file(f"{FOLDER}/folder/deep__2027-01-31.csv", [b"x"])
    write_file("reports/north/n-ds/other__2027-01-31.csv", [b"x"])
    names = [
        "letter__2027-02-01.pdf", "aggregate_report__2027-01-31.csv", "enrollment_report__2027-01-31.csv",
        "old__2026-12-31.txt",
    ]  # fmt: skip
    assert [r.name for r in list_reports(program)] == names
    assert [r.name for r in list_reports(program, DAY)] == names[:3]
    assert [r.name for r in list_reports(program, date(2027, 2, 2))] == []
    assert list_reports(program)[0].file == f"{FOLDER}/letter__2027-02-01.pdf"


def test_an_organization_with_a_strange_key_has_reports(university: University, program: ProgramFacts) -> None:
    Organization.objects.filter(pk=program.organization_id).update(key="..")
    write_program_reports(program, DAY)
    assert [r.file for r in list_reports(program)] == [
        "reports/%2E./n-cs/aggregate_report__2027-01-31.csv",
        "reports/%2E./n-cs/enrollment_report__2027-01-31.csv",
    ]
