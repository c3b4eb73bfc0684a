"""What someone may see of people: course runs, programs, and who is behind a student key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from matricula.access.permissions import READ_ENROLLMENTS, READ_METADATA, WRITE_ENROLLMENTS
from matricula.access.reads import Caller, ProgramAccess, list_managed, list_programs_of


@dataclass(frozen=True)
class Sight:
    """``courses``: those whose people the reader manages; None: all, and all accounts. ``programs`` by id: those of
    which the reader sees anything at all.
    """

    courses: Sequence[int] | None
    programs: Mapping[int, ProgramAccess]
    # who is behind the student keys of programs
    names: bool
    # what is about no course run and no program, too: accounts, roles, keys
    everything: bool

    @cached_property
    def readable(self) -> list[int]:
        """The programs whose students the reader sees."""
        return [id_ for id_, access in self.programs.items() if READ_ENROLLMENTS in access.permissions]

    @cached_property
    def named(self) -> list[int]:
        """The programs whose students the reader sees with their names."""
        return self.readable if self.names else []

    @cached_property
    def organizations(self) -> list[int]:
        """The organizations whose student keys the reader sees beside names."""
        return sorted({self.programs[id_].program.organization_id for id_ in self.named})

    def writes(self, program_id: int) -> bool:
        """True if the reader may change the students of the program."""
        access = self.programs.get(program_id)
        return access is not None and WRITE_ENROLLMENTS in access.permissions

    def manages(self, course_id: int) -> bool:
        """True if the reader may change who is enrolled in the course run."""
        return self.courses is None or course_id in self.courses


def sight_of(caller: Caller) -> Sight:
    """What the caller may see; ``caller`` as it is found with programs, so that it says whether names may be seen."""
    programs = {access.program.id: access for access in list_programs_of(caller, READ_METADATA)}
    return Sight(list_managed(caller), programs, caller.sees_names, caller.is_superuser)
