"""Enrolling and unenrolling one person: POST of a record, in the contract's order (enrollment-v1: Saving a record)."""

from typing import Any

from django.http import HttpResponse
from msgspec.structs import replace

from matricula.catalog.reads import CourseFacts, find_course_facts
from matricula.enrollments import statuses
from matricula.enrollments.course.rules import Requested, may_be_stored
from matricula.enrollments.course.seats import find_seat
from matricula.enrollments.course.writes import (
    EnrollmentOutcome,
    EnrollmentRequest,
    hold_course_enrollment,
    preview_course_enrollments,
    write_course_enrollments,
)
from matricula.enrollments.store.values import Seat
from matricula.enrollments.store.work import standing_text
from matricula.foundation.folding import fold
from matricula.foundation.text import reason_problem, trim
from matricula.journal.statuses import API
from matricula.journal.writes import Operation
from matricula.learners.reads import Learner, find_learner, find_learners
from matricula.rest import errors
from matricula.rest.checks import checked_course_key
from matricula.rest.contracts.v1_enrollment.errors import Hidden, ModeNotOffered
from matricula.rest.contracts.v1_enrollment.guard import not_staff
from matricula.rest.contracts.v1_enrollment.schemas import RecordBody
from matricula.rest.contracts.v1_enrollment.shown import show_course, show_record, unknown_course
from matricula.rest.endpoint import PlainCall, answer_json
from matricula.rest.errors import FITS_TWO_ACCOUNTS, BrokenRequest, Message, invalid_fields, text_message
from matricula.rest.parsing import parse_json, parse_object

# each time, someone else was faster
_TRIES = 20


def save_record(call: PlainCall) -> HttpResponse:
    """200: the enrollment as it is now; ``null`` where one was to end that never was. The first rule that applies."""
    given, key, learner = _named(call)
    asked = parse_object(given, RecordBody)
    reason = _reason(asked)
    facts = find_course_facts(key)
    seat = find_seat(facts.run.id, learner.id) if facts else None
    ends = asked.is_active is False
    if ends and seat and asked.mode not in {None, seat.mode}:
        raise _other_mode(seat.mode, asked.mode)
    if ends and seat is None:
        return answer_json(None)
    if not learner.is_active:
        raise BrokenRequest(errors.NOT_ACCEPTABLE, Message("This account isn't active."))
    if facts is None:
        raise unknown_course()
    if not ends and asked.mode is not None and asked.mode not in facts.run.modes:
        raise ModeNotOffered(show_course(facts))
    _write(call, facts, learner, asked, reason)
    seat = find_seat(facts.run.id, learner.id)
    return answer_json(seat and show_record(seat, facts))


def hold_record(call: PlainCall) -> object:
    """The record that GET shows of who and what the body names, held until the transaction ends. Errors: as POST."""
    _, key, learner = _named(call)
    facts = find_course_facts(key)
    if facts is None:
        raise unknown_course()
    hold_course_enrollment(facts.run.id, _identifier_of(learner))
    seat = find_seat(facts.run.id, learner.id)
    return seat and show_record(seat, facts)


def _named(call: PlainCall) -> tuple[dict[str, Any], str, Learner]:
    """The body, the key of the course run in it, and the person. Errors, in this order: 400, 403 or 404, 406."""
    given = parse_json(call.request)
    if not isinstance(given, dict):
        raise BrokenRequest(errors.INVALID_PARAMETER, Message("The body must be a JSON object."))
    named = given.get("course_details")
    key = checked_course_key(named.get("course_id") if isinstance(named, dict) else None)
    if not call.signed_in.is_global_staff:
        raise _not_for(call, given)
    return given, key, _find_learner(call, given)


def _identifier_of(learner: Learner) -> str:
    """A username with an @ may be the address of someone else."""
    return learner.email if "@" in learner.username else learner.username


