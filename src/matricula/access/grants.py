"""Who may do what: roles, features, memberships and groups, given and taken away, each with its journal entry.

What a statement really changed is what the journal gets: two who give the same thing at once leave one entry.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connection
from msgspec import UNSET

from matricula.access.models import Group, PendingMember
from matricula.access.reads import group_names
from matricula.access.statuses import CourseRole, Feature, Role
from matricula.foundation.database import Bigints, fetch_all
from matricula.foundation.statements import read_statements
from matricula.foundation.transactions import one_transaction
from matricula.journal.states import CourseRoleState, GrantState, GroupState
from matricula.journal.statuses import CREATED, DELETED, LINKED, Subject
from matricula.journal.writes import Entry, Operation, add_entries, entry_about, record_operation


class RoleRequest(NamedTuple):
    """A role of an account or of a group, on an organization, on a program, or (neither) everywhere."""

    role: Role
    account_id: int | None = None
    group_id: int | None = None
    organization_id: int | None = None
    program_id: int | None = None


class FeatureRequest(NamedTuple):
    """A feature for an account or for a group."""

    feature: Feature
    account_id: int | None = None
    group_id: int | None = None


class CourseRoleRequest(NamedTuple):
    """A role of an account in one course run."""

    role: CourseRole
    account_id: int
    course_id: int


class MembershipRequest(NamedTuple):
    """An account in a group."""

    group_id: int
    account_id: int


class PendingMembershipRequest(NamedTuple):
    """A membership that waits for the account of an address."""

    group_id: int
    email: str


GrantRequest = CourseRoleRequest | RoleRequest | FeatureRequest | MembershipRequest | PendingMembershipRequest


class _Kind(NamedTuple):
    """What the journal calls one kind of grants, and what ``grants.sql`` does."""

    subject: Subject
    stored: str


_KINDS: dict[type[Any], _Kind] = {
    CourseRoleRequest: _Kind(Subject.COURSE_ROLE, "course_roles"),
    RoleRequest: _Kind(Subject.ROLE, "roles"),
    FeatureRequest: _Kind(Subject.FEATURE, "features"),
    MembershipRequest: _Kind(Subject.MEMBERSHIP, "members"),
    PendingMembershipRequest: _Kind(Subject.MEMBERSHIP, "pending_members"),
}
_STATEMENTS = read_statements(__file__)


def write_grants(operation: Operation, grants: Sequence[GrantRequest], *, granted: bool) -> int:
    """Gives or takes grants of one kind; how many changed. A journal entry for each that did.

    The caller holds the addresses of memberships that shall wait (``learners.locks.lock_addresses``), so that none of
    them becomes active unseen.
    """
    if not grants:
        return 0
    # in one order, so that two who write the same do not wait for each other crosswise
    ordered = sorted(set(grants), key=lambda grant: [(value is None, value or 0) for value in grant])
    made = type(ordered[0])
    with one_transaction():
        changed = _run("grant" if granted else "withdraw", made, _columns(made, ordered))
        _journal(operation, changed, granted=granted)
    return len(changed)


_COURSE_ROLES = """
select r.role, r.account_id, r.course_id from matricula_courserole r
join unnest(%b::text[], %b::bigint[], %b::bigint[]) k(role, account_id, course_id) using (role, account_id, course_id)
"""


def find_course_roles(roles: Sequence[CourseRoleRequest]) -> set[CourseRoleRequest]:
    """Those of the roles that are given now."""
    return {CourseRoleRequest(*row) for row in fetch_all(_COURSE_ROLES, _columns(CourseRoleRequest, roles))}


def list_grants_of(made: type[Any], account_ids: Sequence[int]) -> list[GrantRequest]:
    """What these accounts were given of a kind themselves, not through a group."""
    found = _run("held_by", made, [Bigints(account_ids)])
    return sorted(found, key=lambda grant: [(value is None, value or 0) for value in grant])


def list_pending_of(email_key: str) -> list[PendingMembershipRequest]:
    """The memberships that wait for this folded address."""
    found = PendingMember.objects.filter(email_key=email_key).order_by("group_id")
    return [PendingMembershipRequest(*row) for row in found.values_list("group_id", "email")]


_MEMBERSHIPS = "select group_id from matricula_membership where account_id = %s and group_id = any(%b::bigint[])"


def find_memberships(account_id: int, groups: Iterable[int]) -> set[int]:
    """Those of the groups (ids) to which the account belongs now."""
    return {group_id for (group_id,) in fetch_all(_MEMBERSHIPS, [account_id, list(groups)])}


def withdraw_other_grants(
    operation: Operation, made: type[Any], kept: Sequence[GrantRequest], *holders: Sequence[int]
) -> int:
    """Takes from the holders all grants of a kind but the ``kept`` ones, with one statement; how many.

    The holders are account ids; of roles, account ids and group ids. Of memberships that wait, those of the accounts'
    addresses.
    """
    with one_transaction():
        taken = _run("withdraw_others", made, [*map(list, holders), *_columns(made, kept)])
        _journal(operation, taken, granted=False)
    return len(taken)


def _columns(made: type[Any], grants: Sequence[GrantRequest]) -> list[list[Any]]:
    return [[grant[column] for grant in grants] for column in range(len(made._fields))]


def _run(statement: str, made: type[Any], parameters: Sequence[Any]) -> list[GrantRequest]:
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENTS[statement](_KINDS[made].stored), parameters)
        return [made(*row) for row in cursor.fetchall()]


def _journal(operation: Operation, grants: Sequence[GrantRequest], *, granted: bool) -> None:
    if not grants:
        record_operation(operation)
        return
    groups = group_names({group for grant in grants if (group := getattr(grant, "group_id", None))})
    add_entries(operation, [_entry(operation, grant, groups, granted) for grant in grants])


def _entry(operation: Operation, grant: GrantRequest, groups: dict[int, str], granted: bool) -> Entry:
    fields = grant._asdict()
    what = fields.get("role") or fields.get("feature") or "membership"
    state = CourseRoleState(role=grant.role) if isinstance(grant, CourseRoleRequest) else _state(fields, groups)
    return entry_about(
        operation,
        _KINDS[type(grant)].subject,
        f"{'granted' if granted else 'withdrawn'} {what}",
        None if granted else state,
        state if granted else None,
        account_id=fields.get("account_id"),
        email=fields.get("email"),
        course_id=fields.get("course_id"),
    )


def _state(fields: dict[str, Any], groups: dict[int, str]) -> GrantState:
    group_id = fields.get("group_id")
    return GrantState(
        role=fields.get("role", UNSET),
        feature=fields.get("feature", UNSET),
        group_id=group_id or UNSET,
        organization_id=fields.get("organization_id") or UNSET,
        program_id=fields.get("program_id") or UNSET,
        # a group may be deleted, and its entries are read after that
        group=groups[group_id] if group_id else UNSET,
    )


_ADMIT = """
with due as (
    delete from matricula_pendingmember p using matricula_account a
    where a.email_key = p.email_key and a.is_active and a.id = any(%s) returning p.group_id, a.id as account_id, p.email
), admitted as (
    insert into matricula_membership (group_id, account_id) select group_id, account_id from due on conflict do nothing
    returning group_id, account_id
)
select d.group_id, d.account_id, d.email, a.group_id is not null
from due d left join admitted a using (group_id, account_id) order by 1, 2
"""


def admit_pending_members(operation: Operation, account_ids: Sequence[int]) -> None:
    """Memberships that waited for the addresses of these active accounts take effect.

    The entry names address and account; of someone who was in the group already, that the address waits no longer.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ADMIT, [list(account_ids)])
        rows = cursor.fetchall()
    groups = group_names({group_id for group_id, *_ in rows})
    entries = []
    for group_id, account_id, email, is_new in rows:
        state = GrantState(group_id=group_id, group=groups[group_id])
        transition, before = ("granted membership", None) if is_new else (LINKED, state)
        entries.append(
            entry_about(operation, Subject.MEMBERSHIP, transition, before, state, account_id=account_id, email=email)
        )
    add_entries(operation, entries)


