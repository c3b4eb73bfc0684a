"""Files about people that pages give: the one place that makes such an answer, recorded for the reader."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from matricula.access.reads import Caller
from matricula.console.inputs import reason_of
from matricula.disclosures.writes import Contents, Recipient, disclosed, is_reason_required
from matricula.foundation.postgresql.replicas import as_begun
from matricula.foundation.request_ids import request_id
from matricula.journal.statuses import CONSOLE
from matricula.tabular.exports import Export

CSV = "text/csv; charset=utf-8"


def answer_export(
    request: HttpRequest,
    caller: Caller,
    export: Export,
    contents: Contents,
    name: str,
    *,
    media: str = CSV,
    needs_reason: bool = True,
) -> HttpResponseBase:
    """The file, streamed and recorded; or the form that asks why, where the operator requires that (the page then takes
    GET and POST). ``needs_reason`` False: it gives the readers back what they sent.
    """
    if needs_reason and lacks_reason(request):
        return ask_for_reason(request, name)
    headers = {"Content-Type": media, "Content-Disposition": content_disposition_header(True, name) or "attachment"}
    blocks = as_begun(disclosed(export, contents, recipient_of(request, caller)))
    return StreamingHttpResponse(blocks, headers=headers)


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
