"""Two moments of a course run or a program: who joined, who left, whose mode or status changed in between."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from matricula.access.permissions import READ_ENROLLMENTS
from matricula.access.reads import Caller, ProgramAccess
from matricula.catalog.reads import CourseRun
from matricula.console import inputs
from matricula.console.disclosing import answer_export
from matricula.console.history.moments import Moment, clock_of, moment_of, query_of
from matricula.console.history.timelines import Timeline, timeline_of_course, timeline_of_program
from matricula.console.inputs import entry_of
from matricula.console.pages import by_replica, of_course, of_program
from matricula.disclosures.statuses import DisclosureKind
from matricula.enrollments.program.outcomes import status_words
from matricula.history.moments.differences import (
    course_difference,
    program_difference,
    stream_course_difference,
    stream_program_difference,
)
from matricula.history.moments.values import Difference, DifferenceRow, UnknownCursor, Way
from matricula.journal.operations import Step, find_steps
from matricula.tabular.exports import export_rows

PAGE, _STEPS = 50, 3
FROM, TO, SHOW = "from", "to", "show"
_SEAT_COLUMNS = ("username", "change", "mode_before", "mode_after")
_STUDENT_COLUMNS = ("student_key", "change", "status_before", "status_after")
_WAYS: Mapping[Way, Promise] = {
    Way.JOINED: gettext_lazy("joined"),
    Way.LEFT: gettext_lazy("left"),
    Way.CHANGED: gettext_lazy("changed"),
}
_COLORS: Mapping[Way, str] = {Way.JOINED: "good", Way.LEFT: "bad", Way.CHANGED: "info"}


@dataclass(frozen=True, slots=True)
class Compared:
    """Two moments as they were asked for; ``to`` without a moment: now."""

    since: Moment
    until: Moment

    @property
    def is_clear(self) -> bool:
        """True if both are known."""
        return self.since.at is not None and not self.until.problem

    @property
    def between(self) -> tuple[datetime, datetime]:
        """The two; once they are clear."""
        now = timezone.now()
        return self.since.at or now, self.until.at or now


@dataclass(frozen=True, slots=True)
class ShownRow:
    """Someone who differs: before, after, and the latest steps from the one to the other; ``more`` come before them."""

    who: str
    account_id: int | None
    what: str
    color: str
    before: str
    after: str
    steps: Sequence[Step]
    more: int


class Number(NamedTuple):
    """How many there are of a kind, and the address of their list."""

    n: int
    words: str
    query: str
    is_shown: bool


@require_GET
@of_course
@by_replica
def course(request: HttpRequest, caller: Caller, course: CourseRun) -> HttpResponse:
    """Who joined and left a course run, and whose mode changed, between two moments."""
    return _compare(request, timeline_of_course(course))


@require_GET
@of_program(READ_ENROLLMENTS)
@by_replica
def program(request: HttpRequest, caller: Caller, access: ProgramAccess) -> HttpResponse:
    """Which students joined and left a program, and whose status changed, between two moments."""
    return _compare(request, timeline_of_program(caller, access))


@require_http_methods(["GET", "POST"])
@of_course
@by_replica
def course_file(request: HttpRequest, caller: Caller, course: CourseRun) -> HttpResponseBase:
    """The differences of a course run as a file."""
    return _file(request, caller, timeline_of_course(course))


@require_http_methods(["GET", "POST"])
@of_program(READ_ENROLLMENTS)
@by_replica
def program_file(request: HttpRequest, caller: Caller, access: ProgramAccess) -> HttpResponseBase:
    """The differences of a program as a file."""
    return _file(request, caller, timeline_of_program(caller, access))


def _file(request: HttpRequest, caller: Caller, timeline: Timeline) -> HttpResponseBase:
    compared = _compared(request, timeline)
    if not compared.is_clear:
        return _compare(request, timeline)
    since, until = compared.between
    if timeline.course:
        columns, rows = _SEAT_COLUMNS, stream_course_difference(timeline.course.id, since, until)
        state = "mode"
    else:
        columns, rows = _STUDENT_COLUMNS, stream_program_difference(timeline.thing.id, since, until)
        state = "status"
    cells = ((row.key, row.way.value, _cell(row.before, state), _cell(row.after, state)) for row in rows)
    contents = timeline.contents(DisclosureKind.DIFFERENCE, since=since.isoformat(), until=until.isoformat())
    name = timeline.file_name("comparison", since, until)
    return answer_export(request, caller, export_rows(columns, cells), contents, name)


def _cell(state: Mapping[str, Any], name: str) -> str:
    """The mode or the status; "" for those who were not enrolled, or not there."""
    return str(state.get(name) or "") if state.get("is_active", True) else ""


def _compared(request: HttpRequest, timeline: Timeline) -> Compared:
    return _in_order(*(moment_of(request, name, timeline.begins) for name in (FROM, TO)))


def _compare(request: HttpRequest, timeline: Timeline) -> HttpResponse:
    compared = _compared(request, timeline)
    asked = [moment for moment in (compared.since, compared.until) if moment.at]
    if compared.is_clear and not all(moment.is_whole for moment in asked):
        return redirect(f"{timeline.comparison}?{query_of(*asked, show=inputs.choice(request.GET, SHOW, [*Way]))}")
    context = {
        "timeline": timeline,
        "from": compared.since,
        "to": compared.until,
        "clock": clock_of(request, timeline.begins),
        "compared": compared.is_clear,
    }
    if compared.is_clear:
        context |= _differences(request, timeline, compared)
    wrong = compared.since.problem or compared.until.problem
    return render(request, "matricula/comparison.html", context, status=400 if wrong else 200)


def _in_order(since: Moment, until: Moment) -> Compared:
    if since.at and until.at and since.at > until.at:
        problem = _("This moment is before the first one. Enter a later one, or swap the two.")
        return Compared(since, replace(until, at=None, problem=problem))
    return Compared(since, until)


def _differences(request: HttpRequest, timeline: Timeline, compared: Compared) -> dict[str, Any]:
    way = inputs.choice(request.GET, SHOW, [*Way])
    after = entry_of(request, "after")
    moments = [moment for moment in (compared.since, compared.until) if moment.at]
    try:
        found = _read(timeline, compared, way, after)
    except UnknownCursor:
        found, after = _read(timeline, compared, way, None), None
    counts = [("", sum(found.counts.values())), *((one.value, found.counts[one]) for one in Way)]
    headings = _headings(timeline)
    return {
        "numbers": [Number(n, headings[kind], query_of(*moments, show=kind), kind == way) for kind, n in counts],
        "heading": headings[way],
        "rows": _shown(timeline, found.rows),
        "after": after,
        "first": query_of(*moments, show=way),
        "next": query_of(*moments, show=way, after=str(found.cursor)) if found.cursor else "",
        "here": query_of(*moments),
        "roster_from": query_of(_as_of(compared.since)),
        "roster_to": query_of(_as_of(compared.until)),
    }


def _headings(timeline: Timeline) -> Mapping[str, str]:
    """What is over the list of each way; "" for all of them."""
    changed = _("Changed mode") if timeline.course else _("Changed status")
    return {"": _("All differences"), Way.JOINED: _("Joined"), Way.LEFT: _("Left"), Way.CHANGED: changed}


def _as_of(moment: Moment) -> Moment:
    return Moment("as_of", at=moment.at, zone=moment.zone)


def _read(timeline: Timeline, compared: Compared, way: str, after: int | None) -> Difference:
    read = course_difference if timeline.course else program_difference
    return read(timeline.thing.id, *compared.between, limit=PAGE, after=after, ways=[Way(way)] if way else None)


def _shown(timeline: Timeline, rows: Sequence[DifferenceRow]) -> list[ShownRow]:
    """The rows with the operations behind them: one statement for any number of rows."""
    steps = find_steps({change for row in rows for change in row.change_ids[-_STEPS:]})
    state_words = _seat_words if timeline.course else _student_words
    shown = []
    for row in rows:
        latest = [steps[change] for change in row.change_ids[: -_STEPS - 1 : -1] if change in steps]
        account_id = latest[0].account_id if timeline.course and latest else None
        shown.append(
            ShownRow(
                row.key,
                account_id,
                str(_WAYS[row.way]),
                _COLORS[row.way],
                state_words(row.before),
                state_words(row.after),
                latest,
                len(row.change_ids) - len(latest),
            )
        )
    return shown


def _seat_words(state: Mapping[str, Any]) -> str:
    """A seat in a course run; "" where there was none."""
    if not state:
        return ""
    return f"{_('enrolled') if state['is_active'] else _('ended')} ({state['mode']})"


def _student_words(state: Mapping[str, Any]) -> str:
    """A status in a program; "" where there was none."""
    return status_words(str(state["status"])) if state.get("status") else ""
