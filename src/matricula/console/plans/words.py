"""Plans in words: their states, what holds them, what their buttons do, and why something wasn't done."""

from collections.abc import Mapping

from django import template
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from matricula.batches.planning import PlanConflict
from matricula.batches.plans.limits import Limit
from matricula.batches.plans.reads import PlanStatus
from matricula.batches.plans.statuses import PlanKind, PlanState, RowState
from matricula.batches.values import Effect

register = template.Library()

STATES: Mapping[PlanState, Promise] = {
    PlanState.PLANNING: gettext_lazy("being prepared"),
    PlanState.READY: gettext_lazy("ready to apply"),
    PlanState.HELD: gettext_lazy("waiting for approval"),
    PlanState.APPROVED: gettext_lazy("approved"),
    PlanState.REJECTED: gettext_lazy("rejected"),
    PlanState.APPLYING: gettext_lazy("being applied"),
    PlanState.APPLIED: gettext_lazy("applied"),
    PlanState.CANCELED: gettext_lazy("canceled"),
    PlanState.EXPIRED: gettext_lazy("expired"),
    PlanState.FAILED: gettext_lazy("failed"),
}
COLORS: Mapping[PlanState, str] = {
    PlanState.HELD: "warn",
    PlanState.READY: "info",
    PlanState.PLANNING: "info",
    PlanState.APPLYING: "info",
    PlanState.APPROVED: "good",
    PlanState.APPLIED: "good",
    PlanState.REJECTED: "bad",
    PlanState.FAILED: "bad",
}
KINDS: Mapping[PlanKind, Promise] = {
    PlanKind.COURSE_ENROLLMENTS: gettext_lazy("Enrollments in a course run"),
    PlanKind.PROGRAM_ENROLLMENTS: gettext_lazy("Students of a program"),
    PlanKind.PROGRAM_COURSE_ENROLLMENTS: gettext_lazy("Students of a program in course runs"),
    PlanKind.UNDO: gettext_lazy("Undo"),
    PlanKind.MERGE: gettext_lazy("Merge of two accounts"),
}
# as numbers of rows; and as what one row does
EFFECTS: Mapping[Effect, Promise] = {
    Effect.ADD: gettext_lazy("to add"),
    Effect.CHANGE: gettext_lazy("to change"),
    Effect.REMOVE: gettext_lazy("to remove"),
    Effect.UNCHANGED: gettext_lazy("unchanged"),
    Effect.REJECTED: gettext_lazy("rejected"),
}
_OF_ROWS: Mapping[Effect, tuple[Promise, str]] = {
    Effect.ADD: (gettext_lazy("add"), "good"),
    Effect.CHANGE: (gettext_lazy("change"), "info"),
    Effect.REMOVE: (gettext_lazy("remove"), "bad"),
    Effect.UNCHANGED: (gettext_lazy("unchanged"), ""),
    Effect.REJECTED: (gettext_lazy("rejected"), "bad"),
}
BECAME: Mapping[RowState, Promise] = {
    RowState.APPLIED: gettext_lazy("applied"),
    RowState.STALE: gettext_lazy("not applied: changed since"),
    RowState.REJECTED: gettext_lazy("rejected"),
    RowState.EXCLUDED: gettext_lazy("left out"),
}
_WHY: Mapping[PlanState, Promise] = {
    PlanState.PLANNING: gettext_lazy("This plan is still being prepared. Wait until it is ready."),
    PlanState.READY: gettext_lazy("This plan needs no approval. You can apply it."),
    PlanState.HELD: gettext_lazy("This plan is waiting for approval. It can't be applied before."),
    PlanState.APPROVED: gettext_lazy("This plan was already approved."),
    PlanState.REJECTED: gettext_lazy("This plan was rejected. Make a new plan."),
    PlanState.APPLYING: gettext_lazy("This plan is already being applied."),
    PlanState.APPLIED: gettext_lazy("This plan was already applied."),
    PlanState.CANCELED: gettext_lazy("This plan was canceled. Make a new plan."),
    PlanState.EXPIRED: gettext_lazy("This plan has expired. Make a new plan to see what would change now."),
    PlanState.FAILED: gettext_lazy("This plan failed because of an internal error. Make a new plan."),
}


