"""A program: its students, its courses, its uploads and downloads."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from matricula.access.permissions import READ_ENROLLMENTS, READ_METADATA
from matricula.access.reads import Caller, ProgramAccess
from matricula.console.pages import of_program


@require_GET
@of_program(READ_METADATA)
def program(request: HttpRequest, caller: Caller, access: ProgramAccess) -> HttpResponse:
    """The program."""
    return render(request, "matricula/program.html", {"access": access, "program": access.program})


@require_GET
@of_program(READ_ENROLLMENTS)
def numbers(request: HttpRequest, caller: Caller, access: ProgramAccess) -> HttpResponse:
    """How many students have which status; ``?total``: how many there are."""
    return HttpResponse("–")


@require_GET
@of_program(READ_ENROLLMENTS)
def student(request: HttpRequest, caller: Caller, access: ProgramAccess, student_id: int) -> HttpResponse:
    """One student."""
    raise Http404
