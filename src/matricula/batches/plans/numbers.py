"""What the rows of a plan come to: how many would do what, which limits that exceeds, and its fingerprint."""

import uuid
from collections import Counter
from collections.abc import Collection

import msgspec
from django.conf import settings

from matricula.batches.kinds import COURSE_STUDENTS, get_kind
from matricula.batches.plans.limits import Limits, measure, merged
from matricula.batches.plans.models import Plan
from matricula.batches.stored import AnyKind, form_of
from matricula.batches.values import ERROR, STALE, Effect
from matricula.catalog.reads import limits_of
from matricula.enrollments.course.rosters import count_rosters
from matricula.enrollments.statuses import LEFT_PROGRAM
from matricula.foundation.database import fetch_all
from matricula.foundation.statements import read_statements
from matricula.jobs.reads import JobStatus, get_job

_STATEMENTS = read_statements(__file__)


def count_plan(job_id: uuid.UUID) -> None:
    """Stores what the rows of a plan come to, those left out that are excluded, in the caller's transaction."""
    plan = Plan.objects.filter(pk=job_id).first()
    if plan is None:
        # a check of before there were plans
        return
    job = get_job(job_id)
    kind = get_kind(job)
    effects: Counter[str] = Counter()
    words: Counter[str] = Counter()
    for told, times in fetch_all(_STATEMENTS["outcomes"](), {"job": job_id}):
        outcome = msgspec.json.decode(told, type=kind.outcome) if told is not None else None
        effects[kind.effect(outcome) if outcome else Effect.REJECTED] += int(times)
        words[outcome.word if outcome else ERROR] += int(times)
    limits = plan_limits(job)
    measured = measure(limits, effects, _count_active(job, kind))
    plan.effects = {effect.value: effects[effect] for effect in Effect}
    plan.words = {word: words[word] for word in sorted(words)}
    plan.limits = msgspec.to_builtins(measured)
    plan.is_held = any(limit.exceeded for limit in measured)
    plan.approvals = limits.approvals
    [(plan.fingerprint,)] = fetch_all(_STATEMENTS["fingerprint"](), {"job": job_id})
    plan.save(update_fields=["effects", "words", "limits", "is_held", "approvals", "fingerprint"])


def list_outcomes_of(job_id: uuid.UUID, effects: Collection[Effect]) -> list[str]:
    """The different outcomes of a plan that have one of the effects, as they are stored."""
    kind = get_kind(get_job(job_id))
    told = [told for (told,) in fetch_all(_STATEMENTS["all_outcomes"](), {"job": job_id})]
    return [text for text in told if kind.effect(msgspec.json.decode(text, type=kind.outcome)) in effects]


def plan_limits(job: JobStatus) -> Limits:
    """The limits of the course run or the program of a plan."""
    return merged(settings.ENVIRONMENT.plan_limits, *limits_of(job.course_id, job.program_id))


def _count_active(job: JobStatus, kind: AnyKind) -> int:
    if job.course_id is not None:
        return count_rosters([job.course_id]).get(job.course_id, 0)
    if job.program_id is None:
        return 0
    if kind is COURSE_STUDENTS:
        courses = [*named_courses(job.id, kind)]
        [(active,)] = fetch_all(_STATEMENTS["course_students"](), {"program": job.program_id, "courses": courses})
        return int(active)
    [(active,)] = fetch_all(_STATEMENTS["students"](), {"program": job.program_id, "left": list(LEFT_PROGRAM)})
    return int(active)


def named_courses(job_id: uuid.UUID, kind: AnyKind) -> dict[int, str]:
    """The course runs that the rows of a plan name: id → key as given."""
    rows = (form_of(kind).row("", ask, None, None) for (ask,) in fetch_all(_STATEMENTS["asks"](), {"job": job_id}))
    return {row.course_id: row.course for row in rows if row.course_id is not None}


def count_applied(job: JobStatus, applied_by: JobStatus, rejected: int) -> dict[str, int]:
    """What became of the rows that were applied; ``rejected``: how many were so in the plan."""
    kind = get_kind(job)
    counts = Counter({"applied": 0, "unchanged": 0, "stale": 0, "refused": rejected})
    for planned, written, times in fetch_all(_STATEMENTS["applied"](), {"job": job.id, "applied_by": applied_by.id}):
        effect = kind.effect(msgspec.json.decode(planned, type=kind.outcome))
        if effect is Effect.REJECTED:
            # of an upload that wrote what it was given: it is counted already
            continue
        word = msgspec.json.decode(written, type=kind.outcome).word
        if word == STALE:
            counts["stale"] += int(times)
        elif word == ERROR or word in kind.rejected:
            counts["refused"] += int(times)
        elif effect is Effect.UNCHANGED:
            counts["unchanged"] += int(times)
        else:
            counts["applied"] += int(times)
    return dict(counts)
