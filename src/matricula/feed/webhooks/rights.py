"""What a webhook may be about: what its owner may see, now and at each delivery."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from matricula.access.permissions import READ_ENROLLMENTS
from matricula.access.permits import Permit, Permits
from matricula.access.reads import Caller, Reach, find_program_caller_by_account, reach_of
from matricula.journal.statuses import Subject


@dataclass(frozen=True, slots=True)
class Filter:
    """What a webhook is about: the changes of a course run, of a program, of some subjects; None: all."""

    course_id: int | None = None
    program_id: int | None = None
    subjects: tuple[Subject, ...] | None = None


@dataclass(frozen=True, slots=True)
class Right:
    """What the owner of a webhook may see now."""

    caller: Caller
    reach: Reach

    @property
    def sees_nothing(self) -> bool:
        """True for someone who sees no changes at all."""
        return not (self.reach.courses is None or self.reach.courses or self.reach.programs)

    def covers(self, about: Filter) -> bool:
        """Return True if what the filter names may be seen; without names: if anything may be."""
        courses, programs = self.reach.courses, self.reach.programs
        return (
            not self.sees_nothing
            and (about.course_id is None or courses is None or about.course_id in courses)
            and (about.program_id is None or programs is None or about.program_id in programs)
        )


def right_of(caller: Caller) -> Right:
    """Return what someone may see who was just looked up with programs."""
    return Right(caller, reach_of(caller))


def find_right(account_id: int) -> Right | None:
    """Return what the account may see now; None: it is not active."""
    found = find_program_caller_by_account(account_id, None)
    return right_of(found[0]) if found else None


def find_rights(account_ids: Collection[int], caller: Caller) -> dict[int, Right | None]:
    """Return account id → what it may see now; the caller, among them or not, was just looked up."""
    others = {id_: find_right(id_) for id_ in account_ids if id_ != caller.account_id}
    return {caller.account_id: right_of(caller), **others}


def permit_to_follow(about: Filter, **who: Any) -> Permits:
    """What must still be so when such a webhook is stored; ``who``: the other fields of ``Permit``."""
    permits = [Permit(**who)]
    if about.course_id is not None:
        permits.append(Permit(**who, course_id=about.course_id))
    if about.program_id is not None:
        permits.append(Permit(**who, program_id=about.program_id, permission=READ_ENROLLMENTS))
    return Permits(tuple(permits))
