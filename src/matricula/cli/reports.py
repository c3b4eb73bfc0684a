"""``matricula report``: writes the reports about programs at once."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from matricula.cli.disclosing import Reason, recipient
from matricula.cli.service import Data, database, fail


def report(
    program: Annotated[str | None, typer.Option(help="The program key.", show_default=False)] = None,
    every: Annotated[bool, typer.Option("--all", help="All programs.")] = False,
    data: Data = None,
    reason: Reason = None,
) -> None:
    """Write today's reports about a program, or about all: the students, and counts of them."""
    if (program is None) is not every:
        raise fail("choose a program with --program, or use --all.")
    with database(data):
        from matricula.catalog.reads import find_program, list_program_keys
        from matricula.disclosures.writes import record_file
        from matricula.foundation.files import StorageFailed
        from matricula.reports.reads import count_students, linked_report
        from matricula.reports.writes import write_program_reports

        reader = recipient(reason)
        for key in [program] if program is not None else list_program_keys():
            facts = find_program(key)
            if facts is None:
                raise fail(f"there is no program {key}.", 1)
            try:
                files = write_program_reports(facts, datetime.now(UTC).date())
            except StorageFailed as failed:
                raise fail(f"the file storage rejected the reports of {key}: {failed}", 1) from None
            for file in files:
                record_file(linked_report(file, facts.id).contents, reader, count_students(file))
            typer.echo("\n".join(files))
