"""How an LMS differs from the record: values in, decisions out. Plain Python."""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from matricula.connectors.open_edx.rules import Seat
from matricula.connectors.open_edx.statuses import DifferenceKind, RowState, Wanted


class Here(NamedTuple):
    """A row of this course run whose username in the LMS is known."""

    row_id: int
    wanted: Wanted
    mode: str | None
    state: RowState
    # it changed since the LMS was asked, or is in hand
    is_moving: bool


class Agreement(NamedTuple):
    """A row that the LMS agrees with; ``seat``: what is there."""

    row_id: int
    seat: Seat


class Difference(NamedTuple):
    """Someone about whom the LMS differs; ``here`` and ``there``: the mode, None where not enrolled."""

    row_id: int | None
    username: str
    kind: DifferenceKind
    here: str | None
    there: str | None
    # what is there, to be known when it is sent again
    seat: Seat | None
    # the LMS rejected what is here: sending it again would change nothing
    is_rejected: bool = False


def compare(
    here: Mapping[str, Here], there: Mapping[str, Seat], perhaps: Collection[str]
) -> Iterator[Agreement | Difference]:
    """Compare the enrollments of a course run, by the usernames of the LMS.

    ``perhaps``: usernames of people here who were not looked up yet, and who may be the same there.
    """
    for username, row in here.items():
        if not row.is_moving:
            yield from _compare_one(username, row, there.get(username))
    for username, seat in there.items():
        if seat.is_active and username not in here and username not in perhaps:
            yield Difference(None, username, DifferenceKind.ONLY_THERE, None, seat.mode, seat)


def _compare_one(username: str, row: Here, seat: Seat | None) -> Iterator[Agreement | Difference]:
    there = seat.mode if seat is not None and seat.is_active else None
    if row.wanted is Wanted.NONE:
        # an invitation that someone took up, or an enrollment that no one here knows of
        if there is not None:
            yield Difference(None, username, DifferenceKind.ONLY_THERE, None, there, seat)
        return
    here = row.mode if row.wanted is Wanted.ENROLLED else None
    if here == there:
        if row.state is not RowState.CONFIRMED:
            yield Agreement(row.row_id, seat or Seat(None, False))
    elif row.state in (RowState.CONFIRMED, RowState.REJECTED):
        is_rejected = row.state is RowState.REJECTED
        yield Difference(row.row_id, username, DifferenceKind.DIFFERS, here, there, seat, is_rejected)
