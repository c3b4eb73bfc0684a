"""The reports about a program (registrar-api: Reports)."""

import re
from datetime import date

from django.http import HttpResponse

from matricula.foundation.files import signed_link
from matricula.reports import reads
from matricula.rest.checks import public_root
from matricula.rest.contracts.registrar.schemas import Report, ReportQuery
from matricula.rest.endpoint import Call, answer_json
from matricula.rest.errors import invalid_field

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def list_reports(call: Call[ReportQuery, None]) -> HttpResponse:
    """200, an array, the latest first."""
    query = call.query
    since = None if query.min_created_date is None else _day(query.min_created_date)
    root = public_root(call)
    return answer_json(
        [
            Report(report.name, report.created_date, signed_link(report.file, root))
            for report in reads.list_reports(call.program.program, since)
        ]
    )


def _day(text: str) -> date:
    """Errors: 400."""
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise invalid_field("min_created_date", "Write the date as YYYY-MM-DD.")
