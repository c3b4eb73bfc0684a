"""A mail as pages show it."""

from dataclasses import dataclass
from datetime import datetime

from matricula.access.reads import Caller
from matricula.catalog.reads import CourseRun, ProgramFacts
from matricula.console.listing import things_of
from matricula.console.mail.words import KIND_WORDS, STATE_COLORS, STATE_WORDS
from matricula.notices.outgoing import ListedMail
from matricula.notices.statuses import MailState


@dataclass(frozen=True, slots=True)
class ShownMail:
    """A mail with the names around it."""

    facts: ListedMail
    course: CourseRun | None
    program: ProgramFacts | None
    # the reader may know who gets it
    names: bool

    @property
    def kind(self) -> str:
        """What it is about, in words."""
        return str(KIND_WORDS[self.facts.kind])

    @property
    def state(self) -> str:
        """How far it is, in words."""
        return str(STATE_WORDS[self.facts.state])

    @property
    def color(self) -> str:
        """Of the badge of its state."""
        return STATE_COLORS[self.facts.state]

    @property
    def waits(self) -> bool:
        """True if it can be recalled."""
        return self.facts.state is MailState.WAITING

    @property
    def place(self) -> tuple[datetime, int]:
        """Where it is among all, the latest first."""
        return self.facts.queued, self.facts.id


def shown_mails(caller: Caller, found: list[ListedMail]) -> list[ShownMail]:
    """Mails with the names around them, as far as the caller may know who gets them."""
    return [
        ShownMail(one, *things, _knows_people(caller, one)) for one, things in zip(found, things_of(found), strict=True)
    ]


def _knows_people(caller: Caller, mail: ListedMail) -> bool:
    # who manages a course run sees addresses on its roster, too
    return caller.is_global_staff or caller.sees_names or mail.course_id is not None
