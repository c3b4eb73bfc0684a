"""Who may do what: roles, features, memberships and groups, given and taken away, each with its journal entry.

What a statement really changed is what the journal gets: two who give the same thing at once leave one entry.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection
from msgspec import UNSET

from matricula.access.models import Group, PendingMember
from matricula.access.reads import group_names
from matricula.foundation.transactions import one_transaction
from matricula.journal.states import CourseRoleState, GrantState, GroupState
from matricula.journal.statuses import CREATED, DELETED, LINKED, Subject
from matricula.journal.writes import Entry, Operation, add_entries, entry_about


class RoleRequest(NamedTuple):
    """A role of an account or of a group, on an organization, on a program, or (neither) everywhere."""

    role: str
    account_id: int | None = None
    group_id: int | None = None
    organization_id: int | None = None
    program_id: int | None = None


class FeatureRequest(NamedTuple):
    """A feature for an account or for a group."""

    feature: str
    account_id: int | None = None
    group_id: int | None = None


class CourseRoleRequest(NamedTuple):
    """A role of an account in one course run."""

    role: str
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
    """How one kind of grants is stored, and what the journal calls it. Statements take an array for each field."""

    subject: Subject
    grant: str
    withdraw: str
    # all that a group has of this kind, or that it gives
    of_group: str = ""


_KINDS: dict[type[Any], _Kind] = {
    CourseRoleRequest: _Kind(
        Subject.COURSE_ROLE,
        """
insert into matricula_courserole (role, account_id, course_id)
select * from unnest(%b::text[], %b::bigint[], %b::bigint[]) on conflict do nothing
returning role, account_id, course_id
""",
        """
delete from matricula_courserole r
using unnest(%b::text[], %b::bigint[], %b::bigint[]) k(role, account_id, course_id)
where r.role = k.role and r.account_id = k.account_id and r.course_id = k.course_id
returning r.role, r.account_id, r.course_id
""",
    ),
    # an index helps "=" only, and of these there are few
    RoleRequest: _Kind(
        Subject.ROLE,
        """
