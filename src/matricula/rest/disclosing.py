"""Files about people that the APIs give: the one place that makes such an answer, recorded for the caller.

Why a file is wanted is said in a header, since addresses are written into logs (docs/disclosures.md).
"""

from collections.abc import Callable, Generator, Iterator, Mapping

from django.http import StreamingHttpResponse

from matricula.disclosures.writes import Contents, ReasonMissing, Recipient, check_reason, disclosed
from matricula.foundation.postgresql.replicas import as_begun
from matricula.foundation.text import reason_problem
from matricula.journal.statuses import API
from matricula.rest.endpoint import AnyCall
from matricula.rest.errors import BrokenRequest, invalid_field, invalid_fields, text_message
from matricula.tabular.exports import Export

REASON_HEADER = "X-Matricula-Reason"


def answer_export(
    call: AnyCall,
    export: Export,
    contents: Contents,
    headers: Mapping[str, str],
    *,
    needs_reason: bool = True,
    through: Callable[[Generator[bytes]], Iterator[bytes]] | None = None,
    recipient: Recipient | None = None,
) -> StreamingHttpResponse:
    """200, streamed and recorded; ``through``: what the blocks go through, such as gzip. ``needs_reason`` False: it
    gives callers back what they sent. Errors: 400 without a reason, where the operator requires one.
    """
    found = recipient or recipient_of(call, needs_reason=needs_reason)
    blocks = as_begun(disclosed(export, contents, found))
    return StreamingHttpResponse(through(blocks) if through else blocks, headers=dict(headers))


def recipient_of(call: AnyCall, *, needs_reason: bool = True) -> Recipient:
    """The caller of an address that is not open, and why. Errors: 400."""
    caller = call.signed_in
    return Recipient(API, call.id, caller.account_id, caller.client_id, reason=reason_of(call, needs_reason))


def reason_of(call: AnyCall, is_needed: bool) -> str | None:
    """Why the caller wants a file. Errors: 400."""
    reason = _header(call).strip() or None
    if reason and (problem := reason_problem(reason)):
        raise invalid_fields({"reason": text_message(problem)})
    if is_needed:
        try:
            check_reason(reason)
        except ReasonMissing:
            raise missing_reason() from None
    return reason


def missing_reason() -> BrokenRequest:
    """400."""
    return invalid_field(
        "reason", "A reason is required for files about people. Send it in the header %(header)s.", header=REASON_HEADER
    )


def _header(call: AnyCall) -> str:
    """As it was sent: UTF-8, or what browsers make of letters that they can send in one byte."""
    text: str = call.request.headers.get(REASON_HEADER, "")
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text


def csv_headers(name: str) -> dict[str, str]:
    """Of a CSV file with this name, all ASCII."""
    return {"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": f'attachment; filename="{name}"'}
