"""An answer in words: one sentence for each case, each a whole text that a translator sees, in the active language."""

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from matricula.enrollments.program.outcomes import status_words
from matricula.history.why.rules import Case, Deed, decide_deed
from matricula.history.why.values import Act, Answer, Conflict, ConflictKind, WaitingFor

SENTENCES: Mapping[Case, Promise] = {
    Case.TWO_ACCOUNTS: gettext_lazy(
        "“%(who)s” matches two accounts, the username of one and the email address of the other, so requests for it "
        "are rejected."
    ),
    Case.ENROLLED: gettext_lazy("%(who)s has been enrolled as %(mode)s since %(day)s: %(deed)s."),
    Case.ENROLLED_IN_ANOTHER_MODE: gettext_lazy(
        "%(who)s is enrolled, and has been in the mode %(mode)s since %(day)s: %(deed)s."
    ),
    Case.ENROLLED_THROUGH_PROGRAM: gettext_lazy(
        "%(who)s has been enrolled as %(mode)s since %(day)s through the program %(program)s: %(deed)s."
    ),
    Case.ENROLLED_UNEXPLAINED: gettext_lazy(
        "%(who)s has been enrolled as %(mode)s since %(day)s; the audit log doesn't show how."
    ),
    Case.INVITED_TO_BE_ENROLLED: gettext_lazy(
        "%(who)s has been invited since %(day)s, and will be enrolled when there is an account with this email "
        "address: %(deed)s."
    ),
    Case.INVITED_WITHOUT_ACCOUNT: gettext_lazy(
        "%(who)s has been invited since %(day)s, but isn't enrolled: the invitation waits for an account with this "
        "email address, and then lets its owner enroll."
    ),
    Case.INVITED_TO_BE_ENROLLED_ONCE_ACTIVE: gettext_lazy(
        "%(who)s has been invited since %(day)s, and will be enrolled when the account is activated."
    ),
    Case.INVITED_NOT_ACTIVE: gettext_lazy(
        "%(who)s has been invited since %(day)s, but isn't enrolled: the account isn't active yet."
    ),
    Case.INVITED_MAY_ENROLL: gettext_lazy(
        "%(who)s has been invited since %(day)s and may enroll, but hasn't been enrolled."
    ),
    Case.PLANNED: gettext_lazy(
        "%(who)s isn't enrolled: the plan “%(plan)s” of %(day)s would change that, but it hasn't been applied."
    ),
    Case.ENDED: gettext_lazy("%(who)s was unenrolled on %(day)s: %(deed)s."),
    Case.ENDED_THROUGH_PROGRAM: gettext_lazy(
        "%(who)s was unenrolled on %(day)s through the program %(program)s: %(deed)s."
    ),
    Case.ENDED_UNEXPLAINED: gettext_lazy("%(who)s was enrolled and no longer is; the audit log doesn't show why."),
    Case.WITHDRAWN: gettext_lazy("The invitation of %(who)s was withdrawn on %(day)s: %(deed)s."),
    Case.REJECTED: gettext_lazy(
        "%(who)s was never enrolled: the request of %(day)s was rejected with the message “%(why)s”"
    ),
    Case.STUDENT_ACTIVE: gettext_lazy(
        "%(who)s is active in this course through the program %(program)s, and an account is linked to the student key."
    ),
    Case.STUDENT_WAITS: gettext_lazy(
        "%(who)s isn't enrolled: the student key is active in this course through the program %(program)s, and waits "
        "for an account to be linked to it."
    ),
    Case.STUDENT_INACTIVE: gettext_lazy(
        "%(who)s isn't enrolled: the student is inactive in this course through the program %(program)s."
    ),
    Case.STUDENT_ELSEWHERE: gettext_lazy(
        "%(who)s isn't enrolled: the student is in the program %(program)s (%(status)s), which never added them to "
        "this course."
    ),
    Case.TWIN: gettext_lazy(
        "“%(who)s” was never enrolled or invited, but “%(other)s” is known, and differs only by characters that are "
        "easily overlooked."
    ),
    Case.TWIN_WITHOUT_INVISIBLE: gettext_lazy(
        "This identifier contains the invisible character %(character)s, so it matches no one; without it, it is "
        "“%(other)s”, which is known."
    ),
    Case.NEVER_NOT_ACTIVE: gettext_lazy("%(who)s was never enrolled or invited, and the account isn't active."),
    Case.NEVER: gettext_lazy("%(who)s has an account, but was never enrolled in this course or invited to it."),
    Case.UNKNOWN_ADDRESS: gettext_lazy(
        "No account has the email address %(who)s, and it was never invited to this course."
    ),
    Case.UNKNOWN_USERNAME: gettext_lazy(
        "No account has the username “%(who)s”, and nothing about it is recorded in this course."
    ),
    Case.STUDENT: gettext_lazy("%(who)s has had the status “%(status)s” in this program since %(day)s: %(deed)s."),
    Case.STUDENT_UNLINKED: gettext_lazy(
        "%(who)s has had the status “%(status)s” in this program since %(day)s, and no account is linked to the "
        "student key yet: %(deed)s."
    ),
    Case.STUDENT_UNEXPLAINED: gettext_lazy(
        "%(who)s has the status “%(status)s” in this program; the audit log doesn't show since when or why."
    ),
    Case.LEFT_PROGRAM: gettext_lazy(
        "%(who)s is no longer an active student of this program, with the status “%(status)s” since %(day)s: %(deed)s."
    ),
    Case.REMOVED_FROM_PROGRAM: gettext_lazy("%(who)s was removed from this program on %(day)s: %(deed)s."),
    Case.PLANNED_FOR_PROGRAM: gettext_lazy(
        "%(who)s isn't in this program: the plan “%(plan)s” of %(day)s would change that, but it hasn't been applied."
    ),
    Case.REJECTED_IN_PROGRAM: gettext_lazy(
        "%(who)s was never in this program: the request of %(day)s was rejected with the message “%(why)s”"
    ),
    Case.UNKNOWN_KEY_WITH_TWIN: gettext_lazy(
        "“%(who)s” was never in this program, but “%(other)s” is, and differs only by characters that are easily "
        "overlooked."
    ),
    Case.UNKNOWN_KEY: gettext_lazy("No student with the key “%(who)s” was ever in this program."),
}
"""Case → its sentence; ``words_of`` says what its placeholders are."""
# with and without who did it
DEEDS: Mapping[Deed, tuple[Promise, Promise]] = {
    Deed.FILE: (gettext_lazy("%(actor)s uploaded %(file)s"), gettext_lazy("%(file)s was uploaded")),
    Deed.IMPORT: (
        gettext_lazy("%(actor)s imported %(file)s from the command line"),
        gettext_lazy("%(file)s was imported from the command line"),
    ),
    Deed.PLAN_OF_FILE: (
        gettext_lazy("%(actor)s applied a plan made from %(file)s"),
        gettext_lazy("a plan made from %(file)s was applied"),
    ),
    Deed.PLAN: (gettext_lazy("%(actor)s applied a plan"), gettext_lazy("a plan was applied")),
    Deed.ROSTER: (
        gettext_lazy("%(actor)s changed the roster by a list"),
        gettext_lazy("the roster was changed by a list"),
    ),
    Deed.TASK: (
        gettext_lazy("%(actor)s requested it for several people through the API"),
        gettext_lazy("it was requested for several people through the API"),
    ),
    Deed.UPLOAD: (gettext_lazy("%(actor)s uploaded a file"), gettext_lazy("a file was uploaded")),
    Deed.UNDO: (gettext_lazy("%(actor)s undid an earlier operation"), gettext_lazy("an earlier operation was undone")),
    Deed.LOAD: (
        gettext_lazy("%(actor)s loaded the institution file"),
        gettext_lazy("the institution file was loaded"),
    ),
    Deed.SIGN_UP: (
        gettext_lazy("%(actor)s had invited this address, which then got an account"),
        gettext_lazy("the invited address got an account"),
    ),
    Deed.SCHEDULE: (
        gettext_lazy("the daily task did this for %(actor)s"),
        gettext_lazy("the daily task did this, as the settings say"),
    ),
    Deed.CONSOLE: (
        gettext_lazy("%(actor)s made this change in the console"),
        gettext_lazy("this change was made in the console"),
    ),
    Deed.COMMAND: (
        gettext_lazy("%(actor)s made this change from the command line"),
        gettext_lazy("this change was made from the command line"),
    ),
    Deed.API: (
        gettext_lazy("%(actor)s made this change through the API"),
        gettext_lazy("this change was made through the API"),
    ),
}


