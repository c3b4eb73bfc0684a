"""Files about people that commands write: recorded for the account of the machine that runs the command."""

import getpass
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from matricula.cli.service import fail

if TYPE_CHECKING:
    from matricula.disclosures.writes import Contents, Recipient
    from matricula.tabular.exports import Export


class Form(StrEnum):
    """How rows are written."""

    csv = "csv"
    jsonl = "jsonl"


Reason = Annotated[
    str | None, typer.Option("--reason", help="Why you need this; kept in the list of disclosures.", show_default=False)
]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file instead of standard output.")]


def recipient(reason: str | None) -> "Recipient":
    """Who runs the command, and why. Ends the command without a reason, where one is required."""
    from matricula.disclosures.writes import ReasonMissing, Recipient, check_reason
    from matricula.foundation.request_ids import new_operation_id
    from matricula.foundation.text import reason_problem
    from matricula.journal.statuses import COMMAND

    reason = (reason or "").strip() or None
    if reason and (problem := reason_problem(reason)):
        raise fail(f"--reason: {problem.in_english()}")
    try:
        check_reason(reason)
    except ReasonMissing:
        raise fail("a reason is required for files about people. Give it with --reason.") from None
    return Recipient(COMMAND, new_operation_id(), os_user=_os_user(), reason=reason)


def write_export(export: "Export", contents: "Contents", output: Path | None, reason: str | None) -> None:
    """Writes a file about people, and records that."""
    from matricula.disclosures.writes import disclosed

    blocks = disclosed(export, contents, recipient(reason))
    if output is not None:
        with output.open("wb") as stream:
            stream.writelines(blocks)
        return
    try:
        for block in blocks:
            sys.stdout.buffer.write(block)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # the reader has enough (head, less)
        blocks.close()
        sys.stderr.close()


def _os_user() -> str | None:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # a container without an entry for its user
        return None