@register.filter
def state_words(state: PlanState) -> Promise:
    """Return the state of a plan in words."""
    return STATES[state]


@register.filter
def state_color(state: PlanState) -> str:
    """Return the class of the tag that shows the state of a plan."""
    return COLORS.get(state, "")


@register.filter
def effect_words(effect: Effect) -> Promise:
    """Return what a row does, in a word."""
    return _OF_ROWS[effect][0]


@register.filter
def effect_color(effect: Effect) -> str:
    """Return the class of the tag that shows what a row does."""
    return _OF_ROWS[effect][1]


def conflict_text(conflict: PlanConflict) -> str:
    """Return why nothing was done about a plan, and what to do."""
    if conflict.seen:
        return _("This plan has changed since you opened it. Check the rows below, then decide again.")
    if conflict.whole:
        return _("A merge is applied as a whole. Make a new plan with a choice for each row that needs one.")
    if conflict.reviewed:
        return _("You have already reviewed this plan.")
    return str(_WHY[conflict.state])


def apply_text(plan: PlanStatus) -> str:
    """Return what the button says that applies a plan."""
    n = count_changes(plan)
    return ngettext("Apply %(n)s change", "Apply %(n)s changes", n) % {"n": _number(n)}


def count_changes(plan: PlanStatus) -> int:
    """How many rows of a plan would change something."""
    return sum((plan.effects or {}).get(effect, 0) for effect in (Effect.ADD, Effect.CHANGE, Effect.REMOVE))


def limit_texts(plan: PlanStatus) -> list[str]:
    """Return a sentence for each limit that a plan exceeds."""
    return [_limit_text(plan, limit) for limit in plan.limits if limit.exceeded]


def _limit_text(plan: PlanStatus, limit: Limit) -> str:
    whom = _("active learners") if plan.course_id is not None else _("active students")
    of = _whole(limit)
    words = {
        "rows": _number(limit.value.rows),
        "of": _number(of) if of else "",
        "whom": whom,
        "percent": _number(limit.value.percent),
        "limit": _number(limit.limit.percent),
    }
    if limit.name == "removals":
        if of:
            text = _("This plan removes %(rows)s of %(of)s %(whom)s (%(percent)s %%). The limit is %(limit)s %%.")
        else:
            text = _("This plan removes %(rows)s %(whom)s, %(percent)s %% of all. The limit is %(limit)s %%.")
    elif limit.name == "changes":
        if of:
            text = _("This plan changes %(rows)s of %(of)s %(whom)s (%(percent)s %%). The limit is %(limit)s %%.")
        else:
            text = _("This plan changes %(rows)s %(whom)s, %(percent)s %% of all. The limit is %(limit)s %%.")
    elif of:
        text = _("%(rows)s of %(of)s rows were rejected (%(percent)s %%). The limit is %(limit)s %%.")
    else:
        text = _("%(rows)s rows were rejected, %(percent)s %% of all. The limit is %(limit)s %%.")
    return text % words


def _whole(limit: Limit) -> int | None:
    """Of how many the rows of a limit are so many percent; None where more than one number fits."""
    rows, percent = limit.value.rows, limit.value.percent
    if not percent:
        return None
    nearest = round(100 * rows / percent)
    fitting = [n for n in (nearest - 1, nearest, nearest + 1) if n > 0 and round(100 * rows / n, 1) == percent]
    return nearest if fitting == [nearest] else None


def _number(value: float) -> str:
    whole = int(value) if value == int(value) else value
    return number_format(whole, decimal_pos=None if whole == int(value) else 1, use_l10n=True, force_grouping=True)
