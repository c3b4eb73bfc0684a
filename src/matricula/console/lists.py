"""The lists that the navigation leads to: the programs and the course runs that the reader may see."""

from collections.abc import Iterator, Sequence
from itertools import count, takewhile
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from matricula.access.permissions import READ_METADATA
from matricula.access.reads import Caller, list_courses_of, list_programs_of
from matricula.catalog.reads import CourseRun, ProgramFacts
from matricula.console import inputs
from matricula.console.disclosing import stem_for
from matricula.console.downloading import ListFile, reads, with_file
from matricula.console.pages import signed_in
from matricula.console.paging import pages_of
from matricula.disclosures.statuses import DisclosureKind
from matricula.disclosures.writes import Contents
from matricula.enrollments.course.rosters import count_rosters
from matricula.foundation.paging import Page
from matricula.tabular.exports import Export, export_rows

PAGE = 50
_AT_ONCE = 500


def find_programs(caller: Caller, search: str) -> list[ProgramFacts]:
    """The programs that the caller may see, by key; those with the words in key or title."""
    words = search.casefold()
    programs = (access.program for access in list_programs_of(caller, READ_METADATA))
    return [one for one in programs if words in one.key.casefold() or words in one.title.casefold()]


def _programs_file(request: HttpRequest, caller: Caller) -> ListFile:
    found = find_programs(caller, inputs.search_words(request.GET))
    rows = ((program.key, program.title, program.type) for program in found)
    return _file("programs", export_rows(("program", "title", "type"), rows, lambda: 0))


def _file(content: str, export: Export) -> ListFile:
    # recorded as every file is, and about no one
    contents = Contents(DisclosureKind.ENROLLMENTS, filters={"list": content})
    return ListFile(stem_for("matricula", content), contents, export)


@reads
@signed_in
@with_file(_programs_file)
def programs(request: HttpRequest, caller: Caller) -> HttpResponse:
    """The programs that the reader may see, by key; those with the words in key or title."""
    q = inputs.search_words(request.GET)
    found = find_programs(caller, q)
    pages = pages_of(inputs.page_of(request), len(found), urlencode({"q": q}), PAGE)
    shown = {"q": q, "programs": found[pages.offset : pages.offset + PAGE], "pages": pages}
    return render(request, "matricula/programs.html", shown)


_COURSES = ("course_id", "title", "modes", "default_mode", "enrolled")


def _courses_file(request: HttpRequest, caller: Caller) -> ListFile:
    q = inputs.search_words(request.GET)
    pages = (list_courses_of(caller, search=q, limit=_AT_ONCE, offset=at) for at in count(0, _AT_ONCE))
    rows = (row for found in takewhile(bool, pages) for row in _course_rows(found))
    return _file("courses", export_rows(_COURSES, rows, lambda: 0, numbers=_COURSES[-1:]))


def _course_rows(found: list[CourseRun]) -> Iterator[Sequence[object]]:
    seats = count_rosters([course.id for course in found])
    for course in found:
        yield course.key, course.title, " ".join(course.modes), course.default_mode, seats.get(course.id, 0)


@reads
@signed_in
@with_file(_courses_file)
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
