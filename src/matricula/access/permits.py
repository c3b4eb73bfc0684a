"""The right with which somebody writes, read again and held in the transaction that writes (docs/locking.md)."""

from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from django.db import connection

from matricula.access.permissions import carried_permissions
from matricula.access.reads import ON_PROGRAM, Caller
from matricula.access.statuses import COURSE_MANAGER_ROLES
from matricula.foundation.transactions import RightLost


class Session(NamedTuple):
    """What a session is good with, as stored when it was looked at: another password, or another generation (logged out
    everywhere, another address), ends it.
    """

    password: str
    generation: int


@dataclass(frozen=True, slots=True)
class Permit:
    """What must still be so when it is written: an active account, a token or session that is good, the right to do it.

    At most one of ``course_id`` (manages its enrollments), ``program_id`` (holds ``permission`` there, and the
    ``features`` that were on) and ``is_operator``; none of them: whoever is signed in.
    """

    account_id: int
    token_checksum: str | None = None
    session: Session | None = None
    course_id: int | None = None
    program_id: int | None = None
    permission: str | None = None
    features: frozenset[str] = frozenset()
    is_operator: bool = False

    def hold(self) -> None:
        """Reads the right again, with one statement, and holds what it rests on until the transaction ends.

        Errors: ``RightLost``.
        """
        query = _query(
            self.token_checksum is not None,
            self.course_id is not None,
            self.program_id is not None,
            bool(self.features),
        )
        with connection.cursor() as cursor:
            cursor.execute(
                query,
                {
                    "account": self.account_id,
                    "token": self.token_checksum,
                    "password": self.session and self.session.password,
                    "generation": self.session and self.session.generation,
                    "course": self.course_id,
                    "managers": list(COURSE_MANAGER_ROLES),
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
        if self.course_id is not None:
            return is_staff or is_superuser or manages
        if self.program_id is not None:
            held = carried_permissions(roles, is_superuser=is_superuser, manages_enrollments=managed_here)
            return self.permission in held and self.features.issubset(on)
        return True


def permit_of(caller: Caller, *, session: Session | None = None, **right: Any) -> Permit:
    """The permit of somebody who was just looked up; ``right``: the fields of ``Permit`` that say for what."""
    return Permit(caller.account_id, caller.token_checksum, session, **right)


# "for share": an update of the account waits, and one that was first is seen. Roles, features, memberships and tokens
# are known by all their columns and change only as a whole: "for key share" is enough there.
_ME = """
me as materialized (
    select a.is_staff, a.is_superuser from matricula_account a
    where a.id = %(account)s and a.is_active
        and (%(password)s::text is null or a.password = %(password)s and a.generation = %(generation)s::int) for share
)
"""
_LIVING = """
living as materialized (
    select t.id from oauth2_provider_accesstoken t
    left join matricula_client k on k.id = t.application_id
    where t.token_checksum = %(token)s and t.expires > clock_timestamp()
        and coalesce(t.user_id, k.user_id) = %(account)s
    for key share of t
)
"""
_MANAGES = """
managing as materialized (
    select r.id from matricula_courserole r
    where r.account_id = %(account)s and r.course_id = %(course)s and r.role = any(%(managers)s) for key share
)
"""
_HELD = f"""
own_roles as materialized (
    select h.role from matricula_program p join matricula_rolegrant h on {ON_PROGRAM}
    where p.id = %(program)s and h.account_id = %(account)s for key share of h
),
group_roles as materialized (
    select h.role from matricula_program p join matricula_rolegrant h on {ON_PROGRAM}
    join matricula_membership m on m.group_id = h.group_id
    where p.id = %(program)s and m.account_id = %(account)s for key share of h, m
)
"""  # noqa: S608  the pieces are ours
_FEATURES = """
own_features as materialized (
    select f.feature from matricula_featuregrant f where f.account_id = %(account)s for key share
),
group_features as materialized (
    select f.feature from matricula_membership m join matricula_featuregrant f on f.group_id = m.group_id
    where m.account_id = %(account)s for key share of m, f
)
"""


@cache
def _query(by_token: bool, of_course: bool, of_program: bool, with_features: bool) -> str:
    """One row for an account that is still signed in, with what it may; none for another."""
    asked = {_ME: True, _LIVING: by_token, _MANAGES: of_course, _HELD: of_program, _FEATURES: with_features}
    manages = "exists (select from managing)" if of_course else "false"
    managed = "(select manages_enrollments from matricula_program where id = %(program)s)" if of_program else "false"
    roles = "array(select role from own_roles union select role from group_roles)" if of_program else "'{}'::text[]"
    features = "array(select feature from own_features union select feature from group_features)"
    features = features if with_features else "'{}'::text[]"
    return f"""
        with {", ".join(part for part, wanted in asked.items() if wanted)}
        select me.is_staff, me.is_superuser, {manages}, {managed}, {roles}, {features}
        from me where {"exists (select from living)" if by_token else "true"}
        """  # noqa: S608  the pieces are ours
