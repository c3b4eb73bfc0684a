"""Plans: the list, and the page on which one is reviewed before anything is written."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from matricula.access.permissions import WRITE_ENROLLMENTS
from matricula.access.reads import Caller, reach_of
from matricula.batches.kinds import get_kind
from matricula.batches.plans.reads import (
    PlanRow,
    PlanStatus,
    find_plan,
    find_result,
    list_plan_rows,
    list_plans,
    list_reviews,
)
from matricula.batches.plans.statuses import APPLICABLE, OPEN, Decision, PlanKind, PlanState, RowState
from matricula.batches.rights import features_of_plan, may_cancel, may_read_parts, may_write_parts, parts_of_plan
from matricula.batches.stored import options_of
from matricula.batches.values import Effect
from matricula.console import inputs
from matricula.console.disclosing import stem_for
from matricula.console.downloading import ListFile, reads, with_file
from matricula.console.filters import filter_words
from matricula.console.inputs import page_of
from matricula.console.jobs.pages import rejected_file
from matricula.console.jobs.shown import shown as shown_jobs
from matricula.console.listing import About, find_about
from matricula.console.news import see
from matricula.console.pages import signed_in
from matricula.console.parts import is_part, show_part
from matricula.console.plans.files import export_plan_rows, export_plans
from matricula.console.plans.shown import (
    ShownPlan,
    expiring_until,
    list_approvers,
    list_waiting,
    may_review,
    shown_plans,
    shown_rows,
    with_addresses,
)
from matricula.console.plans.words import BECAME, EFFECTS, STATES, apply_text, limit_texts
from matricula.console.words import MOST
from matricula.disclosures.statuses import DisclosureKind
from matricula.disclosures.writes import Contents
from matricula.foundation.paging import Page
from matricula.jobs.reads import find_job, get_job
from matricula.journal.operations import find_operation, list_undone
from matricula.tabular.forms import file_stem

PAGE, ROWS = 50, 50
# so many rows behind the first stale one are looked through to show the others
_LOOKED, _STALE_SHOWN = 5_000, 20
_GOING_ON = (PlanState.PLANNING, PlanState.APPLYING)


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a plan's rows, the filter that shows them, and what is left out or taken in with one button."""

    n: int
    words: str
    query: str
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Stale:
    """What an attempt to apply a plan met: rows that are no longer as the plan saw them."""

    count: int
    places: tuple[int, ...]
    reason: str


def _asked(request: HttpRequest, caller: Caller) -> tuple[About, dict[str, str], Callable[..., list[PlanStatus]]]:
    """What the plans are about, the filters that are set, and what lists those that fit."""
    about = find_about(inputs.word(request.GET, "about"))
    state = inputs.choice(request.GET, "state", [*PlanState])
    mine, waiting, expiring = (inputs.is_given(request.GET, name) for name in ("mine", "waiting", "expiring"))
    boxes = {"mine": mine, "waiting": waiting, "expiring": expiring}
    given = {"about": about.text, "state": state} | {name: "on" for name, ticked in boxes.items() if ticked}
    reach = reach_of(caller)
    if about.is_unknown:
        return about, given, lambda **_: []
    if waiting:
        # they are counted, too: the same function, and all of them at once
        writable = reach_of(caller, WRITE_ENROLLMENTS)
        return about, given, lambda *, before=None, **_: [] if before else list_waiting(caller, writable)[:MOST]
    listed = partial(
        list_plans,
        courses=reach.courses,
        programs=reach.programs,
        states=[PlanState(state)] if state else OPEN if expiring else None,
        course_id=about.course_id,
        program_id=about.program_id,
        actor_id=caller.account_id if mine else None,
        expires_before=expiring_until() if expiring else None,
    )
    return about, given, listed


def _plans_file(request: HttpRequest, caller: Caller) -> ListFile:
    about, given, listed = _asked(request, caller)
    filters = {"list": "plans"} | ({"state": given["state"]} if given["state"] else {})
    contents = Contents(DisclosureKind.JOURNAL, about.course_id, about.program_id, filters=filters)
    return ListFile(stem_for(about.text or "matricula", "plans"), contents, export_plans(listed))


@reads
@signed_in
@with_file(_plans_file)
def plans(request: HttpRequest, caller: Caller) -> HttpResponse:
    """The plans that the reader may see, the latest first."""
    about, given, listed_by = _asked(request, caller)
    page = PAGE if "waiting" not in given else MOST
    found = listed_by(limit=page + 1, before=inputs.uuid_of(request.GET, "before"))
    older = {**given, "before": found[page - 1].id} if len(found) > page else {}
    listed = {
        "plans": shown_plans(found[:page]),
        "older": urlencode(older),
        "states": STATES.items(),
        **{name: name in given for name in ("mine", "waiting", "expiring")},
        "state": given["state"],
        "about": about,
        "filtered": any(given.values()),
    }
    return render(request, "matricula/plans.html", listed)


