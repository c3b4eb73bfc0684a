"""Files of results and reports, by the signed links to them (registrar-api: Jobs; registrar-api: Reports).

The answers are for people too: a link opens in a browser tab, and what is wrong with it is said in plain text.
"""

import msgspec
import structlog
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from matricula.foundation import files
from matricula.rest.endpoint import Call
from matricula.rest.parsing import PlainTexts

_log = structlog.get_logger("matricula.api")


class FileQuery(PlainTexts):
    """The signature of a link."""

    signature: str = msgspec.field(default="")


def get_file(call: Call[FileQuery, None]) -> HttpResponseBase:
    """200, the file; the signature of the link is the permission."""
    query = call.query
    name = call.path["file"]
    try:
        files.check_signature(name, query.signature)
    except files.LinkExpired:
        return _plain(
            403,
            _("This link has expired. Go back to the page that has it, reload that page, and follow the link again."),
        )
    except files.LinkRefused:
        return _plain(403, _("This link isn't valid. Copy the complete link from the job or report."))
    file_name, kind = name.rpartition("/")[2], files.content_type(name)
    try:
        if call.request.method == "HEAD":
            files.file_size(name)
            disposition = content_disposition_header(True, file_name) or "attachment"
            return HttpResponse(content_type=kind, headers={"Content-Disposition": disposition})
        # it is closed when it has been sent
        return FileResponse(files.open_file(name), as_attachment=True, filename=file_name, content_type=kind)
    except files.StorageFailed as failed:
        _log.error("storage_failed", error=str(failed))
        answer = _plain(503, _("The file storage is not responding. Try again in a minute."))
        answer.headers["Retry-After"] = "60"
        return answer
    except FileNotFoundError:
        return _plain(404, _("This file has expired. Start the job again to get a new one."))


def _plain(status: int, text: str) -> HttpResponse:
    return HttpResponse(text + "\n", status=status, content_type="text/plain; charset=utf-8")
