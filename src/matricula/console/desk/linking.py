"""Linking the key of one student to an account, and unlinking it: asked for, looked at, confirmed with a reason."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from matricula.access.permissions import WRITE_ENROLLMENTS
from matricula.access.reads import Caller, ProgramAccess
from matricula.console import inputs
from matricula.console.desk.accounts import LinkReview, acting_on, changed_meanwhile, find_account, review_link
from matricula.console.inputs import reason_of
from matricula.console.pages import of_program
from matricula.enrollments.program.students import ProgramStudent, find_student
from matricula.identity.linking import link_student_keys
from matricula.journal.statuses import CONSOLE
from matricula.journal.writes import new_operation


@require_http_methods(["GET", "POST"])
@of_program(WRITE_ENROLLMENTS)
def link(request: HttpRequest, caller: Caller, access: ProgramAccess, student_id: int) -> HttpResponse:
    """Asks for an account, shows what linking or unlinking would do, and does it once it is confirmed with a reason."""
    student = find_student(access.program.id, student_id, names=caller.sees_names)
    if student is None:
        raise Http404
    unlinks = inputs.is_given(request.POST, "unlink")
    who, problem, review = inputs.identifier(request.POST, "who"), "", None
    if request.method == "POST":
        account = None if unlinks else find_account(who) if caller.sees_names else _hidden()
        if isinstance(account, str):
            problem = account
        else:
            review = review_link(caller, access.program, student.row.student_key, account)
    status = 400 if problem else 200
    if review and inputs.is_given(request.POST, "confirmed") and review.changes:
        problem = _problem(request, review)
        if not problem:
            return _write(request, caller, access, student, review)
        status = 400
    context: dict[str, Any] = {
        "program": access.program,
        "student": student,
        "who": who,
        "unlinks": unlinks,
        "review": review,
        "names": caller.sees_names,
        "reason": reason_of(request),
        "problem": problem,
    }
    return render(request, "matricula/student_link.html", context, status=status)


def _hidden() -> str:
    # those who link can read whose account it is
    return _("To link an account, you need access to the names of students. Ask an administrator.")


def _problem(request: HttpRequest, review: LinkReview) -> str:
    if not review.may:
        raise PermissionDenied
    if not reason_of(request):
        return _("Enter a reason. It is kept in the history of each person.")
    return changed_meanwhile(request, review.foreseen.seen)


def _write(
    request: HttpRequest, caller: Caller, access: ProgramAccess, student: ProgramStudent, review: LinkReview
) -> HttpResponse:
    operation = new_operation(caller.account_id, CONSOLE, reason_of(request), program_id=access.program.id)
    account_id = review.account.id if review.account else None
    with acting_on(request, caller, access.program, review):
        link_student_keys(operation, access.program.organization_id, [(student.row.student_key, account_id)])
    done = _("The student key was linked to the account.") if review.account else _("The student key was unlinked.")
    messages.info(request, done)
    return redirect("student", key=access.program.key, student_id=student.row.id)
