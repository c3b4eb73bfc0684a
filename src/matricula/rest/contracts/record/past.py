"""Rosters of a moment, differences between two, and the digest of a roster (record-api: Rosters of the past)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from msgspec import Meta

from matricula.disclosures.statuses import DisclosureKind
from matricula.disclosures.writes import Contents
from matricula.history.moments.clock import InTheFuture, database_time, moment_of
from matricula.history.moments.courses import course_roster_at, export_course_roster_at
from matricula.history.moments.differences import (
    course_difference,
    export_course_difference,
    export_program_difference,
    program_difference,
)
from matricula.history.moments.digests import course_digest
from matricula.history.moments.programs import export_program_roster_at, program_roster_at
from matricula.history.moments.values import Difference, UnknownCursor, Way
from matricula.rest.contracts.record.guard import SEES_COURSE, SEES_PROGRAM
from matricula.rest.contracts.record.requested import find_visible_course, find_visible_program
from matricula.rest.contracts.record.schemas import Form, Moment, Natural
from matricula.rest.disclosing import answer_export, csv_headers
from matricula.rest.endpoint import NOTHING, AnyEndpoint, Call, Endpoint, PlainCall, answer_json, in_query, seconds
from matricula.rest.errors import invalid_field, unknown_cursor
from matricula.tabular.exports import Export

_ERRORS = (400, 401, 403, 404, 405, 429)
_PageSize = Annotated[int, Meta(ge=1, le=1000, description="Rows per page.")]
_Cursor = Annotated[Natural | None, Meta(description="From the page before.")]


class RosterQuery(msgspec.Struct):
    """Which moment, and how to show it."""

    as_of: Annotated[Moment | None, Meta(description="A time with an offset. Default: now.")] = None
    page_size: _PageSize = 100
    cursor: _Cursor = None
    fmt: Annotated[Form, Meta(description="csv: all rows as a file.")] = "json"


class EnrolledRow(msgspec.Struct):
    """Someone who was enrolled, under the name that they have now."""

    username: str
    email: str
    mode: str
    since: Annotated[datetime, Meta(description="Enrolled without a break since then.")]


class CourseRosterAt(msgspec.Struct):
    """One page of those who were enrolled, by username."""

    as_of: Annotated[datetime, Meta(description="The moment. Send it to get the next pages of the same roster.")]
    count: int
    results: list[EnrolledRow]
    cursor: int | None


class StudentRow(msgspec.Struct):
    """A student's row in a program; the account that it had then, under the name that this has now."""

    student_key: str
    status: str
    username: Annotated[str | None, Meta(description="Null where there was none, or where you may not see names.")]


class ProgramRosterAt(msgspec.Struct):
    """One page of the rows that a program had, by student key, whatever their status."""

    as_of: Annotated[datetime, Meta(description="The moment. Send it to get the next pages of the same roster.")]
    count: int
    results: list[StudentRow]
    cursor: int | None


class DifferenceQuery(msgspec.Struct):
    """Between which moments, and how to show it."""

    since: Annotated[Moment, Meta(description="The first moment; a time with an offset.")] = msgspec.field(name="from")
    until: Annotated[Moment | None, Meta(description="The second moment. Default: now.")] = msgspec.field(
        name="to", default=None
    )
    page_size: _PageSize = 100
    cursor: _Cursor = None
    fmt: Annotated[Form, Meta(description="csv: all rows as a file.")] = "json"


class DifferenceCounts(msgspec.Struct):
    """How many people joined, left, and changed otherwise."""

    joined: int
    left: int
    changed: int


class DifferentRow(msgspec.Struct):
    """Someone who joined, left or changed: a username, or a student key."""

    key: str
    before: Annotated[dict[str, Any], Meta(description="Empty where there was nothing.")]
    after: Annotated[dict[str, Any], Meta(description="Empty where there was nothing.")]
    change_ids: Annotated[list[int], Meta(description="The changes from the one to the other.")]


class RosterDifference(msgspec.Struct):
    """One page of those who differ, by username or student key."""

    since: datetime = msgspec.field(name="from")
    until: datetime = msgspec.field(name="to")
    counts: DifferenceCounts
    results: list[DifferentRow]
    cursor: int | None


