"""What the rows of lists are about: a course run or a program, by which they are filtered and whose title they show."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from matricula.catalog.reads import CourseRun, ProgramFacts, find_course, find_program, get_courses, get_programs
from matricula.foundation.text import holds_nul


@dataclass(frozen=True, slots=True)
class About:
    """What was typed, and the course run or the program that has this key."""

    text: str
    course_id: int | None = None
    program_id: int | None = None

    @property
    def is_unknown(self) -> bool:
        """True if no course run or program has the key."""
        return bool(self.text) and self.course_id is None and self.program_id is None


def find_about(key: str) -> About:
    """The course run or program with this key."""
    if not key or holds_nul(key):
        return About(key)
    course = find_course(key)
    if course:
        return About(key, course_id=course.id)
    program = find_program(key)
    return About(key, program_id=program.id if program else None)


class AboutThing(Protocol):
    """Something that is about a course run, a program, both, or neither."""

    @property
    def course_id(self) -> int | None: ...

    @property
    def program_id(self) -> int | None: ...


class Things(NamedTuple):
    """The course run and the program that something is about."""

    course: CourseRun | None
    program: ProgramFacts | None

    @property
    def title(self) -> str:
        """That of the course run, or else of the program; '' where it is about neither."""
        thing = self.course or self.program
        return thing.title if thing else ""


def things_of(found: Collection[AboutThing]) -> list[Things]:
    """What each is about, two statements for any number."""
    courses = get_courses({one.course_id for one in found if one.course_id})
    programs = get_programs({one.program_id for one in found if one.program_id})
    return [Things(courses.get(one.course_id or 0), programs.get(one.program_id or 0)) for one in found]
