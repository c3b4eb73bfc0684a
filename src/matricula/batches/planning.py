"""Making, reviewing and applying plans (record-api: Plans).

A plan is a job that looks at rows, and what is decided about it; it is applied by a job that has its rows, each only
where what it changes is still as the plan saw it. See docs/decisions/0031.
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from msgspec.structs import replace

from matricula.batches import values
from matricula.batches.engine import find_stale
from matricula.batches.kinds import COURSE_STUDENTS, STUDENTS, UNDO, get_kind, operation_of
from matricula.batches.plans.models import Plan, PlanReview
from matricula.batches.plans.notifying import notify_if_held
from matricula.batches.plans.numbers import count_plan, list_outcomes_of, named_courses
from matricula.batches.plans.reads import PlanStatus, find_plan
from matricula.batches.plans.statuses import APPLICABLE, OPEN, Decision, OnStale, PlanKind, PlanState, Scope
from matricula.batches.plans.uploads import copy_upload, end_waiting, find_waiting, is_over, release, upload_of
from matricula.batches.runs import Given, run_few, start_batch_of_file, store_batch_of_file, store_check
from matricula.batches.stored import VERSION, AnyKind, form_of, options_of, stored_options
from matricula.batches.undo.rows import keep_undo
from matricula.batches.undo.values import UndoOptions
from matricula.batches.values import Effect, Options
from matricula.catalog.reads import ProgramFacts, holds_uploads
from matricula.enrollments.statuses import CANCELED, INACTIVE, LEFT_PROGRAM, UNENROLL
from matricula.foundation.database import execute, fetch_all
from matricula.foundation.statements import read_statements
from matricula.foundation.transactions import one_transaction
from matricula.jobs.canceling import cancel_job
from matricula.jobs.reads import JobStatus, get_job
from matricula.jobs.statuses import PENDING, RUNNING
from matricula.jobs.writes import add_job, queue_job, record_decision, record_start, update_job
from matricula.journal.operations import OperationFacts
from matricula.journal.statuses import Source
from matricula.journal.writes import Operation, record_operation
from matricula.tabular.reading import TableFile

_STATEMENTS = read_statements(__file__)


class PlanConflict(Exception):
    """Nothing was done, since the plan is in ``state``; ``seen``: since it is no longer as it was seen.

    ``whole``: since a merge is applied as a whole: no row is left out, and none still needs a choice.
    """

    def __init__(self, state: PlanState, *, seen: bool = False, reviewed: bool = False, whole: bool = False) -> None:
        super().__init__(state)
        self.state, self.seen, self.reviewed, self.whole = state, seen, reviewed, whole


class PlanIsStale(Exception):
    """Nothing was written: so many rows are no longer as the plan saw them; ``places`` are the first of them."""

    def __init__(self, count: int, places: Sequence[int]) -> None:
        super().__init__(count)
        self.count, self.places = count, places


class OwnPlan(Exception):
    """Who made a plan can't approve it."""


class EmptyPlan(Exception):
    """There are no rows, which would make everyone leave."""


class UnknownRows(Exception):
    """The plan has no rows with these numbers."""

    def __init__(self, numbers: Sequence[int]) -> None:
        super().__init__(numbers)
        self.numbers = numbers


def make_plan(
    kind: AnyKind,
    about: Any,
    given: Given,
    *,
    scope: Scope = Scope.ROWS,
    name: str | None = None,
    actor_id: int | None,
    source: Source,
) -> uuid.UUID:
    """Stores what is asked for and looks at what it would do: few rows here and now, more are the worker's.

    ``name``: None for that of the file. Errors, and nothing is stored: ``TooManyJobs``, ``EmptyPlan``; of a file
    ``TabularError``.
    """
    with one_transaction():
        job_id = store_check(kind, about, given, actor_id=actor_id, source=source)
        if scope is Scope.ALL:
            _add_absent(job_id, kind)
        add_plan(job_id, scope, name or get_job(job_id).options.get("file") or "")
    run_few(job_id)
    return job_id


