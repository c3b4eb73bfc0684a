"""``matricula export``: rows as CSV or JSON lines, streamed to standard output or a file."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from matricula.cli.named import course_id_of, program_id_of
from matricula.cli.service import database, fail

app = typer.Typer(no_args_is_help=True, help="Export rows as CSV or JSON lines.")


class Form(StrEnum):
    """How rows are written."""

    csv = "csv"
    jsonl = "jsonl"


Data = Annotated[Path | None, typer.Option("--data", help="The data folder.", show_default=False)]
As = Annotated[Form, typer.Option("--format", help="CSV for spreadsheets, or JSON lines.")]
Program = Annotated[str, typer.Option(help="The program key.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file instead of standard output.")]


@app.command("enrollments")
def enrollments(
    course: Annotated[str, typer.Option(help="The course key.")],
    data: Data = None,
    form: As = Form.csv,
    output: Output = None,
) -> None:
    """The roster of a course run."""
    with database(data):
        from matricula.enrollments.course.exports import export_enrollments

        _write(export_enrollments(course_id_of(course), form.value), output)


@app.command("users")
def users(data: Data = None, form: As = Form.csv, output: Output = None) -> None:
    """All accounts, without passwords."""
    with database(data):
        from matricula.enrollments.course.exports import export_users

        _write(export_users(form.value), output)


@app.command("program-enrollments")
def program_enrollments(program: Program, data: Data = None, form: As = Form.csv, output: Output = None) -> None:
    """The students of a program."""
    with database(data):
        from matricula.enrollments.course.exports import export_program_enrollments

        _write(export_program_enrollments(program_id_of(program), form.value), output)


@app.command("course-enrollments")
def course_enrollments(program: Program, data: Data = None, form: As = Form.csv, output: Output = None) -> None:
    """The students of a program in its course runs."""
    with database(data):
        from matricula.enrollments.course.exports import export_program_course_enrollments

        _write(export_program_course_enrollments(program_id_of(program), form.value), output)


@app.command("student-keys")
def student_keys(
    organization: Annotated[str, typer.Option(help="The organization key.")],
    data: Data = None,
    form: As = Form.csv,
    output: Output = None,
) -> None:
    """Which account each student key of an organization is linked to."""
    with database(data):
        from matricula.catalog.reads import organization_ids
        from matricula.enrollments.course.exports import export_student_keys

        found = organization_ids([organization])
        if not found:
            raise fail(f"there is no organization {organization}.", 1)
        _write(export_student_keys(found[organization], form.value), output)


@app.command("grades")
def grades(
    course: Annotated[str | None, typer.Option(help="Only this course run.")] = None,
    data: Data = None,
    form: As = Form.csv,
    output: Output = None,
) -> None:
    """All grades, or those of one course run."""
    with database(data):
        from matricula.grades.exports import export_grades

        _write(export_grades(form.value, course_id_of(course) if course else None), output)


@app.command("journal")
def journal(
    course: Annotated[str | None, typer.Option(help="Only this course run.")] = None,
    program: Annotated[str | None, typer.Option(help="Only this program.")] = None,
    person: Annotated[str | None, typer.Option(help="Only this person (username or email address).")] = None,
    since: Annotated[datetime | None, typer.Option(help="Only entries from this time on (UTC).")] = None,
    data: Data = None,
    form: As = Form.jsonl,
    output: Output = None,
) -> None:
    """Who changed what, for whom, when, why, through which door."""
    with database(data):
        from matricula.foundation.folding import fold
        from matricula.journal.exports import JournalFilter, export_journal
        from matricula.learners.reads import find_learners

        learners = find_learners([fold(person)]).get(fold(person), []) if person else []
        if person and not learners and "@" not in person:
            raise fail(f"there is no account {person}.", 1)
        wanted = JournalFilter(
            course_id=course_id_of(course) if course else None,
            program_id=program_id_of(program) if program else None,
            account_id=learners[0].id if learners else None,
            email=(learners[0].email if learners else person) if person else None,
            since=since.replace(tzinfo=since.tzinfo or UTC) if since else None,
        )
        _write(export_journal(wanted, form.value), output)


def _write(blocks: Iterator[bytes], output: Path | None) -> None:
    if output is None:
        try:
            for block in blocks:
                sys.stdout.buffer.write(block)
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            # the reader has enough (head, less)
            sys.stderr.close()
        return
    with output.open("wb") as stream:
        for block in blocks:
            stream.write(block)
