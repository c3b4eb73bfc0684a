"""The whole roster of a course run as one file, streamed."""

import zlib
from collections.abc import Generator, Iterator
from contextlib import closing

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.http import content_disposition_header

from matricula.disclosures.statuses import DisclosureKind
from matricula.disclosures.writes import Contents
from matricula.enrollments.course.exports import export_enrollments
from matricula.rest.contracts.enrollment_v2.schemas import ExportQuery
from matricula.rest.disclosing import answer_export, recipient_of
from matricula.rest.endpoint import Call

_MEDIA = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}
# of zlib: a stream with gzip's head; the lowest level, so that no reader waits for the packing
_GZIP, _LEVEL = 31, 1


def export_roster(call: Call[ExportQuery, None]) -> HttpResponseBase:
    """200, active and ended enrollments by username; packed with gzip for clients that take it.

    Not one row is held here; a client that goes away ends the query.
    """
    query = call.query
    course = call.course.key.removeprefix("course-v1:").replace("+", "-")
    name = f"{course}-enrollments-{timezone.localdate()}.{query.format}"
    headers = {
        "Content-Type": _MEDIA[query.format],
        "Content-Disposition": content_disposition_header(True, name) or "attachment",
    }
    if takes_gzip(call.request.headers.get("Accept-Encoding", "")):
        headers["Content-Encoding"] = "gzip"
    if call.request.method == "HEAD":
        recipient_of(call)
        return HttpResponse(headers=headers)
    return answer_export(
        call,
        export_enrollments(call.course.id, query.format),
        Contents(DisclosureKind.ENROLLMENTS, course_id=call.course.id, filters={"format": query.format}),
        headers,
        through=packed if "Content-Encoding" in headers else None,
    )


def takes_gzip(accepted: str) -> bool:
    """True if the header ``Accept-Encoding`` names gzip, and not with the weight 0."""
    for coding in accepted.lower().split(","):
        name, _, weight = coding.partition(";")
        if name.strip() == "gzip":
            return not weight.replace(" ", "").rstrip("0.").endswith("q=")
    return False


def packed(blocks: Generator[bytes]) -> Iterator[bytes]:
    """The blocks as one gzip file."""
    packer = zlib.compressobj(_LEVEL, wbits=_GZIP)
    with closing(blocks):
        for block in blocks:
            if part := packer.compress(block):
                yield part
    yield packer.flush()
