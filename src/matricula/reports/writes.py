"""Writing Matricula's own reports (registrar-api: Reports)."""

from datetime import date

from matricula.catalog.reads import ProgramFacts, get_organization_key, list_program_runs
from matricula.foundation.files import write_file
from matricula.reports.names import AGGREGATE_REPORT, ENROLLMENT_REPORT, report_folder, report_name
from matricula.reports.tables import AGGREGATE_COLUMNS, enrollment_columns, list_counts, list_students
from matricula.tabular.writing import table_lines


def write_program_reports(program: ProgramFacts, day: date) -> list[str]:
    """Writes both reports about a program, dated ``day``, in place of that day's; their names in the storage."""
    runs = list_program_runs(program.id)
    folder = report_folder(get_organization_key(program.organization_id), program.key)
    tables = {
        ENROLLMENT_REPORT: table_lines(enrollment_columns(runs), list_students(program.id, runs)),
        AGGREGATE_REPORT: table_lines(AGGREGATE_COLUMNS, list_counts(program.id, runs)),
    }
    files = {f"{folder}/{report_name(kind, day)}": blocks for kind, blocks in tables.items()}
    for file, blocks in files.items():
        write_file(file, blocks)
    return list(files)
