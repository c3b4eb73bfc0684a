"""Finding people, programs and course runs: a page, and suggestions while someone types."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from matricula.access.reads import Caller
from matricula.console import inputs
from matricula.console.disclosing import form_of, stem_for
from matricula.console.downloading import ListFile, reads, with_file
from matricula.console.pages import signed_in
from matricula.console.parts import is_part
from matricula.console.people.recent import list_recent
from matricula.console.why.pages import list_askable
from matricula.disclosures.statuses import DisclosureKind
from matricula.disclosures.writes import Contents
from matricula.history.people.search import MOST_FOUND, FoundPerson, find_given, find_people, find_things
from matricula.history.people.sight import sight_of
from matricula.tabular.exports import export_rows

_FOUND, _SUGGESTED, _THINGS = 50, 6, 3


_PEOPLE = ("username", "email", "full_name", "student_keys", "is_active", "merged", "places")


def _search_file(request: HttpRequest, caller: Caller) -> ListFile | None:
    """The people who were found; None where the file would have some of them only."""
    q = inputs.search_words(request.GET)
    if not q:
        return None
    found = find_people(sight_of(caller), q, limit=MOST_FOUND + 1)
    if found.is_cut or len(found.people) > MOST_FOUND:
        return None
    contents = Contents(DisclosureKind.USERS, filters={"list": "people", "searched": "yes"})
    return ListFile(stem_for("matricula", "people"), contents, export_rows(_PEOPLE, map(_cells, found.people)))


def _cells(one: FoundPerson) -> Sequence[object]:
    named = (one.username, one.email, one.full_name, one.student_keys)
    return (*named, one.is_active, one.merged, ", ".join(one.places))


@reads
@signed_in
@with_file(_search_file)
def search(request: HttpRequest, caller: Caller) -> HttpResponse:
    """People, programs and course runs that the reader may see, with the words in them."""
    q = inputs.search_words(request.GET)
    sight = sight_of(caller)
    found = find_people(sight, q, limit=_FOUND + 1) if q else None
    programs, courses = find_things(sight, q, limit=_FOUND) if q else ([], [])
    people = found.people[:_FOUND] if found else []
    context = {
        "q": q,
        "people": with_addresses(people),
        "is_cut": bool(found and (found.is_cut or len(found.people) > _FOUND)),
        "may_download": found is not None and not found.is_cut,
        # a file was asked for
        "is_too_many": bool(q) and form_of(request) is not None,
        "most": MOST_FOUND,
        "programs": programs,
        "courses": courses,
        "suggested": list_askable(caller) if q and not people else [],
    }
    return render(request, "matricula/people/search.html", context)


@require_GET
@signed_in
def suggestions(request: HttpRequest, caller: Caller) -> HttpResponse:
    """The first of what a search would find, for the list below its field."""
    q = inputs.search_words(request.GET)
    if not is_part(request):
        return redirect(reverse("search", query={"q": q}) if q else "people")
    # one letter of A to Z is of too many to be of help
    if len(q) < 2 and q.isascii():
        return render(request, "matricula/people/_suggestions.html", {"q": ""})
    sight = sight_of(caller)
    programs, courses = find_things(sight, q, limit=_THINGS)
    people = with_addresses(find_people(sight, q, limit=_SUGGESTED).people)
    context = {"q": q, "people": people, "programs": programs, "courses": courses}
    return render(request, "matricula/people/_suggestions.html", context)


@require_GET
@signed_in
def people(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Where people are looked for, and those whom the reader looked at last."""
    recent = list_recent(request)
    found = find_given(sight_of(caller), recent) if recent else []
    return render(request, "matricula/people/people.html", {"people": with_addresses(found)})


def with_addresses(people: list[FoundPerson]) -> list[tuple[FoundPerson, str]]:
    """People, each with the address of their page."""
    return [(person, _address(person)) for person in people]


def _address(person: FoundPerson) -> str:
    if person.account_id is not None:
        return reverse("person", args=[person.account_id])
    if person.student_id is not None:
        return reverse("person_of_key", args=[person.student_id])
    return reverse("person_of_invitation", args=[person.invitation_id])
