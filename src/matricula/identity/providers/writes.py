"""The account that a login at a provider leads to: found by its subject, or linked, or made, at the login.

All that follows from a login is one transaction: the account, its invitations, the student key, the groups, and their
entries in the journal (docs/decisions/0042).
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from django.contrib.auth.hashers import make_password
from django.db import connection
from msgspec.structs import replace

from matricula.access.grants import MembershipRequest, find_memberships, write_grants
from matricula.access.reads import group_ids
from matricula.catalog.reads import organization_ids
from matricula.enrollments.course.rules import looks_like_address
from matricula.enrollments.store.standings import Collision, in_one_transaction
from matricula.foundation.folding import fold
from matricula.identity.accounts import colliding, follow
from matricula.identity.linking import link_student_keys
from matricula.identity.providers.claims import Person
from matricula.identity.providers.reading import Provider
from matricula.identity.providers.reads import Login, find_login, list_logins
from matricula.identity.providers.statuses import Rejection
from matricula.journal.statuses import CONSOLE, SIGN_UP, Source, Subject
from matricula.journal.writes import Operation, add_entries, entry_about, new_operation
from matricula.learners.locks import lock_addresses, lock_keys_of_organizations, lock_usernames
from matricula.learners.reads import account_ids_by_username, find_identities
from matricula.learners.rows import (
    AccountRow,
    delete_rows,
    journal_state,
    lock_rows,
    read_row,
    save_rows,
    unreferred,
)
from matricula.learners.usernames import problems_of_new_usernames

LOGIN_LINKED, LOGIN_UNLINKED = "login linked", "login unlinked"
_log = structlog.get_logger("matricula.sign_on")
_LINK = """
insert into matricula_externallogin (provider, subject, account_id) values (%s, %s, %s)
on conflict do nothing returning id
"""
_SET_GROUPS = "update matricula_externallogin set groups = %b::bigint[] where id = %s"
_UNLINK = "delete from matricula_externallogin where id = %s returning id"


@dataclass(frozen=True, slots=True)
class _Found:
    """The account as it is from here on, and its login at the provider; that is new where ``login`` is None."""

    row: AccountRow
    account_id: int
    login: Login | None
    operation: Operation


def sign_on(provider: Provider, person: Person) -> int | Rejection:
    """The id of the account with which the person is logged in, or why there is none.

    A login that changes nothing writes nothing. What was rejected changes nothing, either.
    """
    organizations = organization_ids(person.student_keys)
    keys = {organizations[name]: key for name, key in person.student_keys.items() if name in organizations}
    if len(keys) < len(person.student_keys):
        _log.warning("sign_on_organization_unknown", provider=provider.name)

    def write() -> int | Rejection:
        login = _find(provider, person)
        seen = read_row(account_id=login.account_id) if login else None
        addresses = [fold(email) for email in (person.email, seen and seen.email) if email]
        lock_addresses(addresses)
        if login is None:
            lock_usernames(person.usernames)
            if find_login(provider.name, person.subject):
                # linked in another browser, while this one waited
                raise Collision
        lock_keys_of_organizations((organization_id, fold(key)) for organization_id, key in keys.items())
        found = _known(provider, person, login, seen) if login and seen else _first(provider, person)
        if isinstance(found, Rejection):
            return found
        operation = found.operation
        login = found.login or _link(operation, provider, person, found)
        for organization_id, key in keys.items():
            _give_key(operation, provider, organization_id, key, found.account_id)
        _set_groups(operation, provider, person, login)
        return found.account_id

    return in_one_transaction(write)


def _find(provider: Provider, person: Person) -> Login | None:
    """The login of a person, as one of the account that its own was merged into; its row stays, for an undo of that."""
    login = find_login(provider.name, person.subject)
    row = login and read_row(account_id=login.account_id)
    return dataclasses.replace(login, account_id=row.merged_into) if login and row and row.merged_into else login


def _known(provider: Provider, person: Person, login: Login, seen: AccountRow) -> _Found | Rejection:
    """The account of a login that is linked; its address follows, where it is free."""
    email = person.email if provider.update_email else None
    rows = {row.id: row for row in lock_rows(email_keys=[fold(email)] if email else [], ids=[login.account_id])}
    row = rows.pop(login.account_id)
    if fold(row.email) != fold(seen.email) or _find(provider, person) != login:
        # it was given another address, merged, or the login was unlinked, since the first look
        raise Collision
    if not row.is_active:
        return Rejection.INACTIVE
    operation = _operation(row.id, CONSOLE, provider)
    if email and fold(email) != fold(row.email) and looks_like_address(email):
        others = list(rows.values())
        if len(_replaceable(others)) == len(others):
            delete_rows(others)
            row.email, row.wanted_email = email, ""
            with colliding():
                changes = save_rows([row])
            follow(operation, changes, others)
        else:
            _log.warning("sign_on_address_taken", provider=provider.name, account=row.id)
    return _Found(row, login.account_id, login, operation)


def _first(provider: Provider, person: Person) -> _Found | Rejection:
    """The account that has the verified address, or a new one. Addresses that no one vouches for lead nowhere."""
    email = person.email
    if not email or not looks_like_address(email):
        return Rejection.UNVERIFIED
    rows = lock_rows(email_keys=[fold(email)])
    replaceable = _replaceable(rows)
    owner = next((row for row in rows if row.id not in replaceable), None)
    if owner and owner.merged_into:
        [owner] = lock_rows(ids=[owner.merged_into])
    if owner is None or owner.id is None:
        return _new(provider, person, email, rows)
    if owner.switched_off:
        return Rejection.INACTIVE
    if any(login.provider == provider.name for login in list_logins(owner.id)):
        return Rejection.OTHER_LOGIN
    operation = _operation(owner.id, CONSOLE, provider)
    if owner.self_registered and not owner.is_active:
        # an operator named the sign-up, but the password is that of the person who signed up
        owner.password, owner.self_registered = make_password(None), False
    owner.is_active = True
    with colliding():
        changes = save_rows([owner])
    if changes:
        follow(operation, changes)
    return _Found(owner, owner.id, None, operation)


def _new(provider: Provider, person: Person, email: str, replaced: Sequence[AccountRow]) -> _Found | Rejection:
    if not provider.create_accounts:
        return Rejection.UNKNOWN
    # the names are held
    ids = account_ids_by_username([fold(name) for name in person.usernames], unconfirmed=True)
    taken = {key for key, account_id in ids.items() if account_id not in {row.id for row in replaced}}
    taken |= problems_of_new_usernames(person.usernames).keys()
    free = [name for name in person.usernames if fold(name) not in taken]
    if not free:
        return Rejection.NO_USERNAME
    row = AccountRow(None, free[0], email, person.first_name, person.last_name, password=make_password(None))
    delete_rows(replaced)
    with colliding():
        changes = save_rows([row])
    operation = _operation(None, SIGN_UP, provider)
    follow(operation, changes, replaced)
    return _Found(row, changes[0].account_id, None, operation)


def _replaceable(rows: Sequence[AccountRow]) -> set[int | None]:
    """The ids of unconfirmed sign-ups among the rows, which give way."""
    return set(unreferred(row.id for row in rows if row.may_be_replaced))


def _operation(actor_id: int | None, source: Source, provider: Provider) -> Operation:
    return new_operation(actor_id, source, f"Login through {provider.title}")


def _link(operation: Operation, provider: Provider, person: Person, found: _Found) -> Login:
    before = _subjects(list_logins(found.account_id))
    with connection.cursor() as cursor:
        cursor.execute(_LINK, [provider.name, person.subject, found.account_id])
        row = cursor.fetchone()
    if row is None:
        # the same person in another browser was faster
        raise Collision
    _journal(operation, found.row, LOGIN_LINKED, before, {**before, provider.name: person.subject})
    return Login(row[0], provider.name, person.subject, found.account_id, [])


def _subjects(logins: Sequence[Login]) -> dict[str, str]:
    return {login.provider: login.subject for login in logins}


def _journal(
    operation: Operation, row: AccountRow, transition: str, before: dict[str, str], after: dict[str, str]
) -> None:
    state = journal_state(row)
    entry = entry_about(
        operation,
        Subject.ACCOUNT,
        transition,
        replace(state, logins=before),
        replace(state, logins=after),
        account_id=row.id,
    )
    add_entries(operation, [entry])


def _give_key(operation: Operation, provider: Provider, organization_id: int, key: str, account_id: int) -> None:
    """Links the key, where neither it nor the account has another link: a login takes nothing from anyone."""
    held = find_identities(organization_id, [fold(key)], [account_id])
    if not held:
        link_student_keys(operation, organization_id, [(key, account_id)])
    elif held != {fold(key): account_id}:
        _log.warning("sign_on_student_key_kept", provider=provider.name, account=account_id)


def _set_groups(operation: Operation, provider: Provider, person: Person, login: Login) -> None:
    """Gives the groups that the claim names, and takes those away that the mapping once gave and doesn't any more."""
    known = group_ids(person.groups)
    if len(known) < len(person.groups):
        _log.warning("sign_on_group_unknown", provider=provider.name)
    wanted, owned = set(known.values()), set(login.groups)
    is_in = find_memberships(login.account_id, wanted | owned)
    given, taken = sorted(wanted - is_in), sorted((owned & is_in) - wanted)
    for ids, granted in ((given, True), (taken, False)):
        if ids:
            write_grants(operation, [MembershipRequest(id_, login.account_id) for id_ in ids], granted=granted)
    owns = sorted((owned & is_in & wanted) | set(given))
    if owns != sorted(owned):
        with connection.cursor() as cursor:
            cursor.execute(_SET_GROUPS, [owns, login.id])


def unlink(operation: Operation, account_id: int, provider: str) -> bool:
    """Unlinks an account from its login at a provider, with the groups that its mapping gave; False: it has none.

    The sessions of the account end.
    """

    def write() -> bool:
        row = next(iter(lock_rows(ids=[account_id])), None)
        logins = list_logins(account_id)
        login = next((one for one in logins if one.provider == provider), None)
        if row is None or login is None:
            return False
        with connection.cursor() as cursor:
            cursor.execute(_UNLINK, [login.id])
        is_in = find_memberships(account_id, login.groups)
        if is_in:
            write_grants(operation, [MembershipRequest(id_, account_id) for id_ in sorted(is_in)], granted=False)
        row.generation += 1
        follow(operation, save_rows([row]))
        before = _subjects(logins)
        _journal(operation, row, LOGIN_UNLINKED, before, {name: s for name, s in before.items() if name != provider})
        return True

    return in_one_transaction(write)
