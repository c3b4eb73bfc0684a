"""``matricula load``."""

from pathlib import Path

import typer

from matricula.cli.service import fail, note
from matricula.institution.reading import InstitutionRefused, read_institution_file
from matricula.institution.writes import load_institution
from matricula.journal.statuses import COMMAND, OperationKind
from matricula.journal.writes import new_operation


def load_file(file: Path, *, prune_roles: bool = False, quiet: bool = False) -> None:
    """Loads an institution file and says what changed; ends the command with each problem and its line if it can't."""
    try:
        summary = load_institution(
            new_operation(None, COMMAND, kind=OperationKind.LOAD), read_institution_file(file), prune_roles=prune_roles
        )
    except InstitutionRefused as refused:
        for problem in refused.problems:
            location = f"{file}, line {problem.line}" if problem.line else str(file)
            note(f"{location}: {problem.message}")
        if refused.more:
            note(f"… and {refused.more} more")
        raise fail("nothing was loaded. Correct the file and load it again.", 1) from None
    if not quiet:
        typer.echo(str(summary))
