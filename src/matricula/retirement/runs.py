"""Retiring people who were requested to be, as the owner of the tables (docs/retirement.md).

First the account, in one transaction: from then on it is inactive, has its pseudonym, and its names are free. Then all
places, in passes, until one finds nothing more: what was written meanwhile is found by the next. A run that was ended
begins again; what it looks for is kept until then.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import msgspec
from django.utils import timezone

from matricula.foundation.database import fetch_all
from matricula.foundation.transactions import one_transaction
from matricula.journal.statuses import Source
from matricula.journal.writes import new_operation, record_operation
from matricula.retirement.accounts import (
    end_account,
    end_sessions,
    lock_account,
    merge_blocks,
    rename_account,
)
from matricula.retirement.answers import replace_in_answers
from matricula.retirement.collecting import collect_person
from matricula.retirement.entries import replace_in_entries, replace_in_reasons
from matricula.retirement.files import delete_mail_files, replace_in_files
from matricula.retirement.matching import Matcher
from matricula.retirement.models import Retirement
from matricula.retirement.people import Person
from matricula.retirement.reads import list_unfinished
from matricula.retirement.rows import replace_in, tables, vacuum
from matricula.retirement.statuses import RetirementState

TOGETHER = 50
"""So many people are looked for in one pass over all tables."""
_PASSES = 5
_TURN = 7313  # advisory lock: one run at a time (docs/locking.md)
_MAY = """
select has_table_privilege('matricula_journalentry', 'update') and has_table_privilege('matricula_operation', 'update')
"""
FILES, UNREAD, SESSIONS, MAIL_FILES = "files", "unread files", "sessions", "mail files"
# What may hold traces that it read before, and write them: jobs of every kind, downloads too, tasks of the queue, such
# as reports, and whatever reads accounts in a transaction, such as a snapshot. A job that hasn't begun, or waits for
# its plan, reads what the passes leave.
_RUNNING = """
select 'job ' || id from matricula_job where state = 'running' and not options ? 'waits_for'
union all
select 'task ' || id from procrastinate_jobs where status = 'doing'
union all
select 'transaction ' || virtualtransaction from pg_locks
where relation = 'matricula_account'::regclass and pid <> pg_backend_pid()
    and database = (select oid from pg_database where datname = current_database())
