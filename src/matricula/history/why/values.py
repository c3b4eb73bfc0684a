"""What the question is asked with, and what an answer is made of (record-api: Why)."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from matricula.history.why.rules import Case
from matricula.journal.states import State
from matricula.journal.statuses import OperationKind, Source, Subject


@dataclass(frozen=True, slots=True)
class Asker:
    """What the reader may see: the students of ``programs`` (None: of all), who they are, and people of every course
    run.
    """

    programs: Collection[int] | None
    sees_names: bool
    sees_everyone: bool

    def reads(self, program_id: int | None) -> bool:
        """True for no program, and for one whose students the reader may see."""
        return program_id is None or self.programs is None or program_id in self.programs


EVERYTHING = Asker(None, sees_names=True, sees_everyone=True)


@dataclass(frozen=True, slots=True)
class Who:
    """Whom the question is about: the identifier as given, and who that is as far as the reader may know it."""

    given: str
    account_id: int | None = None
    username: str | None = None
    email: str | None = None
    full_name: str = ""
    student_key: str | None = None

    @property
    def label(self) -> str:
        """What to call the person."""
        return self.full_name or self.username or self.student_key or self.given


@dataclass(frozen=True, slots=True)
class Act:
    """Who did something, through which door, and with what; ``reason`` is said in a sentence.

    What was done to a program that the reader may not read has neither reason, file nor program here.
    """

    operation_id: uuid.UUID
    at: datetime
    kind: OperationKind | None
    source: Source
    actor: str | None
    # the actor's name, where there is one
    actor_name: str
    reason: str | None
    file: str | None
    # the program that it was about
    program_id: int | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """One change of the chain that led here, and the act behind it."""

    id: int
    at: datetime
    subject: Subject
    account_id: int | None
    email: str | None
    student_key: str | None
    program_id: int | None
    program: str | None
    program_title: str | None
    course: str | None
    transition: str
    before: State | None
    after: State | None
    reason: str | None
    act: Act


@dataclass(frozen=True, slots=True)
class Through:
    """A student's row in a program that has the course run; ``course_status`` None: none in the course run."""

    student_id: int
    program_id: int
    program: str
    program_title: str
    student_key: str
    status: str
    account_id: int | None
    course_status: str | None
    since: datetime


class WaitingFor(StrEnum):
    """What has not taken effect yet."""

    INVITATION = "invitation"
    STUDENT = "student"
    PLAN = "plan"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that has not taken effect yet: an invitation, a student without an account, a row of a plan."""

    kind: WaitingFor
    since: datetime
    email: str | None = None
    mode: str | None = None
    auto_enroll: bool | None = None
    reason: str | None = None
    actor: str | None = None
    program: str | None = None
    program_title: str | None = None
    student_key: str | None = None
    status: str | None = None
    plan_id: uuid.UUID | None = None
    plan_name: str | None = None
    plan_state: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was rejected: which operation, when, and why, in the reader's language."""

    operation_id: uuid.UUID
    at: datetime
    actor: str | None
    source: Source
    file: str | None
    row: int | None
    key: str
    word: str
    reason: str
    # the plan that the row was in, where nothing was to be written yet
    plan_id: uuid.UUID | None
    # as the reader knows the program that the row was about
    program: str | None


class ConflictKind(StrEnum):
    """How an identifier can be mistaken."""

    TWO_ACCOUNTS = "two_accounts"
    INVISIBLE = "invisible_characters"
    CASE = "differs_by_case"
    LOOKS_LIKE = "looks_like"
    KEY_OF_ANOTHER = "student_key_of_another"
    ACCOUNT_HAS_ANOTHER_KEY = "account_has_another_key"


@dataclass(frozen=True, slots=True)
class Conflict:
    """What the identifier can be mistaken for; ``other``: what that is called, where the reader may know;
    ``is_known``: there is such an account, invitation or student; ``character``: the invisible one.
    """

    kind: ConflictKind
    other: str | None = None
    character: str | None = None
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything behind the sentence (``words.sentence_of``). ``state`` as the contract shows it."""

    who: Who
    about: str
    case: Case
    state: Mapping[str, Any]
    chain: Sequence[Link] = ()
    # the change that made it so, and the change in a program that it came from, where the reader may see that
    decisive: Link | None = None
    behind: Link | None = None
    # since when the present state, where no change says so
    since: datetime | None = None
    through: Sequence[Through] = ()
    waiting: Sequence[Waiting] = ()
    refused: Sequence[Refused] = ()
    conflicts: Sequence[Conflict] = ()
    # the person has a page in the course run
    is_known_here: bool = False
