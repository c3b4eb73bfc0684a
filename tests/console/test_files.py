"""Files from the world and pasted lists in the console: what was understood is shown before anything is changed."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from matricula.identity.linking import link_student_keys
from matricula.journal.writes import new_operation
from matricula.models import CourseEnrollment, Program, ProgramEnrollment
from tests.conftest import make_account
from tests.console.conftest import COURSE, Reader, words_of
from tests.domain.program_jobs import enroll
from tests.spreadsheets import Cell, ods, xlsx
from tests.university import OWN, University

ENROLL, UPLOAD = f"{COURSE}enroll/", f"/programs/{OWN}/upload/"
PASTED = 'Learner, Sam <sam@example.org>; "Staff, The" <staff@example.org>;\nElsewhere (elsewhere@example.org)'


@pytest.fixture
def instructor(university: University) -> Reader:
    return Reader(university.world.instructor)


@pytest.fixture
def registrar(university: University) -> Reader:
    return Reader(university.writer())


def sheet(rows: list[list[Cell]], name: str = "people.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, (ods if name.endswith(".ods") else xlsx)(rows))


def link(university: University, **keys: str) -> None:
    organization = Program.objects.get(pk=university.own.pk).organization_id
    links = [(key, make_account(username).pk) for username, key in keys.items()]
    link_student_keys(new_operation(None, "command"), organization, links)


def seats() -> set[str]:
    return set(CourseEnrollment.objects.filter(is_active=True).values_list("account__username", flat=True))


def test_a_spreadsheet_enrolls_people_and_says_how_it_was_read(instructor: Reader) -> None:
    rows: list[list[Cell]] = [["Given name", "Email Address", "Track"], ["Sam", "sam@example.org", "honor"]]
    page = instructor.post(ENROLL, file=sheet(rows), action="enroll")
    words = words_of(instructor.get(page))
    assert "How the sheet “Sheet 1” was read “Email Address” as email “Track” as mode Not used: “Given name”" in words
    instructor.apply(page, reason="first week")
    assert CourseEnrollment.objects.get(account__username="sam").mode == "honor"


@pytest.mark.parametrize("name", ["students.xlsx", "students.ods"])
def test_a_spreadsheet_of_students_is_uploaded(registrar: Reader, name: str) -> None:
    enroll("0042")
    # the number has lost its zeros, and only one student is meant
    page = registrar.post(UPLOAD, file=sheet([["Student ID", "Status"], [42, "suspended"], ["s-2", "enrolled"]], name))
    assert "“Student ID” as student_key" in words_of(registrar.get(page))
    registrar.apply(page, reason="end of term")
    assert set(ProgramEnrollment.objects.values_list("student_key", "status")) == {
        ("0042", "suspended"),
        ("s-2", "enrolled"),
    }


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            [["Student ID", "Status"], [1234567890123456.0, "enrolled"]],
            "Row 2, column “Student ID”: “1234567890123456.0”",
        ),
        ([["student_key", "Status"], ["S-1", ""]], "Row 2, column status: the cell is blank. Fill it in."),
        ([["student_key", "status"], ["S\u200b1", "enrolled"]], "Row 2, column student_key: there is the invisible"),
        ([["Name", "Mail"], ["S-1", "x"]], "Row 1: column student_key is missing."),
    ],
)
@pytest.mark.parametrize("name", ["students.xlsx", "students.ods"])
def test_what_is_wrong_in_a_spreadsheet_is_said_with_its_place(
    name: str, rows: list[list[Cell]], words: str, registrar: Reader
) -> None:
    """The sheet, the row, and the column as the file calls it."""
    assert f"Sheet “Sheet 1”: {words}" in words_of(registrar.post(UPLOAD, 400, file=sheet(rows, name)))
    assert not ProgramEnrollment.objects.exists()


def test_a_damaged_key_is_rejected_with_its_cell(registrar: Reader) -> None:
    file = SimpleUploadedFile("students.csv", "\ufeffStudent-ID;status\n1,2E+09;enrolled\n".encode("utf-16"))
    assert "Row 2, column “Student-ID”: “1,2E+09”" in registrar.post(UPLOAD, 400, file=file)
    assert not ProgramEnrollment.objects.exists()


def test_a_file_that_is_no_table_is_rejected_in_words(registrar: Reader, instructor: Reader) -> None:
    for reader, page in ((registrar, UPLOAD), (instructor, ENROLL)):
        file = SimpleUploadedFile("people.xlsx", b"PK\x03\x04 and nothing else")
        assert "This spreadsheet is damaged." in reader.post(page, 400, file=file)


def test_of_a_pasted_list_only_addresses_are_enrolled(instructor: Reader) -> None:
    make_account("Learner")
    page = instructor.post(ENROLL, who=PASTED, action="enroll")
    instructor.apply(page, reason="first week")
    assert seats() == {"sam", "staff", "elsewhere"}


def test_student_keys_enroll_into_a_course(university: University, instructor: Reader) -> None:
    link(university, ada="S-1", bob="staff")
    enroll("S-9")
    page = instructor.post(ENROLL, who="s-1 sam S-9 staff", action="enroll")
    words = words_of(instructor.get(page))
    assert "No account is linked to this student key yet." in words
    assert "This is the username of one person and the student key of another." in words
    instructor.apply(page, reason="first week")
    assert seats() == {"ada", "sam"}


def test_a_file_of_student_keys_enrolls_into_a_course(university: University, instructor: Reader) -> None:
    link(university, ada="S-1", bob="S-2")
    rows: list[list[Cell]] = [
        ["Student ID", "Email"],
        ["s-1", None],
        ["S-7", "sam@example.org"],
        ["S-2", "staff@example.org"],
    ]
    page = instructor.post(ENROLL, file=sheet(rows), action="enroll")
    words = words_of(instructor.get(page))
    assert "“Student ID” as identifier" in words and "“S-2” and “staff@example.org” aren't one person." in words
    instructor.apply(page, reason="first week")
    assert seats() == {"ada", "sam"}
