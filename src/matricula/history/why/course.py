"""Why is someone in a course run, or why not?"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from matricula.batches.rejections import PlannedRow, RejectedRow, find_planned, find_rejected
from matricula.batches.values import Effect
from matricula.catalog.reads import CourseRun
from matricula.enrollments.statuses import ACTIVE
from matricula.foundation.folding import fold
from matricula.foundation.text import storable, trim
from matricula.history.why import rules
from matricula.history.why.identifiers import plain, spellings
from matricula.history.why.mistaken import list_twins, two_accounts
from matricula.history.why.reads import (
    StoredInvitation,
    StoredSeat,
    find_seat,
    list_course_chain,
    list_invitations,
    list_programs_with,
    list_students,
)
from matricula.history.why.rules import Case, Change, CourseFacts, Invited, Seat, Student
from matricula.history.why.tried import is_pending, list_refused, list_waiting_plans
from matricula.history.why.values import (
    Answer,
    Asker,
    Conflict,
    ConflictKind,
    Link,
    Through,
    Waiting,
    WaitingFor,
    Who,
)
from matricula.journal.states import CourseState
from matricula.journal.statuses import LINKED, RECORDED, UPLOAD, Subject
from matricula.learners.reads import Learner, find_learners, get_learners, list_merged, names_of

_LONGEST = 255


@dataclass(frozen=True, slots=True)
class _Found:
    """What is stored about the person in the course run."""

    given: str
    learner: Learner | None
    seat: StoredSeat | None
    invitations: Sequence[StoredInvitation]
    students: Sequence[Through]
    chain: Sequence[Link]
    # accounts that were merged into this one: what they did is in the chain, and decides nothing any more
    merged: Collection[int] = ()

    @property
    def invitation(self) -> StoredInvitation | None:
        """The person's own, not one under an address that is only similar."""
        keys = {fold(self.given), self.learner.email_key if self.learner else ""}
        return next((one for one in self.invitations if one.bound or one.email_key in keys), None)

    @property
    def is_known_here(self) -> bool:
        """True for someone whom those who manage the course run know by name."""
        return bool(self.seat or self.invitation or any(link.account_id and not link.program_id for link in self.chain))


def explain_in_course(course: CourseRun, given: str, asker: Asker) -> Answer:
    """Why the person with this username or email address is in the course run, or why not; of a student key, where the
    asker may read a program with it. An answer for everyone, also for identifiers that no one has.
    """
    given = storable(trim(given))[:_LONGEST]
    names = spellings(given)
    fitting = find_learners(names)
    exact = fitting.get(names[0], [])
    if len(exact) > 1:
        return _ambiguous(course, given, exact, asker)
    keyed = list_students(course.id, asker, account_id=None, key=names[0])
    learner = exact[0] if exact else None
    if learner is None and asker.sees_names:
        learner = next(iter(get_learners([one.account_id for one in keyed if one.account_id])), None)
    found = _find(course, given, learner, keyed if not exact else (), asker)
    conflicts = list_twins(course.id, given, names, fitting, found.invitations, learner, asker)
    if exact and asker.sees_names and any(one.account_id not in {None, exact[0].id} for one in keyed):
        conflicts.append(_key_of_another(keyed, exact[0]))
    return _answer(course, found, conflicts, asker)


def explain_account_in_course(course: CourseRun, account_id: int, asker: Asker) -> Answer | None:
    """As ``explain_in_course``, for an account; None where it is none of those whom the asker may know."""
    learner = next(iter(get_learners([account_id])), None)
    if learner is None:
        return None
    found = _find(course, learner.username, learner, (), asker)
    if not (found.is_known_here or asker.sees_everyone or (asker.sees_names and found.students)):
        return None
    names = spellings(learner.username)
    conflicts = list_twins(course.id, learner.username, names, find_learners(names), found.invitations, learner, asker)
    return _answer(course, found, conflicts, asker)


