"""API clients: made, changed, deleted, and what their tokens can do; each change with its journal entry."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.hashers import check_password, make_password
from django.db import IntegrityError, connection
from django.utils import timezone
from msgspec import UNSET, UnsetType
from oauth2_provider.models import AccessToken, Grant, RefreshToken

from matricula.access.models import NO_SECRET, Client
from matricula.access.statuses import SCOPES, Scope
from matricula.catalog.statuses import Saved
from matricula.catalog.writes import BATCH
from matricula.foundation.statements import read_statements
from matricula.foundation.transactions import one_transaction
from matricula.journal.states import ClientState
from matricula.journal.statuses import CHANGED, CREATED, DELETED, Subject
from matricula.journal.writes import Entry, Operation, add_entries, entry_about

# each time, someone else has created one of them between our look and our insert
_TRIES = 10
_CLIENT_ONCE = "matricula_client_client_id_key"
SECRET_CHANGED, TOKENS_ENDED = "secret changed", "tokens ended"


@dataclass(frozen=True, slots=True)
class ClientRequest:
    """An OAuth2 client as it shall be; None leaves a field as it is, and means all scopes for a new one.

    With ``redirects`` it acts for the people who allow it to, and the account is who is responsible for it; without, it
    acts as the account. ``is_public``: it can't keep a secret, and has none.
    """

    client_id: str
    secret: str
    account_id: int
    scopes: list[Scope] | None = None
    redirects: Sequence[str] | None = None
    is_public: bool | None = None


def save_clients(operation: Operation, requests: Sequence[ClientRequest]) -> list[Saved]:
    """Creates or updates confidential clients with client credentials, with four statements a thousand.

    One that someone else creates meanwhile is updated, as if it had been there before.
    """
    for _ in range(_TRIES - 1):
        try:
            return _save_clients(operation, requests)
        except IntegrityError as error:
            if not _is_taken(error):
                raise
    return _save_clients(operation, requests)


def _is_taken(error: IntegrityError) -> bool:
    """True if a client with this id was there first."""
    return _CLIENT_ONCE in str(error)


def _save_clients(operation: Operation, requests: Sequence[ClientRequest]) -> list[Saved]:
    words: list[Saved] = []
    new: list[Client] = []
    changed: dict[int, Client] = {}
    with one_transaction():
        rows = Client.objects.select_for_update().filter(client_id__in=[r.client_id for r in requests])
        stored = {client.client_id: client for client in rows.order_by("pk")}
        before = {client.pk: _state(client) for client in stored.values()}
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
        add_entries(
            operation,
            [_entry(operation, CREATED, None, _state(client), client.user_id) for client in new]
            + [_changed_entry(operation, before[client.pk], client) for client in changed.values()],
        )
    return words


def _state(client: Client, tokens: int | UnsetType = UNSET) -> ClientState:
    return ClientState(
        client_id=client.client_id,
        scopes=list(client.scopes),
        name=client.name,
        account_id=client.user_id,
        tokens=tokens,
        # nothing for clients that act as their account, as ever
        redirects=client.redirect_uris.split() or UNSET,
        public=(client.client_type == Client.CLIENT_PUBLIC) or UNSET,
    )


def _entry(
    operation: Operation, transition: str, before: ClientState | None, after: ClientState | None, account_id: int
) -> Entry:
    return entry_about(operation, Subject.CLIENT, transition, before, after, account_id=account_id)


def _changed_entry(operation: Operation, before: ClientState, client: Client) -> Entry:
    after = _state(client)
    return _entry(operation, SECRET_CHANGED if after == before else CHANGED, before, after, client.user_id)


_CLIENT_FIELDS = (
    "user_id",
    "client_type",
    "authorization_grant_type",
    "hash_client_secret",
    "scopes",
    "client_secret",
    "redirect_uris",
)


def _apply(request: ClientRequest, client: Client) -> bool:
    """Writes the request into the client; True if that changed anything."""
    before = [getattr(client, name) for name in _CLIENT_FIELDS]
    client.user_id = request.account_id
    if request.redirects is not None:
        client.redirect_uris = " ".join(dict.fromkeys(request.redirects))
    by_consent = bool(client.redirect_uris)
    was_public = client.client_type == Client.CLIENT_PUBLIC
    is_public = by_consent and (was_public if request.is_public is None else request.is_public)
    client.client_type = Client.CLIENT_PUBLIC if is_public else Client.CLIENT_CONFIDENTIAL
    client.authorization_grant_type = Client.GRANT_AUTHORIZATION_CODE if by_consent else Client.GRANT_CLIENT_CREDENTIALS
    client.hash_client_secret = True
    if request.scopes is not None:
        client.scopes = [scope for scope in SCOPES if scope in request.scopes]
    if is_public:
        # fits no secret: what looks like a hash is stored as it is
        client.client_secret = NO_SECRET
    elif client.pk is None or not check_password(request.secret, client.client_secret):
        # hashed here, because saving takes a secret that looks like a hash for one
        client.client_secret = make_password(request.secret, hasher="client_secret_sha256")
    return before != [getattr(client, name) for name in _CLIENT_FIELDS]


class TooManyClients(Exception):
    """The account has as many API clients as it may have."""


def create_client(
    operation: Operation,
    client_id: str,
    name: str,
    account_id: int,
    scopes: list[Scope],
    *,
    most: int | None = None,
    redirects: Sequence[str] = (),
    is_public: bool = False,
) -> str | None:
    """Makes an API client (``ClientRequest``); its secret, which is kept nowhere. None: the id is taken.

    ``most``: how many the account may have then. Errors: ``TooManyClients``.
    """
    secret = secrets.token_urlsafe(32)
    client = Client(client_id=client_id, name=name)
    try:
        with one_transaction():
            if most is not None:
                _lock_account(account_id)
                if Client.objects.filter(user_id=account_id, redirect_uris="").count() >= most:
                    raise TooManyClients
            _apply(ClientRequest(client_id, secret, account_id, scopes, redirects, is_public), client)
            Client.objects.bulk_create([client])
            add_entries(operation, [_entry(operation, CREATED, None, _state(client), account_id)])
    except IntegrityError as error:
        if not _is_taken(error):
            raise
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
        add_entries(operation, [_entry(operation, DELETED, _state(client), None, client.user_id)])
        client.delete()


def end_tokens(operation: Operation, client_id: int) -> int:
    """Ends all access tokens of an API client, which may ask for new ones; how many there were.

    People who allowed it to act for them are asked again: their refresh tokens and codes end, too.
    """
    with one_transaction():
        client = Client.objects.select_for_update().filter(pk=client_id).first()
        if client is None:
            return 0
        # those who use a refresh token up hold it before its access token
        RefreshToken.objects.filter(application_id=client_id).delete()
        Grant.objects.filter(application_id=client_id).delete()
        found = AccessToken.objects.filter(application_id=client_id)
        ended: int = found.count()
        found.delete()
        add_entries(
            operation, [_entry(operation, TOKENS_ENDED, _state(client, ended), _state(client, 0), client.user_id)]
        )
    return ended


# a token that the app renews: it would only get a new one
_END_RENEWAL = "delete from oauth2_provider_refreshtoken where access_token_id = %(token)s and user_id = %(account)s"
_END_ONE = """
delete from oauth2_provider_accesstoken t where t.id = %(token)s and (t.user_id = %(account)s
    or t.user_id is null and t.application_id in (select id from matricula_client where user_id = %(account)s))
