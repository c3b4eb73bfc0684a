"""Lists as the console shows them, as files: with the filters and the order of the page, whole, a row at a time.

What is listed is a value, so that a worker can write the same file that a page would have given
(docs/decisions/0053-exports-of-lists.md). Columns have the names that uploads understand, where there is one.
"""

import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial

import msgspec

from matricula.catalog.reads import get_programs
from matricula.enrollments.course.invitations import stream_invitations
from matricula.enrollments.course.rosters import RosterFilter, stream_roster
from matricula.enrollments.program.students import StudentFilter, stream_students
from matricula.enrollments.statuses import ENROLL, UNENROLL
from matricula.jobs.downloads import start_download
from matricula.jobs.reads import JobStatus
from matricula.jobs.statuses import EXPORT_LIST
from matricula.journal.acts import ActFilter, Scope, count_people_in_acts, list_entries
from matricula.journal.reads import HistoryEntry
from matricula.journal.statuses import Source
from matricula.tabular.exports import Export, export_rows
from matricula.tabular.forms import Form, in_form

LISTED = "list"
_AT_ONCE = 2_000


class ListedRoster(msgspec.Struct, frozen=True, tag="roster"):
    """Enrollments of a course run."""

    wanted: RosterFilter
    sort: str


class ListedInvitations(msgspec.Struct, frozen=True, tag="invitations"):
    """Who is invited to a course run and not enrolled."""

    search: str


class ListedStudents(msgspec.Struct, frozen=True, tag="students"):
    """Students of a program; ``names``: with who they are."""

    wanted: StudentFilter
    names: bool


class ListedHistory(msgspec.Struct, frozen=True, tag="history"):
    """What happened in a course run or a program, or to a person."""

    scope: Scope
    wanted: ActFilter


Listed = ListedRoster | ListedInvitations | ListedStudents | ListedHistory


def export_list(listed: Listed, course_id: int | None, program_id: int | None) -> Export:
    """The list of a course run or a program as CSV."""
    match listed:
        case ListedRoster():
            return export_rows(_ROSTER, _roster(course_id or 0, listed))
        case ListedInvitations():
            return export_rows(_INVITATIONS, _invitations(course_id or 0, listed))
        case ListedStudents():
            columns = (*_STUDENTS, *_NAMES) if listed.names else _STUDENTS
            return export_rows(columns, _students(program_id or 0, listed))
        case ListedHistory():
            people = partial(count_people_in_acts, listed.scope, listed.wanted)
            return export_rows(_HISTORY, map(_entry, _all_entries(listed)), people)


def start_list(
    listed: Listed,
    *,
    actor_id: int,
    source: Source,
    course_id: int | None,
    program_id: int | None,
    reason: str | None,
) -> uuid.UUID:
    """Stores a job that writes the list into a workbook. Errors: ``TooManyJobs``."""
    return start_download(
        EXPORT_LIST,
        actor_id=actor_id,
        source=source,
        course_id=course_id,
        program_id=program_id,
        form=Form.WORKBOOK,
        options={LISTED: msgspec.to_builtins(listed)},
        reason=reason,
    )


def download_list(job: JobStatus) -> Export:
    """The workbook of a job."""
    listed = msgspec.convert(job.options[LISTED], Listed)
    return in_form(export_list(listed, job.course_id, job.program_id), Form.WORKBOOK)


# an upload reads the first four that it knows, so that what was downloaded can be sent back
_ROSTER = ("identifier", "email", "first_name", "last_name", "mode", "action", "created", "is_active", "beta_tester")


def _roster(course_id: int, listed: ListedRoster) -> Iterator[Sequence[object]]:
    for row in stream_roster(course_id, listed.wanted, listed.sort):
        action = ENROLL if row.is_active else UNENROLL
        named = (row.username, row.email, row.first_name, row.last_name)
        yield (*named, row.mode, action, row.created, row.is_active, row.beta_tester)


_INVITATIONS = ("email", "mode", "auto_enroll", "action", "reason", "username", "created")


def _invitations(course_id: int, listed: ListedInvitations) -> Iterator[Sequence[object]]:
    for row in stream_invitations(course_id, search=listed.search):
        yield row.email, row.mode, row.auto_enroll, ENROLL, row.reason, row.username, time_cell(row.created)


_STUDENTS = ("student_key", "status", "account_exists", "updated")
_NAMES = ("username", "email", "full_name")


def _students(program_id: int, listed: ListedStudents) -> Iterator[Sequence[object]]:
    program = get_programs([program_id])[program_id]
    for row in stream_students(program, listed.wanted, names=listed.names):
        shown = row.student_key, row.status, row.account_id is not None, time_cell(row.updated)
        yield (*shown, row.username, row.email, row.full_name) if listed.names else shown


_HISTORY = (
    "at", "actor", "source", "subject", "username", "email", "student_key", "course", "transition", "before", "after",
    "reason", "operation",
)  # fmt: skip


def _all_entries(listed: ListedHistory) -> Iterator[HistoryEntry]:
    """All entries that fit, the latest first, some thousand in memory."""
    found, before = list_entries(listed.scope, listed.wanted, walk=_AT_ONCE)
    yield from found
    while before is not None:
        found, before = list_entries(listed.scope, listed.wanted, walk=_AT_ONCE, before=before)
        yield from found


def _entry(entry: HistoryEntry) -> Sequence[object]:
    return (
        entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        entry.actor,
        entry.source.value,
        entry.subject.value,
        entry.username,
        entry.email,
        entry.student_key,
        entry.course,
        entry.transition,
        state_cell(entry.before),
        state_cell(entry.after),
        entry.reason,
        entry.operation,
    )


def state_cell(state: msgspec.Struct | None) -> str:
    """What an entry of the journal says was or is there, as JSON; "" where there is nothing."""
    return msgspec.json.encode(state).decode() if state is not None else ""


def time_cell(at: datetime | None) -> str:
    """As the APIs spell times, whole seconds; "" for None."""
    return "" if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