"""


class NotTheOwner(Exception):
    """The database role may not change the journal."""


class Unsettled(Exception):
    """Something still writes the traces of these people: what is known of them is kept, and the next run goes on."""


@dataclass
class Outcome:
    """What a run did: places with the number of rows or files in which people were replaced."""

    retired: list[uuid.UUID] = field(default_factory=list)
    replaced: Counter[str] = field(default_factory=Counter)
    unread: list[str] = field(default_factory=list)


def may_retire() -> bool:
    """Return whether the current database role can do it."""
    return bool(fetch_all(_MAY, [])[0][0])


def preview(people: Sequence[Person]) -> Outcome:
    """What would be replaced now, counted and not changed; it reads whole tables."""
    outcome = Outcome()
    _pass(Matcher(people), outcome, None)
    return outcome


def person_of(retirement_id: uuid.UUID) -> Person:
    """Whom a retirement that waits is about, with everything that is known now."""
    one = Retirement.objects.get(pk=retirement_id)
    asked = msgspec.convert(one.traces, Person)
    if one.state == RetirementState.RUNNING:
        return asked
    return collect_person(one.account_id, one.code, asked.addresses, asked.keys)


def run_retirements(ids: Sequence[uuid.UUID] | None = None, said: Callable[[str], None] = lambda _: None) -> Outcome:
    """Retires the people whose retirement is waiting or was begun; ``ids``: only these.

    Errors: ``NotTheOwner``; ``Unsettled``, where not all could be finished.
    """
    if not may_retire():
        raise NotTheOwner
    outcome = Outcome()
    with _alone() as is_alone:
        waiting = list_unfinished(ids) if is_alone else []
        for start in range(0, len(waiting), TOGETHER):
            _retire(waiting[start : start + TOGETHER], outcome, said)
    return outcome


def _retire(ids: Sequence[uuid.UUID], outcome: Outcome, said: Callable[[str], None]) -> None:
    people, operation = [], uuid.UUID(int=0)
    for id_ in ids:
        person, operation = _begin(id_)
        people.append(person)
    matcher = Matcher(people)
    touched: Counter[str] = Counter()
    writers = _running()
    for number in range(1, _PASSES + 1):
        said(f"pass {number}")
        found, is_last = Outcome(), writers.isdisjoint(_running())
        _pass(matcher, found, operation)
        outcome.unread = found.unread
        touched += found.replaced
        if found.replaced:
            writers = _running()
        elif is_last:
            break
        elif not writers.isdisjoint(_running()):
            raise Unsettled
    else:
        raise Unsettled
    outcome.replaced += touched
    vacuum([place for place in touched if place.startswith(("matricula_", "django_", "account_", "oauth2_"))])
    for id_ in ids:
        outcome.replaced += _finish(id_, touched)
        outcome.retired.append(id_)


def _running() -> set[str]:
    """What runs now. A pass that found nothing is the last one if nothing of what ran when traces were last found still
    ran when it began: a file that such a job wrote meanwhile may have been behind the pass.
    """
    return {id_ for (id_,) in fetch_all(_RUNNING, [])}


def _begin(retirement_id: uuid.UUID) -> tuple[Person, uuid.UUID]:
    """The first transaction of a retirement; whom it is about, and the operation."""
    with one_transaction():
        one = Retirement.objects.select_for_update().get(pk=retirement_id)
        if one.state == RetirementState.RUNNING:
            return msgspec.convert(one.traces, Person), one.operation or uuid.UUID(int=0)
        person = person_of(retirement_id)
        # under the locks, all of it is as it stays
        row = lock_account(person)
        person = person_of(retirement_id)
        operation = new_operation(one.actor_id, Source.COMMAND)
        record_operation(operation)
        if row is not None:
            rename_account(person, row)
            count = replace_in_entries(Matcher([person]), operation.id, dry=False, only_own=True)
            one.replaced = {"matricula_journalentry": count}
        end_account(operation, person)
        one.state, one.begun, one.operation = RetirementState.RUNNING, timezone.now(), operation.id
        one.traces = msgspec.to_builtins(person)
        one.save(update_fields=["state", "begun", "operation", "traces", "replaced"])
    return person, operation.id


def _pass(matcher: Matcher, found: Outcome, operation_id: uuid.UUID | None) -> None:
    """Looks everywhere once; without an operation, only looks."""
    dry = operation_id is None
    places: dict[str, int] = {name: replace_in(table, matcher, dry=dry) for name, table in tables().items()}
    its = operation_id or uuid.UUID(int=0)
    places["matricula_journalentry"] = replace_in_entries(matcher, its, dry=dry)
    places["matricula_operation"] = places.get("matricula_operation", 0) + replace_in_reasons(matcher, its, dry=dry)
    places["matricula_rosterblock"] = merge_blocks(matcher, dry=dry)
    places["django_session"] = end_sessions(matcher, dry=dry)
    places["matricula_storedanswer"] = replace_in_answers(matcher, dry=dry)
    files = replace_in_files(matcher, dry=dry)
    places[FILES], found.unread = files.changed, files.unread
    places[MAIL_FILES] = delete_mail_files(matcher, dry=dry)
    found.replaced += Counter({place: count for place, count in places.items() if count})


def _finish(retirement_id: uuid.UUID, touched: Mapping[str, int]) -> Counter[str]:
    """Deletes who it was; what the first transaction replaced. The passes count all people together."""
    with one_transaction():
        one = Retirement.objects.select_for_update().get(pk=retirement_id)
        first = Counter(one.replaced)
        one.state, one.finished, one.traces = RetirementState.DONE, timezone.now(), None
        one.replaced = dict(first + Counter(touched))
        one.save(update_fields=["state", "finished", "traces", "replaced"])
    return first


@contextmanager
def _alone() -> Iterator[bool]:
    """One run at a time, held by the session over its transactions."""
    [(is_alone,)] = fetch_all("select pg_try_advisory_lock(%s)", [_TURN])
    try:
        yield bool(is_alone)
    finally:
        if is_alone:
            fetch_all("select pg_advisory_unlock(%s)", [_TURN])
