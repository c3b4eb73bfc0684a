"""Downloads of students as jobs (registrar-api: Addresses). HEAD never starts one."""

from collections.abc import Mapping

from django.http import HttpResponse

from matricula.access.statuses import FEATURE_COURSE_ROLES, NAMES_IN_DOWNLOADS
from matricula.enrollments.program.exports import COURSE_STAFF, NAMES
from matricula.jobs import statuses
from matricula.jobs.downloads import FORMATS, start_download
from matricula.journal.statuses import API
from matricula.rest import errors
from matricula.rest.contracts.registrar.guard import find_run
from matricula.rest.contracts.registrar.jobs import job_accepted
from matricula.rest.contracts.registrar.schemas import DownloadQuery
from matricula.rest.disclosing import reason_of
from matricula.rest.endpoint import Call
from matricula.rest.errors import BrokenRequest, Message


def download_program_enrollments(call: Call[DownloadQuery, None]) -> HttpResponse:
    """202: a job that lists the students of the program."""
    return _start(call, statuses.LIST_PROGRAM_ENROLLMENTS, {NAMES: NAMES_IN_DOWNLOADS in call.program.features})


def download_all_course_enrollments(call: Call[DownloadQuery, None]) -> HttpResponse:
    """202: a job that lists the students in every course run of the program."""
    return _start(call, statuses.LIST_ALL_COURSE_RUN_ENROLLMENTS, _course_options(call))


def download_course_enrollments(call: Call[DownloadQuery, None]) -> HttpResponse:
    """202: a job that lists the students in one course run of the program."""
    course_id = find_run(call).course_id
    return _start(call, statuses.LIST_COURSE_RUN_ENROLLMENTS, _course_options(call), course_id)


def download_grades(call: Call[DownloadQuery, None]) -> HttpResponse:
    """202: a job that lists the grades of the program's students in one course run."""
    return _start(call, statuses.GET_COURSE_RUN_GRADES, {}, find_run(call).course_id)


def _course_options(call: Call[DownloadQuery, None]) -> dict[str, bool]:
    return {COURSE_STAFF: FEATURE_COURSE_ROLES in call.program.features}


def _start(
    call: Call[DownloadQuery, None], kind: str, options: Mapping[str, bool], course_id: int | None = None
) -> HttpResponse:
    """Errors: 404 for a format that there is not."""
    query = call.query
    if query.fmt not in FORMATS:
        raise BrokenRequest(
            errors.RESOURCE_NOT_FOUND,
            Message("Unknown format. Allowed: %(known)s.", {"known": ", ".join(FORMATS)}),
        )
    reason = reason_of(call, is_needed=True)
    if call.request.method == "HEAD":
        return HttpResponse(content_type="application/json")
    job_id = start_download(
        kind,
        actor_id=call.account_id,
        source=API,
        program_id=call.program.program.id,
        course_id=course_id,
        form=query.fmt,
        options=options,
        reason=reason,
    )
    return job_accepted(call, job_id)
