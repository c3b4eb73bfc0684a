"""The feed of changes (record-api: Feed)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from django.http import HttpResponse, QueryDict
from msgspec import Meta

from matricula.access.reads import reach_of
from matricula.feed.cursors import NoCursor, read_cursor, write_cursor
from matricula.feed.events import CREATED, Event, Reader
from matricula.feed.pages import Page, read_page
from matricula.journal.records import BEGINNING, JournalElsewhere, Position, PositionAhead, head
from matricula.journal.statuses import Subject
from matricula.rest import errors
from matricula.rest.checks import public_root
from matricula.rest.contracts.record.requested import find_visible
from matricula.rest.contracts.record.schemas import Key
from matricula.rest.endpoint import Call, answer_json
from matricula.rest.errors import BrokenRequest, Message, invalid_field
from matricula.rest.waiting import waiting_of

NOW = "now"
# changes are collected for so long before one who waits is answered: many small answers would cost more than they say
COLLECTED_SECONDS = 0.5
_PAUSED = BrokenRequest(
    errors.SERVICE_UNAVAILABLE,
    Message("The feed is paused because the database was moved. An administrator has to run “matricula migrate”."),
    headers={"Retry-After": "60"},
)


class FeedQuery(msgspec.Struct):
    """Which changes, and from where on."""

    after: Annotated[
        str | None, Meta(description="The cursor of the last answer, or now. Without it: from the beginning.")
    ] = None
    course: Annotated[Key | None, Meta(description="Only changes in this course run.")] = None
    program: Annotated[Key | None, Meta(description="Only changes in this program.")] = None
    subject: Annotated[Subject | None, Meta(description="Only changes of this subject.")] = None
    limit: Annotated[int, Meta(ge=1, le=1000, description="The most changes in one answer.")] = 100
    wait: Annotated[
        int, Meta(ge=0, le=30, description="How many seconds to wait for a change if there is none yet.")
    ] = 0


class Feed(msgspec.Struct):
    """Some changes in feed order, and where to go on."""

    changes: list[Event]
    cursor: Annotated[str, Meta(description="Send it as after. Never null: more changes may come at any time.")]
    more: Annotated[bool, Meta(description="true: ask again at once; the answer may be empty all the same.")]


FEED_EXAMPLE: Mapping[str, Any] = {
    "changes": [
        {
            "specversion": "1.0",
            "id": "4711",
            "source": "https://matricula.example.org",
            "type": CREATED,
            "time": "2027-01-15T08:45:00Z",
            "subject": "course_enrollment",
            "datacontenttype": "application/json",
            "data": {
                "subject": "course_enrollment",
                "person": {"username": "kim", "email": "kim@example.org", "student_key": None},
                "course": "course-v1:North+CS101+2027_T1",
                "program": None,
                "before": {},
                "after": {"mode": "audit", "is_active": True},
                "operation_id": "8d1f7a52-51d4-4c6e-b5d0-6f3e0a2b7c11",
                "actor": "helen",
                "reason": "start of term",
                "record": {
                    "change_id": 4711,
                    "at": "2027-01-15T08:45:00.123456Z",
                    "subject": "course_enrollment",
                    "account_id": 17,
                    "email": None,
                    "student_key": None,
                    "course": 3,
                    "program": None,
                    "operation_id": "8d1f7a52-51d4-4c6e-b5d0-6f3e0a2b7c11",
                    "source": "api",
                    "actor_id": 5,
                    "transition": "from unenrolled to enrolled",
                    "before": {},
                    "after": {"v": 2, "enrollment": {"mode": "audit", "is_active": True}},
                    "reason": "start of term",
                },
            },
        }
    ],
    "cursor": "MS45MzQuNDcxMQ",
    "more": False,
}


def list_feed(call: Call[FeedQuery, None]) -> HttpResponse:
    """200 Feed: the changes behind the cursor that the caller may see."""
    query = call.query
    course_id, program_id = find_visible(call, query.course, query.program)
    try:
        if query.after == NOW:
            return answer_json(Feed([], write_cursor(head()), more=False))
        reach = reach_of(call.signed_in)
        page = read_page(
            Reader(reach.courses, reach.programs, call.signed_in.sees_names),
            _place(query.after),
            limit=query.limit,
            source=public_root(call),
            course_id=course_id,
            program_id=program_id,
            subjects=None if query.subject is None else (query.subject,),
        )
    except JournalElsewhere:
        raise _PAUSED from None
    except PositionAhead:
        raise invalid_field(
            "after", "This cursor is ahead of the feed, because the database was restored. Start without a cursor."
        ) from None
    _wait(call, page)
    return answer_json(Feed(page.events, write_cursor(page.position), page.more))


def _place(cursor: str | None) -> Position:
    if cursor is None:
        return BEGINNING
    try:
        return read_cursor(cursor)
    except NoCursor:
        raise invalid_field(
            "after", "This isn't a cursor. Send the cursor of an earlier answer exactly as it was, “now”, or nothing."
        ) from None


def _wait(call: Call[FeedQuery, None], page: Page) -> None:
    """Lets a server that can wait keep the answer back, where there is nothing in it, or little that is very new."""
    waiting, given = waiting_of(call.request), call.request.META.get("QUERY_STRING", "")
    if waiting is None or not call.query.wait or page.more:
        return
    waiting.account_id, waiting.seconds = call.account_id, call.query.wait
    if page.since is None:
        again = QueryDict(given, mutable=True)
        again["after"] = write_cursor(page.position)
        waiting.query, waiting.place = again.urlencode(), page.position
    elif not waiting.is_asked_again:
        age = (datetime.now(UTC) - page.since).total_seconds()
        if 0 <= age < COLLECTED_SECONDS:
            waiting.query, waiting.soon = given, COLLECTED_SECONDS - age
