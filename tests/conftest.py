"""What tests share: an institution to act in, clients that speak HTTP, and a database of one's own for races."""

import copy
import functools
import io
import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.http.response import HttpResponseBase
from django.test import Client as HttpClient
from django.test import TransactionTestCase
from django.utils import timezone, translation
from psycopg.pq import TransactionStatus

from matricula.catalog.reads import CourseRun, find_course
from matricula.cli.ownership import DECLARED
from matricula.enrollments.course.rules import Requested
from matricula.enrollments.course.writes import EnrollmentOutcome, EnrollmentRequest, write_course_enrollments
from matricula.foundation.postgresql.limits import be_patient
from matricula.foundation.postgresql.roles import grant_rights
from matricula.identity.accounts import save_accounts
from matricula.journal.writes import Operation, new_operation
from matricula.learners.writes import AccountRequest
from matricula.models import Account, Client, Course, CourseRole, Organization
from matricula.settings import database_of
from tests import database

# scrypt is slow on purpose; the tests make thousands of accounts
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
# a test may wait within its transaction for as long as a busy machine takes
be_patient()
# each client of a test builds the whole application anew; it need not look at all static files each time
settings.WHITENOISE_USE_FINDERS = False
BASE = "/api/enrollment/v2/courses"
KEY = "course-v1:North+CS101+2027_T1"
OTHER_KEY = "course-v1:South+ART+2027"
PASSWORD = "a-password-for-tests"


ROLE = "matricula_tests"


@pytest.fixture(scope="session")
def server() -> str:
    """Where the tests' server is, for its superuser."""
    return database.server_url()


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any, server: str) -> Iterator[None]:
    """A superuser makes the databases and their tables; the tests run as a role with the rights of the application."""
    connection.settings_dict.update({key: database_of(server)[key] for key in ("USER", "PASSWORD", "HOST", "PORT")})
    with django_db_blocker.unblock():
        _use("empty")
        connection.settings_dict["OPTIONS"]["options"] = f"-c role={ROLE}"
    yield
    with django_db_blocker.unblock():
        connection.close()


@functools.cache
def _database_name(kind: str) -> str:
    return database.own_copy(kind, _TEMPLATES[kind])


def _use(kind: str) -> None:
    """The connection of this thread leads to this process's database of a kind."""
    name = connection.settings_dict["NAME"] = _database_name(kind)
    # Playwright's event loop has a connection of its own in the same thread: what this one is open to, it says itself
    if connection.connection is not None and connection.connection.info.dbname != name:
        connection.close()


@contextmanager
def _made(name: str, of: str, role: str | None) -> Iterator[None]:
    """A new database, to which the connection leads within."""
    database.make_database(name, of)
    connection.close()
    connection.settings_dict["NAME"] = name
    if role is not None:
        connection.settings_dict["OPTIONS"]["options"] = f"-c role={role}"
    yield
    connection.close()


