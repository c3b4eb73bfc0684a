"""Files that went wrong where people used systems like this one (``trouble``): each with the right answer."""

import re
from pathlib import Path

import pytest

from matricula.batches.imports import ImportDoor
from matricula.batches.values import Options, Rejected
from matricula.catalog.reads import CourseRun, ProgramFacts, find_course, find_program
from matricula.enrollments.course.recipients import split_identifiers
from matricula.institution.reading import read_institution_file
from matricula.institution.writes import load_institution
from matricula.journal.writes import new_operation
from matricula.learners.reads import find_by_name
from matricula.models import (
    Account,
    CourseEnrollment,
    Grade,
    Organization,
    PreEnrollment,
    ProgramEnrollment,
    StudentIdentity,
)
from matricula.tabular.problems import TabularError
from tests.batches import (
    import_enrollments,
    import_grades,
    import_program_enrollments,
    import_student_keys,
    import_users,
)
from tests.conftest import World

TROUBLE = Path(__file__).parent / "trouble"


class Import:
    """A door, and what came through it."""

    def __init__(self) -> None:
        self.rejected: list[Rejected] = []
        self.understood: dict[str, str] = {}
        self.door = ImportDoor(None, "command", lambda _place: None, self.rejected.append, self._understand)

    def _understand(self, options: Options) -> None:
        self.understood = dict(options.understood or ())

    @property
    def reasons(self) -> list[tuple[int | None, str]]:
        return [(row.number, row.reason) for row in self.rejected]


@pytest.fixture
def lake(world: World) -> CourseRun:
    """The course run of the institution that the files belong to."""
    load_institution(new_operation(None, "command"), read_institution_file(TROUBLE / "lake.yaml"))
    course = find_course("course-v1:Lake+BIO1+2027")
    assert course is not None
    return course


@pytest.fixture
def program(lake: CourseRun) -> ProgramFacts:
    found = find_program("lake-mbio")
    assert found is not None
    return found


@pytest.fixture
def given() -> Import:
    return Import()


def seats(course: CourseRun) -> dict[str, str]:
    return dict(CourseEnrollment.objects.filter(course_id=course.id).values_list("account__username", "mode"))


def students() -> dict[str, str]:
    return dict(ProgramEnrollment.objects.values_list("student_key", "status"))


def test_the_case_of_an_address_makes_no_difference(lake: CourseRun, given: Import) -> None:
    assert import_users(TROUBLE / "01-users-capital-address.csv", given.door) == {"created": 1}
    account = Account.objects.get(username="mcap")
    assert find_by_name("m.cap@lake.example.org") == find_by_name("M.CAP@LAKE.example.org") == account.pk


def test_ghosts_of_students_are_the_students(program: ProgramFacts, given: Import, tmp_path: Path) -> None:
    known = tmp_path / "known.csv"
    known.write_text("student_key,status\nN-26-0001,enrolled\nN-26-0002,enrolled\nN-26-0003,enrolled\n")
    import_program_enrollments(known, program, given.door)
    counts = import_program_enrollments(TROUBLE / "03-program-ghost-students.csv", program, given.door)
    assert counts == {"suspended": 3}
    assert students() == {"N-26-0001": "suspended", "N-26-0002": "suspended", "N-26-0003": "suspended"}


def test_invisible_characters_around_an_address_are_trimmed(lake: CourseRun, given: Import) -> None:
    import_enrollments(TROUBLE / "04-enrollments-invisible.csv", lake, given.door)
    assert set(PreEnrollment.objects.values_list("email", flat=True)) == {
        f"{name}@students.north.example.org" for name in ("kim.tran", "sam.whitfield", "oliver.bennett")
    }


def test_only_addresses_of_a_pasted_list_count() -> None:
    assert split_identifiers([(TROUBLE / "05-paste-outlook.txt").read_text()]) == [
        "k.novak@lake.example.org",
        "s.rivera@lake.example.org",
        "jane.doe@lake.example.org",
        "j.roe@lake.example.org",
        "new.person@lake.example.org",
    ]


