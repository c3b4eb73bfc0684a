"""What lists of plans and operations are filtered by: a course run or a program, by its key."""

from dataclasses import dataclass

from matricula.catalog.reads import find_course, find_program
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
