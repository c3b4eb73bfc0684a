"""Jobs: what runs, how far it is, what came out; and the check step before a change."""

import uuid
from collections.abc import Callable, Container, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count, takewhile
from typing import Any
from urllib.parse import urlencode

import structlog
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from matricula.access.permissions import READ_METADATA
from matricula.access.reads import (
    Caller,
    CourseAccess,
    ProgramAccess,
    find_caller_by_account,
    find_program_caller_by_account,
    readable_programs,
)
from matricula.batches.kinds import CHECKS, get_kind
from matricula.batches.plans.reads import find_plan
from matricula.batches.rights import may_cancel, may_read_parts, may_see_contents, parts_of_plan
from matricula.batches.runs import find_described, list_rejected
from matricula.batches.stored import options_of
from matricula.batches.values import Described
from matricula.console import inputs
from matricula.console.disclosing import answer_export, recipient_of, stem_for
from matricula.console.downloading import ListFile, reads, with_file
from matricula.console.inputs import page_of
from matricula.console.jobs.shown import ShownJob, counts_of, keeps_rows_of, rejected_words, shown
from matricula.console.news import look, see
from matricula.console.pages import signed_in
from matricula.console.paging import pages_of
from matricula.console.parts import is_part, show_part
from matricula.disclosures.links import links_to
from matricula.disclosures.statuses import DisclosureKind
from matricula.disclosures.writes import Contents
from matricula.foundation.addresses import public_root
from matricula.foundation.files import StorageFailed
from matricula.foundation.paging import Page
from matricula.jobs import statuses
from matricula.jobs.canceling import CancelRejected, cancel_job
from matricula.jobs.downloads import linked_result
from matricula.jobs.reads import JobStatus, find_job, list_jobs
from matricula.journal.reads import HistoryEntry, list_history
from matricula.journal.statuses import CONSOLE
from matricula.journal.writes import new_operation
from matricula.listings.exports import time_cell
from matricula.listings.names import name_of_result, stem_of_job
from matricula.tabular.exports import export_rows

_log = structlog.get_logger("matricula.console")
PAGE = 50
_ROWS_SHOWN = 50
_AT_ONCE = 500
# beside the states: failed, or with rejected rows, in the last days
TROUBLED, TROUBLED_DAYS = "troubled", 7


def troubled_since() -> datetime:
    """Since when jobs that failed are before their owners' eyes."""
    return timezone.now() - timedelta(days=TROUBLED_DAYS)


def _asked(request: HttpRequest, caller: Caller) -> tuple[bool, str, Callable[..., list[JobStatus]]]:
    """Whether everyone's jobs are listed, in which state, and what lists them."""
    everybody = caller.reads_all_jobs and inputs.word(request.GET, "of") == "all"
    wanted = inputs.word(request.GET, "state")
    states = statuses.UNFINISHED if wanted == "unfinished" else (wanted,) if wanted in statuses.JOB_STATES else None
    is_troubled = wanted == TROUBLED
    listed = partial(
        list_jobs,
        actor_id=None if everybody else caller.account_id,
        states=states,
        left_out=CHECKS if is_troubled else (),
        troubled_since=troubled_since() if is_troubled else None,
    )
    return everybody, wanted, listed


_JOBS = (
    "job_id",
    "kind",
    "state",
    "started_by",
    "course",
    "program",
    "created",
    "updated",
    "done",
    "total",
    "rejected",
)


def _jobs_file(request: HttpRequest, caller: Caller) -> ListFile:
    _everybody, wanted, listed = _asked(request, caller)
    pages = (listed(offset=at, limit=_AT_ONCE) for at in count(0, _AT_ONCE))
    rows = (_cells(one) for found in takewhile(bool, pages) for one in shown(found))
    return ListFile(
        stem_for("matricula", "jobs"),
        Contents(DisclosureKind.JOURNAL, filters={"list": "jobs"} | ({"state": wanted} if wanted else {})),
        export_rows(_JOBS, rows, numbers=_JOBS[-3:]),
    )


