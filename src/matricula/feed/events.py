"""Changes as CloudEvents, with the names that their ids have now (record-api: Feed)."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from matricula.catalog.reads import keys_of
from matricula.journal.operations import list_recorded
from matricula.journal.records import Record
from matricula.journal.redactions import marks_of
from matricula.journal.shown import show_state
from matricula.journal.states import state_of
from matricula.journal.statuses import Subject
from matricula.learners.reads import names_of

CREATED = "org.openedx.learning.course.enrollment.created.v1"
CHANGED = "org.openedx.learning.course.enrollment.changed.v1"
COMPLETED = "org.openedx.learning.course.unenrollment.completed.v1"
_JSON = "application/json"
_NO_ONE = (None, None)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who is shown changes, and what of them: the course runs and programs (by id; None: all) that ``access.reads``
    finds, and whether also the names of students.
    """

    courses: Collection[int] | None
    programs: Collection[int] | None
    names: bool


class EventPerson(msgspec.Struct, frozen=True, gc=False):
    """The person of a change, as far as that is known and you may see it."""

    username: str | None
    email: str | None
    student_key: str | None


class Redaction(msgspec.Struct, frozen=True, gc=False):
    """A person's traces were removed from the change (docs/retirement.md)."""

    at: Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
    digest: Annotated[str, Meta(description="SHA-256 of the record as it was: what seals cover.")]


class EventData(msgspec.Struct, frozen=True, gc=False):
    """The change itself. ``record`` null: it would say who a student is, and you may not see that. ``redacted`` is only
    there where the record is not what it was.
    """

    subject: Subject
    person: EventPerson
    course: str | None
    program: str | None
    before: dict[str, Any]
    after: dict[str, Any]
    operation_id: uuid.UUID
    actor: str | None
    reason: str | None
    record: Record | None
    redacted: Redaction | UnsetType = UNSET


class Event(msgspec.Struct, frozen=True, gc=False):
    """A change as a CloudEvent."""

    specversion: str
    id: str
    source: str
    type: str
    time: Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
    subject: Subject
    datacontenttype: str
    data: EventData


def show_events(records: Sequence[Record], reader: Reader, source: str) -> list[Event]:
    """Return the changes as events of ``source`` (the public URL); a few statements for any number of them."""
    accounts = names_of(_ids(id_ for record in records for id_ in (record.account_id, record.actor_id)))
    courses, programs = keys_of((record.course for record in records), (record.program for record in records))
    unnamed, shown = _unnamed(records, reader), _Shown()
    marks = marks_of(record.change_id for record in records)
    events = []
    for record in records:
        username, email = accounts.get(record.account_id or 0, _NO_ONE)
        has_names = record.operation_id not in unnamed
        person = EventPerson(username, record.email or email, record.student_key)
        data = EventData(
            record.subject,
            person if has_names else EventPerson(None, None, record.student_key),
            courses.get(record.course),
            programs.get(record.program),
            shown(record.subject, record.before, has_names),
            shown(record.subject, record.after, has_names),
            record.operation_id,
            accounts.get(record.actor_id or 0, _NO_ONE)[0],
            record.reason,
            record if has_names else None,
            _redaction(marks.get(record.change_id)) if has_names else UNSET,
        )
        # whole seconds, as all times on the wire; the record has the rest
        time = f"{record.at[:19]}Z"
        kind = type_of(record)
        events.append(Event("1.0", str(record.change_id), source, kind, time, record.subject, _JSON, data))
    return events


def _redaction(mark: tuple[datetime, str] | None) -> Redaction | UnsetType:
    return UNSET if mark is None else Redaction(f"{mark[0].astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", mark[1])


class _Shown:
    """States as the contract shows them; those that several records share are made once."""

    def __init__(self) -> None:
        self._made: dict[tuple[int, Subject, bool], dict[str, Any]] = {}

    def __call__(self, subject: Subject, stored: dict[str, Any], names: bool) -> dict[str, Any]:
        # the records hold them meanwhile, so no other state has the same id
        key = (id(stored), subject, names)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = show_state(state_of(subject, stored))
            if not names:
                # whose key it is
                made.pop("account_id", None)
        return made


def type_of(record: Record) -> str:
    """Return the type of the event: for enrollments in course runs that of Open edX."""
    if record.subject is not Subject.COURSE_ENROLLMENT:
        return f"org.matricula.{record.subject.value}.changed.v1"
    was, is_ = _is_enrolled(record.before), _is_enrolled(record.after)
    if was is is_:
        return CHANGED
    return CREATED if is_ else COMPLETED


def _is_enrolled(state: dict[str, Any]) -> bool:
    return bool(state.get("enrollment", {}).get("is_active"))


def _unnamed(records: Sequence[Record], reader: Reader) -> set[uuid.UUID]:
    """The operations among whose changes the reader sees keys of students, and no names: also a change without a key
    would say who is behind the one beside it.
    """
    if reader.names:
        return set()
    keyed = {record.operation_id for record in records if record.student_key is not None}
    others = {record.operation_id for record in records} - keyed
    seen = None if reader.programs is None else frozenset(reader.programs)
    return keyed | {
        one.id for one in list_recorded(others) if one.program_id and (seen is None or one.program_id in seen)
    }


def _ids(given: Iterable[int | None]) -> set[int]:
    return {id_ for id_ in given if id_ is not None}