def sentence_of(answer: Answer) -> str:
    """Return the answer in one sentence, in the active language."""
    return str(SENTENCES[answer.case]) % words_of(answer)


def words_of(answer: Answer) -> dict[str, str]:
    """Return what a sentence may say."""
    link, refused = answer.decisive, next(iter(answer.refused), None)
    plan = next((one for one in answer.waiting if one.kind is WaitingFor.PLAN), None)
    at = _moment(answer)
    return {
        "who": answer.who.label,
        "mode": str(answer.state.get("mode") or ""),
        "status": status_words(_status(answer)),
        "day": _day(at) if at else "",
        "deed": deed_of(link.act) if link else _("the audit log doesn't show who did it"),
        "program": _program(answer),
        "plan": (plan.plan_name or "") if plan else "",
        "why": refused.reason if refused else "",
        "character": next((one.character for one in answer.conflicts if one.character), ""),
        "other": next((one.other for one in answer.conflicts if one.other and one.is_known), ""),
    }


def _moment(answer: Answer) -> datetime | None:
    if answer.case in {Case.REJECTED, Case.REJECTED_IN_PROGRAM}:
        return answer.refused[0].at
    if answer.case in {Case.PLANNED, Case.PLANNED_FOR_PROGRAM}:
        return next(one.since for one in answer.waiting if one.kind is WaitingFor.PLAN)
    return answer.decisive.at if answer.decisive else answer.since


