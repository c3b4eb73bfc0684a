"""The feed of changes (record-api: Feed)."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, NamedTuple

import msgspec
from django.http import HttpResponse, QueryDict
from msgspec import Meta

from matricula.access.reads import reach_of
from matricula.feed.cursors import NoCursor, read_cursor, write_cursor
from matricula.feed.events import CREATED, Event, Reader
from matricula.feed.pages import read_page
from matricula.feed.sharing import Shared
from matricula.journal.records import BEGINNING, JournalElsewhere, Position, PositionAhead, head
from matricula.journal.statuses import Subject
from matricula.rest.checks import public_root
from matricula.rest.contracts.record.guard import feed_paused
from matricula.rest.contracts.record.requested import find_visible
from matricula.rest.contracts.record.schemas import Key
from matricula.rest.endpoint import Call, encode
from matricula.rest.errors import invalid_field
from matricula.rest.waiting import waiting_of

NOW = "now"


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


class _Asked(NamedTuple):
    """Everything that an answer depends on; ``after`` None: only where the feed ends."""

    courses: tuple[int, ...] | None
    programs: tuple[int, ...] | None
    names: bool
    after: Position | None
    course_id: int | None
    program_id: int | None
    subject: Subject | None
    limit: int
    source: str


class _Shown(NamedTuple):
    """An answer, and what matters about it to those who wait."""

    body: bytes
    position: Position
    is_empty: bool
    # there is nothing behind it yet
    ends: bool


# an empty page is out of date with the next change, which may be why this one is asked for
_shared: Shared[_Shown] = Shared(seconds=0.1, most=32, is_kept=lambda shown: not shown.is_empty)
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
    reach = reach_of(call.signed_in)
    asked = _Asked(
        courses=None if reach.courses is None else tuple(reach.courses),
        programs=None if reach.programs is None else tuple(reach.programs),
        names=call.signed_in.sees_names,
        after=None if query.after == NOW else _place(query.after),
        course_id=course_id,
        program_id=program_id,
        subject=query.subject,
        limit=query.limit,
        source=public_root(call),
    )
    try:
        # those who wait are woken together
        shown = _shared.get(asked, partial(_show, asked)) if query.wait and waiting_of(call.request) else _show(asked)
    except JournalElsewhere:
        raise feed_paused() from None
    except PositionAhead:
        raise invalid_field(
            "after", "This cursor is ahead of the feed: the database was restored. Start again without a cursor."
        ) from None
    _wait(call, shown)
    return HttpResponse(shown.body, content_type="application/json")


def _show(asked: _Asked) -> _Shown:
    if asked.after is None:
        position = head()
        return _Shown(encode(Feed([], write_cursor(position), more=False)), position, is_empty=True, ends=True)
    page = read_page(
        Reader(asked.courses, asked.programs, asked.names),
        asked.after,
        limit=asked.limit,
        source=asked.source,
        course_id=asked.course_id,
        program_id=asked.program_id,
        subjects=None if asked.subject is None else (asked.subject,),
    )
    body = encode(Feed(page.events, write_cursor(page.position), page.more))
    return _Shown(body, page.position, is_empty=not page.events, ends=not page.more)


def _place(cursor: str | None) -> Position:
    if cursor is None:
        return BEGINNING
    try:
        return read_cursor(cursor)
    except NoCursor:
        raise invalid_field(
            "after", "This cursor isn't valid. Send the one of an earlier response unchanged, “now”, or none."
        ) from None


def _wait(call: Call[FeedQuery, None], shown: _Shown) -> None:
    """Lets a server that can wait keep an empty answer back, and not be asked for few changes again and again."""
    waiting = waiting_of(call.request)
    if waiting is None or not call.query.wait or call.query.after == NOW or not shown.ends:
        return
    waiting.account_id, waiting.seconds = call.account_id, call.query.wait
    cursor = write_cursor(shown.position)
    if not shown.is_empty:
        waiting.given = cursor
        return
    again = QueryDict(call.request.META.get("QUERY_STRING", ""), mutable=True)
    again["after"] = cursor
    waiting.query, waiting.place = again.urlencode(), shown.position
