"""Grades from an LMS: a job for each course run, into the table of grades by its write function."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from matricula.connections.reads import list_connected_courses
from matricula.connectors.open_edx.calls import PacedClient, Stopped
from matricula.connectors.open_edx.client import ConnectionFailed
from matricula.connectors.open_edx.conditions import record_grades
from matricula.connectors.open_edx.rows import keep_usernames
from matricula.foundation.database import fetch_all
from matricula.foundation.folding import fold
from matricula.foundation.transactions import one_transaction
from matricula.grades.rules import is_whole_grade
from matricula.grades.writes import GradeRequest, save_grades
from matricula.jobs.heartbeat import beating
from matricula.jobs.statuses import FETCH_LMS_GRADES
from matricula.jobs.writes import JobCanceled, advance_job, complete_job, fail_job, record_job, record_start
from matricula.journal.statuses import OperationKind, Source
from matricula.journal.writes import Operation

UNKNOWN, INVALID, MISSING = "unknown", "invalid", "missing"
_ACCOUNTS = """
select t.position, coalesce(n.account_id, a.id), n.account_id is null
from unnest(%(usernames)b::text[], %(emails)b::text[]) with ordinality t(username, email_key, position)
left join matricula_lmsusername n on n.connection_id = %(connection)s and n.username = t.username
left join matricula_account a on n.account_id is null and a.email_key = t.email_key
order by t.position
"""
# who has a grade here
_GRADED = """
select g.account_id, a.username from matricula_grade g
join matricula_account a on a.id = g.account_id
where g.course_id = %s order by a.username_key
"""


@dataclass
class Fetched:
    """What was fetched: words → numbers; ``missing``: (username, course run) of those who keep an old grade."""

    counts: Counter[str] = field(default_factory=Counter)
    missing: list[tuple[str, str]] = field(default_factory=list)


def fetch_grades(client: PacedClient, source: Source) -> Fetched:
    """Fetch the grades of all course runs of a connection. Errors: ``ConnectionFailed``, ``Stopped``."""
    fetched = Fetched()
    for course_id, key in list_connected_courses(client.connection.id).items():
        operation = _start(client.connection.name, source, course_id)
        with beating(operation.id), suppress(JobCanceled):
            _fetch(client, operation, course_id, key, fetched)
    record_grades(client.connection.id)
    return fetched


def _start(name: str, source: Source, course_id: int) -> Operation:
    with one_transaction():
        job_id = record_job(FETCH_LMS_GRADES, actor_id=None, source=source, course_id=course_id, options={"lms": name})
        operation = Operation(job_id, None, source, None, OperationKind.TASK, course_id, None, job_id)
        record_start(operation)
    return operation


def _fetch(client: PacedClient, operation: Operation, course_id: int, key: str, fetched: Fetched) -> None:
    seen: set[int] = set()
    try:
        for page in client.pages(client.client.grades_address(key)):
            records = [r for r in page if isinstance(r, dict)]
            with one_transaction():
                counts = _save(client, operation, course_id, records, seen)
                advance_job(operation.id, len(records), counts)
            fetched.counts.update(counts)
    except (ConnectionFailed, Stopped) as error:
        fail_job(operation.id, str(error) or "stopped")
        raise
    graded = fetch_all(_GRADED, [course_id])
    missing = [username for account_id, username in graded if account_id not in seen]
    fetched.missing += [(username, key) for username in missing]
    if missing:
        with one_transaction():
            advance_job(operation.id, 0, {MISSING: len(missing)})
        fetched.counts[MISSING] += len(missing)
    complete_job(operation.id)


def _save(
    client: PacedClient, operation: Operation, course_id: int, records: Sequence[dict[str, Any]], seen: set[int]
) -> Counter[str]:
    """Save one page of grades; return how many ended how."""
    usernames = [str(r.get("username") or "") for r in records]
    emails = [fold(str(r.get("email") or "")) for r in records]
    about = {"usernames": usernames, "emails": emails, "connection": client.connection.id}
    counts: Counter[str] = Counter()
    requests, found = [], {}
    for (_, account_id, is_new), record, username in zip(fetch_all(_ACCOUNTS, about), records, usernames, strict=True):
        if account_id is None:
            counts[UNKNOWN] += 1
            continue
        seen.add(account_id)
        if is_new and username:
            found[account_id] = username
        grade = (record.get("percent"), record.get("letter_grade") or None, record.get("passed"))
        if _is_grade(*grade):
            requests.append(GradeRequest(course_id, account_id, *grade))
        else:
            counts[INVALID] += 1
    keep_usernames(client.connection.id, found)
    counts.update(word.value for word in save_grades(operation, requests))
    return counts


def _is_grade(percent: object, letter_grade: object, passed: object) -> bool:
    is_number = isinstance(percent, int | float) and not isinstance(percent, bool)
    is_text = letter_grade is None or isinstance(letter_grade, str)
    return is_number and is_text and isinstance(passed, bool) and is_whole_grade(percent, letter_grade, passed, None)  # type: ignore[arg-type]
