"""``matricula roster``, ``diff``, ``snapshot`` and ``snapshots``: what was, what changed since, and what is kept."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from matricula.cli.disclosing import Form, Output, Reason, recipient, write_export
from matricula.cli.group import group
from matricula.cli.named import course_id_of, program_id_of, time_of
from matricula.cli.planned import account_of
from matricula.cli.printing import print_json
from matricula.cli.service import Data, database, fail

if TYPE_CHECKING:
    from matricula.history.snapshots.reads import SnapshotFacts

snapshots = group("List the snapshots that were made, and their rows.")

Course = Annotated[str | None, typer.Option(help="The course key.", show_default=False)]
Program = Annotated[str | None, typer.Option(help="The program key.", show_default=False)]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", help="A time with offset, 2027-01-10T00:00:00Z. Default: now.", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, one line for each snapshot.")]


def roster(
    course: Course = None,
    program: Program = None,
    as_of: AsOf = None,
    form: Annotated[Form, typer.Option("--format", help="CSV for spreadsheets, or JSON lines.")] = Form.csv,
    output: Output = None,
    reason: Reason = None,
    data: Data = None,
) -> None:
    """Who was enrolled in a course run, or which students a program had, at a moment."""
    with database(data):
        from matricula.disclosures.statuses import DisclosureKind
        from matricula.disclosures.writes import Contents
        from matricula.history.moments.courses import export_course_roster_at
        from matricula.history.moments.programs import export_program_roster_at

        course_id, program_id = _about(course, program)
        moment = _moment(as_of, "--as-of")
        then = moment if as_of else None
        if course_id is not None:
            export = export_course_roster_at(course_id, then, form.value)
        else:
            export = export_program_roster_at(program_id or 0, then, form.value)
        filters = {"format": form.value, "as_of": moment.isoformat()}
        write_export(export, Contents(DisclosureKind.ROSTER, course_id, program_id, filters=filters), output, reason)


def diff(
    since: Annotated[str, typer.Option("--from", help="The first moment, with offset.")],
    until: Annotated[
        str | None, typer.Option("--to", help="The second moment, with offset. Default: now.", show_default=False)
    ] = None,
    course: Course = None,
    program: Program = None,
    output: Output = None,
    reason: Reason = None,
    data: Data = None,
) -> None:
    """Who joined, left and changed in a course run or a program between two moments, as CSV."""
    with database(data):
        from matricula.disclosures.statuses import DisclosureKind
        from matricula.disclosures.writes import Contents
        from matricula.history.moments.differences import export_course_difference, export_program_difference

        course_id, program_id = _about(course, program)
        first, last = _moment(since, "--from"), _moment(until, "--to")
        if first > last:
            raise fail("--from is later than --to. Choose an earlier time.")
        if course_id is not None:
            export = export_course_difference(course_id, first, last)
        else:
            export = export_program_difference(program_id or 0, first, last)
        filters = {"from": first.isoformat(), "to": last.isoformat()}
        write_export(
            export, Contents(DisclosureKind.DIFFERENCE, course_id, program_id, filters=filters), output, reason
        )


def snapshot(
    course: Course = None,
    program: Program = None,
    as_of: AsOf = None,
    name: Annotated[str | None, typer.Option(help="A line for people.", show_default=False)] = None,
    by: Annotated[
        str | None, typer.Option("--by", help="The username to show as actor in the audit log.", show_default=False)
    ] = None,
    reason: Reason = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Keep the roster of a moment as it was; it can't be changed."""
    with database(data):
        from matricula.foundation.files import StorageFailed
        from matricula.foundation.text import one_line
        from matricula.history.snapshots.reads import find_snapshot
        from matricula.history.snapshots.writes import make_snapshot
        from matricula.journal.statuses import COMMAND
        from matricula.journal.writes import new_operation

        course_id, program_id = _about(course, program)
        moment, reader = _moment(as_of, "--as-of"), recipient(reason)
        try:
            snapshot_id = make_snapshot(
                new_operation(account_of(by), COMMAND, reader.reason, course_id=course_id, program_id=program_id),
                course_id=course_id,
                program_id=program_id,
                as_of=moment if as_of else None,
                name=one_line(name or "", 255) or f"{course or program} {moment:%Y-%m-%d}",
                recipient=reader,
            )
        except StorageFailed as failed:
            raise fail(f"the snapshot could not be kept: {failed}", 1) from None
        found = find_snapshot(snapshot_id)
        _print([found] if found else [], as_json=as_json)


