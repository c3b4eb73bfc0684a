"""When what happens in the demo: half a year before the first start, in days before it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from functools import partial
from random import Random
from typing import Any, NamedTuple

from matricula.cli.demo.people import Person

Grade = tuple[float, str, bool]
FIRST_DAY = 183
_LETTERS = (("A", 0.9), ("B", 0.8), ("C", 0.7), ("D", 0.6), ("F", 0.0))
_OPENS, _CLOSES = time(8, tzinfo=UTC), 10 * 60 * 60


class Event(NamedTuple):
    """Something that happens."""

    at: datetime
    happen: Callable[[], object]


class Plan:
    """The events, put down in any order."""

    def __init__(self, now: datetime, random: Random) -> None:
        self.random = random
        self._today = now.astimezone(UTC).date()
        self._events: list[Event] = []

    def on(self, days_ago: int, act: Callable[..., None], *arguments: Any, **named: Any) -> None:
        """An act at some moment of a working day; its first argument is that moment."""
        opening = datetime.combine(self._today - timedelta(days=days_ago), _OPENS)
        at = opening + timedelta(seconds=self.random.randrange(_CLOSES))
        self._events.append(Event(at, partial(act, at, *arguments, **named)))

    def until(self, days_ago: int) -> Iterator[Event]:
        """The events up to the end of that day, in their order; each comes once."""
        end = datetime.combine(self._today - timedelta(days=days_ago - 1), time(tzinfo=UTC))
        due = sorted((event for event in self._events if event.at < end), key=lambda event: event.at)
        self._events = [event for event in self._events if event.at >= end]
        yield from due


def usernames(people: Sequence[Person]) -> list[str]:
    """How the Enrollment API names them."""
    return [person.username for person in people]


def keys(people: Sequence[Person]) -> list[str]:
    """How the Registrar API names them."""
    return [person.student_key for person in people]


def some_grade(random: Random) -> Grade:
    """Percent, letter, and whether it is enough: mostly it is."""
    percent = round(min(1.0, max(0.15, random.gauss(0.76, 0.14))), 2)
    letter = next(letter for letter, least in _LETTERS if percent >= least)
    return percent, letter, letter != "F"
