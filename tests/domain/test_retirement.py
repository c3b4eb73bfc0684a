"""Retirement: nothing of a person is left anywhere, and everything else is as before."""

import base64
import dataclasses
import email
import email.policy
import gzip
import io
import json
import uuid
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.db import SessionStore
from django.core.mail import EmailMessage
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils import timezone

from matricula.access.clients.writes import create_client
from matricula.access.statuses import Scope
from matricula.cli import check
from matricula.disclosures.writes import Recipient
from matricula.enrollments.course.rosters import RosterFilter
from matricula.enrollments.program.students import StudentFilter
from matricula.foundation.files import StorageFailed, open_file, write_file
from matricula.grades.writes import GradeRequest, save_grades
from matricula.history.integrity import list_differences
from matricula.history.seals.verification import verify_seals
from matricula.history.seals.writes import seal_journal
from matricula.history.snapshots.reads import find_snapshot
from matricula.history.snapshots.verification import verify_snapshot
from matricula.history.snapshots.writes import make_snapshot
from matricula.idempotency.encryption import decrypt
from matricula.idempotency.rules import unpacked
from matricula.idempotency.writes import Answer, keep_answer
from matricula.identity.accounts import change_account
from matricula.identity.traces import COLUMNS, REFERENCES, Holds
from matricula.jobs.reads import get_job
from matricula.journal.acts import ActFilter
from matricula.journal.acts import Scope as HistoryScope
from matricula.journal.statuses import Source
from matricula.journal.writes import new_operation
from matricula.listings.exports import ListedHistory, ListedRoster, ListedStudents, start_list
from matricula.models import (
    Account,
    CourseEnrollment,
    ExternalLogin,
    Grade,
    Group,
    Job,
    JournalEntry,
    JournalRedaction,
    OutgoingMail,
    PendingMember,
    ProgramEnrollment,
    Retirement,
    RosterBlock,
    Webhook,
)
from matricula.notices.backends import FileBackend
from matricula.retirement.runs import NotTheOwner, run_retirements
from matricula.retirement.writes import Whom, request_retirement
from matricula.worker.tasks import carry_out
from tests.batches import start_enrollment_task, start_roster_check
from tests.conftest import World, as_superuser, found, make_account, make_token, write
from tests.domain.plans.test_commands import Run, run
from tests.domain.program_jobs import download, enroll, finished, link, study, upload
from tests.university import EXTRA, OWN, University
from tests.workbooks import rows_of

__all__ = ["run"]
# no word of it is in anything else
STRINGS = (
    "Quirinus",
    "Vandermeulen",
    "Kuchařová",
    "qvander",
    "vandermeulen@quartz.example",
    "qv.old@quartz.example",
    "qv.new@quartz.example",
    "NQ-77-4711",
    "qoldname",
    "qvander@idp.example",
)
NAME = "qvander"


@pytest.fixture
def traced(university: University, final_at_once: None, tmp_path: Path, settings: Any) -> University:
    """A person with a trace in every place."""
    settings.ENVIRONMENT = dataclasses.replace(settings.ENVIRONMENT, email_url=f"file://{tmp_path}/mail")
    plant(university, tmp_path)
    return university


