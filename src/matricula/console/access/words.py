"""What actions, roles, features and scopes mean, in words. What a role lets a person do is read from the rules
(``access.explaining.actions``), and is written nowhere else.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.text import get_text_list
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from matricula.access.explaining.actions import (
    Action,
    actions_of_course_role,
    actions_of_feature,
    actions_of_role,
)
from matricula.access.statuses import CourseRole, Feature, Role

ACTION_WORDS: Mapping[Action, Promise] = {
    Action.SEE_PROGRAM: _("see the program and its courses"),
    Action.SEE_STUDENTS: _("see the program's students"),
    Action.CHANGE_STUDENTS: _("change the program's students"),
    Action.SEE_REPORTS: _("see the program's reports"),
    Action.SEE_NAMES: _("see the names and email addresses of the program's students"),
    Action.GRANT_COURSE_STAFF: _("give the role of course staff with an upload"),
    Action.MANAGE_COURSE: _("see the course's roster and change its enrollments"),
    Action.LIST_PROGRAMS: _("list the programs of the organization"),
    Action.SEE_ALL_JOBS: _("see all jobs"),
    Action.ACT_AS_STAFF: _("manage the enrollments of all courses, and their mail"),
    Action.ADMINISTER: _("administer: grant access, connect an LMS, merge accounts"),
}
SCOPE_WORDS: Mapping[str, str | Promise] = {"read": _("read"), "write": _("write")}
SCOPES_ALLOWED: Mapping[str, str | Promise] = {
    "read": _("See everything that you can see: enrollments, students, and people in them"),
    "write": _("Change everything that you can change"),
}
"""What an app may do once a person has allowed it."""


@dataclass(frozen=True, slots=True)
class Described:
    """A role or a feature, with what it lets a person do."""

    key: str
    actions: Sequence[str]

    @property
    def sentence(self) -> str:
        """All of it in one sentence."""
        if not self.actions:
            # beta testers
            return gettext("marks who sees the course before it begins, and gives no right here")
        return get_text_list(list(self.actions), gettext("and"))


def _described(key: str, actions: Iterable[Action]) -> Described:
    return Described(key, [str(ACTION_WORDS[action]) for action in actions])


def described_roles() -> list[Described]:
    """The roles on programs, now, in the reader's language."""
    return [_described(role, actions_of_role(role)) for role in Role]


def described_course_roles() -> list[Described]:
    """The roles in a course run."""
    return [_described(role, actions_of_course_role(role)) for role in CourseRole]


def described_features() -> list[Described]:
    """The features."""
    return [_described(feature, actions_of_feature(feature)) for feature in Feature]


def choices(described: Iterable[Described]) -> list[tuple[str, str]]:
    """Roles or features as choices of a form."""
    return [(one.key, f"{one.key}: {one.sentence}") for one in described]