def make_undo(
    record: OperationFacts,
    changes: Collection[int] | None,
    *,
    reason: str | None,
    name: str,
    actor_id: int | None,
    source: Source,
) -> uuid.UUID:
    """Plans to put back what an operation changed, or some of its changes. Errors: ``TooManyJobs``."""
    assert UNDO.check is not None  # noqa: S101  the kind has one
    options = UndoOptions(reason=reason, undo_of=str(record.id), is_partial=changes is not None)
    with one_transaction():
        job_id = add_job(
            UNDO.check,
            actor_id=actor_id,
            source=source,
            course_id=record.course_id,
            program_id=record.program_id,
            options=stored_options(options),
        )
        rows, subject = keep_undo(job_id, record.id, changes, values.CHUNK, VERSION)
        update_job(job_id, total=rows, options=stored_options(replace(options, subject=subject)))
        record_operation(operation_of(get_job(job_id)))
        add_plan(job_id, Scope.ROWS, name, record.id)
    run_few(job_id)
    return job_id


def add_plan(job_id: uuid.UUID, scope: Scope, name: str, undo_of: uuid.UUID | None = None) -> None:
    """Makes a plan of a job that looks at rows."""
    expires = timezone.now() + timedelta(days=settings.ENVIRONMENT.plan_days)
    Plan.objects.create(job_id=job_id, name=name, scope=scope, expires=expires, undo_of=undo_of)


def _add_absent(job_id: uuid.UUID, kind: AnyKind) -> None:
    """Adds a row for each person who is in the roster and is not named."""
    job = get_job(job_id)
    last = fetch_all(_STATEMENTS["last_chunk"](), {"job": job_id})
    if not last:
        raise EmptyPlan
    [(chunks, lines)] = last
    parameters: dict[str, Any] = {
        "job": job_id,
        "chunks": chunks,
        "lines": lines or 0,
        "size": values.CHUNK,
        "version": VERSION,
        "course": job.course_id,
        "program": job.program_id,
        "left": list(LEFT_PROGRAM),
    }
    text = form_of(kind).text
    if kind is COURSE_STUDENTS:
        assert kind.row is not None  # noqa: S101  the kind has one
        courses = named_courses(job_id, kind)
        asks = [text(kind.row(key, "", INACTIVE.value, course_id=id_)) for id_, key in courses.items()]
        execute(_STATEMENTS["absent_course_students"](), {**parameters, "courses": [*courses], "asks": asks})
    elif kind is STUDENTS:
        assert kind.row is not None  # noqa: S101  the kind has one
        execute(_STATEMENTS["absent_students"](), {**parameters, "ask": text(kind.row("", CANCELED.value))})
    else:
        assert kind.row is not None  # noqa: S101  the kind has one
        execute(_STATEMENTS["absent_learners"](), {**parameters, "ask": text(kind.row("", action=UNENROLL.value))})
    [(total,)] = fetch_all(_STATEMENTS["count_rows"](), {"job": job_id})
    update_job(job_id, total=total)


def start_upload(
    kind: AnyKind, about: Any, file: TableFile, options: Options, *, actor_id: int | None, source: Source
) -> uuid.UUID:
    """As ``start_batch_of_file``; where the program holds uploads, the job waits for a plan of what it would do."""
    if not isinstance(about, ProgramFacts) or not holds_uploads(about.id):
        return start_batch_of_file(kind, about, file, options, actor_id=actor_id, source=source)
    assert kind.check is not None  # noqa: S101  what is uploaded can be planned
    with one_transaction():
        job_id = store_batch_of_file(kind, about, file, options, actor_id=actor_id, source=source)
        job = get_job(job_id)
        told = options_of(job, kind)
        plan_id = add_job(
            kind.check,
            actor_id=actor_id,
            source=source,
            course_id=None,
            program_id=about.id,
            options=stored_options(replace(told, upload=str(job_id))),
        )
        update_job(job_id, options=stored_options(replace(told, waits_for=str(plan_id))))
        copy_upload(job_id, plan_id)
        update_job(plan_id, total=job.total)
        record_operation(operation_of(get_job(plan_id)))
        add_plan(plan_id, Scope.ROWS, f"Upload to {about.key}")
        queue_job(plan_id)
    return job_id


