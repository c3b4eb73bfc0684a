"""Uploads of students as jobs (registrar-api: Uploads)."""

from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from django.http import HttpResponse

from matricula.access.statuses import FEATURE_COURSE_ROLES
from matricula.batches.kinds import COURSE_STUDENTS, STUDENTS
from matricula.batches.planning import start_upload
from matricula.batches.programs import CourseStudentOptions
from matricula.batches.stored import AnyKind
from matricula.batches.values import Options
from matricula.jobs.writes import WriteUnfinished
from matricula.journal.statuses import UPLOAD
from matricula.rest import errors
from matricula.rest.contracts.registrar.jobs import job_accepted
from matricula.rest.endpoint import AnyCall, PlainCall
from matricula.rest.errors import BrokenRequest, Message
from matricula.rest.multipart import IN_MEMORY, read_part
from matricula.tabular.problems import TabularError


def upload_program_enrollments(call: PlainCall) -> HttpResponse:
    """202: a job that creates or updates program enrollments."""
    return _start(call, STUDENTS, Options())


def upload_course_enrollments(call: PlainCall) -> HttpResponse:
    """202: a job that creates or updates enrollments in the program's course runs."""
    course_roles = FEATURE_COURSE_ROLES in call.program.features
    return _start(call, COURSE_STUDENTS, CourseStudentOptions(course_staff=course_roles))


def _start(call: AnyCall, kind: AnyKind, options: Options) -> HttpResponse:
    """Errors, in this order: 415, 400 (no part), 413, 409, 400 (the file)."""
    with SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        read_part(call.request, file)
        try:
            job_id = start_upload(
                kind, call.program.program, cast(BinaryIO, file), options, actor_id=call.account_id, source=UPLOAD
            )
        except WriteUnfinished:
            raise BrokenRequest(
                errors.CONFLICT,
                Message("Another job is still writing enrollments of this program. Wait until it has ended."),
            ) from None
        except TabularError as error:
            raise BrokenRequest(
                errors.INVALID_PARAMETER, Message("The file was rejected. %(error)s", {"error": error.message})
            ) from None
    return job_accepted(call, job_id)
