"""What is done on someone's page: enrolling them, linking and unlinking student keys.

Whom it is about comes from the address, never from the form: a form that is stale, or was changed, acts on no one else.
Each leads to the screen that shows what would happen, and asks again who may.
"""

from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from matricula.access.reads import Caller
from matricula.catalog.reads import find_course
from matricula.console import enrolling, inputs
from matricula.console.desk import linking
from matricula.console.desk.linking import Origin
from matricula.console.pages import signed_in
from matricula.console.people.seen import find_seen
from matricula.enrollments.program.students import find_student_id
from matricula.history.people import person as facts
from matricula.history.people.sight import Sight, sight_of
from matricula.learners.reads import Learner, find_learner


@require_POST
@signed_in
def enroll(request: HttpRequest, caller: Caller, account_id: int) -> HttpResponse:
    """Leads to the plan that would enroll the person of the address in the course run of the form."""
    sight = sight_of(caller)
    person = _seen(sight, account_id)
    course = find_course(inputs.word(request.POST, "course"))
    if course is None or not sight.manages(course.id):
        messages.error(request, _("Choose one of your course runs."))
        return redirect("person", account_id=person.id)
    return cast(HttpResponse, enrolling.enroll_person(request, key=course.key, person=person))


@require_POST
@signed_in
def link(request: HttpRequest, caller: Caller, account_id: int) -> HttpResponse:
    """Links a student key of a program of the form to the account of the address, or unlinks it; asked for first."""
    sight = sight_of(caller)
    person = _seen(sight, account_id)
    back = reverse("person", args=[person.id])
    asked = {
        "program": inputs.word(request.POST, "program"),
        "student_key": inputs.identifier(request.POST, "student_key"),
    }
    program = next(
        (
            one.program
            for id_, one in sight.programs.items()
            if one.program.key == asked["program"] and sight.writes(id_)
        ),
        None,
    )
    if program is None:
        messages.error(request, _("Choose one of the programs whose students you may change."))
        return redirect(back)
    student_id = find_student_id(program.id, asked["student_key"])
    if student_id is None:
        messages.error(
            request,
            _("%(program)s has no student with this key. Add the student there first.") % {"program": program.title},
        )
        return redirect(back)
    answer = linking.link(request, key=program.key, student_id=student_id, origin=Origin(back, person, asked))
    if answer.status_code == 302 and find_seen(sight_of(caller), person.id) is None:
        # the key was all by which the reader knew them
        return redirect("person_of_key", student_id=student_id)
    return cast(HttpResponse, answer)


@require_POST
@signed_in
def link_key(request: HttpRequest, caller: Caller, student_id: int) -> HttpResponse:
    """Links the student key of the address to the account that the form names; asked for first."""
    sight = sight_of(caller)
    row = facts.find_student_row(sight, student_id)
    if row is None or not sight.writes(row.program.id):
        raise Http404
    origin = Origin(reverse("person_of_key", args=[student_id]))
    return cast(HttpResponse, linking.link(request, key=row.program.key, student_id=student_id, origin=origin))


def _seen(sight: Sight, account_id: int) -> Learner:
    """The account of the address; of one that was merged away, the one that was kept."""
    account = facts.find_account(account_id)
    learner = account and find_learner(account.merged_into or account.id)
    if not learner or find_seen(sight, learner.id) is None:
        raise Http404
    return learner