def continue_upload(plan_id: uuid.UUID) -> None:
    """Lets an upload go on that exceeds no limit; fails it once its plan is over; cancels the plan if it has ended."""
    with one_transaction():
        plan = hold_plan(plan_id)
        job = find_waiting(plan_id)
        if job is None:
            if plan.state in OPEN:
                Plan.objects.filter(pk=plan_id).update(canceled=timezone.now())
        elif is_over(plan):
            end_waiting(job, plan)
        elif plan.state is PlanState.APPROVED:
            _go_on(plan_id, _take_waiting(plan))
        elif job.state is PENDING and plan.state is PlanState.READY:
            # no one has looked at it: it is as if there had been no plan
            release(job)
            _go_on(plan_id, job)
        elif job.state is PENDING and plan.state is PlanState.HELD:
            update_job(job.id, state=RUNNING)


def _go_on(plan_id: uuid.UUID, job: JobStatus) -> None:
    Plan.objects.filter(pk=plan_id).update(applied_by=job.id)
    queue_job(job.id)


def exclude_rows(plan_id: uuid.UUID, numbers: Collection[int], effects: Collection[Effect], *, excluded: bool) -> None:
    """Leaves rows out of a plan, or takes them in again; reviews of before no longer count.

    Errors: ``PlanConflict``, ``UnknownRows``.
    """
    with one_transaction():
        plan = hold_plan(plan_id)
        if plan.state not in OPEN or plan.kind is PlanKind.MERGE:
            raise PlanConflict(plan.state, whole=plan.kind is PlanKind.MERGE)
        parameters = {"job": plan_id, "lines": [*numbers]}
        if unknown := fetch_all(_STATEMENTS["unknown_lines"](), parameters):
            raise UnknownRows([number for (number,) in unknown])
        outcomes = list_outcomes_of(plan_id, effects)
        execute(
            _STATEMENTS["exclude"](),
            {**parameters, "outcomes": outcomes, "rejected": Effect.REJECTED in effects, "excluded": excluded},
        )
        count_plan(plan_id)
        if plan.state is not PlanState.HELD:
            notify_if_held(plan_id)


def review_plan(
    plan_id: uuid.UUID, account_id: int, decision: Decision, *, fingerprint: str, note: str | None, operation: Operation
) -> None:
    """Approves or rejects a plan that is held. Errors: ``PlanConflict``, ``OwnPlan``."""
    with one_transaction():
        plan = hold_plan(plan_id)
        if plan.state is not PlanState.HELD:
            raise PlanConflict(plan.state)
        if decision is Decision.APPROVED and plan.approvals and plan.actor_id == account_id:
            raise OwnPlan
        _check_seen(plan, fingerprint)
        reviews = PlanReview.objects.filter(plan_id=plan_id, fingerprint=fingerprint, account_id=account_id)
        if reviews.exists():
            raise PlanConflict(plan.state, reviewed=True)
        PlanReview.objects.create(
            plan_id=plan_id,
            account_id=account_id,
            at=timezone.now(),
            decision=decision,
            note=note,
            fingerprint=fingerprint,
        )
        record_decision(plan_id, operation, decision)
        _continue_if_upload(plan_id)


