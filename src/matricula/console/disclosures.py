"""Who got which files about people: for operators."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from matricula.access.reads import Caller
from matricula.console import inputs
from matricula.console.disclosing import stem_for
from matricula.console.downloading import ListFile, reads, with_file
from matricula.console.inputs import entry_of
from matricula.console.listing import About, find_about
from matricula.console.pages import operators
from matricula.disclosures.exports import COLUMNS as DISCLOSURES
from matricula.disclosures.exports import export_disclosures
from matricula.disclosures.reads import DisclosureFilter, list_disclosures
from matricula.disclosures.statuses import DisclosureKind
from matricula.disclosures.writes import Contents
from matricula.tabular.exports import export_rows

PAGE = 50


def _asked(request: HttpRequest) -> tuple[dict[str, str], About, DisclosureFilter]:
    """What the address says as it was given, what it is about, and as it is understood."""
    given = {name: inputs.word(request.GET, name) for name in ("about", "actor", "since", "until")}
    about = find_about(given["about"])
    wanted = DisclosureFilter(
        actor=given["actor"] or None,
        course_id=about.course_id,
        program_id=about.program_id,
        since=inputs.day_of(request.GET, "since"),
        until=inputs.day_after(request.GET, "until"),
    )
    return given, about, wanted


def _disclosures_file(request: HttpRequest, caller: Caller) -> ListFile:
    given, about, wanted = _asked(request)
    filters = {name: given[name] for name in ("since", "until") if given[name]}
    contents = Contents(DisclosureKind.DISCLOSURES, about.course_id, about.program_id, filters=filters)
    export = export_rows(DISCLOSURES, []) if about.is_unknown else export_disclosures(wanted, "csv")
    return ListFile(stem_for(about.text or "matricula", "disclosures"), contents, export)


@reads
@operators
@with_file(_disclosures_file)
def disclosures(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Exports, downloads and snapshots of data about people, the latest first."""
    given, about, wanted = _asked(request)
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
