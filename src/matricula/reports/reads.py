"""The reports about a program: Matricula's, and those that an operator put beside them (registrar-api: Reports)."""

from dataclasses import dataclass
from datetime import date

from matricula.catalog.reads import ProgramFacts, get_organization_key
from matricula.disclosures.links import LinkedFile
from matricula.disclosures.statuses import DisclosureKind
from matricula.disclosures.writes import Contents
from matricula.foundation.files import list_files, open_file
from matricula.reports.names import is_about_students, report_date, report_folder

_BLOCK = 1 << 20


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


def linked_report(file: str, program_id: int | None) -> LinkedFile:
    """A report, to make links to."""
    return LinkedFile(Contents(DisclosureKind.REPORT, program_id=program_id, file=file))


def count_students(file: str) -> int | None:
    """How many students a report lists; None for one made elsewhere.

    Errors: ``FileNotFoundError``, ``StorageFailed``.
    """
    if not (listed := is_about_students(file)):
        return None if listed is None else 0
    with open_file(file) as opened:
        # without the header; the keys and statuses in it have no line breaks
        return sum(block.count(b"\n") for block in iter(lambda: opened.read(_BLOCK), b"")) - 1
