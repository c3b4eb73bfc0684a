"""Connections to an LMS: how they are, what the LMS rejected, where it differs, and what to do about it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from matricula.access.reads import Caller
from matricula.connections.reads import Connection, find_connection_by_id, list_connections
from matricula.connectors.open_edx.accepting import accept_differences
from matricula.connectors.open_edx.conditions import seconds_between_calls
from matricula.connectors.open_edx.differences import send_again
from matricula.connectors.open_edx.queue import queue_comparison, queue_grades
from matricula.connectors.open_edx.reads import (
    ConnectionStatus,
    MissingGrade,
    RejectedRow,
    RowStatus,
    export_differences,
    find_invitation_states,
    find_row_states,
    get_connection_status,
    list_connection_statuses,
    list_differences_page,
    list_missing_grades,
    list_rejected,
)
from matricula.connectors.open_edx.rows import correct_username, retry_rejected
from matricula.connectors.open_edx.statuses import RowState
from matricula.console import inputs
from matricula.console.disclosing import answer_export, stem_for
from matricula.console.downloading import ListFile, reads, with_file
from matricula.console.inputs import entry_of
from matricula.console.pages import operators
from matricula.disclosures.statuses import DisclosureKind
from matricula.disclosures.writes import Contents
from matricula.foundation.folding import fold
from matricula.journal.statuses import CONSOLE
from matricula.journal.writes import new_operation
from matricula.learners.reads import account_ids_by_username
from matricula.listings.exports import time_cell
from matricula.tabular.exports import export_rows, walk

_PAGE = 100
ROW_STATES: Mapping[RowState, Promise] = {
    RowState.WAITING: gettext_lazy("not in the LMS yet"),
    RowState.ABSENT: gettext_lazy("no account in the LMS yet"),
    RowState.REJECTED: gettext_lazy("rejected by the LMS"),
}


@dataclass(frozen=True, slots=True)
class ShownConnection:
    """A connection with its state."""

    connection: Connection
    status: ConnectionStatus

    @property
    def paused_until(self) -> datetime | None:
        """When the next call is made, if it pauses now."""
        until = self.status.condition.paused_until
        now = timezone.now()
        return datetime.fromtimestamp(until, UTC) if until is not None and until > now.timestamp() else None

    @property
    def calls_a_minute(self) -> int | None:
        """The most calls in a minute; None: as many as the LMS answers."""
        seconds = seconds_between_calls(self.connection)
        return int(60 / seconds) if seconds else None


class RowWords(NamedTuple):
    """How far the LMS is with someone, and what it says."""

    state: str
    words: str | None


def lms_states(course_id: int, account_ids: Collection[int]) -> dict[int, RowWords]:
    """Return account → how far the LMS is, for those of a course run with whom it isn't done."""
    found = find_row_states(course_id, account_ids)
    return {account_id: _in_words(row) for account_id, row in found.items()}


def lms_states_of_invited(course_id: int, emails: Collection[str]) -> dict[str, RowWords]:
    """Return address → how far the LMS is, for the invited of a course run with whom it isn't done."""
    found = find_invitation_states(course_id, emails)
    return {email: _in_words(found[fold(email)]) for email in emails if fold(email) in found}


def _in_words(row: RowStatus) -> RowWords:
    return RowWords(str(ROW_STATES[row.state]), row.words)


@require_GET
@operators
def connections(request: HttpRequest, caller: Caller) -> HttpResponse:
    """All connections."""
    statuses = list_connection_statuses()
    shown = [ShownConnection(one, statuses[one.id]) for one in list_connections()]
    return render(request, "matricula/lms.html", {"connections": shown})


_AT_ONCE = 500
MISSING = "missing"
_REJECTED = ("username", "course", "answer", "updated")
_MISSING = ("username", "course", "job_id")


def _list_file(request: HttpRequest, caller: Caller, connection_id: int) -> ListFile:
    """What the LMS rejected, or the grades that it left out."""
    one = _get(connection_id)
    missing = inputs.word(request.GET, "of") == MISSING
    content = "missing-grades" if missing else "rejected"
    contents = Contents(DisclosureKind.DIFFERENCE, filters={"lms": one.name, "list": content})
    export = export_rows(_MISSING, _missing_rows(one.id)) if missing else export_rows(_REJECTED, _rejected_rows(one.id))
    return ListFile(stem_for(one.name, content), contents, export)


def _rejected_rows(connection_id: int) -> Iterator[Sequence[object]]:
    def read(last: RejectedRow | None) -> list[RejectedRow]:
        return list_rejected(connection_id, after=last.id if last else 0, limit=_AT_ONCE)

    return ((row.username, row.course, row.words, time_cell(row.updated)) for row in walk(read))


def _missing_rows(connection_id: int) -> Iterator[Sequence[object]]:
    def read(last: MissingGrade | None) -> list[MissingGrade]:
        return list_missing_grades(connection_id, after=last.id if last else 0, limit=_AT_ONCE)

    return ((row.username, row.course, row.job_id) for row in walk(read))


