"""Students, uploads, downloads and what came of them, for the tests of programs as jobs."""

import io
import uuid

from matricula.enrollments.program.rules import Verb
from matricula.enrollments.program.writes import (
    ProgramCourseRequest,
    ProgramRequest,
    write_program_course_enrollments,
    write_program_enrollments,
)
from matricula.foundation.files import open_file
from matricula.identity.linking import link_student_keys
from matricula.jobs.downloads import start_download
from matricula.jobs.reads import JobStatus, get_job
from matricula.journal.writes import new_operation
from matricula.models import (
    Account,
    ProgramEnrollment,
)
from matricula.worker.tasks import carry_out
from tests.batches import start_course_upload, start_program_upload
from tests.university import OWN, facts


def enroll(*keys: str, status: str = "enrolled") -> None:
    requests = [ProgramRequest(key, status) for key in keys]
    write_program_enrollments(new_operation(None, "api"), facts(), Verb.CREATE, requests)


def study(course_id: int, *keys: str, staff: bool | None = None) -> None:
    requests = [ProgramCourseRequest(course_id, key, "active", staff) for key in keys]
    write_program_course_enrollments(new_operation(None, "api"), facts(), Verb.CREATE, requests)


def link(key: str, account: Account) -> None:
    link_student_keys(new_operation(None, "api"), facts().organization_id, [(key, account.pk)])


def upload(text: str | bytes, program: str = OWN) -> uuid.UUID:
    stream = io.BytesIO(text.encode() if isinstance(text, str) else text)
    return start_program_upload(stream, facts(program), actor_id=None)


def upload_courses(text: str, *, course_roles: bool = False) -> uuid.UUID:
    stream = io.BytesIO(text.encode())
    return start_course_upload(stream, facts(), course_roles=course_roles)


def finished(job_id: uuid.UUID) -> tuple[JobStatus, bytes]:
    assert carry_out(get_job(job_id))
    return result_of(job_id)


def result_of(job_id: uuid.UUID) -> tuple[JobStatus, bytes]:
    job = get_job(job_id)
    assert job.state == "completed", job
    assert job.result is not None
    with open_file(job.result) as file:
        return job, file.read()


def download(kind: str, form: str = "csv", course_id: int | None = None, **options: bool) -> bytes:
    job_id = start_download(
        kind, actor_id=None, source="api", program_id=facts().id, course_id=course_id, form=form, options=options
    )
    job, found = finished(job_id)
    assert job.text is None
    assert job.result == f"jobs/{job_id}.{form}"
    return found


def stored() -> list[tuple[str, str]]:
    return list(ProgramEnrollment.objects.order_by("student_key_folded").values_list("student_key", "status"))