"""


def end_token_of(operation: Operation, account_id: int, token_id: int) -> bool:
    """Ends one access token with which someone acts as the account; False if there is none."""
    with one_transaction(), connection.cursor() as cursor:
        # the client before its token, as for those who end all of them
        its_client = AccessToken.objects.filter(pk=token_id).values("application_id")
        clients = list(Client.objects.select_for_update().filter(pk__in=its_client))
        cursor.execute(_END_RENEWAL, {"token": token_id, "account": account_id})
        cursor.execute(_END_ONE, {"token": token_id, "account": account_id})
        if not cursor.rowcount:
            return False
        add_entries(
            operation, [_entry(operation, TOKENS_ENDED, _state(c, 1), _state(c, 0), c.user_id) for c in clients]
        )
    return True


_END_ALL = read_statements(__file__)["end_tokens"]


def end_tokens_of(account_ids: Sequence[int]) -> None:
    """Ends all with which someone acts as one of these accounts: access tokens, and what could become one."""
    with connection.cursor() as cursor:
        for kind in ("refreshtoken", "accesstoken", "grant"):
            cursor.execute(_END_ALL(kind), {"accounts": list(account_ids)})


def delete_clients_of(operation: Operation, account_ids: Sequence[int]) -> int:
    """Deletes the API clients that act as these accounts; how many. Their tokens end with them."""
    if not account_ids:
        return 0
    with one_transaction():
        clients = list(
            Client.objects.select_for_update().filter(user_id__in=account_ids, redirect_uris="").order_by("pk")
        )
        add_entries(operation, [_entry(operation, DELETED, _state(c), None, c.user_id) for c in clients])
        Client.objects.filter(pk__in=[client.pk for client in clients]).delete()
    return len(clients)
