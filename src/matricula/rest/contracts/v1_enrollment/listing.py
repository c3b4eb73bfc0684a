"""All enrollments, page by page."""

from collections.abc import Collection, Sequence
from urllib.parse import urlencode

from django.http import HttpResponse

from matricula.catalog.reads import find_course
from matricula.enrollments.course.seats import SeatFilter, SeatPage, SeatRow, UnknownPlace, list_seats
from matricula.foundation.folding import fold
from matricula.learners.reads import account_ids_by_username, find_learners
from matricula.rest.checks import checked_course_key, public_root
from matricula.rest.contracts.v1_enrollment.schemas import (
    PAGE_SIZE,
    ListedEnrollment,
    ListedEnrollments,
    RecordsQuery,
)
from matricula.rest.contracts.v1_enrollment.shown import unknown_course
from matricula.rest.endpoint import Call, answer_json
from matricula.rest.errors import invalid_field, unknown_cursor

_MOST_PEOPLE = 100
_LONGEST_CURSOR = 16


def list_all_records(call: Call[RecordsQuery, None]) -> HttpResponse:
    """200: active and ended enrollments; walked by ``next``, whose cursor is the last row of the page."""
    query = call.query
    wanted = SeatFilter(_course(query.course_id), _accounts(query.username, query.email))
    page = _page(wanted, min(query.page_size, PAGE_SIZE), query.cursor)
    first, last = (page.rows[0], page.rows[-1]) if page.rows else (None, None)
    return answer_json(
        ListedEnrollments(
            _link(call, f"{last.id}") if last and page.has_next else None,
            _link(call, f"-{first.id}") if first and page.has_previous else None,
            [_shown(seat) for seat in page.rows],
        )
    )


def _page(wanted: SeatFilter, size: int, cursor: str | None) -> SeatPage:
    """A cursor is the id of the row to go on from, with a minus for backwards."""
    if not cursor:
        return list_seats(wanted, limit=size)
    digits = cursor.removeprefix("-")
    try:
        if not (digits.isascii() and digits.isdecimal() and len(cursor) <= _LONGEST_CURSOR):
            raise UnknownPlace
        if cursor.startswith("-"):
            return list_seats(wanted, limit=size, before=int(digits))
        return list_seats(wanted, limit=size, after=int(digits))
    except UnknownPlace:
        raise unknown_cursor() from None


def _course(key: str | None) -> int | None:
    if key is None:
        return None
    course = find_course(checked_course_key(key))
    if course is None:
        raise unknown_course()
    return course.id


def _accounts(usernames: str | None, emails: str | None) -> Sequence[int] | None:
    """The accounts that are asked for; None: all."""
    found: list[Collection[int]] = []
    if usernames is not None:
        found.append(account_ids_by_username(_keys("username", usernames)).values())
    if emails is not None:
        people = find_learners(_keys("email", emails))
        found.append({p.id for fitting in people.values() for p in fitting if p.is_address})
    return sorted(set(found[0]).intersection(*found[1:])) if found else None


def _keys(name: str, text: str) -> list[str]:
    keys = list(dict.fromkeys(fold(part) for each in text.split(",") if (part := each.strip())))
    if len(keys) > _MOST_PEOPLE:
        raise invalid_field(
            name,
            "A request can name at most %(limit)s people. Send these %(count)s in parts.",
            limit=_MOST_PEOPLE,
            count=len(keys),
        )
    return keys


def _shown(seat: SeatRow) -> ListedEnrollment:
    return ListedEnrollment(seat.created, seat.mode, seat.is_active, seat.username, seat.course_key)


def _link(call: Call[RecordsQuery, None], cursor: str) -> str:
    given = [(k, v) for k, values in call.request.GET.lists() for v in values if k not in {"cursor", "access_token"}]
    return f"{public_root(call)}{call.base}/enrollments?{urlencode([*given, ('cursor', cursor)])}"
