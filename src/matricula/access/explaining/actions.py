"""What can be asked: may someone do this there? Each action is what one check of the pages and APIs asks for.

What a role carries is in ``access.permissions`` alone; here each permission is an action, and nothing lists roles.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from matricula.access.permissions import CARRIED_BY, Permission
from matricula.access.statuses import COURSE_MANAGER_ROLES, CourseRole, Feature, Role, Scope


class On(StrEnum):
    """Where something is done."""

    EVERYWHERE = "everywhere"
    ORGANIZATION = "organization"
    PROGRAM = "program"
    COURSE = "course"


class Action(StrEnum):
    """What someone does."""

    SEE_PROGRAM = "see-program"
    SEE_STUDENTS = "see-students"
    CHANGE_STUDENTS = "change-students"
    SEE_REPORTS = "see-reports"
    SEE_NAMES = "see-names"
    GRANT_COURSE_STAFF = "grant-course-staff"
    MANAGE_COURSE = "manage-course"
    LIST_PROGRAMS = "list-programs"
    SEE_ALL_JOBS = "see-all-jobs"
    ACT_AS_STAFF = "act-as-staff"
    ADMINISTER = "administer"


class Flag(StrEnum):
    """A mark of an account."""

    STAFF = "is_staff"
    SUPERUSER = "is_superuser"


@dataclass(frozen=True, slots=True)
class Needs:
    """What an action needs there: all that is named, but for the flags, of which each is enough.

    ``flags``: each of them replaces what else is needed.
    """

    on: On
    scope: Scope
    permission: Permission | None = None
    feature: Feature | None = None
    # one of them
    course_roles: tuple[CourseRole, ...] = ()
    roles: tuple[Role, ...] = ()
    flags: tuple[Flag, ...] = (Flag.SUPERUSER,)

    def roles_that_carry(self) -> tuple[Role, ...]:
        """The roles on programs of which one is needed."""
        if self.permission is None:
            return self.roles
        return tuple(role for role, carried in CARRIED_BY.items() if self.permission in carried)


_READ, _WRITE = Scope.READ, Scope.WRITE
NEEDS: Mapping[Action, Needs] = {
    Action.SEE_PROGRAM: Needs(On.PROGRAM, _READ, Permission.READ_METADATA),
    Action.SEE_STUDENTS: Needs(On.PROGRAM, _READ, Permission.READ_ENROLLMENTS),
    Action.CHANGE_STUDENTS: Needs(On.PROGRAM, _WRITE, Permission.WRITE_ENROLLMENTS),
    Action.SEE_REPORTS: Needs(On.PROGRAM, _READ, Permission.READ_REPORTS),
    Action.SEE_NAMES: Needs(On.PROGRAM, _READ, Permission.READ_ENROLLMENTS, Feature.NAMES_IN_DOWNLOADS),
    # the feature is asked of administrators, too
    Action.GRANT_COURSE_STAFF: Needs(On.PROGRAM, _WRITE, Permission.WRITE_ENROLLMENTS, Feature.COURSE_ROLES),
    Action.MANAGE_COURSE: Needs(
        On.COURSE, _WRITE, course_roles=COURSE_MANAGER_ROLES, flags=(Flag.STAFF, Flag.SUPERUSER)
    ),
    Action.LIST_PROGRAMS: Needs(
        On.ORGANIZATION, _READ, roles=tuple(role for role in Role if role is not Role.READ_ALL_JOBS)
    ),
    Action.SEE_ALL_JOBS: Needs(On.EVERYWHERE, _READ, roles=(Role.READ_ALL_JOBS,)),
    Action.ACT_AS_STAFF: Needs(On.EVERYWHERE, _WRITE, flags=(Flag.STAFF, Flag.SUPERUSER)),
    Action.ADMINISTER: Needs(On.EVERYWHERE, _WRITE),
}
BY_PERMISSION: Mapping[Permission, Action] = {
    needs.permission: action for action, needs in NEEDS.items() if needs.permission and not needs.feature
}
"""What each permission on a program lets someone do."""


def actions_of_role(role: Role) -> list[Action]:
    """Return what a role lets someone do where it was granted, in one order."""
    return [action for action, needs in NEEDS.items() if needs.feature is None and role in _roles(action, needs)]


def _roles(action: Action, needs: Needs) -> tuple[Role, ...]:
    # the list of programs of an organization is part of seeing them
    return () if action is Action.LIST_PROGRAMS else needs.roles_that_carry()


def actions_of_course_role(role: CourseRole) -> list[Action]:
    """Return what a role in a course run lets someone do there."""
    return [action for action, needs in NEEDS.items() if role in needs.course_roles]


def actions_of_feature(feature: Feature) -> list[Action]:
    """Return what a feature adds to the roles of someone."""
    return [action for action, needs in NEEDS.items() if needs.feature is feature]
