"""A busy institution for bench/screens.py: what generate.py makes, and what else gathers in the years.

    python bench/busy.py --data FOLDER [--people 1000000]

One course run has everyone, one program has so many students, both with their journal; the program's students are in
its course runs, too. Beside them: smaller course runs and programs, invitations, grades, jobs, downloads that were
recorded, mail, an LMS, roles and a group; and, by the real functions, a plan of everyone, an upload that was applied, a
change of the roster with rejected rows, and a snapshot. It wants a database of its own.
"""

import argparse
import csv
import io
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import generate
from generate import course_key, program_key, student_key
from matricula.cli.ownership import as_owner, migrate_tables
from matricula.cli.service import database

ROOT, STAFF = "speed-root", "speed-staff"
FIRST_COURSE, FIRST_PROGRAM = course_key(0), program_key(0)
_ME = "(select id from matricula_account where username = 'speed-root')"
# what the tables say, statement by statement; %(people)s: how many there are
_STATEMENTS = {
    "course runs of the program": """
insert into matricula_programcourse (program_id, course_id, position)
select %(program)s, id, row_number() over (order by id) from matricula_course order by id limit 12
""",
    "students in its course runs": """
insert into matricula_programcourseenrollment
    (program_enrollment_id, course_id, status, course_staff, organization_id, student_key_folded, created, updated)
select p.id, c.course_id, case when s.is_active is false then 'inactive' else 'active' end, false,
    %(organization)s, p.student_key_folded, p.created, p.updated
from matricula_programcourse c
join matricula_programenrollment p on p.program_id = c.program_id and (c.position = 1 or p.id %% 40 = c.position)
left join matricula_courseenrollment s on s.account_id = p.account_id and s.course_id = c.course_id
where c.program_id = %(program)s
""",
    "their journal": """
insert into matricula_journalentry
    (at, operation, subject, account_id, student_key, course_id, program_id, transition, before, after)
select p.created, o.id, 'program_course_enrollment', p.account_id, p.student_key, c.course_id, p.program_id,
    'from none to active', '{}', '{"v": 2, "status": "active", "course_staff": false}'
from matricula_programcourseenrollment c
join matricula_programenrollment p on p.id = c.program_enrollment_id
cross join lateral (
    select id from matricula_operation
    where program_id = p.program_id and started <= p.created order by started desc limit 1
) o
where c.course_id = %(course)s order by p.created
""",
    "smaller programs": """
insert into matricula_program (key, organization_id, title, type, manages_enrollments, hold_uploads)
select 'small-' || n, o.id, (array['Arts', 'Biology', 'Chemistry', 'Dance', 'Economics'])[n %% 5 + 1] || ' ' || n,
    'Masters', true, false
from generate_series(1, 200) n
join (select id, row_number() over (order by id) as place from matricula_organization) o on o.place = n %% 4 + 1
""",
    "their students": """
insert into matricula_programenrollment (program_id, student_key, account_id, status, created, updated)
select p.id, 'T' || n, null, 'enrolled', now() - n * interval '1 hour', now() - n * interval '1 hour'
from matricula_program p, generate_series(1, 200) n where p.key like 'small-%%'
""",
    "invitations": """
insert into matricula_preenrollment (course_id, email, auto_enroll, mode, reason, created)
select c.id, 'invited' || n || '@example.org', true, 'audit', 'the list of the term', now() - n * interval '1 second'
from matricula_course c, generate_series(1, %(people)s / case when c.id = %(course)s then 10 else 10000 end) n
""",
    "grades": """
insert into matricula_grade (course_id, account_id, percent, letter_grade, passed)
select course_id, account_id, 0.8, 'B', true from matricula_courseenrollment
where course_id = %(course)s and account_id %% 10 = 0
""",
    "jobs": """
insert into matricula_job (id, kind, state, actor_id, source, course_id, program_id, options, total, done, counts,
    created, started, updated, error, file_bytes)
select gen_random_uuid(), k.kind, k.state, a.id, 'api', case when k.course then %(course)s end,
    case when not k.course then %(program)s end, '{}', 25, 25, '{"enrolled": 24, "error": 1}',
    now() - n * interval '5 minutes', now() - n * interval '5 minutes', now() - n * interval '5 minutes',
    case when k.state = 'failed' then 'This task failed because of an internal error.' end, 0
from generate_series(1, greatest(%(people)s / 20, 100)) n
cross join lateral (
    select (array['course_enrollments', 'write_program_enrollments', 'list_program_enrollments'])[n %% 3 + 1] as kind,
        n %% 3 = 0 as course, case when n %% 50 = 0 then 'failed' else 'completed' end as state
) k
join (
    select id, row_number() over (order by id) as place from matricula_account order by id desc limit 12
) a on a.place = (select count(*) from matricula_account) - n %% 12
""",
    "acts of people": """
insert into matricula_operation (id, kind, source, actor_id, reason, course_id, started, ended)
select gen_random_uuid(), 'request', 'console', case when n %% 5 = 0 then {me} else a.id end, 'asked by phone',
    c.id, at, at
from generate_series(1, greatest(%(people)s / 10, 100)) n
cross join lateral (select now() - n * interval '3 minutes' as at) t
join (select id, row_number() over (order by id) as place from matricula_course limit 100) c on c.place = n %% 100 + 1
join (select id, row_number() over (order by id) as place from matricula_account limit 500) a on a.place = n %% 500 + 1
""",
    "what they changed": """
insert into matricula_journalentry (at, operation, subject, account_id, course_id, transition, before, after)
select o.started, o.id, 'course_enrollment', s.account_id, o.course_id, 'from enrolled to enrolled',
    '{"v": 2, "enrollment": {"mode": "audit", "is_active": true}}',
    '{"v": 2, "enrollment": {"mode": "verified", "is_active": true}}'
from (
    select o.*, row_number() over (order by started) as place from matricula_operation o where source = 'console'
) o
join (
    select account_id, row_number() over (order by account_id) as place from matricula_courseenrollment
    where course_id = %(course)s and is_active limit %(people)s / 10
) s using (place) order by o.started
""",
    "downloads": """
insert into matricula_disclosure
    (at, kind, source, actor_id, operation, course_id, program_id, filters, reason, ended, rows, people, complete)
select now() - n * interval '1 minute', (array['enrollments', 'roster', 'plan_rows', 'difference'])[n %% 4 + 1],
    'console', case when n %% 5 = 0 then {me} else a.id end, gen_random_uuid(),
    case when n %% 3 > 0 then %(course)s end, case when n %% 3 = 0 then %(program)s end, '{}', 'census',
    now() - n * interval '1 minute', 100, 100, true
from generate_series(1, greatest(%(people)s / 10, 100)) n
join (select id, row_number() over (order by id) as place from matricula_account limit 500) a on a.place = n %% 500 + 1
""",
    "mail": """
insert into matricula_outgoingmail (kind, "to", language, context, operation, queued, due, attempts, sent, last_error)
select 'enrolled_enroll', a.email, a.language,
    jsonb_build_object('course', 'Course 1', 'url', 'https://example.org', 'name', a.first_name), gen_random_uuid(),
    now() - n * interval '20 seconds', case when n <= 200 then now() + interval '1 day' end,
    case when n %% 1000 = 0 then 3 else 1 end, case when n > 200 then now() - n * interval '20 seconds' end,
    case when n %% 1000 = 0 then 'the mailbox is full' end
from (select *, row_number() over (order by id desc) as n from matricula_account where is_active) a
""",
    "an LMS": """
insert into matricula_lmsconnection
    (name, url, client_id, client_secret_env, push, grades, owner, pause_between_calls)
values ('lms', 'https://lms.example.org', 'matricula', 'LMS_SECRET', true, true, 'report', 0)
""",
    "the course run on it": """
insert into matricula_lmscoverage (connection_id, course_id) select id, %(course)s from matricula_lmsconnection
""",
    "what it has": """
insert into matricula_lmsrow (connection_id, course_id, account_id, email_key, email, wanted, mode, version, state,
    words, next_try, tries, is_claimed, is_unsure, updated)
select l.id, s.course_id, s.account_id, '', a.email, 'enrolled', s.mode, 1,
    case s.account_id %% 500 when 0 then 'rejected' when 1 then 'waiting' else 'confirmed' end,
    case s.account_id %% 500 when 0 then 'no such user' end, 0, 1, false, false, now()
from matricula_lmsconnection l, matricula_courseenrollment s join matricula_account a on a.id = s.account_id
where s.course_id = %(course)s and s.is_active
""",
    "where it differs": """
insert into matricula_lmsdifference (connection_id, course_id, row_id, username, kind, here, there, is_sent, found)
select r.connection_id, r.course_id, r.id, a.username, 'differs', 'audit', 'verified', false, now()
from matricula_lmsrow r join matricula_account a on a.id = r.account_id where r.account_id %% 100 = 0
""",
    "API clients": """
insert into matricula_client (user_id, client_id, name, scopes, redirect_uris, post_logout_redirect_uris, client_type,
    authorization_grant_type, client_secret, hash_client_secret, skip_authorization, created, updated, algorithm,
    allowed_origins, registration_source)
select {me}, 'script-' || n, 'Script ' || n, '{read}', '', '', 'confidential', 'client-credentials', 'x', true, false,
    now(), now(), '', '', ''
from generate_series(1, 500) n
""",
    "a group": "insert into matricula_group (name) select 'team ' || n from generate_series(1, 200) n",
    "its members": """
insert into matricula_membership (group_id, account_id)
select g.id, a.id from (select min(id) as id from matricula_group) g,
    (select id from matricula_account order by id limit greatest(%(people)s / 100, 20)) a
""",
    "roles": """
insert into matricula_rolegrant (role, account_id, program_id)
select 'read_enrollments', a.id, p.id
from (select id, row_number() over (order by id) as place from matricula_account limit 5000) a
join (select id, row_number() over (order by id) as place from matricula_program) p on p.place = a.place %% 200 + 1
""",
    "roles in course runs": """
insert into matricula_courserole (account_id, course_id, role)
select a.id, c.id, case when a.place %% 10 = 0 then 'staff' else 'beta_tester' end
from (select id, row_number() over (order by id) as place from matricula_account limit 5000) a
join (select id, row_number() over (order by id) as place from matricula_course) c on c.place = a.place %% 10 + 1
""",
    "a manager of some": """
insert into matricula_courserole (account_id, course_id, role)
select a.id, c.id, 'staff' from matricula_account a, (select id from matricula_course order by id limit 100) c
where a.username = 'speed-staff'
""",
    "and reader of the program": """
insert into matricula_rolegrant (role, account_id, program_id)
select 'read_write_enrollments', a.id, %(program)s from matricula_account a where a.username = 'speed-staff'
""",
}
_DELIVERIES = """
insert into matricula_webhookdelivery (id, webhook_id, kind, state, created, changes, failures, tries)
select gen_random_uuid(), w.id, 'changes', 'delivered', now() - n * interval '1 minute', 25, 0,
    '[{"at": "2026-11-27T00:00:00+00:00", "status": 200, "error": null, "milliseconds": 9}]'
from matricula_webhook w, generate_series(1, %(people)s / 20) n
"""


