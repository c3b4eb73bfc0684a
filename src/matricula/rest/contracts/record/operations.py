"""Operations, their changes, and how they are taken back (record-api: Operations and undo)."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import msgspec
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext

from matricula.access.reads import Reach, reach_of
from matricula.batches.planning import make_undo
from matricula.batches.rights import parts_of_operations, with_part
from matricula.batches.undo.reads import Against, list_against
from matricula.disclosures.statuses import DisclosureKind
from matricula.disclosures.writes import Contents
from matricula.journal.operations import (
    OperationFacts,
    RecordedChange,
    count_people,
    find_operation,
    list_changes,
    list_operations,
    list_undone,
    unknown_changes,
)
from matricula.journal.shown import show_state
from matricula.journal.statuses import API
from matricula.rest import errors
from matricula.rest.contracts.record import schemas
from matricula.rest.contracts.record.guard import operation_of
from matricula.rest.contracts.record.requested import checked_reason, find_visible
from matricula.rest.contracts.record.shown import AGAINST, answer_made, show_operations
from matricula.rest.disclosing import answer_export, csv_headers
from matricula.rest.endpoint import Call, PlainCall, answer_json, seconds
from matricula.rest.errors import BrokenRequest, invalid_field, unknown_cursor
from matricula.tabular.exports import export_rows, walk

COLUMNS = (
    "change_id", "at", "subject", "username", "email", "student_key", "course", "program", "transition", "before",
    "after", "reason",
)  # fmt: skip
_AT_ONCE = 1_000
_encode = msgspec.json.Encoder().encode


def list_some_operations(call: Call[schemas.OperationListQuery, None]) -> HttpResponse:
    """200 OperationList: those of which the caller may see a part, the newest first."""
    query = call.query
    course_id, program_id = find_visible(call, query.course, query.program)
    if query.cursor is not None and find_operation(query.cursor) is None:
        raise unknown_cursor()
    reach = reach_of(call.signed_in)
    found = list_operations(
        limit=query.page_size + 1,
        courses=reach.courses,
        programs=reach.programs,
        course_id=course_id,
        program_id=program_id,
        actor=query.actor,
        source=query.source,
        since=query.since,
        until=query.until,
        before=query.cursor,
    )
    page, more = found[: query.page_size], found[query.page_size :]
    return answer_json(schemas.OperationList(show_operations(call, page), page[-1].id if more else None))


def get_operation(call: PlainCall) -> HttpResponse:
    """200 RecordedOperation."""
    return answer_json(show_operations(call, [operation_of(call)])[0])


def get_changes(call: Call[schemas.ChangeQuery, None]) -> HttpResponseBase:
    """200 ChangeList, or all changes as CSV, streamed: those that the caller may see."""
    query, record, reach = call.query, operation_of(call), reach_of(call.signed_in)
    show = partial(_shown, names=call.signed_in.sees_names, beside_keys=_shows_keys(reach, record))
    if query.fmt == "csv":
        return answer_export(
            call,
            export_rows(
                COLUMNS,
                _cells(map(show, _all_changes(record.id, reach, query.cursor or 0))),
                partial(count_people, record.id, courses=reach.courses, programs=reach.programs),
            ),
            Contents(
                DisclosureKind.OPERATION_CHANGES,
                record.course_id,
                record.program_id,
                filters={"operation": str(record.id)},
            ),
            csv_headers(f"operation-{record.id}.csv"),
        )
    found = _changes(record.id, reach, query.cursor or 0, query.page_size + 1)
    page, more = found[: query.page_size], found[query.page_size :]
    return answer_json(schemas.ChangeList([*map(show, page)], page[-1].id if more else None))


def undo(call: Call[None, schemas.UndoBody]) -> HttpResponse:
    """201 Plan that takes the operation back, or 202 while its rows are looked at. Errors: 409."""
    body, record = call.body, operation_of(call)
    reason = checked_reason("reason", body.reason)
    changes = None if body.changes == "all" else [*body.changes]
    against = list_against([record], list_undone([record.id]), {}).get(record.id)
    # of one that changed nothing, a plan without rows is made
    if against not in (None, Against.NO_CHANGES):
        raise BrokenRequest(errors.CONFLICT, AGAINST[against])
    if changes is not None and (unknown := unknown_changes(record.id, changes)):
        numbers = ", ".join(map(str, unknown[:10]))
        raise invalid_field("changes", "This operation has no changes with these IDs: %(ids)s.", ids=numbers)
    [*parts] = parts_of_operations([record])[record.id]
    plan_id = make_undo(
        with_part(record, parts),
        changes,
        reason=reason,
        name=gettext("Undo of %(operation)s") % {"operation": record.id},
        actor_id=call.account_id,
        source=API,
    )
    return answer_made(call, plan_id)


def _changes(operation_id: uuid.UUID, reach: Reach, after: int, limit: int) -> list[RecordedChange]:
    return list_changes(operation_id, after=after, limit=limit, courses=reach.courses, programs=reach.programs)


def _shows_keys(reach: Reach, record: OperationFacts) -> bool:
    """True if the reader sees keys of students among the changes."""
    return record.program_id is not None and (reach.programs is None or record.program_id in reach.programs)


def _shown(change: RecordedChange, *, names: bool, beside_keys: bool) -> schemas.RecordedChange:
    # beside keys of students, also the names in changes without a key say who they are
    has_names = names or (change.student_key is None and not beside_keys)
    return schemas.RecordedChange(
        change_id=change.id,
        at=seconds(change.at),
        subject=change.subject,
        person=schemas.Person(
            change.username if has_names else None, change.email if has_names else None, change.student_key
        ),
        course=change.course,
        program=change.program,
        transition=change.transition,
        before=show_state(change.before),
        after=show_state(change.after),
        reason=change.reason,
    )


def _all_changes(operation_id: uuid.UUID, reach: Reach, after: int) -> Iterator[RecordedChange]:
    return walk(lambda last: _changes(operation_id, reach, last.id if last else after, _AT_ONCE))


def _cells(changes: Iterable[schemas.RecordedChange]) -> Iterator[Sequence[Any]]:
    for change in changes:
        yield (
            change.change_id,
            f"{change.at:%Y-%m-%dT%H:%M:%SZ}",
            change.subject.value,
            change.person.username,
            change.person.email,
            change.person.student_key,
            change.course,
            change.program,
            change.transition,
            _encode(change.before).decode(),
            _encode(change.after).decode(),
            change.reason,
        )
