"""Background tasks: how far they are, and all their results (enrollment-api: Tasks)."""

import uuid
from collections.abc import Generator, Iterator
from functools import partial
from itertools import islice
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext
from msgspec import UNSET, UnsetType

from matricula.batches.kinds import COURSE_ENROLLMENTS
from matricula.batches.stored import list_outcomes, options_of
from matricula.catalog.reads import find_course
from matricula.disclosures.links import holder_of, read_holder
from matricula.disclosures.statuses import DisclosureKind
from matricula.disclosures.writes import Contents, Recipient
from matricula.enrollments.course.outcomes import ERROR, summary
from matricula.foundation.database import Tally
from matricula.jobs import statuses
from matricula.jobs.reads import JobStatus, find_job
from matricula.journal.statuses import API
from matricula.rest import errors
from matricula.rest.contracts.enrollment_v2.guard import course_url
from matricula.rest.contracts.enrollment_v2.outcomes import to_result
from matricula.rest.contracts.enrollment_v2.schemas import (
    EnrollmentResult,
    ResultsQuery,
    TaskError,
    TaskProgress,
    TaskResult,
    TaskState,
    TaskStatus,
)
from matricula.rest.disclosing import answer_export, reason_of
from matricula.rest.endpoint import AnyCall, Call, PlainCall, answer_json, encode, seconds
from matricula.rest.errors import BrokenRequest, Message, invalid_field
from matricula.tabular.exports import Export, counted, export_rows

RESULTS_SHOWN = 1_000
RESULT_COLUMNS = (
    "identifier",
    "enrolled_before",
    "allowed_before",
    "mode_before",
    "enrolled_after",
    "allowed_after",
    "mode_after",
    "error",
)
_signer = signing.TimestampSigner(salt="matricula.task-results")


def get_task(call: PlainCall) -> HttpResponse:
    """200 TaskStatus; a failed task is 200 too."""
    job = _find_task(call.path["task_id"], call.course.id)
    return answer_json(
        TaskStatus(
            task_id=str(job.id),
            state=TaskState.FAILED if job.state == statuses.CANCELED else TaskState(job.state),
            progress=TaskProgress(job.done, job.total),
            created_at=seconds(job.created),
            updated_at=seconds(job.updated),
            result=_result(call, job) if job.state in {statuses.COMPLETED, statuses.CANCELED} else UNSET,
            error=_error(job),
        )
    )


def _error(job: JobStatus) -> TaskError | UnsetType:
    if job.state == statuses.FAILED:
        return TaskError(errors.INTERNAL_ERROR, gettext(job.error or ""))
    if job.state == statuses.CANCELED:
        text = gettext("This task was canceled. Changes made before that were kept; the result lists them.")
        return TaskError(errors.CANCELED, text)
    return UNSET


def get_results(call: Call[ResultsQuery, None]) -> HttpResponseBase:
    """200, every result, streamed; the link's signature is the permission."""
    query = call.query
    task_id = call.path["task_id"]
    try:
        signed, _, holder = _signer.unsign(query.signature, max_age=settings.ENVIRONMENT.result_link_seconds).partition(
            "~"
        )
    except signing.SignatureExpired:
        raise BrokenRequest(
            errors.PERMISSION_DENIED, Message("This link has expired. Get the task again for a new link.")
        ) from None
    except signing.BadSignature:
        signed = holder = ""
    if signed != task_id:
        raise BrokenRequest(
            errors.PERMISSION_DENIED,
            Message("This link isn't valid. Use the results_url of the task exactly as it is."),
        )
    course = find_course(call.path["course_key"])
    job = _find_task(task_id, course.id if course else -1)
    results = _results(job, translation.get_language())
    if query.format == "csv":
        export = export_rows(RESULT_COLUMNS, map(_cells, results))
        headers = {
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": f'attachment; filename="{job.id}.csv"',
        }
    else:
        export = Export(partial(_json_lines, job, results))
        headers = {"Content-Type": "application/json"}
    reason = reason_of(call, is_needed=False) or job.options.get("reason")
    return answer_export(
        call,
        export,
        Contents(DisclosureKind.TASK_RESULTS, job.course_id, job_id=job.id, filters={"format": query.format}),
        headers,
        recipient=read_holder(holder, call.id, reason),
    )


def _find_task(task_id: str, course_id: int) -> JobStatus:
    try:
        parsed = uuid.UUID(task_id)
        if str(parsed) != task_id.lower():
            raise ValueError(task_id)
    except ValueError:
        raise invalid_field("task_id", "task_id must be the UUID from the 202 response.") from None
    job = find_job(parsed, course_id=course_id)
    if job is None or job.kind != COURSE_ENROLLMENTS.job:
        raise BrokenRequest(errors.RESOURCE_NOT_FOUND, Message("This course run has no task with this ID."))
    return job


def _result(call: AnyCall, job: JobStatus) -> TaskResult:
    holder = holder_of(Recipient(API, call.id, call.account_id, call.signed_in.client_id))
    signature = _signer.sign(f"{job.id}~{holder}")
    return TaskResult(
        success=not job.counts.get(ERROR),
        message=summary(job.counts),
        results=list(islice(_results(job, translation.get_language()), RESULTS_SHOWN)),
        results_url=f"{course_url(call)}/tasks/{job.id}/results?signature={signature}",
    )


def _results(job: JobStatus, language: str | None) -> Iterator[EnrollmentResult]:
    """All results; the answer is streamed after the call has ended, so the language is taken along."""
    for row, outcome in list_outcomes(job, COURSE_ENROLLMENTS):
        with translation.override(language):
            yield to_result(row.identifier, outcome)


def _json_lines(job: JobStatus, results: Iterator[EnrollmentResult], tally: Tally) -> Generator[bytes]:
    yield b'{"action":' + encode(options_of(job, COURSE_ENROLLMENTS).action) + b',"results":['
    comma = b""
    while batch := list(islice(counted(results, tally), RESULTS_SHOWN)):
        yield comma + encode(batch)[1:-1]
        comma = b","
    yield b"]}"


def _cells(result: EnrollmentResult) -> list[Any]:
    return [
        result.identifier,
        result.before.enrolled,
        result.before.allowed,
        result.before.mode or None,
        result.after.enrolled,
        result.after.allowed,
        result.after.mode or None,
        result.error or None,
    ]
