"""The digest of a roster: with one number, a copy is proved right (record-api: Rosters of the past)."""

import hashlib
from datetime import datetime
from typing import Any

from matricula.foundation.database import stream_rows
from matricula.history.moments import courses, programs
from matricula.history.moments.clock import database_time
from matricula.history.moments.values import Digest

_LINES = 10_000


def course_digest(course_id: int, at: datetime | None = None) -> Digest:
    """Of those who were enrolled at a moment (None: now): lines ``username TAB mode LF``.

    The username is folded; the lines are sorted by their bytes.
    """
    return _digest(courses.LINES(_when(at)), {"course": course_id}, at)


def program_digest(program_id: int, at: datetime | None = None) -> Digest:
    """Of the rows that a program had at a moment (None: now): lines ``student_key TAB status LF``, sorted by bytes."""
    return _digest(programs.LINES(_when(at)), {"program": program_id}, at)


def _when(at: datetime | None) -> str:
    return "now" if at is None else "then"


def _digest(query: str, about: dict[str, Any], at: datetime | None) -> Digest:
    moment = at or database_time()
    count, digest = 0, hashlib.sha256()
    for many, text in stream_rows(query, {**about, "at": moment, "lines": _LINES}):
        count += many
        digest.update(text.encode())
    return Digest(moment, count, digest.hexdigest())
