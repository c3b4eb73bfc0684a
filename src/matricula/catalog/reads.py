"""Finding courses, organizations and programs."""

from collections.abc import Iterable
from dataclasses import dataclass

from matricula.catalog.models import Course, Organization, Program

DEFAULT_MODE = "audit"


@dataclass(frozen=True, slots=True)
class CourseRun:
    """A course run as the other packages know it."""

    id: int
    key: str
    title: str
    url: str | None
    modes: tuple[str, ...]

    @property
    def default_mode(self) -> str:
        """The mode of who is enrolled without one."""
        return self.modes[0] if self.modes else DEFAULT_MODE


def find_course(key: str) -> CourseRun | None:
    """The course run with this key, or None."""
    return next(iter(find_courses(keys=[key]).values()), None)


def find_courses(*, keys: Iterable[str]) -> dict[str, CourseRun]:
    """Key → course run, for those that exist."""
    return {c.key: _run(c) for c in Course.objects.filter(key__in=list(keys))}


def get_courses(ids: Iterable[int]) -> dict[int, CourseRun]:
    """Id → course run."""
    return {c.pk: _run(c) for c in Course.objects.filter(pk__in=list(ids))}


def _run(course: Course) -> CourseRun:
    return CourseRun(course.pk, course.key, course.title, course.url, tuple(course.modes))


def organization_ids(keys: Iterable[str]) -> dict[str, int]:
    """Organization key → id, for those that exist."""
    return dict(Organization.objects.filter(key__in=list(keys)).values_list("key", "id"))


def course_ids(keys: Iterable[str]) -> dict[str, int]:
    """Course key → id, for those that exist."""
    return dict(Course.objects.filter(key__in=list(keys)).values_list("key", "id"))


def program_ids(keys: Iterable[str]) -> dict[str, int]:
    """Program key → id, for those that exist."""
    return dict(Program.objects.filter(key__in=list(keys)).values_list("key", "id"))
