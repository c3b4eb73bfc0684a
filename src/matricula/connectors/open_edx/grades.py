"""Grades from an LMS: a job for each course run, into the table of grades by its write function."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from matricula.connections.reads import list_connected_courses
from matricula.connectors.open_edx.calls import PacedClient, Stopped
from matricula.connectors.open_edx.client import ConnectionFailed
from matricula.connectors.open_edx.conditions import lock_state, record_grades
from matricula.connectors.open_edx.rows import keep_usernames
from matricula.foundation.database import execute, fetch_all
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
# who has a grade here, and is not among those whom the LMS named
_MISSING = """
insert into matricula_lmsmissinggrade (connection_id, course_id, account_id, job)
select %(connection)s, g.course_id, g.account_id, %(job)s from matricula_grade g
where g.course_id = %(course)s and g.account_id <> all(%(seen)s)
"""
_NOT_MISSING = "delete from matricula_lmsmissinggrade where course_id = %s"


def fetch_grades(client: PacedClient, source: Source, actor_id: int | None = None) -> Counter[str]:
    """Fetch the grades of all course runs of a connection; return how many ended how.

    ``actor_id``: who asked for it. Learners whom the LMS leaves out keep their grades, and are listed
    (``reads.list_missing_grades``). Errors: ``ConnectionFailed``, ``Stopped``.
    """
    counts: Counter[str] = Counter()
    for course_id, key in list_connected_courses(client.connection.id).items():
        operation = _start(client.connection.name, source, actor_id, course_id)
        with beating(operation.id), suppress(JobCanceled):
            _fetch(client, operation, course_id, key, counts)
    record_grades(client.connection.id)
    return counts


def _start(name: str, source: Source, actor_id: int | None, course_id: int) -> Operation:
    options = {"lms": name}
    with one_transaction():
        job_id = record_job(FETCH_LMS_GRADES, actor_id=actor_id, source=source, course_id=course_id, options=options)
        operation = Operation(job_id, actor_id, source, None, OperationKind.TASK, course_id, None, job_id)
        record_start(operation)
    return operation


def _fetch(client: PacedClient, operation: Operation, course_id: int, key: str, counts: Counter[str]) -> None:
    seen: set[int] = set()
    try:
        for page in client.pages(client.client.grades_address(key)):
            records = [r for r in page if isinstance(r, dict)]
            with one_transaction():
                saved = _save(client, operation, course_id, records, seen)
                advance_job(operation.id, len(records), saved)
            counts.update(saved)
    except (ConnectionFailed, Stopped) as error:
        fail_job(operation.id, str(error) or "stopped")
        raise
    with one_transaction():
        lock_state(client.connection.id)
        execute(_NOT_MISSING, [course_id])
        about = {"connection": client.connection.id, "course": course_id, "job": operation.id, "seen": [*seen]}
        if missing := execute(_MISSING, about):
            advance_job(operation.id, 0, {MISSING: missing})
            counts[MISSING] += missing
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
