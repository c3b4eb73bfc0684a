"""Merging as a batch: what each row would do, and doing it, all of it or nothing, in one transaction."""

from collections.abc import Sequence

from matricula.access.grants import (
    CourseRoleRequest,
    FeatureRequest,
    GrantRequest,
    MembershipRequest,
    PendingMembershipRequest,
    RoleRequest,
    write_grants,
)
from matricula.batches.merging.reads import find_pair, grant_to, list_steps, places_of
from matricula.batches.merging.values import (
    Account,
    Key,
    MergeOptions,
    MergeOutcome,
    MergeRow,
    Rights,
    Step,
    Word,
    is_nothing,
    seen_of_all,
)
from matricula.batches.values import STALE, Effect, Named, Previewed
from matricula.enrollments.course.restoring import CourseRestore, restore_course_enrollments
from matricula.enrollments.store.following import follow
from matricula.enrollments.store.standings import Collision, in_one_transaction, lock_standings
from matricula.enrollments.store.students import lock_students_of_keys
from matricula.enrollments.store.values import Standing
from matricula.foundation.folding import fold
from matricula.grades.writes import GradeRestore, restore_grades
from matricula.identity.merging import AccountMerge, KeyMove, move_keys, save_merges
from matricula.journal.states import GradeState
from matricula.journal.writes import Operation, add_entries, record_operation
from matricula.learners.locks import lock_addresses, lock_keys_of_organizations
from matricula.learners.rows import lock_alone, lock_rows

_EFFECTS = {
    Word.MOVED: Effect.ADD,
    Word.COMBINED: Effect.CHANGE,
    Word.KEPT: Effect.CHANGE,
    Word.ENDED: Effect.REMOVE,
    Word.MERGED: Effect.REMOVE,
    Word.CHOICE_NEEDED: Effect.REJECTED,
    Word.UNCHANGED: Effect.UNCHANGED,
}
# in the order of docs/locking.md; memberships that wait are taken before the groups have new members
_GRANTS = (CourseRoleRequest, RoleRequest, FeatureRequest, PendingMembershipRequest, MembershipRequest)


def preview_merge(
    _about: None,
    options: MergeOptions,
    rows: Sequence[MergeRow],
    named: Named,  # noqa: ARG001  no row names a thing twice
) -> list[Previewed[MergeOutcome]]:
    """What ``write_merge`` would do now."""
    return [Previewed(outcome, options.other) for outcome in _outcomes(options, rows, list_steps(options))]


def _outcomes(options: MergeOptions, rows: Sequence[MergeRow], steps: list[Step]) -> list[MergeOutcome]:
    by_key = {step.thing.key: step for step in steps}
    outcomes = []
    for row in rows:
        step = by_key.get(row.key)
        if step is None:
            outcomes.append(MergeOutcome(Word.UNCHANGED if row.expected is None else STALE))
            continue
        # the account's own row is about all of them: something that came since the plan was made has no row
        is_whole = isinstance(step.thing.other, Account) and step.thing.other.id == options.other
        seen = seen_of_all(steps) if is_whole else step.seen
        if row.expected is not None and row.expected != seen:
            outcomes.append(MergeOutcome(STALE, step.before, step.before))
        else:
            outcomes.append(MergeOutcome(step.word, step.before, step.after, _EFFECTS[step.word], seen))
    return outcomes


def merge_effect(outcome: MergeOutcome) -> Effect:
    """What a planned row would do."""
    return outcome.effect


def write_merge(
    operation: Operation, _about: None, options: MergeOptions, rows: Sequence[MergeRow]
) -> list[MergeOutcome]:
    """Merges the other account into the kept one, if all is as the plan saw it; else nothing, and rows are stale.

    A merge that is left half done would be worse than none: where one row is stale, no row is written.
    """
    return in_one_transaction(lambda: _write(operation, options, rows))


def _write(operation: Operation, options: MergeOptions, rows: Sequence[MergeRow]) -> list[MergeOutcome]:
    record_operation(operation)
    steps = _lock(options)
    outcomes = _outcomes(options, rows, steps)
    if any(outcome.word in {STALE, Word.CHOICE_NEEDED, Word.UNCHANGED} for outcome in outcomes):
        return [outcome if outcome.word == STALE else MergeOutcome(STALE, outcome.before) for outcome in outcomes]
    _apply(operation, options, steps)
    return [MergeOutcome(outcome.word, outcome.before, outcome.after) for outcome in outcomes]


