"""Two accounts that are to be merged: whether they may be, and the rows of the plan."""

from collections.abc import Mapping

from matricula.batches.merging.reads import find_pair, list_steps
from matricula.batches.merging.rules import unknown_choices
from matricula.batches.merging.values import MOST_THINGS, Choice, MergeOptions, MergeRow
from matricula.foundation.text import TextProblem
from matricula.learners.reads import find_learner


class MergeRejected(Exception):
    """There can be no plan of this; ``field``: what is wrong of kept, other, choices."""

    def __init__(self, field: str, problem: TextProblem) -> None:
        super().__init__(problem.in_english())
        self.field, self.problem = field, problem


def ask_merge(
    kept_id: int,
    other_id: int,
    *,
    choices: Mapping[str, Choice] | None = None,
    prefer: Choice | None = None,
    reason: str | None = None,
    actor_id: int | None = None,
) -> tuple[list[MergeRow], MergeOptions]:
    """The rows of a plan that merges the other account into the kept one, for ``make_plan``.

    Errors: ``MergeRejected``.
    """
    _check(kept_id, other_id, actor_id)
    options = MergeOptions(kept=kept_id, other=other_id, choices=dict(choices or {}), prefer=prefer, reason=reason)
    steps = {step.thing.key: step for step in list_steps(options)}
    if len(steps) > MOST_THINGS:
        raise MergeRejected(
            "other",
            TextProblem(
                "The other account has %(count)s enrollments, roles and other things. At most %(limit)s can be merged.",
                {"count": len(steps), "limit": MOST_THINGS},
            ),
        )
    if unknown := unknown_choices(steps, options):
        raise MergeRejected(
            "choices",
            TextProblem("There is nothing to choose for: %(rows)s. Leave it out.", {"rows": ", ".join(unknown[:10])}),
        )
    rows = [
        MergeRow(step.thing.key, step.thing.subject, step.thing.course_id, number)
        for number, step in enumerate(steps.values(), 1)
    ]
    return rows, options


def _check(kept_id: int, other_id: int, actor_id: int | None) -> None:
    if kept_id == other_id:
        raise MergeRejected("other", TextProblem("These are the same account. Choose two accounts."))
    if other_id == actor_id:
        raise MergeRejected(
            "other", TextProblem("You can't merge away the account you are signed in with. Keep it instead.")
        )
    pair, other = find_pair(kept_id, other_id), find_learner(other_id)
    for field, one in (("kept", pair.kept), ("other", pair.other)):
        if one.merged_into is not None:
            raise MergeRejected(
                field,
                TextProblem(
                    "The account “%(username)s” was already merged into “%(kept)s”.",
                    {"username": one.username, "kept": one.merged_into},
                ),
            )
    if not pair.kept.is_active:
        raise MergeRejected(
            "kept", TextProblem("The account to keep isn't active. Activate it, or keep the other one.")
        )
    if other is not None and other.unconfirmed:
        raise MergeRejected(
            "other", TextProblem("This is a sign-up that was never confirmed. It has nothing to merge, and expires.")
        )
