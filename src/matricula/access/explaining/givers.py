"""Who gave what, and when: the latest entries of the journal about grants that are there now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from matricula.access.explaining.actions import Flag
from matricula.access.history import ABOUT_ACCESS
from matricula.access.holders import COURSE_ROLE, FEATURE, MEMBER, ROLE, Grant
from matricula.foundation.database import fetch_all
from matricula.foundation.statements import read_statements
from matricula.journal.statuses import Source, Subject

_KINDS = {
    Subject.ROLE: ROLE,
    Subject.FEATURE: FEATURE,
    Subject.COURSE_ROLE: COURSE_ROLE,
    Subject.MEMBERSHIP: MEMBER,
}
# kind, what, group, organization, program, course run
Key = tuple[str, str, int | None, int | None, int | None, int | None]


@dataclass(frozen=True, slots=True)
class Giver:
    """Who gave something: ``actor`` is a username; None: a file, a command, or someone whose account is gone."""

    at: datetime
    actor: str | None
    source: Source
    reason: str | None


_STATEMENTS = read_statements(__file__, about_access=ABOUT_ACCESS)


def key_of(kind: str, grant: Grant) -> Key:
    """Return by what a grant is found among the givers."""
    return kind, grant.what, grant.group_id, grant.organization_id, grant.program_id, grant.course_id


def key_of_flag(flag: Flag) -> Key:
    """Return by what a mark of an account is found among the givers."""
    return "flag", flag.value, None, None, None, None


def find_givers(account_id: int, group_ids: Sequence[int]) -> dict[Key, Giver]:
    """Return who gave the account, and these groups, what they have; without what is older than the journal."""
    asked = {"account": account_id, "groups": list(group_ids)}
    found: dict[Key, Giver] = {}
    for subject, transition, group, organization, program, course, at, actor, source, reason in fetch_all(
        _STATEMENTS["grants"](), asked
    ):
        kind = _KINDS[Subject(subject)]
        what = "" if kind == MEMBER else transition.removeprefix("granted ")
        found[kind, what, group, organization, program, course] = Giver(at, actor, Source(source), reason)
    for flag, at, actor, source, reason in fetch_all(_STATEMENTS["flags"](), asked):
        found[key_of_flag(Flag(flag))] = Giver(at, actor, Source(source), reason)
    return found


def list_operators(*, limit: int) -> list[str]:
    """Return the usernames of active administrators, who alone grant roles, features and memberships."""
    rows: list[Any] = fetch_all(_STATEMENTS["operators"](), {"limit": limit})
    return [username for (username,) in rows]
