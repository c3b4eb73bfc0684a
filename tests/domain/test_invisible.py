"""Invisible characters, marks of text cells and pasted recipients, at every door behind which a name is looked for."""

from pathlib import Path
from typing import Any

import pytest

from matricula.batches.imports import ImportDoor
from matricula.batches.runs import find_described
from matricula.batches.values import Rejected
from matricula.institution.problems import InstitutionRefused
from matricula.institution.reading import read_institution
from matricula.jobs.reads import get_job
from matricula.models import CourseEnrollment, Organization, PreEnrollment, ProgramEnrollment
from matricula.tabular.problems import TabularError
from tests.batches import (
    import_enrollments,
    import_program_enrollments,
    import_student_keys,
    import_users,
    start_roster_file_check,
)
from tests.conftest import World, make_account
from tests.university import OWN, facts, make_university

ROWS = (
    "identifier,mode\n\u202asam,audit\n\ufeffstaff@example.org,\n\u200einstructor\u200b,\n"
    "Kim Novak <kim@example.org>,\n"
)
TWIN = "identifier\nsa\u200bm\n"


class Door:
    """The command line's door, which remembers what was rejected."""

    def __init__(self) -> None:
        self.rejected: list[Rejected] = []
        self.door = ImportDoor(None, "command", lambda _position: None, self.rejected.append)


@pytest.fixture
def door() -> Door:
    return Door()


def file(folder: Path, text: str) -> Path:
    place = folder / "rows.csv"
    place.write_text(text, encoding="utf-8")
    return place


def enrolled() -> set[str]:
    return set(CourseEnrollment.objects.values_list("account__username", flat=True))


def test_a_file_of_enrollments_means_those_who_are_there(world: World, door: Door, tmp_path: Path) -> None:
    make_account("kim")
    counts = import_enrollments(file(tmp_path, ROWS), world.course, door.door)
    assert counts == {"enrolled": 4}
    assert enrolled() == {"sam", "staff", "instructor", "kim"}
    assert not PreEnrollment.objects.exists()


def test_a_twin_in_a_file_is_rejected_with_the_character_named(world: World, door: Door, tmp_path: Path) -> None:
    assert import_enrollments(file(tmp_path, TWIN), world.course, door.door) == {"error": 1}
    assert "ZERO WIDTH SPACE (U+200B)" in door.rejected[0].reason


def test_the_console_reads_a_file_the_same_way(world: World, tmp_path: Path) -> None:
    make_account("kim")
    for text, words in ((ROWS, ["enrolled"] * 4), (TWIN, ["invisible"])):
        with file(tmp_path, text).open("rb") as stream:
            check = start_roster_file_check(world.course, stream, actor_id=world.staff.pk)
        assert [row.word for row in find_described(get_job(check), None, 0, 100)] == words


@pytest.mark.parametrize("written", ['="N-26-0001"', "\ufeffN-26-0001", "N-26-0001\u200b", '"=""N-26-0001"""'])
def test_a_students_key_is_the_known_one(written: str, world: World, door: Door, tmp_path: Path) -> None:
    make_university(world)
    for key in ("N-26-0001", written):
        import_program_enrollments(file(tmp_path, f"student_key,status\n{key},enrolled\n"), facts(), door.door)
    assert list(ProgramEnrollment.objects.values_list("student_key", flat=True)) == ["N-26-0001"]


@pytest.mark.parametrize("written", ['="0012"', "'0012", "0012"])
def test_numbers_that_a_spreadsheet_marked_as_text(written: str, world: World, door: Door, tmp_path: Path) -> None:
    make_university(world)
    import_program_enrollments(file(tmp_path, f"student_key,status\n{written},enrolled\n"), facts(OWN), door.door)
    assert ProgramEnrollment.objects.get().student_key == "0012"


def test_a_twin_of_a_students_key_is_rejected(world: World, door: Door, tmp_path: Path) -> None:
    make_university(world)
    rows = file(tmp_path, "student_key,status\nN-26\u20600001,enrolled\n")
    with pytest.raises(TabularError, match=r"Row 2, column student_key: .*WORD JOINER \(U\+2060\)"):
        import_program_enrollments(rows, facts(), door.door)
    keys = file(tmp_path, "student_key,username\nN-26\u20600001,sam\n\u200bK-1\u200b,\u200bsam\n")
    assert import_student_keys(keys, Organization.objects.get(key="north").pk, door.door) == {"error": 1, "linked": 1}
    assert "WORD JOINER" in door.rejected[0].reason


def test_addresses_of_new_accounts_are_trimmed_or_rejected(world: World, door: Door, tmp_path: Path) -> None:
    rows = file(tmp_path, "username,email\nboma,\ufeffboma@lake.example.org\nkia,ki\u200ba@lake.example.org\n")
    assert import_users(rows, door.door) == {"created": 1, "error": 1}
    assert "ZERO WIDTH SPACE" in door.rejected[0].reason


FILE = """
organizations:
- {{key: lake, name: Lake}}
users:
- {{username: kim, email: "{email}", student_keys: {{lake: "{key}"}}}}
"""


def test_an_institution_file_is_trimmed_or_rejected() -> None:
    read: Any = read_institution(FILE.format(email="\\u200bkim@lake.example.org ", key="K-1\\uFEFF")).users[0]
    assert (read.email, read.student_keys) == ("kim@lake.example.org", {"lake": "K-1"})
    for wrong in (
        {"email": "k\\u200bim@lake.example.org", "key": "K"},
        {"email": "kim@lake.example.org", "key": "K\\u200b1"},
    ):
        with pytest.raises(InstitutionRefused, match="ZERO WIDTH SPACE"):
            read_institution(FILE.format(**wrong))
