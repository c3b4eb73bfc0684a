"""Making people beta testers, or no longer."""

from collections.abc import Sequence

from django.http import HttpResponse

from matricula.enrollments.course.testers import TesterRequest, write_beta_testers
from matricula.journal.statuses import API
from matricula.journal.writes import Operation
from matricula.rest.contracts.dashboard.asked import identifiers_of, is_on
from matricula.rest.contracts.dashboard.results import testers_result
from matricula.rest.contracts.dashboard.schemas import (
    TesterAction,
    TestersBody,
    TestersResult,
    TestersResults,
    TestersUpdateBody,
    TestersUpdateResult,
    TestersUpdateResults,
    Testing,
)
from matricula.rest.endpoint import PlainCall, answer_json
from matricula.rest.forms import parse_body_or_form


def modify_beta_testers(call: PlainCall) -> HttpResponse:
    """200 TestersResults."""
    body = parse_body_or_form(call.request, TestersBody)
    return answer_json(TestersResults(body.action, _write(call, body, identifiers_of("identifier", body.identifier))))


def bulk_beta_modify_access(call: PlainCall) -> HttpResponse:
    """200 TestersUpdateResults."""
    body = parse_body_or_form(call.request, TestersUpdateBody)
    written = _write(call, body, identifiers_of("identifiers", body.identifiers))
    results = [TestersUpdateResult(r.identifier, r.error, r.user_does_not_exist, r.is_active) for r in written]
    return answer_json(TestersUpdateResults(body.action, results))


def _write(call: PlainCall, body: Testing, identifiers: Sequence[str]) -> list[TestersResult]:
    request = TesterRequest(
        identifiers,
        granted=body.action == TesterAction.ADD,
        enroll=is_on(body.auto_enroll),
        email_student=is_on(body.email_students),
    )
    operation = Operation(call.id, call.account_id, API, course_id=call.course.id)
    return [testers_result(outcome) for outcome in write_beta_testers(operation, call.course, request)]