def plant(university: University, tmp_path: Path) -> Account:
    """Through the roads, as far as there are any."""
    world = university.world
    person = make_account("qoldname", email="qv.old@quartz.example", first_name="Quirinus", last_name="Kuchařová")
    operation = new_operation(world.admin.pk, "console", "Asked for by Quirinus Kuchařová")
    world.enroll("qv.new@quartz.example", auto_enroll=True, reason="sister of qoldname")
    names = {"username": NAME, "email": "Vandermeulen@Quartz.example", "last_name": "Vandermeulen"}
    change_account(operation, person.pk, names)
    change_account(new_operation(person.pk, "console"), person.pk, {"email": "qv.new@quartz.example"})
    change_account(new_operation(person.pk, "console"), person.pk, {"wanted_email": "qv.old@quartz.example"})
    person = Account.objects.get(pk=person.pk)
    others = [make_account(f"other{n}", last_name="Plain") for n in range(3)]
    world.enroll(NAME, *(o.username for o in others), email=True, reason="VANDERMEULEN, Quirinus: see qvander")
    world.unenroll("other2", reason="not Vandermeulen's")
    write(found(EXTRA), "enroll", "qv.old@quartz.example", auto_enroll=True, reason="for qvander")
    enroll("NQ-77-4711", "S-1")
    link("NQ-77-4711", person)
    study(university.course.pk, "NQ-77-4711", "S-1")
    save_grades(operation, [GradeRequest(world.course.id, person.pk, 0.75, "B", True)])
    finished(upload("student_key,status\nNQ-77-4711,suspended\nnq-77-4711,Vandermeulen\n"))
    named = ["QVander", "vandermeulen@quartz.example", "sam"]
    assert carry_out(get_job(start_enrollment_task(world.course, named, actor_id=world.admin.pk)))
    plan = start_roster_check(world.course, NAME, "someone", "qv.old@quartz.example", actor_id=world.admin.pk)
    assert carry_out(get_job(plan))
    for subject in ({"course_id": world.course.id}, {"program_id": university.own.pk}):
        recipient = Recipient(source="api", operation=operation.id, os_user=NAME, reason="for Quirinus Vandermeulen")
        make_snapshot(new_operation(None, "api"), name="Census of qvander", recipient=recipient, **subject)
    for kind in ("list_program_enrollments", "list_all_course_run_enrollments"):
        for form in ("csv", "json"):
            download(kind, form)
    in_course, in_program = (
        {"course_id": world.course.id, "program_id": None},
        {"course_id": None, "program_id": university.own.pk},
    )
    for listed, where in (
        (ListedRoster(RosterFilter(is_active=None), "username"), in_course),
        (ListedHistory(HistoryScope(course_id=world.course.id, programs=None), ActFilter()), in_course),
        (ListedStudents(StudentFilter(), names=True), in_program),
    ):
        finished(start_list(listed, actor_id=university.root.pk, source=Source.CONSOLE, reason="for qvander", **where))
    _plant_rows(university, person)
    _plant_files(tmp_path)
    return person


def _plant_rows(university: University, person: Account) -> None:
    """What libraries, and columns that no road fills with names, may hold all the same."""
    group = Group.objects.create(name="Friends of Quirinus Vandermeulen")
    PendingMember.objects.create(group=group, email="QV.Old@quartz.example")
    kind = ContentType.objects.get_for_model(Account)
    LogEntry.objects.create(
        user=university.root,
        content_type=kind,
        object_id=str(person.pk),
        object_repr=NAME,
        action_flag=ADDITION,
        change_message=json.dumps([{"changed": {"fields": ["Kuchařová"]}}]),
    )
    session = SessionStore()
    session["_auth_user_id"] = str(person.pk)
    session.save()
    session = SessionStore()
    session["_messages"] = "Quirinus Vandermeulen was enrolled."
    session.save()
    scopes = [Scope("read")]
    create_client(
        new_operation(None, "command"), "qvander-script", "Script of Quirinus Vandermeulen", person.pk, scopes
    )
    make_token(university.root)
    EmailAddress.objects.create(user=person, email="vandermeulen@quartz.example")
    OutgoingMail.objects.create(
        kind="allowed_enroll",
        to="QV.NEW@quartz.example",
        language="en",
        context={"name": "Quirinus Vandermeulen"},
        operation=uuid.uuid4(),
        queued=timezone.now(),
        sent=timezone.now(),
        last_error="550 <qv.new@quartz.example> unknown",
    )
    Webhook.objects.create(
        id=uuid.uuid4(),
        owner=person,
        url="https://hooks.example.org/?to=vandermeulen%40quartz.example",
        created=timezone.now(),
        secret="x",
        xact=0,
        entry=0,
    )
    ExternalLogin.objects.create(account=person, provider="campus", subject="qvander@idp.example")
    Authenticator.objects.create(user=person, type="webauthn", data={"name": "Key of Quirinus Vandermeulen"})
    answered = Answer(200, {}, b'{"username":"qvander"}', uuid.uuid4())
    keep_answer(b"1", b"1", university.root.pk, answered)
    keep_answer(b"2", b"2", person.pk, answered)
    RosterBlock.objects.create(course_id=university.course.pk, start=NAME)
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into procrastinate_jobs (queue_name, task_name, args) values ('q', 'deliver', %s)",
            [json.dumps({"to": "qv.new@quartz.example"})],
        )
        cursor.execute(RECOUNT, {"course": university.course.pk, "start": NAME})


# the counts of the roster as if the block had been split by the road
RECOUNT = """
with moved as (
    select is_active, mode, count(*) as seats from matricula_courseenrollment
    where course_id = %(course)s and username_key >= %(start)s group by 1, 2
)
insert into matricula_rostercount (course_id, block, is_active, mode, seats)
select %(course)s, %(start)s, is_active, mode, seats from moved
union all select %(course)s, '', is_active, mode, -seats from moved
"""


