"""Looking up enrollments and course runs."""

from django.http import HttpResponse

from matricula.access.reads import Caller, list_courses_of
from matricula.catalog.reads import find_course_facts, get_course_facts
from matricula.enrollments.course.seats import SeatRow, find_seat, list_active_seats
from matricula.foundation.folding import fold
from matricula.foundation.text import trim
from matricula.learners.reads import account_ids_by_username
from matricula.rest.checks import checked_course_key
from matricula.rest.conditions import answer_tagged
from matricula.rest.contracts.v1_enrollment.errors import Hidden
from matricula.rest.contracts.v1_enrollment.schemas import UserQuery
from matricula.rest.contracts.v1_enrollment.shown import show_course, show_record, unknown_course
from matricula.rest.endpoint import Call, PlainCall, answer_json


def list_records(call: Call[UserQuery, None]) -> HttpResponse:
    """200: the active enrollments; of others only in course runs that the caller manages."""
    caller = call.signed_in
    account_id = _account_of(caller, call.query.user)
    seats = list_active_seats(account_id) if account_id else []
    if account_id != caller.account_id and not caller.is_global_staff:
        seats = _managed(caller, seats)
    facts = get_course_facts({seat.course_id for seat in seats})
    return answer_json([show_record(seat, facts[seat.course_id]) for seat in seats])


def get_own_record(call: PlainCall) -> HttpResponse:
    """200: the caller's enrollment, also an ended one; ``null`` for none."""
    return _answer_record(call, call.account_id)


def get_record(call: PlainCall) -> HttpResponse:
    """200: as ``get_own_record``, of anyone; 404 without a body for who manages neither them nor the course run."""
    caller = call.signed_in
    manages = call.access.may_manage if call.access else caller.is_global_staff
    if not (manages or _is_caller(caller, call.path["user"])):
        raise Hidden
    return _answer_record(call, _account_of(caller, call.path["user"]))


def _answer_record(call: PlainCall, account_id: int | None) -> HttpResponse:
    if call.access is None:
        raise unknown_course()
    seat = find_seat(call.course.id, account_id) if account_id else None
    if seat is None:
        return answer_tagged(call, None)
    return answer_tagged(call, show_record(seat, get_course_facts([seat.course_id])[seat.course_id]))


def get_course(call: PlainCall) -> HttpResponse:
    """200: the course run with its modes."""
    facts = find_course_facts(checked_course_key(call.path["course_key"]))
    if facts is None:
        raise unknown_course()
    return answer_json(show_course(facts))


def _is_caller(caller: Caller, username: str) -> bool:
    return fold(trim(username)) == fold(caller.username)


def _account_of(caller: Caller, username: str | None) -> int | None:
    if username is None or _is_caller(caller, username):
        return caller.account_id
    key = fold(trim(username))
    return account_ids_by_username([key]).get(key) if "\x00" not in key else None


def _managed(caller: Caller, seats: list[SeatRow]) -> list[SeatRow]:
    among = {seat.course_id for seat in seats}
    managed = {run.id for run in list_courses_of(caller, among=list(among), limit=len(among))}
    return [seat for seat in seats if seat.course_id in managed]