@snapshots.command("list")
def list_them(
    course: Course = None,
    program: Program = None,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1)] = 50,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """The latest snapshots: id, moment, how many people, digest, name."""
    with database(data):
        from matricula.history.snapshots.reads import list_snapshots

        course_id = course_id_of(course) if course else None
        program_id = program_id_of(program) if program else None
        _print(list_snapshots(limit=limit, course_id=course_id, program_id=program_id), as_json=as_json)


@snapshots.command("rows")
def rows(
    snapshot_id: Annotated[str, typer.Argument(metavar="ID")],
    output: Output = None,
    reason: Reason = None,
    data: Data = None,
) -> None:
    """The rows of a snapshot, as CSV."""
    with database(data):
        from matricula.disclosures.statuses import DisclosureKind
        from matricula.disclosures.writes import Contents
        from matricula.foundation.files import StorageFailed
        from matricula.history.snapshots.reads import export_snapshot

        found = _found(snapshot_id)
        filters = {"snapshot": snapshot_id}
        contents = Contents(DisclosureKind.SNAPSHOT_ROWS, found.course_id, found.program_id, filters=filters)
        try:
            write_export(export_snapshot(found), contents, output, reason)
        except StorageFailed as failed:
            raise fail(f"the file of the snapshot can't be read: {failed}", 1) from None


@snapshots.command("verify")
def verify(
    snapshot_id: Annotated[str, typer.Argument(metavar="ID")], data: Data = None, as_json: AsJson = False
) -> None:
    """Is the file of a snapshot still what was kept?"""
    with database(data):
        from matricula.foundation.files import StorageFailed
        from matricula.history.snapshots.verification import verify_snapshot

        found = _found(snapshot_id)
        try:
            verified = verify_snapshot(found)
        except StorageFailed as failed:
            raise fail(f"the file of the snapshot can't be read: {failed}", 1) from None
        redacted = verified.redacted and verified.redacted.isoformat()
        if as_json:
            print_json({"snapshot_id": str(found.id), "is_right": verified.is_right, "redacted": redacted})
        elif not verified.is_right:
            typer.echo("The file is missing." if verified.is_missing else "The file was altered.")
        elif redacted:
            typer.echo(f"Traces of a person were removed on {redacted}. Since then, nothing was altered.")
        else:
            typer.echo("The file is as it was made.")
        raise typer.Exit(0 if verified.is_right else 1)


def _found(snapshot_id: str) -> "SnapshotFacts":
    import uuid

    from matricula.history.snapshots.reads import find_snapshot

    try:
        found = find_snapshot(uuid.UUID(snapshot_id))
    except ValueError:
        found = None
    if found is None:
        raise fail(f"there is no snapshot {snapshot_id}. See `matricula snapshots list`.", 1)
    return found


def _about(course: str | None, program: str | None) -> tuple[int | None, int | None]:
    if (course is None) == (program is None):
        raise fail("give either --course or --program.")
    return (course_id_of(course), None) if course is not None else (None, program_id_of(program or ""))


def _moment(text: str | None, option: str) -> datetime:
    from matricula.history.moments.clock import InTheFuture, moment_of

    try:
        return moment_of(time_of(text, option))
    except InTheFuture:
        raise fail(f"{option}: this time is in the future. Choose one in the past.") from None


def _print(found: "list[SnapshotFacts]", *, as_json: bool) -> None:
    for one in found:
        if as_json:
            print_json(
                {
                    "snapshot_id": str(one.id),
                    "as_of": one.as_of.isoformat(),
                    "name": one.name,
                    "count": one.count,
                    "digest": one.digest,
                    "created": one.created.isoformat(),
                    "created_by": one.actor,
                    "operation_id": str(one.operation_id),
                }
            )
        else:
            typer.echo(f"{one.id}  {one.as_of:%Y-%m-%d %H:%M:%SZ}  {one.count}  {one.digest}  {one.name}")
