"""Finding courses, organizations and programs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from matricula.catalog.course_keys import run_title
from matricula.catalog.models import Course, Organization, Program, ProgramCourse

DEFAULT_MODE = "audit"


@dataclass(frozen=True, slots=True)
class CourseRun:
    """A course run as the other packages know it. ``plain_title``: that of its course, as contracts have it."""

    id: int
    key: str
    plain_title: str
    url: str | None
    modes: tuple[str, ...]

    @property
    def title(self) -> str:
        """What people read: the title with the run."""
        return run_title(self.plain_title, self.key)

    @property
    def default_mode(self) -> str:
        """The mode of who is enrolled without one."""
        return self.modes[0] if self.modes else DEFAULT_MODE


@dataclass(frozen=True, slots=True)
class CourseFacts:
    """A course run with what the catalog knows of enrolling in it."""

    run: CourseRun
    enrollment_start: datetime | None
    enrollment_end: datetime | None
    invitation_only: bool


@dataclass(frozen=True, slots=True)
class ProgramFacts:
    """A program as the other packages know it."""

    id: int
    key: str
    organization_id: int
    title: str
    type: str | None
    url: str | None
    manages_enrollments: bool


def find_program(key: str) -> ProgramFacts | None:
    """The program with this key, or None."""
    program = Program.objects.filter(key=key).first()
    return _facts(program) if program else None


def get_program(program_id: int) -> ProgramFacts:
    """The program with this id."""
    return _facts(Program.objects.get(pk=program_id))


def get_programs(ids: Iterable[int]) -> dict[int, ProgramFacts]:
    """Id → program."""
    return {program.pk: _facts(program) for program in Program.objects.filter(pk__in=list(ids))}


def search_programs(search: str, *, limit: int) -> list[ProgramFacts]:
    """The programs with ``search`` in key or title, by key."""
    fits = Q(key__icontains=search) | Q(title__icontains=search)
    return [_facts(program) for program in Program.objects.filter(fits).order_by("key")[:limit]]


def _facts(program: Program) -> ProgramFacts:
    return ProgramFacts(
        program.pk,
        program.key,
        program.organization_id,
        program.title,
        program.type,
        program.url,
        program.manages_enrollments,
    )


@dataclass(frozen=True, slots=True)
class ProgramRun:
    """A course run in a program, with both titles as ``CourseRun``."""

    course_id: int
    key: str
    external_key: str | None
    plain_title: str
    url: str | None

    @property
    def title(self) -> str:
        """What people read: the title with the run."""
        return run_title(self.plain_title, self.key)


def list_program_runs(program_id: int) -> list[ProgramRun]:
    """The course runs of a program, in its order."""
    rows = ProgramCourse.objects.filter(program_id=program_id).select_related("course").order_by("position", "id")
    return [_program_run(row) for row in rows]


def find_program_run(program_id: int, key: str) -> ProgramRun | None:
    """The course run of a program with this key, its own or else the program's external one; None if there is none."""
    rows = ProgramCourse.objects.filter(program_id=program_id).select_related("course")
    found = list(rows.filter(Q(course__key=key) | Q(external_key=key)))
    return next((_program_run(r) for r in sorted(found, key=lambda r: r.course.key != key)), None)


def _program_run(row: ProgramCourse) -> ProgramRun:
    return ProgramRun(row.course_id, row.course.key, row.external_key, row.course.title, row.course.url)


def find_course(key: str) -> CourseRun | None:
    """The course run with this key, or None."""
    return next(iter(find_courses(keys=[key]).values()), None)


def find_courses(*, keys: Iterable[str]) -> dict[str, CourseRun]:
    """Key → course run, for those that exist."""
    return {c.key: _run(c) for c in Course.objects.filter(key__in=list(keys))}


def get_courses(ids: Iterable[int]) -> dict[int, CourseRun]:
    """Id → course run."""
    return {c.pk: _run(c) for c in Course.objects.filter(pk__in=list(ids))}


def search_courses(search: str, *, limit: int) -> list[CourseRun]:
    """The course runs with ``search`` in key or title, by key."""
    fits = Q(key__icontains=search) | Q(title__icontains=search)
    return [_run(course) for course in Course.objects.filter(fits).order_by("key")[:limit]]


