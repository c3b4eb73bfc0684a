"""The roster of a course run or a program at a moment of the past: to look at, to download, to keep as a snapshot."""

from datetime import tzinfo
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_GET, require_http_methods

from matricula.access.permissions import READ_ENROLLMENTS
from matricula.access.reads import Caller, ProgramAccess
from matricula.catalog.reads import CourseRun, ProgramFacts
from matricula.console.disclosing import answer_export
from matricula.console.history.moments import Moment, clock_of, moment_of, query_of
from matricula.console.history.timelines import Timeline, timeline_of_course, timeline_of_program
from matricula.console.inputs import entry_of
from matricula.console.pages import by_replica, of_course, of_program
from matricula.disclosures.statuses import DisclosureKind
from matricula.disclosures.writes import is_reason_required
from matricula.history.moments.courses import course_roster_at, export_course_roster_at
from matricula.history.moments.programs import export_program_roster_at, program_roster_at
from matricula.history.moments.values import CourseRosterThen, ProgramRosterThen, UnknownCursor

PAGE = 50
AS_OF = "as_of"


class ElsewhereTime(NamedTuple):
    """The moment by the clocks of the institution, where the reader's show another time."""

    zone: str
    time: str


def picker(request: HttpRequest, thing: CourseRun | ProgramFacts) -> dict[str, Any]:
    """What ``_past.html`` needs: the field in which a page of today asks for a moment."""
    timeline = Timeline(thing, None)
    return {"timeline": timeline, "moment": Moment(AS_OF), "clock": clock_of(request, None)}


@require_GET
@of_course
@by_replica
def course(request: HttpRequest, caller: Caller, course: CourseRun) -> HttpResponse:
    """Who was enrolled in a course run at a moment."""
    return _roster(request, timeline_of_course(course))


@require_GET
@of_program(READ_ENROLLMENTS)
@by_replica
def program(request: HttpRequest, caller: Caller, access: ProgramAccess) -> HttpResponse:
    """Which students a program had at a moment, and their status then."""
    return _roster(request, timeline_of_program(caller, access))


def _roster(request: HttpRequest, timeline: Timeline) -> HttpResponse:
    moment = moment_of(request, AS_OF, timeline.begins)
    if moment.at and not moment.is_whole:
        # the address that one sends on says which moment it is, in whatever zone it is read
        return redirect(f"{timeline.as_of}?{query_of(moment)}")
    return show_roster(request, timeline, moment, status=400 if moment.problem else 200)


def show_roster(request: HttpRequest, timeline: Timeline, moment: Moment, *, status: int, **more: Any) -> HttpResponse:
    """The page of a moment; ``more``: what was wrong with a snapshot that was asked for on it."""
    context = {"timeline": timeline, "moment": moment, "clock": clock_of(request, timeline.begins), **more}
    if moment.at:
        context |= _then(timeline, moment, entry_of(request, "after"))
    return render(request, "matricula/as_of.html", context, status=status)


@require_http_methods(["GET", "POST"])
@of_course
@by_replica
def course_file(request: HttpRequest, caller: Caller, course: CourseRun) -> HttpResponseBase:
    """Who was enrolled in a course run at a moment, as a file."""
    return _file(request, caller, timeline_of_course(course))


@require_http_methods(["GET", "POST"])
@of_program(READ_ENROLLMENTS)
@by_replica
def program_file(request: HttpRequest, caller: Caller, access: ProgramAccess) -> HttpResponseBase:
    """Which students a program had at a moment, and their status then, as a file."""
    return _file(request, caller, timeline_of_program(caller, access))


def _file(request: HttpRequest, caller: Caller, timeline: Timeline) -> HttpResponseBase:
    moment = moment_of(request, AS_OF, timeline.begins)
    if moment.at is None:
        return show_roster(request, timeline, moment, status=400)
    if timeline.course:
        export = export_course_roster_at(timeline.course.id, moment.at, "csv")
    else:
        export = export_program_roster_at(timeline.thing.id, moment.at, "csv", names=timeline.names)
    contents = timeline.contents(DisclosureKind.ROSTER, as_of=moment.value)
    return answer_export(request, caller, export, contents, timeline.file_name("roster", moment.at))


def _then(timeline: Timeline, moment: Moment, after: int | None) -> dict[str, Any]:
    try:
        found = _read(timeline, moment, after)
    except UnknownCursor:
        found, after = _read(timeline, moment, None), None
    return {
        "count": found.count,
        "rows": found.rows,
        "after": after,
        "here": query_of(moment),
        "next": query_of(moment, after=str(found.cursor)) if found.cursor else "",
        "from_here": query_of(Moment("from", at=moment.at, zone=moment.zone)),
        "reason_required": is_reason_required(),
        "institution": _institution(moment),
    }


def _read(timeline: Timeline, moment: Moment, after: int | None) -> CourseRosterThen | ProgramRosterThen:
    if timeline.course:
        return course_roster_at(timeline.course.id, moment.at, limit=PAGE, after=after)
    return program_roster_at(timeline.thing.id, moment.at, limit=PAGE, after=after, names=timeline.names)


def _institution(moment: Moment) -> ElsewhereTime | None:
    own: tzinfo = timezone.get_default_timezone()
    if moment.at is None or moment.at.astimezone(own).utcoffset() == timezone.localtime(moment.at).utcoffset():
        return None
    return ElsewhereTime(settings.TIME_ZONE, date_format(timezone.localtime(moment.at, own), "SHORT_DATETIME_FORMAT"))
