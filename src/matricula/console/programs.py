"""A program: its students, its numbers, its course runs, its reports and downloads, its history."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import structlog
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from matricula.access.permissions import READ_ENROLLMENTS, READ_METADATA, READ_REPORTS, WRITE_ENROLLMENTS
from matricula.access.reads import Caller, ProgramAccess, list_courses_of
from matricula.access.statuses import FEATURE_COURSE_ROLES, NAMES_IN_DOWNLOADS
from matricula.catalog.reads import ProgramRun, find_program_run, get_organization_key, list_program_runs
from matricula.console import inputs
from matricula.console.acts import history_file, show_history
from matricula.console.disclosing import ask_for_reason, lacks_reason, recipient_of, stem_for
from matricula.console.downloading import ListFile, reads, with_file
from matricula.console.filters import OF, ORDERS, students_of
from matricula.console.history.rosters import picker
from matricula.console.inputs import entry_of, page_of, reason_of
from matricula.console.pages import by_replica, of_program, show_curve
from matricula.console.paging import SIZES, Pages, size_of, sorting_of
from matricula.console.parts import show_part
from matricula.disclosures.links import links_to
from matricula.disclosures.statuses import DisclosureKind
from matricula.disclosures.writes import Contents, is_reason_required, record_file
from matricula.enrollments.program.counts import count_in_courses, count_students_by_status
from matricula.enrollments.program.exports import COURSE_STAFF, NAMES
from matricula.enrollments.program.pages import (
    BY_KEY,
    BY_NAME,
    Listed,
    StudentSort,
    count_fitting,
    get_student_page,
    walk_students,
)
from matricula.enrollments.program.students import Asked, StudentPage, find_student_key
from matricula.enrollments.statuses import ACTIVE, COURSE_STATUSES, INACTIVE, PROGRAM_STATUSES
from matricula.foundation.addresses import public_root
from matricula.foundation.files import StorageFailed, content_type, gives_out_files, open_file
from matricula.foundation.paging import Page
from matricula.history.curves import program_curve
from matricula.jobs import statuses as jobs
from matricula.jobs.downloads import FORMATS, start_download
from matricula.journal.acts import Scope
from matricula.journal.reads import HistoryEntry, list_history
from matricula.journal.statuses import CONSOLE
from matricula.listings.exports import ListedStudents, export_list
from matricula.reports.reads import count_students as count_listed
from matricula.reports.reads import linked_report, list_reports
from matricula.tabular.exports import export_rows

_log = structlog.get_logger("matricula.console")
PAGE = 50
_LATEST, _REPORTS = 8, 20


def _students_file(request: HttpRequest, caller: Caller, access: ProgramAccess) -> ListFile:
    if READ_ENROLLMENTS not in access.permissions:
        raise PermissionDenied
    given, wanted = students_of(request.GET, list_program_runs(access.program.id))
    listed = ListedStudents(wanted, names=caller.sees_names)
    chosen = ("status", "account", "course", "in")
    filters: dict[str, str] = {name: given[name] for name in chosen if name in given}
    filters |= {"searched": "yes"} if wanted.search else {}
    contents = Contents(DisclosureKind.PROGRAM_ENROLLMENTS, None, access.program.id, filters=filters)
    stem = stem_for(access.program.key, "students")
    return ListFile(stem, contents, export_list(listed, None, access.program.id), listed)


@reads
@of_program(READ_METADATA)
@by_replica
@with_file(_students_file)
def program(request: HttpRequest, caller: Caller, access: ProgramAccess) -> HttpResponse:
    """What the reader may see of a program; the table of students alone where htmx asks for it."""
    runs = list_program_runs(access.program.id)
    context: dict[str, Any] = _access(access) | {"runs": runs}
    if READ_ENROLLMENTS in access.permissions:
        context |= _table(request, access, runs, names=caller.sees_names)
        if request.headers.get("HX-Target") == "students":
            return render(request, "matricula/_students.html", {**context, "is_part": True})
        context |= {
            "latest": _latest(access.program.id, names=caller.sees_names),
            "formats": FORMATS,
            "reason_required": is_reason_required(),
            **picker(request, access.program),
        }
    if READ_REPORTS in access.permissions:
        context |= _reports(request, caller, access)
    context |= {"organization": get_organization_key(access.program.organization_id)}
    return render(request, "matricula/program.html", context)


def _reports(request: HttpRequest, caller: Caller, access: ProgramAccess) -> dict[str, Any]:
    """The latest reports with their links; where the storage fails, the page is shown without them."""
    root = public_root(request)
    try:
        found = list_reports(access.program)[:_REPORTS]
        if is_reason_required():
            links = [reverse("program_report", args=[access.program.key, report.name]) for report in found]
        else:
            linked = [linked_report(report.file, access.program.id) for report in found]
            links = links_to(linked, root, recipient_of(request, caller))
        return {"reports": [*zip(found, links, strict=True)]}
    except StorageFailed as failed:
        _log.error("storage_failed", error=str(failed))
        return {"storage_failed": True}


def _latest(program_id: int, *, names: bool) -> list[HistoryEntry]:
    return list_history(program_id=program_id, programs=[program_id], names=names, limit=_LATEST)


def _access(access: ProgramAccess) -> dict[str, Any]:
    return {
        "program": access.program,
        "may_read": READ_ENROLLMENTS in access.permissions,
        "may_write": WRITE_ENROLLMENTS in access.permissions,
        "may_read_reports": READ_REPORTS in access.permissions,
    }


def _table(request: HttpRequest, access: ProgramAccess, runs: list[ProgramRun], *, names: bool) -> dict[str, Any]:
    given, wanted = students_of(request.GET, runs)
    fitting = Asked(access.program, wanted, names=names)
    count = count_fitting(fitting)
    sorts = [sort for sort in StudentSort if names or sort not in BY_NAME]
    asked = inputs.choice(request.GET, "sort", sorts, StudentSort.KEY)
    sort = StudentSort(asked) if count.is_sortable or asked in BY_KEY else StudentSort.KEY
    size = size_of(request, PAGE)
    kept = given | ({"sort": sort.value} if sort is not StudentSort.KEY else {})
    query = urlencode(kept | ({"size": str(size)} if size != PAGE else {}))
    numbered = Pages(page_of(request), count.number, query, size, is_exact=count.is_exact, sizes=SIZES)
    pages, found = _page(request, access, Listed(fitting, sort, count), numbered)
    return {
        **{name: given.get(name, "") for name in ("q", "status", "account")},
        "wanted_course": given.get("course", ""),
        "status_there": given.get("in", ""),
        "filter": [(f"{OF}{name}", value) for name, value in given.items()],
        "students": found,
        "pages": pages,
        "orders": [(order, ORDERS[order]) for order in sorts],
        "sorting": sorting_of(sort.value, asked, given, sorts),
        "too_many_to_sort": sort != asked,
        "names": names,
        "filtered": bool(given),
        "statuses": PROGRAM_STATUSES,
        "course_statuses": COURSE_STATUSES,
    }


def _page(request: HttpRequest, access: ProgramAccess, listed: Listed, asked: Pages) -> tuple[Pages, StudentPage]:
    """The page by its number, or behind what is counted by the row at which it begins."""
    program = access.program
    # addresses name rows by their ids: a student key belongs to a person
    after, before = (find_student_key(program.id, entry_of(request, name)) for name in ("after", "before"))
    place = asked
    if (after or before) and not asked.is_exact and asked.page > asked.pages:
        found = walk_students(listed, limit=asked.size, after=after, before=before)
    else:
        place = replace(asked, page=min(asked.page, asked.pages))
        found = get_student_page(listed, Page(place.page, place.size))
    if not asked.is_exact and found.rows:
        behind = found.rows[-1].id if found.has_next else None
        place = replace(place, before=found.rows[0].id, after=behind)
    return place, found


@require_GET
@of_program(READ_ENROLLMENTS)
@by_replica
def numbers(request: HttpRequest, caller: Caller, access: ProgramAccess) -> HttpResponse:
    """How many students have which status."""
    found = count_students_by_status(access.program.id)
    context = {"program": access.program, "numbers": found, "by_status": found.by_status.items()}
    return _part(request, "matricula/_program_numbers.html", context, _("Students by status"))


_COURSES = ("course_id", "external_key", "title", "active", "inactive")


def _courses_file(request: HttpRequest, caller: Caller, access: ProgramAccess) -> ListFile:
    rows = (
        (row["run"].key, row["run"].external_key, row["run"].title, row["active"], row["inactive"])
        for row in _course_rows(caller, access)
    )
    contents = Contents(DisclosureKind.COURSE_ENROLLMENTS, None, access.program.id, filters={"list": "courses"})
    export = export_rows(_COURSES, rows, lambda: 0, numbers=_COURSES[3:])
    return ListFile(stem_for(access.program.key, "courses"), contents, export)


@reads
@of_program(READ_ENROLLMENTS)
@by_replica
@with_file(_courses_file)
def courses(request: HttpRequest, caller: Caller, access: ProgramAccess) -> HttpResponse:
    """The course runs with how many students have which status there."""
    context = {"program": access.program, "rows": _course_rows(caller, access)}
    return _part(request, "matricula/_program_courses.html", context, _("Course runs"))


def _course_rows(caller: Caller, access: ProgramAccess) -> list[dict[str, Any]]:
    runs = list_program_runs(access.program.id)
    counts = count_in_courses(access.program.id)
    managed = {run.id for run in list_courses_of(caller, among=[run.course_id for run in runs], limit=len(runs))}
    return [
        {
            "run": run,
            "active": counts.get(run.course_id, {}).get(ACTIVE, 0),
            "inactive": counts.get(run.course_id, {}).get(INACTIVE, 0),
            "is_managed": run.course_id in managed,
        }
        for run in runs
    ]


def _part(request: HttpRequest, template: str, context: dict[str, Any], title: str) -> HttpResponse:
    return show_part(request, template, context, of="program", title=title)


@require_GET
@of_program(READ_ENROLLMENTS)
@by_replica
def curve(request: HttpRequest, caller: Caller, access: ProgramAccess) -> HttpResponse:
    """How many had the status enrolled over time."""
    return show_curve(request, program_curve(access.program.id), of="program")


def _scope(caller: Caller, access: ProgramAccess) -> Scope:
    return Scope(program_id=access.program.id, programs=[access.program.id], names=caller.sees_names)


def _history_file(request: HttpRequest, caller: Caller, access: ProgramAccess) -> ListFile:
    return history_file(request, _scope(caller, access), access.program.key)


@reads
@of_program(READ_ENROLLMENTS)
@by_replica
@with_file(_history_file)
def history(request: HttpRequest, caller: Caller, access: ProgramAccess) -> HttpResponse:
    """What happened in a program, the latest first."""
    return show_history(request, caller, _scope(caller, access), {"program": access.program})


@require_http_methods(["GET", "POST"])
@of_program(READ_REPORTS)
def report(request: HttpRequest, caller: Caller, access: ProgramAccess, name: str) -> HttpResponseBase:
    """A report, where a reason is required: links to files that carry their own permission can't ask for one."""
    found = next((report for report in list_reports(access.program) if report.name == name), None)
    if found is None:
        raise Http404
    if lacks_reason(request):
        return ask_for_reason(request, name)
    linked, recipient = linked_report(found.file, access.program.id), recipient_of(request, caller)
    if gives_out_files():
        return redirect(links_to([linked], public_root(request), recipient)[0])
    opened = open_file(found.file)
    record_file(linked.contents, recipient, count_listed(found.file))
    return FileResponse(opened, as_attachment=True, filename=name, content_type=content_type(name))