def find_course_facts(key: str) -> CourseFacts | None:
    """The course run with this key and what is known of it, or None."""
    course = Course.objects.filter(key=key).first()
    return _course_facts(course) if course else None


def get_course_facts(ids: Iterable[int]) -> dict[int, CourseFacts]:
    """Id → course run with what is known of it."""
    return {c.pk: _course_facts(c) for c in Course.objects.filter(pk__in=list(ids))}


def _course_facts(course: Course) -> CourseFacts:
    return CourseFacts(_run(course), course.enrollment_start, course.enrollment_end, course.invitation_only)


def _run(course: Course) -> CourseRun:
    return CourseRun(course.pk, course.key, course.title, course.url, tuple(course.modes))


@dataclass(frozen=True, slots=True)
class OrganizationFacts:
    """An organization as the other packages know it."""

    id: int
    key: str
    name: str


def find_organization(key: str) -> OrganizationFacts | None:
    """The organization with this key, or None."""
    found = Organization.objects.filter(key=key).first()
    return _organization(found) if found else None


def search_organizations(search: str, *, limit: int) -> list[OrganizationFacts]:
    """The organizations with ``search`` in key or name, by key."""
    fits = Q(key__icontains=search) | Q(name__icontains=search)
    found = Organization.objects.filter(fits).order_by("key")[:limit]
    return [_organization(one) for one in found]


def get_organizations(ids: Iterable[int]) -> dict[int, OrganizationFacts]:
    """Organization id → its facts."""
    found = Organization.objects.filter(pk__in=list(ids))
    return {one.pk: _organization(one) for one in found}


def _organization(found: Organization) -> OrganizationFacts:
    return OrganizationFacts(found.pk, found.key, found.name)


def get_organization_key(organization_id: int) -> str:
    """The key of the organization with this id."""
    return Organization.objects.values_list("key", flat=True).get(pk=organization_id)


def organization_ids(keys: Iterable[str]) -> dict[str, int]:
    """Organization key → id, for those that exist."""
    return dict(Organization.objects.filter(key__in=list(keys)).values_list("key", "id"))


def organization_keys(ids: Iterable[int]) -> dict[int, str]:
    """Id → organization key."""
    return dict(Organization.objects.filter(pk__in=list(ids)).values_list("pk", "key"))


def course_ids(keys: Iterable[str]) -> dict[str, int]:
    """Course key → id, for those that exist."""
    return dict(Course.objects.filter(key__in=list(keys)).values_list("key", "id"))


def program_ids(keys: Iterable[str]) -> dict[str, int]:
    """Program key → id, for those that exist."""
    return dict(Program.objects.filter(key__in=list(keys)).values_list("key", "id"))


def program_keys(ids: Iterable[int]) -> dict[int, str]:
    """Id → program key."""
    return dict(Program.objects.filter(pk__in=list(ids)).values_list("pk", "key"))


def keys_of(
    courses: Iterable[int | None], programs: Iterable[int | None]
) -> tuple[dict[int | None, str], dict[int | None, str]]:
    """Course run id → its key, and program id → its key; None has none."""
    runs = Course.objects.filter(pk__in={id_ for id_ in courses if id_ is not None})
    keys = program_keys(id_ for id_ in programs if id_ is not None)
    return dict(runs.values_list("pk", "key")), dict(keys.items())


def list_program_keys() -> list[str]:
    """The keys of all programs, in their order."""
    return list(Program.objects.order_by("key").values_list("key", flat=True))


def holds_uploads(program_id: int) -> bool:
    """True for a program whose uploads wait for an approval where they exceed a limit."""
    return Program.objects.filter(pk=program_id, hold_uploads=True).exists()


def limits_of(course_id: int | None, program_id: int | None) -> list[Mapping[str, int]]:
    """What holds plans about a course run or a program, as far as that differs: its organization's, then its own."""
    if course_id is not None:
        found = Course.objects.filter(pk=course_id).values_list("organization__limits", "limits").first()
    elif program_id is not None:
        found = Program.objects.filter(pk=program_id).values_list("organization__limits", "limits").first()
    else:
        found = None
    return [level for level in found or () if level]
