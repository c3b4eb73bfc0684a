"""Operations: what was done, by whom, what it changed; and taking it back, which begins as a plan."""

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from matricula.access.permissions import WRITE_ENROLLMENTS
from matricula.access.reads import Caller, Reach, reach_of
from matricula.batches.kinds import CHECKS
from matricula.batches.planning import make_undo
from matricula.batches.rights import are_all_in, may_write_parts, parts_of_operations, sees_operation, with_part
from matricula.batches.undo.reads import Against, list_against
from matricula.catalog.reads import CourseRun, ProgramFacts
from matricula.console import inputs
from matricula.console.acts import KINDS, someone
from matricula.console.disclosing import stem_for
from matricula.console.downloading import ListFile, reads, with_file
from matricula.console.inputs import entry_of, reason_of
from matricula.console.listing import About, Things, find_about, things_of
from matricula.console.pages import acting_about, by_replica, signed_in
from matricula.console.words import SUBJECT_WORDS
from matricula.disclosures.statuses import DisclosureKind
from matricula.disclosures.writes import Contents
from matricula.jobs.reads import JobStatus, find_job, list_kinds
from matricula.journal.operations import (
    OperationFacts,
    RecordedChange,
    count_changes,
    count_people,
    find_operation,
    list_changes,
    list_operations,
    list_undone,
)
from matricula.journal.statuses import CONSOLE, OperationKind, Source, Subject
from matricula.listings.exports import state_cell, time_cell
from matricula.tabular.exports import export_rows, walk
from matricula.tabular.forms import file_stem

PAGE, CHANGES = 50, 50
# of each operation of a page: to count millions takes longer than a page may
_COUNTED = 1_000
_AT_ONCE = 500
_MINUTE = timedelta(minutes=1)
_AGAINST: Mapping[Against, Promise] = {
    Against.UNDONE: gettext_lazy("This operation was already undone."),
    Against.RUNNING: gettext_lazy("This operation is still running. You can undo it when it has ended, or cancel it."),
    Against.NO_CHANGES: gettext_lazy("This operation changed nothing that can be undone."),
}


@dataclass(frozen=True, slots=True)
class ShownOperation:
    """An operation with the names around it, and how many changes of what it made."""

    facts: OperationFacts
    course: CourseRun | None
    program: ProgramFacts | None
    counts: Mapping[Subject, int]
    # it looked at rows, and wrote none
    is_check: bool

    @property
    def kind(self) -> str:
        """What it was."""
        if self.is_check:
            return _("Plan made")
        return str(KINDS[self.facts.kind])

    @property
    def about(self) -> str:
        """The title of the course run or program."""
        return Things(self.course, self.program).title

    @property
    def ended(self) -> datetime | None:
        """When it ended; None where that was within a minute."""
        ended = self.facts.ended
        return ended if ended and ended - self.facts.started >= _MINUTE else None

    @property
    def changes(self) -> int:
        """How many changes it made."""
        return sum(self.counts.values())

    @property
    def subjects(self) -> list[tuple[int, str]]:
        """How many changes of each subject, in words."""
        return [(n, str(SUBJECT_WORDS.get(subject, subject))) for subject, n in sorted(self.counts.items())]


def shown_operations(
    found: Collection[OperationFacts], reach: Reach, *, most: int | None = None
) -> list[ShownOperation]:
    """The operations with the names around them, and how much of their changes the reader sees; ``most``: of each no
    more than so many are counted.
    """
    ids = [one.id for one in found]
    counts = count_changes(ids, courses=reach.courses, programs=reach.programs, most=most) if ids else {}
    kinds = list_kinds({one.job_id for one in found if one.job_id})
    return [
        ShownOperation(one, *things, counts.get(one.id, {}), kinds.get(one.job_id) in CHECKS)
        for one, things in zip(found, things_of(found), strict=True)
    ]


