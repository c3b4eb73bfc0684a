"""The account of someone who is retired: its pseudonym, its end, and what belongs to it alone."""

from collections.abc import Sequence
from dataclasses import replace

from django.contrib.auth.hashers import is_password_usable, make_password
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from matricula.access.clients.writes import delete_clients_of, end_tokens_of
from matricula.enrollments.course.counts import BLOCK_LOCKS, STRIPES
from matricula.foundation.database import execute, fetch_all
from matricula.foundation.folding import fold
from matricula.foundation.transactions import one_transaction
from matricula.journal.statuses import Subject
from matricula.journal.writes import Operation, add_entries, entry_about
from matricula.learners.locks import lock_addresses, lock_keys_of_organizations, lock_usernames
from matricula.learners.rows import AccountRow, journal_state, lock_rows, save_rows
from matricula.retirement.matching import Matcher
from matricula.retirement.people import Person

RETIRED = "retired"
_RENAME = """
update matricula_account set username = %(code)s, email = %(address)s, first_name = '',
    last_name = case when first_name || last_name = '' then '' else %(code)s end, wanted_email = %(wanted)s
where id = %(account)s
"""
_WAITING_MAIL = 'delete from matricula_outgoingmail where due is not null and lower("to" collate "C") = any(%s)'
_SUBJECTS = "select id, subject from matricula_externallogin where account_id = %s order by id"
_SET_SUBJECT = "update matricula_externallogin set subject = %s where id = %s"
# the person's alone: tokens (those of API clients end with the clients), second factors, answers kept for repeats
_THEIRS = (
    "delete from matricula_storedanswer where account_id = any(%s)",
    "delete from mfa_authenticator where user_id = any(%s)",
    "delete from socialaccount_socialtoken t using socialaccount_socialaccount a"
    " where a.id = t.account_id and a.user_id = any(%s)",
    "delete from socialaccount_socialaccount where user_id = any(%s)",
    "delete from oauth2_provider_refreshtoken where user_id = any(%s)",
    "delete from oauth2_provider_accesstoken where user_id = any(%s)",
    "delete from oauth2_provider_grant where user_id = any(%s)",
    "delete from oauth2_provider_idtoken where user_id = any(%s)",
    "delete from oauth2_provider_devicegrant where user_id = any(%s)",
)
_SESSIONS = (
    "select session_key, session_data from django_session where session_key > %s order by session_key limit 2000"
)
_END_SESSIONS = "delete from django_session where session_key = any(%s)"
_BLOCKS = """
select b.id, b.course_id, b.start, coalesce((
    select max(o.start) from matricula_rosterblock o where o.course_id = b.course_id and o.start < b.start
        and o.start <> all(%(usernames)s)), '')
from matricula_rosterblock b where b.start = any(%(usernames)s) order by b.course_id, b.start
"""
_MOVE_COUNTS = "update matricula_rostercount set block = %s where course_id = %s and block = %s"
_DELETE_BLOCK = "delete from matricula_rosterblock where id = %s"


def lock_account(person: Person) -> AccountRow | None:
    """Holds the account in the order of all others (docs/locking.md); None if there is none."""
    lock_addresses(fold(text) for address in person.addresses for text in (address, person.address(address)))
    lock_usernames([*person.usernames, person.code])
    lock_keys_of_organizations((organization, fold(key)) for organization, key in person.keys)
    return next(iter(lock_rows(ids=[person.account_id])), None) if person.account_id is not None else None


def rename_account(person: Person, row: AccountRow) -> None:
    """Gives the account its pseudonym, without an entry: nothing happened to anyone but that a name is gone.

    Its username and its address are free from here on.
    """
    asked = {
        "code": person.code,
        "address": person.address(row.email),
        "wanted": person.address(row.wanted_email) if row.wanted_email else "",
        "account": row.id,
    }
    execute(_RENAME, asked)
    # one for each identity provider
    for id_, subject in fetch_all(_SUBJECTS, [row.id]):
        execute(_SET_SUBJECT, [person.username(subject), id_])


def end_account(operation: Operation, person: Person) -> None:
    """Switches the account off, with an entry that has the pseudonym alone; what was waiting for the person ends."""
    execute(_WAITING_MAIL, [[fold(address) for address in person.addresses]])
    if person.account_id is None:
        address = person.address(person.addresses[0]) if person.addresses else None
        key = person.key(person.keys[0][1]) if person.keys else None
        add_entries(
            operation, [entry_about(operation, Subject.ACCOUNT, RETIRED, None, None, email=address, student_key=key)]
        )
        return
    [row] = lock_rows(ids=[person.account_id])
    before = replace(row)
    row.is_active = row.is_staff = row.is_superuser = row.wants_plan_mail = False
    if is_password_usable(row.password):
        row.password = make_password(None)
    save_rows([row])
    end_tokens_of([person.account_id])
    delete_clients_of(operation, [person.account_id])
    for statement in _THEIRS:
        execute(statement, [[person.account_id]])
    states = journal_state(before), journal_state(row)
    add_entries(operation, [entry_about(operation, Subject.ACCOUNT, RETIRED, *states, account_id=person.account_id)])


def end_sessions(matcher: Matcher, *, dry: bool) -> int:
    """Deletes the sessions of the people, and those in which a message names one; how many."""
    store, after, ended = SessionStore(), "", 0
    while found := fetch_all(_SESSIONS, [after]):
        named = [key for key, data in found if _is_about(matcher, store, data)]
        ended += len(named)
        if named and not dry:
            execute(_END_SESSIONS, [named])
        after = found[-1][0]
    return ended


def _is_about(matcher: Matcher, store: SessionStore, data: str) -> bool:
    held = store.decode(data)
    account_id = str(held.get("_auth_user_id", ""))
    text = repr(held)
    return (account_id.isdigit() and int(account_id) in matcher.accounts) or matcher.text(text) != text


def merge_blocks(matcher: Matcher, *, dry: bool) -> int:
    """Blocks of rosters begin at usernames: those that begin at one of these become part of the block before."""
    usernames = matcher.folded["usernames"]
    found = fetch_all(_BLOCKS, {"usernames": usernames})
    for id_, course_id, start, into in [] if dry else found:
        with one_transaction():
            execute("select pg_advisory_xact_lock(%s, %s)", [BLOCK_LOCKS, course_id % STRIPES])
            execute(_MOVE_COUNTS, [into, course_id, start])
            execute(_DELETE_BLOCK, [id_])
    return len(found)


def is_last_superuser(account_ids: Sequence[int]) -> bool:
    """True if no active superuser would be left."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select bool_or(id = any(%s)) and not bool_or(id <> all(%s)) from matricula_account"
            " where is_active and is_superuser",
            [list(account_ids), list(account_ids)],
        )
        return bool(cursor.fetchone()[0])