def _make_tables(name: str) -> None:
    with _made(name, "template0", None):
        call_command("migrate", verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute(
                f"do $$ begin create role {ROLE}; exception when duplicate_object or unique_violation then null; end $$"
            )
            # the login is the superuser's, and its sessions are asked for
            cursor.execute(f"grant pg_read_all_stats to {ROLE}")
        grant_rights(ROLE, DECLARED)


def _make_world(name: str) -> None:
    _database_name("empty")
    with _made(name, database.template("empty"), ROLE):
        make_world()


def _make_university(name: str) -> None:
    from tests.university import make_university

    _database_name("world")
    with _made(name, database.template("world"), ROLE):
        make_university(read_world())


_TEMPLATES = {"empty": _make_tables, "world": _make_world, "university": _make_university}


@pytest.fixture(scope="session")
def of_world() -> None:
    """A fixture that uses this one works in the database with the world in it."""


@pytest.fixture(scope="session")
def of_university(of_world: None) -> None:
    """A fixture that uses this one works in the database with the university in it."""


@pytest.fixture(autouse=True)
def _database_of_the_test(request: pytest.FixtureRequest) -> None:
    """Comes before ``db``, which begins the transaction of the test."""
    used = request.fixturenames
    # the mark would begin the transaction before this
    assert request.node.get_closest_marker("django_db") is None, 'write @pytest.mark.usefixtures("db")'
    if "db" not in used and "transactional_db" not in used:
        return
    request.getfixturevalue("django_db_setup")
    kind = "university" if "of_university" in used else "world" if "of_world" in used else "empty"
    with request.getfixturevalue("django_db_blocker").unblock():
        _use("empty" if "transactional_db" in used else kind)


@contextmanager
def as_superuser() -> Iterator[None]:
    """Within, the test may do what only the owner of the tables may."""
    with connection.cursor() as cursor:
        cursor.execute("set role none")
        try:
            yield
        finally:
            # a transaction that failed takes the change of the role back by itself
            if connection.connection.info.transaction_status != TransactionStatus.INERROR:
                cursor.execute(f"set role {ROLE}")


@pytest.fixture
def storage_fails(settings: Any) -> Callable[[], None]:
    """Lets the file storage fail from now on."""

    def fail() -> None:
        storage = {"BACKEND": "tests.broken_storage.UnreachableStorage"}
        settings.STORAGES = {**settings.STORAGES, "default": storage}

    return fail


@dataclass
class World:
    """Two organizations with a course each, and the people of the permission table."""

    course: CourseRun
    other: CourseRun
    admin: Account
    staff: Account
    instructor: Account
    elsewhere: Account
    learner: Account
    inactive: Account

    def enroll(self, *identifiers: str, **requested: Any) -> list[EnrollmentOutcome]:
        return write(self.course, "enroll", *identifiers, **requested)

    def unenroll(self, *identifiers: str, **requested: Any) -> list[EnrollmentOutcome]:
        return write(self.course, "unenroll", *identifiers, **requested)


def write(
    course: CourseRun,
    action: str,
    *identifiers: str,
    email: bool = False,
    reason: str | None = None,
    operation: Operation | None = None,
    journal_unchanged: bool = True,
    **requested: Any,
) -> list[EnrollmentOutcome]:
    return write_course_enrollments(
        operation or new_operation(None, "api"),
        course,
        [EnrollmentRequest(i, Requested(action, **requested), email, reason) for i in identifiers],
        journal_unchanged=journal_unchanged,
    )


def make_account(username: str, **fields: Any) -> Account:
    """What it may do is not given by the road: the tests count the journal's rows from none."""
    flags = {name: fields.pop(name) for name in ("is_staff", "is_superuser") if name in fields}
    request = {"email": f"{username}@example.org", **fields}
    [outcome] = save_accounts(new_operation(None, "command"), [AccountRequest(username=username, **request)])
    if flags:
        Account.objects.filter(pk=outcome.account_id).update(**flags)
    return Account.objects.get(pk=outcome.account_id)


def make_world() -> World:
    """Makes what ``read_world`` returns."""
    north = Organization.objects.create(key="north", name="North University")
    south = Organization.objects.create(key="south", name="South College")
    course = Course.objects.create(
        key=KEY,
        organization=north,
        title="Introduction to Programming",
        url="https://learn.example.org/cs101",
        modes=["audit", "honor", "verified"],
    )
    other = Course.objects.create(key=OTHER_KEY, organization=south, title="Art", modes=["honor"])
    make_account("admin", is_staff=True, password=PASSWORD)
    staff = make_account("staff")
    instructor = make_account("instructor", password=PASSWORD)
    elsewhere = make_account("elsewhere")
    make_account("sam", first_name="Sam", last_name="Learner", password=PASSWORD)
    make_account("later", is_active=False, password=PASSWORD)
    CourseRole.objects.bulk_create(
        [
            CourseRole(account=staff, course=course, role="staff"),
            CourseRole(account=instructor, course=course, role="instructor"),
            CourseRole(account=elsewhere, course=other, role="instructor"),
        ]
    )
    return read_world()


def read_world() -> World:
    """The world of a database that has one."""
    people = {account.username: account for account in Account.objects.all()}
    return World(
        course=found(KEY),
        other=found(OTHER_KEY),
        learner=people["sam"],
        inactive=people["later"],
        **{name: people[name] for name in ("admin", "staff", "instructor", "elsewhere")},
    )


@functools.cache
def _world() -> World:
    return read_world()


def found(key: str) -> CourseRun:
    course = find_course(key)
    assert course is not None
    return course


@pytest.fixture
def world(db: None, of_world: None, request: pytest.FixtureRequest) -> World:
    """It was there before the test, whose transaction is undone; the objects are the test's own."""
    return make_world() if "own_database" in request.fixturenames else copy.deepcopy(_world())


@pytest.fixture
def university(world: World, of_university: None) -> Any:
    """As ``world``; in the database that has the programs, too."""
    from tests.university import University

    one: University = copy.deepcopy(_university())
    one.world = world
    return one


@functools.cache
def _university() -> Any:
    from tests.university import read_university

    return read_university(_world())


@pytest.fixture(autouse=True)
def _fresh_process() -> None:
    """What a test left in its process is gone: the cache, and the language of the last page, which is the thread's."""
    cache.clear()
    translation.deactivate()


def make_token(account: Account, scopes: str = "read write", seconds: int = 600) -> str:
    client = Client.objects.create(
        client_id=str(uuid.uuid4()),
        user=account,
        client_type="confidential",
        authorization_grant_type="client-credentials",
        client_secret="x" * 40,
        scopes=scopes.split(),
    )
    from oauth2_provider.models import AccessToken, set_token_value

    token = AccessToken(application=client, scope=scopes, expires=timezone.now() + timezone.timedelta(seconds=seconds))
    raw = uuid.uuid4().hex
    set_token_value(token, raw)
    token.save()
    return raw


class Api:
    """A client of the API; without an account it sends no credentials."""

    def __init__(self, account: Account | None = None, scopes: str = "read write", **headers: str) -> None:
        self._http = HttpClient()
        self._headers = dict(headers)
        if account is not None:
            self._headers["Authorization"] = f"Bearer {make_token(account, scopes)}"

    def __call__(self, method: str, path: str, body: object = None, **headers: str) -> HttpResponseBase:
        data: dict[str, Any] = {}
        if body is not None:
            data = {
                "data": body if isinstance(body, str | bytes) else json.dumps(body),
                "content_type": headers.pop("content_type", "application/json"),
            }
        address = path if path.startswith(("/", "http")) else f"{BASE}/{KEY}/{path}"
        return self._http.generic(method, address, headers={**self._headers, **headers}, **data)

    def chunked(self, method: str, path: str, body: bytes, content_type: str) -> HttpResponseBase:
        """The body in chunks: no length is told."""
        headers = {**self._headers, "Transfer-Encoding": "chunked", "Content-Type": content_type}
        return self._http.generic(method, path, headers=headers, **{"wsgi.input": io.BytesIO(body)})  # type: ignore[arg-type]

    def get(self, path: str, **headers: str) -> HttpResponseBase:
        return self("GET", path, **headers)

    def post(self, path: str, body: object, **headers: str) -> HttpResponseBase:
        return self("POST", path, body, **headers)

    def delete(self, path: str, **headers: str) -> HttpResponseBase:
        return self("DELETE", path, **headers)


@pytest.fixture
def api(world: World) -> Api:
    """The instructor's token."""
    return Api(world.instructor)


@pytest.fixture
def api_as(world: World) -> Callable[..., Api]:
    return lambda name, scopes="read write": Api(getattr(world, name) if name else None, scopes)


@pytest.fixture
def final_at_once(db: None) -> None:
    """The journal in feed order has what the test wrote, which is never committed, and waits for no other test."""
    with as_superuser(), connection.cursor() as cursor:
        cursor.execute(
            "create or replace function matricula_journal_horizon() returns xid8 language sql stable parallel safe"
            " return '9223372036854775807'::xid8"
        )


def wait_until_final() -> None:
    """For tests that commit: what other tests of the same server have begun holds back what the feed and seals see."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_snapshot_xmax(pg_current_snapshot())")
        (after,) = cursor.fetchone()
        for _ in range(9_000):
            cursor.execute("select matricula_journal_horizon() >= %s::xid8", [after])
            if cursor.fetchone() == (True,):
                return
            time.sleep(0.01)
    raise AssertionError("an older transaction of this server doesn't end")


@pytest.fixture
def _no_flush(monkeypatch: pytest.MonkeyPatch) -> None:
    """The journal refuses the TRUNCATE with which pytest-django cleans up; ``own_database`` has its own way."""
    monkeypatch.setattr(TransactionTestCase, "_fixture_teardown", lambda _self: None)


@pytest.fixture
def own_database(_no_flush: None, transactional_db: None) -> Iterator[None]:
    """Committed transactions, for races and for the worker; everything is wiped afterwards."""
    yield
    with as_superuser(), connection.cursor() as cursor:
        cursor.execute(_WIPE)


# Past the triggers that keep the journal, and after whoever still writes. Truncating makes new files for a table and
# each of its indexes, and most tables hold few rows or none.
_WIPE = r"""
do $$
declare
    wiped constant text :=
        '^((matricula|procrastinate|oauth2|account|socialaccount|mfa)_|django_session|django_admin_log)';
    name text;
begin
    set local session_replication_role = replica;
    for name in
        select format('public.%I', tablename) from pg_tables
        where schemaname = 'public' and tablename ~ wiped and tablename <> 'procrastinate_version'
    loop
        execute format('lock table %s', name);
        if pg_relation_size(name) < 1000000 then
            execute format('delete from %s', name);
        else
            execute format('truncate %s cascade', name);
        end if;
    end loop;
    for name in
        select format('public.%I', sequencename) from pg_sequences
        where schemaname = 'public' and sequencename ~ wiped and last_value is not null
    loop
        perform setval(name, 1, false);
    end loop;
end $$
"""
