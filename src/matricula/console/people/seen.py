"""What a reader sees of someone, and which part of their history."""

from dataclasses import dataclass, field
from typing import Any

from matricula.foundation.folding import fold
from matricula.history.people import person as facts
from matricula.history.people.person import PersonAccount, PersonInvitation, PersonKey, PersonProgram, PersonSeat
from matricula.history.people.sight import Sight
from matricula.journal.acts import ActFilter, ActPage, Scope, list_acts


@dataclass(frozen=True, slots=True)
class Person:
    """Someone as the reader sees them. ``account`` None: a student key or an address."""

    account: PersonAccount | None = None
    student_key: str = ""
    email: str = ""
    programs: list[PersonProgram] = field(default_factory=list)
    seats: list[PersonSeat] = field(default_factory=list)
    seat_count: int = 0
    invitations: list[PersonInvitation] = field(default_factory=list)
    keys: list[PersonKey] = field(default_factory=list)

    @property
    def title(self) -> str:
        """What to call them."""
        if self.account is None:
            return self.student_key or self.email
        return self.account.full_name or self.account.username

    @property
    def hidden_seats(self) -> int:
        """How many course enrollments aren't shown yet."""
        return self.seat_count - len(self.seats)

    @property
    def linkable(self) -> list[tuple[PersonKey, PersonProgram | None]]:
        """The student keys of the account, each with a row of it that the reader may change."""
        rows = {(one.program.organization_id, fold(one.student_key)): one for one in self.programs if one.may_write}
        return [(key, rows.get((key.organization_id, fold(key.student_key)))) for key in self.keys]

    @property
    def is_linked(self) -> bool:
        """True if the student key has an account."""
        return any(one.account_id is not None for one in self.programs)

    @property
    def writable(self) -> PersonProgram | None:
        """A row of the student key that the reader may change."""
        return next((one for one in self.programs if one.may_write), None)


def see_person(sight: Sight, account: PersonAccount, limit: int) -> tuple[Person, Scope]:
    """What the reader sees of an account, and which part of its history; ``limit``: of course runs and invitations.

    All programs are asked for: the history of each is found by the key that the student has there.
    """
    seats, count = facts.list_seats(sight, account.id, limit=limit)
    found = Person(
        account,
        programs=facts.list_programs_of_account(sight, account.id),
        seats=seats,
        seat_count=count,
        invitations=facts.list_invitations(sight, account_id=account.id, email_key=account.email_key, limit=limit),
        keys=facts.list_keys(sight, account.id),
    )
    scope = Scope(
        account_ids=[account.id, *(id_ for id_, _ in account.merged)],
        keys=[(one.program.id, one.student_key) for one in found.programs],
        emails=[account.email_key],
        **seen_of_anyone(sight),
    )
    return found, scope


def find_seen(sight: Sight, account_id: int) -> tuple[Person, Scope] | None:
    """Little of an account, and all of its history; None unless the reader sees something of it."""
    account = facts.find_account(account_id)
    if account is None:
        return None
    found, scope = see_person(sight, account, 1)
    return (found, scope) if is_seen(sight, found, list_acts(scope, ActFilter(), limit=1)) else None


def seen_of_anyone(sight: Sight) -> dict[str, Any]:
    """What the reader sees of anyone's history."""
    return {
        "programs": None if sight.everything else sight.named,
        "courses": sight.courses,
        "organizations": sight.organizations,
    }


def is_seen(sight: Sight, found: Person, page: ActPage) -> bool:
    """True if the person is one of the reader's."""
    return sight.courses is None or bool(found.programs or found.seats or found.invitations or page.acts)
