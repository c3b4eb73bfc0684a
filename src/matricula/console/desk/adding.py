"""Adding one student to a program: asked for, looked at, confirmed with a reason."""

import hashlib
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from matricula.access.permissions import WRITE_ENROLLMENTS
from matricula.access.reads import Caller, ProgramAccess
from matricula.console import inputs
from matricula.console.desk.accounts import LinkReview, acting_on, changed_meanwhile, find_account, review_link
from matricula.console.inputs import reason_of
from matricula.console.pages import of_program
from matricula.enrollments.program.outcomes import rejection_text
from matricula.enrollments.program.students import find_student_id
from matricula.enrollments.program.writes import ProgramRequest
from matricula.enrollments.statuses import CONFLICT, ENROLLED, PROGRAM_STATUSES
from matricula.foundation.messages import translated
from matricula.foundation.text import key_problem
from matricula.identity.linking import add_student
from matricula.journal.statuses import CONSOLE
from matricula.journal.writes import new_operation
from matricula.learners.reads import Learner, find_learner

_FIELDS = ("student_key", "status", "who")


@dataclass(frozen=True, slots=True)
class Addition:
    """What is asked for, once that can be looked at: ``link`` None leaves the key as it is; ``account`` has it then."""

    request: ProgramRequest
    link: LinkReview | None
    account: Learner | None

    @property
    def seen(self) -> str:
        """What the reader is shown as a short text."""
        shown = (self.request, self.link and self.link.foreseen.seen, self.account and self.account.id)
        return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


@require_http_methods(["GET", "POST"])
@of_program(WRITE_ENROLLMENTS)
def add(request: HttpRequest, caller: Caller, access: ProgramAccess) -> HttpResponse:
    """The form; sent, what it would do; confirmed, the student is added and their page is shown."""
    given = {"student_key": inputs.identifier(request.POST, "student_key"), "who": ""}
    given["status"] = inputs.word(request.POST, "status") or ENROLLED
    if caller.sees_names:
        given["who"] = inputs.identifier(request.POST, "who")
    problems: dict[str, str] = {}
    asked = None
    if request.method == "POST":
        problems, asked = _read(caller, access, given)
    if inputs.is_given(request.POST, "back"):
        # to correct what was asked for
        problems, asked = {}, None
    if asked and inputs.is_given(request.POST, "confirmed"):
        written = _confirm(request, caller, access, asked)
        if isinstance(written, HttpResponse):
            return written
        problems = {"form": written}
    context: dict[str, Any] = {
        "program": access.program,
        "given": given,
        "problems": problems,
        "asked": asked,
        "existing": find_student_id(access.program.id, given["student_key"]) if "student_key" in problems else None,
        "statuses": PROGRAM_STATUSES,
        "names": caller.sees_names,
        "reason": reason_of(request),
    }
    return render(request, "matricula/student_new.html", context, status=400 if problems else 200)


def _read(caller: Caller, access: ProgramAccess, given: dict[str, str]) -> tuple[dict[str, str], Addition | None]:
    """What is wrong with which field, or what is asked for."""
    problems: dict[str, str] = {}
    key, program = given["student_key"], access.program
    if problem := key_problem(key):
        problems["student_key"] = translated(problem)
    elif find_student_id(program.id, key) is not None:
        problems["student_key"] = _already_there()
    if given["status"] not in PROGRAM_STATUSES:
        problems["status"] = _("This status doesn't exist.")
    account = find_account(given["who"]) if given["who"] else None
    if isinstance(account, str):
        problems["who"] = account
        account = None
    if problems:
        return problems, None
    link = review_link(caller, program, key, account) if account else None
    if link and not link.changes:
        link = None
    return {}, Addition(ProgramRequest(key, given["status"]), link, account or _linked(caller, access, key))


def _linked(caller: Caller, access: ProgramAccess, key: str) -> Learner | None:
    """The account that has the key already, for those who may know whose it is."""
    if not caller.sees_names:
        return None
    before = review_link(caller, access.program, key, None).foreseen.before
    return find_learner(before) if before is not None else None


def _already_there() -> str:
    return _("This student is already in the program.")


def _confirm(request: HttpRequest, caller: Caller, access: ProgramAccess, asked: Addition) -> HttpResponse | str:
    """The way to the student's page, or what is wrong."""
    reason, program = reason_of(request), access.program
    if asked.link and not asked.link.may:
        raise PermissionDenied
    if not reason:
        return _("Enter a reason. It is kept in the history of each person.")
    if problem := changed_meanwhile(request, asked.seen):
        return problem
    operation = new_operation(caller.account_id, CONSOLE, reason, program_id=program.id)
    if asked.link:
        account = asked.link.account
        with acting_on(request, caller, program, asked.link):
            word = add_student(operation, program, asked.request, account.id if account else None)
    else:
        word = add_student(operation, program, asked.request, None)
    if word != asked.request.status:
        return _already_there() if word == CONFLICT else rejection_text(word)
    messages.info(request, _("The student was added."))
    return redirect("student", key=program.key, student_id=find_student_id(program.id, asked.request.student_key))