def _cells(one: ShownJob) -> Sequence[object]:
    job = one.job
    return (
        job.id,
        job.kind,
        job.state.value,
        one.actor,
        one.course.key if one.course else "",
        one.program.key if one.program else "",
        time_cell(job.created),
        time_cell(job.updated),
        job.done,
        job.total,
        one.refused,
    )


@reads
@signed_in
@with_file(_jobs_file)
def jobs(request: HttpRequest, caller: Caller) -> HttpResponse:
    """The reader's own jobs; everyone's for those who may see them."""
    everybody, wanted, listed_by = _asked(request, caller)
    page = page_of(request)
    look(request)
    found = listed_by(offset=Page(page, PAGE).offset, limit=PAGE + 1)
    listed = {
        "jobs": shown(found[:PAGE]),
        "more": len(found) > PAGE,
        "page": page,
        "everybody": everybody,
        "state": wanted,
        "states": statuses.JOB_STATES,
        "may_read_all": caller.reads_all_jobs,
        "troubled_days": TROUBLED_DAYS,
        "filtered": bool(wanted),
    }
    return render(request, "matricula/jobs.html", listed)


def _of(caller: Caller, job_id: uuid.UUID) -> JobStatus:
    """The job, if it is the caller's or the caller may see all."""
    job = find_job(job_id)
    if job is None:
        raise Http404
    if job.actor_id != caller.account_id and not caller.reads_all_jobs:
        raise PermissionDenied
    return job


_ROWS = ("row", "who", "before", "after", "outcome", "rejected_because")


def _rows_file(request: HttpRequest, caller: Caller, job_id: uuid.UUID) -> ListFile:
    found = _of(caller, job_id)
    if not may_see_contents(caller.account_id, found):
        raise PermissionDenied
    if not keeps_rows_of(found) or found.state in statuses.UNFINISHED:
        raise Http404
    word = inputs.word(request.GET, "word")
    words = {word} if word else None
    pages = (find_described(found, words, at, _AT_ONCE) for at in count(0, _AT_ONCE))
    rows = (
        (one.number, one.who, one.before, one.after, one.word, one.rejection)
        for described in takewhile(bool, pages)
        for one in described
    )
    filters = {"list": "rows of a job"} | ({"outcome": word} if word else {})
    contents = Contents(DisclosureKind.JOB_RESULT, found.course_id, found.program_id, found.id, filters=filters)
    return ListFile(stem_of_job(found, "rows"), contents, export_rows(_ROWS, rows, numbers=_ROWS[:1]))


@reads
@signed_in
@with_file(_rows_file)
def job(request: HttpRequest, caller: Caller, job_id: uuid.UUID) -> HttpResponse:
    """One job: progress, what came out or would, and why not."""
    found = _of(caller, job_id)
    is_check = found.kind in CHECKS
    if is_check and _has_plan(caller, found):
        return redirect("plan", plan_id=found.id)
    context = _context(request, found, caller)
    rights = _rights(caller, context["shown"])
    context |= {
        "is_check": is_check,
        "may_open": _may_open(rights),
        "may_cancel": found.state in statuses.UNFINISHED and may_cancel(caller.account_id, found),
        "canceled": list_history(job_id=found.id, programs=None, limit=1) if found.state == statuses.CANCELED else [],
    }
    if found.state not in statuses.UNFINISHED:
        see(request, found.id)
        context["counts"] = counts_of(found)
    if found.state not in statuses.UNFINISHED and context["may_see_contents"]:
        word = inputs.word(request.GET, "word")
        rejected = rejected_words(found)
        count = found.counts.get(word, 0) if word else found.done
        pages = pages_of(page_of(request), count, urlencode({"word": word}), _ROWS_SHOWN)
        context |= {
            "rows": _rows(found, {word} if word else None, pages.offset),
            "pages": pages,
            "refused_rows": _rows(found, rejected, 0) if context["shown"].refused else [],
            "word": word,
            "history": [] if is_check else _history(caller, found),
        }
    return render(request, "matricula/job.html", context)


def _has_plan(caller: Caller, check: JobStatus) -> bool:
    """True if there is a plan that the reader may see; who lost that right keeps the job, without its rows."""
    plan = find_plan(check.id)
    return plan is not None and may_read_parts(caller.account_id, parts_of_plan(plan))


