"""Replacing people in the journal: entries are marked, and their first digests kept, so that seals stay verifiable."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from matricula.foundation.database import execute, fetch_all
from matricula.foundation.transactions import one_transaction
from matricula.identity.traces import Holds
from matricula.journal.records import records_of
from matricula.journal.redactions import keep_digests
from matricula.journal.statuses import Subject
from matricula.retirement.matching import Matcher
from matricula.retirement.people import Person
from matricula.retirement.rows import Change, Column, Table, allow_changes, parameters_of, replace_in, table_of

_ENTRIES = "matricula_journalentry"
_HOLDING = {Holds.ADDRESS, Holds.STUDENT_KEY, Holds.OWN}
_REASONS = """
select o.id, o.reason, array(select distinct e.account_id from matricula_journalentry e
    where e.operation = o.id and e.account_id = any(%(accounts)s))
from matricula_operation o
where o.reason ~* %(full_pattern)s and o.id > %(after)s order by o.id limit 500
"""
# entries whose record repeats the reason of their operation
_ITS_ENTRIES = """
select id from matricula_journalentry
where operation = %(operation)s and id > %(after)s and reason is null and own is null and source is null
order by id limit 2000
"""
_SET_REASON = "update matricula_operation set reason = %s where id = %s"
_NOTHING = uuid.UUID(int=0)


def replace_in_entries(matcher: Matcher, operation_id: uuid.UUID, *, dry: bool, only_own: bool = False) -> int:
    """Replaces the people in the entries of the journal; how many. ``only_own``: in those of their accounts."""
    table = table_of(_ENTRIES, _HOLDING)
    assert table is not None  # noqa: S101  the journal is always there
    table = replace(table, columns=[Column("subject", "text", Holds.NOTHING, False), *table.columns])

    def keep(changes: Sequence[Change]) -> None:
        keep_digests(operation_id, records_of([int(change.key[0]) for change in changes]))

    def decide(_table: Table, row: Sequence[Any]) -> Mapping[str, str]:
        return _decide(matcher, row)

    return replace_in(table, matcher, dry=dry, decide=decide, before=keep, only_own=only_own)


def _decide(matcher: Matcher, row: Sequence[Any]) -> Mapping[str, str]:
    organization, accounts, subject, email, student_key, before, after, reason = row
    own = {matcher.accounts[id_] for id_ in accounts if id_ in matcher.accounts}
    about, new = set(own), dict[str, str]()
    if email is not None and (found := matcher.address(email)):
        about.add(found[0])
        new["email"] = found[1]
    if student_key is not None and (found := matcher.key(student_key, organization)):
        about.add(found[0])
        new["student_key"] = found[1]
    for name, state in (("before", before), ("after", after)):
        if subject == Subject.ACCOUNT and about:
            replaced = _state(matcher.people[next(iter(own or about))], state)
        else:
            # the states of what belongs to the person, as an API client, have names made of the username
            replaced = matcher.json(state, own, loose=bool(own))
        if replaced != state:
            new[name] = replaced
    if reason is not None and (replaced := matcher.text(reason, about)) != reason:
        new["reason"] = replaced
    return new


def _state(person: Person, state: str) -> str:
    """The state of an account that is this person's."""
    held = json.loads(state)
    before = dict(held)
    if held.get("username"):
        held["username"] = person.username(held["username"])
    for name in ("email", "wanted_email"):
        if held.get(name):
            held[name] = person.address(held[name])
    if held.get("logins"):
        held["logins"] = {provider: person.username(subject) for provider, subject in held["logins"].items()}
    if held.get("first_name") or held.get("last_name"):
        # as in the account itself; entries of before have only the names that changed
        names = [name for name in ("first_name", "last_name") if name in held]
        held |= dict.fromkeys(names, "") | {names[-1]: person.code}
    return state if held == before else json.dumps(held)


def replace_in_reasons(matcher: Matcher, operation_id: uuid.UUID, *, dry: bool) -> int:
    """Replaces the people in the reasons of operations, which records of entries repeat; how many."""
    concerned, after = 0, _NOTHING
    while found := fetch_all(_REASONS, parameters_of(matcher) | {"after": after}):
        for id_, reason, accounts in found:
            about = {matcher.accounts[account] for account in accounts}
            replaced = matcher.text(reason, about)
            if replaced != reason:
                concerned += 1
                if not dry:
                    _set_reason(id_, replaced, operation_id)
        after = found[-1][0]
    return concerned


def _set_reason(changed: uuid.UUID, reason: str, operation_id: uuid.UUID) -> None:
    """What is kept before the reason changes is the digest of what is there: harmless, if this ends halfway."""
    after = 0
    while ids := [id_ for (id_,) in fetch_all(_ITS_ENTRIES, {"operation": changed, "after": after})]:
        with one_transaction():
            keep_digests(operation_id, records_of(ids))
        after = ids[-1]
    with one_transaction():
        allow_changes()
        execute(_SET_REASON, [reason, changed])
