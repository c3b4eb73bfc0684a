"""Operations and their changes as they are shown (record-api: Operations and undo)."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from matricula.foundation.database import fetch_all
from matricula.foundation.statements import read_statements
from matricula.journal.states import State, read_state
from matricula.journal.statuses import MERGE_UNDONE, MERGED, OperationKind, Source, Subject

_STATEMENTS = read_statements(__file__)


@dataclass(frozen=True, slots=True)
class OperationFacts:
    """An operation; ``actor`` None: no one was signed in."""

    id: uuid.UUID
    kind: OperationKind
    source: Source
    actor_id: int | None
    actor: str | None
    started: datetime
    ended: datetime | None
    reason: str | None
    course_id: int | None
    program_id: int | None
    job_id: uuid.UUID | None
    file: str | None
    reverts: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class UndoneBy:
    """An operation that took another one back, or (``is_partial``) some of its changes."""

    id: uuid.UUID
    is_partial: bool
    # it came to its end, and was not itself taken back
    is_whole: bool
    is_taken_back: bool

    @property
    def counts(self) -> bool:
        """True if nothing of the other operation is left."""
        return self.is_whole and not self.is_partial and not self.is_taken_back


@dataclass(frozen=True, slots=True)
class RecordedChange:
    """One change with the names that its ids have now; a state is None where there is nothing."""

    id: int
    at: datetime
    subject: Subject
    account_id: int | None
    username: str | None
    email: str | None
    student_key: str | None
    course: str | None
    program: str | None
    transition: str
    before: State | None
    after: State | None
    reason: str | None
    # the row of the student key in the program, while there is one
    student_id: int | None


@dataclass(frozen=True, slots=True)
class Someone:
    """Who is looked for in a history: by accounts, and by a student key and an address, both folded."""

    account_ids: Sequence[int] = ()
    keys: Sequence[str] = ()
    emails: Sequence[str] = ()


def find_operation(operation_id: uuid.UUID) -> OperationFacts | None:
    """The operation with this id, or None."""
    found = fetch_all(_STATEMENTS["one"](), {"operation": operation_id})
    return _facts(found[0]) if found else None


def list_operations(
    *,
    limit: int,
    courses: Collection[int] | None = None,
    programs: Collection[int] | None = None,
    course_id: int | None = None,
    program_id: int | None = None,
    actor: str | None = None,
    source: Source | None = None,
    kind: OperationKind | None = None,
    person: Someone | None = None,
    names: bool = True,
    since: datetime | None = None,
    until: datetime | None = None,
    before: uuid.UUID | None = None,
) -> list[OperationFacts]:
    """The latest operations that fit everything given, and are older than the operation ``before``.

    ``courses``, ``programs``: those whose operations the reader may see (``access.reads.Reach``); None of courses: all
    of them; both None: everything, also what is about neither. Of several, those who see a part see the operation.
    ``actor``: a username. ``names`` False: a person is not found behind a student key by the account.
    """
    asked = {"course": course_id, "program": program_id, "before": before, "person": person}
    variant = [*(name for name, value in asked.items() if value is not None), *_some(courses, programs)]
    who = person or Someone()
    filters = {
        "actor": actor,
        "source": source,
        "kind": kind,
        "accounts": list(who.account_ids),
        "keys": list(who.keys),
        "emails": list(who.emails),
        "names": names,
        "since": since,
        "until": until,
        "limit": limit,
    }
    found = fetch_all(_STATEMENTS["latest"](*variant), {**asked, **filters, **_seen(courses, programs)})
    return [_facts(row) for row in found]


def _seen(courses: Collection[int] | None, programs: Collection[int] | None) -> dict[str, Any]:
    return {"every_course": courses is None, "courses": list(courses or ()), "programs": list(programs or ())}


def _some(courses: Collection[int] | None, programs: Collection[int] | None) -> list[str]:
    return [] if courses is None and programs is None else ["some"]


def _facts(row: Sequence[Any]) -> OperationFacts:
    columns = [*row]
    columns[1], columns[2] = OperationKind(columns[1]), Source(columns[2])
    return OperationFacts(*columns)


def count_changes(
    operations: Collection[uuid.UUID],
    *,
    courses: Collection[int] | None = None,
    programs: Collection[int] | None = None,
    most: int | None = None,
) -> dict[uuid.UUID, dict[Subject, int]]:
    """Operation → subject → how many changes.

    ``courses``, ``programs``: those whose changes the reader may see, as for ``list_operations``. ``most``: of each
    operation no more than so many are counted.
    """
    found: dict[uuid.UUID, dict[Subject, int]] = defaultdict(dict)
    parameters = {"operations": list(operations), "most": most, **_seen(courses, programs)}
    variant = [*_some(courses, programs), *([] if most is None else ["bounded"])]
    for operation, subject, times in fetch_all(_STATEMENTS["counts"](*variant), parameters):
        found[operation][Subject(subject)] = times
    return found


def list_first_subjects(operations: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Subject]]:
    """Operation → what some of its changes are about, without counting them all; nothing for one without changes."""
    found = fetch_all(_STATEMENTS["first_subjects"](), {"operations": list(operations)}) if operations else []
    return {operation: [Subject(subject) for subject in subjects] for operation, subjects in found}


def count_people(
    operation_id: uuid.UUID, *, courses: Collection[int] | None = None, programs: Collection[int] | None = None
) -> int:
    """How many people the changes of an operation are about; ``courses``, ``programs``: as for ``list_operations``."""
    parameters = {"operation": operation_id, **_seen(courses, programs)}
    return int(fetch_all(_STATEMENTS["people"](*_some(courses, programs)), parameters)[0][0])


def list_undone(operations: Collection[uuid.UUID]) -> dict[uuid.UUID, list[UndoneBy]]:
    """Operation → those that took it back, the oldest first."""
    found: dict[uuid.UUID, list[UndoneBy]] = defaultdict(list)
    for operation, *columns in fetch_all(_STATEMENTS["undone_by"](), {"operations": list(operations)}):
        found[operation].append(UndoneBy(*columns))
    return found


def list_changes(
    operation_id: uuid.UUID,
    *,
    after: int = 0,
    limit: int,
    courses: Collection[int] | None = None,
    programs: Collection[int] | None = None,
) -> list[RecordedChange]:
    """The changes of an operation behind the change ``after``, in order.

    ``courses``, ``programs``: those whose changes the reader may see, as for ``list_operations``.
    """
    parameters = {"operation": operation_id, "after": after, "limit": limit, **_seen(courses, programs)}
    return [_change(row) for row in fetch_all(_STATEMENTS["changes"](*_some(courses, programs)), parameters)]


def _change(row: Sequence[Any]) -> RecordedChange:
    columns = [*row]
    columns[2] = subject = Subject(columns[2])
    columns[10:12] = (read_state(subject, text) for text in columns[10:12])
    return RecordedChange(*columns)


def list_about(
    operations: Collection[uuid.UUID], subjects: Collection[Subject]
) -> dict[uuid.UUID, list[tuple[int | None, int | None]]]:
    """Operation → (course id, program id) of what it changed such subjects of; beside a program, no course run."""
    found: dict[uuid.UUID, list[tuple[int | None, int | None]]] = defaultdict(list)
    parameters = {"operations": list(operations), "subjects": [subject.value for subject in subjects]}
    for operation, *part in fetch_all(_STATEMENTS["about"](), parameters):
        found[operation].append((part[0], part[1]))
    return found


def merges_among(operations: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of the operations that merged accounts, or undid it: they are undone as a whole, rights and keys too."""
    parameters = {"operations": list(operations), "transitions": [MERGED, MERGE_UNDONE]}
    return {id_ for (id_,) in fetch_all(_STATEMENTS["merges"](), parameters)} if operations else set()


