"""The grades of a program's students in one of its course runs (registrar-api: Jobs), and writing them."""

from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.http import HttpResponse

from matricula.enrollments.program.broken_rows import write_what_can_be
from matricula.foundation.folding import fold
from matricula.foundation.text import trim
from matricula.grades.rules import SAVED
from matricula.grades.writes import StudentGradeRequest, write_student_grades
from matricula.rest.contracts.registrar.guard import find_run
from matricula.rest.contracts.registrar.writes import answer_words, key_problem, read_array, request_operation
from matricula.rest.endpoint import PlainCall
from matricula.rest.errors import Message

_NUMBER = Message("This must be a number from 0 to 1.")
_TEXT = Message("This must be text.")
_BOOLEAN = Message("This must be true or false.")
_KINDS: Mapping[str, tuple[tuple[type, ...], Message]] = {
    # exactly these types: to Python, true is a number too
    "percent": ((int, float), _NUMBER),
    "letter_grade": ((str,), _TEXT),
    "passed": ((bool,), _BOOLEAN),
    "error": ((str,), _TEXT),
}


def put_grades(call: PlainCall) -> HttpResponse:
    """200, 207 or 422 and the map of results; a grade that is there already is replaced."""
    run = find_run(call)
    items = read_array(call, _item_problems)
    sent = [item["student_key"] for item in items]
    keys = list(map(trim, sent))
    times = Counter(map(fold, keys))
    requests = [
        StudentGradeRequest(key, repeated=times[fold(key)] > 1, **{name: item.get(name) for name in _KINDS})
        for key, item in zip(keys, items, strict=True)
    ]
    write = partial(write_student_grades, request_operation(call), call.program.program, run.course_id)
    return answer_words(sent, write_what_can_be(write, requests), {SAVED})


def _item_problems(item: dict[str, Any]) -> dict[str, Message]:
    """What has the wrong type, by field; whether the values make a whole grade is reported as ``invalid-grade``."""
    found = {} if (problem := key_problem(item)) is None else {"student_key": problem}
    for name, (kinds, message) in _KINDS.items():
        value = item.get(name)
        if value is not None and type(value) not in kinds:
            found[name] = message
    return found