def plan_of(caller: Caller, plan_id: uuid.UUID) -> PlanStatus:
    """The plan, if the reader may see it; otherwise it isn't there."""
    found = find_plan(plan_id)
    if found is None or not may_read_parts(caller.account_id, parts_of_plan(found)):
        raise Http404
    return found


def _rows_file(request: HttpRequest, caller: Caller, plan_id: uuid.UUID) -> ListFile:
    found = plan_of(caller, plan_id)
    if found.state in _GOING_ON:
        raise Http404
    outcome, state = _filters(request, found)
    chosen = {"plan": str(found.id), "outcome": outcome, "state": state}
    contents = Contents(
        DisclosureKind.PLAN_ROWS,
        found.course_id,
        found.program_id,
        found.id,
        filters={name: word for name, word in chosen.items() if word},
    )
    [shown] = shown_plans([found])
    thing = shown.course or shown.program
    rows = list_plan_rows(found, **_wanted(outcome, state))
    return ListFile(
        file_stem(thing.key if thing else "matricula", "plan-rows", timezone.localdate(found.created)),
        contents,
        export_plan_rows(shown, rows, caller),
    )


@reads
@signed_in
@with_file(_rows_file)
def plan(request: HttpRequest, caller: Caller, plan_id: uuid.UUID) -> HttpResponse:
    """One plan: what it would do, what holds it, what became of it."""
    if find_plan(plan_id) is None and find_job(plan_id) is not None:
        # a check from before there were plans
        return redirect("job", job_id=plan_id)
    return show_plan(request, caller, plan_of(caller, plan_id))


@require_GET
@signed_in
def progress(request: HttpRequest, caller: Caller, plan_id: uuid.UUID) -> HttpResponse:
    """How far the planning or the applying is; once it has ended, the page is loaded again."""
    found = plan_of(caller, plan_id)
    answer = show_part(request, "matricula/_progress.html", _progress(found), of="plan", title=gettext("Progress"))
    if found.state not in _GOING_ON and is_part(request):
        answer["HX-Refresh"] = "true"
    return answer


@require_GET
@signed_in
def refused(request: HttpRequest, caller: Caller, plan_id: uuid.UUID) -> HttpResponseBase:
    """The rejected rows of a plan, as a file to correct and send again; what is undone has no file."""
    found = plan_of(caller, plan_id)
    if found.kind is PlanKind.UNDO or found.state is PlanState.PLANNING:
        raise Http404
    return rejected_file(request, caller, get_job(found.id))


def _progress(found: PlanStatus) -> dict[str, Any]:
    job = get_job(found.applied_by or found.id)
    return {"shown": shown_jobs([job])[0], "job": job, "plan_id": found.id}


def show_plan(
    request: HttpRequest, caller: Caller, found: PlanStatus, *, stale: Stale | None = None, problem: str = ""
) -> HttpResponse:
    """The page of a plan; ``stale``, ``problem``: what an attempt to apply it met."""
    [shown] = shown_plans([found])
    context: dict[str, Any] = {"shown": shown, "plan": found, "problem": problem, "stale": stale}
    if found.state in _GOING_ON:
        context |= _progress(found) | {"shown": shown, "running": _progress(found)["shown"]}
        context["may_cancel_job"] = may_cancel(caller.account_id, context["job"])
    else:
        see(request, found.applied_by or found.id)
        context |= _reviewed(request, caller, shown) | _rows(request, caller, shown)
    if stale:
        context["stale_rows"] = shown_rows(shown, _stale_rows(found, stale), caller)
    job = get_job(found.id)
    context["file"] = options_of(job, get_kind(job))
    if _needs_choice(found):
        context["merge"] = context["file"]
    if shown.is_undo and found.undo_of:
        context["undone"] = find_operation(found.undo_of)
    return render(request, "matricula/plan.html", context, status=409 if stale else 400 if problem else 200)


