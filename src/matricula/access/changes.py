"""Changes of who may do what, each with its audit row: given, taken away, made, deleted.

What a statement really changed is what the journal tells: two who give the same thing at once leave one row in it.
"""

import secrets
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import IntegrityError, connection
from oauth2_provider.models import AccessToken

from matricula.access.models import Client, Group, PendingMember
from matricula.access.reads import group_names
from matricula.access.statuses import Scope
from matricula.access.writes import (
    ClientRequest,
    CourseRoleRequest,
    FeatureRequest,
    MembershipRequest,
    PendingMembershipRequest,
    RoleRequest,
    add_client,
    save_groups,
)
from matricula.foundation.statements import read_statements
from matricula.foundation.transactions import one_transaction
from matricula.journal.writes import Entry, Operation, add_entries, entry_about

GrantRequest = CourseRoleRequest | RoleRequest | FeatureRequest | MembershipRequest | PendingMembershipRequest


class _Kind(NamedTuple):
    """How one kind of grants is stored (see ``changes.sql``), and what the journal calls it."""

    subject: str
    stored: str


_KINDS: dict[type[Any], _Kind] = {
    CourseRoleRequest: _Kind("course_role", "course_roles"),
    RoleRequest: _Kind("role", "roles"),
    FeatureRequest: _Kind("feature", "features"),
    MembershipRequest: _Kind("membership", "members"),
    PendingMembershipRequest: _Kind("membership", "pending_members"),
}
_STATEMENTS = read_statements(__file__)
# these have columns of their own in the journal; a program stands in the state, because what is told of a program by
# its column is read by all who may see its students
_IN_COLUMNS = {"account_id", "course_id", "email"}


def write_grants(operation: Operation, grants: Sequence[GrantRequest], *, granted: bool) -> int:
    """Gives or takes grants of one kind; how many changed. An audit row for each that did.

    The caller holds the addresses of memberships that shall wait (``learners.locks.lock_addresses``).
    """
    if not grants:
        return 0
    # in one order, so that two who write the same do not wait for each other crosswise
    ordered = sorted(set(grants), key=lambda grant: [(value is None, value or 0) for value in grant])
    made = type(ordered[0])
    statement = _STATEMENTS["grant" if granted else "withdraw"](_KINDS[made].stored)
    columns = [list(column) for column in zip(*ordered, strict=True)]
    with one_transaction():
        with connection.cursor() as cursor:
            cursor.execute(statement, columns)
            changed = [made(*row) for row in cursor.fetchall()]
        journal_grants(operation, changed, granted=granted)
    return len(changed)


def journal_grants(operation: Operation, grants: Sequence[GrantRequest], *, granted: bool) -> None:
    """An audit row for each grant of one kind that was given or taken away."""
    groups = group_names({group for grant in grants if (group := getattr(grant, "group_id", None))})
    add_entries(operation, [_entry(operation, grant, groups, granted) for grant in grants])


def _entry(operation: Operation, grant: GrantRequest, groups: dict[int, str], granted: bool) -> Entry:
    fields = grant._asdict()
    what = fields.get("role") or fields.get("feature") or "membership"
    state = {name: value for name, value in fields.items() if value is not None and name not in _IN_COLUMNS}
    if group_id := fields.get("group_id"):
        # a group may be deleted, and its rows here are read after that
        state["group"] = groups[group_id]
    return Entry(
        subject=_KINDS[type(grant)].subject,
        account_id=fields.get("account_id"),
        email=fields.get("email"),
        course_id=fields.get("course_id"),
        transition=f"{'granted' if granted else 'withdrawn'} {what}",
        before={} if granted else state,
        after=state if granted else {},
        reason=operation.reason,
        actor_id=operation.actor_id,
    )


def create_group(operation: Operation, name: str) -> bool:
    """Makes a group; False if there is one with this name."""
    with one_transaction():
        if not save_groups([name]):
            return False
        group = Group.objects.get(name=name)
        add_entries(operation, [entry_about(operation, "group", "created", {}, {"group_id": group.pk, "group": name})])
    return True


