"""What reports are called and where they are kept (registrar-api: Reports). Plain Python."""

import re
from datetime import date

ENROLLMENT_REPORT = "enrollment_report"
AGGREGATE_REPORT = "aggregate_report"
# reports/<organization>/<program>/<file>
_FOLDER, _DEPTH = "reports", 4
_DATED = re.compile(r".*__([0-9]{4}-[0-9]{2}-[0-9]{2})(?:\.[^/]+)?")


def report_name(kind: str, day: date) -> str:
    """The name of a report made by Matricula."""
    return f"{kind}__{day.isoformat()}.csv"


def report_date(name: str) -> date | None:
    """The day in a name of the form ``<anything>__YYYY-MM-DD.<ext>``, or without ``.<ext>``; None: no report."""
    found = _DATED.fullmatch(name)
    if found is None:
        return None
    try:
        return date.fromisoformat(found.group(1))
    except ValueError:
        return None


def is_about_students(file: str) -> bool | None:
    """Whether a report has a row for each student, by the name of its file; None for those made elsewhere."""
    kind = file.rpartition("/")[2].partition("__")[0]
    return kind == ENROLLMENT_REPORT if kind in (ENROLLMENT_REPORT, AGGREGATE_REPORT) else None


def program_of_report(file: str) -> str | None:
    """The key of the program whose folder a file is in; None for a file that is no report."""
    parts = file.split("/")
    return parts[-2] if len(parts) == _DEPTH and parts[0] == _FOLDER else None


def report_folder(organization_key: str, program_key: str) -> str:
    """The folder of a program's reports in the file storage, without a slash at its end.

    A dot at the start of a key, and a backslash, which no name of a folder may have there, are written as %2E and %5C.
    """
    plain = organization_key.replace("\\", "%5C")
    return f"{_FOLDER}/{'%2E' + plain[1:] if plain.startswith('.') else plain}/{program_key}"
