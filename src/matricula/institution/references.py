"""What the items of an institution file name: found in the database, where the file's own things are saved by then."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from matricula.access.reads import group_ids
from matricula.catalog.reads import course_ids, organization_ids, program_ids
from matricula.foundation.folding import fold
from matricula.institution.items import Institution, Item
from matricula.institution.problems import Problems, quoted
from matricula.learners.reads import account_ids_by_username

CHUNK = 5_000
_T = TypeVar("_T")


def in_chunks(things: Sequence[_T]) -> Iterator[Sequence[_T]]:
    """The things, five thousand at a time: a statement takes no more than 65,535 values."""
    return (things[start : start + CHUNK] for start in range(0, len(things), CHUNK))


class References:
    """Ids of what the file names; what is in neither the file nor the database becomes a problem.

    Each ``read_`` is called once the file's own things of that kind are saved. Where they are not, because of other
    problems, the id 0 replaces them.
    """

    def __init__(self, institution: Institution, problems: Problems) -> None:
        self._file = institution
        self._problems = problems
        self._roles = [role for group in institution.groups for role in group.roles or ()]
        self._roles += [role for user in institution.users for role in user.roles or ()]
        self._ids: dict[str, dict[str, int]] = {}

    def read_organizations(self) -> None:
        """Finds every organization that the file names."""
        named = {course.organization for course in self._file.courses}
        named.update(program.organization for program in self._file.programs)
        named.update(role.organization for role in self._roles if role.organization)
        for user in self._file.users:
            named.update(user.student_keys or ())
        for lms in self._file.lms:
            named.update(lms.organizations or ())
        self._find("organization", organization_ids, named, {item.key for item in self._file.organizations})

    def read_courses(self) -> None:
        """Finds every course run that the file names."""
        named = {course.key for program in self._file.programs for course in program.courses or ()}
        named.update(role.course for role in self._roles if role.course)
        named.update(grade.course for grade in self._file.grades)
        named.update(key for lms in self._file.lms for key in lms.courses or ())
        self._find("course", course_ids, named, {item.key for item in self._file.courses})

    def read_programs(self) -> None:
        """Finds every program that the file names."""
        own = {program.key for program in self._file.programs}
        named = own | {role.program for role in self._roles if role.program}
        self._find("program", program_ids, named, own)

    def read_groups(self) -> None:
        """Finds every group that the file names."""
        own = {group.name for group in self._file.groups}
        named = own | {pending.group for pending in self._file.pending_members}
        for user in self._file.users:
            named.update(user.groups or ())
        self._find("group", group_ids, named, own)

    def read_accounts(self, saved: dict[str, int]) -> None:
        """Finds every account that the file names; ``saved``: folded username → id of the file's own users."""
        named = {fold(client.user) for client in self._file.clients}
        named.update(fold(grade.username) for grade in self._file.grades)
        self._find("user", account_ids_by_username, named - saved.keys(), ())
        self._ids["user"].update(saved)

    def _find(
        self, kind: str, read: Callable[[Iterable[str]], dict[str, int]], named: Iterable[str], own: Iterable[str]
    ) -> None:
        found = self._ids[kind] = dict.fromkeys(own, 0)
        for chunk in in_chunks(sorted(named)):
            found.update(read(chunk))

    def get(self, kind: str, name: str, item: Item, field: str) -> int:
        """The id of an organization, course, program, group or user; an unknown one adds a problem."""
        found = self._ids[kind].get(fold(name) if kind == "user" else name)
        if found is None:
            message = (
                f"unknown {kind} {quoted(name)}: it is neither in this file nor in the database; add or correct it"
            )
            self._problems.add(item.line_of(field), message)
        return found or 0
