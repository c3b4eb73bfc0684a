"""Files about people that pages give: the one place that makes such an answer, recorded for the reader."""

from collections.abc import Mapping
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from matricula.access.reads import Caller
from matricula.console import inputs
from matricula.console.inputs import reason_of
from matricula.disclosures.writes import Contents, Recipient, disclosed, is_reason_required
from matricula.foundation.files import content_type
from matricula.foundation.postgresql.replicas import as_begun
from matricula.foundation.request_ids import request_id
from matricula.journal.statuses import CONSOLE
from matricula.listings.exports import Listed, start_list
from matricula.tabular.exports import Export
from matricula.tabular.forms import Form, file_stem, in_form
from matricula.tabular.workbooks import MAX_ROWS

DOWNLOAD = "download"
"""In an address: the list of the page as a file, in this form."""
AT_ONCE = 10_000
"""Rows of a workbook that is made while the reader waits: a second's work. CSV of any length is sent as it is read."""


def answer_export(
    request: HttpRequest,
    caller: Caller,
    export: Export,
    contents: Contents,
    stem: str,
    *,
    needs_reason: bool = True,
    stored: Listed | None = None,
) -> HttpResponseBase:
    """The file in the form that the address asks for, streamed and recorded; or the form that asks why, where the
    operator requires that (the page then takes GET and POST). ``needs_reason`` False: it gives the readers back what
    they sent. ``stored``: how a worker writes it, where it is too long to be made into a workbook at once.
    """
    form = form_of(request) or Form.CSV
    name = stem + form.suffix
    if needs_reason and lacks_reason(request):
        return ask_for_reason(request, name)
    if form is Form.WORKBOOK:
        short = export.read_ahead(AT_ONCE)
        if short is None:
            return _too_long(request, caller, contents, name, stored)
        export = short
    headers = {"Content-Type": content_type(name), "Content-Disposition": content_disposition_header(True, name) or ""}
    blocks = as_begun(disclosed(in_form(export, form), contents, recipient_of(request, caller)))
    return StreamingHttpResponse(blocks, headers=headers)


def form_of(request: HttpRequest) -> Form | None:
    """In which form the address asks for a file; None: for the page."""
    found = inputs.choice(request.GET, DOWNLOAD, [*Form])
    return Form(found) if found else None


def stem_for(about: str, content: str) -> str:
    """The name of a file of today, without its end: days in the reader's zone."""
    return file_stem(about, content, timezone.localdate())


def _too_long(
    request: HttpRequest, caller: Caller, contents: Contents, name: str, stored: Listed | None
) -> HttpResponse:
    """The page that offers to prepare the workbook, or CSV; sent, it leads to the job."""
    if stored and request.method == "POST":
        job_id = start_list(
            stored,
            actor_id=caller.account_id,
            source=CONSOLE,
            course_id=contents.course_id,
            program_id=contents.program_id,
            reason=reason_of(request) or None,
        )
        return redirect("job", job_id=job_id)
    asked = inputs.all_but(request.GET, DOWNLOAD)
    shown = {
        "name": name,
        "limit": AT_ONCE,
        "most": MAX_ROWS,
        "address": request.get_full_path(),
        "as_csv": f"{request.path}?{urlencode({**asked, DOWNLOAD: Form.CSV.value})}",
        "may_wait": stored is not None,
    }
    return render(request, "matricula/download_too_long.html", shown)


def recipient_of(request: HttpRequest, caller: Caller) -> Recipient:
    """The reader of a page, and why, where a form says so."""
    return Recipient(CONSOLE, request_id(request.META), caller.account_id, reason=reason_of(request) or None)


def lacks_reason(request: HttpRequest) -> bool:
    """True if a reason is required, and the request gives none."""
    return is_reason_required() and not reason_of(request)


def ask_for_reason(request: HttpRequest, name: str, context: Mapping[str, object] | None = None) -> HttpResponse:
    """The form that asks why a file is wanted; it is sent to the address of the file itself."""
    is_sent = request.method == "POST"
    problem = _("Enter a reason. It is kept in the list of disclosures.") if is_sent else ""
    shown = {"name": name, "address": request.get_full_path(), "problem": problem, **(context or {})}
    return render(request, "matricula/disclosure_reason.html", shown, status=400 if is_sent else 200)
