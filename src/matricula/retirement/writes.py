"""Requesting that a person is retired. It is done by ``runs``, as the owner of the tables."""

import uuid
from contextlib import suppress

import msgspec
from django.db import IntegrityError

from matricula.catalog.reads import organization_ids
from matricula.foundation.folding import fold
from matricula.foundation.transactions import one_transaction
from matricula.learners.reads import find_identities, find_learners
from matricula.retirement.accounts import is_last_superuser
from matricula.retirement.collecting import accounts_of
from matricula.retirement.models import Retirement
from matricula.retirement.people import DOMAIN, Person, code_of
from matricula.retirement.reads import find_code
from matricula.retirement.statuses import UNFINISHED, RetirementState


class UnknownPerson(Exception):
    """There is no such account, and no address or student key was given instead."""


class TwoPeople(Exception):
    """The identifier is the username of one account, and the address of another."""


class LastSuperuser(Exception):
    """No one would be left who may do everything."""


class AlreadyRequested(Exception):
    """The person's retirement is waiting or running."""

    def __init__(self, retirement_id: uuid.UUID) -> None:
        super().__init__(str(retirement_id))
        self.retirement_id = retirement_id


class AlreadyRetired(Exception):
    """The account has its pseudonym, and nothing else is known of the person."""


class Whom(msgspec.Struct, frozen=True):
    """Who is to be retired: an account by username or address; an address without an account; a student key."""

    identifier: str = ""
    organization: str = ""
    student_key: str = ""


def request_retirement(whom: Whom, *, actor_id: int | None, reason: str | None) -> uuid.UUID:
    """Records the request; its id. Nothing of the person changes yet.

    Errors: ``UnknownPerson``, ``TwoPeople``, ``LastSuperuser``, ``AlreadyRequested``, ``AlreadyRetired``.
    """
    account_id, person = _find(whom)
    others = [id_ for id_ in accounts_of(account_id) if id_ != account_id] if account_id is not None else []
    with one_transaction():
        # accounts that became part of it are the same person's
        for other in others:
            with suppress(AlreadyRequested):
                _request(other, Person(other, ""), actor_id, reason)
        return _request(account_id, person, actor_id, reason)


def _request(account_id: int | None, person: Person, actor_id: int | None, reason: str | None) -> uuid.UUID:
    retirement_id = uuid.uuid4()
    code = (find_code(account_id) if account_id is not None else None) or code_of(
        f"account {account_id}" if account_id is not None else f"retirement {retirement_id}"
    )
    if account_id is not None and is_last_superuser([account_id]):
        raise LastSuperuser
    try:
        with one_transaction():
            Retirement.objects.create(
                id=retirement_id,
                account_id=account_id,
                code=code,
                state=RetirementState.WAITING,
                actor_id=actor_id,
                reason=reason or None,
                traces=msgspec.to_builtins(msgspec.structs.replace(person, code=code)),
            )
    except IntegrityError as error:
        if "retirement_unfinished_once" not in str(error):
            raise
        found = Retirement.objects.filter(account_id=account_id, state__in=UNFINISHED).values_list("id", flat=True)
        raise AlreadyRequested(found[0]) from None
    return retirement_id


def _find(whom: Whom) -> tuple[int | None, Person]:
    """The account, and what is known without one. Errors: ``UnknownPerson``, ``TwoPeople``, ``AlreadyRetired``."""
    if whom.student_key:
        organization_id = organization_ids([whom.organization]).get(whom.organization)
        if organization_id is None:
            raise UnknownPerson
        key = fold(whom.student_key)
        account_id = find_identities(organization_id, [key]).get(key)
        return account_id, Person(account_id, "", keys=[] if account_id else [(organization_id, whom.student_key)])
    if fold(whom.identifier).endswith(f"@{DOMAIN}"):
        raise AlreadyRetired
    found = find_learners([fold(whom.identifier)]).get(fold(whom.identifier), [])
    if len(found) > 1:
        raise TwoPeople
    if found:
        return found[0].id, Person(found[0].id, "")
    if "@" not in whom.identifier:
        raise UnknownPerson
    return None, Person(None, "", addresses=[whom.identifier])


def withdraw_request(retirement_id: uuid.UUID) -> bool:
    """Deletes a request that is still waiting; False if it has begun, or there is none."""
    with one_transaction():
        waiting = Retirement.objects.filter(pk=retirement_id, state=RetirementState.WAITING)
        return bool(waiting.delete()[0])