def _plant_files(tmp_path: Path) -> None:
    row = "NQ-77-4711,qvander,vandermeulen@quartz.example,0.75\r\n"
    sheet = io.BytesIO()
    with zipfile.ZipFile(sheet, "w") as archive:
        archive.writestr("xl/sharedStrings.xml", "<si><t>Kuchařová</t></si><si><t>other1</t></si>")
    folder = f"reports/north/{OWN}"
    write_file(f"{folder}/grades.csv", [f"student_key,username,email,grade\r\n{row}S-1,,,0.5\r\n".encode()])
    write_file(f"{folder}/grades.csv.gz", [gzip.compress(row.encode())])
    write_file(f"{folder}/grades.xlsx", [sheet.getvalue()])
    write_file(f"{folder}/vandermeulen_quirinus.txt", [b"hello"])
    mails = tmp_path / "mail"
    FileBackend(mails).send_messages(
        [
            EmailMessage("Přijetí", "Vážená paní Kuchařová, ěšč", to=["x@example.org"]),
            EmailMessage("Hi", "you", to=["y@example.org"]),
        ]
    )


def texts_of_database() -> Iterator[tuple[str, str]]:
    """Everything that is stored, table by table, sessions decoded."""
    with as_superuser(), connection.cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = 'public' order by 1")
        tables = [name for (name,) in cursor.fetchall()]
        for table in tables:
            with cursor.copy(f"copy (select * from {table}) to stdout") as copied:  # noqa: S608
                yield table, b"".join(map(bytes, copied)).decode()
        cursor.execute("select session_data from django_session")
        yield "sessions", repr([SessionStore().decode(data) for (data,) in cursor.fetchall()])
        cursor.execute("select identity, answer from matricula_storedanswer")
        kept = [unpacked(decrypt(bytes(identity), bytes(answer))) for identity, answer in cursor.fetchall()]
        yield "answers", repr(kept)