@reads
@operators
@with_file(_list_file)
def connection(request: HttpRequest, caller: Caller, connection_id: int) -> HttpResponse:
    """One connection: its numbers, rejected rows, differences, grades that the LMS left out."""
    one = _get(connection_id)
    rejected = list_rejected(one.id, after=entry_of(request, "rejected") or 0, limit=_PAGE + 1)
    differences = list_differences_page(one.id, after=entry_of(request, "differences") or 0, limit=_PAGE + 1)
    missing = list_missing_grades(one.id, after=entry_of(request, "missing") or 0, limit=_PAGE + 1)
    context = {
        "shown": ShownConnection(one, get_connection_status(one.id)),
        "rejected": rejected[:_PAGE],
        "more_rejected": rejected[_PAGE - 1].id if len(rejected) > _PAGE else None,
        "differences": differences[:_PAGE],
        "more_differences": differences[_PAGE - 1].id if len(differences) > _PAGE else None,
        "missing": missing[:_PAGE],
        "more_missing": missing[_PAGE - 1].id if len(missing) > _PAGE else None,
    }
    return render(request, "matricula/lms_connection.html", context)


@require_POST
@operators
def retry(request: HttpRequest, caller: Caller, connection_id: int) -> HttpResponse:
    """Send rejected rows again: one, or all."""
    one = _get(connection_id)
    chosen = sorted(inputs.numbers(request.POST, "row"))
    count = retry_rejected(one.id, chosen)
    words = ngettext("%(n)s row will be sent again.", "%(n)s rows will be sent again.", count)
    messages.info(request, words % {"n": count})
    return redirect("lms_connection", connection_id)


@require_POST
@operators
def differences(request: HttpRequest, caller: Caller, connection_id: int) -> HttpResponse:
    """Send the record again where the LMS differs, or accept what the LMS has."""
    one = _get(connection_id)
    chosen = sorted(inputs.numbers(request.POST, "difference"))
    if not chosen:
        messages.warning(request, _("Select at least one difference."))
    elif inputs.word(request.POST, "action") == "accept":
        accepted, left = accept_differences(new_operation(caller.account_id, CONSOLE), one.id, chosen)
        words = ngettext("%(n)s difference was accepted.", "%(n)s differences were accepted.", accepted)
        messages.info(request, words % {"n": accepted})
        if left:
            words = ngettext(
                "%(n)s couldn't be accepted: there is no account here, or the course run doesn't have the mode.",
                "%(n)s couldn't be accepted: there is no account here, or the course run doesn't have the mode.",
                left,
            )
            messages.warning(request, words % {"n": left})
    else:
        count = send_again(one.id, chosen)
        words = ngettext("%(n)s row will be sent again.", "%(n)s rows will be sent again.", count)
        messages.info(request, words % {"n": count})
    return redirect("lms_connection", connection_id)


@require_http_methods(["GET", "POST"])
@operators
def differences_file(request: HttpRequest, caller: Caller, connection_id: int) -> HttpResponseBase:
    """All differences as a file."""
    one = _get(connection_id)
    contents = Contents(DisclosureKind.DIFFERENCE, filters={"lms": one.name})
    return answer_export(request, caller, export_differences(one.id), contents, stem_for(one.name, "differences"))


@require_POST
@operators
def compare(request: HttpRequest, caller: Caller, connection_id: int) -> HttpResponse:
    """Have the LMS compared with the record now."""
    one = _get(connection_id)
    if not one.push:
        raise Http404
    if queue_comparison(one.id):
        messages.info(request, _("The LMS will be compared in a moment. Reload this page to see the result."))
    else:
        messages.info(request, _("A comparison is waiting already. Reload this page to see the result."))
    return redirect("lms_connection", connection_id)


@require_POST
@operators
def grades(request: HttpRequest, caller: Caller, connection_id: int) -> HttpResponse:
    """Have grades fetched now, one job for each course run."""
    one = _get(connection_id)
    if not one.grades:
        raise Http404
    if queue_grades(one.id, caller.account_id):
        messages.info(request, _("Grades will be fetched in a moment, in one job for each course run."))
    else:
        messages.info(request, _("Grades are waiting to be fetched already."))
    return redirect("lms_connection", connection_id)


@require_POST
@operators
def username(request: HttpRequest, caller: Caller, connection_id: int) -> HttpResponse:
    """Correct the username that someone has in the LMS; their rejected rows are sent again."""
    one = _get(connection_id)
    who, name = inputs.word(request.POST, "username"), inputs.word(request.POST, "name")
    account_id = account_ids_by_username([fold(who)]).get(fold(who))
    if account_id is None:
        messages.error(request, _("There is no account with this username."))
    else:
        correct_username(one.id, account_id, name)
        messages.info(request, _("The username was saved. What was rejected is sent again."))
    return redirect("lms_connection", connection_id)


def _get(connection_id: int) -> Connection:
    one = find_connection_by_id(connection_id)
    if one is None:
        raise Http404
    return one