@require_POST
@of_program(READ_ENROLLMENTS)
def download(request: HttpRequest, caller: Caller, access: ProgramAccess) -> HttpResponse:
    """Starts a download, and leads to its job."""
    found = _wanted_download(access, inputs.word(request.POST, "what"), inputs.word(request.POST, "course"))
    form = inputs.word(request.POST, "format")
    if found is None or form not in FORMATS:
        messages.error(request, _("Choose what to download, and its format."))
        return redirect("program", key=access.program.key)
    if lacks_reason(request):
        messages.error(request, _("Enter a reason for the download."))
        return redirect("program", key=access.program.key)
    kind, options, course_id = found
    job_id = start_download(
        kind,
        actor_id=caller.account_id,
        source=CONSOLE,
        program_id=access.program.id,
        course_id=course_id,
        form=form,
        options=options,
        reason=reason_of(request) or None,
    )
    return redirect("job", job_id=job_id)


def _wanted_download(access: ProgramAccess, what: str, course: str) -> tuple[str, dict[str, bool], int | None] | None:
    """The kind of the job, its options and its course run; None where the form asks for nothing that there is."""
    of_courses = {COURSE_STAFF: FEATURE_COURSE_ROLES in access.features}
    run = find_program_run(access.program.id, course) if course else None
    if what == "students":
        return jobs.LIST_PROGRAM_ENROLLMENTS, {NAMES: NAMES_IN_DOWNLOADS in access.features}, None
    if what == "courses" and not course:
        return jobs.LIST_ALL_COURSE_RUN_ENROLLMENTS, of_courses, None
    if what == "courses" and run:
        return jobs.LIST_COURSE_RUN_ENROLLMENTS, of_courses, run.course_id
    if what == "grades" and run:
        return jobs.GET_COURSE_RUN_GRADES, {}, run.course_id
    return None
