"""Who manages a course run sees no student key and no program status of a program that they may not read."""

import pytest

from matricula.enrollments.program.rules import Verb
from matricula.enrollments.program.writes import (
    ProgramCourseRequest,
    ProgramRequest,
    write_program_course_enrollments,
    write_program_enrollments,
)
from matricula.identity.linking import link_student_keys
from matricula.journal.reads import list_history
from matricula.journal.writes import new_operation
from matricula.models import Account, CourseRole
from tests.console.conftest import COURSE, Reader, text_of
from tests.console.test_permissions import PAGES, Place, place
from tests.journal import changes
from tests.university import OWN, SECOND, University, facts

__all__ = ["place"]
KEYS = {OWN: "KEY-OF-CS", SECOND: "KEY-OF-DS", "waits": "KEY-THAT-WAITS"}


def fill(university: University) -> None:
    """Two programs with the same learner in the same course run, and a student without an account."""
    world = university.world
    for program_key in (OWN, SECOND):
        program, key = facts(program_key), KEYS[program_key]
        operation = new_operation(world.admin.pk, "api", f"written through {program_key}")
        link_student_keys(operation, program.organization_id, [(key, world.learner.pk)])
        asked = [ProgramRequest(key, "enrolled"), ProgramRequest(KEYS["waits"], "enrolled")]
        write_program_enrollments(operation, program, Verb.CREATE, asked)
        seats = [ProgramCourseRequest(world.course.id, one.student_key, "active") for one in asked]
        write_program_course_enrollments(operation, program, Verb.CREATE, seats)


def keys_on(page: str) -> set[str]:
    return {key for key in KEYS.values() if key in page}


@pytest.mark.parametrize("role", ["instructor", "global staff"])
def test_no_page_that_a_course_manager_may_open_shows_a_key(role: str, place: Place) -> None:
    fill(place.university)
    assert changes().filter(course_id=place.university.world.course.id, student_key__isnull=False).exists()
    http = place.reader(role)
    opened = 0
    for name, page in PAGES.items():
        if page.get is None:
            continue
        for query in ("", "?q=KEY", f"?q={place.university.world.learner.username}"):
            answer = http.get(place.address(name) + query)
            if answer.status_code == 200 and not answer.streaming:
                assert not keys_on(text_of(answer)), (name, query)
                opened += 1
    assert opened > 20
    assert not keys_on(text_of(http.get("/")))


def test_each_reader_sees_the_keys_of_the_programs_that_they_may_read(university: University) -> None:
    fill(university)
    world = university.world
    reader = university.holder("read_enrollments")
    CourseRole.objects.create(account=reader, course_id=world.course.id, role="staff")
    names = ("instructor", "global staff", "reads one program", "operator")
    who: list[Account] = [world.instructor, world.admin, reader, university.root]
    own, all_of_them = {KEYS["waits"]}, set(KEYS.values())
    for name, account in zip(names, who, strict=True):
        page = Reader(account).get(f"{COURSE}history/")
        seen = [entry for entry in ("written through n-cs", "written through n-ds") if entry in page]
        assert keys_on(page) <= all_of_them
        if name == "reads one program":
            assert keys_on(page) >= own
            program_entries = list_history(course_id=world.course.id, programs=[facts().id], limit=100)
            assert {e.student_key for e in program_entries} == {None, KEYS[OWN], KEYS["waits"]}
        elif name == "operator":
            assert keys_on(page) >= own
        else:
            assert not keys_on(page)
        # what became of the seat is the course run's own, whoever did it
        assert "written through n-cs" in seen


def test_a_page_of_history_is_full_though_much_is_left_out(university: University) -> None:
    fill(university)
    world = university.world
    [latest] = list_history(course_id=world.course.id, programs=[], limit=1)
    assert latest.student_key is None
    everything = list_history(course_id=world.course.id, programs=None, limit=100)
    alone = list_history(course_id=world.course.id, programs=[], limit=100)
    assert [e.id for e in alone] == [e.id for e in everything if e.student_key is None]
    assert [e.id for e in everything] == sorted((e.id for e in everything), reverse=True)