def _history(caller: Caller, job: JobStatus) -> list[HistoryEntry]:
    programs, names = readable_programs(caller), caller.sees_names
    if not names and job.course_id and not job.program_id:
        # people by name, as the reader gave them, and so none of their keys
        programs, names = [], True
    return list_history(operation=job.id, programs=programs, names=names, limit=_ROWS_SHOWN)


def _rows(job: JobStatus, words: Container[str] | None, offset: int) -> list[Described]:
    return find_described(job, words, offset, _ROWS_SHOWN) if keeps_rows_of(job) else []


@require_GET
@signed_in
def progress(request: HttpRequest, caller: Caller, job_id: uuid.UUID) -> HttpResponse:
    """How far a job is; once it has ended, the page is loaded again."""
    found = _of(caller, job_id)
    context = _context(request, found, caller)
    answer = show_part(request, "matricula/_progress.html", context, of="job", title=_("Progress"))
    if found.state not in statuses.UNFINISHED and is_part(request):
        answer["HX-Refresh"] = "true"
    return answer


def _context(request: HttpRequest, found: JobStatus, caller: Caller) -> dict[str, Any]:
    root, visible = public_root(request), may_see_contents(caller.account_id, found)
    error = gettext(found.error) if found.error else ""
    result = None
    try:
        if found.result and visible:
            linked = replace(linked_result(found), shown=name_of_result(found))
            [result] = links_to([linked], root, recipient_of(request, caller))
    except StorageFailed as failed:
        _log.error("storage_failed", error=str(failed))
        error = _("The file storage is not responding. Try again in a minute.")
    return {
        "shown": shown([found])[0],
        "job": found,
        "result": result,
        "error": error,
        "may_see_contents": visible,
    }


@require_GET
@signed_in
def refused(request: HttpRequest, caller: Caller, job_id: uuid.UUID) -> HttpResponseBase:
    """The rows that were not applied, as a file to correct and send again."""
    found = _of(caller, job_id)
    if not may_see_contents(caller.account_id, found):
        raise PermissionDenied
    return rejected_file(request, caller, found)


def rejected_file(request: HttpRequest, caller: Caller, found: JobStatus) -> HttpResponseBase:
    """The rejected rows of a job as a file; 404 for a job without rows."""
    if not keeps_rows_of(found):
        raise Http404
    kind = get_kind(found)
    columns = kind.columns(options_of(found, kind))
    rows = ([*row.cells[: len(columns)], row.rejection] for row in list_rejected(found))
    return answer_export(
        request,
        caller,
        export_rows((*columns, "rejected_because"), rows),
        Contents(DisclosureKind.REJECTED_ROWS, found.course_id, found.program_id, found.id),
        stem_of_job(found, "rejected"),
        needs_reason=False,
    )


@require_POST
@signed_in
def cancel(request: HttpRequest, caller: Caller, job_id: uuid.UUID) -> HttpResponse:
    """Ends a job: rows that it has written stay."""
    found = _of(caller, job_id)
    operation = new_operation(caller.account_id, CONSOLE)
    try:
        canceled = cancel_job(found.id, operation, may=partial(may_cancel, caller.account_id))
    except CancelRejected:
        raise PermissionDenied from None
    if canceled:
        messages.info(request, _("The job was canceled. Changes made before that were kept."))
    else:
        messages.warning(request, _("This job has already ended."))
    return redirect("job", job_id=found.id)


def _rights(caller: Caller, about: ShownJob) -> CourseAccess | ProgramAccess | None:
    """What the caller may do now with the course run or program of a job: rights may have changed since."""
    if about.course:
        course = find_caller_by_account(caller.account_id, about.course.key)
        return course[1] if course else None
    program = find_program_caller_by_account(caller.account_id, about.program.key) if about.program else None
    return program[1] if program else None


def _may_open(rights: CourseAccess | ProgramAccess | None) -> bool:
    """True if the course run or program of a job is the reader's to see; who reads all jobs may lack that right."""
    if isinstance(rights, CourseAccess):
        return rights.may_manage
    return rights is not None and READ_METADATA in rights.permissions