def _reviewed(request: HttpRequest, caller: Caller, shown: ShownPlan) -> dict[str, Any]:
    """What is decided about a plan, and what the reader may do."""
    found = shown.plan
    job = get_job(found.id)
    reviews = list_reviews([found.id]).get(found.id, [])
    counted = [review for review in reviews if review.counts]
    writes = may_write(caller, found)
    applied = find_operation(found.applied_by) if found.applied_by else None
    return {
        "job": job,
        "reason": job.options.get("reason") or "",
        "selected": filter_words(job.options.get("selected") or {}),
        "is_selected": "selected" in job.options,
        "error": gettext(found.error) if found.error else "",
        "reviews": reviews,
        "approved": sum(review.decision is Decision.APPROVED for review in counted),
        "limits": limit_texts(found),
        "may_write": writes,
        "is_own": found.actor_id == caller.account_id,
        "approvers": list_approvers(found) if found.state is PlanState.HELD else [],
        "may_review": writes and found.state is PlanState.HELD and may_review(caller, found),
        "has_reviewed": any(review.by == caller.username for review in counted),
        "may_apply": writes and found.state in APPLICABLE and not _needs_choice(found),
        "may_choose": writes and found.state in OPEN and found.kind is not PlanKind.MERGE,
        "may_change": writes and found.state in OPEN,
        "takes_mail": hasattr(options_of(job, get_kind(job)), "email_student"),
        "apply_text": apply_text(found),
        "words": _words(found, get_kind(job).words()),
        "operation": applied,
        "undone_by": list_undone([applied.id]).get(applied.id, []) if applied else [],
    }


def _needs_choice(found: PlanStatus) -> bool:
    return found.kind is PlanKind.MERGE and bool((found.effects or {}).get(Effect.REJECTED))


def _words(found: PlanStatus, words: Mapping[str, str]) -> list[tuple[int, str]]:
    """How many rows would end how, in the order of the kind's words: also why rows were rejected."""
    counts = found.words or {}
    order = [*words, *(word for word in counts if word not in words)]
    return [(counts[word], words.get(word, word)) for word in order if counts.get(word)]


def may_write(caller: Caller, found: PlanStatus) -> bool:
    """True for those who may write there everything that the plan asks for."""
    return may_write_parts(caller.account_id, parts_of_plan(found), features_of_plan(found))


def _rows(request: HttpRequest, caller: Caller, shown: ShownPlan) -> dict[str, Any]:
    """The rows of a page, and the numbers that filter them."""
    found = shown.plan
    result = find_result(found)
    outcome, state = _filters(request, found)
    page = page_of(request)
    rows = list_plan_rows(found, offset=Page(page, ROWS).offset, **_wanted(outcome, state))
    listed = [*islice(rows, ROWS + 1)]
    return {
        "rows": with_addresses(shown, shown_rows(shown, listed[:ROWS], caller), caller),
        "more": len(listed) > ROWS,
        "page": page,
        "outcome": outcome,
        "state": state,
        "filter": f"outcome={outcome}&" if outcome else f"state={state}&" if state else "",
        "left_out": found.total - sum((found.effects or {}).values()),
        "numbers": _numbers(found, outcome, state),
        "became": [
            Number(result[word], str(BECAME[RowState(name)]), urlencode({"state": name}), state == name)
            for word, name in (("applied", "applied"), ("stale", "stale"), ("refused", "refused"))
        ] if result is not None else [],
        "result": result,
    }  # fmt: skip


def _filters(request: HttpRequest, found: PlanStatus) -> tuple[str, str]:
    """Which outcome, or which state, the rows have that are shown; "": any."""
    states = [*BECAME] if find_result(found) is not None else [RowState.EXCLUDED]
    outcome = inputs.choice(request.GET, "outcome", [*Effect])
    return outcome, "" if outcome else inputs.choice(request.GET, "state", states)


def _wanted(outcome: str, state: str) -> dict[str, Any]:
    return {
        "effects": [Effect(outcome)] if outcome else None,
        "states": [RowState(state)] if state else None,
    }


def _numbers(found: PlanStatus, outcome: str, state: str) -> list[Number]:
    effects: Mapping[str, int] = found.effects or {}
    numbers = [
        Number(effects.get(effect, 0), str(words), urlencode({"outcome": effect.value}), outcome == effect)
        for effect, words in EFFECTS.items()
    ]
    left_out = found.total - sum(effects.values())
    if left_out:
        query = urlencode({"state": RowState.EXCLUDED.value})
        numbers.append(Number(left_out, str(BECAME[RowState.EXCLUDED]), query, state == RowState.EXCLUDED))
    return numbers


def _stale_rows(found: PlanStatus, stale: Stale) -> list[PlanRow]:
    """The first rows that are stale, as far as they are near the first of them."""
    places = {*stale.places[:_STALE_SHOWN]}
    if not places:
        return []
    near = islice(list_plan_rows(found, after=min(places) - 1), _LOOKED)
    return [row for row in near if row.place in places]
