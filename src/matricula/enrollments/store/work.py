"""A slice of a large job as statements see it: arrays with what was found of the people whom its rows name.

Slices are made from ``asked``, the rows of the job (``batches/engine.sql``). A row's case is what was stored of the
person, and what is asked, as one text: it says all that is to be written for the row (docs/decisions/0029).
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import Struct

from matricula.enrollments.store.values import Invitation, Person, Seat, Standing
from matricula.journal.writes import Operation

_TRUE, _PART = "true", "\x1e"
BETWEEN = "\x1f"
"""Between what is stored and what is asked, in the text of a case."""
SLICED = """
select %(job)s, p.slice, count(*), array_agg(p.number), array_agg(p.key), array_agg(p.held), array_agg(p.generation),
    case when bool_or(p.reason is not null) then array_agg(p.reason) end,
    case when bool_or(p.line is not null) then array_agg(p.line) end,
    case when bool_or(p.person is not null) then array_agg(p.person) end,
    array_agg(p.standing || e'\\x1f' || p.ask)
from (
    select n.*, case
        when n.is_alone then (count(*) filter (where n.is_alone) over earlier - 1) / %(size)s + 1
        else -1 - (count(*) filter (where not n.is_alone and n.nth = 1) over earlier - 1) / %(chunk)s
    end as slice
    from (
        select f.*, f.is_plain and count(*) over same = 1 as is_alone, row_number() over same_in_turn as nth
        from found f
        window same as (partition by f.held, f.other), same_in_turn as (partition by f.held, f.other order by f.number)
    ) n
    window earlier as (order by n.held, n.other, n.number rows unbounded preceding)
) p group by p.slice
"""
"""The slices of ``found``, which has a row's number, key, ask, reason, line, person and, of the person whom it names,
``held`` (the account, the row of the program), ``other`` (the folded key where there is none), generation, standing,
and ``is_plain``: may be written as one of a set, if no other row names the same person. No one is in two slices."""
SLICE = """
select r.key, r.held, r.generation, r.reason, c.* from matricula_jobslice s
cross join unnest(s.keys, s.held, s.generations, s.reasons, s.codes) r(key, held, generation, reason, code)
join cases c on c.number = r.code
where s.job_id = %(job)s and s.number = %(slice)s
"""
"""The rows of a slice, each with the columns of its case."""


class Changed(Exception):
    """Someone changed one of these people since they were read; nothing of the slice may be written as decided."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows of one job that are written in one transaction."""

    job_id: uuid.UUID
    number: int


class Case(Struct, frozen=True):
    """What becomes of rows that are alike: what is stored of the person, and columns of the statements."""

    # its place among the cases of the job
    number: int
    standing: str


def parameters_of(operation: Operation, piece: Slice, cases: Sequence[Case], **more: Any) -> dict[str, Any]:
    """The parameters of the statements that write a slice: each field of its cases as an array, and what they share."""
    columns = {name: [getattr(case, name) for case in cases] for name in cases[0].__struct_fields__}
    return {**columns, "job": piece.job_id, "slice": piece.number, "operation": operation.id, **more}


def count_rows(cases: Iterable[Case], rows: Mapping[int, int]) -> int:
    """How many rows the cases have; ``rows``: case number → how many."""
    return sum(rows[case.number] for case in cases)


def standing_of(text: str) -> Standing:
    """Where a person is in a course run; ``text``: as ``standing_text`` makes it of active accounts."""
    seat, *invited = text.split(_PART)
    if not invited:
        return Standing(_seat_of(seat))
    mode, auto_enroll, bound = invited
    return Standing(_seat_of(seat), Invitation(mode or None, auto_enroll == _TRUE, bound == _TRUE))


def _seat_of(text: str) -> Seat | None:
    is_active, _, mode = text.partition(" ")
    return Seat(mode, is_active == _TRUE) if text else None


def standing_text(standing: Standing, person: Person = Person.ACTIVE_ACCOUNT) -> str:
    """Where a person is, and what the person is, as one text: of active accounts without a pre-enrollment it is the
    text that statements make of the enrollment, '' for none.
    """
    seat, invitation = standing.seat, standing.invitation
    text = f"{_boolean(seat.is_active)} {seat.mode}" if seat else ""
    if invitation:
        text = _PART.join((text, invitation.mode or "", _boolean(invitation.auto_enroll), _boolean(invitation.bound)))
    return text if person is Person.ACTIVE_ACCOUNT else _PART.join((text, person.value))


def _boolean(value: bool) -> str:
    return _TRUE if value else "false"


# the text of a student who is not in the program, and the one of a key that isn't linked
NO_STUDENT, NOT_LINKED = "none", "-"


def course_standing(
    status: str | None, course_staff: bool | None, seat: str | None, *, in_program: bool = False
) -> str:
    """What is stored of a student in a course run of the program as one text, as statements make it too.

    ``seat``: the text of the account's standing, None where the key isn't linked.
    """
    if not in_program:
        return NO_STUDENT
    row = f"{status} {_boolean(bool(course_staff))}" if status else ""
    return f"{row}/{NOT_LINKED if seat is None else seat}"