def _status(answer: Answer) -> str:
    if "status" in answer.state:
        return str(answer.state["status"])
    return answer.through[0].status if answer.through else ""


def _program(answer: Answer) -> str:
    if answer.behind:
        return answer.behind.program_title or ""
    return answer.through[0].program_title if answer.through else ""


def _day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "SHORT_DATE_FORMAT")


def deed_of(act: Act) -> str:
    """Return who did something and how, as the end of a sentence; with the reason, where there is one."""
    deed = decide_deed(act.kind, act.source, has_file=bool(act.file))
    with_actor, without = DEEDS[deed]
    actor = act.actor_name or act.actor
    said = str(with_actor if actor else without) % {"actor": actor, "file": act.file}
    return _("%(deed)s (reason: “%(reason)s”)") % {"deed": said, "reason": act.reason} if act.reason else said


def conflict_text(conflict: Conflict) -> str:
    """Return how the identifier can be mistaken, and what to do, in the active language."""
    texts: Mapping[ConflictKind, str] = {
        ConflictKind.TWO_ACCOUNTS: _(
            "This is the username of one account and the email address of another. One of them is “%(other)s”."
        ),
        ConflictKind.INVISIBLE: _(
            "This contains the invisible character %(character)s. Without it, it is “%(other)s”, which is known."
        ),
        ConflictKind.CASE: _(
            "“%(other)s” is known, and differs only by upper and lower case or by the form of letters."
        ),
        ConflictKind.LOOKS_LIKE: _("The username “%(other)s” looks almost the same, but is another account's."),
        ConflictKind.KEY_OF_ANOTHER: _("This is also the student key of another account, “%(other)s”."),
        ConflictKind.ACCOUNT_HAS_ANOTHER_KEY: _(
            "The account linked to this student key is in the program already, under the key “%(other)s”."
        ),
    }
    # the reader may not know for what
    unknown: Mapping[ConflictKind, str] = {
        ConflictKind.TWO_ACCOUNTS: _(
            "This is the username of one account and the email address of another. Use the other identifier."
        ),
        ConflictKind.INVISIBLE: _("This contains the invisible character %(character)s. Delete it, and ask again."),
    }
    text = texts[conflict.kind] if conflict.other and conflict.is_known else unknown[conflict.kind]
    return text % {"other": conflict.other, "character": conflict.character}
