"""Files of results and reports, by the signed links to them (registrar-api: Jobs; registrar-api: Reports).

The answers are for people too: a link opens in a browser tab, and what is wrong with it is said in plain text.
"""

import msgspec
import structlog
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from matricula.catalog.reads import find_program
from matricula.disclosures.links import read_holder
from matricula.disclosures.writes import record_file
from matricula.foundation import files
from matricula.jobs.downloads import job_of_file, linked_result
from matricula.jobs.reads import JobStatus
from matricula.journal.statuses import CONSOLE
from matricula.listings.names import name_of_result
from matricula.reports.names import program_of_report
from matricula.reports.reads import count_students, linked_report
from matricula.rest.disclosing import reason_of
from matricula.rest.endpoint import Call
from matricula.rest.errors import BrokenRequest
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
        holder = files.check_signature(name, query.signature)
    except files.LinkExpired:
        return _plain(
            403,
            _("This link has expired. Go back to the page that has it, reload that page, and follow the link again."),
        )
    except files.LinkRefused:
        return _plain(403, _("This link isn't valid. Copy the complete link from the job or report."))
    job, kind = job_of_file(name), files.content_type(name)
    file_name = _shown_name(call, job, name, holder)
    try:
        if call.request.method == "HEAD":
            files.file_size(name)
            disposition = content_disposition_header(True, file_name) or "attachment"
            return HttpResponse(content_type=kind, headers={"Content-Disposition": disposition})
        opened = files.open_file(name)
        _record(call, job, name, holder)
        # it is closed when it has been sent
        return FileResponse(opened, as_attachment=True, filename=file_name, content_type=kind)
    except BrokenRequest as missing:
        return _plain(400, missing.message_of("reason"))
    except files.StorageFailed as failed:
        _log.error("storage_failed", error=str(failed))
        answer = _plain(503, _("The file storage is not responding. Try again in a minute."))
        answer.headers["Retry-After"] = "60"
        return answer
    except FileNotFoundError:
        return _plain(404, _("This file has expired. Start the job again to get a new one."))


def _shown_name(call: Call[FileQuery, None], job: JobStatus | None, name: str, holder: str) -> str:
    """Pages name the files of jobs for people; links of the API keep the name of the storage."""
    of_page = read_holder(holder, call.id, None).source is CONSOLE
    return name_of_result(job) if job and of_page else name.rpartition("/")[2]


def _record(call: Call[FileQuery, None], job: JobStatus | None, name: str, holder: str) -> None:
    """What the file is, for whom its link was made. Errors: 400 without a reason, where the operator requires one."""
    if job is not None:
        linked, people = linked_result(job), linked_result(job).people
    else:
        program = find_program(program_of_report(name) or "")
        linked, people = linked_report(name, program.id if program else None), count_students(name)
    # what an upload did is given back to those who sent it
    needed = linked.reason is None and (job is None or job.only_reads)
    reason = reason_of(call, is_needed=needed) or linked.reason
    record_file(linked.contents, read_holder(holder, call.id, reason), people)


def _plain(status: int, text: str) -> HttpResponse:
    return HttpResponse(text + "\n", status=status, content_type="text/plain; charset=utf-8")
