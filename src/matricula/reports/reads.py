"""The reports about a program: Matricula's, and those that an operator put beside them (registrar-api: Reports)."""

from dataclasses import dataclass
from datetime import date

from matricula.catalog.reads import ProgramFacts, get_organization_key
from matricula.foundation.files import list_files
from matricula.reports.names import report_date, report_folder


@dataclass(frozen=True, slots=True)
class Report:
    """A report; ``file`` is its name in the file storage."""

    name: str
    created_date: date
    file: str


def list_reports(program: ProgramFacts, since: date | None = None) -> list[Report]:
    """The files of a program with a date in their names, of ``since`` and later; the latest first, then by name."""
    folder = report_folder(get_organization_key(program.organization_id), program.key)
    reports = [
        Report(name, created, f"{folder}/{name}")
        for name in list_files(folder)
        if (created := report_date(name)) and (since is None or created >= since)
    ]
    # the names come sorted, and sorting keeps that among equal dates
    return sorted(reports, key=lambda report: report.created_date, reverse=True)
