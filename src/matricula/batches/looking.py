"""What rows of a file mean, which only the database knows: looked up for some thousand of them at once.

A spreadsheet drops the zeros at the beginning of a student key, and shortens a long one (1.2E+09). Two columns may name
two people. Someone may be enrolled in a mode that the course run no longer has.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from matricula.batches.values import FileRow, RowRejected
from matricula.catalog.reads import CourseRun
from matricula.foundation.database import fetch_all
from matricula.foundation.folding import fold
from matricula.foundation.statements import read_statements
from matricula.foundation.text import TextProblem
from matricula.learners.reads import find_confirmed, get_learners
from matricula.tabular.problems import TabularError

Looked = Mapping[int, tuple[str, ...] | RowRejected]
_STATEMENTS = read_statements(__file__)
# what spreadsheets and their exports make of a long number, or of a whole one: 1.23E+05, 1,23E+05, 200.0
_damaged = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE]\+[0-9]{2,}|[0-9]+[.,]0+").fullmatch


class KeyLook:
    """Looks for student keys that a spreadsheet has damaged, in a file about students of an organization.

    ``by_person``: a person saved the file, so a number may lack zeros at its beginning. It is read as the known key of
    which nothing else is missing, where there is exactly one.
    """

    def __init__(self, organization_id: int, column: str, place: int, *, by_person: bool) -> None:
        self._organization, self._column, self._place, self._by_person = organization_id, column, place, by_person
        self._widths: list[int] | None = None

    def __call__(self, rows: Sequence[FileRow]) -> Looked:
        """The cells of rows whose key is another one. Errors: ``TabularError``, where it can't be said which."""
        place = self._place
        shortened = {key for _, cells in rows if not (key := cells[place]).isalnum() and _damaged(key)}
        lacking = self._lacking(rows) if self._by_person else set()
        if not (shortened or lacking):
            return {}
        known = self._known({*shortened, *lacking})
        found: dict[int, tuple[str, ...]] = {}
        for number, cells in rows:
            key = cells[place]
            if key in shortened and not known.get(key):
                raise TabularError(_shortened(key), number, self._column)
            if key in lacking and key not in known.get(key, ()):
                fitting = known.get(key, [])
                if len(fitting) > 1:
                    raise TabularError(_ambiguous(key, fitting), number, self._column)
                if fitting:
                    found[number] = (*cells[:place], fitting[0], *cells[place + 1 :])
        return found

    def _lacking(self, rows: Sequence[FileRow]) -> set[str]:
        """The numbers that are shorter than a known key that begins with a zero."""
        if self._widths == []:
            # the organization has no such keys, as most
            return set()
        numbers = {key for _, cells in rows if (key := cells[self._place]).isascii() and key.isdigit()}
        numbers = {key for key in numbers if key[0] != "0"}
        if not numbers:
            return numbers
        if self._widths is None:
            self._widths = [n for (n,) in fetch_all(_STATEMENTS["widths"](), {"organization": self._organization})]
        return {key for key in numbers if self._widths and len(key) < self._widths[-1]}

    def _known(self, keys: set[str]) -> dict[str, list[str]]:
        """The known keys that each is, as it is or with zeros before it."""
        given = {"organization": self._organization, "keys": [*map(fold, keys)], "widths": self._widths or []}
        known: dict[str, list[str]] = {}
        for folded, student_key in fetch_all(_STATEMENTS["fitting"](), given):
            known.setdefault(folded, []).append(student_key)
        return {key: known[fold(key)] for key in keys if fold(key) in known}


def _shortened(key: str) -> TextProblem:
    return TextProblem(
        "“%(key)s” is what a spreadsheet made of a student key. Format the column as text, and enter the key again.",
        {"key": key},
    )


def _ambiguous(key: str, known: Sequence[str]) -> TextProblem:
    return TextProblem(
        "“%(key)s” lacks zeros at its beginning, and could be %(first)s or %(second)s. "
        "Format the column as text, and enter the key again.",
        {"key": key, "first": known[0], "second": known[1]},
    )


def one_person(
    rows: Sequence[FileRow], first: int, second: int, as_given: Sequence[FileRow] = ()
) -> dict[int, RowRejected]:
    """Reject the rows whose columns ``first`` (username or address) and ``second`` (address) name two people.

    ``as_given``: what their file has, if that are other cells.
    """
    both = [
        (number, fold(cells[first]), fold(cells[second]))
        for number, cells in rows
        if cells[first] and cells[second] and fold(cells[first]) != fold(cells[second])
    ]
    if not both:
        return {}
    numbers, usernames, addresses = map(list, zip(*both, strict=True))
    given = {"numbers": numbers, "usernames": usernames, "addresses": addresses}
    same = {number for (number,) in fetch_all(_STATEMENTS["same_person"](), given)}
    others = [each for each in both if each[0] not in same]
    if not others:
        return {}
    shown = dict(as_given or rows)
    # names of accounts that were merged lead to the one that was kept
    people = find_confirmed({name for _, *names in others for name in names})
    ids = {name: {person.id for person in found} for name, found in people.items()}
    return {
        number: RowRejected(
            _("“%(one)s” and “%(other)s” aren't one person. Correct one of them, or leave its column empty.")
            % {"one": shown[number][first], "other": shown[number][second]}
        )
        for number, username, address in others
        if not ids.get(username, set()) & ids.get(address, set())
    }


def people_of_keys(course: CourseRun, identifiers: Iterable[str]) -> dict[str, str | RowRejected]:
    """The username of each identifier that is no username, but a student key of the course run's organization; or why
    the row is rejected.
    """
    keys = {fold(identifier) for identifier in identifiers if "@" not in identifier}
    if not keys:
        return {}
    found = dict(fetch_all(_STATEMENTS["accounts_of_keys"](), {"course": course.id, "keys": [*keys]}))
    if not found:
        return {}
    named = find_confirmed(found)
    owners = {person.id: person.username for person in get_learners(filter(None, found.values()))}
    people: dict[str, str | RowRejected] = {}
    for key, account_id in found.items():
        if key not in named:
            people[key] = (
                owners[account_id]
                if account_id
                else RowRejected(_("No account is linked to this student key yet. Link one, or use the email address."))
            )
        elif account_id not in {None, *(person.id for person in named[key])}:
            people[key] = RowRejected(
                _("This is the username of one person and the student key of another. Use the email address.")
            )
    return people


class InOwnMode(NamedTuple):
    """Rows of people who are in the mode that the row says, though the course run lost it.

    ``enrolled``: their cells, which ask for no mode then, and the person keeps it. ``invited``: those whose invitation
    would lose it so, and that ask for it.
    """

    enrolled: dict[int, tuple[str, ...]]
    invited: set[int]


def in_own_mode(
    rows: Sequence[FileRow], course: CourseRun, mode: int, name: Callable[[tuple[str, ...]], str]
) -> InOwnMode:
    """The rows of people who are already in the mode that the row says, of the modes that the course run lost."""
    lost = {number: cells for number, cells in rows if cells[mode] and cells[mode] not in course.modes}
    if not lost:
        return InOwnMode({}, set())
    given = {
        "course": course.id,
        "numbers": [*lost],
        "names": [fold(name(cells)) for cells in lost.values()],
        "modes": [cells[mode] for cells in lost.values()],
    }
    found = dict(fetch_all(_STATEMENTS["in_mode"](), given))
    enrolled = {number for number, is_enrolled in found.items() if is_enrolled}
    without = {number: (*lost[number][:mode], "", *lost[number][mode + 1 :]) for number in enrolled}
    return InOwnMode(without, found.keys() - enrolled)
