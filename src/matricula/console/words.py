"""The words of the record as people say them; loaded in templates as ``words``."""

from collections.abc import Mapping
from datetime import date, datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from matricula.access.statuses import CourseRole
from matricula.batches.kinds import TITLES
from matricula.disclosures.statuses import DisclosureKind
from matricula.enrollments import statuses
from matricula.enrollments.program.outcomes import status_words
from matricula.jobs import statuses as jobs
from matricula.journal import statuses as doors
from matricula.journal.reads import HistoryEntry
from matricula.journal.states import (
    CourseRunState,
    CourseState,
    JobState,
    OrganizationState,
    ProgramCourseState,
    ProgramState,
    SeatState,
    State,
    StudentCourseState,
    StudentState,
)
from matricula.journal.statuses import Source, Subject

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
    doors.LINKED: gettext_lazy("invitation linked to the account"),
    doors.RECORDED: gettext_lazy("already there when the audit log began to include it"),
}

_DOWNLOADS: Mapping[str, Promise] = {
    jobs.LIST_PROGRAM_ENROLLMENTS: gettext_lazy("Program enrollment download"),
    jobs.LIST_COURSE_RUN_ENROLLMENTS: gettext_lazy("Enrollment download for one course"),
    jobs.LIST_ALL_COURSE_RUN_ENROLLMENTS: gettext_lazy("Enrollment download for all courses"),
    jobs.GET_COURSE_RUN_GRADES: gettext_lazy("Grade download"),
    jobs.EXPORT_LIST: gettext_lazy("List of the console"),
    jobs.FETCH_LMS_GRADES: gettext_lazy("Grades from the LMS"),
}
_DISCLOSED: Mapping[DisclosureKind, Promise] = {
    DisclosureKind.ENROLLMENTS: gettext_lazy("Roster of a course run"),
    DisclosureKind.USERS: gettext_lazy("All accounts"),
    DisclosureKind.PROGRAM_ENROLLMENTS: gettext_lazy("Students of a program"),
    DisclosureKind.COURSE_ENROLLMENTS: gettext_lazy("Students of a program in its course runs"),
    DisclosureKind.STUDENT_KEYS: gettext_lazy("Student keys"),
    DisclosureKind.GRADES: gettext_lazy("Grades"),
    DisclosureKind.JOURNAL: gettext_lazy("Audit log"),
    DisclosureKind.DISCLOSURES: gettext_lazy("List of disclosures"),
    DisclosureKind.PLAN_ROWS: gettext_lazy("Rows of a plan"),
    DisclosureKind.OPERATION_CHANGES: gettext_lazy("Changes of an operation"),
    DisclosureKind.REJECTED_ROWS: gettext_lazy("Rejected rows"),
    DisclosureKind.TASK_RESULTS: gettext_lazy("Results of an API enrollment task"),
    DisclosureKind.JOB_RESULT: gettext_lazy("File of a job"),
    DisclosureKind.REPORT: gettext_lazy("Report"),
    DisclosureKind.ROSTER: gettext_lazy("Roster at a point in time"),
    DisclosureKind.DIFFERENCE: gettext_lazy("Differences between two points in time"),
    DisclosureKind.SNAPSHOT: gettext_lazy("Snapshot taken"),
    DisclosureKind.SNAPSHOT_ROWS: gettext_lazy("Rows of a snapshot"),
}


@register.filter
def disclosed(kind: DisclosureKind) -> str:
    """Return what someone got."""
    return str(_DISCLOSED[kind])


@register.filter
def file_name(file: str) -> str:
    """Return the name of a file of the storage, without its folder."""
    return file.rpartition("/")[2]


