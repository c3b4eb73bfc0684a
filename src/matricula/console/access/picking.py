"""Picking a person, a group, a program, a course run or an organization by a part of its name instead of its key.

As someone types, matches come below the field (``combobox.js``). Without scripts, a form that was sent with a part of a
name comes back with the matches to choose from. Offered is only what the reader may grant on, or sees.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from matricula.access.holders import list_groups
from matricula.access.reads import Caller, list_courses_of
from matricula.catalog.reads import search_courses, search_organizations, search_programs
from matricula.console import inputs
from matricula.console.lists import find_programs
from matricula.console.pages import signed_in
from matricula.console.parts import is_part
from matricula.learners.reads import list_named

MOST = 8
PERSON, GROUP, PROGRAM, COURSE, ORGANIZATION = "person", "group", "program", "course", "organization"
# programs and organizations: where roles are granted; these and course runs: what can be asked about
SCOPE, PLACE = "scope", "place"


@dataclass(frozen=True, slots=True)
class Match:
    """Something that can be picked: what the field then has, and what is shown."""

    value: str
    label: str
    detail: str = ""


def _people(search: str) -> list[Match]:
    found = list_named(search, limit=MOST)
    return [Match(one.username, one.full_name or one.username, f"{one.username} · {one.email}") for one in found]


def _groups(search: str) -> list[Match]:
    return [Match(group.name, group.name) for group in list_groups(search=search, limit=MOST)]


def _organizations(search: str) -> list[Match]:
    return [Match(one.key, one.name, one.key) for one in search_organizations(search, limit=MOST)]


def _programs(search: str) -> list[Match]:
    return [Match(one.key, one.title, one.key) for one in search_programs(search, limit=MOST)]


def _courses(search: str) -> list[Match]:
    return [Match(one.key, one.title, one.key) for one in search_courses(search, limit=MOST)]


def _programs_of(caller: Caller, search: str) -> list[Match]:
    return [Match(one.key, one.title, one.key) for one in find_programs(caller, search)[:MOST]]


def _courses_of(caller: Caller, search: str) -> list[Match]:
    return [Match(one.key, one.title, one.key) for one in list_courses_of(caller, search=search, limit=MOST)]


# administrators grant to everyone, and on everything
_ALL: Mapping[str, tuple[Callable[[str], list[Match]], ...]] = {
    PERSON: (_people,),
    GROUP: (_groups,),
    PROGRAM: (_programs,),
    COURSE: (_courses,),
    ORGANIZATION: (_organizations,),
    SCOPE: (_programs, _organizations),
    PLACE: (_programs, _courses, _organizations),
}
_SEEN: Mapping[str, tuple[Callable[[Caller, str], list[Match]], ...]] = {
    PROGRAM: (_programs_of,),
    COURSE: (_courses_of,),
    PLACE: (_programs_of, _courses_of),
}


def find_any(what: str, search: str) -> list[Match]:
    """Return the matches of a kind among all there is; only for administrators."""
    return [match for find in _ALL[what] for match in find(search)][:MOST] if search else []


def find_matches(what: str, search: str, caller: Caller) -> list[Match]:
    """Return what the caller may pick, with ``search`` in a name or a key; nothing for nothing.

    Errors: ``PermissionDenied`` for what administrators alone grant to.
    """
    if caller.is_superuser:
        return find_any(what, search)
    if what not in _SEEN:
        raise PermissionDenied
    return [match for find in _SEEN[what] for match in find(caller, search)][:MOST] if search else []


@require_GET
@signed_in
def find(request: HttpRequest, caller: Caller, what: str) -> HttpResponse:
    """The matches below a field. Its name is in the address, what is typed is under that name."""
    if what not in _ALL:
        raise Http404
    if not is_part(request):
        # no page of its own: it is below fields of several
        return redirect("access_own")
    field = inputs.word(request.GET, "field", "q")
    context = {"matches": find_matches(what, inputs.search_words(request.GET, field), caller), "field": field}
    return render(request, "matricula/_matches.html", context)


class Picker(forms.TextInput):
    """A text field with matches; ``offered``: those of a form that was sent with a part of a name."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self.what = what
        self.offered: list[Match] = []

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """What was chosen of the matches, or else what was written."""
        return data.get(f"{name}-match") or super().value_from_datadict(data, files, name)

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:  # noqa: ARG002
        """The field as pages outside of forms have it."""
        given = attrs or {}
        context = {
            "name": name,
            "value": value or "",
            "find": self.what,
            "id": given.get("id", name),
            "described": given.get("aria-describedby", ""),
            "is_required": given.get("required", False),
            "is_invalid": bool(given.get("aria-invalid")),
            "offered": self.offered,
        }
        return render_to_string("matricula/_picker.html", context)