insert into matricula_rolegrant (role, account_id, group_id, organization_id, program_id)
select * from unnest(%b::text[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[]) on conflict do nothing
returning role, account_id, group_id, organization_id, program_id
""",
        """
delete from matricula_rolegrant r
using unnest(%b::text[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[])
    k(role, account_id, group_id, organization_id, program_id)
where r.role = k.role and r.account_id is not distinct from k.account_id and r.group_id is not distinct from k.group_id
    and r.organization_id is not distinct from k.organization_id and r.program_id is not distinct from k.program_id
returning r.role, r.account_id, r.group_id, r.organization_id, r.program_id
""",
        "select role, account_id, group_id, organization_id, program_id from matricula_rolegrant where group_id = %s",
    ),
    FeatureRequest: _Kind(
        Subject.FEATURE,
        """
insert into matricula_featuregrant (feature, account_id, group_id)
select * from unnest(%b::text[], %b::bigint[], %b::bigint[]) on conflict do nothing
returning feature, account_id, group_id
""",
        """
delete from matricula_featuregrant f
using unnest(%b::text[], %b::bigint[], %b::bigint[]) k(feature, account_id, group_id)
where f.feature = k.feature and f.account_id is not distinct from k.account_id
    and f.group_id is not distinct from k.group_id
returning f.feature, f.account_id, f.group_id
""",
        "select feature, account_id, group_id from matricula_featuregrant where group_id = %s",
    ),
    MembershipRequest: _Kind(
        Subject.MEMBERSHIP,
        """
insert into matricula_membership (group_id, account_id)
select * from unnest(%b::bigint[], %b::bigint[]) on conflict do nothing returning group_id, account_id
""",
        """
delete from matricula_membership m using unnest(%b::bigint[], %b::bigint[]) k(group_id, account_id)
where m.group_id = k.group_id and m.account_id = k.account_id returning m.group_id, m.account_id
""",
        "select group_id, account_id from matricula_membership where group_id = %s",
    ),
    PendingMembershipRequest: _Kind(
        Subject.MEMBERSHIP,
        """
insert into matricula_pendingmember (group_id, email)
select * from unnest(%b::bigint[], %b::text[]) on conflict do nothing returning group_id, email
""",
        """
delete from matricula_pendingmember p using unnest(%b::bigint[], %b::text[]) k(group_id, email)
where p.group_id = k.group_id and p.email = k.email returning p.group_id, p.email
""",
        "select group_id, email from matricula_pendingmember where group_id = %s",
    ),
}
# all of one kind that some accounts (and groups) have, but those that are kept. "coalesce", because "is not distinct
# from" can't be hashed: a hundred thousand of both would take hours
_WITHDRAW_OTHERS: dict[type[Any], str] = {
    RoleRequest: """
delete from matricula_rolegrant r where (r.account_id = any(%s) or r.group_id = any(%s)) and not exists (
    select 1 from unnest(%b::text[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[])
        k(role, account_id, group_id, organization_id, program_id)
    where k.role = r.role and coalesce(k.account_id, 0) = coalesce(r.account_id, 0)
        and coalesce(k.group_id, 0) = coalesce(r.group_id, 0)
        and coalesce(k.organization_id, 0) = coalesce(r.organization_id, 0)
        and coalesce(k.program_id, 0) = coalesce(r.program_id, 0))
returning role, account_id, group_id, organization_id, program_id
""",
    CourseRoleRequest: """
delete from matricula_courserole r where r.account_id = any(%s) and not exists (
    select 1 from unnest(%b::text[], %b::bigint[], %b::bigint[]) k(role, account_id, course_id)
    where k.role = r.role and k.account_id = r.account_id and k.course_id = r.course_id)
returning role, account_id, course_id
""",
    MembershipRequest: """
delete from matricula_membership m where m.account_id = any(%s) and not exists (
    select 1 from unnest(%b::bigint[], %b::bigint[]) k(group_id, account_id)
    where k.group_id = m.group_id and k.account_id = m.account_id)
returning group_id, account_id
""",
    PendingMembershipRequest: """
delete from matricula_pendingmember p
where p.email_key in (select a.email_key from matricula_account a where a.id = any(%s)) and not exists (
    select 1 from unnest(%b::bigint[], %b::text[]) k(group_id, email)
    where k.group_id = p.group_id and lower(k.email collate "C") = p.email_key)
returning group_id, email
""",
}


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
    kind = _KINDS[made]
    with one_transaction():
        changed = _run(kind.grant if granted else kind.withdraw, made, _columns(made, ordered))
        _journal(operation, changed, granted=granted)
    return len(changed)


def withdraw_other_grants(
    operation: Operation, made: type[Any], kept: Sequence[GrantRequest], *holders: Sequence[int]
) -> int:
    """Takes from the holders all grants of a kind but the ``kept`` ones, with one statement; how many.

    The holders are account ids; of roles, account ids and group ids. Of memberships that wait, those of the accounts'
    addresses.
    """
    with one_transaction():
        taken = _run(_WITHDRAW_OTHERS[made], made, [*map(list, holders), *_columns(made, kept)])
        _journal(operation, taken, granted=False)
    return len(taken)


def _columns(made: type[Any], grants: Sequence[GrantRequest]) -> list[list[Any]]:
    return [[grant[place] for grant in grants] for place in range(len(made._fields))]


def _run(statement: str, made: type[Any], parameters: Sequence[Any]) -> list[GrantRequest]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [made(*row) for row in cursor.fetchall()]


def _journal(operation: Operation, grants: Sequence[GrantRequest], *, granted: bool) -> None:
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

    The entry names address and account; of somebody who was in the group already, that the address waits no longer.
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
            write_grants(operation, _run(_KINDS[made].of_group, made, [group_id]), granted=False)
        group.delete()
        state = GroupState(group_id=group_id, group=group.name)
        add_entries(operation, [entry_about(operation, Subject.GROUP, DELETED, state, None)])
