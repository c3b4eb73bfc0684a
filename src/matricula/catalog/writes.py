"""Saving who offers what: organizations, course runs, programs and the course runs in them.

Each function creates or updates what is asked for, known by its key, never removes anything, and answers one word for
each request. ``None`` in a request leaves what is there, or means the default for what is new.

See institution-and-commands: The institution file.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from django.db import connection

from matricula.catalog.models import Course, Organization, Program, ProgramCourse
from matricula.catalog.reads import DEFAULT_MODE
from matricula.catalog.statuses import Saved
from matricula.foundation.transactions import one_transaction
from matricula.journal.states import (
    CatalogState,
    CourseRunState,
    OrganizationState,
    ProgramCourseState,
    ProgramState,
)
from matricula.journal.statuses import CHANGED, CREATED, Subject
from matricula.journal.writes import Entry, Operation, add_entries, entry_about

_Row = TypeVar("_Row", Organization, Course, Program)
# programs of this type are kept here unless they say otherwise
MANAGED_TYPE = "Masters"
# rows in a statement: Django itself doesn't keep to the 65,535 values that PostgreSQL takes in one
BATCH = 1_000


@dataclass(frozen=True, slots=True)
class OrganizationRequest:
    """An organization as it shall be; ``limits``: all that it says about plans, so none at all if empty."""

    key: str
    name: str
    limits: dict[str, int] | None = None


@dataclass(frozen=True, slots=True)
class CourseRequest:
    """A course run as it shall be; a new one without modes has the default mode only."""

    key: str
    organization_id: int
    title: str
    url: str | None = None
    modes: list[str] | None = None
    enrollment_start: datetime | None = None
    enrollment_end: datetime | None = None
    capacity: int | None = None
    invitation_only: bool | None = None
    limits: dict[str, int] | None = None


@dataclass(frozen=True, slots=True)
class ProgramRequest:
    """A program as it shall be; a new one manages its enrollments by default if its type is Masters."""

    key: str
    organization_id: int
    title: str
    type: str | None = None
    url: str | None = None
    manages_enrollments: bool | None = None
    limits: dict[str, int] | None = None
    hold_uploads: bool | None = None


@dataclass(frozen=True, slots=True)
class ProgramCourseRequest:
    """A course run in a program."""

    program_id: int
    course_id: int
    external_key: str | None = None


def save_organizations(operation: Operation, requests: Sequence[OrganizationRequest]) -> list[Saved]:
    """Creates or updates organizations with four statements (for each thousand)."""
    return _save(operation, Organization, requests, [{} for _ in requests])


def save_courses(operation: Operation, requests: Sequence[CourseRequest]) -> list[Saved]:
    """Creates or updates course runs with four statements (for each thousand)."""
    return _save(operation, Course, requests, [{"modes": [DEFAULT_MODE]} for _ in requests])


def save_programs(operation: Operation, requests: Sequence[ProgramRequest]) -> list[Saved]:
    """Creates or updates programs with four statements (for each thousand)."""
    return _save(operation, Program, requests, [{"manages_enrollments": r.type == MANAGED_TYPE} for r in requests])


def _save(
    operation: Operation,
    model: type[_Row],
    requests: Sequence[Any],
    defaults: Sequence[Mapping[str, Any]],
) -> list[Saved]:
    words: list[Saved] = []
    new: list[_Row] = []
    changed: dict[int, _Row] = {}
    table = model._default_manager
    with one_transaction():
        stored = {
            row.key: row
            # no_key: who only refers to the row, by writing an enrollment, need not wait
            for row in table.select_for_update(no_key=True).filter(key__in=[r.key for r in requests]).order_by("pk")
        }
        before = {row.pk: _state(row) for row in stored.values()}
        for request, default in zip(requests, defaults, strict=True):
            given = {name: value for name, value in dataclasses.asdict(request).items() if value is not None}
            row = stored.get(request.key)
            if row is None:
                stored[request.key] = row = model(**{**default, **given})
                new.append(row)
                words.append(Saved.CREATED)
            elif any(getattr(row, name) != value for name, value in given.items()):
                for name, value in given.items():
                    setattr(row, name, value)
                if row.pk:
                    changed[row.pk] = row
                words.append(Saved.UPDATED)
            else:
                words.append(Saved.UNCHANGED)
        table.bulk_create(new, batch_size=BATCH)
        if changed:
            names = [field.name for field in dataclasses.fields(requests[0]) if field.name != "key"]
            table.bulk_update(changed.values(), names, batch_size=BATCH)
        add_entries(
            operation,
            [_entry(operation, row, None) for row in new]
            + [_entry(operation, row, before[row.pk]) for row in changed.values()],
        )
    return words


def _state(row: _Row) -> CatalogState:
    if isinstance(row, Organization):
        return OrganizationState(organization_id=row.pk, key=row.key, name=row.name, limits=row.limits)
    if isinstance(row, Program):
        return ProgramState(
            key=row.key,
            organization_id=row.organization_id,
            title=row.title,
            type=row.type,
            url=row.url,
            manages_enrollments=row.manages_enrollments,
            limits=row.limits,
            hold_uploads=row.hold_uploads,
        )
    return CourseRunState(
        key=row.key,
        organization_id=row.organization_id,
        title=row.title,
        url=row.url,
        modes=list(row.modes),
        enrollment_start=row.enrollment_start,
        enrollment_end=row.enrollment_end,
        capacity=row.capacity,
        invitation_only=row.invitation_only,
        limits=row.limits,
    )


def _entry(operation: Operation, row: _Row, before: CatalogState | None) -> Entry:
    return entry_about(
        operation,
        Subject.CATALOG,
        CHANGED if before else CREATED,
        before,
        _state(row),
        course_id=row.pk if isinstance(row, Course) else None,
        program_id=row.pk if isinstance(row, Program) else None,
    )


def save_program_courses(operation: Operation, requests: Sequence[ProgramCourseRequest]) -> list[Saved]:
    """Puts course runs into programs, in this order; those of a program that are not named stay, behind the others.

    Six statements for any number. Nothing is saved for a request whose external key another course run of the program
    keeps (``external-key-taken``).
    """
    wanted: dict[int, dict[int, ProgramCourseRequest]] = {}
    for request in requests:
        wanted.setdefault(request.program_id, {})[request.course_id] = request
    held: dict[int, dict[int, ProgramCourse]] = {program_id: {} for program_id in wanted}
    words: dict[_Pair, Saved] = {}
    with one_transaction():
        rows = ProgramCourse.objects.select_for_update().filter(program_id__in=list(wanted))
        for row in rows.order_by("program_id", "position", "pk"):
            held[row.program_id][row.course_id] = row
        stored = {row.pk: (row.position, row.external_key) for rows in held.values() for row in rows.values()}
        for program_id, courses in wanted.items():
            for course_id, word in _arrange(courses, held[program_id]).items():
                words[_Pair(program_id, course_id)] = word
        everything = [row for rows in held.values() for row in rows.values()]
        new = [row for row in everything if row.pk is None]
        moved = [row for row in everything if row.pk and stored[row.pk] != (row.position, row.external_key)]
        _store(new, moved)
        add_entries(
            operation,
            [_place_entry(operation, row, None) for row in new]
            + [_place_entry(operation, row, stored[row.pk]) for row in moved],
        )
    return [words[_Pair(r.program_id, r.course_id)] for r in requests]


class _Pair(NamedTuple):
    """A course run in a program, by their ids."""

    program_id: int
    course_id: int


def _arrange(wanted: Mapping[int, ProgramCourseRequest], held: dict[int, ProgramCourse]) -> dict[int, Saved]:
    """Brings the rows of one program, course id → row, to what is wanted; the word for each wanted course."""
    keys = {course_id: row.external_key for course_id, row in held.items()}
    keys |= {course_id: r.external_key for course_id, r in wanted.items() if r.external_key is not None}
    owners: dict[str | None, list[int]] = {}
    for course_id, key in keys.items():
        owners.setdefault(key, []).append(course_id)
    words: dict[int, Saved] = {}
    order = [*wanted, *(course_id for course_id in held if course_id not in wanted)]
    for position, course_id in enumerate(order):
        row, key = held.get(course_id), keys.get(course_id)
        if course_id in wanted and key is not None and len(owners[key]) > 1:
            words[course_id] = Saved.EXTERNAL_KEY_TAKEN
        elif row is None:
            program_id = wanted[course_id].program_id
            held[course_id] = ProgramCourse(
                program_id=program_id, course_id=course_id, external_key=key, position=position
            )
            words[course_id] = Saved.CREATED
        else:
            same = (row.position, row.external_key) == (position, key)
            words[course_id] = Saved.UNCHANGED if same else Saved.UPDATED
            row.position, row.external_key = position, key
    return {course_id: words[course_id] for course_id in wanted}


def _place_entry(operation: Operation, row: ProgramCourse, before: tuple[int, str | None] | None) -> Entry:
    return entry_about(
        operation,
        Subject.CATALOG,
        CHANGED if before else CREATED,
        ProgramCourseState(position=before[0], external_key=before[1]) if before else None,
        ProgramCourseState(position=row.position, external_key=row.external_key),
        course_id=row.course_id,
        program_id=row.program_id,
    )


_FREE_EXTERNAL_KEYS = "update matricula_programcourse set external_key = null where id = any(%s)"
_UPDATE_PLACES = """
update matricula_programcourse p set position = n.position, external_key = n.external_key
from unnest(%b::bigint[], %b::int[], %b::text[]) n(id, position, external_key) where p.id = n.id
"""
_INSERT_PLACES = """
insert into matricula_programcourse (program_id, course_id, position, external_key)
select * from unnest(%b::bigint[], %b::bigint[], %b::int[], %b::text[])
"""


def _store(new: Sequence[ProgramCourse], changed: Sequence[ProgramCourse]) -> None:
    with connection.cursor() as cursor:
        if changed:
            ids = [row.pk for row in changed]
            # two course runs may exchange their external keys, which are unique at every moment
            cursor.execute(_FREE_EXTERNAL_KEYS, [ids])
            cursor.execute(_UPDATE_PLACES, [ids, [r.position for r in changed], [r.external_key for r in changed]])
        if new:
            rows = [(r.program_id, r.course_id, r.position, r.external_key) for r in new]
            cursor.execute(_INSERT_PLACES, [list(column) for column in zip(*rows, strict=True)])
