"""Who got which files about people: for operators."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from matricula.access.reads import Caller
from matricula.console import inputs
from matricula.console.inputs import entry_of
from matricula.console.listing import find_about
from matricula.console.pages import operators
from matricula.disclosures.reads import DisclosureFilter, list_disclosures

PAGE = 50


@require_GET
@operators
def disclosures(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Exports, downloads and snapshots of data about people, the latest first."""
    given = {name: inputs.word(request.GET, name) for name in ("about", "actor", "since", "until")}
    about = find_about(given["about"])
    wanted = DisclosureFilter(
        actor=given["actor"] or None,
        course_id=about.course_id,
        program_id=about.program_id,
        since=inputs.day_of(request.GET, "since"),
        until=inputs.day_after(request.GET, "until"),
    )
    found = [] if about.is_unknown else list_disclosures(wanted, limit=PAGE + 1, before=entry_of(request, "before"))
    kept = {name: value for name, value in given.items() if value}
    context = {
        **given,
        "about": about,
        "disclosures": found[:PAGE],
        "older": urlencode({**kept, "before": found[PAGE - 1].id}) if len(found) > PAGE else "",
        "filtered": bool(kept),
    }
    return render(request, "matricula/disclosures.html", context)