def _lock(options: MergeOptions) -> list[Step]:
    """Holds all that is written, in the order of docs/locking.md, and what is decided about it then.

    Errors: ``Collision`` where something came meanwhile that is not held.
    """
    pair = find_pair(options.kept, options.other)
    lock_addresses({fold(one.email) for one in (pair.kept, pair.other, *pair.earlier)})
    seen = list_steps(options)
    keys = _keys(seen)
    lock_keys_of_organizations(keys)
    lock_rows(ids=[one.id for one in (pair.kept, pair.other, *pair.earlier)])
    for organization_id in sorted({organization_id for organization_id, _ in keys}):
        lock_students_of_keys(organization_id, [key for organization, key in keys if organization == organization_id])
    lock_standings([*places_of(pair, _courses(seen)).values()])
    # an enrollment of the other account that is just being added is waited for; a later one waits for us
    lock_alone(options.other)
    steps = list_steps(options)
    if not (keys.issuperset(_keys(steps)) and set(_courses(seen)).issuperset(_courses(steps))):
        raise Collision
    return steps


def _keys(steps: Sequence[Step]) -> set[tuple[int, str]]:
    sides = [side for step in steps for side in (step.thing.kept, step.thing.other)]
    return {(side.organization_id, fold(side.student_key)) for side in sides if isinstance(side, Key)}


def _courses(steps: Sequence[Step]) -> list[int]:
    return sorted(s.thing.course_id for s in steps if s.thing.course_id and isinstance(s.thing.other, Standing))


def _apply(operation: Operation, options: MergeOptions, steps: Sequence[Step]) -> None:
    """Writes what was decided. Everything is held, so each write finds what it expects."""
    done = move_keys(operation, [move for step in steps for move in _moves(step, options)])
    seats = [s for s in steps if isinstance(s.kept, Standing) and isinstance(s.thing.other, Standing)]
    enrolled = [(s.thing.course_id or 0, options.kept, True) for s in seats if _is_enrolled(s)]
    # rows in programs that came with a key follow the enrollment that was there before them
    add_entries(operation, follow(operation, sorted(enrolled)))
    restored, entries = restore_course_enrollments(operation, [row for s in seats for row in _restores(s, options)])
    add_entries(operation, entries)
    save_merges(operation, [merge for step in steps for merge in _merges(step, options)])
    _move_grants(operation, options, steps)
    grades = [row for s in steps if isinstance(s.thing.other, GradeState) for row in _grades(s, options)]
    if grades:
        done += restore_grades(operation, grades)
    if not all([*done, *restored]):
        raise Collision


def _is_enrolled(step: Step) -> bool:
    return isinstance(step.kept, Standing) and step.kept.enrolled


def _moves(step: Step, options: MergeOptions) -> list[KeyMove]:
    kept, other = step.thing.kept, step.thing.other
    if not isinstance(other, Key):
        return []
    if step.kept == kept:
        return [KeyMove(other.organization_id, other.student_key, None, options.other)]
    moves = [KeyMove(other.organization_id, other.student_key, options.kept, options.other)]
    if isinstance(kept, Key):
        moves.append(KeyMove(kept.organization_id, kept.student_key, None, options.kept))
    return moves


def _restores(step: Step, options: MergeOptions) -> list[CourseRestore]:
    sides = ((options.kept, step.thing.kept, step.kept), (options.other, step.thing.other, step.other))
    return [
        CourseRestore(step.thing.course_id or 0, account_id, "", after, before)
        for account_id, before, after in sides
        if isinstance(before, Standing) and isinstance(after, Standing)
    ]


def _grades(step: Step, options: MergeOptions) -> list[GradeRestore]:
    sides = ((options.kept, step.thing.kept, step.kept), (options.other, step.thing.other, step.other))
    return [
        GradeRestore(
            step.thing.course_id or 0,
            account_id,
            after if isinstance(after, GradeState) else None,
            before if isinstance(before, GradeState) else None,
        )
        for account_id, before, after in sides
    ]


def _merges(step: Step, options: MergeOptions) -> list[AccountMerge]:
    if isinstance(step.thing.other, Account):
        return [AccountMerge(step.thing.other.id, {"is_active": False, "merged_into": options.kept})]
    if isinstance(step.kept, Rights) and step.kept != step.thing.kept:
        rights = {"is_staff": step.kept.is_staff, "is_superuser": step.kept.is_superuser}
        return [AccountMerge(options.kept, rights)]
    return []


def _move_grants(operation: Operation, options: MergeOptions, steps: Sequence[Step]) -> None:
    held = [(s, s.thing.other) for s in steps if isinstance(s.thing.other, _GRANTS)]
    for made in _GRANTS:
        taken: list[GrantRequest] = [grant for _, grant in held if type(grant) is made]
        write_grants(operation, taken, granted=False)
        given = [grant_to(grant, options.kept) for s, grant in held if is_nothing(s.thing.kept)]
        write_grants(operation, [grant for grant in given if type(grant) is made], granted=True)