def _asked(
    request: HttpRequest, reach: Reach, *, names: bool
) -> tuple[dict[str, str], About, Callable[..., list[OperationFacts]]]:
    """What the address says as it was given, what it is about, and what lists the operations that fit."""
    fields = ("about", "person", "kind", "actor", "source", "since", "until")
    given = {name: inputs.word(request.GET, name) for name in fields}
    about = find_about(given["about"])
    source, kind = inputs.choice(request.GET, "source", [*Source]), inputs.choice(request.GET, "kind", [*OperationKind])
    if about.is_unknown:
        return given, about, lambda **_: []
    listed = partial(
        list_operations,
        courses=reach.courses,
        programs=reach.programs,
        course_id=about.course_id,
        program_id=about.program_id,
        actor=given["actor"] or None,
        source=Source(source) if source else None,
        kind=OperationKind(kind) if kind else None,
        person=someone(given["person"]) if given["person"] else None,
        names=names,
        since=inputs.day_of(request.GET, "since"),
        until=inputs.day_after(request.GET, "until"),
    )
    return given, about, listed


_OPERATIONS = (
    "operation_id", "kind", "started", "ended", "by", "source", "course", "program", "file", "reason", "changes",
)  # fmt: skip


def _operations_file(request: HttpRequest, caller: Caller) -> ListFile:
    reach = reach_of(caller)
    given, about, listed = _asked(request, reach, names=caller.sees_names)

    def read(last: ShownOperation | None) -> list[ShownOperation]:
        return shown_operations(listed(limit=_AT_ONCE, before=last.facts.id if last else None), reach)

    filters = {name: given[name] for name in ("kind", "source", "since", "until") if given[name]}
    return ListFile(
        stem_for(about.text or "matricula", "operations"),
        Contents(DisclosureKind.JOURNAL, about.course_id, about.program_id, filters={"list": "operations", **filters}),
        export_rows(_OPERATIONS, map(_cells, walk(read)), numbers=_OPERATIONS[-1:]),
    )


def _cells(one: ShownOperation) -> Sequence[object]:
    facts = one.facts
    return (
        facts.id,
        facts.kind.value,
        time_cell(facts.started),
        time_cell(facts.ended),
        facts.actor,
        facts.source.value,
        one.course.key if one.course else "",
        one.program.key if one.program else "",
        facts.file,
        facts.reason,
        one.changes,
    )


@reads
@signed_in
@by_replica
@with_file(_operations_file)
def operations(request: HttpRequest, caller: Caller) -> HttpResponse:
    """What was done where the reader may look, the latest first."""
    reach = reach_of(caller)
    given, about, listed_by = _asked(request, reach, names=caller.sees_names)
    found = listed_by(limit=PAGE + 1, before=inputs.uuid_of(request.GET, "before"))
    kept = {name: value for name, value in given.items() if value}
    listed = {
        **given,
        "about": about,
        "operations": shown_operations(found[:PAGE], reach, most=_COUNTED),
        "counted": _COUNTED,
        "older": urlencode({**kept, "before": found[PAGE - 1].id}) if len(found) > PAGE else "",
        "sources": [*Source],
        "kinds": list(KINDS.items()),
        "filtered": bool(kept),
    }
    return render(request, "matricula/operations.html", listed)


def _of(caller: Caller, operation_id: uuid.UUID) -> tuple[OperationFacts, Reach]:
    """The operation, if the reader may see it, and what else the reader sees; otherwise it isn't there."""
    found, reach = find_operation(operation_id), reach_of(caller)
    if found is None or not sees_operation(reach, found):
        raise Http404
    return found, reach


_CHANGES = (
    "change_id", "at", "subject", "username", "email", "student_key", "course", "program", "transition", "before",
    "after", "reason",
)  # fmt: skip


def _changes_file(request: HttpRequest, caller: Caller, operation_id: uuid.UUID) -> ListFile:
    found, reach = _of(caller, operation_id)
    [shown] = shown_operations([found], reach)

    def read(last: RecordedChange | None) -> list[RecordedChange]:
        return _changes(found, reach, caller, after=last.id if last else 0, limit=_AT_ONCE)

    thing = shown.course or shown.program
    people = partial(count_people, found.id, courses=reach.courses, programs=reach.programs)
    contents = Contents(
        DisclosureKind.OPERATION_CHANGES, found.course_id, found.program_id, filters={"operation": str(found.id)}
    )
    stem = file_stem(thing.key if thing else "matricula", "changes", timezone.localdate(found.started))
    return ListFile(stem, contents, export_rows(_CHANGES, map(_change_cells, walk(read)), people))


def _change_cells(change: RecordedChange) -> Sequence[object]:
    return (
        change.id,
        time_cell(change.at),
        change.subject.value,
        change.username,
        change.email,
        change.student_key,
        change.course,
        change.program,
        change.transition,
        state_cell(change.before),
        state_cell(change.after),
        change.reason,
    )


