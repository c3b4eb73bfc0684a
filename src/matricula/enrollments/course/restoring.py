"""Putting course enrollments back as they were: what an undo does to one person in one course run.

The same road as enrolling: lock, read, compare, save, journal; rows in programs follow.
"""

from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from matricula.enrollments.store.entries import course_entry
from matricula.enrollments.store.following import save_and_follow
from matricula.enrollments.store.standings import NOWHERE, Place, lock_standings, read_standings
from matricula.enrollments.store.values import Decision, Seat, Standing
from matricula.foundation.folding import fold
from matricula.journal.writes import Entry, Operation
from matricula.learners.locks import lock_addresses
from matricula.learners.reads import Learner, get_learners


class CourseRestore(Struct, frozen=True, gc=False):
    """Who is to be as before in a course run: an account, or (None) an address without one.

    ``expected``: only if the person is so now.
    """

    course_id: int
    account_id: int | None
    email: str
    target: Standing
    expected: Standing


class Found(Struct, frozen=True, gc=False):
    """Where someone is now. ``fits``: the account is as the target needs it, since an active one has no invitation
    waiting, and one that was merged away is enrolled nowhere.
    """

    standing: Standing
    fits: bool = True


def find_standings(rows: Sequence[CourseRestore]) -> list[Found]:
    """Where the people are now, in order; nothing is locked."""
    people = _people(rows)
    places = _places(rows, people)
    read_standings(places)
    return [Found(p.stored, _fits(row, p, people)) for row, p in zip(rows, places, strict=True)]


def restored(target: Standing, now: Standing) -> Standing:
    """What a target comes to: an enrollment is never deleted, and stays as an ended one."""
    if target.seat is None and now.seat is not None:
        return replace(target, seat=Seat(now.seat.mode, is_active=False))
    return target


def restore_course_enrollments(operation: Operation, rows: Sequence[CourseRestore]) -> tuple[list[bool], list[Entry]]:
    """Puts people back, in the caller's transaction: False for each who is not as expected, and the entries to add.

    The caller tries again after a ``Collision``.
    """
    people = _people(rows)
    places = _places(rows, people)
    lock_addresses({p.email_key for p in places})
    lock_standings(places)
    done, entries, changed = [], [], []
    for row, place in zip(rows, places, strict=True):
        before = place.stored
        done.append(before == row.expected and _fits(row, place, people))
        after = restored(row.target, before)
        if not done[-1] or after == before:
            continue
        place.standing = after
        if after.invitation and after.invitation != before.invitation:
            place.actor_id, place.reason = operation.actor_id, operation.reason
        decision = restoring(before, after)
        entries.append(course_entry(place, before, decision, operation.reason, operation.actor_id))
        changed.append(place)
    save_and_follow(operation, changed)
    return done, entries


def restoring(before: Standing, after: Standing) -> Decision:
    """What is decided about someone who is put back."""
    return Decision(after, f"from {_where(before)} to {_where(after)}")


def _people(rows: Collection[CourseRestore]) -> dict[int, Learner]:
    return {person.id: person for person in get_learners({row.account_id for row in rows if row.account_id})}


def _places(rows: Collection[CourseRestore], people: Mapping[int, Learner]) -> list[Place]:
    places = []
    for row in rows:
        person = people.get(row.account_id or 0)
        email = person.email if person else row.email
        email_key = person.email_key if person else fold(email)
        is_active = bool(person and person.is_active)
        places.append(Place(row.course_id, row.account_id, email, email_key, is_active, NOWHERE, NOWHERE))
    return places


def _fits(row: CourseRestore, place: Place, people: Mapping[int, Learner]) -> bool:
    invitation, person = row.target.invitation, people.get(row.account_id or 0)
    if row.target.enrolled and person is not None and person.is_merged:
        return False
    return invitation is None or place.account_id is None or invitation.bound == place.is_active


def _where(standing: Standing) -> str:
    if standing.enrolled:
        return "enrolled"
    return "allowed to enroll" if standing.allowed else "unenrolled"
