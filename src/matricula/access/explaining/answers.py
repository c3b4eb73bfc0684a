"""May someone do this there, and why. The answer is that of the functions that decide (``access.reads``); the reasons
are the grants that they decide by, and the tests compare both.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from matricula.access.explaining.actions import NEEDS, Action, Flag, Needs, On
from matricula.access.holders import (
    COURSE_ROLE,
    FEATURE,
    MEMBER,
    ROLE,
    Grant,
    GrantFilter,
    find_client,
    list_grants,
)
from matricula.access.permissions import ABOUT_ENROLLMENTS
from matricula.access.reads import (
    Caller,
    find_caller_by_account,
    find_program_caller_by_account,
    holds_in_organization,
)
from matricula.access.statuses import NAMES_IN_DOWNLOADS, CourseRole, Feature, Role, Scope
from matricula.catalog.reads import CourseRun, OrganizationFacts, ProgramFacts

# of one account: more than anyone has
_ALL = 100_000


@dataclass(frozen=True, slots=True)
class Place:
    """A thing that is asked about; none of them: everywhere."""

    organization: OrganizationFacts | None = None
    program: ProgramFacts | None = None
    course: CourseRun | None = None

    @property
    def on(self) -> On:
        """What it is."""
        if self.course is not None:
            return On.COURSE
        if self.program is not None:
            return On.PROGRAM
        return On.EVERYWHERE if self.organization is None else On.ORGANIZATION

    @property
    def is_unmanaged(self) -> bool:
        """True for a program whose enrollments aren't managed here."""
        return self.program is not None and not self.program.manages_enrollments


@dataclass(frozen=True, slots=True)
class Reason:
    """Why someone may: a mark of the account, or a grant, itself or through a group."""

    flag: Flag | None = None
    kind: str = ""
    grant: Grant | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """What would give it: one of the roles (on the program, its organization, or everywhere), the feature, one of the
    roles in the course run; or one of the flags alone.
    """

    roles: tuple[Role, ...] = ()
    feature: Feature | None = None
    course_roles: tuple[CourseRole, ...] = ()
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether someone may, and why, or what would give it.

    ``unmanaged``: enrollments of the program aren't managed here, and no role gives anything on them. ``scope``: the
    one that the API client lacks. ``inactive``: the account is switched off, and may nothing.
    """

    may: bool
    reasons: Sequence[Reason] = ()
    missing: Missing | None = None
    unmanaged: bool = False
    scope: Scope | None = None
    inactive: bool = False


@dataclass(frozen=True, slots=True)
class Holdings:
    """All that an account was given, itself and through groups; ``caller`` None: it is inactive."""

    account_id: int
    caller: Caller | None
    roles: Sequence[Grant] = ()
    features: Sequence[Grant] = ()
    course_roles: Sequence[Grant] = ()
    members: Sequence[Grant] = ()
    # of the API client that is asked about; None: no client is
    scopes: frozenset[Scope] | None = None

    @property
    def flags(self) -> list[Flag]:
        """Those of the account."""
        if self.caller is None:
            return []
        given = ((Flag.STAFF, self.caller.is_staff), (Flag.SUPERUSER, self.caller.is_superuser))
        return [flag for flag, is_set in given if is_set]


def read_holdings(account_id: int, client_id: int | None = None) -> Holdings:
    """Read what an account was given; ``client_id``: as far as this API client that acts as the account reaches."""
    found = find_program_caller_by_account(account_id, None)
    own = GrantFilter(account_id=account_id)
    members = list_grants(MEMBER, own, limit=_ALL)
    groups = GrantFilter(group_ids=[grant.group_id for grant in members if grant.group_id])
    client = find_client(client_id, account_id) if client_id is not None else None
    caller = found[0] if found else None
    return Holdings(
        account_id,
        caller,
        [*list_grants(ROLE, own, limit=_ALL), *list_grants(ROLE, groups, limit=_ALL)],
        [*list_grants(FEATURE, own, limit=_ALL), *list_grants(FEATURE, groups, limit=_ALL)],
        list_grants(COURSE_ROLE, own, limit=_ALL),
        members,
        None if client_id is None else frozenset(map(Scope, client.scopes if client else ())),
    )


def answer(held: Holdings, action: Action, place: Place) -> Answer:
    """Return whether the account may, and why."""
    needs = NEEDS[action]
    if held.caller is None:
        return Answer(False, inactive=True)
    if held.scopes is not None and needs.scope not in held.scopes:
        return Answer(False, scope=needs.scope)
    may = _decides(held.caller, needs, place)
    if may:
        return Answer(True, reasons_of(held, action, place))
    if is_unmanaged(needs, place):
        return Answer(False, unmanaged=True)
    return Answer(False, missing=_missing(held, needs, place))


def is_unmanaged(needs: Needs, place: Place) -> bool:
    """True if it is about enrollments that aren't managed here."""
    return needs.permission in ABOUT_ENROLLMENTS and place.is_unmanaged