@reads
@signed_in
@with_file(_changes_file)
def operation(request: HttpRequest, caller: Caller, operation_id: uuid.UUID) -> HttpResponse:
    """One operation: who, when, why, and its changes, page by page."""
    found, reach = _of(caller, operation_id)
    after = entry_of(request, "after") or 0
    changes = _changes(found, reach, caller, after=after, limit=CHANGES + 1)
    [shown] = shown_operations([found], reach)
    job = find_job(found.job_id) if found.job_id else None
    context = {
        "shown": shown,
        "operation": found,
        "changes": changes[:CHANGES],
        "next": changes[CHANGES - 1].id if len(changes) > CHANGES else None,
        "after": after,
        "job": job if job and (job.actor_id == caller.account_id or caller.reads_all_jobs) else None,
        "plan_id": _plan_of(job),
        "may_undo": are_all_in(reach_of(caller, WRITE_ENROLLMENTS), parts_of_operations([found])[found.id]),
        **_undoing(found, shown),
    }
    return render(request, "matricula/operation.html", context)


def _plan_of(job: JobStatus | None) -> object:
    """The plan that an operation made, or applied."""
    if job is None:
        return None
    return job.id if job.kind in CHECKS else job.options.get("plan")


def _changes(found: OperationFacts, reach: Reach, caller: Caller, *, after: int, limit: int) -> list[RecordedChange]:
    courses, programs, names = reach.courses, reach.programs, caller.sees_names
    if not names and found.course_id is not None and found.program_id is None:
        # people by name, as the reader knows them, and so none of their keys
        programs, names = [], True
    changes = list_changes(found.id, after=after, limit=limit, courses=courses, programs=programs)
    return changes if names else [replace(change, account_id=None, username=None, email=None) for change in changes]


def _undoing(found: OperationFacts, shown: ShownOperation) -> dict[str, Any]:
    """What took the operation back, and why it can't be taken back."""
    undone = list_undone([found.id])
    against = list_against([found], undone, {found.id: shown.counts}).get(found.id)
    return {"undone_by": undone.get(found.id, []), "not_undoable": _AGAINST[against] if against else ""}


@require_http_methods(["GET", "POST"])
@signed_in
def undo(request: HttpRequest, caller: Caller, operation_id: uuid.UUID) -> HttpResponse:
    """Asks why an operation, or one change of it, shall be taken back; sent, leads to the plan that would do so."""
    found, reach = _of(caller, operation_id)
    parts = parts_of_operations([found])[found.id]
    if not may_write_parts(caller.account_id, parts):
        raise PermissionDenied
    [shown] = shown_operations([found], reach)
    undoing, change = _undoing(found, shown), _one_change(request, found, reach, caller)
    reason, status = reason_of(request), 200
    if request.method == "POST":
        if undoing["not_undoable"]:
            status = 409
        elif not reason:
            messages.error(request, _("Enter a reason. It is kept in the history of each person."))
            status = 400
        else:
            with acting_about(request, caller, parts):
                plan_id = make_undo(
                    with_part(found, parts),
                    [change.id] if change else None,
                    reason=reason,
                    name=_name(shown, change),
                    actor_id=caller.account_id,
                    source=CONSOLE,
                )
            return redirect("plan", plan_id=plan_id)
    context = {
        "shown": shown,
        "operation": found,
        "change": change,
        "change_alone": [change],
        "reason": reason,
        **undoing,
    }
    return render(request, "matricula/undo.html", context, status=status)


def _one_change(request: HttpRequest, found: OperationFacts, reach: Reach, caller: Caller) -> RecordedChange | None:
    """The change that the address names; None where it names none."""
    if not inputs.is_given(request.GET, "change"):
        return None
    wanted = entry_of(request, "change")
    listed = _changes(found, reach, caller, after=wanted - 1, limit=1) if wanted else []
    if not listed or listed[0].id != wanted:
        raise Http404
    return listed[0]


def _name(shown: ShownOperation, change: RecordedChange | None) -> str:
    if change:
        return _("Undo of one change")
    changes = ngettext("%(n)s change", "%(n)s changes", shown.changes) % {"n": shown.changes}
    return _("Undo: %(what)s, %(changes)s") % {"what": shown.facts.file or shown.kind, "changes": changes}