def fill(people: int) -> None:
    """Fill an empty database."""
    migrate_tables()
    _timed("parts of the journal", _make_quarters)
    load = argparse.Namespace(
        **{"accounts": people, "sizes": f"{people},{people // 10},{people // 100},{people // 1000}", "seed": 1},
        **{"courses": min(1000, people // 100), "seats": people // 3, "programs": 1, "students": people},
    )
    generate.load(load)
    _timed("those who look", _readers)
    with as_owner():
        for what, statement in _STATEMENTS.items():
            _timed(what, lambda statement=statement: _execute(statement, people))  # type: ignore[misc]
        _timed("derived tables and statistics", generate._settle)
    _work(people)
    with as_owner():
        _timed("derived tables and statistics", generate._settle)


def _timed(what: str, action: Callable[[], Any]) -> None:
    started = time.perf_counter()
    action()
    print(f"{what}: {time.perf_counter() - started:.1f} s", flush=True)


def _make_quarters() -> None:
    from django.db import connection

    from quarters import make_quarters

    with as_owner():
        connection.ensure_connection()
        with connection.connection.transaction():
            make_quarters(connection.connection, 2025)


def _readers() -> None:
    """Make a superuser, and someone who manages some course runs and a program."""
    from matricula.identity.accounts import save_accounts
    from matricula.journal.statuses import COMMAND
    from matricula.journal.writes import new_operation
    from matricula.learners.writes import AccountRequest

    asked = [
        AccountRequest(ROOT, f"{ROOT}@example.org", is_active=True, is_staff=True, is_superuser=True),
        AccountRequest(STAFF, f"{STAFF}@example.org", is_active=True),
    ]
    save_accounts(new_operation(None, COMMAND), asked)


def _execute(statement: str, people: int) -> None:
    from django.db import connection

    from matricula.catalog.reads import find_course, find_program

    course, program = find_course(FIRST_COURSE), find_program(FIRST_PROGRAM)
    assert course
    assert program
    given = {"course": course.id, "program": program.id, "organization": program.organization_id, "people": people}
    with connection.cursor() as cursor:
        cursor.execute(statement.replace("{me}", _ME), given)


# --- By the functions that the doors use ---


def _work(people: int) -> None:
    from matricula.catalog.reads import find_course, find_program
    from matricula.disclosures.writes import Recipient
    from matricula.feed.webhooks.rights import Filter
    from matricula.feed.webhooks.writes import create_webhook
    from matricula.history.snapshots.writes import make_snapshot
    from matricula.journal.statuses import CONSOLE
    from matricula.journal.writes import new_operation
    from matricula.models import Account

    course, program = find_course(FIRST_COURSE), find_program(FIRST_PROGRAM)
    assert course
    assert program
    actor = Account.objects.get(username=ROOT).pk
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "students.csv"
        some = range(0, people, 5)
        _write(file, ["student_key", "status"], ([student_key(n), "suspended"] for n in some))
        _timed("an upload, planned", lambda: _plan(file, program, actor, apply=True))
        _write(file, ["student_key", "status"], generate.students(people))
        _timed("a plan of everyone", lambda: _plan(file, program, actor, apply=False))
        draw = random.Random(5)
        names = [person.username for person in generate.people(people // 20, 1)]
        rows = ([name if draw.random() < 0.9 else f"missing-{name}"] for name in names)
        _write(file, ["identifier"], rows)
        _timed("a change of the roster", lambda: _change_roster(file, course, actor))
    operation = new_operation(actor, CONSOLE)
    create_webhook(operation, actor, "https://hooks.example.org/", Filter(course.id))
    with as_owner():
        _timed("its deliveries", lambda: _execute(_DELIVERIES, people))
    recipient = Recipient(CONSOLE, operation.id, actor)
    _timed("a snapshot", lambda: make_snapshot(operation, course_id=course.id, name="Census", recipient=recipient))


def _write(file: Path, header: list[str], rows: Iterator[list[str]]) -> None:
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        writer.writerows(rows)


def _plan(file: Path, program: Any, actor: int, *, apply: bool) -> None:
    from matricula.batches.kinds import kind_of_students
    from matricula.batches.planning import make_plan
    from matricula.batches.runs import rows_of_file
    from matricula.batches.values import Options
    from matricula.journal.statuses import CONSOLE

    with file.open("rb") as stream:
        content = io.BytesIO(stream.read())
    kind = kind_of_students(content)
    given = rows_of_file(kind, program, content, Options(file=file.name))
    _run(make_plan(kind, program, given, actor_id=actor, source=CONSOLE), actor, apply=apply)


def _change_roster(file: Path, course: Any, actor: int) -> None:
    from matricula.batches.courses import CourseOptions
    from matricula.batches.kinds import ROSTER
    from matricula.batches.planning import make_plan
    from matricula.batches.runs import rows_of_file
    from matricula.journal.statuses import CONSOLE

    with file.open("rb") as stream:
        given = rows_of_file(ROSTER, course, stream, CourseOptions(mode="honor"))
        plan_id = make_plan(ROSTER, course, given, actor_id=actor, source=CONSOLE)
    _run(plan_id, actor, apply=True)


def _run(plan_id: Any, actor: int, *, apply: bool) -> None:
    """Do the work of a plan, as the worker does; ``apply``: and apply it."""
    from matricula.batches.planning import apply_plan
    from matricula.batches.plans.reads import find_plan
    from matricula.jobs.reads import get_job
    from matricula.journal.statuses import CONSOLE
    from matricula.models import Plan
    from matricula.worker.tasks import carry_out

    carry_out(get_job(plan_id))
    if apply:
        # so many changes would wait for an approval
        Plan.objects.filter(pk=plan_id).update(is_held=False)
        plan = find_plan(plan_id)
        assert plan
        job = apply_plan(
            plan_id, actor_id=actor, source=CONSOLE, fingerprint=plan.fingerprint or "", reason="as the faculty asked"
        )
        carry_out(get_job(job))


def main() -> None:
    """Fill the database that was named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--people", type=int, default=1_000_000)
    chosen = parser.parse_args()
    with database(chosen.data):
        fill(chosen.people)


if __name__ == "__main__":
    main()
