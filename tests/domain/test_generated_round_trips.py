"""What any list gave as a file, in each form, is taken back, and changes nothing: over generated names, keys and modes.

(Files from the world.)
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from matricula.batches.courses import CourseOptions
from matricula.batches.imports import ImportDoor
from matricula.batches.kinds import COURSE_STUDENTS, ROSTER, kind_of_students
from matricula.batches.planning import make_plan
from matricula.batches.programs import CourseStudentOptions
from matricula.batches.runs import list_rejected, rows_of_file
from matricula.batches.values import Options, Rejected
from matricula.catalog.reads import find_program, get_courses
from matricula.cli import exports as commands
from matricula.enrollments.course.exports import (
    export_enrollments,
    export_program_course_enrollments,
    export_program_enrollments,
    export_student_keys,
    export_users,
)
from matricula.enrollments.course.rosters import RosterFilter
from matricula.enrollments.program.students import StudentFilter
from matricula.foundation.folding import fold
from matricula.foundation.text import has_control_characters, invisible_character, key_problem, trim
from matricula.grades.exports import export_grades
from matricula.identity.linking import link_student_keys
from matricula.jobs.reads import get_job
from matricula.journal.writes import new_operation
from matricula.listings.exports import ListedInvitations, ListedRoster, ListedStudents, export_list
from matricula.models import (
    Account,
    Course,
    CourseEnrollment,
    Grade,
    PreEnrollment,
    Program,
    ProgramCourse,
    ProgramCourseEnrollment,
    ProgramEnrollment,
)
from matricula.tabular.exports import Export
from matricula.tabular.forms import Form, in_form
from matricula.tabular.office import office_file
from matricula.worker.tasks import carry_out
from tests.batches import (
    import_enrollments,
    import_grades,
    import_program_course_enrollments,
    import_program_enrollments,
    import_student_keys,
    import_users,
)
from tests.conftest import make_account
from tests.journal import changes
from tests.university import University

_SIGNS = " \t\n'\"=+-@,;|\\0123456789.eE%_#ÄñI\u0130\u0131ß日\U0001f600\u200b\u00a0\ufeff\u202e\u00ad\u0301"
texts = st.text(st.sampled_from(_SIGNS), max_size=8)
# what spreadsheets take for numbers, dates, formulas or times
_ODD = """
0012 12 1E5 1.20E+09 200.0 200 1,5 1/2 3-4 2027-01-01 TRUE NULL #N/A '5 =1+1 ="7" '=x ''x +49 -1 @x 00 0 1e0 12:30 nan
inf
"""
odd = st.sampled_from([*_ODD.split(), "x" * 255])
keys = st.lists(
    st.one_of(odd, st.from_regex(r"\A0{1,3}[0-9]{1,4}\Z"), texts.map(trim)).filter(lambda key: not key_problem(key)),
    min_size=1,
    max_size=12,
    unique_by=fold,
)
names = st.lists(st.tuples(st.one_of(texts, odd), st.one_of(texts, odd)), min_size=1, max_size=12)
# at the beginning of a username, and of an address
starts = st.sampled_from(["", "=", "+", "-", "'", "'=", "0", "00", "1e", "_"])
ODD_KEYS = ["0012", "12", "012", "1E5", "200.0", "200", '="7"', "'5", "''5", "=1+1", "TRUE", "Ärzte", "a\u00a0b"]
ODD_NAMES = [(" Ana ", "\tB\n"), ("=Ana", "\u200bB\ufeff"), ("'5", "\u202eB"), ("  ", "0012"), ("I\u0130\u0131", "@")]


@dataclass(frozen=True)
class Trip:
    """An export, and how the same kind is imported; ``expected``: the counts, where nothing changes."""

    export: Callable[[], Export]
    read: Callable[[Path, ImportDoor], Counter[str]]


def by_plan(actor_id: int, kind_of: Callable[[Any], Any], about: Any, options: Callable[[Any], Options]) -> Any:
    """As the console reads a file: a plan, which must have nothing to do."""

    def read(file: Path, door: ImportDoor) -> Counter[str]:
        with file.open("rb") as stream, office_file(stream) as table:
            kind = kind_of(table)
            rows = rows_of_file(kind, about, table, options(kind))
            plan = make_plan(kind, about, rows, actor_id=actor_id, source="console")
        assert carry_out(get_job(plan))
        job = get_job(plan)
        for row in list_rejected(job):
            door.reject(Rejected(row.number, row.cells, row.rejection))
        assert set(job.counts) <= {"unchanged"}, job.counts
        return Counter(job.counts)

    return read


def fill_roster(university: University, people: list[tuple[str, str]], start: str) -> None:
    """Seats in all modes, active and not, of active and inactive accounts; then the course run loses its modes."""
    world = university.world
    for place, (first, last) in enumerate(people):
        name = f"{start}u{place}"
        account = make_account(name, email=f"{name}@example.org", first_name=first, last_name=last)
        world.enroll(name, mode=("audit", "honor", "verified")[place % 3])
        if place % 4 == 1:
            world.unenroll(name)
        if place % 5 == 2:
            Account.objects.filter(pk=account.pk).update(is_active=False)
    Course.objects.filter(pk=world.course.id).update(modes=["audit"])


def fill_invitations(university: University, people: list[tuple[str, str]], start: str) -> None:
    world = university.world
    for place, (first, _last) in enumerate(people):
        reason = first.replace("\x00", "")
        world.enroll(
            f"{start}i{place}@example.org",
            auto_enroll=place % 2 == 0,
            mode=("audit", "verified")[place % 2],
            reason=reason,
        )
    Course.objects.filter(pk=world.course.id).update(modes=["audit"])


def fill_users(university: University, people: list[tuple[str, str]], start: str) -> None:
    for place, (first, last) in enumerate(people):
        name = f"{start}u{place}"
        make_account(name, email=f"{name}@example.org", first_name=first, last_name=last, is_active=place % 3 != 1)


def fill_grades(university: University, people: list[tuple[str, str]], start: str) -> None:
    for place, texts_given in enumerate(people):
        # a grade comes by a file, and is one line
        letter, error = (
            "" if has_control_characters(text) or invisible_character(text) else text for text in texts_given
        )
        account = make_account(f"{start}g{place}", email=f"g{place}@example.org")
        about = {"account": account, "course_id": university.course.pk}
        if place % 4 == 3 and error:
            Grade.objects.create(**about, error=error)
        else:
            Grade.objects.create(**about, percent=10.0**-place, letter_grade=letter or None, passed=place % 2 == 0)


def fill_students(university: University, given_keys: list[str]) -> None:
    now = timezone.now()
    ProgramCourse.objects.filter(course=university.course, program=university.own).update(external_key=" 0042 ")
    for place, key in enumerate(given_keys):
        status = ("enrolled", "pending", "suspended", "canceled", "ended")[place % 5]
        student = ProgramEnrollment.objects.create(
            program=university.own, student_key=key, status=status, created=now, updated=now
        )
        ProgramCourseEnrollment.objects.create(
            program_enrollment=student,
            course=university.course,
            organization=university.own.organization,
            student_key_folded=fold(key),
            status=("active", "inactive")[place % 2],
            course_staff=place % 3 == 0,
            created=now,
            updated=now,
        )


def fill_links(university: University, given_keys: list[str]) -> None:
    links = [(key, make_account(f"k{place}").pk) for place, key in enumerate(given_keys)]
    organization = Program.objects.get(pk=university.own.pk).organization_id
    link_student_keys(new_operation(None, "command"), organization, links)


def trips_of_people(university: University) -> dict[str, tuple[Any, Trip]]:
    course_id = university.course.pk

    def course() -> Any:
        return get_courses([course_id])[course_id]

    def enrollments(file: Path, door: ImportDoor) -> Counter[str]:
        return import_enrollments(file, course(), door)

    def roster(file: Path, door: ImportDoor) -> Counter[str]:
        read = by_plan(university.root.pk, lambda _table: ROSTER, course(), lambda _kind: CourseOptions())
        return Counter(read(file, door))

    everyone = ListedRoster(RosterFilter(is_active=None), "username")
    invited = ListedInvitations("")
    return {
        "users": (fill_users, Trip(lambda: export_users("csv"), import_users)),
        "grades": (fill_grades, Trip(lambda: export_grades("csv"), import_grades)),
        "enrollments": (fill_roster, Trip(lambda: export_enrollments(course_id, "csv"), enrollments)),
        "a roster": (fill_roster, Trip(lambda: export_list(everyone, course_id, None), roster)),
        "a roster, by the command": (fill_roster, Trip(lambda: export_list(everyone, course_id, None), enrollments)),
        "invitations": (fill_invitations, Trip(lambda: export_list(invited, course_id, None), roster)),
        "invitations, by the command": (
            fill_invitations,
            Trip(lambda: export_list(invited, course_id, None), enrollments),
        ),
    }


def trips_of_keys(university: University) -> dict[str, tuple[Any, Trip]]:
    program = find_program(university.own.key)
    assert program is not None
    organization = Program.objects.get(pk=program.id).organization_id

    def options(kind: Any) -> Options:
        return CourseStudentOptions(course_staff=True) if kind is COURSE_STUDENTS else Options()

    upload = by_plan(university.root.pk, kind_of_students, program, options)
    listed = ListedStudents(StudentFilter(), names=True)
    return {
        "program-enrollments": (
            fill_students,
            Trip(
                lambda: export_program_enrollments(program.id, "csv"),
                lambda file, door: import_program_enrollments(file, program, door),
            ),
        ),
        "course-enrollments": (
            fill_students,
            Trip(
                lambda: export_program_course_enrollments(program.id, "csv"),
                lambda file, door: import_program_course_enrollments(file, program, door),
            ),
        ),
        "students": (fill_students, Trip(lambda: export_list(listed, None, program.id), upload)),
        "students in courses, by upload": (
            fill_students,
            Trip(lambda: export_program_course_enrollments(program.id, "csv"), upload),
        ),
        "student-keys": (
            fill_links,
            Trip(
                lambda: export_student_keys(organization, "csv"),
                lambda file, door: import_student_keys(file, organization, door),
            ),
        ),
    }


TABLES = (Account, CourseEnrollment, Grade, PreEnrollment, ProgramEnrollment, ProgramCourseEnrollment)


def stored() -> list[Any]:
    return [list(table.objects.order_by("pk").values()) for table in TABLES]


@contextmanager
def undone() -> Iterator[None]:
    """One generated world after the other."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def check(trip: Trip, form: Form, folder: Path) -> None:
    file = folder / f"list{form.suffix}"
    exported = in_form(trip.export(), form)
    file.write_bytes(b"".join(exported.take_blocks()))
    before, entries, rejected = stored(), changes().count(), list[Rejected]()
    counts = trip.read(file, ImportDoor(None, "command", lambda _place: None, rejected.append))
    assert [(row.cells, row.reason) for row in rejected] == []
    assert counts.total() == exported.tally.rows > 0
    assert changes().count() == entries
    assert stored() == before