def delete_group(operation: Operation, group_id: int) -> None:
    """Deletes a group with all that it gives: each role, feature and membership leaves its own audit row."""
    with one_transaction():
        # those who wait come first, as for an account that becomes active: it takes them, then joins the group
        list(PendingMember.objects.select_for_update().filter(group_id=group_id).order_by("id").values_list("id"))
        group = Group.objects.select_for_update().filter(pk=group_id).first()
        if group is None:
            return
        for made in (RoleRequest, FeatureRequest, MembershipRequest, PendingMembershipRequest):
            write_grants(operation, _given_by(made, group_id), granted=False)
        group.delete()
        add_entries(
            operation, [entry_about(operation, "group", "deleted", {"group_id": group_id, "group": group.name}, {})]
        )


def _given_by(made: type[Any], group_id: int) -> list[GrantRequest]:
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENTS["given_by_group"](_KINDS[made].stored), [group_id])
        return [made(*row) for row in cursor.fetchall()]


class TooManyClients(Exception):
    """The account has as many API clients as it may have."""


def create_client(
    operation: Operation, client_id: str, name: str, account_id: int, scopes: list[Scope], *, most: int | None = None
) -> str | None:
    """Makes an API client that acts as the account; its secret, which is kept nowhere. None: the id is taken.

    ``most``: how many the account may have then. Errors: ``TooManyClients``.
    """
    secret = secrets.token_urlsafe(32)
    state = {"client_id": client_id, "scopes": scopes}
    try:
        with one_transaction():
            if most is not None:
                _lock_account(account_id)
                if Client.objects.filter(user_id=account_id).count() >= most:
                    raise TooManyClients
            add_client(ClientRequest(client_id, secret, account_id, scopes), name)
            add_entries(operation, [entry_about(operation, "client", "created", {}, state, account_id)])
    except IntegrityError:
        return None
    return secret


def _lock_account(account_id: int) -> None:
    """Those who make clients for one account do it in turn: what one counts, the other can't add to."""
    with connection.cursor() as cursor:
        cursor.execute("select from matricula_account where id = %s for no key update", [account_id])


def delete_client(operation: Operation, client_id: int) -> None:
    """Deletes an API client; its tokens end with it."""
    with one_transaction():
        client = Client.objects.select_for_update().filter(pk=client_id).first()
        if client is None:
            return
        state = {"client_id": client.client_id, "scopes": client.scopes}
        add_entries(operation, [entry_about(operation, "client", "deleted", state, {}, client.user_id)])
        client.delete()


def end_tokens(operation: Operation, client_id: int) -> int:
    """Ends all access tokens of an API client, which may ask for new ones; how many there were."""
    with one_transaction():
        client = Client.objects.select_for_update().filter(pk=client_id).first()
        if client is None:
            return 0
        ended = int(AccessToken.objects.filter(application_id=client_id).delete()[0])
        state = {"client_id": client.client_id, "tokens": ended}
        add_entries(operation, [entry_about(operation, "client", "tokens ended", state, {}, client.user_id)])
    return ended


_END_ONE = """
delete from oauth2_provider_accesstoken t where t.id = %(token)s and (t.user_id = %(account)s
    or t.user_id is null and t.application_id in (select id from matricula_client where user_id = %(account)s))
"""


def end_token_of(account_id: int, token_id: int) -> bool:
    """Ends one access token with which somebody acts as the account; False if there is none."""
    with one_transaction(), connection.cursor() as cursor:
        cursor.execute(_END_ONE, {"token": token_id, "account": account_id})
        return bool(cursor.rowcount)


_END_ALL = _STATEMENTS["end_tokens"]


def end_tokens_of(account_ids: Sequence[int]) -> None:
    """Ends all with which somebody acts as one of these accounts: access tokens, and what could become one."""
    with connection.cursor() as cursor:
        for kind in ("refreshtoken", "accesstoken", "grant"):
            cursor.execute(_END_ALL(kind), {"accounts": list(account_ids)})


def delete_clients_of(operation: Operation, account_ids: Sequence[int]) -> int:
    """Deletes the API clients that act as these accounts; how many. Their tokens end with them."""
    if not account_ids:
        return 0
    with one_transaction():
        clients = list(Client.objects.select_for_update().filter(user_id__in=account_ids).order_by("pk"))
        states = [({"client_id": c.client_id, "scopes": c.scopes}, c.user_id) for c in clients]
        add_entries(operation, [entry_about(operation, "client", "deleted", state, {}, id_) for state, id_ in states])
        Client.objects.filter(pk__in=[client.pk for client in clients]).delete()
    return len(clients)
