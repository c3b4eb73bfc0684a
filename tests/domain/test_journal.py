"""The journal is complete: from it alone, every table can be rebuilt, whatever was done through whatever door."""

import itertools
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from matricula.access.clients.writes import create_client, delete_client, end_tokens
from matricula.access.grants import (
    CourseRoleRequest,
    FeatureRequest,
    RoleRequest,
    delete_group,
    save_groups,
    write_grants,
)
from matricula.enrollments.program.retention import delete_waiting_students
from matricula.enrollments.program.rules import Verb
from matricula.enrollments.program.writes import ProgramCourseRequest, write_program_course_enrollments
from matricula.grades.writes import GradeRequest, StudentGradeRequest, save_grades, write_student_grades
from matricula.history.integrity import list_differences
from matricula.identity.accounts import change_account, save_accounts
from matricula.identity.linking import link_student_keys
from matricula.identity.members import add_to_group
from matricula.identity.own_accounts import ask_for_address, change_profile, end_sessions
from matricula.identity.providers.claims import Person
from matricula.identity.providers.reading import Provider
from matricula.identity.providers.writes import sign_on, unlink
from matricula.identity.sign_ups import SignUp, confirm_sign_up, delete_expired_sign_ups, sign_up
from matricula.institution.problems import InstitutionRefused
from matricula.institution.reading import read_institution_file
from matricula.institution.writes import load_institution
from matricula.jobs.canceling import cancel_job
from matricula.jobs.reads import get_job
from matricula.journal.states import AccountState, CourseState, InvitationState, read_state
from matricula.journal.statuses import Subject
from matricula.journal.writes import Operation, new_operation
from matricula.learners.links import ACTIVATE, make_link
from matricula.learners.rows import read_row
from matricula.learners.writes import AccountRequest
from matricula.models import Account, Change, Client, Group, JournalEntry, OperationRecord, PreEnrollment
from matricula.worker.tasks import carry_out
from tests.conftest import KEY, OTHER_KEY, PASSWORD, Api, World
from tests.domain.program_jobs import enroll, upload, upload_courses
from tests.journal import record_setting
from tests.university import OWN, SECOND, University, facts, make_university

