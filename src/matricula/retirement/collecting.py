"""Everything by which a person is known here, looked up in a few statements by the indexes of the tables."""

from collections.abc import Iterable
from typing import Any

from matricula.foundation.database import fetch_all, pattern_of
from matricula.foundation.folding import fold
from matricula.retirement.people import Person

_ACCOUNT = "select username, email, first_name, last_name, wanted_email from matricula_account where id = %(account)s"
# what an account was called before; also a sign-up with its address that gave way to it
_STATES = """
select s.state ->> 'username', s.state ->> 'email', coalesce(s.state ->> 'first_name', ''),
    coalesce(s.state ->> 'last_name', ''), s.state ->> 'wanted_email'
from (
    select id, before, after from matricula_journalentry where account_id = %(account)s and subject = 'account'
    union all
    select id, before, after from matricula_journalentry
    where lower(email) = any(%(addresses)s) and subject = 'account'
) e, lateral (values (e.after), (e.before)) s(state)
where s.state <> '{}' order by e.id desc
"""
_ADDRESSES = """
select email from matricula_preenrollment where account_id = %(account)s
union select email from matricula_journalentry where account_id = %(account)s and email is not null
union select email from account_emailaddress where user_id = %(account)s
"""
_KEYS = """
select organization_id, student_key from matricula_studentidentity where account_id = %(account)s
union
select p.organization_id, e.student_key
from matricula_programenrollment e join matricula_program p on p.id = e.program_id
where e.account_id = %(account)s
union
select coalesce((e.before || e.after ->> 'organization_id')::bigint, p.organization_id), e.student_key
from matricula_journalentry e left join matricula_program p on p.id = e.program_id
where e.account_id = %(account)s and e.student_key is not null
"""
# who the person is at identity providers, now and before
_SUBJECTS = """
select subject from matricula_externallogin where account_id = %(account)s
union
select l.value from matricula_journalentry e, lateral (values (e.before), (e.after)) s(state),
    lateral jsonb_each_text(coalesce(s.state -> 'logins', '{}')) l
where e.account_id = %(account)s and e.subject = 'account' and e.after ? 'logins'
"""
# accounts that became part of this one: another name of the same person
_MERGED = "select id from matricula_account where id = %(account)s or merged_into_id = %(account)s"
# what other people have too, folded: it is no trace of this one
_SHARED = """
select username_key from matricula_account where username_key = any(%(usernames)s) and id <> all(%(accounts)s)
union
select email_key from matricula_account where email_key = any(%(addresses)s) and id <> all(%(accounts)s)
union
select student_key_folded from matricula_studentidentity
where student_key_folded = any(%(keys)s) and account_id <> all(%(accounts)s)
union
select e.student_key_folded from matricula_programenrollment e join matricula_program p on p.id = e.program_id
where e.student_key_folded = any(%(keys)s)
    and (p.organization_id, e.student_key_folded) not in (
        select * from unnest(%(organizations)s::bigint[], %(keys)s::text[]))
union
select n.name from matricula_account a, lateral (values
    (lower(a.first_name collate "C")), (lower(a.last_name collate "C")),
    (lower((a.first_name || ' ' || a.last_name) collate "C"))) n(name)
where a.search_text like any(%(patterns)s) and n.name = any(%(names)s) and a.id <> all(%(accounts)s)
union
select lower(subject collate "C") from matricula_externallogin
where lower(subject collate "C") = any(%(usernames)s) and account_id <> all(%(accounts)s)
"""


def collect_person(
    account_id: int | None,
    code: str,
    addresses: Iterable[str] = (),
    keys: Iterable[tuple[int, str]] = (),
) -> Person:
    """Everything by which the account's owner is known; ``addresses`` and ``keys``: of a person without an account."""
    asked: dict[str, Any] = {"account": account_id}
    usernames: list[str] = []
    emails, names, known_keys = [*addresses], list[tuple[str, str]](), [*keys]
    rows = fetch_all(_ACCOUNT, asked) if account_id is not None else []
    emails += [email for row in rows for email in (row[1], row[4])]
    if account_id is not None:
        emails += [email for (email,) in fetch_all(_ADDRESSES, asked)]
        known_keys += [(organization, key) for organization, key in fetch_all(_KEYS, asked) if organization is not None]
    rows += fetch_all(_STATES, asked | {"addresses": [fold(email) for email in emails]})
    for username, email, first, last, wanted in rows:
        usernames.append(username or "")
        emails += [email, wanted]
        names.append((first, last))
    usernames += [subject for (subject,) in fetch_all(_SUBJECTS, asked)]
    return _without_shared(
        Person(account_id, code, _once(usernames), _once(emails), _once_pairs(known_keys), _named(names))
    )


def accounts_of(account_id: int | None) -> list[int]:
    """The account, and those that became part of it: all are the same person."""
    return [id_ for (id_,) in fetch_all(_MERGED, {"account": account_id})]


def _once(texts: Iterable[str | None]) -> list[str]:
    """Each once, in any case; the first stays."""
    found: dict[str, str] = {}
    for text in texts:
        if text:
            found.setdefault(fold(text), text)
    return [*found.values()]


def _once_pairs(keys: Iterable[tuple[int, str]]) -> list[tuple[int, str]]:
    return [*{(organization, fold(key)): (organization, key) for organization, key in keys}.values()]


def _named(names: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [*dict.fromkeys((first, last) for first, last in names if first or last)]


def _without_shared(person: Person) -> Person:
    names = {fold(name) for first, last in person.names for name in (first, last, f"{first} {last}") if name}
    asked = {
        "accounts": accounts_of(person.account_id),
        "usernames": [fold(text) for text in person.usernames],
        "addresses": [fold(text) for text in person.addresses],
        "keys": [fold(key) for _, key in person.keys],
        "organizations": [organization for organization, _ in person.keys],
        "names": sorted(names),
        "patterns": [f"%{pattern_of(name.lower())}%" for name in sorted(names)],
    }
    shared = sorted(name for (name,) in fetch_all(_SHARED, asked))
    return Person(person.account_id, person.code, person.usernames, person.addresses, person.keys, person.names, shared)
