"""Uploads of students as jobs (registrar-api: Uploads)."""

from collections.abc import Mapping
from tempfile import SpooledTemporaryFile
from typing import IO, Any, BinaryIO, cast

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParser, MultiPartParserError

from matricula.access.statuses import FEATURE_COURSE_ROLES
from matricula.batches.kinds import COURSE_STUDENTS, STUDENTS
from matricula.batches.programs import CourseStudentOptions
from matricula.batches.runs import start_batch_of_file
from matricula.batches.stored import AnyKind
from matricula.batches.values import Options
from matricula.foundation.text import whole_number
from matricula.jobs.writes import WriteUnfinished
from matricula.journal.statuses import UPLOAD
from matricula.rest import errors
from matricula.rest.contracts.registrar.jobs import job_accepted
from matricula.rest.endpoint import AnyCall, PlainCall
from matricula.rest.errors import BrokenRequest, Message
from matricula.rest.parsing import UPLOAD_DRAINED, UPLOAD_ROOM, body_problems, chunked_body
from matricula.tabular.reading import TabularError

PART = "file"
_IN_MEMORY = 1024 * 1024
_FORM = "multipart/form-data"


def upload_program_enrollments(call: PlainCall) -> HttpResponse:
    """202: a job that creates or updates program enrollments."""
    return _start(call, STUDENTS, Options())


def upload_course_enrollments(call: PlainCall) -> HttpResponse:
    """202: a job that creates or updates enrollments in the program's course runs."""
    course_roles = FEATURE_COURSE_ROLES in call.program.features
    return _start(call, COURSE_STUDENTS, CourseStudentOptions(course_staff=course_roles))


def _start(call: AnyCall, kind: AnyKind, options: Options) -> HttpResponse:
    """Errors, in this order: 415, 400 (no part), 413, 409, 400 (the file)."""
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        read_part(call.request, file)
        try:
            job_id = start_batch_of_file(
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


class _Part(FileUploadHandler):
    """Keeps the part, and reads every other file without keeping it."""

    def __init__(self, kept: IO[bytes], *, drain: bool) -> None:
        super().__init__()
        self.limit = settings.ENVIRONMENT.upload_limit
        # whole: the boundary behind it has come
        self.found = self.too_large = self.whole = False
        self._kept, self._drain, self._size, self._taking = kept, drain, 0, False

    def new_file(self, field_name: str, *_: object, **__: object) -> None:
        self._taking = field_name == PART and not self.found
        self.found |= self._taking

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:  # noqa: ARG002  Django's signature
        if not self._taking:
            return
        self._size += len(raw_data)
        if self._size > self.limit:
            self.too_large = True
            raise StopUpload(connection_reset=not self._drain)
        self._kept.write(raw_data)

    def file_complete(self, file_size: int) -> None:  # noqa: ARG002  Django's signature
        self.whole |= self._taking


def read_part(request: HttpRequest, kept: IO[bytes]) -> None:
    """Reads the uploaded file into ``kept``. Errors, in this order: 415, 400, 413."""
    if request.content_type != _FORM:
        raise BrokenRequest(
            errors.UNSUPPORTED_MEDIA_TYPE,
            Message(
                "Send the file as multipart/form-data, in a part named “%(part)s”.",
                {"part": PART},
                detail=f"got {(request.content_type or '')[:100]!r}",
            ),
        )
    longest = max(UPLOAD_DRAINED, settings.ENVIRONMENT.upload_limit + UPLOAD_ROOM)
    body = chunked_body(request, longest)
    length = whole_number(request.headers.get("Content-Length", ""), UPLOAD_DRAINED + 1)
    part = _Part(kept, drain=body is not None or (length is not None and length <= UPLOAD_DRAINED))
    # the parser reads nothing where no length is declared, and reads to the end whatever it is
    headers = request.META if body is None else {**request.META, "CONTENT_LENGTH": str(longest)}
    _parse(headers, request if body is None else body, part)
    if not part.found:
        raise BrokenRequest(
            errors.INVALID_PARAMETER,
            Message("The file is missing. Send it as multipart/form-data, in a part named “%(part)s”.", {"part": PART}),
        )
    if part.too_large:
        raise BrokenRequest(
            errors.PAYLOAD_TOO_LARGE,
            Message("The file is larger than %(limit)s bytes. Send it in parts.", {"limit": part.limit}),
        )
    if not part.whole:
        raise BrokenRequest(errors.INVALID_PARAMETER, Message("The body is incomplete. Send it again."))
    kept.seek(0)


def _parse(headers: Mapping[str, Any], body: Any, part: _Part) -> None:
    try:
        # its problems first: a body that is too large is a suspicious operation, too
        with body_problems():
            MultiPartParser(headers, body, [part], "utf-8").parse()
    except (MultiPartParserError, SuspiciousOperation) as error:
        raise BrokenRequest(
            errors.INVALID_PARAMETER, Message("The body is not valid multipart/form-data.", detail=str(error)[:200])
        ) from None