_ADD_GROUPS = """
insert into matricula_group (name) select * from unnest(%b::text[]) on conflict do nothing returning id, name
"""


def save_groups(operation: Operation, names: Sequence[str]) -> int:
    """Creates the groups that are not there yet, with one statement; how many those are."""
    with one_transaction():
        with connection.cursor() as cursor:
            cursor.execute(_ADD_GROUPS, [list(names)])
            new = [GroupState(group_id=group_id, group=name) for group_id, name in cursor.fetchall()]
        add_entries(operation, [entry_about(operation, Subject.GROUP, CREATED, None, state) for state in new])
    return len(new)


def delete_group(operation: Operation, group_id: int) -> None:
    """Deletes a group with all that it gives: each role, feature and membership leaves its own entry."""
    with one_transaction():
        # those who wait come first, as for an account that becomes active: it takes them, then joins the group
        list(PendingMember.objects.select_for_update().filter(group_id=group_id).order_by("id").values_list("id"))
        group = Group.objects.select_for_update().filter(pk=group_id).first()
        if group is None:
            return
        for made in (RoleRequest, FeatureRequest, MembershipRequest, PendingMembershipRequest):
            write_grants(operation, _run("given_by_group", made, [group_id]), granted=False)
        group.delete()
        state = GroupState(group_id=group_id, group=group.name)
        add_entries(operation, [entry_about(operation, Subject.GROUP, DELETED, state, None)])