def _write(call: PlainCall, facts: CourseFacts, learner: Learner, asked: RecordBody, reason: str | None) -> None:
    """By the one road, and only if the person still is as the rules saw it; nothing where it is so already."""
    requested = Requested(statuses.ENROLL, asked.mode)
    if asked.is_active is False:
        requested = Requested(statuses.UNENROLL)
    request = EnrollmentRequest(_identifier_of(learner), requested, reason=reason)
    operation = Operation(call.id, call.account_id, API, course_id=facts.run.id)
    for _ in range(_TRIES):
        [seen] = preview_course_enrollments(facts.run, [request])
        _check_person(seen, learner)
        if _is_so(seen.before.seat, asked):
            return
        expected = standing_text(seen.before, seen.person)
        as_seen = replace(request, expected=expected, account_id=seen.account_id)
        [done] = write_course_enrollments(operation, facts.run, [as_seen], journal_unchanged=False)
        if not done.is_stale:
            return
    raise BrokenRequest(
        errors.CONFLICT, Message("This enrollment was changed by others at the same time. Send the request again.")
    )


def _is_so(seat: Seat | None, asked: RecordBody) -> bool:
    """True where nothing is to be changed. Errors: 400 for another mode than the one to be ended."""
    if asked.is_active is False:
        if seat and asked.mode not in {None, seat.mode}:
            raise _other_mode(seat.mode, asked.mode)
        return seat is None or not seat.is_active
    return seat is not None and seat.is_active and asked.mode in {None, seat.mode}


def _check_person(seen: EnrollmentOutcome, learner: Learner) -> None:
    if seen.account_id == learner.id:
        return
    if seen.error is not None and seen.account_id is None:
        raise BrokenRequest(errors.INVALID_PARAMETER, FITS_TWO_ACCOUNTS)
    raise _no_username()


def _not_for(call: PlainCall, given: dict[str, Any]) -> BrokenRequest:
    """403 for someone who asks for themselves; for anyone else nothing is said, not even whether they are known."""
    user, email = given.get("user") or None, given.get("email") or None
    if user is not None:
        is_own = isinstance(user, str) and fold(trim(user)) == fold(call.signed_in.username)
    elif isinstance(email, str):
        own = find_learner(call.account_id)
        is_own = own is not None and fold(trim(email)) == own.email_key
    else:
        is_own = email is None
    return not_staff() if is_own else Hidden()


def _find_learner(call: PlainCall, given: dict[str, Any]) -> Learner:
    """The person named, by username or else by address, or the caller. Errors: 406; 400 for what is no text."""
    user, email = given.get("user") or None, given.get("email") or None
    if user is None and email is None:
        found = find_learner(call.account_id)
    elif isinstance(user, str):
        found = next((p for p in _fitting(user) if p.is_username), None)
    elif user is None and isinstance(email, str):
        found = next((p for p in _fitting(email) if p.is_address), None)
    else:
        found = None
        parse_object(given, RecordBody)
    if found is None:
        raise _no_username() if user is not None else _no_address()
    return found


def _fitting(identifier: str) -> list[Learner]:
    key = fold(trim(identifier))
    return find_learners([key]).get(key, []) if may_be_stored(key) else []


def _reason(asked: RecordBody) -> str | None:
    """The attributes, for the audit log."""
    attributes = asked.enrollment_attributes or []
    text = "; ".join(f"{a.namespace}.{a.name}: {a.value}" for a in attributes)
    if text and (problem := reason_problem(text)):
        raise invalid_fields({"enrollment_attributes": text_message(problem)})
    return text or None


def _other_mode(current: str, asked: str | None) -> BrokenRequest:
    return BrokenRequest(
        errors.INVALID_PARAMETER,
        Message(
            "The enrollment was not ended: its mode is “%(current)s”, not “%(asked)s”. Send its mode, or none.",
            {"current": current, "asked": asked},
        ),
    )


def _no_username() -> BrokenRequest:
    return BrokenRequest(errors.NOT_ACCEPTABLE, Message("There is no account with this username."))


def _no_address() -> BrokenRequest:
    return BrokenRequest(errors.NOT_ACCEPTABLE, Message("There is no account with this email address."))
