"""Finding people, course runs and programs among those that the reader may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matricula.catalog.course_keys import run_title
from matricula.catalog.reads import CourseRun, ProgramFacts, get_courses
from matricula.foundation.database import fetch_all, pattern_of
from matricula.foundation.statements import read_statements
from matricula.history.people.sight import Sight

_STATEMENTS = read_statements(__file__)
# People with such names, of whom those are looked for whom the reader may see. Only the first letter of a name is of
# more: a search for one letter may miss someone whom a reader of few people sees.
_CANDIDATES = 20_000
MOST_FOUND = 500
"""Of those, the ones that are put in order."""


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """Someone: an account, or else a student key without one (``student_id``: a row of it in a program), or an address
    that is invited (``invitation_id``).
    """

    account_id: int | None
    student_id: int | None
    invitation_id: int | None
    username: str
    email: str
    full_name: str
    is_active: bool
    # the name by which they were found, of an account that was merged into this one
    merged: str | None
    # those that the reader may see
    student_keys: str | None
    # where they are, as far as the reader may see: titles, not all of them
    places: list[str]

    @property
    def title(self) -> str:
        """What to call them."""
        return self.full_name or self.username or self.student_keys or self.email


@dataclass(frozen=True, slots=True)
class FoundPeople:
    """The first people that fit; ``is_cut``: of so many that others may be missing."""

    people: list[FoundPerson]
    is_cut: bool


def find_people(sight: Sight, search: str, *, limit: int) -> FoundPeople:
    """People whose names, username or address have each of the words, as the beginning of one of theirs, in any order
    and without accents; and those whose username, address or student key is ``search``, or begins with it.

    A student key and the account behind it are one person only for those who may know that.
    """
    found = _find(sight, "searched", search, limit)
    return FoundPeople([person for person, _ in found], any(is_cut for _, is_cut in found))


def find_given(sight: Sight, account_ids: Sequence[int]) -> list[FoundPerson]:
    """Those of the accounts that the reader may see, in the order given."""
    found = {one.account_id: one for one, _ in _find(sight, "given", "", len(account_ids), given=account_ids)}
    return [found[id_] for id_ in account_ids if id_ in found]


def _find(sight: Sight, way: str, search: str, limit: int, given: Sequence[int] = ()) -> list[tuple[FoundPerson, bool]]:
    asked = ["everyone" if sight.courses is None else "some", way, *(["names"] if sight.named else [])]
    parameters = {
        "search": search,
        # nothing begins with it
        "pattern": pattern_of(search) or "\x7f",
        "programs": sight.readable,
        "organizations": sight.organizations,
        "courses": sight.courses,
        "limit": limit,
        "given": list(given),
        # readers of all people see the first ones found
        "candidates": MOST_FOUND if sight.courses is None else _CANDIDATES,
        "most": MOST_FOUND,
    }
    return [_person(row) for row in fetch_all(_STATEMENTS["people"](*asked), parameters)]


def _person(row: Sequence[Any]) -> tuple[FoundPerson, bool]:
    *columns, program, places, is_cut = row
    titles = [run_title(title, key) if key else title for title, key in places]
    shown = [program] if program else list(dict.fromkeys(titles))
    return FoundPerson(*[*columns, shown]), is_cut


def find_things(sight: Sight, search: str, *, limit: int) -> tuple[list[ProgramFacts], list[CourseRun]]:
    """The programs and course runs with all the words in key or title, by key."""
    parameters = {
        "pattern": pattern_of(search),
        "programs": list(sight.programs),
        "courses": sight.courses,
        "limit": limit,
    }
    found = fetch_all(_STATEMENTS["things"](), parameters)
    courses = get_courses({id_ for kind, id_ in found if kind == 1})
    programs = [sight.programs[id_].program for kind, id_ in found if kind == 0]
    return programs, [courses[id_] for kind, id_ in found if kind == 1]
