"""The same people in several course runs, for programs that act as global staff."""

from collections.abc import Sequence

from django.http import HttpResponse

from matricula.catalog.reads import CourseRun, find_courses
from matricula.foundation.text import holds_nul
from matricula.foundation.transactions import one_transaction
from matricula.journal.statuses import API
from matricula.journal.writes import Operation
from matricula.rest import errors
from matricula.rest.contracts.dashboard.asked import identifiers_of, is_on
from matricula.rest.contracts.dashboard.enrolling import write_asked
from matricula.rest.contracts.dashboard.results import update_result
from matricula.rest.contracts.dashboard.schemas import BulkEnrollBody, BulkEnrollResults, UpdateResults
from matricula.rest.endpoint import PlainCall, answer_json
from matricula.rest.errors import BrokenRequest, Message, invalid_field
from matricula.rest.forms import parse_body_or_form

MOST_ENROLLMENTS = 10_000
"""People times course runs of one call."""


def bulk_enroll(call: PlainCall) -> HttpResponse:
    """200 BulkEnrollResults: all of it, or nothing."""
    body = parse_body_or_form(call.request, BulkEnrollBody)
    identifiers = identifiers_of("identifiers", body.identifiers)
    courses = _courses(body.courses)
    if len(courses) * len(identifiers) > MOST_ENROLLMENTS:
        raise BrokenRequest(
            errors.PAYLOAD_TOO_LARGE,
            Message(
                "A call can change at most %(limit)s enrollments. Send the course runs in parts.",
                {"limit": MOST_ENROLLMENTS},
            ),
        )
    only = courses[0].id if len(courses) == 1 else None
    operation = Operation(call.id, call.account_id, API, course_id=only)
    automatic = is_on(body.auto_enroll)
    with one_transaction():
        done = {course.key: write_asked(operation, course, body, identifiers) for course in courses}
    answers = {
        key: UpdateResults(body.action, automatic, [*map(update_result, outcomes)]) for key, outcomes in done.items()
    }
    return answer_json(BulkEnrollResults(body.action, automatic, is_on(body.email_students), answers))


def _courses(given: str | Sequence[str]) -> list[CourseRun]:
    """The course runs that are named, once each, in order. Errors: 400."""
    texts = [given] if isinstance(given, str) else given
    keys = [*dict.fromkeys(key for text in texts for key in text.replace(",", " ").split())]
    if not keys:
        raise invalid_field("courses", "This is required.")
    found = find_courses(keys=[key for key in keys if not holds_nul(key)])
    if missing := [key for key in keys if key not in found]:
        raise invalid_field("courses", "There is no course run with this key: %(key)s.", key=missing[0][:200])
    # in one order, so that two calls don't wait for each other crosswise
    return sorted(found.values(), key=lambda course: course.id)
