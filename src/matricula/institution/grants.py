"""The roles, features and memberships that an institution file gives: gathered with their ids, then saved together."""

from collections.abc import Collection, Iterable
from functools import partial

from matricula.access import grants as access
from matricula.access import statuses
from matricula.access.statuses import CourseRole, Feature
from matricula.foundation.folding import fold
from matricula.institution.items import Group, Institution, Item, Role, User
from matricula.institution.references import References, in_chunks
from matricula.institution.summary import Summary
from matricula.journal.writes import Operation
from matricula.learners.reads import find_learners


class Grants:
    """What the file gives to its users and groups; each thing once, however often the file says it."""

    def __init__(self, references: References) -> None:
        self._references = references
        # dicts for their order: the same file always writes in the same order
        self._roles: dict[access.RoleRequest, None] = {}
        self._features: dict[access.FeatureRequest, None] = {}
        self._course_roles: dict[access.CourseRoleRequest, None] = {}
        self._memberships: dict[access.MembershipRequest, None] = {}
        self._pending: dict[access.PendingMembershipRequest, None] = {}
        self._accounts: set[int] = set()
        self._groups: set[int] = set()

    def gather(self, institution: Institution) -> None:
        """Takes what the file gives to groups, to users, and to addresses; unknown names become problems.

        The addresses of pending members are locked: none of them becomes active meanwhile.
        """
        for group in institution.groups:
            self._gather_group(group)
        for user in institution.users:
            self._gather_user(user)
        active = _active_accounts(fold(pending.email) for pending in institution.pending_members)
        for pending in institution.pending_members:
            group_id = self._references.get("group", pending.group, pending, "group")
            account_id = active.get(fold(pending.email))
            if account_id is None:
                self._pending[access.PendingMembershipRequest(group_id, pending.email)] = None
            else:
                self._memberships[access.MembershipRequest(group_id, account_id)] = None

    def _gather_group(self, group: Group) -> None:
        group_id = self._references.get("group", group.name, group, "name")
        self._groups.add(group_id)
        for role in group.roles or ():
            self._roles[self._role(role, group_id=group_id)] = None
        for feature in group.features or ():
            self._features[access.FeatureRequest(Feature(feature), group_id=group_id)] = None

    def _gather_user(self, user: User) -> None:
        account_id = self._references.get("user", user.username, user, "username")
        self._accounts.add(account_id)
        for role in user.roles or ():
            if role.course is not None:
                course_id = self._references.get("course", role.course, role, "course")
                self._course_roles[access.CourseRoleRequest(CourseRole(role.role), account_id, course_id)] = None
            else:
                self._roles[self._role(role, account_id=account_id)] = None
        for feature in user.features or ():
            self._features[access.FeatureRequest(Feature(feature), account_id=account_id)] = None
        for name in user.groups or ():
            group_id = self._references.get("group", name, user, "groups")
            self._memberships[access.MembershipRequest(group_id, account_id)] = None

    def _role(self, role: Role, *, account_id: int | None = None, group_id: int | None = None) -> access.RoleRequest:
        return access.RoleRequest(
            role=statuses.Role(role.role),
            account_id=account_id,
            group_id=group_id,
            organization_id=self._optional("organization", role.organization, role),
            program_id=self._optional("program", role.program, role),
        )

    def _optional(self, kind: str, name: str | None, item: Item) -> int | None:
        return None if name is None else self._references.get(kind, name, item, kind)

    def save(self, operation: Operation, summary: Summary) -> None:
        """Gives all of it, with few statements for each kind; never takes anything away."""
        given: dict[str, Collection[access.GrantRequest]] = {
            "memberships": self._memberships,
            "roles": self._roles,
            "features": self._features,
            "course_roles": self._course_roles,
            "pending_members": self._pending,
        }
        for section, grants in given.items():
            summary.count_new(section, len(grants), access.write_grants(operation, list(grants), granted=True))

    def withdraw_others(self, operation: Operation, summary: Summary) -> None:
        """Takes from the file's users and groups the roles, and from its users the memberships, that it doesn't give.

        Features are no roles, and stay.
        """
        accounts, groups = list(self._accounts), list(self._groups)
        withdraw = partial(access.withdraw_other_grants, operation)
        summary.count_withdrawn("roles", withdraw(access.RoleRequest, list(self._roles), accounts, groups))
        course_roles = withdraw(access.CourseRoleRequest, list(self._course_roles), accounts)
        summary.count_withdrawn("course_roles", course_roles)
        memberships = withdraw(access.MembershipRequest, list(self._memberships), accounts)
        summary.count_withdrawn("memberships", memberships)
        pending = withdraw(access.PendingMembershipRequest, list(self._pending), accounts)
        summary.count_withdrawn("pending_members", pending)


def _active_accounts(email_keys: Iterable[str]) -> dict[str, int]:
    active: dict[str, int] = {}
    for chunk in in_chunks(list(email_keys)):
        for key, learners in find_learners(chunk).items():
            # an address may also be the username of someone else
            active.update((key, learner.id) for learner in learners if learner.is_active and learner.is_address)
    return active