def _find(course: CourseRun, given: str, learner: Learner | None, keyed: Sequence[Through], asker: Asker) -> _Found:
    account_id = learner.id if learner else None
    # a key and the account behind it are one person for those alone who may know that
    of_account = asker if asker.sees_names else replace(asker, programs=())
    students = [*keyed]
    if account_id is not None and asker.sees_names:
        known = {one.student_id for one in students}
        students += [
            one
            for one in list_students(course.id, asker, account_id=account_id, key=None)
            if one.student_id not in known
        ]
    emails = [*spellings(given), *([learner.email_key] if learner else [])]
    merged = list_merged(account_id) if account_id is not None else []
    own = [learner.email_key, *(fold(email) for _, email in names_of(merged).values())] if learner else []
    return _Found(
        given,
        learner,
        find_seat(course.id, account_id) if account_id is not None else None,
        list_invitations(course.id, account_id, emails),
        students,
        list_course_chain(
            course.id,
            of_account,
            account_ids=[] if account_id is None else [account_id, *merged],
            emails=own if learner else [fold(given)] if "@" in given else [],
            students=students,
        ),
        merged,
    )


def _answer(course: CourseRun, found: _Found, conflicts: Sequence[Conflict], asker: Asker) -> Answer:
    who = _who(found, asker)
    names = {found.given, who.username or "", who.email or "", *(one.student_key for one in found.students)} - {""}
    programs = list_programs_with(course.id, asker)
    rejected = _rejected(course, names, programs, asker)
    planned = _planned(course, names, found.learner, programs, asker)
    decisive, change = _decisive(found)
    answer = Answer(
        who=who,
        about=course.title,
        case=Case.NEVER,
        state=_state(found),
        chain=found.chain,
        decisive=decisive,
        behind=_behind(found.chain, decisive) if change is Change.PROGRAM else None,
        since=found.seat.created if found.seat else found.invitation.created if found.invitation else None,
        through=found.students,
        waiting=_waiting(found, planned),
        refused=list_refused(rejected, planned),
        conflicts=conflicts,
        is_known_here=found.is_known_here,
    )
    return replace(answer, case=rules.decide_course_case(_facts(found, answer, change, planned)))


def _who(found: _Found, asker: Asker) -> Who:
    learner = found.learner
    key = found.students[0].student_key if found.students else None
    visible = found.is_known_here or asker.sees_everyone or (asker.sees_names and bool(found.students))
    if learner is None or not visible:
        return Who(found.given, student_key=key)
    # a sign-up that no one confirmed: its name may be anyone's words
    name = "" if learner.unconfirmed else learner.full_name
    return Who(found.given, learner.id, learner.username, learner.email, name, key)


def _rejected(course: CourseRun, names: Collection[str], programs: Sequence[int], asker: Asker) -> list[RejectedRow]:
    rows = find_rejected({*map(plain, names)}, course_id=course.id, program_ids=programs)
    return [row for row in rows if row.course_id in {None, course.id} and asker.reads(row.program_id)]


def _planned(
    course: CourseRun, names: Collection[str], learner: Learner | None, programs: Sequence[int], asker: Asker
) -> list[PlannedRow]:
    account_id = learner.id if learner else None
    rows = find_planned({*map(fold, names)}, account_id, courses=[course.id], programs=programs)
    # a plan about the course run may have rows about programs, too: one that takes back an operation
    return [row for row in rows if course.id in {row.plan.course_id, row.course_id} and asker.reads(row.program_id)]


def _state(found: _Found) -> Mapping[str, Any]:
    """As the contract shows it (enrollment-api: Results); empty of someone of whom nothing is known."""
    seat, invitation = found.seat, found.invitation
    if found.learner is None and invitation is None:
        # who may not know whose a key is knows the student
        is_active = any(one.account_id and one.course_status == ACTIVE for one in found.students)
        return {"enrolled": is_active, "allowed": False} if found.students else {}
    enrolled = seat is not None and seat.is_active
    state: dict[str, Any] = {"enrolled": enrolled, "allowed": invitation is not None}
    if seat is not None and enrolled:
        state["mode"] = seat.mode
    if invitation is not None:
        state["auto_enroll"] = invitation.auto_enroll
    return state


def _facts(found: _Found, answer: Answer, change: Change, planned: Sequence[PlannedRow]) -> CourseFacts:
    seat, invitation = found.seat, found.invitation
    student = answer.through[0] if answer.through else None
    return CourseFacts(
        account=_account(found.learner),
        seat=Seat.NONE if seat is None else Seat.ACTIVE if seat.is_active else Seat.ENDED,
        invited=Invited.NO if invitation is None else Invited.BOUND if invitation.bound else Invited.WAITING,
        auto_enroll=invitation is not None and invitation.auto_enroll,
        change=change,
        withdrawn=seat is None and invitation is None and answer.decisive is not None,
        planned=any(one.effect is Effect.ADD and is_pending(one) for one in planned),
        rejected=bool(answer.refused),
        student=Student.NONE
        if student is None
        else rules.student_of(student.course_status, linked=student.account_id is not None),
        has_twin=any(one.is_known for one in answer.conflicts),
        is_invisible=any(one.is_known and one.kind is ConflictKind.INVISIBLE for one in answer.conflicts),
        is_address="@" in found.given,
    )


