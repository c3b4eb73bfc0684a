"""What a course run or a program was at a moment, and what changed since (record-api: Rosters of the past)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class UnknownCursor(Exception):
    """The cursor is none of this list's."""


@dataclass(frozen=True, slots=True)
class EnrolledThen:
    """Someone who was enrolled, under the name that they have now; ``since``: without a break until then."""

    account_id: int
    username: str
    email: str
    mode: str
    since: datetime


@dataclass(frozen=True, slots=True)
class CourseRosterThen:
    """One page of those who were enrolled, by username, and how many were enrolled in all; ``cursor`` None: the last.

    ``as_of`` is the moment that was asked for, or the one that was read.
    """

    as_of: datetime
    count: int
    rows: list[EnrolledThen]
    cursor: int | None


@dataclass(frozen=True, slots=True)
class StudentThen:
    """A student's row in a program, with the account that it had then, under the name that this one has now."""

    student_key: str
    status: str
    username: str | None


@dataclass(frozen=True, slots=True)
class ProgramRosterThen:
    """One page of the rows that a program had, by student key, and how many there were in all."""

    as_of: datetime
    count: int
    rows: list[StudentThen]
    cursor: int | None


class Way(StrEnum):
    """How someone differs between two moments."""

    JOINED = "joined"
    LEFT = "left"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """Someone who joined, left or changed: by username in a course run, by student key in a program.

    States are ``mode`` and ``is_active``, or ``status``; empty where there was nothing. ``change_ids`` are the steps
    from the one to the other.
    """

    way: Way
    key: str
    before: dict[str, str | bool]
    after: dict[str, str | bool]
    change_ids: list[int]


@dataclass(frozen=True, slots=True)
class Difference:
    """One page of those who differ, by username or student key, and how many there are in all, each way."""

    counts: dict[Way, int]
    rows: list[DifferenceRow]
    cursor: int | None


@dataclass(frozen=True, slots=True)
class Digest:
    """How many there were, and the SHA-256 of the lines that say who (record-api: Digests)."""

    as_of: datetime
    count: int
    digest: str
