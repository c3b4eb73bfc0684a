"""Enrolling, unenrolling and changing people of a course run: asked for here, looked at as a check, then applied.

Every form ends in a check (``enrollments.roster_changes``), whose page shows what would happen before it does.
"""

from functools import partial
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from msgspec.structs import replace

from matricula.access.grants import CourseRoleRequest, write_grants
from matricula.access.reads import Caller
from matricula.access.statuses import CourseRole
from matricula.batches.courses import CourseOptions, CourseRow
from matricula.batches.given import listed_rows
from matricula.batches.kinds import ROSTER
from matricula.batches.planning import EmptyPlan, make_plan
from matricula.batches.runs import given_rows, rows_of_file
from matricula.batches.selecting import make_plan_of_selected
from matricula.catalog.reads import CourseRun
from matricula.console import inputs
from matricula.console.disclosing import form_of
from matricula.console.files import size_problem, table_problem
from matricula.console.filters import INVITED, OF, learners_of
from matricula.console.inputs import reason_of
from matricula.console.pages import of_course, takes_file
from matricula.console.samples import answer_people
from matricula.enrollments.course.invitations import select_invitations
from matricula.enrollments.course.reads import find_enrollment_of
from matricula.enrollments.course.recipients import split_identifiers
from matricula.enrollments.course.rosters import select_learners
from matricula.enrollments.statuses import ENROLL, UNENROLL
from matricula.journal.statuses import CONSOLE
from matricula.journal.writes import new_operation
from matricula.learners.reads import Learner, find_learner
from matricula.tabular.office import office_file
from matricula.tabular.problems import TabularError

ACTIONS = (ENROLL, UNENROLL)


@require_http_methods(["GET", "POST"])
@of_course
@takes_file
def enroll(request: HttpRequest, caller: Caller, course: CourseRun) -> HttpResponse:
    """The form for a list or a file of people; sent, it leads to the check. A sample of a file, where the address asks
    for it.
    """
    form = form_of(request)
    if form and request.method == "GET":
        return answer_people(course, form)
    given: dict[str, Any] = {
        "who": "",
        "action": inputs.choice(request.GET, "action", ACTIONS, ENROLL),
        "mode": "",
        "auto_enroll": True,
    }
    problem = ""
    if request.method == "POST":
        options, problem = _options(request, course)
        given = {
            "who": "\n".join(inputs.lines(request.POST, "who")),
            "action": options.action,
            "mode": options.mode or "",
        }
        given["auto_enroll"] = options.auto_enroll
        if not problem:
            started = _start(request, caller, course, options)
            if not isinstance(started, str):
                return started
            problem = started
    context = {"course": course, "problem": problem, **given}
    return render(request, "matricula/enroll.html", context, status=400 if problem else 200)


def _options(request: HttpRequest, course: CourseRun) -> tuple[CourseOptions, str]:
    """What the form says for all, and what is wrong with it."""
    action, mode = inputs.word(request.POST, "action", ENROLL), inputs.word(request.POST, "mode") or None
    options = CourseOptions(action=action, mode=mode, auto_enroll=inputs.is_given(request.POST, "auto_enroll"))
    if action not in ACTIONS:
        return CourseOptions(), _("The action must be enroll or unenroll.")
    if mode is not None and mode not in course.modes:
        return CourseOptions(action=action), _("This course run doesn't have this mode.")
    return options, ""


def _start(request: HttpRequest, caller: Caller, course: CourseRun, options: CourseOptions) -> HttpResponse | str:
    """The page of the check, or why there is none."""
    file = inputs.file(request)
    who = split_identifiers(inputs.lines(request.POST, "who"))
    if file and who:
        return _("Give either a list or a file, not both.")
    if file and (problem := size_problem(file)):
        return problem
    if file is None and not who:
        return _("Enter at least one email address, username or student key, or choose a file.")
    if len(who) > settings.ENVIRONMENT.identifier_limit:
        return _("The list has more than %(limit)s people. Send it as a file.") % {
            "limit": settings.ENVIRONMENT.identifier_limit
        }
    try:
        if file:
            with office_file(cast(Any, file)) as table:
                given = rows_of_file(ROSTER, course, table, replace(options, file=file.name))
                check = make_plan(ROSTER, course, given, actor_id=caller.account_id, source=CONSOLE)
        else:
            given = given_rows(listed_rows(course, who), options)
            check = make_plan(ROSTER, course, given, actor_id=caller.account_id, source=CONSOLE)
    except TabularError as error:
        return table_problem(error)
    return redirect("plan", plan_id=check)


@require_POST
@of_course
def change(request: HttpRequest, caller: Caller, course: CourseRun) -> HttpResponse:
    """Rows chosen in the roster, or one person: the check of what would happen to them."""
    options, problem = _options(request, course)
    is_all = inputs.is_given(request.POST, "all")
    started = problem or (_start_all if is_all else _start)(request, caller, course, options)
    if isinstance(started, str):
        messages.error(request, started)
        return redirect("course", key=course.key)
    return started


@require_POST
@of_course
def enroll_person(request: HttpRequest, caller: Caller, course: CourseRun, person: Learner) -> HttpResponse:
    """The check of what would happen if this person were enrolled, in the default mode."""
    given = given_rows([CourseRow(person.username, 1)], CourseOptions(action=ENROLL))
    check = make_plan(ROSTER, course, given, actor_id=caller.account_id, source=CONSOLE)
    return redirect("plan", plan_id=check)


def _start_all(request: HttpRequest, caller: Caller, course: CourseRun, options: CourseOptions) -> HttpResponse | str:
    """The page of the check of all who fit the filter, or why there is none."""
    given, wanted = learners_of(request.POST, OF)
    select = partial(select_learners, course.id, wanted)
    if given.get("state") == INVITED:
        select = partial(select_invitations, course.id, search=wanted.search or "")
    try:
        check = make_plan_of_selected(
            ROSTER,
            course,
            select,
            CourseRow(""),
            replace(options, selected=given),
            actor_id=caller.account_id,
            source=CONSOLE,
        )
    except EmptyPlan:
        return _("No one fits this filter any more. Nothing was changed.")
    return redirect("plan", plan_id=check)


@require_POST
@of_course
def set_beta_tester(request: HttpRequest, caller: Caller, course: CourseRun, account_id: int) -> HttpResponse:
    """Grants or takes away beta testing of one person of the course."""
    learner = find_learner(account_id)
    if learner is None or find_enrollment_of(course.id, account_id, learner.email_key) is None:
        raise Http404
    reason = reason_of(request)
    if not reason:
        messages.error(request, _("Enter a reason. It is kept in the history of each person."))
        return redirect("course_person", key=course.key, account_id=account_id)
    granted = inputs.word(request.POST, "granted") == "yes"
    role = CourseRoleRequest(CourseRole.BETA_TESTER, account_id, course.id)
    operation = new_operation(caller.account_id, CONSOLE, reason, course_id=course.id)
    changed = write_grants(operation, [role], granted=granted)
    if changed:
        messages.info(request, _("Beta testing was granted.") if granted else _("Beta testing was withdrawn."))
    return redirect("course_person", key=course.key, account_id=account_id)