def _decides(caller: Caller, needs: Needs, place: Place) -> bool:
    """What the functions say that pages and APIs ask."""
    if place.course is not None:
        found = find_caller_by_account(caller.account_id, place.course.key)
        return found is not None and found[1] is not None and found[1].may_manage
    if place.program is not None:
        return _decides_on_program(caller, needs, place.program)
    if place.organization is not None:
        return holds_in_organization(caller, place.organization.id)
    if Role.READ_ALL_JOBS in needs.roles:
        return caller.reads_all_jobs
    return caller.is_global_staff if Flag.STAFF in needs.flags else caller.is_superuser


def _decides_on_program(caller: Caller, needs: Needs, program: ProgramFacts) -> bool:
    found = find_program_caller_by_account(caller.account_id, program.key)
    if found is None or found[1] is None or needs.permission not in found[1].permissions:
        return False
    if needs.feature is NAMES_IN_DOWNLOADS:
        return found[0].sees_names
    return needs.feature is None or needs.feature in found[1].features


def reasons_of(held: Holdings, action: Action, place: Place) -> list[Reason]:
    """Return the grants and flags for which the account may; none if it may not. No database."""
    needs = NEEDS[action]
    if held.caller is None or is_unmanaged(needs, place):
        return []
    flags = [Reason(flag=flag) for flag in held.flags if flag in needs.flags]
    features = [Reason(kind=FEATURE, grant=grant) for grant in held.features if grant.what == needs.feature]
    roles = _roles_there(held, needs, place)
    if needs.feature is None:
        return [*flags, *roles]
    # who is an administrator sees names without the feature, and gives no role without it
    stand_in = flags if needs.feature is NAMES_IN_DOWNLOADS else []
    complete = bool((roles or flags) and (features or stand_in))
    return [*flags, *roles, *features] if complete else []


def _roles_there(held: Holdings, needs: Needs, place: Place) -> list[Reason]:
    if place.course is not None:
        there = (grant for grant in held.course_roles if grant.course_id == place.course.id)
        return [Reason(kind=COURSE_ROLE, grant=grant) for grant in there if grant.what in needs.course_roles]
    wanted = needs.roles_that_carry()
    return [Reason(kind=ROLE, grant=grant) for grant in held.roles if grant.what in wanted and reaches(grant, place)]


def reaches(grant: Grant, place: Place) -> bool:
    """True if a role on programs was granted there, or on more; as ``reads.ON_PROGRAM`` has it in SQL."""
    if grant.program_id is None and grant.organization_id is None:
        return True
    if place.program is not None:
        return grant.program_id == place.program.id or grant.organization_id == place.program.organization_id
    return place.organization is not None and grant.organization_id == place.organization.id


def _missing(held: Holdings, needs: Needs, place: Place) -> Missing:
    """What isn't there of what is needed."""
    roles = needs.roles_that_carry()
    has_flag = any(flag in needs.flags for flag in held.flags)
    has_role = has_flag or bool(_roles_there(held, needs, place))
    has_feature = needs.feature is None or any(grant.what == needs.feature for grant in held.features)
    return Missing(
        () if has_role else roles,
        None if has_feature else needs.feature,
        () if has_role else needs.course_roles,
        # all that is missing for giving roles is the feature
        () if has_role or needs.feature is Feature.COURSE_ROLES else needs.flags,
    )


@dataclass(frozen=True, slots=True)
class Row:
    """One place of the page: what the account may do there, each with the reasons."""

    place: Place
    may: Sequence[tuple[Action, Sequence[Reason]]]


def rows_at(held: Holdings, places: Iterable[Place]) -> list[Row]:
    """Return what the account may do at each of the places, without those where it may nothing. No database.

    At an organization, also what it may on all its programs; everywhere, what it may on all there is.
    """
    rows = []
    for place in places:
        actions = [
            action for action, needs in NEEDS.items() if needs.on in _WITHIN[place.on] and _in_scope(held, needs)
        ]
        may = [(action, reasons) for action in actions if (reasons := reasons_of(held, action, place))]
        if may:
            rows.append(Row(place, may))
    return rows


_WITHIN: Mapping[On, Sequence[On]] = {
    On.EVERYWHERE: [*On],
    On.ORGANIZATION: [On.ORGANIZATION, On.PROGRAM],
    On.PROGRAM: [On.PROGRAM],
    On.COURSE: [On.COURSE],
}


def _in_scope(held: Holdings, needs: Needs) -> bool:
    return held.scopes is None or needs.scope in held.scopes
