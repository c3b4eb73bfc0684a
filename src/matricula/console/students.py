"""One student of a program: their status, what happened, and changing it by hand, with a reason."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from matricula.access.permissions import READ_ENROLLMENTS, WRITE_ENROLLMENTS
from matricula.access.reads import Caller, ProgramAccess, list_courses_of
from matricula.console import inputs
from matricula.console.acts import shown_acts, with_merged
from matricula.console.inputs import reason_of
from matricula.console.pages import of_program
from matricula.console.parts import show_part
from matricula.enrollments.program.changes import StudentChange, preview_student_change, write_student_change
from matricula.enrollments.program.students import ProgramStudent, StudentCourse, find_student
from matricula.enrollments.statuses import PROGRAM_STATUSES
from matricula.journal.acts import ActFilter, Scope, list_acts
from matricula.journal.statuses import CONSOLE
from matricula.journal.writes import new_operation

_ACTS = 50


@require_GET
@of_program(READ_ENROLLMENTS)
def student(request: HttpRequest, caller: Caller, access: ProgramAccess, student_id: int) -> HttpResponse:
    """A student: status, account, course runs, and what may be changed."""
    found = _find(caller, access, student_id)
    ids = [course.course_id for course in found.courses]
    context = {
        "program": access.program,
        "student": found,
        "managed": {run.id for run in list_courses_of(caller, among=ids, limit=len(ids))},
        "names": caller.sees_names,
        "statuses": PROGRAM_STATUSES,
        "may_write": WRITE_ENROLLMENTS in access.permissions,
    }
    return render(request, "matricula/student.html", context)


@require_GET
@of_program(READ_ENROLLMENTS)
def history(request: HttpRequest, caller: Caller, access: ProgramAccess, student_id: int) -> HttpResponse:
    """What happened to a student in the program, by key, and to the account in its course runs."""
    scope = _scope(access, _find(caller, access, student_id))
    acts = shown_acts(caller, scope, list_acts(scope, ActFilter(), limit=_ACTS))
    return show_part(request, "matricula/_acts.html", {"acts": acts, "alone": True}, of="student", title=_("History"))


def _scope(access: ProgramAccess, found: ProgramStudent) -> Scope:
    """What happened in the program under the key, and to the account in course runs of the program; what happened there
    through other programs is none of this program's business.
    """
    account_id = found.row.account_id
    return Scope(
        account_ids=with_merged([account_id]) if account_id else [],
        keys=[(access.program.id, found.row.student_key)],
        programs=[access.program.id],
        courses=[course.course_id for course in found.courses],
    )


@require_POST
@of_program(WRITE_ENROLLMENTS)
def change(request: HttpRequest, caller: Caller, access: ProgramAccess, student_id: int) -> HttpResponse:
    """Asks whether a status shall be changed, and why; confirmed, changes it."""
    found = _find(caller, access, student_id)
    course = _course(found, inputs.word(request.POST, "course"))
    status = inputs.word(request.POST, "status")
    wanted = StudentChange(found.row.student_key, status, course.course_id if course else None)
    foreseen = preview_student_change(access.program, wanted)
    if foreseen.before == wanted.status and not foreseen.refusal:
        messages.info(request, _("This is already the status. Nothing was changed."))
        return redirect("student", key=access.program.key, student_id=student_id)
    reason, problem = reason_of(request), ""
    confirmed = inputs.is_given(request.POST, "confirmed")
    if confirmed and not foreseen.refusal:
        problem = _problem(request, reason, foreseen.before)
        if not problem:
            operation = new_operation(caller.account_id, CONSOLE, reason, program_id=access.program.id)
            refusal = write_student_change(operation, access.program, wanted)
            _tell(request, refusal)
            return redirect("student", key=access.program.key, student_id=student_id)
    context: dict[str, Any] = {
        "program": access.program,
        "student": found,
        "course": course,
        "status": wanted.status,
        "foreseen": foreseen,
        "reason": reason,
        "problem": problem,
    }
    return render(
        request, "matricula/student_change.html", context, status=409 if foreseen.refusal else 400 if problem else 200
    )


def _problem(request: HttpRequest, reason: str, before: str | None) -> str:
    """What is wrong with a confirmed form."""
    if inputs.word(request.POST, "before") != (before or ""):
        return _("This was changed in the meantime. Review it again before you confirm.")
    return "" if reason else _("Enter a reason. It is kept in the history of each person.")


def _tell(request: HttpRequest, refusal: str) -> None:
    if refusal:
        messages.error(request, refusal)
    else:
        messages.info(request, _("The status was changed."))


def _find(caller: Caller, access: ProgramAccess, student_id: int) -> ProgramStudent:
    found = find_student(access.program.id, student_id, names=caller.sees_names)
    if found is None:
        raise Http404
    return found


def _course(found: ProgramStudent, course_id: str) -> StudentCourse | None:
    """The course run that a form names; None where it names none."""
    if not course_id:
        return None
    course = next((course for course in found.courses if str(course.course_id) == course_id), None)
    if course is None:
        raise Http404
    return course
