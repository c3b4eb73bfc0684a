"""The reports about a program (registrar-api: Reports)."""

import re
from datetime import date

from django.http import HttpResponse

from matricula.disclosures.links import links_to
from matricula.foundation.files import gives_out_files
from matricula.reports import reads
from matricula.reports.reads import linked_report
from matricula.rest.checks import public_root
from matricula.rest.contracts.registrar.schemas import Report, ReportQuery
from matricula.rest.disclosing import recipient_of
from matricula.rest.endpoint import Call, answer_json
from matricula.rest.errors import invalid_field

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def list_reports(call: Call[ReportQuery, None]) -> HttpResponse:
    """200, an array, the latest first."""
    query = call.query
    since = None if query.min_created_date is None else _day(query.min_created_date)
    program = call.program.program
    found = reads.list_reports(program, since)
    # where links are followed past us, the reason is asked for now
    recipient = recipient_of(call, needs_reason=gives_out_files() and bool(found))
    links = links_to([linked_report(report.file, program.id) for report in found], public_root(call), recipient)
    return answer_json(
        [Report(report.name, report.created_date, link) for report, link in zip(found, links, strict=True)]
    )


def _day(text: str) -> date:
    """Errors: 400."""
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise invalid_field("min_created_date", "Write the date as YYYY-MM-DD.")
