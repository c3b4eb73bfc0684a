"""Snapshots: rosters of a moment that are kept; made, listed, verified."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from matricula.access.permissions import READ_ENROLLMENTS
from matricula.access.reads import Caller, ProgramAccess, reach_of
from matricula.batches.rights import may_read_about
from matricula.catalog.reads import CourseRun, get_courses, get_programs
from matricula.console import inputs
from matricula.console.disclosing import answer_export, lacks_reason, recipient_of, stem_for
from matricula.console.downloading import ListFile, reads, with_file
from matricula.console.history.moments import Moment, moment_of, query_of
from matricula.console.history.rosters import AS_OF, show_roster
from matricula.console.history.timelines import Timeline, timeline_of_course, timeline_of_program
from matricula.console.listing import About, Things, find_about, things_of
from matricula.console.pages import of_course, of_program, signed_in
from matricula.disclosures.statuses import DisclosureKind
from matricula.disclosures.writes import Contents
from matricula.foundation.files import StorageFailed
from matricula.history.moments.clock import InTheFuture
from matricula.history.snapshots.reads import SnapshotFacts, export_snapshot, find_snapshot, list_snapshots
from matricula.history.snapshots.verification import Verified, verify_snapshot
from matricula.history.snapshots.writes import make_snapshot
from matricula.jobs.quota import StorageFull
from matricula.journal.statuses import CONSOLE
from matricula.journal.writes import new_operation
from matricula.listings.exports import time_cell
from matricula.tabular.exports import export_rows, walk

PAGE = 50
_AT_ONCE = 500
_NAME = "name"


@dataclass(frozen=True, slots=True)
class ShownSnapshot:
    """A snapshot, and the course run or program."""

    facts: SnapshotFacts
    things: Things


def _asked(request: HttpRequest, caller: Caller) -> tuple[About, Callable[..., list[SnapshotFacts]]]:
    about, reach = find_about(inputs.word(request.GET, "about")), reach_of(caller)
    if about.is_unknown:
        return about, lambda **_: []
    return about, partial(
        list_snapshots,
        courses=reach.courses,
        programs=reach.programs,
        course_id=about.course_id,
        program_id=about.program_id,
    )


_SNAPSHOTS = ("snapshot_id", "name", "course", "program", "as_of", "people", "digest", "by", "created", "redacted")


def _snapshots_file(request: HttpRequest, caller: Caller) -> ListFile:
    about, listed = _asked(request, caller)

    def read(last: ShownSnapshot | None) -> list[ShownSnapshot]:
        return _shown(listed(limit=_AT_ONCE, before=last.facts.id if last else None))

    contents = Contents(DisclosureKind.JOURNAL, about.course_id, about.program_id, filters={"list": "snapshots"})
    # they name no one: the people are in the files of the snapshots
    export = export_rows(_SNAPSHOTS, map(_cells, walk(read)), lambda: 0, numbers=("people",))
    return ListFile(stem_for(about.text or "matricula", "snapshots"), contents, export)


def _cells(one: ShownSnapshot) -> Sequence[object]:
    facts, (course, program) = one.facts, one.things
    times = (time_cell(facts.created), time_cell(facts.redacted))
    keys = (course.key if course else "", program.key if program else "")
    return (facts.id, facts.name, *keys, time_cell(facts.as_of), facts.count, facts.digest, facts.actor, *times)


@reads
@signed_in
@with_file(_snapshots_file)
def snapshots(request: HttpRequest, caller: Caller) -> HttpResponse:
    """The snapshots that the reader may see, the latest first."""
    about, listed = _asked(request, caller)
    found = listed(limit=PAGE + 1, before=inputs.uuid_of(request.GET, "before"))
    given = {"about": about.text} if about.text else {}
    context = {
        "about": about,
        "snapshots": _shown(found[:PAGE]),
        "older": urlencode({**given, "before": found[PAGE - 1].id}) if len(found) > PAGE else "",
    }
    return render(request, "matricula/snapshots.html", context)


def _shown(found: list[SnapshotFacts]) -> list[ShownSnapshot]:
    return [ShownSnapshot(one, things) for one, things in zip(found, things_of(found), strict=True)]


@require_POST
@of_course
def of_course_run(request: HttpRequest, caller: Caller, course: CourseRun) -> HttpResponse:
    """Keeps the roster of a course run."""
    return _make(request, caller, timeline_of_course(course))


@require_POST
@of_program(READ_ENROLLMENTS)
def of_students(request: HttpRequest, caller: Caller, access: ProgramAccess) -> HttpResponse:
    """Keeps the students of a program with their status."""
    return _make(request, caller, timeline_of_program(caller, access))


def _make(request: HttpRequest, caller: Caller, timeline: Timeline) -> HttpResponse:
    moment, name = moment_of(request, AS_OF, timeline.begins, in_form=True), inputs.word(request.POST, _NAME).strip()
    if moment.at is None:
        problem = moment.problem or _("Enter a date and a time.")
        return show_roster(request, timeline, replace(moment, at=None, problem=problem), status=400)
    if not name:
        problem = _("Enter a name, such as the census that this snapshot is for.")
        return show_roster(request, timeline, moment, status=400, name_problem=problem)
    if lacks_reason(request):
        problem = _("Enter a reason. It is kept in the list of disclosures.")
        return show_roster(request, timeline, moment, status=400, name=name, reason_problem=problem)
    about: dict[str, Any] = {f"{timeline.kind}_id": timeline.thing.id}
    try:
        operation = new_operation(caller.account_id, CONSOLE, **about)
        recipient = recipient_of(request, caller)
        snapshot_id = make_snapshot(operation, **about, as_of=moment.at, name=name, recipient=recipient)
    except InTheFuture:
        problem = _("This moment is in the future. Enter a past date and time.")
        return show_roster(request, timeline, replace(moment, at=None, problem=problem), status=400)
    except StorageFull as full:
        return show_roster(request, timeline, moment, status=409, name=name, name_problem=gettext(str(full)))
    except StorageFailed:
        problem = _("The file storage is not responding. Try again in a minute.")
        return show_roster(request, timeline, moment, status=503, name=name, name_problem=problem)
    messages.info(request, _("The snapshot was created."))
    return redirect("snapshot", snapshot_id=snapshot_id)


@require_GET
@signed_in
def snapshot(request: HttpRequest, caller: Caller, snapshot_id: uuid.UUID) -> HttpResponse:
    """One snapshot: of which moment, how many people, its digest, its file."""
    return _show(request, _find(caller, snapshot_id))


@require_POST
@signed_in
def verify(request: HttpRequest, caller: Caller, snapshot_id: uuid.UUID) -> HttpResponse:
    """Reads the file of a snapshot, and compares it with what was kept of it."""
    found = _find(caller, snapshot_id)
    try:
        return _show(request, found, verified=verify_snapshot(found))
    except StorageFailed:
        return _show(request, found, status=503, storage_failed=True)


@require_http_methods(["GET", "POST"])
@signed_in
def snapshot_file(request: HttpRequest, caller: Caller, snapshot_id: uuid.UUID) -> HttpResponseBase:
    """The rows of a snapshot as a file."""
    found = _find(caller, snapshot_id)
    timeline = _timeline(found)
    try:
        export = export_snapshot(found, names=caller.sees_names)
    except FileNotFoundError:
        return _show(request, found, status=404, verified=Verified(0, "", is_right=False, is_missing=True))
    except StorageFailed:
        return _show(request, found, status=503, storage_failed=True)
    contents = timeline.contents(DisclosureKind.SNAPSHOT_ROWS, snapshot=str(found.id))
    return answer_export(request, caller, export, contents, timeline.file_name("snapshot", found.as_of))


def _find(caller: Caller, snapshot_id: uuid.UUID) -> SnapshotFacts:
    """The snapshot, if the reader may see it; otherwise it isn't there."""
    found = find_snapshot(snapshot_id)
    if found is None or not may_read_about(caller.account_id, found.course_id, found.program_id):
        raise Http404
    return found


def _timeline(found: SnapshotFacts) -> Timeline:
    if found.course_id:
        return Timeline(get_courses([found.course_id])[found.course_id], None)
    return Timeline(get_programs([found.program_id or 0])[found.program_id or 0], None)


def _show(request: HttpRequest, found: SnapshotFacts, *, status: int = 200, **more: Any) -> HttpResponse:
    timeline = _timeline(found)
    context = {
        "timeline": timeline,
        "snapshot": found,
        "roster": query_of(Moment(AS_OF, at=found.as_of)),
        "since": query_of(Moment("from", at=found.as_of)),
        **more,
    }
    return render(request, "matricula/snapshot.html", context, status=status)
