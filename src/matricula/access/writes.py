"""Granting and withdrawing roles, features and memberships; saving API clients."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.contrib.auth.hashers import check_password, make_password
from django.db import connection
from django.utils import timezone

from matricula.access.models import Client
from matricula.access.statuses import SCOPES, CourseRole, Feature, Role, Scope
from matricula.catalog.statuses import Saved
from matricula.catalog.writes import BATCH
from matricula.foundation.transactions import one_transaction


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


@dataclass(frozen=True, slots=True)
class ClientRequest:
    """An OAuth2 client as it shall be; ``scopes`` None leaves them as they are, or means all for a new one."""

    client_id: str
    secret: str
    account_id: int
    scopes: list[Scope] | None = None


_ADD_GROUPS = "insert into matricula_group (name) select * from unnest(%b::text[]) on conflict do nothing"
_GRANT_ROLES = """
insert into matricula_rolegrant (role, account_id, group_id, organization_id, program_id)
select * from unnest(%b::text[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[]) on conflict do nothing
"""
_GRANT_FEATURES = """
insert into matricula_featuregrant (feature, account_id, group_id)
select * from unnest(%b::text[], %b::bigint[], %b::bigint[]) on conflict do nothing
"""
_GRANT_COURSE_ROLES = """
insert into matricula_courserole (role, account_id, course_id)
select * from unnest(%b::text[], %b::bigint[], %b::bigint[]) on conflict do nothing
"""
_ADD_MEMBERS = """
insert into matricula_membership (group_id, account_id)
select * from unnest(%b::bigint[], %b::bigint[]) on conflict do nothing
"""
_ADD_PENDING = """
insert into matricula_pendingmember (group_id, email)
select * from unnest(%b::bigint[], %b::text[]) on conflict do nothing
"""

_TAKE_COURSE_ROLES = """
delete from matricula_courserole r
using unnest(%b::text[], %b::bigint[], %b::bigint[]) k(role, account_id, course_id)
where k.role = r.role and k.account_id = r.account_id and k.course_id = r.course_id
"""

# coalesce, because "is not distinct from" can't be hashed: a hundred thousand of both would take hours
_WITHDRAW_ROLES = """
delete from matricula_rolegrant r where (r.account_id = any(%s) or r.group_id = any(%s)) and not exists (
    select 1 from unnest(%b::text[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[])
        k(role, account_id, group_id, organization_id, program_id)
    where k.role = r.role and coalesce(k.account_id, 0) = coalesce(r.account_id, 0)
        and coalesce(k.group_id, 0) = coalesce(r.group_id, 0)
        and coalesce(k.organization_id, 0) = coalesce(r.organization_id, 0)
        and coalesce(k.program_id, 0) = coalesce(r.program_id, 0))
"""
_WITHDRAW_COURSE_ROLES = """
delete from matricula_courserole r where r.account_id = any(%s) and not exists (
    select 1 from unnest(%b::text[], %b::bigint[], %b::bigint[]) k(role, account_id, course_id)
    where k.role = r.role and k.account_id = r.account_id and k.course_id = r.course_id)
"""
_WITHDRAW_MEMBERS = """
delete from matricula_membership m where m.account_id = any(%s) and not exists (
    select 1 from unnest(%b::bigint[], %b::bigint[]) k(group_id, account_id)
    where k.group_id = m.group_id and k.account_id = m.account_id)
"""
_WITHDRAW_PENDING = """
delete from matricula_pendingmember p
where p.email_key in (select a.email_key from matricula_account a where a.id = any(%s)) and not exists (
    select 1 from unnest(%b::bigint[], %b::text[]) k(group_id, email)
    where k.group_id = p.group_id and lower(k.email collate "C") = p.email_key)
"""
_ADMIT = """
with due as (
    delete from matricula_pendingmember p using matricula_account a
    where a.email_key = p.email_key and a.is_active and a.id = any(%s) returning p.group_id, a.id as account_id
)
insert into matricula_membership (group_id, account_id) select group_id, account_id from due on conflict do nothing
returning group_id, account_id
"""


def admit_pending_members(account_ids: Sequence[int]) -> list[MembershipRequest]:
    """Memberships that waited for the addresses of these active accounts take effect; those that did."""
    with connection.cursor() as cursor:
        cursor.execute(_ADMIT, [list(account_ids)])
        return [MembershipRequest(*row) for row in cursor.fetchall()]


def save_groups(names: Sequence[str]) -> int:
    """Creates the groups that are not there yet, with one statement; how many those are."""
    return _execute(_ADD_GROUPS, ["name"], [(name,) for name in names])


def grant_roles(grants: Sequence[RoleRequest]) -> int:
    """Gives roles with one statement; how many are new."""
    return _execute(_GRANT_ROLES, RoleRequest._fields, grants)


def grant_features(grants: Sequence[FeatureRequest]) -> int:
    """Switches features on with one statement; how many are new."""
    return _execute(_GRANT_FEATURES, FeatureRequest._fields, grants)


def grant_course_roles(grants: Sequence[CourseRoleRequest]) -> int:
    """Gives roles in course runs with one statement; how many are new."""
    return _execute(_GRANT_COURSE_ROLES, CourseRoleRequest._fields, grants)


def withdraw_course_roles(roles: Sequence[CourseRoleRequest]) -> int:
    """Takes roles in course runs away; how many there were."""
    return _execute(_TAKE_COURSE_ROLES, CourseRoleRequest._fields, roles)


def add_members(memberships: Sequence[MembershipRequest]) -> int:
    """Puts accounts into groups with one statement; how many are new."""
    return _execute(_ADD_MEMBERS, MembershipRequest._fields, memberships)


def add_pending_members(memberships: Sequence[PendingMembershipRequest]) -> int:
    """Lets memberships wait for addresses that have no active account, with one statement; how many are new.

    The caller holds the addresses (``learners.locks.lock_addresses``), so that none of them becomes active unseen.
    """
    return _execute(_ADD_PENDING, PendingMembershipRequest._fields, memberships)


def withdraw_other_roles(account_ids: Sequence[int], group_ids: Sequence[int], kept: Sequence[RoleRequest]) -> int:
    """Takes all roles from these accounts and groups but the ``kept`` ones, with one statement; how many."""
    return _execute(_WITHDRAW_ROLES, RoleRequest._fields, kept, list(account_ids), list(group_ids))


def withdraw_other_course_roles(account_ids: Sequence[int], kept: Sequence[CourseRoleRequest]) -> int:
    """Takes all roles in course runs from these accounts but the ``kept`` ones, with one statement; how many."""
    return _execute(_WITHDRAW_COURSE_ROLES, CourseRoleRequest._fields, kept, list(account_ids))


def withdraw_other_memberships(account_ids: Sequence[int], kept: Sequence[MembershipRequest]) -> int:
    """Takes these accounts out of all groups but the ``kept`` ones, with one statement; how many."""
    return _execute(_WITHDRAW_MEMBERS, MembershipRequest._fields, kept, list(account_ids))


def withdraw_other_pending_members(account_ids: Sequence[int], kept: Sequence[PendingMembershipRequest]) -> int:
    """As ``withdraw_other_memberships``, for what waits until these accounts become active."""
    return _execute(_WITHDRAW_PENDING, PendingMembershipRequest._fields, kept, list(account_ids))


def _execute(statement: str, fields: Sequence[str], rows: Sequence[tuple[Any, ...]], *before: list[int]) -> int:
    """Runs a statement with an array for each field of the rows behind the arrays ``before``; how many rows it hit."""
    if not rows and not before:
        return 0
    columns = [[row[n] for row in rows] for n in range(len(fields))]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*before, *columns])
        return int(cursor.rowcount)


def save_clients(requests: Sequence[ClientRequest]) -> list[Saved]:
    """Creates or updates confidential clients with client credentials, with three statements a thousand."""
    words: list[Saved] = []
    new: list[Client] = []
    changed: dict[int, Client] = {}
    with one_transaction():
        rows = Client.objects.select_for_update().filter(client_id__in=[r.client_id for r in requests])
        stored = {client.client_id: client for client in rows.order_by("pk")}
        for request in requests:
            client = stored.get(request.client_id)
            if client is None:
                client = Client(client_id=request.client_id, name=request.client_id, scopes=list(SCOPES))
                _apply(request, client)
                stored[request.client_id] = client
                new.append(client)
                words.append(Saved.CREATED)
            elif _apply(request, client):
                client.updated = timezone.now()
                if client.pk:
                    changed[client.pk] = client
                words.append(Saved.UPDATED)
            else:
                words.append(Saved.UNCHANGED)
        Client.objects.bulk_create(new, batch_size=BATCH)
        if changed:
            Client.objects.bulk_update(changed.values(), [*_CLIENT_FIELDS, "updated"], batch_size=BATCH)
    return words


def add_client(request: ClientRequest, name: str) -> None:
    """Makes a new client. Errors: ``IntegrityError`` if there is one with this id."""
    client = Client(client_id=request.client_id, name=name)
    _apply(request, client)
    Client.objects.bulk_create([client])


_CLIENT_FIELDS = ("user_id", "client_type", "authorization_grant_type", "hash_client_secret", "scopes", "client_secret")


def _apply(request: ClientRequest, client: Client) -> bool:
    """Writes the request into the client; True if that changed anything."""
    before = [getattr(client, name) for name in _CLIENT_FIELDS]
    client.user_id = request.account_id
    client.client_type = Client.CLIENT_CONFIDENTIAL
    client.authorization_grant_type = Client.GRANT_CLIENT_CREDENTIALS
    client.hash_client_secret = True
    if request.scopes is not None:
        client.scopes = [scope for scope in SCOPES if scope in request.scopes]
    if client.pk is None or not check_password(request.secret, client.client_secret):
        # hashed here, because saving takes a secret that looks like a hash for one
        client.client_secret = make_password(request.secret, hasher="client_secret_sha256")
    return before != [getattr(client, name) for name in _CLIENT_FIELDS]