def unknown_changes(operation_id: uuid.UUID, changes: Collection[int]) -> list[int]:
    """Those of the ids that are of no change of the operation."""
    parameters = {"operation": operation_id, "changes": list(changes)}
    return [change for (change,) in fetch_all(_STATEMENTS["unknown"](), parameters)]


@dataclass(frozen=True, slots=True)
class Named:
    """Whose changes are asked for: an account or an address (in a course run), or a student key in a program.

    ``email`` and ``student_key`` are folded.
    """

    subjects: tuple[Subject, ...]
    course_id: int | None = None
    program_id: int | None = None
    account_id: int | None = None
    email: str | None = None
    student_key: str | None = None


def find_change_ids(operation_id: uuid.UUID, asked: Sequence[Named]) -> list[list[int]]:
    """For each of those named, the ids of their changes in an operation, in order."""
    found: list[list[int]] = [[] for _ in asked]
    groups: dict[tuple[int | None, tuple[Subject, ...]], list[int]] = defaultdict(list)
    for place, one in enumerate(asked):
        groups[one.program_id if one.student_key is not None else None, one.subjects].append(place)
    for (program_id, subjects), places in groups.items():
        some = [asked[place] for place in places]
        parameters = {
            "operation": operation_id,
            "program": program_id,
            "subjects": [subject.value for subject in subjects],
            "courses": [one.course_id for one in some],
            "accounts": [one.account_id for one in some],
            "emails": [one.email for one in some],
            "keys": [one.student_key for one in some],
        }
        statement = _STATEMENTS["of_people" if program_id is None else "of_students"]
        for nth, change in fetch_all(statement(), parameters):
            found[places[nth - 1]].append(change)
    return found


def list_recorded(operations: Collection[uuid.UUID]) -> list[OperationFacts]:
    """Those of the operations that are recorded."""
    found = fetch_all(_STATEMENTS["recorded"](), {"operations": list(operations)}) if operations else []
    return [_facts(row) for row in found]


@dataclass(frozen=True, slots=True)
class Step:
    """What led from one state of someone to the next: the change, and the operation that made it.

    ``actor`` None: no one was signed in. ``account_id``: whom it is about.
    """

    change_id: int
    operation: uuid.UUID
    at: datetime
    actor: str | None
    account_id: int | None


def find_steps(changes: Collection[int]) -> dict[int, Step]:
    """Change → what is known of it, for those of the ids that are of a change."""
    found = fetch_all(_STATEMENTS["steps"](), {"changes": list(changes)}) if changes else []
    return {row[0]: Step(*row) for row in found}