PEOPLE = [
    "users", "grades", "enrollments", "a roster", "a roster, by the command", "invitations",
    "invitations, by the command",
]  # fmt: skip
KEYED = [
    "program-enrollments", "course-enrollments", "students", "students in courses, by upload", "student-keys",
]  # fmt: skip
often = settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    # no shrinking: it would write a hundred worlds
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("name", PEOPLE)
@often
@example(people=ODD_NAMES, start="=")
@given(people=names, start=starts)
def test_people_return(
    name: str, form: Form, university: University, tmp_path: Path, people: list[tuple[str, str]], start: str
) -> None:
    with undone():
        fill, trip = trips_of_people(university)[name]
        fill(university, people, start)
        check(trip, form, tmp_path)


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("name", KEYED)
@often
@example(given_keys=ODD_KEYS)
@given(given_keys=keys)
def test_keys_return(name: str, form: Form, university: University, tmp_path: Path, given_keys: list[str]) -> None:
    with undone():
        fill, trip = trips_of_keys(university)[name]
        fill(university, given_keys)
        check(trip, form, tmp_path)


def test_each_export_that_can_be_imported_is_tried(university: University) -> None:
    by_command = {command.name for command in commands.app.registered_commands}
    # what happened, and who got what, can't be imported
    assert by_command - {"journal", "disclosures"} <= {*PEOPLE, *KEYED}
    assert {*trips_of_people(university)} == {*PEOPLE} and {*trips_of_keys(university)} == {*KEYED}
