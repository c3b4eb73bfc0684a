"""Outgoing mail: what waits, what left, what failed; how it reads; recalling and sending again."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from csp.decorators import csp_replace
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods

from matricula.access.permissions import WRITE_ENROLLMENTS
from matricula.access.permits import Permit, Permits
from matricula.access.reads import Caller, reach_of
from matricula.batches.rights import permit_about
from matricula.console import inputs
from matricula.console.disclosing import stem_for
from matricula.console.downloading import ListFile, reads, with_file
from matricula.console.inputs import reason_of
from matricula.console.listing import About, find_about
from matricula.console.mail.files import export_mails
from matricula.console.mail.shown import ShownMail, shown_mails
from matricula.console.mail.words import KIND_WORDS, STATE_WORDS, not_again
from matricula.console.pages import acting_by, signed_in
from matricula.disclosures.statuses import DisclosureKind
from matricula.disclosures.writes import Contents
from matricula.journal.operations import OperationFacts, find_operation
from matricula.journal.statuses import CONSOLE
from matricula.journal.writes import Operation, new_operation
from matricula.notices.outgoing import ListedMail, MailFilter, MailReach, find_mail, list_mails, preview_mail
from matricula.notices.recalling import MOST, Mails, find_again, parts_of, recall_mails, send_again
from matricula.notices.rules import MOST_COPIES, SENT_AGAIN, Again
from matricula.notices.statuses import MailKind, MailState

PAGE = 50
_FILTERS = ("state", "kind", "about", "since", "until", "operation")
# what is not of this service, and no script: a mail is words, and the words of others are in it
_SHOWN_ALONE = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "frame-ancestors": ["'self'"],
    "sandbox": [""],
}


def mail_reach(caller: Caller) -> MailReach:
    """Whose mails the caller sees and recalls: of course runs that the caller manages, of programs that the caller may
    write; global staff: all.
    """
    if caller.is_global_staff:
        return MailReach(None, None)
    found = reach_of(caller, WRITE_ENROLLMENTS)
    return MailReach(found.courses or (), found.programs or ())


def _asked(request: HttpRequest) -> tuple[dict[str, str], About, MailFilter]:
    """The filters of the list: as they were given, what they are about, and the rest as it is understood."""
    given = {name: inputs.word(request.GET, name) for name in _FILTERS}
    state = inputs.choice(request.GET, "state", [*MailState])
    kind = inputs.choice(request.GET, "kind", [*MailKind])
    wanted = MailFilter(
        state=MailState(state) if state else None,
        kind=MailKind(kind) if kind else None,
        operation=inputs.uuid_of(request.GET, "operation"),
        since=inputs.day_of(request.GET, "since"),
        until=inputs.day_after(request.GET, "until"),
    )
    return given, find_about(given["about"]), wanted


def _mails_file(request: HttpRequest, caller: Caller) -> ListFile:
    given, about, wanted = _asked(request)
    within = _within(mail_reach(caller), about)

    def listed(*, limit: int, before: tuple[datetime, int] | None) -> list[ShownMail]:
        return shown_mails(caller, list_mails(within, wanted, limit=limit, before=before))

    filters = {name: given[name] for name in _FILTERS if name != "about" and given[name]}
    contents = Contents(
        DisclosureKind.JOURNAL, about.course_id, about.program_id, filters={"list": "outgoing mail", **filters}
    )
    return ListFile(stem_for(about.text or "matricula", "mail"), contents, export_mails(listed))


@reads
@signed_in
@with_file(_mails_file)
def mails(request: HttpRequest, caller: Caller) -> HttpResponse:
    """The mail where the reader may look, the latest first."""
    reach = mail_reach(caller)
    given, about, wanted = _asked(request)
    last = find_mail(inputs.entry_of(request, "before") or 0, reach)
    before = (last.queued, last.id) if last else None
    found = list_mails(_within(reach, about), wanted, limit=PAGE + 1, before=before)
    kept = {name: value for name, value in given.items() if value}
    context = {
        **given,
        "about": about,
        "operation": wanted.operation,
        "mails": shown_mails(caller, found[:PAGE]),
        "older": urlencode({**kept, "before": found[PAGE - 1].id}) if len(found) > PAGE else "",
        "is_first": before is None,
        "kept": urlencode(kept),
        "states": [(one.value, STATE_WORDS[one]) for one in MailState if one is not MailState.SENDING],
        "kinds": [(one.value, words) for one, words in KIND_WORDS.items()],
        "filtered": bool(kept),
        "sees_some": reach.is_everything or bool(reach.courses or reach.programs),
    }
    return render(request, "matricula/mails.html", context)


def _within(reach: MailReach, about: About) -> MailReach:
    """What of it is about this."""
    if not about.text:
        return reach
    if about.course_id is not None and reach.covers(about.course_id, None):
        return MailReach([about.course_id], ())
    if about.program_id is not None and reach.covers(None, about.program_id):
        return MailReach((), [about.program_id])
    return MailReach((), ())


def _of(caller: Caller, mail_id: int) -> ShownMail:
    """The mail, if the reader may see it; otherwise it isn't there."""
    found = find_mail(mail_id, mail_reach(caller))
    if found is None:
        raise Http404
    [shown] = shown_mails(caller, [found])
    return shown