class RosterDigest(msgspec.Struct):
    """What proves a copy of the roster right."""

    count: int
    digest: Annotated[
        str, Meta(description="SHA-256 of the lines “username TAB mode LF”, usernames folded, sorted by bytes.")
    ]
    as_of: datetime


def get_course_roster(call: Call[RosterQuery, None]) -> HttpResponseBase:
    """200 CourseRosterAt, or all rows as CSV, streamed."""
    course, query = find_visible_course(call, call.path["course_key"]), call.query
    moment = query.as_of and asked_moment("as_of", query.as_of)
    if query.fmt == "csv":
        export = export_course_roster_at(course.id, moment, "csv")
        return _answer_file(call, export, course.id, None, moment or database_time())
    try:
        found = course_roster_at(course.id, moment, limit=query.page_size, after=query.cursor)
    except UnknownCursor:
        raise unknown_cursor() from None
    rows = [EnrolledRow(r.username, r.email, r.mode, seconds(r.since)) for r in found.rows]
    return answer_json(CourseRosterAt(found.as_of, found.count, rows, found.cursor))


def get_program_roster(call: Call[RosterQuery, None]) -> HttpResponseBase:
    """200 ProgramRosterAt, or all rows as CSV, streamed. Who may not see names sees none beside student keys."""
    program, query, names = _program(call), call.query, call.signed_in.sees_names
    moment = query.as_of and asked_moment("as_of", query.as_of)
    if query.fmt == "csv":
        export = export_program_roster_at(program, moment, "csv", names=names)
        return _answer_file(call, export, None, program, moment or database_time())
    try:
        found = program_roster_at(program, moment, limit=query.page_size, after=query.cursor, names=names)
    except UnknownCursor:
        raise unknown_cursor() from None
    rows = [StudentRow(row.student_key, row.status, row.username) for row in found.rows]
    return answer_json(ProgramRosterAt(found.as_of, found.count, rows, found.cursor))


def get_course_difference(call: Call[DifferenceQuery, None]) -> HttpResponseBase:
    """200 RosterDifference, or all rows as CSV, streamed."""
    course, (since, until) = find_visible_course(call, call.path["course_key"]).id, _between(call.query)
    if call.query.fmt == "csv":
        return _answer_file(call, export_course_difference(course, since, until), course, None, since, until)
    try:
        found = course_difference(course, since, until, limit=call.query.page_size, after=call.query.cursor)
    except UnknownCursor:
        raise unknown_cursor() from None
    return _answer_difference(found, since, until)


def get_program_difference(call: Call[DifferenceQuery, None]) -> HttpResponseBase:
    """200 RosterDifference, or all rows as CSV, streamed."""
    program, (since, until) = _program(call), _between(call.query)
    if call.query.fmt == "csv":
        return _answer_file(call, export_program_difference(program, since, until), None, program, since, until)
    try:
        found = program_difference(program, since, until, limit=call.query.page_size, after=call.query.cursor)
    except UnknownCursor:
        raise unknown_cursor() from None
    return _answer_difference(found, since, until)


def get_course_digest(call: PlainCall) -> HttpResponse:
    """200 RosterDigest, of now."""
    found = course_digest(find_visible_course(call, call.path["course_key"]).id)
    return answer_json(RosterDigest(found.count, found.digest, found.as_of))


def asked_moment(name: str, asked: datetime | None) -> datetime:
    """The moment that is asked for; now for None. Errors: 400."""
    try:
        return moment_of(asked)
    except InTheFuture:
        raise invalid_field(name, "This time is in the future. Choose one in the past.") from None


def _program(call: Call[Any, None]) -> int:
    return find_visible_program(call, call.path["program_key"]).id


def _between(query: DifferenceQuery) -> tuple[datetime, datetime]:
    since, until = asked_moment("from", query.since), asked_moment("to", query.until)
    if since > until:
        raise invalid_field("from", "This time is later than “to”. Choose an earlier one.")
    return since, until


def _answer_difference(found: Difference, since: datetime, until: datetime) -> HttpResponse:
    rows = [DifferentRow(row.key, dict(row.before), dict(row.after), row.change_ids) for row in found.rows]
    counts = DifferenceCounts(**{way.value: found.counts[way] for way in Way})
    return answer_json(RosterDifference(since=since, until=until, counts=counts, results=rows, cursor=found.cursor))


