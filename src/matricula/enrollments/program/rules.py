"""What becomes of one student in a program, and in a course run of it (registrar-api: Students of a program).

Values in, word out. Each function is the contract's table, first rule first.
"""

from collections.abc import Collection, Container, Mapping
from enum import Enum
from functools import cache

from msgspec import Struct
from msgspec.structs import replace

from matricula.enrollments import statuses
from matricula.enrollments.store.values import Decision, Seat, Standing


class Verb(Enum):
    """How rows are written: POST creates, PATCH updates, an upload does either."""

    CREATE = "create"
    UPDATE = "update"
    CREATE_OR_UPDATE = "create or update"


# every status may follow every other; a deployment may forbid moves (MATRICULA_FORBIDDEN_MOVES)
ALL_MOVES: Mapping[str, frozenset[str]] = {
    status: frozenset(statuses.PROGRAM_STATUSES) for status in statuses.PROGRAM_STATUSES
}


@cache
def allowed_moves(forbidden: frozenset[tuple[str, str]]) -> Mapping[str, frozenset[str]]:
    """The table of moves without the forbidden (from, to) pairs."""
    return {
        before: frozenset(after for after in targets if (before, after) not in forbidden)
        for before, targets in ALL_MOVES.items()
    }


class Step(Struct, frozen=True, gc=False):
    """The word for a request, and whether the row is to be written with the wanted status."""

    word: str
    writes: bool = False


def decide_program_enrollment(
    verb: Verb,
    held: str | None,
    wanted: str,
    *,
    repeated: bool = False,
    expected: str | None = None,
    moves: Mapping[str, frozenset[str]] = ALL_MOVES,
) -> Step:
    """What becomes of a wanted program status; ``held`` None: there is no row. ``expected``: only if that is held."""
    if expected is not None and expected != (held or ""):
        return Step(statuses.STALE)
    if repeated:
        return Step(statuses.DUPLICATED)
    if wanted not in statuses.PROGRAM_STATUSES:
        return Step(statuses.INVALID_STATUS)
    if held is None:
        return Step(statuses.NOT_FOUND) if verb is Verb.UPDATE else Step(wanted, writes=True)
    if verb is Verb.CREATE:
        return Step(statuses.CONFLICT)
    if wanted != held and wanted not in moves[held]:
        return Step(statuses.ILLEGAL_OPERATION)
    return Step(wanted, writes=True)


def decide_course_enrollment(
    verb: Verb,
    held: str | None,
    wanted: str,
    *,
    repeated: bool = False,
    in_program: bool = True,
    active_elsewhere: bool = False,
) -> Step:
    """What becomes of a wanted course status in a program; ``active_elsewhere``: through another program."""
    if repeated:
        return Step(statuses.DUPLICATED)
    if wanted not in statuses.COURSE_STATUSES:
        return Step(statuses.INVALID_STATUS)
    if not in_program:
        return Step(statuses.NOT_IN_PROGRAM)
    if wanted == statuses.ACTIVE and active_elsewhere:
        return Step(statuses.CONFLICT)
    if held is None:
        return Step(statuses.NOT_FOUND) if verb is Verb.UPDATE else Step(wanted, writes=True)
    return Step(statuses.CONFLICT) if verb is Verb.CREATE else Step(wanted, writes=True)


def result_code(words: Collection[str], good: Container[str]) -> int:
    """The code of a whole result: 200 all good, 207 some, 422 none (or nothing asked for)."""
    fine = sum(word in good for word in words)
    if not fine:
        return 422
    return 200 if fine == len(words) else 207


@cache
def decide_seat(standing: Standing, status: str) -> Decision:
    """What a course status in a program does to the account's own course enrollment."""
    held = standing.seat
    mode = statuses.MASTERS if held is None or held.mode in statuses.BELOW_MASTERS else held.mode
    if status == statuses.ACTIVE:
        seat = Seat(mode, is_active=True)
        transition = (
            statuses.FROM_ENROLLED_TO_ENROLLED if standing.enrolled
            else statuses.FROM_ALLOWED_TO_ENROLLED if standing.allowed
            else statuses.FROM_UNENROLLED_TO_ENROLLED
        )  # fmt: skip
    else:
        seat = replace(held, is_active=False) if held else Seat(mode, is_active=False)
        transition = (
            statuses.FROM_ENROLLED_TO_UNENROLLED if standing.enrolled else statuses.FROM_UNENROLLED_TO_UNENROLLED
        )
    return Decision(replace(standing, seat=seat), transition)
