"""The right with which someone writes, read again and held in the transaction that writes (docs/locking.md)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection

from matricula.access.permissions import Permission, carried_permissions
from matricula.access.reads import ON_PROGRAM, Caller
from matricula.access.statuses import COURSE_MANAGER_ROLES, CourseRole, Feature, Role
from matricula.foundation.statements import read_statements
from matricula.foundation.transactions import Hold, RightLost


class Session(NamedTuple):
    """What a session is good with, as stored when it was looked at: another password, or another generation (logged out
    everywhere, another address), ends it.
    """

    password: str
    generation: int


@dataclass(frozen=True, slots=True)
class Permit:
    """What must still be so when it is written: an active account, a token or session that is good, the right to do it.

    At most one of ``course_id`` (has one of ``course_roles`` there, those that manage its enrollments), ``program_id``
    (holds ``permission`` there, and the ``features`` that were on), ``is_global_staff`` and ``is_operator``; none of
    them: any signed-in account.
    """

    account_id: int
    token_checksum: str | None = None
    session: Session | None = None
    course_id: int | None = None
    course_roles: tuple[CourseRole, ...] = COURSE_MANAGER_ROLES
    program_id: int | None = None
    permission: Permission | None = None
    features: frozenset[Feature] = frozenset()
    is_operator: bool = False
    is_global_staff: bool = False

    def hold(self) -> None:
        """Reads the right again, with one statement, and holds what it rests on until the transaction ends.

        Errors: ``RightLost``.
        """
        asked = {
            "by_token": self.token_checksum is not None,
            "of_course": self.course_id is not None,
            "of_program": self.program_id is not None,
            "with_features": bool(self.features),
        }
        query = _STATEMENT(*(name for name, wanted in asked.items() if wanted))
        with connection.cursor() as cursor:
            cursor.execute(
                query,
                {
                    "account": self.account_id,
                    "token": self.token_checksum,
                    "password": self.session and self.session.password,
                    "generation": self.session and self.session.generation,
                    "course": self.course_id,
                    "managers": list(self.course_roles),
                    "program": self.program_id,
                },
            )
            row = cursor.fetchone()
        if row is None:
            raise RightLost(signed_out=True)
        if not self._is_given(*row):
            raise RightLost(signed_out=False)

    def _is_given(
        self, is_staff: bool, is_superuser: bool, manages: bool, managed_here: bool, roles: list[str], on: list[str]
    ) -> bool:
        if self.is_operator:
            return is_superuser
        if self.is_global_staff:
            return is_staff or is_superuser
        if self.course_id is not None:
            return is_staff or is_superuser or manages
        if self.program_id is not None:
            held = carried_permissions(map(Role, roles), is_superuser=is_superuser, manages_enrollments=managed_here)
            return self.permission in held and self.features.issubset(on)
        return True


@dataclass(frozen=True, slots=True)
class Permits:
    """Several rights, all of which must still be so when it is written."""

    every: tuple[Permit, ...]

    def hold(self) -> None:
        """As ``Permit.hold``, in one order. Errors: ``RightLost``."""
        for permit in self.every:
            permit.hold()


def permit_of(caller: Caller, *, session: Session | None = None, **right: Any) -> Permit:
    """The permit of someone who was just looked up; ``right``: the fields of ``Permit`` that say for what."""
    return Permit(caller.account_id, caller.token_checksum, session, **right)


def stored_rights(holds: Iterable[Hold]) -> list[dict[str, Any]]:
    """Return the rights behind permits, to be stored: what for, and not by whom."""
    permits = dict.fromkeys(p for hold in holds for p in _permits_behind(hold))
    return [
        {
            "course_id": permit.course_id,
            "course_roles": [*permit.course_roles],
            "program_id": permit.program_id,
            "permission": permit.permission,
            "features": sorted(permit.features),
            "is_operator": permit.is_operator,
            "is_global_staff": permit.is_global_staff,
        }
        for permit in permits
    ]


def _permits_behind(hold: Hold) -> tuple[Permit, ...]:
    found = getattr(hold, "__self__", None)
    if isinstance(found, Permits):
        return found.every
    return (found,) if isinstance(found, Permit) else ()


def permits_of(caller: Caller, session: Session | None, stored: Sequence[Mapping[str, Any]]) -> Permits:
    """Return the permits of someone who was just looked up for the rights that ``stored_rights`` gave."""
    return Permits(tuple(permit_of(caller, session=session, **_right(right)) for right in stored))


def _right(stored: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **stored,
        "course_roles": tuple(map(CourseRole, stored["course_roles"])),
        "permission": stored["permission"] and Permission(stored["permission"]),
        "features": frozenset(map(Feature, stored["features"])),
    }


_STATEMENT = read_statements(__file__, on_program=ON_PROGRAM)["permit"]