SOME = settings(max_examples=8, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
# people who have accounts, who get them on the way, and who never do
NAMES = ("sam", "staff", "new1", "new2")
ADDRESSES = ("sam@example.org", "later@example.org", "new1@example.org", "N3@example.org")
KEYS = ("S-1", "s-2", "S-2", "S-3")
BOOLEANS = (False, True)


class Doors:
    """What can be done, each with numbers that choose to whom, and how."""

    def __init__(self, university: University, folder: Path) -> None:
        self.university = university
        self.folder = folder
        self.course = university.world.course
        self.api = Api(university.root)

    def operation(self) -> Operation:
        return new_operation(self.university.root.pk, "api", "because")

    def account(self, number: int) -> int:
        name = NAMES[number % len(NAMES)]
        found = Account.objects.filter(username_key=name).first()
        return found.pk if found else self.university.world.learner.pk

    def somebody(self, number: int) -> str:
        return (NAMES + ADDRESSES)[number % 8]

    def enroll(self, a: int, b: int, c: int) -> None:
        world = self.university.world
        world.enroll(
            self.somebody(a),
            self.somebody(a + c),
            mode=["audit", "honor", None][b % 3],
            auto_enroll=BOOLEANS[c % 2],
            reason=[None, "one", "two"][(a + b) % 3],
            operation=self.operation() if b % 2 else None,
            journal_unchanged=BOOLEANS[(b + c) % 2],
        )

    def unenroll(self, a: int, b: int, c: int) -> None:
        self.university.world.unenroll(self.somebody(a), self.somebody(b), journal_unchanged=BOOLEANS[c % 2])

    def task(self, a: int, b: int, c: int) -> None:
        body = {"action": ["enroll", "unenroll"][b % 2], "identifiers": [self.somebody(a), self.somebody(c)]}
        answer: Any = self.api.post(f"/api/enrollment/v2/courses/{KEY}/enrollments", body)
        job = get_job(json.loads(answer.content)["task_id"]) if answer.status_code == 202 else None
        if job is not None and c % 3 == 0:
            cancel_job(job.id, self.operation(), may=lambda _job: True)
        elif job is not None:
            assert carry_out(job)

    def account_saved(self, a: int, b: int, c: int) -> None:
        name = NAMES[a % len(NAMES)]
        address = [None, *ADDRESSES][c % 5] if c % 2 else f"{name}@example.org"
        request = AccountRequest(
            name, address or f"{name}@example.org", last_name=f"L{b}", is_active=BOOLEANS[b % 2], is_staff=b % 3 == 0
        )
        save_accounts(self.operation(), [request, AccountRequest("new9", "new9@example.org")])

    def account_changed(self, a: int, b: int, c: int) -> None:
        changes: list[dict[str, Any]]
        changes = [{"is_active": True}, {"is_active": False}, {"email": ADDRESSES[c % 4]}, {"first_name": str(c)}, {}]
        change_account(self.operation(), self.account(a), changes[b % 5], PASSWORD if c % 3 == 0 else None)

    def own_account(self, a: int, b: int, _c: int) -> None:
        account = Account.objects.get(pk=self.account(a))
        if b % 3 == 0:
            change_profile(self.operation(), account.pk, account.generation, {"language": "es", "wanted_email": ""})
        elif b % 3 == 1:
            ask_for_address(self.operation(), account.pk, account.generation, PASSWORD, "x@example.org", "http://x")
        else:
            end_sessions(self.operation(), account.pk, account.generation, PASSWORD, end_clients=True)

    def signed_up(self, a: int, b: int, _c: int) -> None:
        name = NAMES[2 + a % 2]
        sign_up(self.operation(), SignUp(name, f"{name}@example.org", PASSWORD), "http://x")
        row = read_row(email_key=f"{name}@example.org")
        if b % 2 and row is not None:
            confirm_sign_up(make_link(ACTIVATE, row), PASSWORD, "sign-up")

    def night(self, _a: int, _b: int, c: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("update matricula_account set date_joined = now() - interval '90 days'")
            cursor.execute("update matricula_programenrollment set updated = now() - interval '90 days'")
            cursor.execute("update matricula_programcourseenrollment set updated = now() - interval '90 days'")
        delete_expired_sign_ups(30) if c % 2 else delete_waiting_students(30)

    def student(self, a: int, b: int, c: int) -> None:
        body = [{"student_key": KEYS[a % 4], "status": ["enrolled", "pending", "canceled"][b % 3]}]
        path = f"/api/v1/programs/{[OWN, SECOND][c % 2]}/enrollments/"
        self.api("POST" if c % 3 else "PATCH", path, body)

    def student_in_course(self, a: int, b: int, c: int) -> None:
        status, staff = ["active", "inactive"][b % 2], [None, True, False][c % 3]
        self.student(a, 0, 4 + c % 2 * 3)
        requests = [ProgramCourseRequest(self.university.course.pk, KEYS[a % 4], status, staff)]
        write_program_course_enrollments(self.operation(), facts([OWN, SECOND][c % 2]), Verb.CREATE_OR_UPDATE, requests)

    def uploaded(self, a: int, b: int, c: int) -> None:
        status = ["enrolled", "ended"][b % 2]
        assert carry_out(get_job(upload(f"student_key,status\n{KEYS[a % 4]},{status}\n{KEYS[c % 4]},pending\n")))
        status = ["active", "inactive"][c % 2]
        rows = f"course_id,student_key,status,course_staff\n{KEY},{KEYS[b % 4]},{status},{BOOLEANS[a % 2]}\n"
        assert carry_out(get_job(upload_courses(rows, course_roles=True)))

    def linked(self, a: int, b: int, c: int) -> None:
        links = [(KEYS[a % 4], self.account(b)), (KEYS[b % 4], None if c % 2 else self.account(c))]
        link_student_keys(self.operation(), facts().organization_id, links)

    def graded(self, a: int, b: int, c: int) -> None:
        course = self.course.id
        grade = GradeRequest(course, self.account(a), b / 12, "B", passed=True)
        save_grades(self.operation(), [grade, GradeRequest(course, self.account(c), error="none yet")])
        write_student_grades(self.operation(), facts(), course, [StudentGradeRequest(KEYS[c % 4], 1, passed=True)])

    def granted(self, a: int, b: int, c: int) -> None:
        account, program = self.account(a), self.university.own.pk
        role = "read_enrollments"
        grants: list[Any]
        grants = [
            CourseRoleRequest("staff", account, self.course.id),
            RoleRequest(role, account_id=account, program_id=program),
            FeatureRequest("course_roles", account_id=account),
        ]
        write_grants(self.operation(), [grants[b % 3]], granted=BOOLEANS[c % 2])

    def grouped(self, a: int, b: int, c: int) -> None:
        save_groups(self.operation(), ["team", f"team{c % 2}"])
        group = Group.objects.get(name="team")
        add_to_group(self.operation(), group.pk, self.somebody(a))
        write_grants(self.operation(), [RoleRequest("read_reports", group_id=group.pk)], granted=True)
        if b % 3 == 0:
            delete_group(self.operation(), group.pk)

    def signed_on(self, a: int, b: int, c: int) -> None:
        save_groups(self.operation(), ["team"])
        provider = Provider(name=f"campus{c % 2}", title="Campus", create_accounts=BOOLEANS[b % 2])
        groups = frozenset(["team", "no such group"] if b % 3 == 0 else [])
        person = Person(
            f"subject{a % 3}", ADDRESSES[c % 4], usernames=("sam", "new2"), student_keys={"north": KEYS[b % 4]},
            groups=groups,
        )  # fmt: skip
        found = sign_on(provider, person)
        if isinstance(found, int) and c % 3 == 0:
            unlink(self.operation(), found, provider.name)

    def client(self, a: int, b: int, c: int) -> None:
        create_client(self.operation(), f"client{a % 2}", "A client", self.account(b), ["read"])
        client = Client.objects.get(client_id=f"client{a % 2}")
        if c % 3 == 0:
            delete_client(self.operation(), client.pk)
        else:
            end_tokens(self.operation(), client.pk)

    def loaded(self, a: int, b: int, c: int) -> None:
        name = NAMES[a % 4]
        courses = [KEY, OTHER_KEY, f"course-v1:North+C{c % 2}+1"]
        file = self.folder / "institution.yaml"
        file.write_text(
            json.dumps(
                {
                    "organizations": [{"key": "north", "name": f"North {b % 2}"}, {"key": f"o{c % 2}", "name": "O"}],
                    "courses": [
                        {"key": courses[n], "organization": "north", "title": f"T{(b + n) % 3}", "modes": ["audit"],
                         "enrollment_start": ["2027-01-10T00:00:00Z", "2027-01-10T01:00:00+01:00"][c % 2]}
                        for n in range(b % 3 + 1)
                    ],
                    "programs": [
                        {"key": "n-new", "organization": "north", "title": "New",
                         "courses": [{"key": courses[n]} for n in range(b % 3 + 1)][:: -1 if c % 2 else 1]}
                    ],
                    "groups": [{"name": "team", "roles": [{"role": "read_metadata"}], "features": ["course_roles"]}],
                    "users": [
                        {"username": name, "email": f"{name}@example.org", "groups": ["team"][: b % 2],
                         "roles": [{"role": "staff", "course": courses[0]}][: c % 2],
                         "student_keys": {"north": KEYS[c % 4]}}
                    ],
                    "pending_members": [{"email": ADDRESSES[c % 4], "group": "team"}],
                    "clients": [{"client_id": "sis", "client_secret": f"{PASSWORD}{b % 2}-{PASSWORD}", "user": name}],
                    "grades": [{"course": courses[0], "username": name, "percent": c / 12, "passed": b % 2 == 0}],
                }
            )
        )  # fmt: skip
        # an address may belong to another account by then, and nothing is loaded
        with suppress(InstitutionRefused):
            load_institution(self.operation(), read_institution_file(file), prune_roles=BOOLEANS[c % 2])


DOORS = sorted(name for name, value in vars(Doors).items() if callable(value) and not name.startswith("_"))
for helper in ("operation", "account", "somebody"):
    DOORS.remove(helper)
acts = st.lists(
    st.tuples(st.sampled_from(DOORS), st.integers(0, 11), st.integers(0, 11), st.integers(0, 11)),
    min_size=4,
    max_size=14,
)


class _Undo(Exception):
    """Ends an example: the next starts from the same state."""


@pytest.fixture
def doors(world: World, tmp_path: Path, settings: Any) -> Doors:
    settings.STORAGES = {**settings.STORAGES}
    university = make_university(world)
    doors = Doors(university, tmp_path)
    record_setting()
    return doors


def test_the_setting_can_be_rebuilt(doors: Doors) -> None:
    assert doors.folder.is_dir()
    assert list(list_differences()) == []


@pytest.mark.parametrize("door", DOORS)
def test_each_door_leaves_entries_and_no_difference(doors: Doors, door: str) -> None:
    act: Callable[[int, int, int], None] = getattr(doors, door)
    before = Change.objects.count()
    for numbers in itertools.product((1, 6), (0, 1, 5), (2, 3)):
        act(*numbers)
    assert list(list_differences()) == []
    assert door == "night" or Change.objects.count() > before


@SOME
@given(done=acts)
def test_whatever_is_done_the_journal_rebuilds_every_table(doors: Doors, done: list[tuple[str, int, int, int]]) -> None:
    with pytest.raises(_Undo), transaction.atomic():
        for door, *numbers in done:
            getattr(doors, door)(*numbers)
        assert list(list_differences()) == [], done
        raise _Undo


def entries_of(subject: Subject, **wanted: Any) -> list[JournalEntry]:
    return list(JournalEntry.objects.filter(subject=subject, **wanted).order_by("id"))


def test_one_entry_connects_an_invited_address_with_its_account(world: World) -> None:
    world.enroll("new1@example.org")
    [outcome] = save_accounts(new_operation(None, "console"), [AccountRequest("new1", "new1@example.org")])
    invited, linked = entries_of(Subject.PRE_ENROLLMENT)
    assert (invited.account_id, invited.email) == (None, "new1@example.org")
    assert (linked.account_id, linked.email, linked.transition) == (outcome.account_id, "new1@example.org", "linked")
    assert Change.objects.get(pk=linked.pk).source == "console"


def test_an_enrollment_that_an_invitation_became_names_the_address_too(world: World) -> None:
    world.enroll("new1@example.org", auto_enroll=True)
    [outcome] = save_accounts(new_operation(None, "console"), [AccountRequest("new1", "new1@example.org")])
    [entry] = entries_of(Subject.COURSE_ENROLLMENT)
    assert (entry.account_id, entry.email) == (outcome.account_id, "new1@example.org")


def test_a_key_that_moves_is_in_the_history_of_both_people(doors: Doors) -> None:
    sam, staff = doors.university.world.learner, doors.university.world.staff
    enroll("S-1")
    for account in (sam, staff):
        link_student_keys(new_operation(None, "command"), facts().organization_id, [("S-1", account.pk)])
    for subject in (Subject.STUDENT_KEY, Subject.PROGRAM_ENROLLMENT):
        steps = [(e.account_id, e.transition) for e in entries_of(subject) if "linked" in e.transition]
        assert steps == [(sam.pk, "linked"), (sam.pk, "unlinked"), (staff.pk, "linked")]
    assert list(list_differences()) == []


def test_an_invitation_repeated_by_a_file_stays_as_the_journal_knows_it(world: World) -> None:
    """Where nothing changed, nothing is written, neither the entry nor who invited."""
    world.enroll("new1@example.org", reason="first")
    world.enroll("new1@example.org", reason="second", journal_unchanged=False)
    assert PreEnrollment.objects.get().reason == "first"
    world.enroll("new1@example.org", reason="third")
    assert PreEnrollment.objects.get().reason == "third"
    assert [e.reason for e in entries_of(Subject.PRE_ENROLLMENT)] == ["first", "third"]


def test_an_act_that_changes_nothing_is_an_operation(world: World) -> None:
    operation = new_operation(None, "console")
    world.unenroll("sam", operation=operation, journal_unchanged=False)
    assert OperationRecord.objects.filter(pk=operation.id).exists()
    assert not JournalEntry.objects.filter(operation=operation.id).exists()


def test_states_of_either_version_are_read() -> None:
    stored = {
        "enrollment": {"mode": "audit", "is_active": True},
        "pre_enrollment": {"mode": None, "auto_enroll": False, "bound": True},
    }
    for version in ({}, {"v": 2}):
        state = read_state(Subject.COURSE_ENROLLMENT, json.dumps({**version, **stored}))
        assert isinstance(state, CourseState)
        assert state.pre_enrollment == InvitationState(None, auto_enroll=False, bound=True)
    assert read_state(Subject.GRADE, "{}") is None
    # only what changed, as version 1 had it
    account = read_state(Subject.ACCOUNT, '{"is_active": true, "password": {"changed": true}}')
    assert isinstance(account, AccountState) and account.is_active is True and account.email is UNSET


BEHIND_ITS_BACK = [
    ("update matricula_account set last_name = 'x' where username = 'sam'", "accounts"),
    ("update matricula_account set wants_plan_mail = false where username = 'sam'", "accounts"),
    ("update matricula_organization set name = 'x'", "organizations"),
    ("update matricula_organization set limits = '{\"approvals\": 0}'", "organizations"),
    ("update matricula_course set capacity = 3", "course runs"),
    ("update matricula_course set limits = '{\"approvals\": 0}'", "course runs"),
    ("update matricula_program set title = 'x'", "programs"),
    ("update matricula_program set limits = '{\"approvals\": 0}'", "programs"),
    ("update matricula_program set hold_uploads = not hold_uploads", "programs"),
    ("update matricula_programcourse set position = 9", "course runs in programs"),
    ("delete from matricula_courserole", "roles in course runs"),
    ("delete from matricula_rolegrant", "roles and features"),
    ("delete from matricula_membership", "memberships"),
    ("delete from matricula_pendingmember", "memberships"),
    ("update matricula_group set name = name || 'x'", "groups"),
    ("update matricula_client set scopes = '{}'", "API clients"),
    ("update matricula_grade set error = 'x', percent = null", "grades"),
    ("delete from matricula_externallogin", "logins at identity providers"),
    ("update matricula_externallogin set subject = 'x'", "logins at identity providers"),
    ("delete from matricula_studentidentity", "student keys"),
    ("update matricula_preenrollment set auto_enroll = not auto_enroll", "invitations"),
    ("update matricula_preenrollment set actor_id = (select max(id) from matricula_account)", "inviters"),
    ("update matricula_preenrollment set reason = 'x'", "inviters"),
    ("update matricula_programenrollment set status = 'ended'", "students of programs"),
    ("delete from matricula_programcourseenrollment", "students of programs in course runs"),
    ("update matricula_job set state = 'failed', error = 'x'", "jobs"),
    ("update matricula_job set done = done - 1 where state = 'completed'", "jobs"),
    ("update matricula_job set total = total + 1 where state = 'completed'", "jobs"),
]


def test_every_change_behind_the_back_of_the_journal_is_found(doors: Doors) -> None:
    for door, numbers in (
        ("enroll", (7, 0, 0)), ("student", (1, 0, 1)), ("student_in_course", (1, 0, 1)), ("linked", (1, 0, 2)),
        ("graded", (0, 1, 0)), ("signed_on", (0, 2, 1)), ("granted", (0, 1, 1)), ("grouped", (0, 1, 0)),
        ("grouped", (6, 1, 0)), ("client", (0, 0, 1)), ("uploaded", (0, 0, 1)),
    ):  # fmt: skip
        getattr(doors, door)(*numbers)
    assert list(list_differences()) == []
    for change, what in BEHIND_ITS_BACK:
        with pytest.raises(_Undo), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(change)
                assert cursor.rowcount, change
            assert f"{what} differ from what the journal tells last" in {d.what for d in list_differences()}
            raise _Undo
