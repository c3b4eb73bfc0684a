"""The first page: what waits for the reader, or for learners their own page; and a search over what one may see."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from matricula.access.permissions import READ_ENROLLMENTS, READ_METADATA, WRITE_ENROLLMENTS
from matricula.access.reads import Caller, list_courses_of, list_programs_of, reach_of
from matricula.batches.kinds import CHECKS
from matricula.console.attention import list_needs
from matricula.console.charts import Bar, bar_of
from matricula.console.demo import demo_people
from matricula.console.jobs.shown import shown
from matricula.console.my import remember_work, show_own
from matricula.console.news import list_new
from matricula.console.pages import signed_in
from matricula.console.parts import is_part
from matricula.console.plans.shown import list_waiting, shown_plans
from matricula.console.recent import list_recent
from matricula.enrollments.course.rosters import list_modes
from matricula.enrollments.program.counts import StudentNumbers, list_student_numbers
from matricula.enrollments.program.outcomes import status_words
from matricula.jobs.reads import list_jobs
from matricula.jobs.statuses import ENDED, UNFINISHED

_PROGRAMS, _COURSES, _JOBS = 8, 8, 6


@require_GET
def home(request: HttpRequest) -> HttpResponseBase:
    """What this is, for those who are not signed in; what waits, for those who work; their own page, for learners."""
    if not request.user.is_authenticated:
        return render(request, "matricula/welcome.html", {"demo": demo_people()})
    return _desk(request)


@require_GET
def news(request: HttpRequest) -> HttpResponseBase:
    """The numbers beside the names of pages; a browser asks again and again until the session has ended."""
    if not is_part(request):
        return redirect("home")
    # 286 makes htmx stop: a page in which someone writes isn't left for the login
    return _news(request) if request.user.is_authenticated else HttpResponse(status=286)


@signed_in
def _news(request: HttpRequest, caller: Caller) -> HttpResponse:
    waiting = list_waiting(caller, reach_of(caller, WRITE_ENROLLMENTS))
    found = {"ended": shown(list_new(request, caller)), "waiting": shown_plans(waiting), "is_new": True}
    return render(request, "matricula/_news.html", found)


@signed_in
def _desk(request: HttpRequest, caller: Caller) -> HttpResponse:
    courses = list_courses_of(caller, limit=_COURSES + 1)
    programs = list_programs_of(caller, READ_METADATA)
    everywhere = caller.is_global_staff or caller.reads_all_jobs
    works = bool(courses or programs or everywhere)
    remember_work(request, works=works)
    if not works:
        return show_own(request, caller)
    listed = courses[:_COURSES]
    modes = list_modes([course.id for course in listed])
    mine = None if caller.reads_all_jobs else caller.account_id
    numbers = list_student_numbers([one.program.id for one in programs if READ_ENROLLMENTS in one.permissions])
    reach, writable = reach_of(caller), reach_of(caller, WRITE_ENROLLMENTS)
    desk = {
        "needs": list_needs(caller, reach, writable, programs, numbers),
        "running": shown(list_jobs(actor_id=mine, states=UNFINISHED, left_out=CHECKS, limit=_JOBS)),
        "ended": shown(list_jobs(actor_id=mine, states=ENDED, left_out=CHECKS, limit=_JOBS)),
        "recent": list_recent(caller, reach, writable),
        "programs": [(one.program, _statuses(numbers.get(one.program.id))) for one in programs[:_PROGRAMS]],
        "more_programs": len(programs) > _PROGRAMS,
        "courses": [(course, bar_of([*modes.get(course.id, {}).items()])) for course in listed],
        "more_courses": len(courses) > _COURSES,
        "is_empty": not courses and not programs,
    }
    return render(request, "matricula/home.html", desk)


def _statuses(numbers: StudentNumbers | None) -> Bar | None:
    """How the students of a program are divided, where the reader may know it."""
    return bar_of([(status_words(status), n) for status, n in numbers.by_status.items()]) if numbers else None