@require_GET
@signed_in
def mail(request: HttpRequest, caller: Caller, mail_id: int) -> HttpResponse:
    """One mail: how it reads, what became of it, and what can be done with it."""
    shown = _of(caller, mail_id)
    again = find_again(shown.facts.id)
    context = {
        "shown": shown,
        "mail": shown.facts,
        "preview": preview_mail(shown.facts, names=shown.names),
        "recall": find_operation(shown.facts.recall) if shown.facts.recall else None,
        "operation": _operation_of(shown.facts),
        "may_send": again in SENT_AGAIN,
        "is_copy_next": again is Again.COPY,
        "not_again": "" if again in SENT_AGAIN or again is Again.WAITING else not_again(again),
    }
    return render(request, "matricula/mail.html", context)


def _operation_of(mail: ListedMail) -> OperationFacts | None:
    found = find_operation(mail.operation)
    # an operation says more than this mail does where it is about several things
    return found if found and (found.course_id, found.program_id) == (mail.course_id, mail.program_id) else None


@require_GET
@xframe_options_sameorigin
@csp_replace(_SHOWN_ALONE)
@signed_in
def message(request: HttpRequest, caller: Caller, mail_id: int) -> HttpResponse:
    """The page of a mail alone, as a mail program shows it: no script runs in it, and nothing is loaded."""
    shown = _of(caller, mail_id)
    return HttpResponse(preview_mail(shown.facts, names=shown.names).html)


@require_http_methods(["GET", "POST"])
@signed_in
def recall(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Asks why mails shall be recalled; sent, recalls those that wait."""
    return _change(request, caller, "recall", _recall)


@require_http_methods(["GET", "POST"])
@signed_in
def again(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Asks why mails shall be sent again; sent, sends copies, and tries once more what failed."""
    return _change(request, caller, "again", _again)


def _change(
    request: HttpRequest, caller: Caller, what: str, act: Callable[[HttpRequest, Operation, Mails], None]
) -> HttpResponse:
    given = inputs.sent(request)
    operation = inputs.uuid_of(given, "operation")
    wanted = Mails(mail_reach(caller), sorted(inputs.numbers(given, "mail")), operation)
    parts = parts_of(wanted)
    if not parts:
        messages.error(request, _("Select at least one email."))
        return redirect("mails")
    reason, status = reason_of(request), 200
    if request.method == "POST":
        if reason:
            with acting_by(request, caller, partial(_permit, wanted.reach, parts)):
                act(request, _recorded(caller, reason, parts), wanted)
            return _back(wanted)
        messages.error(request, _("Enter a reason. It is kept in the audit log."))
        status = 400
    context = {
        "what": what,
        "wanted": wanted,
        "single": _single(caller, wanted),
        "most_copies": MOST_COPIES,
        "most_at_once": MOST,
    }
    return render(request, "matricula/mail_change.html", context, status=status)


def _single(caller: Caller, wanted: Mails) -> ShownMail | None:
    return _of(caller, wanted.ids[0]) if len(wanted.ids) == 1 and wanted.operation is None else None


def _back(wanted: Mails) -> HttpResponse:
    if wanted.operation is not None:
        return redirect(f"{reverse('mails')}?{urlencode({'operation': wanted.operation})}")
    return redirect("mail", wanted.ids[0]) if len(wanted.ids) == 1 else redirect("mails")


def _permit(reach: MailReach, parts: list[tuple[int | None, int | None]], **who: Any) -> Permit | Permits:
    if reach.is_everything:
        return Permit(**who, is_global_staff=True)
    about = [(course_id, None if course_id is not None else program_id) for course_id, program_id in parts]
    return permit_about(about, **who)


def _recorded(caller: Caller, reason: str, parts: list[tuple[int | None, int | None]]) -> Operation:
    course_id, program_id = parts[0] if len(parts) == 1 else (None, None)
    return new_operation(caller.account_id, CONSOLE, reason, course_id=course_id, program_id=program_id)


def _recall(request: HttpRequest, operation: Operation, wanted: Mails) -> None:
    done = recall_mails(operation, wanted)
    recalled = ngettext("%(n)s email was recalled.", "%(n)s emails were recalled.", done.recalled)
    messages.info(request, recalled % {"n": done.recalled})
    if done.being_sent:
        left = ngettext(
            "%(n)s email is being sent at this moment and can't be recalled.",
            "%(n)s emails are being sent at this moment and can't be recalled.",
            done.being_sent,
        )
        messages.warning(request, left % {"n": done.being_sent})


def _again(request: HttpRequest, operation: Operation, wanted: Mails) -> None:
    done: Mapping[Again, int] = send_again(operation, wanted)
    sent = sum(done.get(one, 0) for one in SENT_AGAIN)
    words = ngettext("%(n)s email is sent again.", "%(n)s emails are sent again.", sent) % {"n": sent}
    messages.info(request, words)
    for why, times in sorted(done.items()):
        if why not in SENT_AGAIN:
            left = ngettext("%(n)s email isn't sent again: %(why)s", "%(n)s emails aren't sent again: %(why)s", times)
            messages.warning(request, left % {"n": times, "why": not_again(why)})