def apply_plan(
    plan_id: uuid.UUID,
    *,
    actor_id: int | None,
    source: Source,
    fingerprint: str,
    reason: str | None,
    on_stale: OnStale = OnStale.REFUSE,
    email_student: bool | None = None,
) -> uuid.UUID:
    """Writes the rows of a plan as a job: few here and now, more by the worker. A second call gives the same job.

    Errors, and nothing is written: ``PlanConflict``, ``PlanIsStale``, ``WriteUnfinished``.
    """
    with one_transaction():
        plan = hold_plan(plan_id)
        if plan.applied_by:
            return plan.applied_by
        if plan.state not in APPLICABLE:
            raise PlanConflict(plan.state)
        _check_seen(plan, fingerprint)
        if plan.kind is PlanKind.MERGE and (plan.effects or {}).get(Effect.REJECTED):
            raise PlanConflict(plan.state, whole=True)
        upload = upload_of(get_job(plan_id))
        job = _take_waiting(plan) if upload else _add_applying(plan, actor_id, source, reason, email_student)
        if on_stale is OnStale.REFUSE:
            count, places = find_stale(job)
            if count:
                raise PlanIsStale(count, places)
        Plan.objects.filter(pk=plan_id).update(applied_by=job.id)
        if upload:
            # for the one who uploaded, and not for the one who applies
            queue_job(job.id)
    if not upload:
        run_few(job.id)
    return job.id


def _take_waiting(plan: PlanStatus) -> JobStatus:
    job = find_waiting(plan.id)
    if job is None:
        # it was canceled
        raise PlanConflict(PlanState.CANCELED)
    release(job, plan.id)
    _copy_planned(plan, job.id)
    return get_job(job.id)


def _continue_if_upload(plan_id: uuid.UUID) -> None:
    if upload_of(get_job(plan_id)):
        continue_upload(plan_id)


def _add_applying(
    plan: PlanStatus, actor_id: int | None, source: Source, reason: str | None, email_student: bool | None
) -> JobStatus:
    planned = get_job(plan.id)
    kind = get_kind(planned)
    said: dict[str, Any] = {"plan": str(plan.id)}
    options = options_of(planned, kind)
    if reason:
        said["reason"] = reason
    if email_student is not None and hasattr(options, "email_student"):
        said["email_student"] = email_student
    job_id = add_job(
        kind.job,
        actor_id=actor_id,
        source=source,
        course_id=plan.course_id,
        program_id=plan.program_id,
        options=stored_options(replace(options, **said)),
    )
    _copy_planned(plan, job_id)
    record_start(operation_of(get_job(job_id)))
    return get_job(job_id)


def _copy_planned(plan: PlanStatus, job_id: uuid.UUID) -> None:
    """Gives a job the rows of the plan that are to be applied."""
    kind = get_kind(get_job(plan.id))
    assert kind.outcome is not None  # noqa: S101  a kind that can be planned has one
    standing = kind.outcome.__struct_fields__.index("standing")
    execute(_STATEMENTS["copy_planned"](), {"job": plan.id, "applied_by": job_id, "standing": standing})
    [(total,)] = fetch_all(_STATEMENTS["count_asks"](), {"job": job_id})
    update_job(job_id, total=total)


def cancel_plan(plan_id: uuid.UUID, operation: Operation) -> None:
    """Ends a plan before it is applied, or while: chunks that are done stay. Errors: ``PlanConflict``."""
    with one_transaction():
        plan = hold_plan(plan_id)
        if plan.state in OPEN:
            Plan.objects.filter(pk=plan_id).update(canceled=timezone.now())
            record_decision(plan_id, operation, PlanState.CANCELED)
            _continue_if_upload(plan_id)
            return
        running = {PlanState.PLANNING: plan_id, PlanState.APPLYING: plan.applied_by}.get(plan.state)
        # who may cancel the plan may cancel both of its jobs; one of them may have ended meanwhile
        if running is None or not cancel_job(running, operation, may=lambda _job: True):
            raise PlanConflict(plan.state)


def hold_plan(plan_id: uuid.UUID) -> PlanStatus:
    """The plan, held until the transaction ends."""
    Plan.objects.select_for_update().get(pk=plan_id)
    plan = find_plan(plan_id)
    assert plan is not None  # noqa: S101  it was just read
    return plan


def _check_seen(plan: PlanStatus, fingerprint: str) -> None:
    if plan.fingerprint != fingerprint:
        raise PlanConflict(plan.state, seen=True)
