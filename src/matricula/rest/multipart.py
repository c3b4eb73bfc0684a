"""An uploaded file in a multipart body, read as it comes (registrar-api: Uploads; record-api: Plans)."""

from collections.abc import Mapping
from typing import IO, Any, NamedTuple

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParser, MultiPartParserError

from matricula.foundation.text import whole_number
from matricula.rest import errors
from matricula.rest.errors import BrokenRequest, Message
from matricula.rest.parsing import UPLOAD_DRAINED, UPLOAD_ROOM, body_problems, chunked_body

PART = "file"
FORM = "multipart/form-data"
# of a file; more is on disk
IN_MEMORY = 1024 * 1024


class _Part(FileUploadHandler):
    """Keeps the part, and reads every other file without keeping it."""

    def __init__(self, kept: IO[bytes], limit: int, *, drain: bool) -> None:
        super().__init__()
        self.file_label: str | None = None
        self.limit = limit
        # whole: the boundary behind it has come
        self.found = self.too_large = self.whole = False
        self._kept, self._drain, self._size, self._taking = kept, drain, 0, False

    def new_file(self, field_name: str, file_name: str, *_: object, **__: object) -> None:
        self._taking = field_name == PART and not self.found
        self.found |= self._taking
        if self._taking:
            self.file_label = file_name

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


class Parts(NamedTuple):
    """What came beside a file: its name, and the other fields."""

    file_name: str | None
    fields: QueryDict


def read_part(request: HttpRequest, kept: IO[bytes], limit: int | None = None) -> Parts:
    """Reads the uploaded file into ``kept``. Errors, in this order: 415, 400, 413.

    ``limit``: the most bytes of the file; None for what the settings say.
    """
    most = settings.ENVIRONMENT.upload_limit if limit is None else limit
    if request.content_type != FORM:
        raise BrokenRequest(
            errors.UNSUPPORTED_MEDIA_TYPE,
            Message(
                "Send the file as multipart/form-data, in a part named “%(part)s”.",
                {"part": PART},
                detail=f"got {(request.content_type or '')[:100]!r}",
            ),
        )
    longest = max(UPLOAD_DRAINED, most + UPLOAD_ROOM)
    body = chunked_body(request, longest)
    length = whole_number(request.headers.get("Content-Length", ""), UPLOAD_DRAINED + 1)
    part = _Part(kept, most, drain=body is not None or (length is not None and length <= UPLOAD_DRAINED))
    # the parser reads nothing where no length is declared, and reads to the end whatever it is
    headers = request.META if body is None else {**request.META, "CONTENT_LENGTH": str(longest)}
    fields = _parse(headers, request if body is None else body, part)
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
    return Parts(part.file_label, fields)


def _parse(headers: Mapping[str, Any], body: Any, part: _Part) -> QueryDict:
    try:
        # its problems first: a body that is too large is a suspicious operation, too
        with body_problems():
            return MultiPartParser(headers, body, [part], "utf-8").parse()[0]
    except (MultiPartParserError, SuspiciousOperation) as error:
        raise BrokenRequest(
            errors.INVALID_PARAMETER, Message("The body is not valid multipart/form-data.", detail=str(error)[:200])
        ) from None
