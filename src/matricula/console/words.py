"""The words of the record as people say them; loaded in templates as ``words``."""

from collections.abc import Mapping

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from matricula.batches.kinds import TITLES
from matricula.enrollments import statuses
from matricula.enrollments.program.outcomes import status_words
from matricula.jobs import statuses as jobs
from matricula.journal import statuses as doors
from matricula.journal.reads import HistoryEntry

register = template.Library()

_DOORS: Mapping[str, Promise] = {
    doors.API: gettext_lazy("API"),
    doors.UPLOAD: gettext_lazy("upload"),
    doors.CONSOLE: gettext_lazy("console"),
    doors.COMMAND: gettext_lazy("command line"),
    doors.SIGN_UP: gettext_lazy("sign-up"),
    doors.SCHEDULE: gettext_lazy("daily task"),
}
_STEPS: Mapping[str, Promise] = {
    statuses.FROM_UNENROLLED_TO_ENROLLED: gettext_lazy("enrolled"),
    statuses.FROM_ALLOWED_TO_ENROLLED: gettext_lazy("enrolled from an invitation"),
    statuses.FROM_UNENROLLED_TO_ALLOWED: gettext_lazy("invited"),
    statuses.FROM_ENROLLED_TO_UNENROLLED: gettext_lazy("unenrolled"),
    statuses.FROM_ALLOWED_TO_UNENROLLED: gettext_lazy("invitation withdrawn"),
    statuses.FROM_UNENROLLED_TO_UNENROLLED: gettext_lazy("not enrolled, unchanged"),
}

_DOWNLOADS: Mapping[str, Promise] = {
    jobs.LIST_PROGRAM_ENROLLMENTS: gettext_lazy("Program enrollment download"),
    jobs.LIST_COURSE_RUN_ENROLLMENTS: gettext_lazy("Enrollment download for one course"),
    jobs.LIST_ALL_COURSE_RUN_ENROLLMENTS: gettext_lazy("Enrollment download for all courses"),
    jobs.GET_COURSE_RUN_GRADES: gettext_lazy("Grade download"),
}


@register.filter
def door(source: str) -> str:
    """The door through which a change came."""
    return str(_DOORS.get(source, source))


register.filter(status_words)


@register.filter
def step(entry: HistoryEntry) -> str:
    """What happened in one entry of the journal."""
    before, after = entry.before.get("enrollment", {}), entry.after.get("enrollment", {})
    if entry.subject in {statuses.PROGRAM_ENROLLMENT, statuses.PROGRAM_COURSE_ENROLLMENT}:
        return _program_step(entry)
    if entry.subject == doors.JOB:
        return _job_step(entry)
    if entry.transition == statuses.FROM_ENROLLED_TO_ENROLLED:
        if before.get("mode") == after.get("mode"):
            return _("already enrolled, unchanged")
        return _("mode changed: %(old)s → %(new)s") % {"old": before.get("mode"), "new": after.get("mode")}
    words = str(_STEPS.get(entry.transition, entry.transition.replace("_", " ")))
    return f"{words} ({after['mode']})" if after.get("is_active") else words


def job_kind_words(kind: str) -> str:
    """What a job does."""
    return str(TITLES.get(kind) or _DOWNLOADS.get(kind) or kind)


def _job_step(entry: HistoryEntry) -> str:
    words = {"job": job_kind_words(entry.after.get("kind", "")), "done": entry.after.get("done") or 0}
    if total := entry.after.get("total"):
        return _("job canceled after %(done)s of %(total)s rows: %(job)s") % {**words, "total": total}
    return _("job canceled: %(job)s") % words


def _program_step(entry: HistoryEntry) -> str:
    before, after = entry.before.get("status"), entry.after.get("status")
    if entry.transition in {"linked", "unlinked"}:
        return _("linked to an account") if entry.transition == "linked" else _("no longer linked to an account")
    if before and not after:
        return _("%(status)s; removed because no account was linked") % {"status": status_words(before)}
    if not after:
        return entry.transition
    return f"{status_words(before)} → {status_words(after)}" if before and before != after else status_words(after)


_ACCESS_STEPS: Mapping[str, Promise] = {
    "created": gettext_lazy("created"),
    "deleted": gettext_lazy("deleted"),
    "tokens ended": gettext_lazy("access tokens revoked"),
    # of accounts
    "signed up": gettext_lazy("signed up"),
    "switched on": gettext_lazy("account activated"),
    "switched off": gettext_lazy("account deactivated"),
    "address changed": gettext_lazy("address changed"),
    "password changed": gettext_lazy("password changed"),
    "changed": gettext_lazy("account changed"),
    "sessions ended": gettext_lazy("logged out everywhere"),
    "replaced": gettext_lazy("sign-up replaced: its address was never confirmed"),
    "expired": gettext_lazy("sign-up expired: its address was never confirmed"),
}


@register.filter
def access_step(transition: str) -> str:
    """What was given to somebody, or taken away."""
    done, _space, what = transition.partition(" ")
    what = _("membership") if what == "membership" else what
    if done == "granted":
        return _("%(what)s granted") % {"what": what}
    if done == "withdrawn":
        return _("%(what)s withdrawn") % {"what": what}
    return str(_ACCESS_STEPS.get(transition, transition))
