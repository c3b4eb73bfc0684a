"""What a merge of two accounts is made of: what the other account has, beside what the kept one has there."""

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import Struct

from matricula.access.grants import GrantRequest
from matricula.batches.values import Effect, Options
from matricula.enrollments.store.entries import course_state
from matricula.enrollments.store.values import Standing
from matricula.journal.shown import show_state
from matricula.journal.states import GradeState
from matricula.journal.statuses import Subject

# more things than these are not merged: all of them are written in one transaction
MOST_THINGS = 2_000


class Choice(StrEnum):
    """Whose is taken where both accounts have something and no rule decides."""

    KEPT = "kept"
    OTHER = "other"


class Word(StrEnum):
    """What becomes of one thing."""

    # the kept account had nothing there
    MOVED = "moved"
    # both had something; what the kept account has then differs from what it had
    COMBINED = "combined"
    # what the kept account has stays; what the other one has ends
    KEPT = "kept"
    # it can't move, and ends
    ENDED = "ended"
    # the account itself
    MERGED = "merged"
    CHOICE_NEEDED = "choice-needed"
    # it is not there any more
    UNCHANGED = "unchanged"


class MergeOptions(Options, frozen=True, kw_only=True, omit_defaults=True):
    """The two accounts; ``choices``: row → whose is taken; ``prefer``: where no choice says so."""

    kept: int = 0
    other: int = 0
    choices: dict[str, Choice] = msgspec.field(default_factory=dict)
    prefer: Choice | None = None


class MergeRow(Struct, frozen=True, array_like=True, gc=False):
    """One thing, by its name; ``expected``: how a plan saw it, and what was to become of it."""

    key: str
    subject: str
    course_id: int | None = None
    number: int | None = None
    account_id: int | None = None
    expected: str | None = None


class MergeOutcome(Struct, frozen=True, array_like=True, gc=False):
    """What became of a row, or would: the states of both accounts as JSON. ``standing``: what is expected then."""

    word: str
    before: str = "{}"
    after: str = "{}"
    effect: Effect = Effect.UNCHANGED
    standing: str | None = None


class Account(Struct, frozen=True, gc=False):
    """What a merge may change of an account."""

    id: int
    username: str
    email: str
    is_active: bool
    is_staff: bool
    is_superuser: bool
    # the username of the one that it was merged into
    merged_into: str | None = None


class Rights(Struct, frozen=True, gc=False):
    """The rights that an account itself has."""

    is_staff: bool
    is_superuser: bool


class Key(Struct, frozen=True, gc=False):
    """A student key of an organization."""

    organization_id: int
    student_key: str


class Ending(Struct, frozen=True, gc=False):
    """Something that no other account can have: an API client."""

    client_id: str


# None: nothing
Side = Standing | Key | GradeState | GrantRequest | Rights | Account | Ending | None


class Thing(Struct, frozen=True, gc=False):
    """One thing of the other account, and what the kept one has in its place; ``key`` names it in the plan."""

    subject: Subject
    key: str
    kept: Side
    other: Side
    course_id: int | None = None
    # of a course run, for an invitation that becomes an enrollment
    default_mode: str = ""


class Step(Struct, frozen=True, gc=False):
    """What is decided about a thing: how both are afterwards. ``is_choice``: no rule decides it."""

    thing: Thing
    word: Word
    kept: Side
    other: Side
    is_choice: bool = False

    @property
    def before(self) -> str:
        """Both sides as they are, as JSON."""
        return _both(self.thing.kept, self.thing.other)

    @property
    def after(self) -> str:
        """Both sides as they will be, as JSON."""
        return _both(self.kept, self.other)

    @property
    def seen(self) -> str:
        """What changes as soon as a side or what becomes of it does."""
        return _digest(f"{self.word} {self.before} {self.after}")


def seen_of_all(steps: "list[Step]") -> str:
    """What changes as soon as one of the steps does, one more comes or one goes: the row of the account expects it."""
    return _digest("\n".join(sorted(f"{step.thing.key} {step.seen}" for step in steps)))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


_encode = msgspec.json.Encoder(order="sorted").encode


def _both(kept: Side, other: Side) -> str:
    return _encode({"kept": shown(kept), "other": shown(other)}).decode()


def shown(side: Side) -> Mapping[str, Any]:
    """A side as an object on the wire; an empty one where there is nothing."""
    if side is None:
        return {}
    if isinstance(side, Standing):
        return show_state(course_state(side))
    if isinstance(side, GradeState):
        return show_state(side)
    if isinstance(side, Key):
        return {"student_key": side.student_key}
    if isinstance(side, Account):
        found = {"username": side.username, "is_active": side.is_active, "merged_into": side.merged_into}
        return {name: value for name, value in found.items() if value is not None}
    if isinstance(side, Rights | Ending):
        return msgspec.to_builtins(side)  # type: ignore[no-any-return]  # a Struct becomes a dict
    given = side._asdict()
    return {name: given[name] for name in ("role", "feature") if given.get(name)} or {"member": True}


def is_nothing(side: Side) -> bool:
    """True where there is nothing."""
    return side is None or side == Standing()
