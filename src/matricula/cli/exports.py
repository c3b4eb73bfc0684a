"""``matricula export``: rows as CSV or JSON lines, streamed to standard output or a file."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from matricula.cli.disclosing import Form, Output, Reason, write_export
from matricula.cli.group import group
from matricula.cli.named import course_id_of, program_id_of, time_of
from matricula.cli.service import Data, database, fail

app = group("Export rows as CSV or JSON lines.")


As = Annotated[Form, typer.Option("--format", help="CSV for spreadsheets, or JSON lines.")]
Program = Annotated[str, typer.Option(help="The program key.")]


@app.command("enrollments")
def enrollments(
    course: Annotated[str, typer.Option(help="The course key.")],
    data: Data = None,
    form: As = Form.csv,
    output: Output = None,
    reason: Reason = None,
) -> None:
    """The roster of a course run."""
    with database(data):
        from matricula.disclosures.statuses import DisclosureKind
        from matricula.disclosures.writes import Contents
        from matricula.enrollments.course.exports import export_enrollments

        course_id = course_id_of(course)
        contents = Contents(DisclosureKind.ENROLLMENTS, course_id, filters={"format": form.value})
        write_export(export_enrollments(course_id, form.value), contents, output, reason)


@app.command("users")
def users(data: Data = None, form: As = Form.csv, output: Output = None, reason: Reason = None) -> None:
    """All accounts, without passwords."""
    with database(data):
        from matricula.disclosures.statuses import DisclosureKind
        from matricula.disclosures.writes import Contents
        from matricula.enrollments.course.exports import export_users

        contents = Contents(DisclosureKind.USERS, filters={"format": form.value})
        write_export(export_users(form.value), contents, output, reason)


@app.command("program-enrollments")
def program_enrollments(
    program: Program, data: Data = None, form: As = Form.csv, output: Output = None, reason: Reason = None
) -> None:
    """The students of a program."""
    with database(data):
        from matricula.disclosures.statuses import DisclosureKind
        from matricula.disclosures.writes import Contents
        from matricula.enrollments.course.exports import export_program_enrollments

        program_id = program_id_of(program)
        contents = Contents(DisclosureKind.PROGRAM_ENROLLMENTS, None, program_id, filters={"format": form.value})
        write_export(export_program_enrollments(program_id, form.value), contents, output, reason)


@app.command("course-enrollments")
def course_enrollments(
    program: Program, data: Data = None, form: As = Form.csv, output: Output = None, reason: Reason = None
) -> None:
    """The students of a program in its course runs."""
    with database(data):
        from matricula.disclosures.statuses import DisclosureKind
        from matricula.disclosures.writes import Contents
        from matricula.enrollments.course.exports import export_program_course_enrollments

        program_id = program_id_of(program)
        contents = Contents(DisclosureKind.COURSE_ENROLLMENTS, None, program_id, filters={"format": form.value})
        write_export(export_program_course_enrollments(program_id, form.value), contents, output, reason)


@app.command("student-keys")
def student_keys(
    organization: Annotated[str, typer.Option(help="The organization key.")],
    data: Data = None,
    form: As = Form.csv,
    output: Output = None,
    reason: Reason = None,
) -> None:
    """Which account each student key of an organization is linked to."""
    with database(data):
        from matricula.catalog.reads import organization_ids
        from matricula.disclosures.statuses import DisclosureKind
        from matricula.disclosures.writes import Contents
        from matricula.enrollments.course.exports import export_student_keys

        found = organization_ids([organization])
        if not found:
            raise fail(f"there is no organization {organization}.", 1)
        contents = Contents(DisclosureKind.STUDENT_KEYS, filters={"format": form.value, "organization": organization})
        write_export(export_student_keys(found[organization], form.value), contents, output, reason)


@app.command("grades")
def grades(
    course: Annotated[str | None, typer.Option(help="Only this course run.")] = None,
    data: Data = None,
    form: As = Form.csv,
    output: Output = None,
    reason: Reason = None,
) -> None:
    """All grades, or those of one course run."""
    with database(data):
        from matricula.disclosures.statuses import DisclosureKind
        from matricula.disclosures.writes import Contents
        from matricula.grades.exports import export_grades

        course_id = course_id_of(course) if course else None
        contents = Contents(DisclosureKind.GRADES, course_id, filters={"format": form.value})
        write_export(export_grades(form.value, course_id), contents, output, reason)


@app.command("journal")
def journal(
    course: Annotated[str | None, typer.Option(help="Only this course run.")] = None,
    program: Annotated[str | None, typer.Option(help="Only this program.")] = None,
    person: Annotated[str | None, typer.Option(help="Only this person (username or email address).")] = None,
    since: Annotated[datetime | None, typer.Option(help="Only entries from this time on (UTC).")] = None,
    data: Data = None,
    form: As = Form.jsonl,
    output: Output = None,
    reason: Reason = None,
) -> None:
    """Who changed what, for whom, when, why, through which door."""
    with database(data):
        from matricula.disclosures.statuses import DisclosureKind
        from matricula.disclosures.writes import Contents
        from matricula.foundation.folding import fold
        from matricula.journal.exports import JournalFilter, export_journal
        from matricula.learners.reads import find_learners, list_merged, names_of

        learners = find_learners([fold(person)]).get(fold(person), []) if person else []
        if person and not learners and "@" not in person:
            raise fail(f"there is no account {person}.", 1)
        merged = list_merged(learners[0].id) if learners else []
        emails = [learners[0].email, *(email for _, email in names_of(merged).values())] if learners else [person or ""]
        wanted = JournalFilter(
            course_id=course_id_of(course) if course else None,
            program_id=program_id_of(program) if program else None,
            account_ids=(learners[0].id, *merged) if learners else (),
            emails=tuple(emails) if person else (),
            since=since.replace(tzinfo=since.tzinfo or UTC) if since else None,
        )
        # whose is not said: by the id, where there is an account
        chosen = {
            "format": form.value,
            "since": wanted.since and wanted.since.isoformat(),
            "account_id": wanted.account_ids[0] if wanted.account_ids else None,
            "by_address": bool(wanted.emails and not wanted.account_ids),
        }
        contents = Contents(
            DisclosureKind.JOURNAL,
            wanted.course_id,
            wanted.program_id,
            filters={name: value for name, value in chosen.items() if value},
        )
        write_export(export_journal(wanted, form.value), contents, output, reason)


@app.command("disclosures")
def disclosures(
    course: Annotated[str | None, typer.Option(help="Only files about this course run.")] = None,
    program: Annotated[str | None, typer.Option(help="Only files about this program.")] = None,
    by: Annotated[str | None, typer.Option(help="Only files that this user got.")] = None,
    since: Annotated[str | None, typer.Option(help="Only from this time on, with offset.")] = None,
    until: Annotated[str | None, typer.Option(help="Only before this time, with offset.")] = None,
    data: Data = None,
    form: As = Form.csv,
    output: Output = None,
    reason: Reason = None,
) -> None:
    """Who got which files about people: when, through which door, how many people, why."""
    with database(data):
        from matricula.disclosures.exports import export_disclosures
        from matricula.disclosures.reads import DisclosureFilter
        from matricula.disclosures.statuses import DisclosureKind
        from matricula.disclosures.writes import Contents

        wanted = DisclosureFilter(
            actor=by,
            course_id=course_id_of(course) if course else None,
            program_id=program_id_of(program) if program else None,
            since=time_of(since, "--since"),
            until=time_of(until, "--until"),
        )
        contents = Contents(
            DisclosureKind.DISCLOSURES, wanted.course_id, wanted.program_id, filters={"format": form.value}
        )
        write_export(export_disclosures(wanted, form.value), contents, output, reason)
