"""Linking the key of one student to an account, and unlinking it: asked for, looked at, confirmed with a reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
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
from matricula.learners.reads import Learner


@dataclass(frozen=True, slots=True)
class Origin:
    """From where a key is linked: the page to go back to; the account, where that page is about one, and what the
    forms of this screen send to that page's address again.
    """

    back: str
    account: Learner | None = None
    kept: Mapping[str, str] = field(default_factory=dict)


@require_http_methods(["GET", "POST"])
@of_program(WRITE_ENROLLMENTS)
def link(
    request: HttpRequest, caller: Caller, access: ProgramAccess, student_id: int, origin: Origin | None = None
) -> HttpResponse:
    """Asks for an account, shows what linking or unlinking would do, and does it once it is confirmed with a reason.

    ``origin``: the page of a person, from which this is asked for.
    """
    student = find_student(access.program.id, student_id, names=caller.sees_names)
    if student is None:
        raise Http404
    origin = origin or Origin(reverse("student", args=[access.program.key, student_id]))
    unlinks = inputs.is_given(request.POST, "unlink")
    who, problem, review = inputs.identifier(request.POST, "who"), "", None
    if request.method == "POST":
        account = None if unlinks else _account(caller, origin, who)
        if isinstance(account, str):
            problem = account
        else:
            review = review_link(caller, access.program, student.row.student_key, account)
    if review and unlinks and origin.account and review.foreseen.before != origin.account.id:
        messages.error(request, _("This student key does not belong to this account any more. Nothing was changed."))
        return redirect(origin.back)
    status = 400 if problem else 200
    if review and inputs.is_given(request.POST, "confirmed") and review.changes:
        problem = _problem(request, review)
        if not problem:
            return _write(request, caller, access, student, review, origin)
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
        "origin": origin,
    }
    return render(request, "matricula/student_link.html", context, status=status)


def _account(caller: Caller, origin: Origin, who: str) -> Learner | str:
    """The account to link to, or what is wrong."""
    if caller.sees_names:
        return origin.account or find_account(who)
    # those who link can read whose account it is
    return _("To link an account, you need access to the names of students. Ask an administrator.")


def _problem(request: HttpRequest, review: LinkReview) -> str:
    if not review.may:
        raise PermissionDenied
    if not reason_of(request):
        return _("Enter a reason. It is kept in the history of each person.")
    return changed_meanwhile(request, review.foreseen.seen)


def _write(
    request: HttpRequest,
    caller: Caller,
    access: ProgramAccess,
    student: ProgramStudent,
    review: LinkReview,
    origin: Origin,
) -> HttpResponse:
    operation = new_operation(caller.account_id, CONSOLE, reason_of(request), program_id=access.program.id)
    account_id = review.account.id if review.account else None
    with acting_on(request, caller, access.program, review):
        link_student_keys(operation, access.program.organization_id, [(student.row.student_key, account_id)])
    done = _("The student key was linked to the account.") if review.account else _("The student key was unlinked.")
    messages.info(request, done)
    return redirect(origin.back)