def _answer_file(
    call: Call[Any, None],
    export: Export,
    course_id: int | None,
    program_id: int | None,
    moment: datetime,
    until: datetime | None = None,
) -> HttpResponseBase:
    """All rows as CSV; recorded with the moments."""
    times = {"as_of": moment} if until is None else {"from": moment, "to": until}
    kind = DisclosureKind.ROSTER if until is None else DisclosureKind.DIFFERENCE
    contents = Contents(kind, course_id, program_id, filters={name: at.isoformat() for name, at in times.items()})
    what = "course" if program_id is None else "program"
    return answer_export(call, export, contents, csv_headers(f"{what}-{kind.value}-{_days(times.values())}.csv"))


def _days(moments: Iterable[datetime]) -> str:
    return "-".join(f"{moment:%Y-%m-%d}" for moment in moments)


_AS_OF = "2027-01-15T08:45:00Z"
_ROSTER_EXAMPLE: Mapping[str, Any] = {
    "as_of": _AS_OF,
    "count": 1,
    "results": [
        {"username": "kim", "email": "kim@example.org", "mode": "verified", "since": "2027-01-10T09:00:00Z"},
    ],
    "cursor": None,
}
_STUDENTS_EXAMPLE: Mapping[str, Any] = {
    "as_of": _AS_OF,
    "count": 1,
    "results": [{"student_key": "S-0815", "status": "enrolled", "username": "kim"}],
    "cursor": None,
}
_DIFFERENCE_EXAMPLE: Mapping[str, Any] = {
    "from": "2027-01-01T00:00:00Z",
    "to": _AS_OF,
    "counts": {"joined": 1, "left": 0, "changed": 0},
    "results": [
        {"key": "kim", "before": {}, "after": {"mode": "verified", "is_active": True}, "change_ids": [4711]},
    ],
    "cursor": None,
}
_PROGRAM_DIFFERENCE_EXAMPLE = {
    **_DIFFERENCE_EXAMPLE,
    "results": [{"key": "S-0815", "before": {}, "after": {"status": "enrolled"}, "change_ids": [4712]}],
}
COURSE_ROSTER: AnyEndpoint = Endpoint(
    get_course_roster,
    in_query(RosterQuery),
    "List who was enrolled in a course run at a moment, or download them",
    SEES_COURSE,
    {200: CourseRosterAt},
    errors=_ERRORS,
    has_csv=True,
    answer_examples={200: _ROSTER_EXAMPLE},
    by_replica=True,
)
PROGRAM_ROSTER: AnyEndpoint = Endpoint(
    get_program_roster,
    in_query(RosterQuery),
    "List the students that a program had at a moment, or download them",
    SEES_PROGRAM,
    {200: ProgramRosterAt},
    errors=_ERRORS,
    has_csv=True,
    answer_examples={200: _STUDENTS_EXAMPLE},
    by_replica=True,
)
COURSE_DIFFERENCE: AnyEndpoint = Endpoint(
    get_course_difference,
    in_query(DifferenceQuery),
    "List who joined, left and changed in a course run between two moments, or download them",
    SEES_COURSE,
    {200: RosterDifference},
    errors=_ERRORS,
    has_csv=True,
    answer_examples={200: _DIFFERENCE_EXAMPLE},
    by_replica=True,
)
PROGRAM_DIFFERENCE: AnyEndpoint = Endpoint(
    get_program_difference,
    in_query(DifferenceQuery),
    "List which students joined, left and changed in a program between two moments, or download them",
    SEES_PROGRAM,
    {200: RosterDifference},
    errors=_ERRORS,
    has_csv=True,
    answer_examples={200: _PROGRAM_DIFFERENCE_EXAMPLE},
    by_replica=True,
)
COURSE_DIGEST: AnyEndpoint = Endpoint(
    get_course_digest,
    NOTHING,
    "Get the number and the digest of the active enrollments of a course run",
    SEES_COURSE,
    {200: RosterDigest},
    errors=_ERRORS,
    answer_examples={200: {"count": 1, "digest": "9f2c" * 16, "as_of": _AS_OF}},
)
