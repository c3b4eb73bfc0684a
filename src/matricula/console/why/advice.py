"""What to do next, for each case: in words, and where it is done."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from matricula.catalog.reads import CourseRun
from matricula.enrollments.statuses import ENROLL
from matricula.history.why.rules import Case
from matricula.history.why.values import Answer, ConflictKind, WaitingFor


@dataclass(frozen=True, slots=True)
class Advice:
    """Something to do; ``fields``: it is a form that is sent to ``address``, and no link."""

    text: str
    label: str = ""
    address: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


_TEXTS: Mapping[Case, Promise] = {
    Case.TWO_ACCOUNTS: gettext_lazy("Ask again with the other identifier of the right account."),
    Case.ENROLLED: gettext_lazy(
        "Nothing needs to be done. If the course is missing for this person, check that they log in with this account."
    ),
    Case.INVITED_TO_BE_ENROLLED: gettext_lazy(
        "Ask the person to sign up with exactly this email address, or to change the address of their account to it."
    ),
    Case.INVITED_WITHOUT_ACCOUNT: gettext_lazy(
        "Ask the person to sign up with exactly this email address, or invite them again with automatic enrollment."
    ),
    Case.INVITED_TO_BE_ENROLLED_ONCE_ACTIVE: gettext_lazy(
        "Ask the person to confirm their address by the link that was mailed to them."
    ),
    Case.INVITED_MAY_ENROLL: gettext_lazy("The person can enroll, or you enroll them."),
    Case.PLANNED: gettext_lazy("The plan has to be applied, or approved first if it is held."),
    Case.ENDED: gettext_lazy("If that was a mistake, undo the operation, or enroll the person again."),
    Case.ENDED_UNEXPLAINED: gettext_lazy("If that was a mistake, enroll the person again."),
    Case.REJECTED: gettext_lazy("Correct the identifier as the message says, and enroll the person."),
    Case.STUDENT_WAITS: gettext_lazy(
        "The registrar has to link an account to the student key. The enrollment then takes effect by itself."
    ),
    Case.STUDENT_INACTIVE: gettext_lazy(
        "The registrar can make the student active in this course. You can also enroll the account."
    ),
    Case.TWIN: gettext_lazy("Ask again with the known spelling."),
    Case.NEVER_NOT_ACTIVE: gettext_lazy(
        "Ask the person to confirm their address by the link that was mailed to them. You can invite them meanwhile."
    ),
    Case.NEVER: gettext_lazy("Enroll the person if they should be here."),
    Case.UNKNOWN_ADDRESS: gettext_lazy(
        "Compare the address with the person, letter by letter. They may have an account with another address. If it "
        "is right, invite it."
    ),
    Case.UNKNOWN_USERNAME: gettext_lazy("Compare the username with the person, or ask for their email address."),
    Case.STUDENT: gettext_lazy("Nothing needs to be done."),
    Case.STUDENT_UNLINKED: gettext_lazy(
        "Link an account to the student key: by the institution file, an import of student keys, or single sign-on."
    ),
    Case.LEFT_PROGRAM: gettext_lazy("If that was a mistake, undo the operation, or change the status."),
    Case.REMOVED_FROM_PROGRAM: gettext_lazy("If that was a mistake, upload the student again."),
    Case.REJECTED_IN_PROGRAM: gettext_lazy("Correct the row as the message says, and upload it again."),
    Case.UNKNOWN_KEY: gettext_lazy("Compare the key with the university's records. If it is right, upload it."),
}
_ALIKE = {
    Case.ENROLLED_IN_ANOTHER_MODE: Case.ENROLLED,
    Case.ENROLLED_THROUGH_PROGRAM: Case.ENROLLED,
    Case.ENROLLED_UNEXPLAINED: Case.ENROLLED,
    Case.INVITED_NOT_ACTIVE: Case.INVITED_TO_BE_ENROLLED_ONCE_ACTIVE,
    Case.ENDED_THROUGH_PROGRAM: Case.ENDED,
    Case.WITHDRAWN: Case.ENDED,
    Case.STUDENT_ELSEWHERE: Case.STUDENT_INACTIVE,
    Case.STUDENT_UNEXPLAINED: Case.STUDENT,
    Case.STUDENT_ACTIVE: Case.STUDENT,
    Case.PLANNED_FOR_PROGRAM: Case.PLANNED,
    Case.TWIN_WITHOUT_INVISIBLE: Case.TWIN,
    Case.UNKNOWN_KEY_WITH_TWIN: Case.TWIN,
}
_ENROLL = {
    Case.INVITED_MAY_ENROLL, Case.ENDED, Case.ENDED_THROUGH_PROGRAM, Case.ENDED_UNEXPLAINED, Case.WITHDRAWN, Case.NEVER,
    Case.STUDENT_INACTIVE, Case.STUDENT_ELSEWHERE,
}  # fmt: skip
_INVITE = {Case.UNKNOWN_ADDRESS, Case.NEVER_NOT_ACTIVE}
_INVITE_AGAIN = {
    Case.INVITED_WITHOUT_ACCOUNT, Case.INVITED_TO_BE_ENROLLED, Case.INVITED_NOT_ACTIVE,
    Case.INVITED_TO_BE_ENROLLED_ONCE_ACTIVE,
}  # fmt: skip
_GONE = {Case.ENDED, Case.ENDED_THROUGH_PROGRAM, Case.WITHDRAWN, Case.LEFT_PROGRAM, Case.REMOVED_FROM_PROGRAM}
_STUDENTS = {
    Case.STUDENT_ACTIVE,
    Case.STUDENT_WAITS,
    Case.STUDENT_INACTIVE,
    Case.STUDENT_ELSEWHERE,
    Case.ENROLLED_THROUGH_PROGRAM,
}


def advice_in_course(answer: Answer, course: CourseRun) -> list[Advice]:
    """What those who manage the course run can do next."""
    advice = [Advice(_text(answer.case)), *_links(answer)]
    enroll = reverse("course_change", args=[course.key])
    # the plan that this makes is reviewed before anything is sent or written
    fields = {"who": answer.who.username or answer.who.email or answer.who.given, "action": str(ENROLL)}
    if answer.case in _ENROLL:
        advice.append(Advice("", _("Enroll…"), enroll, fields))
    elif answer.case in _INVITE and not any(one.kind is ConflictKind.INVISIBLE for one in answer.conflicts):
        advice.append(Advice("", _("Invite…"), enroll, {**fields, "auto_enroll": "yes"}))
    elif answer.case in _INVITE_AGAIN:
        advice.append(Advice("", _("Invite again…"), enroll, {**fields, "auto_enroll": "yes"}))
    elif answer.case is Case.REJECTED:
        advice.append(Advice("", _("Enroll people"), reverse("course_enroll", args=[course.key])))
    if answer.case in _STUDENTS and answer.through:
        one = answer.through[0]
        advice.append(Advice("", _("Open the student"), reverse("student", args=[one.program, one.student_id])))
    return advice + _twins(answer, reverse("course_why", args=[course.key]), "person")


def advice_in_program(answer: Answer, key: str, *, may_write: bool) -> list[Advice]:
    """What those who may read the program, and maybe write to it, can do next."""
    advice = [Advice(_text(answer.case)), *_links(answer)]
    if answer.through:
        student = reverse("student", args=[key, answer.through[0].student_id])
        advice.append(Advice("", _("Open the student"), student))
    elif may_write and answer.case in {Case.UNKNOWN_KEY, Case.REJECTED_IN_PROGRAM, Case.REMOVED_FROM_PROGRAM}:
        advice.append(Advice("", _("Upload students"), reverse("program_upload", args=[key])))
    return advice + _twins(answer, reverse("program_why", args=[key]), "student_key")


def _text(case: Case) -> str:
    return str(_TEXTS[_ALIKE.get(case, case)])


def _links(answer: Answer) -> list[Advice]:
    """To what stopped it, or did it."""
    advice = []
    plan = next((one for one in answer.waiting if one.kind is WaitingFor.PLAN), None)
    if plan is not None:
        advice.append(Advice("", _("Open the plan"), reverse("plan", args=[plan.plan_id])))
    if answer.case in {Case.REJECTED, Case.REJECTED_IN_PROGRAM}:
        refused = answer.refused[0]
        if refused.plan_id:
            advice.append(Advice("", _("Open the plan"), reverse("plan", args=[refused.plan_id])))
        else:
            advice.append(Advice("", _("Open the operation"), reverse("operation", args=[refused.operation_id])))
    if answer.case in _GONE and answer.decisive:
        operation_id = answer.decisive.act.operation_id
        advice.append(Advice("", _("Open the operation"), reverse("operation", args=[operation_id])))
    return advice


def _twins(answer: Answer, address: str, name: str) -> list[Advice]:
    """To the same question about what the identifier can be mistaken for."""
    others = dict.fromkeys(one.other for one in answer.conflicts if one.other)
    return [
        Advice("", _("Ask about “%(other)s”") % {"other": other}, address, {name: other}) for other in others if other
    ]
