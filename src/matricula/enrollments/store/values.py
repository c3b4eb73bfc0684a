"""Values of course enrollments: where a person is in a course run, and what is decided about it."""

from enum import Enum
from typing import NamedTuple

from msgspec import Struct


class Person(Enum):
    """What an identifier turned out to be."""

    ACTIVE_ACCOUNT = "active account"
    INACTIVE_ACCOUNT = "account not activated yet"
    ADDRESS = "unknown e-mail"
    UNKNOWN_USERNAME = "unknown username"
    BAD_ADDRESS = "bad e-mail"
    TOO_LONG = "too long"
    INVISIBLE = "contains an invisible character"
    TWO_ACCOUNTS = "fits two accounts"


class CoursePerson(NamedTuple):
    """An account in a course run."""

    course_id: int
    account_id: int


class CourseStudent(NamedTuple):
    """A student's row in a program, in a course run."""

    student_id: int
    course_id: int


class CourseKey(NamedTuple):
    """A folded student key in a course run."""

    course_id: int
    key: str


class ProgramKey(NamedTuple):
    """A folded student key in a program."""

    program_id: int
    key: str


class Seat(Struct, frozen=True, gc=False):
    """A course enrollment as it is stored."""

    mode: str
    is_active: bool


class Invitation(Struct, frozen=True, gc=False):
    """A pre-enrollment as it is stored; ``bound`` to an account or waiting for one."""

    mode: str | None
    auto_enroll: bool
    bound: bool


class Standing(Struct, frozen=True, gc=False):
    """Where one person is in one course run."""

    seat: Seat | None = None
    invitation: Invitation | None = None

    @property
    def enrolled(self) -> bool:
        """True while the seat is active."""
        return self.seat is not None and self.seat.is_active

    @property
    def allowed(self) -> bool:
        """True while there is a pre-enrollment."""
        return self.invitation is not None


class Decision(Struct, frozen=True, gc=False):
    """What becomes of it: the new standing, the audit transition, the mails; or ``error``, and nothing changes."""

    standing: Standing
    transition: str = ""
    mails: tuple[str, ...] = ()
    error: Person | None = None