SUBJECT_WORDS: Mapping[Subject, Promise] = {
    Subject.COURSE_ENROLLMENT: gettext_lazy("course enrollments"),
    Subject.PRE_ENROLLMENT: gettext_lazy("invitations"),
    Subject.PROGRAM_ENROLLMENT: gettext_lazy("program enrollments"),
    Subject.PROGRAM_COURSE_ENROLLMENT: gettext_lazy("students in course runs"),
    Subject.GRADE: gettext_lazy("grades"),
    Subject.ACCOUNT: gettext_lazy("accounts"),
    Subject.STUDENT_KEY: gettext_lazy("student keys"),
    Subject.COURSE_ROLE: gettext_lazy("course roles"),
    Subject.ROLE: gettext_lazy("roles"),
    Subject.FEATURE: gettext_lazy("features"),
    Subject.GROUP: gettext_lazy("groups"),
    Subject.MEMBERSHIP: gettext_lazy("group memberships"),
    Subject.CLIENT: gettext_lazy("API clients"),
    Subject.JOB: gettext_lazy("jobs"),
    Subject.CATALOG: gettext_lazy("organizations, programs, and course runs"),
}


@register.filter
def when(moment: datetime) -> SafeString:
    """Return the time in the form of the reader's language; the page says the zone once."""
    local = timezone.localtime(moment)
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), date_format(local, "SHORT_DATETIME_FORMAT"))


MOST = 100
"""So many are counted where the number only says whether there is something to do; one more is ``100+``."""


@register.filter
def up_to(count: int) -> str:
    """Return the number, or that there are more than are counted."""
    return f"{MOST}+" if count > MOST else number_format(count, use_l10n=True)


@register.filter
def found_for(found: Mapping[object, object], key: object) -> object:
    """Return what was found about an account or an address, or None."""
    return found.get(key)


@register.filter
def day(moment: date | str) -> SafeString:
    """Return a day, or that of a time, also as the API writes it, in the form of the reader's language and zone."""
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), plain_day(at))


@register.filter
def plain_day(day: date) -> str:
    """Return a day as text, where no element may be: in a picture, or within a sentence that is translated."""
    return date_format(timezone.localtime(day) if isinstance(day, datetime) else day, "SHORT_DATE_FORMAT")


@register.filter
def door(source: Source) -> str:
    """The door through which a change came."""
    return str(_DOORS.get(source, source))


register.filter(status_words)


_COURSE_ROLES: Mapping[CourseRole, Promise] = {
    CourseRole.STAFF: gettext_lazy("course staff"),
    CourseRole.INSTRUCTOR: gettext_lazy("instructor"),
    CourseRole.BETA_TESTER: gettext_lazy("beta tester"),
}


@register.filter
def course_role_words(role: str) -> str:
    """What a person is in a course run."""
    return str(_COURSE_ROLES[CourseRole(role)])


@register.filter
def percent_words(share: float) -> str:
    """A part of 1 in percent."""
    return f"{number_format(round(share * 100, 1))} %"


@register.filter
def step(entry: HistoryEntry) -> str:
    """What happened in one entry of the journal."""
    if entry.subject in {Subject.PROGRAM_ENROLLMENT, Subject.PROGRAM_COURSE_ENROLLMENT}:
        return _program_step(entry)
    if isinstance(entry.after, JobState):
        return _job_step(entry.after)
    if entry.subject in {Subject.COURSE_ENROLLMENT, Subject.PRE_ENROLLMENT}:
        return _course_step(entry)
    if entry.after is not None and (catalog := _CATALOG_STEPS.get(type(entry.after))):
        return str(catalog[entry.transition == doors.CHANGED])
    return str(_OTHER_STEPS.get((entry.subject, entry.transition), access_step(entry.transition)))


def _course_step(entry: HistoryEntry) -> str:
    before, after = _seat(entry.before), _seat(entry.after)
    if entry.transition == statuses.FROM_ENROLLED_TO_ENROLLED:
        old, new = before.mode if before else "", after.mode if after else ""
        if old == new:
            return _("already enrolled, unchanged")
        return _("mode changed: %(old)s → %(new)s") % {"old": old, "new": new}
    words = str(_STEPS.get(entry.transition, entry.transition))
    return f"{words} ({after.mode})" if after and after.is_active else words


def _seat(state: State | None) -> SeatState | None:
    return state.enrollment or None if isinstance(state, CourseState) else None