def texts_of_files(tmp_path: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(tmp_path.rglob("*")):
        yield "names", str(path.relative_to(tmp_path))
        if not path.is_file():
            continue
        content = path.read_bytes()
        if path.suffix == ".gz":
            content = gzip.decompress(content)
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as archive:
                content = b"".join(map(archive.read, archive.namelist()))
        if path.suffix == ".eml":
            message = email.message_from_bytes(content, policy=email.policy.default)
            content = str(message.get_content()).encode()
        yield path.name, content.decode()


def workbooks(tmp_path: Path) -> dict[str, list[list[str]]]:
    return {path.name: rows_of(path.read_bytes()) for path in tmp_path.rglob("jobs/*.xlsx")}


def forms(string: str) -> set[str]:
    """As it may be written: escaped, percent-encoded, in base64 behind whatever."""
    encoded = {base64.b64encode(b" " * n + string.encode())[(0, 2, 3)[n] : -4].decode() for n in range(3)}
    return {string, json.dumps(string)[1:-1], quote(string)} | encoded


def found_in(places: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    return {
        (place, string)
        for place, text in places
        for string in STRINGS
        for form in forms(string)
        if form in text or form.casefold() in text.casefold()
    }


COUNTED = (
    "matricula_account",
    "matricula_courseenrollment",
    "matricula_disclosure",
    "matricula_grade",
    "matricula_job",
    "matricula_jobchunk",
    "matricula_plan",
    "matricula_preenrollment",
    "matricula_programcourseenrollment",
    "matricula_programenrollment",
    "matricula_snapshot",
    "matricula_studentidentity",
)


def standing() -> dict[str, Any]:
    """Counts, statuses and grades, by ids."""
    return {
        "counts": {table: _count(table) for table in COUNTED},
        "seats": list(
            CourseEnrollment.objects.order_by("id").values_list("account_id", "course_id", "mode", "is_active")
        ),
        "students": list(ProgramEnrollment.objects.order_by("id").values_list("account_id", "status")),
        "grades": list(Grade.objects.order_by("id").values_list("account_id", "percent", "letter_grade", "passed")),
        "jobs": list(Job.objects.order_by("id").values_list("id", "state", "counts", "done")),
        "roster": _rosters(),
    }


def _count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from {table}")  # noqa: S608
        return int(cursor.fetchone()[0])


def _rosters() -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select course_id, mode, is_active, sum(seats) from matricula_rostercount group by 1, 2, 3"
            " having sum(seats) <> 0 order by 1, 2, 3"
        )
        return list(cursor.fetchall())


def retire(*identifiers: str) -> Retirement:
    ids = [request_retirement(Whom(identifier), actor_id=None, reason=None) for identifier in identifiers]
    with as_superuser():
        run_retirements()
    return Retirement.objects.get(pk=ids[0])


def test_nothing_of_the_person_is_left_and_all_else_is_as_before(traced: University, tmp_path: Path) -> None:
    planted = found_in(texts_of_database()) | found_in(texts_of_files(tmp_path))
    assert {string for _, string in planted} == set(STRINGS)
    books = workbooks(tmp_path)
    seal_journal()
    before, differences = standing(), list(list_differences())
    # a file of a list is no change, and the journal doesn't tell of it
    assert not [found for found in differences if found.what.startswith("jobs")]
    retired = retire(NAME)
    assert found_in(texts_of_database()) == set()
    assert found_in(texts_of_files(tmp_path)) == set()
    assert standing() == before
    # what was planted past the journal differs as before
    assert list(list_differences()) == differences
    assert verify_seals().wrong == 0
    assert list(check.seal_problems()) == []
    seal_journal()
    assert verify_seals().wrong == 0
    assert (retired.state, retired.traces) == ("done", None)
    assert retired.replaced["matricula_journalentry"] > 0
    # one pseudonym in all places
    assert Account.objects.get(pk=retired.account_id).username == retired.code
    assert retired.code in dict(texts_of_files(tmp_path))["grades.csv"]
    # also in the sheets of lists, of which rows of others are as before
    assert len(books) == 3
    for name, book in workbooks(tmp_path).items():
        pairs = list(zip(books[name], book, strict=True))
        assert {len(row) for _, row in pairs} == {len(book[0])}
        assert any(retired.code in cell for old, new in pairs for cell in new if old != new)
        assert all(old == new for old, new in pairs if not found_in([("row", repr(old))]))


def test_what_was_forged_is_found_beside_what_was_redacted(world: World, final_at_once: None) -> None:
    world.enroll("sam", reason="as Sam Learner asked")
    world.enroll("staff", reason="because")
    seal_journal()
    retire("sam")
    assert verify_seals().wrong == 0
    other = JournalEntry.objects.get(account_id=world.staff.pk, subject="course_enrollment")
    assert not JournalRedaction.objects.filter(entry_id=other.pk).exists()
    with as_superuser(), connection.cursor() as cursor:
        cursor.execute("select set_config('matricula.retiring', 'on', true)")
        cursor.execute("update matricula_journalentry set reason = 'another' where id = %s", [other.pk])
    assert verify_seals().wrong == 1


def test_the_application_cannot_change_what_is_append_only(world: World) -> None:
    """Also if it says that it retires someone; and the owner can't by mistake."""
    for statement in (
        "update matricula_journalentry set reason = 'x'",
        "update matricula_snapshot set name = 'x'",
        "insert into matricula_journalredaction (entry_id, digest, operation) values (1, '', gen_random_uuid())",
    ):
        denied = pytest.raises(ProgrammingError, match="permission denied")
        with denied, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select set_config('matricula.retiring', 'on', true)")
            cursor.execute(statement)
    with pytest.raises(IntegrityError, match="journal_is_append_only"), transaction.atomic(), as_superuser():
        JournalEntry.objects.update(reason="x")
    with pytest.raises(NotTheOwner):
        run_retirements()


def test_names_are_free_again_and_a_second_person_gets_another_pseudonym(world: World) -> None:
    world.enroll("sam", "new@example.org")
    differences = list(list_differences())
    first = retire("sam")
    second = make_account("sam", email="sam@example.org", first_name="Sam", last_name="Learner")
    world.enroll("sam")
    assert second.pk != first.account_id
    other = retire("sam")
    assert other.code != first.code
    assert set(Account.objects.filter(username__startswith="retired-").values_list("username", flat=True)) == {
        first.code,
        other.code,
    }
    assert [d for d in list_differences() if d not in differences] == []


def test_accounts_that_became_part_of_one_are_retired_with_it(world: World) -> None:
    other = make_account("sam2", first_name="Sam", last_name="Learner")
    Account.objects.filter(pk=other.pk).update(merged_into=world.learner, is_active=False)
    world.enroll("staff", reason="instead of Sam Learner, sam2")
    retire("sam")
    states = dict(Retirement.objects.values_list("account_id", "state"))
    assert states == {world.learner.pk: "done", other.pk: "done"}
    entry = JournalEntry.objects.get(account_id=world.staff.pk, subject="course_enrollment")
    assert not {"Sam", "Learner", "sam2"} & set((entry.reason or "").replace(",", "").split())


def test_a_run_that_was_interrupted_goes_on(world: World, storage_fails: Callable[[], None], settings: Any) -> None:
    write_file("jobs/one.csv", [b"username\r\nsam\r\n"])
    request_retirement(Whom("sam"), actor_id=None, reason=None)
    working = settings.STORAGES
    storage_fails()
    with as_superuser(), pytest.raises(StorageFailed):
        run_retirements()
    begun = Retirement.objects.get()
    assert (begun.state, Account.objects.get(pk=begun.account_id).username) == ("running", begun.code)
    settings.STORAGES = working
    with as_superuser():
        assert run_retirements().retired == [begun.pk]
    with open_file("jobs/one.csv") as file:
        assert file.read().decode().splitlines()[1] == begun.code


def test_the_command(world: World, run: Run, tmp_path: Path) -> None:
    world.enroll("sam", reason="as Sam Learner asked")
    assert "may not change the audit log" in run("retire", "sam", "--yes").stderr
    file = tmp_path / "people.csv"
    file.write_text("username,email\nsam,\n,staff@example.org\n")
    with as_superuser():
        shown = json.loads(run("retire", "--file", file, "--preview", "--json").stdout)
        assert [one["usernames"] for one in shown["people"]] == [["sam"], ["staff"]]
        assert shown["replaced"]["matricula_journalentry"] > 0
        assert run("retire", "sam").exit_code == 1
        assert Account.objects.filter(username="sam").exists()
        assert not Retirement.objects.exists()
        assert "no such person" in run("retire", "unknown", "--yes").stderr
        assert run("retire").exit_code == 2
        done = json.loads(run("retire", "--file", file, "--yes", "--json").stdout)
        assert len(done["retired"]) == 2
        assert run("retire", "--pending").stdout == "0 retired.\n"
    assert not Account.objects.filter(username__in=["sam", "staff"]).exists()


def test_a_snapshot_says_that_it_was_redacted(world: World, run: Run) -> None:
    world.enroll("sam", "staff")
    recipient = Recipient(source="api", operation=uuid.uuid4())
    made = make_snapshot(new_operation(None, "api"), name="Census", recipient=recipient, course_id=world.course.id)
    before = find_snapshot(made)
    assert before is not None
    assert verify_snapshot(before).redacted is None
    retire("sam")
    after = find_snapshot(made)
    assert after is not None
    assert (after.digest, after.count) == (before.digest, before.count)
    verified = verify_snapshot(after)
    assert verified.is_right
    assert verified.redacted == after.redacted is not None
    assert "Traces of a person were removed" in run("snapshots", "verify", made).stdout
    with open_file(after.file) as file:
        altered = file.read().replace(b"staff", b"stuff")
    write_file(after.file, [altered])
    assert not verify_snapshot(after).is_right


COLUMNS_THERE = """
select c.table_name, c.column_name from information_schema.columns c
join information_schema.tables t using (table_schema, table_name)
where c.table_schema = 'public' and t.table_type = 'BASE TABLE'
    and (c.data_type in ('text', 'character varying', 'character', 'json', 'jsonb', 'bytea')
        or c.data_type = 'ARRAY' and c.udt_name in ('_text', '_varchar', '_jsonb', '_bytea'))
    and c.table_name <> 'procrastinate_version' and c.table_name not like 'matricula\\_journalentry\\_%'
"""
REFERRING = """
select conrelid::regclass::text, a.attname from pg_constraint
join pg_attribute a on a.attrelid = conrelid and a.attnum = any(conkey)
where confrelid = 'matricula_account'::regclass and a.attname <> 'username_key'
union
select table_name, column_name from information_schema.columns
where table_schema = 'public' and table_name not like 'matricula\\_journalentry\\_%'
    and table_name <> 'matricula_change' and column_name in (
        'account_id', 'actor_id', 'owner_id', 'user_id', 'merged_into_id', 'people')
    -- a number; a row of another table
    and (table_name, column_name) not in (
        ('matricula_disclosure', 'people'), ('socialaccount_socialtoken', 'account_id'))
"""


def test_no_column_is_forgotten(db: None) -> None:
    """A new column with texts is declared in ``identity.traces``: what it holds, or that it holds no person."""
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS_THERE)
        there = set(cursor.fetchall())
        cursor.execute(REFERRING)
        referring = set(cursor.fetchall())
    tables = {table for table, _ in there}
    declared = {(table, column) for table, columns in COLUMNS.items() if table in tables for column in columns}
    assert there == declared
    assert referring == {(r.table, r.column) for r in REFERENCES if r.table in tables | {t for t, _ in referring}}
    kinds = {holds for columns in COLUMNS.values() for holds in columns.values()}
    assert kinds == set(Holds)
