"""Writing students into programs and into their course runs (registrar-api: Writing a few students)."""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpResponse

from matricula.access.statuses import FEATURE_COURSE_ROLES
from matricula.catalog.reads import ProgramRun
from matricula.enrollments import statuses
from matricula.enrollments.program.broken_rows import write_what_can_be
from matricula.enrollments.program.rules import Verb, result_code
from matricula.enrollments.program.writes import (
    ProgramCourseRequest,
    ProgramRequest,
    write_program_course_enrollments,
    write_program_enrollments,
)
from matricula.foundation import text
from matricula.foundation.folding import fold
from matricula.foundation.text import trim
from matricula.journal.statuses import API
from matricula.journal.writes import Operation
from matricula.rest import errors
from matricula.rest.contracts.registrar.guard import find_run
from matricula.rest.endpoint import AnyCall, PlainCall, answer_json
from matricula.rest.errors import BrokenRequest, Message, text_message
from matricula.rest.parsing import parse_json


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the array, of the right shape."""

    # as it was sent, and trimmed
    sent: str
    student_key: str
    status: str
    course_staff: bool | None
    repeated: bool


def create_program_enrollments(call: PlainCall) -> HttpResponse:
    """200, 207 or 422 and the map of results; a student who is there already is a conflict."""
    return _write_program(call, Verb.CREATE)


def update_program_enrollments(call: PlainCall) -> HttpResponse:
    """200, 207 or 422 and the map of results; a student who is not there is not found."""
    return _write_program(call, Verb.UPDATE)


def create_course_enrollments(call: PlainCall) -> HttpResponse:
    """200, 207 or 422 and the map of results; a student who is there already is a conflict."""
    return _write_course(call, find_run(call), Verb.CREATE)


def update_course_enrollments(call: PlainCall) -> HttpResponse:
    """200, 207 or 422 and the map of results; a student who is not there is not found."""
    return _write_course(call, find_run(call), Verb.UPDATE)


def _write_program(call: AnyCall, verb: Verb) -> HttpResponse:
    items = _read_items(call)
    write = partial(write_program_enrollments, request_operation(call), call.program.program, verb)
    requests = [ProgramRequest(i.student_key, i.status, i.repeated) for i in items]
    return answer_words((i.sent for i in items), write_what_can_be(write, requests), statuses.PROGRAM_STATUSES)


def _write_course(call: AnyCall, run: ProgramRun, verb: Verb) -> HttpResponse:
    items = _read_items(call, with_staff=True)
    if FEATURE_COURSE_ROLES not in call.program.features and any(i.course_staff is not None for i in items):
        raise BrokenRequest(
            errors.PERMISSION_DENIED, Message("You don't have the feature course_roles, so leave out course_staff.")
        )
    write = partial(write_program_course_enrollments, request_operation(call), call.program.program, verb)
    requests = [ProgramCourseRequest(run.course_id, i.student_key, i.status, i.course_staff, i.repeated) for i in items]
    return answer_words((i.sent for i in items), write_what_can_be(write, requests), statuses.COURSE_STATUSES)


def request_operation(call: AnyCall) -> Operation:
    return Operation(call.id, call.account_id, API, program_id=call.program.program.id)


def answer_words(keys: Iterable[str], words: Iterable[str], good: Container[str]) -> HttpResponse:
    """One entry for each distinct key, exactly as it was sent first."""
    spelled: dict[str, str] = {}
    results = {spelled.setdefault(fold(trim(key)), key): word for key, word in zip(keys, words, strict=True)}
    return answer_json(results, result_code(results.values(), good))


def _read_items(call: AnyCall, *, with_staff: bool = False) -> list[Item]:
    """The items of the body. Errors: 400, 413, 415."""
    body = read_array(call, partial(_item_problems, with_staff=with_staff))
    times = Counter(fold(trim(item["student_key"])) for item in body)
    return [
        Item(
            item["student_key"],
            key := trim(item["student_key"]),
            trim(item["status"]),
            item.get("course_staff") if with_staff else None,
            times[fold(key)] > 1,
        )
        for item in body
    ]


def read_array(call: AnyCall, problems_of: Callable[[dict[str, Any]], Mapping[str, Message]]) -> list[dict[str, Any]]:
    """The objects of the body, few enough and each without problems by field. Errors: 400, 413, 415."""
    body = parse_json(call.request)
    if not isinstance(body, list):
        raise BrokenRequest(errors.INVALID_PARAMETER, Message("The body must be an array of objects."))
    limit = settings.ENVIRONMENT.student_limit
    if len(body) > limit:
        raise BrokenRequest(
            errors.PAYLOAD_TOO_LARGE,
            Message("A request can contain at most %(limit)s students. Send them in parts.", {"limit": limit}),
        )
    no_object = {"": Message("This must be a JSON object.")}
    problems = {
        f"#{number} {name}".strip(): message
        for number, item in enumerate(body, 1)
        for name, message in (problems_of(item) if isinstance(item, dict) else no_object).items()
    }
    if problems:
        raise BrokenRequest(
            errors.INVALID_PARAMETER, Message("Some items are invalid (numbered from 1)."), fields=problems
        )
    return body


def _item_problems(item: dict[str, Any], *, with_staff: bool) -> dict[str, Message]:
    """What is wrong with an item, by field."""
    found = {"student_key": key_problem(item), "status": _text_problem(item, "status")}
    if with_staff and not isinstance(item.get("course_staff"), bool | None):
        found["course_staff"] = Message("This must be true or false.")
    return {name: message for name, message in found.items() if message is not None}


def _text_problem(item: dict[str, Any], name: str) -> Message | None:
    value = item.get(name)
    if name not in item:
        return Message("This is required.")
    if not isinstance(value, str):
        return Message("This must be text.")
    return None if trim(value) else Message("This can't be blank.")


def key_problem(item: dict[str, Any]) -> Message | None:
    """What is wrong with the student key of an item."""
    if problem := _text_problem(item, "student_key"):
        return problem
    found = text.key_problem(trim(item["student_key"]))
    return text_message(found) if found else None
