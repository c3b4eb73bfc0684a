"""Merging two accounts of one person: both chosen, seen side by side, and planned (docs/merging-accounts.md)."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from matricula.access.reads import Caller
from matricula.batches.kinds import MERGE
from matricula.batches.merging.asking import MergeRejected, ask_merge
from matricula.batches.merging.reads import list_steps
from matricula.batches.merging.values import Choice, MergeOptions, Step, shown
from matricula.batches.merging.words import side_words, words
from matricula.batches.planning import make_plan
from matricula.batches.runs import given_rows
from matricula.console import inputs
from matricula.console.inputs import reason_of
from matricula.console.pages import operators
from matricula.console.words import SUBJECT_WORDS
from matricula.foundation.messages import translated
from matricula.journal.statuses import CONSOLE
from matricula.learners.reads import find_by_name, find_learner


@require_http_methods(["GET", "POST"])
@operators
def choose(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Which two accounts; sent, the way to both side by side. An address names one by its id, to begin with."""
    problem, given = "", {}
    if request.method == "POST":
        given = {name: inputs.identifier(request.POST, name) for name in ("kept", "other")}
        found = [find_by_name(name) for name in given.values()]
        if all(found):
            return redirect("merge_pair", *found)
        problem = _("There is no single account with this username or email address: %(name)s") % {
            "name": next(name for name, account_id in zip(given.values(), found, strict=True) if not account_id) or "–"
        }
    else:
        for name in ("kept", "other"):
            one = find_learner(inputs.entry_of(request, name) or 0)
            given[name] = one.username if one else ""
    context = {"given": given, "problem": problem}
    return render(request, "matricula/merge_choose.html", context, status=400 if problem else 200)


@dataclass(frozen=True, slots=True)
class Line:
    """A thing beside what the other account has there; ``name``: which of its ``subject``."""

    step: Step
    subject: str
    name: str
    kept: str
    other: str
    becomes: str


@require_http_methods(["GET", "POST"])
@operators
def pair(request: HttpRequest, caller: Caller, kept_id: int, other_id: int) -> HttpResponse:
    """Both accounts side by side, with a choice where no rule decides; sent, the plan to review."""
    kept, other = find_learner(kept_id), find_learner(other_id)
    if kept is None or other is None:
        raise Http404
    problem = ""
    steps = list_steps(MergeOptions(kept=kept_id, other=other_id)) if kept_id != other_id else []
    chosen = {step.thing.key: inputs.choice(request.POST, f"choice:{step.thing.key}", [*Choice]) for step in steps}
    choices = {key: Choice(word) for key, word in chosen.items() if word}
    try:
        rows, options = ask_merge(
            kept_id, other_id, choices=choices, reason=reason_of(request) or None, actor_id=caller.account_id
        )
    except MergeRejected as rejected:
        problem = translated(rejected.problem)
    else:
        if request.method == "POST" and not (problem := _missing(request, steps, choices)):
            name = _("%(other)s into %(kept)s") % {"other": other.username, "kept": kept.username}
            given = given_rows(rows, options)
            plan_id = make_plan(MERGE, None, given, name=name, actor_id=caller.account_id, source=CONSOLE)
            return redirect("plan", plan_id=plan_id)
    context = {
        "kept": kept,
        "other": other,
        "lines": [_line(step) for step in steps],
        "chosen": chosen,
        "problem": problem,
        "reason": reason_of(request),
        "may_plan": not problem or request.method == "POST",
    }
    return render(request, "matricula/merge.html", context, status=400 if problem and request.method == "POST" else 200)


def _missing(request: HttpRequest, steps: list[Step], choices: dict[str, Choice]) -> str:
    if any(step.is_choice and step.thing.key not in choices for step in steps):
        return _("Choose which to keep in each marked row.")
    return "" if reason_of(request) else _("Enter a reason. It is kept in the history of each person.")


def _line(step: Step) -> Line:
    kept, other = (side_words(step.thing.subject, shown(side)) for side in (step.thing.kept, step.thing.other))
    name = step.thing.key.partition(":")[2]
    return Line(step, str(SUBJECT_WORDS[step.thing.subject]), name, kept, other, str(words()[step.word]))
