"""Which rows of a table are meant: what an address or a form says of students and learners, and in words."""

from collections.abc import Mapping, Sequence

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from matricula.catalog.reads import ProgramRun
from matricula.console import inputs
from matricula.enrollments.course.rosters import RosterFilter
from matricula.enrollments.program.outcomes import status_words
from matricula.enrollments.program.students import StudentFilter
from matricula.enrollments.statuses import COURSE_STATUSES, PROGRAM_STATUSES

# before the names of a filter in a form that has fields of its own
OF = "of-"
INVITED = "invited"
STUDENT_FIELDS = ("q", "status", "account", "course", "in")
ROSTER_FIELDS = ("q", "mode", "state", "beta")
_ACCOUNTS = {"linked": True, "waiting": False}
_STATES = {"": True, "ended": False, "all": None}
_TESTERS = {"yes": True, "no": False}
_NAMES: Mapping[str, Promise] = {
    "q": gettext_lazy("search"),
    "status": gettext_lazy("status"),
    "account": gettext_lazy("account"),
    "course": gettext_lazy("course"),
    "in": gettext_lazy("status in the course"),
    "state": gettext_lazy("state"),
    "mode": gettext_lazy("mode"),
    "beta": gettext_lazy("beta testers"),
}
_VALUES: Mapping[tuple[str, str], Promise] = {
    ("account", "linked"): gettext_lazy("linked"),
    ("account", "waiting"): gettext_lazy("waiting for an account"),
    ("state", "ended"): gettext_lazy("ended"),
    ("state", "all"): gettext_lazy("enrolled and ended"),
    ("state", INVITED): gettext_lazy("invited"),
    ("beta", "yes"): gettext_lazy("only beta testers"),
    ("beta", "no"): gettext_lazy("without beta testers"),
}


# in which orders a table is shown
ORDERS: Mapping[str, Promise] = {
    "key": gettext_lazy("student key"),
    "-key": gettext_lazy("student key (Z to A)"),
    "name": gettext_lazy("name"),
    "-name": gettext_lazy("name (Z to A)"),
    "status": gettext_lazy("status"),
    "-status": gettext_lazy("status (last first)"),
    "updated": gettext_lazy("changed longest ago"),
    "-updated": gettext_lazy("changed last"),
    "username": gettext_lazy("username"),
    "-username": gettext_lazy("username (Z to A)"),
    "created": gettext_lazy("oldest first"),
    "-created": gettext_lazy("newest first"),
}


def given_of(given: QueryDict, fields: Sequence[str], prefix: str = "") -> dict[str, str]:
    """The fields that say something, as they were given."""
    words = {name: inputs.word(given, prefix + name) for name in fields}
    return {name: word for name, word in words.items() if word}


def students_of(given: QueryDict, runs: Sequence[ProgramRun], prefix: str = "") -> tuple[dict[str, str], StudentFilter]:
    """The students of a program: as it was given, and as it is understood."""
    kept = given_of(given, STUDENT_FIELDS, prefix)
    run = next((run for run in runs if run.key == kept.get("course")), None)
    status, there = kept.get("status"), kept.get("in")
    return kept, StudentFilter(
        kept.get("q", ""),
        status if status in PROGRAM_STATUSES else None,
        _ACCOUNTS.get(kept.get("account", "")),
        run.course_id if run else None,
        there if there in COURSE_STATUSES else None,
    )


def learners_of(given: QueryDict, prefix: str = "") -> tuple[dict[str, str], RosterFilter]:
    """The learners of a course run, if they are not only ``INVITED``: as it was given, and as it is understood."""
    kept = given_of(given, ROSTER_FIELDS, prefix)
    return kept, RosterFilter(
        is_active=_STATES.get(kept.get("state", ""), True),
        search=inputs.search_words(given, f"{prefix}q") or None,
        mode=kept.get("mode"),
        is_beta_tester=_TESTERS.get(kept.get("beta", "")),
    )


def filter_words(selected: Mapping[str, str]) -> list[tuple[str, str]]:
    """(what, which) for each field of a filter that is kept with a plan."""
    return [
        (str(_NAMES[name]), str(_VALUES.get((name, value)) or (status_words(value) if name in _STATUS else value)))
        for name, value in selected.items()
        if name in _NAMES
    ]


_STATUS = ("status", "in")
