"""The grades of a program's students in one of its course runs (Contract 1, route 13, and a PUT of our own)."""

from collections import Counter
from functools import partial
from typing import Any

from django.http import HttpResponse

from matricula.enrollments.row_by_row import write_what_can_be
from matricula.foundation.folding import fold
from matricula.grades.rules import SAVED
from matricula.grades.writes import StudentGradeRequest, write_student_grades
from matricula.rest.endpoint import Call
from matricula.rest.errors import Message
from matricula.rest.registrar.guard import find_run
from matricula.rest.registrar.writes import answer_words, key_fault, read_array

_KINDS: tuple[tuple[str, type[Any], Message], ...] = (
    ("percent", int | float, Message("This must be a number from 0 to 1.")),  # type: ignore[arg-type]
    ("letter_grade", str, Message("This must be text.")),
    ("passed", bool, Message("This must be true or false.")),
    ("error", str, Message("This must be text.")),
)


def put_grades(call: Call) -> HttpResponse:
    """200, 207 or 422 and the map of results; a grade that is there already is replaced."""
    run = find_run(call)
    items = read_array(call, _item_faults)
    keys = [item["student_key"].strip() for item in items]
    times = Counter(map(fold, keys))
    requests = [
        StudentGradeRequest(key, *(item.get(name) for name, *_ in _KINDS), repeated=times[fold(key)] > 1)
        for key, item in zip(keys, items, strict=True)
    ]
    write = partial(write_student_grades, call.program.program, run.course_id)
    return answer_words(keys, write_what_can_be(write, requests), {SAVED})


def _item_faults(item: dict[str, Any]) -> dict[str, Message]:
    """What has the wrong type, by field; whether the values make a whole grade is told by ``invalid-grade``."""
    found = {} if (fault := key_fault(item)) is None else {"student_key": fault}
    for name, kind, message in _KINDS:
        value = item.get(name)
        # to Python true is a number
        if value is not None and (not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)):
            found[name] = message
    return found
