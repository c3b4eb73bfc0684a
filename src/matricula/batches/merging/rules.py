"""What becomes of what two accounts of one person have (docs/merging-accounts.md). Values in, decision out."""

from collections.abc import Mapping

from msgspec.structs import replace

from matricula.batches.merging.values import (
    Account,
    Choice,
    Ending,
    Key,
    MergeOptions,
    Rights,
    Side,
    Step,
    Thing,
    Word,
    is_nothing,
)
from matricula.enrollments.store.values import Invitation, Seat, Standing
from matricula.journal.states import GradeState


def decide(thing: Thing, options: MergeOptions) -> Step:
    """Return what becomes of a thing. Where no rule decides, the choice of the options does."""
    choice = options.choices.get(thing.key, options.prefer)
    kept, other = thing.kept, thing.other
    if isinstance(other, Ending):
        return Step(thing, Word.ENDED, None, None)
    if isinstance(other, Account):
        return _decide_account(thing, kept, other)
    if isinstance(other, Standing):
        return _decide_enrollment(thing, kept if isinstance(kept, Standing) else Standing(), other, choice)
    if isinstance(other, Rights):
        return _decide_rights(thing, kept, other, choice)
    if is_nothing(kept):
        return Step(thing, Word.MOVED, other, None)
    if isinstance(other, GradeState) and isinstance(kept, GradeState):
        return _decide_grade(thing, kept, other, choice)
    if isinstance(other, Key):
        return _chosen(thing, kept, other, None, choice)
    # both were given the same
    return Step(thing, Word.KEPT, kept, None)


def _decide_account(thing: Thing, kept: Side, other: Account) -> Step:
    assert isinstance(kept, Account)  # noqa: S101  both are there
    merged = replace(other, is_active=False, merged_into=kept.username)
    return Step(thing, Word.MOVED if other.merged_into else Word.MERGED, kept, merged)


def _decide_rights(thing: Thing, kept: Side, other: Rights, choice: Choice | None) -> Step:
    """Operators are made by no rule: someone says so. The account that is merged away keeps its flags, unused."""
    assert isinstance(kept, Rights)  # noqa: S101  both are there
    both = Rights(kept.is_staff or other.is_staff, kept.is_superuser or other.is_superuser)
    if both == kept:
        return Step(thing, Word.KEPT, kept, other)
    return _chosen(thing, kept, both, other, choice)


def _decide_grade(thing: Thing, kept: GradeState, other: GradeState, choice: Choice | None) -> Step:
    """A grade goes before the reason why there is none."""
    if kept == other or (kept.error is None and other.error is not None):
        return Step(thing, Word.KEPT, kept, None)
    if kept.error is not None and other.error is None:
        return Step(thing, Word.COMBINED, other, None)
    return _chosen(thing, kept, other, None, choice)


def _decide_enrollment(thing: Thing, kept: Standing, other: Standing, choice: Choice | None) -> Step:
    """The person is enrolled where one of the accounts was; of two modes, someone says which."""
    ended = Standing(other.seat and replace(other.seat, is_active=False))
    is_choice = kept.enrolled and other.enrolled and kept.seat != other.seat
    if is_choice and choice is None:
        return Step(thing, Word.CHOICE_NEEDED, kept, other, is_choice=True)
    seat = other.seat if is_choice and choice is Choice.OTHER else _seat_of_both(kept.seat, other.seat)
    after = _invited(Standing(seat, kept.invitation), other.invitation, thing.default_mode)
    word = Word.KEPT if after == kept else Word.MOVED if is_nothing(kept) else Word.COMBINED
    return Step(thing, word, after, ended, is_choice)


def _seat_of_both(kept: Seat | None, other: Seat | None) -> Seat | None:
    if kept is None or (other is not None and other.is_active and not kept.is_active):
        return other
    return kept


def _invited(standing: Standing, invitation: Invitation | None, default_mode: str) -> Standing:
    """The invitation of the other account is that of the kept one, which is active: as if it had just become so."""
    if invitation is None or standing.invitation is not None:
        return standing
    bound = replace(invitation, bound=True)
    if invitation.bound or not invitation.auto_enroll or standing.enrolled:
        return replace(standing, invitation=bound)
    return Standing(Seat(invitation.mode or default_mode, is_active=True), bound)


def _chosen(thing: Thing, kept: Side, other: Side, left: Side, choice: Choice | None) -> Step:
    """``left``: what the other account has then."""
    if choice is None:
        return Step(thing, Word.CHOICE_NEEDED, thing.kept, thing.other, is_choice=True)
    if choice is Choice.KEPT:
        return Step(thing, Word.KEPT, kept, left, is_choice=True)
    return Step(thing, Word.COMBINED, other, left, is_choice=True)


def unknown_choices(steps: Mapping[str, Step], options: MergeOptions) -> list[str]:
    """The choices that are about nothing that needs one."""
    return sorted(key for key in options.choices if not (key in steps and steps[key].is_choice))
