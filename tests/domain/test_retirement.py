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
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from allauth.account.models import EmailAddress
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.db import SessionStore
from django.core.mail import EmailMessage
from django.db import connection
from django.utils import timezone

from matricula.access.clients.writes import create_client
from matricula.access.statuses import Scope
from matricula.cli import check
from matricula.disclosures.writes import Recipient
from matricula.foundation.files import write_file
from matricula.grades.writes import GradeRequest, save_grades
from matricula.history.integrity import list_differences
from matricula.history.seals.verification import verify_seals
from matricula.history.seals.writes import seal_journal
from matricula.history.snapshots.writes import make_snapshot
from matricula.identity.accounts import change_account
from matricula.jobs.reads import get_job
from matricula.journal.writes import new_operation
from matricula.models import (
    Account,
    CourseEnrollment,
    Grade,
    Group,
    Job,
    OutgoingMail,
    PendingMember,
    ProgramEnrollment,
    Retirement,
    RosterBlock,
    Webhook,
)
from matricula.notices.backends import FileBackend
from matricula.retirement.runs import run_retirements
from matricula.retirement.writes import Whom, request_retirement
from matricula.worker.tasks import carry_out
from tests.batches import start_enrollment_task, start_roster_check
from tests.conftest import as_superuser, found, make_account, make_token, write
from tests.domain.program_jobs import download, enroll, finished, link, study, upload
from tests.university import EXTRA, OWN, University

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


def forms(string: str) -> set[str]:
    """As it may be written: escaped, percent-encoded, in base64 behind whatever."""
    encoded = {base64.b64encode(b" " * n + string.encode())[(0, 2, 3)[n] : -4].decode() for n in range(3)}
    return {string, json.dumps(string)[1:-1], quote(string)} | encoded


def found_in(places: Iterator[tuple[str, str]]) -> set[tuple[str, str]]:
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
    seal_journal()
    before, differences = standing(), list(list_differences())
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