def test_the_second_person_of_one_name_is_rejected(lake: CourseRun, given: Import) -> None:
    counts = import_users(TROUBLE / "07-users-one-name-two-people.csv", given.door)
    assert counts == {"created": 1, "error": 1}
    assert given.reasons == [(3, "Row 2 already names this person. Keep one of the rows.")]
    account = Account.objects.get(username="Alex")
    assert (account.email, account.first_name) == ("alex.one@lake.example.org", "Alexandra")


def test_two_people_swap_their_addresses(lake: CourseRun, given: Import, tmp_path: Path) -> None:
    before = tmp_path / "before.csv"
    before.write_text("username,email\nua,ua@lake.example.org\nuc,uc@lake.example.org\n")
    import_users(before, given.door)
    assert import_users(TROUBLE / "08-users-swap.csv", given.door) == {"updated": 2}
    assert dict(Account.objects.filter(username__in=["ua", "uc"]).values_list("username", "email")) == {
        "ua": "uc@lake.example.org",
        "uc": "ua@lake.example.org",
    }


def test_a_row_that_names_two_people_is_rejected(lake: CourseRun, given: Import) -> None:
    counts = import_enrollments(TROUBLE / "09-enrollments-two-columns-two-people.csv", lake, given.door)
    assert counts == {"error": 1} and seats(lake) == {}
    assert given.rejected[0].reason.startswith("“jroe” and “m.low@lake.example.org” aren't one person.")


def test_one_student_key_is_not_linked_to_two_people(lake: CourseRun, given: Import) -> None:
    organization = Organization.objects.get(key="lake").pk
    counts = import_student_keys(TROUBLE / "10-student-keys-one-key-two-people.csv", organization, given.door)
    assert counts == {"linked": 1, "error": 1}
    assert given.reasons == [(3, "Row 2 already names this person. Keep one of the rows.")]
    assert StudentIdentity.objects.get(student_key="K-1").account.username == "jdoe"


def test_twins_that_look_alike_are_rejected_with_the_character(lake: CourseRun, given: Import) -> None:
    counts = import_users(TROUBLE / "11-users-invisible-twins.csv", given.door)
    assert counts == {"created": 3, "error": 2}
    assert [number for number, _ in given.reasons] == [2, 5]
    assert "ZERO WIDTH SPACE" in given.rejected[0].reason and "E WITH DIAERESIS" in given.rejected[1].reason
    assert Account.objects.get(username="boma").email == "boma@lake.example.org"


def test_a_decimal_comma_is_read(lake: CourseRun, given: Import) -> None:
    assert import_grades(TROUBLE / "12-grades-decimal-comma.csv", given.door) == {"created": 1}
    assert Grade.objects.get().percent == 0.95


def test_a_line_sep_is_obeyed(lake: CourseRun, given: Import) -> None:
    assert import_enrollments(TROUBLE / "13-enrollments-sep-line.csv", lake, given.door) == {"enrolled": 1}
    assert seats(lake) == {"jroe": "audit"}


def test_usual_names_of_columns_are_understood_and_said(lake: CourseRun, given: Import) -> None:
    assert import_enrollments(TROUBLE / "14-enrollments-other-headers.csv", lake, given.door) == {"enrolled": 1}
    assert seats(lake) == {"jroe": "audit"}
    assert given.understood == {"email": "Email Address"}


def test_numbers_that_excel_damaged_are_no_new_students(program: ProgramFacts, given: Import, tmp_path: Path) -> None:
    content = (TROUBLE / "15-program-numbers-by-excel.csv").read_text().splitlines()
    for line in (content[1], content[2], content[4]):
        damaged = tmp_path / "damaged.csv"
        damaged.write_text(f"{content[0]}\n{line}\n")
        with pytest.raises(TabularError, match=f"Row 2, column student_key: “{re.escape(line.partition(',')[0])}”"):
            import_program_enrollments(damaged, program, given.door)
    with pytest.raises(TabularError, match="Row 2, column student_key"):
        import_program_enrollments(TROUBLE / "15-program-numbers-by-excel.csv", program, given.door)
    assert students() == {}
    zero = tmp_path / "zero.csv"
    zero.write_text(f"{content[0]}\n{content[3]}\n")
    assert import_program_enrollments(zero, program, given.door) == {"suspended": 1}
    assert students() == {"0012345678": "suspended"}
    assert ProgramEnrollment.objects.get().account.username == "jdoe"
