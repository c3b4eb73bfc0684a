"""Whom an identifier can be mistaken for: two accounts, other spellings, usernames that look alike."""

from collections.abc import Mapping, Sequence

from matricula.foundation.folding import fold
from matricula.foundation.text import invisible_character
from matricula.history.why.identifiers import plain
from matricula.history.why.reads import StoredInvitation, find_seat
from matricula.history.why.values import Asker, Conflict, ConflictKind
from matricula.learners.lookalikes import list_lookalikes
from matricula.learners.reads import Learner


def two_accounts(course_id: int, learners: Sequence[Learner], asker: Asker) -> list[Conflict]:
    """An identifier that is the username of one account and the address of another: each that the asker may know."""
    known = [one.username for one in learners if _may_know(course_id, one.id, asker)]
    kind = ConflictKind.TWO_ACCOUNTS
    return [Conflict(kind, username) for username in known] or [Conflict(kind)]


def list_twins(
    course_id: int,
    given: str,
    names: Sequence[str],
    fitting: Mapping[str, Sequence[Learner]],
    invitations: Sequence[StoredInvitation],
    learner: Learner | None,
    asker: Asker,
) -> list[Conflict]:
    """Accounts and invitations that the identifier differs from by characters that are easily overlooked."""
    character = invisible_character(given)
    known = {one.email_key for one in invitations if not one.bound}
    conflicts = []
    for name in names[1:]:
        others = [one for one in fitting.get(name, ()) if learner is None or one.id != learner.id]
        if others or (name in known and (learner is None or name != learner.email_key)):
            is_same = bool(character) and name == plain(given)
            kind = ConflictKind.INVISIBLE if is_same else ConflictKind.CASE
            conflicts.append(Conflict(kind, name, character or None))
    if character and not any(one.kind is ConflictKind.INVISIBLE for one in conflicts):
        conflicts.append(Conflict(ConflictKind.INVISIBLE, names[1], character, is_known=False))
    if "@" not in given:
        conflicts += _lookalikes(course_id, learner.username if learner else given, learner, asker)
    return conflicts


def twins_of_key(given: str, names: Sequence[str], known: Mapping[str, str]) -> list[Conflict]:
    """Student keys (folded → as they are) that this one differs from by characters that are easily overlooked."""
    character = invisible_character(given)
    conflicts = [
        Conflict(
            ConflictKind.INVISIBLE if character and name == plain(given) else ConflictKind.CASE,
            known[name],
            character or None,
        )
        for name in names[1:]
        if name in known
    ]
    if character and not conflicts:
        return [Conflict(ConflictKind.INVISIBLE, names[1], character, is_known=False)]
    return conflicts


def _lookalikes(course_id: int, username: str, learner: Learner | None, asker: Asker) -> list[Conflict]:
    found = [(id_, name) for id_, name in list_lookalikes(username) if learner is None or id_ != learner.id]
    known = [name for id_, name in found if fold(name) != fold(username) and _may_know(course_id, id_, asker)]
    return [Conflict(ConflictKind.LOOKS_LIKE, name) for name in known]


def _may_know(course_id: int, account_id: int, asker: Asker) -> bool:
    """True for accounts of the course run, and for those who may see everyone."""
    return asker.sees_everyone or find_seat(course_id, account_id) is not None
