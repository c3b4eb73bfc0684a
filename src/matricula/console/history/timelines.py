"""What has a past that is shown: a course run or a program, with the addresses of the pages of its history."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from matricula.access.reads import Caller, ProgramAccess
from matricula.catalog.reads import CourseRun, ProgramFacts
from matricula.disclosures.statuses import DisclosureKind
from matricula.disclosures.writes import Contents
from matricula.history.curves import course_begins, program_begins
from matricula.tabular.forms import file_stem


@dataclass(frozen=True, slots=True)
class Timeline:
    """A course run or a program, and the first change that is recorded of it (None: there is none).

    ``names``: the reader may see who is behind the student keys of a program.
    """

    thing: CourseRun | ProgramFacts
    begins: datetime | None
    names: bool = True

    @property
    def course(self) -> CourseRun | None:
        """The course run; None for a program."""
        return self.thing if isinstance(self.thing, CourseRun) else None

    @property
    def program(self) -> ProgramFacts | None:
        """The program; None for a course run."""
        return self.thing if isinstance(self.thing, ProgramFacts) else None

    @property
    def kind(self) -> str:
        """Whose the addresses are."""
        return "course" if self.course else "program"

    def _address(self, page: str) -> str:
        return reverse(f"{self.kind}{page}", args=[self.thing.key])

    @property
    def now(self) -> str:
        """The address of the page of today."""
        return self._address("")

    @property
    def as_of(self) -> str:
        """The address of the roster of a moment."""
        return self._address("_as_of")

    @property
    def comparison(self) -> str:
        """The address on which two moments are compared."""
        return self._address("_comparison")

    @property
    def snapshots(self) -> str:
        """The address of the list of its snapshots."""
        return f"{reverse('snapshots')}?{urlencode({'about': self.thing.key})}"

    @property
    def new_snapshot(self) -> str:
        """The address to which the form for a new snapshot is sent."""
        return self._address("_snapshots")

    @property
    def roster_file(self) -> str:
        """The address of the roster of a moment as a file."""
        return self._address("_as_of_file")

    @property
    def comparison_file(self) -> str:
        """The address of the differences as a file."""
        return self._address("_comparison_file")

    def file_name(self, what: str, *moments: datetime) -> str:
        """A name such as ``North-CS101-2027_T1-roster-2026-10-15``, without its end; days in the reader's zone."""
        return file_stem(self.thing.key, what, *map(timezone.localdate, moments))

    def contents(self, kind: DisclosureKind, **filters: str) -> Contents:
        """What a file about it is, in the list of disclosures."""
        course_id, program_id = (self.thing.id, None) if self.course else (None, self.thing.id)
        return Contents(kind, course_id, program_id, filters=filters)


def timeline_of_course(course: CourseRun) -> Timeline:
    """The past of a course run."""
    return Timeline(course, course_begins(course.id))


def timeline_of_program(caller: Caller, access: ProgramAccess) -> Timeline:
    """The past of a program, as the caller may see it."""
    return Timeline(access.program, program_begins(access.program.id), names=caller.sees_names)
