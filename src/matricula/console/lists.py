"""The lists that the navigation leads to: the programs and the course runs that the reader may see."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from matricula.access.permissions import READ_METADATA
from matricula.access.reads import Caller, list_courses_of, list_programs_of
from matricula.console import inputs
from matricula.console.pages import signed_in
from matricula.console.paging import pages_of
from matricula.enrollments.course.rosters import count_rosters
from matricula.foundation.paging import Page

PAGE = 50


@require_GET
@signed_in
def programs(request: HttpRequest, caller: Caller) -> HttpResponse:
    """The programs that the reader may see, by key; those with the words in key or title."""
    q = inputs.search_words(request.GET)
    words = q.casefold()
    found = [
        access.program
        for access in list_programs_of(caller, READ_METADATA)
        if words in access.program.key.casefold() or words in access.program.title.casefold()
    ]
    pages = pages_of(inputs.page_of(request), len(found), urlencode({"q": q}), PAGE)
    shown = {"q": q, "programs": found[pages.offset : pages.offset + PAGE], "pages": pages}
    return render(request, "matricula/programs.html", shown)


@require_GET
@signed_in
def courses(request: HttpRequest, caller: Caller) -> HttpResponse:
    """The course runs whose enrollments the reader may manage, by key, with how many are enrolled."""
    q, page = inputs.search_words(request.GET), inputs.page_of(request)
    found = list_courses_of(caller, search=q, limit=PAGE + 1, offset=Page(page, PAGE).offset)
    seats = count_rosters([course.id for course in found[:PAGE]])
    shown = {
        "q": q,
        "courses": [(course, seats.get(course.id, 0)) for course in found[:PAGE]],
        "page": page,
        "more": len(found) > PAGE,
        "query": urlencode({"q": q}),
    }
    return render(request, "matricula/courses.html", shown)