@register.filter
def job_kind_words(kind: str) -> str:
    """What a job does."""
    return str(TITLES.get(kind) or _DOWNLOADS.get(kind) or kind)


def _job_step(job: JobState) -> str:
    words = {"job": job_kind_words(job.kind), "done": job.done}
    if job.total:
        return _("job canceled after %(done)s of %(total)s rows: %(job)s") % {**words, "total": job.total}
    return _("job canceled: %(job)s") % words


def _program_step(entry: HistoryEntry) -> str:
    before, after = _status(entry.before), _status(entry.after)
    if entry.transition in {doors.LINKED, doors.UNLINKED}:
        return _("linked to an account") if entry.transition == doors.LINKED else _("no longer linked to an account")
    if before and not after:
        return _("%(status)s; removed because no account was linked") % {"status": status_words(before)}
    if not after:
        return entry.transition
    return f"{status_words(before)} → {status_words(after)}" if before and before != after else status_words(after)


def _status(state: State | None) -> str:
    return state.status if isinstance(state, StudentState | StudentCourseState) else ""


_OTHER_STEPS: Mapping[tuple[Subject, str], Promise] = {
    (Subject.GRADE, doors.CREATED): gettext_lazy("graded"),
    (Subject.GRADE, doors.CHANGED): gettext_lazy("grade changed"),
    (Subject.GRADE, doors.DELETED): gettext_lazy("grade removed"),
    (Subject.STUDENT_KEY, doors.LINKED): gettext_lazy("student key linked to the account"),
    (Subject.STUDENT_KEY, doors.UNLINKED): gettext_lazy("student key no longer linked to the account"),
    (Subject.STUDENT_KEY, doors.CHANGED): gettext_lazy("student key moved to this account"),
}
# new, and changed
_CATALOG_STEPS: Mapping[type[State], tuple[Promise, Promise]] = {
    OrganizationState: (gettext_lazy("organization added"), gettext_lazy("organization changed")),
    CourseRunState: (gettext_lazy("course run added"), gettext_lazy("course run changed")),
    ProgramState: (gettext_lazy("program added"), gettext_lazy("program changed")),
    ProgramCourseState: (
        gettext_lazy("course run added to a program"),
        gettext_lazy("place or key of the course run in a program changed"),
    ),
}
_ACCESS_STEPS: Mapping[str, Promise] = {
    "created": gettext_lazy("created"),
    "deleted": gettext_lazy("deleted"),
    "tokens ended": gettext_lazy("access tokens revoked"),
    "secret changed": gettext_lazy("secret changed"),
    "recorded": gettext_lazy("already there when the audit log began to include it"),
    # of accounts
    "signed up": gettext_lazy("signed up"),
    "switched on": gettext_lazy("account activated"),
    "switched off": gettext_lazy("account deactivated"),
    "merged": gettext_lazy("account merged into another one of the same person"),
    "merge undone": gettext_lazy("merge with another account undone"),
    "address changed": gettext_lazy("address changed"),
    "password changed": gettext_lazy("password changed"),
    "changed": gettext_lazy("account changed"),
    "sessions ended": gettext_lazy("logged out everywhere"),
    "registered": gettext_lazy("account created"),
    "address requested": gettext_lazy("new address requested"),
    "request withdrawn": gettext_lazy("request for a new address withdrawn"),
    "login linked": gettext_lazy("login at an identity provider linked"),
    "login unlinked": gettext_lazy("login at an identity provider unlinked"),
    "retired": gettext_lazy("person retired: name, address and keys replaced by a pseudonym"),
    "replaced": gettext_lazy("sign-up replaced: its address was never confirmed"),
    "expired": gettext_lazy("sign-up expired: its address was never confirmed"),
}


@register.filter
def access_step(transition: str) -> str:
    """What was given to someone, or taken away."""
    done, _space, what = transition.partition(" ")
    what = _("membership") if what == "membership" else what
    if done == "granted":
        return _("%(what)s granted") % {"what": what}
    if done == "withdrawn":
        return _("%(what)s withdrawn") % {"what": what}
    return str(_ACCESS_STEPS.get(transition, transition))
