"""Snapshots: rosters of a moment that can't be changed (record-api: Rosters of the past)."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from msgspec import UNSET, Meta, UnsetType

from matricula.access.permissions import READ_ENROLLMENTS
from matricula.access.permits import permit_of
from matricula.access.reads import reach_of
from matricula.catalog.reads import keys_of
from matricula.disclosures.statuses import DisclosureKind
from matricula.disclosures.writes import Contents
from matricula.foundation.text import has_control_characters, trim
from matricula.foundation.transactions import acting
from matricula.history.moments.clock import InTheFuture
from matricula.history.moments.values import UnknownCursor
from matricula.history.snapshots.reads import (
    SnapshotFacts,
    export_snapshot,
    find_snapshot,
    list_snapshots,
    read_page,
)
from matricula.history.snapshots.writes import make_snapshot
from matricula.jobs.quota import StorageFull
from matricula.journal.statuses import API
from matricula.journal.writes import new_operation
from matricula.rest import errors
from matricula.rest.callers import signed_in_by
from matricula.rest.contracts.record.guard import LOGGED_IN, SEES_SNAPSHOT, snapshot_of
from matricula.rest.contracts.record.requested import find_visible
from matricula.rest.contracts.record.schemas import Form, Key, Moment, Natural
from matricula.rest.contracts.record.shown import url_of
from matricula.rest.disclosing import answer_export, csv_headers, recipient_of
from matricula.rest.endpoint import (
    NOTHING,
    AnyCall,
    AnyEndpoint,
    Call,
    Endpoint,
    PlainCall,
    answer_json,
    in_body,
    in_query,
    seconds,
)
from matricula.rest.errors import BrokenRequest, Message, invalid_field, invalid_fields, unknown_cursor

_ERRORS = (400, 401, 403, 404, 405, 429)
REASONS: Mapping[int, str] = {
    201: "The snapshot was made",
    409: "There is no room for it in the file storage",
    503: "The file storage is not responding",
}


class SnapshotBody(msgspec.Struct):
    """Of what, and of which moment."""

    course: Annotated[Key | None, Meta(description="Key of the course run. Either this or program.")] = None
    program: Annotated[Key | None, Meta(description="Key of the program. Either this or course.")] = None
    as_of: Annotated[Moment | None, Meta(description="A time with an offset. Default: now.")] = None
    name: Annotated[Key | None, Meta(description="A line for people. Default: the key and the day.")] = None


class Snapshot(msgspec.Struct):
    """A roster of a moment that is kept."""

    snapshot_id: uuid.UUID
    snapshot_url: str
    course: str | None
    program: str | None
    as_of: datetime
    name: str
    count: int
    digest: Annotated[
        str,
        Meta(
            description="SHA-256 of lines, sorted by bytes: of a course run “username TAB mode LF”, usernames folded; "
            "of a program “student_key TAB status LF”."
        ),
    ]
    created: datetime
    created_by: str | None
    operation_id: uuid.UUID
    redacted: Annotated[
        datetime | UnsetType,
        Meta(description="Only there where a person's traces were removed since; the digest is that of before."),
    ] = UNSET


class SnapshotList(msgspec.Struct):
    """One page of snapshots, the newest first."""

    results: list[Snapshot]
    cursor: uuid.UUID | None


class SnapshotListQuery(msgspec.Struct):
    """Which snapshots to list."""

    course: Annotated[Key | None, Meta(description="Only snapshots of this course run.")] = None
    program: Annotated[Key | None, Meta(description="Only snapshots of this program.")] = None
    page_size: Annotated[int, Meta(ge=1, le=100, description="Snapshots per page.")] = 25
    cursor: Annotated[uuid.UUID | None, Meta(description="From the page before.")] = None


class SnapshotRowQuery(msgspec.Struct):
    """Which rows to show, and how."""

    page_size: Annotated[int, Meta(ge=1, le=1000, description="Rows per page.")] = 100
    cursor: Annotated[Natural | None, Meta(description="From the page before.")] = None
    fmt: Annotated[Form, Meta(description="csv: all rows as a file.")] = "json"


class SnapshotRowList(msgspec.Struct):
    """One page of the rows of a snapshot: as those of a roster, with the names that people had when it was made."""

    results: list[dict[str, str | None]]
    cursor: int | None


def create_snapshot(call: Call[None, SnapshotBody]) -> HttpResponse:
    """201 Snapshot. Errors: 400, 404; 409 where there is no room."""
    body = call.body
    if (body.course is None) == (body.program is None):
        message = Message("Name either a course run or a program.")
        raise invalid_fields({"course": message, "program": message})
    course_id, program_id = find_visible(call, body.course, body.program)
    recipient, name = recipient_of(call), _name(body)
    # to read is enough, and must still be allowed when it is kept
    right: dict[str, Any] = {"course_id": course_id}
    if program_id is not None:
        right = {"program_id": program_id, "permission": READ_ENROLLMENTS}
    permit = permit_of(call.signed_in, session=signed_in_by(call.request), **right)
    try:
        with acting(permit.hold):
            snapshot_id = make_snapshot(
                new_operation(call.account_id, API, recipient.reason, course_id=course_id, program_id=program_id),
                course_id=course_id,
                program_id=program_id,
                as_of=body.as_of,
                name=name,
                recipient=recipient,
            )
    except InTheFuture:
        raise invalid_field("as_of", "This time is in the future. Choose one in the past.") from None
    except StorageFull:
        message = Message(
            "The snapshot doesn't fit into the file storage. Ask your administrator to raise MATRICULA_FILES_QUOTA."
        )
        raise BrokenRequest(errors.CONFLICT, message) from None
    found = find_snapshot(snapshot_id)
    assert found is not None  # noqa: S101  it was just made
    [shown] = _shown(call, [found])
    answer = answer_json(shown, 201)
    answer.headers["Location"] = shown.snapshot_url
    return answer


def list_some_snapshots(call: Call[SnapshotListQuery, None]) -> HttpResponse:
    """200 SnapshotList: those of what the caller may see, the newest first."""
    query = call.query
    course_id, program_id = find_visible(call, query.course, query.program)
    if query.cursor is not None and find_snapshot(query.cursor) is None:
        raise unknown_cursor()
    reach = reach_of(call.signed_in)
    found = list_snapshots(
        limit=query.page_size + 1,
        courses=reach.courses,
        programs=reach.programs,
        course_id=course_id,
        program_id=program_id,
        before=query.cursor,
    )
    page, more = found[: query.page_size], found[query.page_size :]
    return answer_json(SnapshotList(_shown(call, page), page[-1].id if more else None))


def get_snapshot(call: PlainCall) -> HttpResponse:
    """200 Snapshot."""
    return answer_json(_shown(call, [snapshot_of(call)])[0])


def get_snapshot_rows(call: Call[SnapshotRowQuery, None]) -> HttpResponseBase:
    """200 SnapshotRowList, or all rows as CSV, streamed. Who may not see names sees none beside student keys."""
    query, snapshot, names = call.query, snapshot_of(call), call.signed_in.sees_names
    if query.fmt == "csv":
        contents = Contents(
            DisclosureKind.SNAPSHOT_ROWS,
            snapshot.course_id,
            snapshot.program_id,
            filters={"snapshot": str(snapshot.id)},
        )
        headers = csv_headers(f"snapshot-{snapshot.id}.csv")
        return answer_export(call, export_snapshot(snapshot, names=names), contents, headers)
    try:
        rows, cursor = read_page(snapshot, limit=query.page_size, after=query.cursor, names=names)
    except UnknownCursor:
        raise unknown_cursor() from None
    return answer_json(SnapshotRowList(rows, cursor))


def _name(body: SnapshotBody) -> str:
    name = trim(body.name or "")
    if has_control_characters(name):
        raise invalid_field("name", "This text can't contain control characters.")
    return name or f"{body.course or body.program} {(body.as_of or datetime.now(UTC)):%Y-%m-%d}"


def _shown(call: AnyCall, snapshots: Sequence[SnapshotFacts]) -> list[Snapshot]:
    courses, programs = keys_of((one.course_id for one in snapshots), (one.program_id for one in snapshots))
    return [
        Snapshot(
            snapshot_id=one.id,
            snapshot_url=url_of(call, "snapshots", one.id),
            course=courses.get(one.course_id),
            program=programs.get(one.program_id),
            as_of=one.as_of.astimezone(UTC),
            name=one.name,
            count=one.count,
            digest=one.digest,
            created=seconds(one.created),
            created_by=one.actor,
            operation_id=one.operation_id,
            redacted=seconds(one.redacted) if one.redacted else UNSET,
        )
        for one in snapshots
    ]


_ID = "3f1c2a90-6f0e-4c39-9d2b-0a8c1f5f7d10"
_EXAMPLE: Mapping[str, Any] = {
    "snapshot_id": _ID,
    "snapshot_url": f"https://matricula.example.org/api/record/v1/snapshots/{_ID}",
    "course": "course-v1:North+CS101+2027_T1",
    "program": None,
    "as_of": "2027-01-15T08:45:00Z",
    "name": "Census of spring 2027",
    "count": 1,
    "digest": "9f2c" * 16,
    "created": "2027-01-15T08:45:01Z",
    "created_by": "helen",
    "operation_id": "8d1f7a52-51d4-4c6e-b5d0-6f3e0a2b7c11",
}
_ROWS_EXAMPLE: Mapping[str, Any] = {
    "results": [{"username": "kim", "email": "kim@example.org", "mode": "verified", "since": "2027-01-10T09:00:00Z"}],
    "cursor": None,
}
MAKE: AnyEndpoint = Endpoint(
    create_snapshot,
    in_body(SnapshotBody),
    "Keep the roster of a moment as a snapshot that can't be changed",
    LOGGED_IN,
    {201: Snapshot},
    errors=(400, 401, 403, 404, 405, 409, 413, 415, 429, 503),
    body_example={"course": "course-v1:North+CS101+2027_T1", "name": "Census of spring 2027"},
    answer_examples={201: _EXAMPLE},
)
LIST: AnyEndpoint = Endpoint(
    list_some_snapshots,
    in_query(SnapshotListQuery),
    "List snapshots, the newest first",
    LOGGED_IN,
    {200: SnapshotList},
    errors=_ERRORS,
    answer_examples={200: {"results": [_EXAMPLE], "cursor": None}},
)
SHOW: AnyEndpoint = Endpoint(
    get_snapshot,
    NOTHING,
    "Get a snapshot",
    SEES_SNAPSHOT,
    {200: Snapshot},
    errors=_ERRORS,
    answer_examples={200: _EXAMPLE},
)
ROWS: AnyEndpoint = Endpoint(
    get_snapshot_rows,
    in_query(SnapshotRowQuery),
    "List the rows of a snapshot, or download all of them",
    SEES_SNAPSHOT,
    {200: SnapshotRowList},
    errors=(*_ERRORS, 503),
    has_csv=True,
    answer_examples={200: _ROWS_EXAMPLE},
)
