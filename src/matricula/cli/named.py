"""What options name: course runs, programs, words of a closed vocabulary, times."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from matricula.cli.service import fail

_Word = TypeVar("_Word", bound=StrEnum)


def course_id_of(key: str) -> int:
    """The id of the course run. Ends the command if there is none with this key."""
    from matricula.catalog.reads import find_course

    course = find_course(key)
    if course is None:
        raise fail(f"there is no course run {key}.", 1)
    return course.id


def program_id_of(key: str) -> int:
    """The id of the program. Ends the command if there is none with this key."""
    from matricula.catalog.reads import program_ids

    found = program_ids([key])
    if not found:
        raise fail(f"there is no program {key}.", 1)
    return found[key]


def words_of(vocabulary: type[_Word], texts: Sequence[str], what: str) -> list[_Word]:
    """The words. Ends the command if one is not in the vocabulary."""
    known = [word.value for word in vocabulary]
    for text in texts:
        if text not in known:
            raise fail(f"there is no {what} {text}. Choose from: {', '.join(known)}.")
    return [vocabulary(text) for text in texts]


def time_of(text: str | None, option: str) -> datetime | None:
    """The time. Ends the command if it is none, or has no offset."""
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise fail(f"{option}: write a time with its offset, for example 2027-01-10T00:00:00Z.")
    return time