def _account(learner: Learner | None) -> rules.Account:
    if learner is None:
        return rules.Account.NONE
    return rules.Account.ACTIVE if learner.is_active else rules.Account.INACTIVE


def _decisive(found: _Found) -> tuple[Link | None, Change]:
    """The latest change that made it as it is, and what is known of it."""
    own = [
        link
        for link in found.chain
        if link.subject in {Subject.COURSE_ENROLLMENT, Subject.PRE_ENROLLMENT} and link.account_id not in found.merged
    ]
    link = next((link for link in own if _turns(link, found)), None)
    if link is None or link.transition == RECORDED:
        return None, Change.UNKNOWN
    if found.seat and found.seat.is_active and _has_mode(link):
        return link, Change.MODE
    return link, Change.PROGRAM if _behind(found.chain, link) else Change.KNOWN


def _turns(link: Link, found: _Found) -> bool:
    """True for a change that began what there is now, or ended what there was."""
    before, after = _standing(link.before), _standing(link.after)
    if found.seat and found.seat.is_active:
        return after[0] and (not before[0] or _has_mode(link))
    if found.invitation:
        return after[1] and not before[1]
    if found.seat:
        return before[0] and not after[0]
    return before[1] and not after[1]


def _standing(state: object) -> tuple[bool, bool]:
    """Enrolled, invited."""
    if not isinstance(state, CourseState):
        return False, False
    return bool(state.enrollment and state.enrollment.is_active), bool(state.pre_enrollment)


def _has_mode(link: Link) -> bool:
    """True for a change from one mode to another."""
    before, after = link.before, link.after
    if not (_standing(before)[0] and _standing(after)[0]):
        return False
    return _mode(before) != _mode(after)


def _mode(state: object) -> str | None:
    return state.enrollment.mode if isinstance(state, CourseState) and state.enrollment else None


def _behind(chain: Sequence[Link], decisive: Link | None) -> Link | None:
    """The change in a program from which a course enrollment came: of the same operation, and not following it."""
    if decisive is None:
        return None
    return next(
        (
            link
            for link in chain
            if link.subject is Subject.PROGRAM_COURSE_ENROLLMENT
            and link.act.operation_id == decisive.act.operation_id
            and (link.act.program_id == link.program_id or link.act.source == UPLOAD or link.transition == LINKED)
        ),
        None,
    )


def _waiting(found: _Found, planned: Sequence[PlannedRow]) -> list[Waiting]:
    invitation = found.invitation
    waiting = []
    if invitation is not None and not invitation.bound:
        waiting.append(
            Waiting(
                WaitingFor.INVITATION,
                invitation.created,
                email=invitation.email,
                mode=invitation.mode,
                auto_enroll=invitation.auto_enroll,
                reason=invitation.reason,
                actor=invitation.actor,
            )
        )
    waiting += [
        Waiting(
            WaitingFor.STUDENT,
            one.since,
            program=one.program,
            program_title=one.program_title,
            student_key=one.student_key,
            status=one.course_status,
        )
        for one in found.students
        if one.account_id is None and one.course_status
    ]
    return waiting + list_waiting_plans(planned)


def _ambiguous(course: CourseRun, given: str, learners: Sequence[Learner], asker: Asker) -> Answer:
    rejected = list_refused(_rejected(course, {given}, list_programs_with(course.id, asker), asker), [])
    conflicts = two_accounts(course.id, learners, asker)
    return Answer(Who(given), course.title, Case.TWO_ACCOUNTS, {}, refused=rejected, conflicts=conflicts)


def _key_of_another(keyed: Sequence[Through], learner: Learner) -> Conflict:
    others = [one.account_id for one in keyed if one.account_id not in {None, learner.id}]
    other = next(iter(get_learners([one for one in others if one is not None])), None)
    return Conflict(ConflictKind.KEY_OF_ANOTHER, other.username if other else None)
