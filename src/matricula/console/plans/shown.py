"""Plans and their rows with the names around them: who made them, what they are about, whom each row names."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from matricula.access.holders import list_reviewers
from matricula.access.reads import Caller, Reach, reach_of
from matricula.batches.plans.reads import PlanRow, PlanStatus, list_plans, list_reviews
from matricula.batches.plans.statuses import PlanKind, PlanState
from matricula.batches.undo.values import UndoRow
from matricula.catalog.reads import CourseRun, ProgramFacts
from matricula.console.listing import Things, things_of
from matricula.console.plans.words import KINDS, count_changes
from matricula.enrollments.program.students import find_student_ids
from matricula.foundation.folding import fold
from matricula.history.people.search import find_given
from matricula.history.people.sight import sight_of
from matricula.learners.reads import Learner, find_identities, get_learners

# so many of the latest plans that are held are looked through for those that wait for the reader;
# one more than is counted
_HELD = 101
_EXPIRING_DAYS = 2
# so many of those who may approve are named
_APPROVERS = 5
_BY_KEY = (PlanKind.PROGRAM_ENROLLMENTS, PlanKind.PROGRAM_COURSE_ENROLLMENTS)


@dataclass(frozen=True, slots=True)
class ShownPlan:
    """A plan with the names around it."""

    plan: PlanStatus
    actor: str
    course: CourseRun | None
    program: ProgramFacts | None

    @property
    def about(self) -> str:
        """The title of the course run or program."""
        return Things(self.course, self.program).title

    @property
    def title(self) -> str:
        """What the plan is called: its name, or what its rows are about."""
        return self.plan.name or str(KINDS[self.plan.kind])

    @property
    def kind(self) -> str:
        """What its rows are about."""
        return str(KINDS[self.plan.kind])

    @property
    def changes(self) -> int:
        """How many rows would change something."""
        return count_changes(self.plan)

    @property
    def is_undo(self) -> bool:
        """True if it takes an operation back."""
        return self.plan.kind is PlanKind.UNDO


def shown_plans(plans: Sequence[PlanStatus]) -> list[ShownPlan]:
    """The plans with the names around them, three statements for any number."""
    actors = {person.id: person.username for person in get_learners({p.actor_id for p in plans if p.actor_id})}
    return [
        ShownPlan(plan, actors.get(plan.actor_id or 0, ""), *things)
        for plan, things in zip(plans, things_of(plans), strict=True)
    ]


def list_waiting(caller: Caller, writable: Reach) -> list[PlanStatus]:
    """The plans that wait for this reader's approval, the latest first; ``writable``: what the reader may write."""
    if not _reaches_any(writable):
        return []
    held = list_plans(limit=_HELD, courses=writable.courses, programs=writable.programs, states=[PlanState.HELD])
    others = [plan for plan in held if may_review(caller, plan)]
    reviews = list_reviews([plan.id for plan in others]) if others else {}
    return [plan for plan in others if not any(r.by == caller.username and r.counts for r in reviews.get(plan.id, ()))]


def expiring_until() -> datetime:
    """Plans that expire before this moment expire soon."""
    return timezone.now() + timedelta(days=_EXPIRING_DAYS)


def may_review(caller: Caller, plan: PlanStatus) -> bool:
    """True unless the plan is the reader's own and someone else has to approve it."""
    return plan.actor_id != caller.account_id or not plan.approvals


def list_approvers(plan: PlanStatus) -> list[str]:
    """The usernames of some who may approve a plan that waits: those who are reported to by email."""
    ids = list_reviewers(plan.course_id, plan.program_id, plan.actor_id, limit=_APPROVERS)
    return sorted(learner.username for learner in get_learners(ids)) if ids else []


def _reaches_any(reach: Reach) -> bool:
    return reach.courses is None or reach.programs is None or bool(reach.courses or reach.programs)


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row of a plan, the account that it names (None where there is none, or the reader may not see whose it is)."""

    row: PlanRow
    who: str
    before: str
    after: str
    learner: Learner | None
    # of the page of who it is, where the reader may see it
    address: str = ""
    # what of the account the row names: a bare word of a pasted list may be a username by chance
    taken_for: str = ""

    @property
    def number(self) -> int:
        """The row in the file; of a list, its place."""
        return self.row.described.number or self.row.place

    @property
    def found(self) -> str:
        """Name, username and address of the account, without what the row says itself."""
        if self.learner is None:
            return ""
        told = (self.learner.full_name, self.learner.username, self.learner.email)
        return " · ".join(text for text in told if text and fold(text) != fold(self.who))


def shown_rows(shown: ShownPlan, rows: Sequence[PlanRow], caller: Caller) -> list[ShownRow]:
    """The rows with whom they name: three statements for any number of rows."""
    hidden = _hidden(rows, caller)
    # who a student is, is for those who see names
    found = _learners(shown, rows) if shown.plan.program_id is None or caller.sees_names else {}
    return [
        ShownRow(row, "–", "", "", None)
        if row.place in hidden
        else ShownRow(row, row.described.who, row.described.before, row.described.after, found.get(row.place))
        for row in rows
    ]


def with_addresses(shown: ShownPlan, rows: Sequence[ShownRow], caller: Caller) -> list[ShownRow]:
    """The rows with the addresses of the people whom the reader may see: a few statements for any number."""
    accounts = {row.learner.id for row in rows if row.learner}
    seen = {one.account_id for one in find_given(sight_of(caller), sorted(accounts))} if accounts else set()
    keys = {row.who for row in rows} if shown.plan.kind in _BY_KEY and shown.program else set()
    students = find_student_ids(shown.program.id, keys) if shown.program and keys else {}

    def address(row: ShownRow) -> str:
        if row.learner and row.learner.id in seen:
            return reverse("person", args=[row.learner.id])
        student = students.get(fold(row.who))
        return reverse("person_of_key", args=[student]) if student else ""

    return [replace(row, address=address(row), taken_for="" if keys else _taken_for(row)) for row in rows]


def _taken_for(row: ShownRow) -> str:
    if row.learner is None:
        return ""
    named = {fold(row.learner.username): _("username"), row.learner.email_key: _("email address")}
    return named.get(fold(row.who), "")


def _hidden(rows: Sequence[PlanRow], caller: Caller) -> set[int]:
    """Those about students of programs that the reader may not read: only what is undone has such rows."""
    of_programs = [row for row in rows if isinstance(row.row, UndoRow) and row.row.program_id is not None]
    if not of_programs:
        return set()
    programs = reach_of(caller).programs
    return {row.place for row in of_programs if programs is not None and row.row.program_id not in programs}


def _learners(shown: ShownPlan, rows: Sequence[PlanRow]) -> dict[int, Learner]:
    accounts = {row.place: row.account_id for row in rows if row.account_id is not None}
    if shown.plan.kind in _BY_KEY and shown.program:
        keys = {row.place: fold(getattr(row.row, "student_key", "").strip()) for row in rows}
        linked = find_identities(shown.program.organization_id, {*keys.values()} - {""})
        accounts = {place: linked[key] for place, key in keys.items() if key in linked}
    return _by_place(accounts.items(), {*accounts.values()})


def _by_place(accounts: Iterable[tuple[int, int]], ids: Collection[int]) -> dict[int, Learner]:
    learners = {learner.id: learner for learner in get_learners(ids)} if ids else {}
    return {place: learners[account] for place, account in accounts if account in learners}
