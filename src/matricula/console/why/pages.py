"""Asking why: about someone in a course run, about a student in a program, and from where neither is chosen yet.

A person who is known is in the address by id. Any other identifier is sent by a form, and in no address.
"""

from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from matricula.access.permissions import READ_ENROLLMENTS, WRITE_ENROLLMENTS
from matricula.access.reads import Caller, ProgramAccess, list_courses_of, list_programs_of
from matricula.catalog.reads import CourseRun, ProgramFacts
from matricula.console import inputs
from matricula.console.listing import find_about
from matricula.console.pages import of_course, of_program, signed_in
from matricula.console.why.advice import advice_in_course, advice_in_program
from matricula.enrollments.program.students import find_student
from matricula.foundation.folding import fold
from matricula.history.why.course import explain_account_in_course, explain_in_course
from matricula.history.why.program import explain_in_program
from matricula.history.why.reads import asker_of
from matricula.history.why.values import Answer
from matricula.history.why.words import conflict_text, sentence_of
from matricula.learners.reads import find_confirmed

_SUGGESTED = 50


@require_http_methods(["GET", "POST"])
@of_course
def course(request: HttpRequest, caller: Caller, course: CourseRun) -> HttpResponse:
    """The question about a course run; sent, the answer, or the way to it for someone who is known there."""
    person, problem = _asked(request, "person")
    if not person:
        context = {"course": course, "problem": problem}
        return render(request, "matricula/why.html", context, status=400 if problem else 200)
    asker = asker_of(caller.account_id)
    answer = explain_in_course(course, person, asker)
    account_id = answer.who.account_id
    if account_id is not None and explain_account_in_course(course, account_id, asker):
        return redirect("course_person_why", key=course.key, account_id=account_id)
    return _course_page(request, caller, course, answer)


@require_GET
@of_course
def person(request: HttpRequest, caller: Caller, course: CourseRun, account_id: int) -> HttpResponse:
    """The answer about an account that the reader may know."""
    answer = explain_account_in_course(course, account_id, asker_of(caller.account_id))
    if answer is None:
        raise Http404
    return _course_page(request, caller, course, answer)


def _course_page(request: HttpRequest, caller: Caller, course: CourseRun, answer: Answer) -> HttpResponse:
    context = {"course": course, "advice": advice_in_course(answer, course), **_shown(answer, caller)}
    return render(request, "matricula/why.html", context)


@require_http_methods(["GET", "POST"])
@of_program(READ_ENROLLMENTS)
def program(request: HttpRequest, caller: Caller, access: ProgramAccess) -> HttpResponse:
    """The question about a program; sent, the answer, or the way to it for a student who is there."""
    key, problem = _asked(request, "student_key")
    if not key:
        context = {"program": access.program, "problem": problem}
        return render(request, "matricula/why.html", context, status=400 if problem else 200)
    answer = explain_in_program(access.program, key, asker_of(caller.account_id))
    if answer.through:
        return redirect("student_why", key=access.program.key, student_id=answer.through[0].student_id)
    return _program_page(request, caller, access, answer)


@require_GET
@of_program(READ_ENROLLMENTS)
def student(request: HttpRequest, caller: Caller, access: ProgramAccess, student_id: int) -> HttpResponse:
    """The answer about a student."""
    found = find_student(access.program.id, student_id, names=False)
    if found is None:
        raise Http404
    answer = explain_in_program(access.program, found.row.student_key, asker_of(caller.account_id))
    return _program_page(request, caller, access, answer)


def _program_page(request: HttpRequest, caller: Caller, access: ProgramAccess, answer: Answer) -> HttpResponse:
    may_write = WRITE_ENROLLMENTS in access.permissions
    advice = advice_in_program(answer, access.program.key, may_write=may_write)
    return render(
        request, "matricula/why.html", {"program": access.program, "advice": advice, **_shown(answer, caller)}
    )


@require_http_methods(["GET", "POST"])
@signed_in
def ask(request: HttpRequest, caller: Caller) -> HttpResponse:
    """The question from a search that found no one: about which course run or program, and about whom."""
    given = {"about": inputs.word(request.POST, "about"), "person": inputs.identifier(request.POST, "person")}
    problem = ""
    if request.method == "POST":
        about = find_about(given["about"])
        if about.course_id is not None and given["person"]:
            return cast(HttpResponse, course(request, key=about.text))
        if about.program_id is not None and given["person"]:
            return cast(HttpResponse, program(request, key=about.text))
        problem = _("Choose a course or a program, and enter a person.")
        if about.is_unknown:
            problem = _("There is no course or program with this key.")
    context = {**given, "problem": problem, "suggested": list_askable(caller)}
    return render(request, "matricula/why_ask.html", context, status=400 if problem else 200)


def list_askable(caller: Caller) -> list[CourseRun | ProgramFacts]:
    """Course runs and programs that the reader may ask about; not more than a list shows."""
    programs = [access.program for access in list_programs_of(caller, READ_ENROLLMENTS)]
    return [*list_courses_of(caller, limit=_SUGGESTED), *programs[:_SUGGESTED]]


def _asked(request: HttpRequest, name: str) -> tuple[str, str]:
    """The identifier that a form names, and what is wrong with the form; both '' where none was sent."""
    if request.method != "POST":
        return "", ""
    given = inputs.identifier(request.POST, name) or inputs.identifier(request.POST, "person")
    return given, "" if given else _("Enter a username, an email address, or a student key.")


def _shown(answer: Answer, caller: Caller) -> dict[str, Any]:
    names = {one.other or "": fold(one.other or "") for one in answer.conflicts if one.other}
    # operators merge accounts of one person; a spelling may be an address
    is_asked = caller.is_superuser and answer.who.account_id and names
    found = {key: people[0].id for key, people in find_confirmed(names.values()).items()} if is_asked else {}
    return {
        "answer": answer,
        "sentence": sentence_of(answer),
        "conflicts": [
            {"text": conflict_text(one), "account_id": _other_than(answer, found.get(names.get(one.other or "", "")))}
            for one in answer.conflicts
        ],
    }


def _other_than(answer: Answer, account_id: int | None) -> int | None:
    return None if account_id == answer.who.account_id else account_id
