"""A right that is withdrawn while a request is on its way: nothing is written, no job is started. Every address."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db import transaction
from django.db.models import Q
from django.http.response import HttpResponseBase
from django.test import Client as HttpClient
from django.utils import timezone
from oauth2_provider.models import AccessToken

from matricula.enrollments.program.rules import Verb
from matricula.enrollments.program.writes import (
    ProgramCourseRequest,
    ProgramRequest,
    write_program_course_enrollments,
    write_program_enrollments,
)
from matricula.identity.linking import link_student_keys
from matricula.journal.writes import new_operation
from matricula.models import Account, CourseRole, FeatureGrant, Membership, RoleGrant
from matricula.rest.contracts.enrollment_v2.urls import ENROLLMENT_ADDRESSES
from matricula.rest.contracts.record.urls import BASE as RECORD
from matricula.rest.contracts.record.urls import RECORD_ADDRESSES
from matricula.rest.contracts.registrar.urls import REGISTRAR_ADDRESSES
from tests.conftest import BASE, KEY, Api, World, make_account
from tests.university import OWN, University, facts
from tests.wire.answers import content
from tests.wire.test_permissions import session
from tests.withdrawing import everything, withdrawn

COURSE_PATH = f"/programs/{OWN}/courses/{quote(KEY)}"
FILE = "multipart/form-data; boundary=x"


def multipart(text: str) -> bytes:
    head = '--x\r\nContent-Disposition: form-data; name="file"; filename="f.csv"\r\n\r\n'
    return f"{head}{text}\r\n--x--\r\n".encode()


# (address without its base, method) → where to, and a body that is carried out
ENROLLMENT = {
    ("/{course_key}/enrollments", "POST"): ("enrollments", {"identifiers": ["new@example.org"]}),
    ("/{course_key}/enrollments/{email_or_username}", "DELETE"): ("enrollments/sam", None),
}
REGISTRAR: dict[tuple[str, str], tuple[str, Any]] = {
    ("/programs/{program_key}/enrollments/", "GET"): (f"/programs/{OWN}/enrollments/", None),
    ("/programs/{program_key}/enrollments/", "POST"): (
        f"/programs/{OWN}/enrollments/", [{"student_key": "S-2", "status": "enrolled"}],
    ),
    ("/programs/{program_key}/enrollments/", "PATCH"): (
        f"/programs/{OWN}/enrollments/", [{"student_key": "S-1", "status": "suspended"}],
    ),
    ("/programs/{program_key}/enrollments/upload/", "POST"): (
        f"/programs/{OWN}/enrollments/upload/", multipart("student_key,status\nS-3,enrolled\n"),
    ),
    ("/programs/{program_key}/course_enrollments/", "GET"): (f"/programs/{OWN}/course_enrollments/", None),
    ("/programs/{program_key}/course_enrollments/upload/", "POST"): (
        f"/programs/{OWN}/course_enrollments/upload/",
        multipart(f"course_id,student_key,status\n{KEY},S-1,inactive\n"),
    ),
    ("/programs/{program_key}/courses/{course_id}/enrollments/", "GET"): (f"{COURSE_PATH}/enrollments/", None),
    ("/programs/{program_key}/courses/{course_id}/enrollments/", "POST"): (
        f"{COURSE_PATH}/enrollments/", [{"student_key": "S-0", "status": "active"}],
    ),
    ("/programs/{program_key}/courses/{course_id}/enrollments/", "PATCH"): (
        f"{COURSE_PATH}/enrollments/", [{"student_key": "S-1", "status": "inactive"}],
    ),
    ("/programs/{program_key}/courses/{course_id}/grades/", "GET"): (f"{COURSE_PATH}/grades/", None),
    ("/programs/{program_key}/courses/{course_id}/grades/", "PUT"): (
        f"{COURSE_PATH}/grades/", [{"student_key": "S-1", "percent": 0.5, "letter_grade": "C", "passed": True}],
    ),
}  # fmt: skip
# these only read, whatever their method
READ_ONLY = {"/programs/", "/programs/{program_key}/", "/programs/{program_key}/courses/"}
READ_ONLY |= {"/programs/{program_key}/reports", "/jobs/", "/jobs/{job_id}/"}


@dataclass(frozen=True)
class Way:
    """How somebody got the right, how it is taken away, and what the address then says."""

    rest: Callable[[University], Account]
    withdraw: Callable[[Account], object]
    status: int


def deactivate(account: Account) -> object:
    return Account.objects.filter(pk=account.pk).update(is_active=False)


def tokens_of(account: Account) -> Any:
    return AccessToken.objects.filter(Q(user=account) | Q(application__user=account))


def end_tokens(account: Account) -> object:
    return tokens_of(account).delete()


def expire_tokens(account: Account) -> object:
    return tokens_of(account).update(expires=timezone.now() - timedelta(seconds=1))


def lose_flags(account: Account) -> object:
    return Account.objects.filter(pk=account.pk).update(is_staff=False, is_superuser=False)


def lose_course_roles(account: Account) -> object:
    return CourseRole.objects.filter(account=account).delete()


def lose_roles(account: Account) -> object:
    return RoleGrant.objects.filter(account=account).delete()


def leave_groups(account: Account) -> object:
    return Membership.objects.filter(account=account).delete()


def lose_group_roles(account: Account) -> object:
    return RoleGrant.objects.filter(group_id__in=Membership.objects.filter(account=account).values("group")).delete()


COURSE_WAYS = {
    "the role of the course": Way(lambda u: u.world.instructor, lose_course_roles, 403),
    "global staff": Way(lambda u: u.world.admin, lose_flags, 403),
    "superuser": Way(lambda u: u.root, lose_flags, 403),
    "the account": Way(lambda u: u.world.instructor, deactivate, 401),
    "the token": Way(lambda u: u.world.instructor, end_tokens, 401),
    "the token's time": Way(lambda u: u.world.instructor, expire_tokens, 401),
}
WRITE = "read_write_enrollments"
PROGRAM_WAYS = {
    "the role": Way(lambda u: u.holder(WRITE), lose_roles, 403),
    "the role on the organization": Way(lambda u: u.holder(WRITE, on="organization"), lose_roles, 403),
    "the role everywhere": Way(lambda u: u.holder(WRITE, on="everywhere"), lose_roles, 403),
    "the group": Way(lambda u: u.holder(WRITE, group=True), leave_groups, 403),
    "the role of the group": Way(lambda u: u.holder(WRITE, group=True), lose_group_roles, 403),
    "superuser": Way(lambda u: u.root, lose_flags, 403),
    "the account": Way(lambda u: u.writer(), deactivate, 401),
    "the token": Way(lambda u: u.writer(), end_tokens, 401),
    "the token's time": Way(lambda u: u.writer(), expire_tokens, 401),
}


@pytest.fixture
def students(university: University) -> University:
    """A learner in the course; S-1 is linked and in the course run of the program, S-0 in the program only."""
    world = university.world
    world.enroll("sam")
    operation, program = new_operation(None, "api"), facts()
    link_student_keys(operation, program.organization_id, [("S-1", world.learner.pk)])
    asked = [ProgramRequest("S-0", "enrolled"), ProgramRequest("S-1", "enrolled")]
    write_program_enrollments(operation, program, Verb.CREATE, asked)
    seat = ProgramCourseRequest(world.course.id, "S-1", "active")
    write_program_course_enrollments(operation, program, Verb.CREATE, [seat])
    return university


def send(ask: Api, method: str, path: str, body: Any) -> HttpResponseBase:
    if isinstance(body, bytes):
        return ask(method, path, body, content_type=FILE)
    return ask(method, path, body)


def refused_when_withdrawn(account: Account, way: Way, method: str, path: str, body: Any) -> None:
    with transaction.atomic():
        ask, before = Api(account), everything()
        with withdrawn(lambda: way.withdraw(account)) as withdrawal:
            answer = send(ask, method, path, body)
        assert withdrawal.fired
        after = everything()
        assert answer.status_code == way.status, (method, path, content(answer))
        changed = {name for name in after if after[name] != before[name]}
        # what the withdrawal itself changed
        assert changed <= {"account", "courserole", "rolegrant", "featuregrant", "membership", "tokens"}, (method, path)
        transaction.set_rollback(True)


def test_the_tables_have_every_address_that_writes() -> None:
    bases = {f"/api/{version}" for version in ("v1", "v2", "v3")}
    known = {key for key, _ in REGISTRAR.items()}
    seen = {
        (a.template.removeprefix(base), method)
        for a in REGISTRAR_ADDRESSES
        for method in a.methods
        for base in bases
        if a.template.startswith(base)
    }
    assert {(path, method) for path, method in seen if path not in READ_ONLY} == known
    assert not {(path, method) for path, method in seen if path in READ_ONLY and method != "GET"}
    writing = {(a.template, m) for a in ENROLLMENT_ADDRESSES for m in a.methods if m != "GET"}
    assert writing == {(f"{BASE}{path}", method) for path, method in ENROLLMENT}


def test_each_of_them_writes_where_nothing_is_withdrawn(students: University) -> None:
    manager, writer = students.world.instructor, students.writer()
    asked = [(manager, method, path, body) for (_, method), (path, body) in ENROLLMENT.items()]
    asked += [(writer, method, f"/api/v2{path}", body) for (_, method), (path, body) in REGISTRAR.items()]
    for account, method, path, body in asked:
        with transaction.atomic():
            before = everything()
            answer = send(Api(account), method, path, body)
            assert answer.status_code in {200, 202}, (method, path, content(answer))
            assert everything() != before, (method, path)
            transaction.set_rollback(True)


PLANS = {
    "course": {
        "kind": "course_enrollments",
        "course": KEY,
        "rows": [{"identifier": name, "action": "unenroll"} for name in ("sam", *(f"sam{n}" for n in range(20)))],
    },
    "program": {
        "kind": "program_enrollments",
        "program": OWN,
        "rows": [{"student_key": f"S-{n}", "status": "canceled"} for n in range(21)],
    },
}


def record_asks(students: University, about: str) -> dict[tuple[str, str], tuple[str, Any]]:
    """As ``ENROLLMENT``, of the Record API: a plan that is held, one that is ready, and an operation."""
    ask = Api(students.root)
    if about == "course":
        for n in range(20):
            make_account(f"sam{n}")
        students.world.enroll(*(f"sam{n}" for n in range(20)))
    else:
        asked = [ProgramRequest(f"S-{n}", "enrolled") for n in range(2, 21)]
        write_program_enrollments(new_operation(None, "api"), facts(), Verb.CREATE, asked)

    def plan(rows: Any) -> dict[str, Any]:
        return dict(ask.post(f"{RECORD}/plans", {**PLANS[about], "rows": rows}).json())  # type: ignore[attr-defined]

    rows = PLANS[about]["rows"]
    held, ready, done = plan(rows), plan(rows[:1]), plan(rows[-1:])
    assert (held["state"], ready["state"]) == ("held", "ready")
    applied = ask.post(f"{done['plan_url']}/apply", {"fingerprint": done["fingerprint"]}).json()  # type: ignore[attr-defined]
    seal, other = {"fingerprint": held["fingerprint"]}, {"fingerprint": ready["fingerprint"]}
    path = f"{RECORD}/plans/{held['plan_id']}"
    asks: dict[str, tuple[str, Any]] = {
        "/plans": (f"{RECORD}/plans", {**PLANS[about], "rows": rows[:1]}),
        "/plans/{plan_id}/exclude": (f"{path}/exclude", {"rows": [1]}),
        "/plans/{plan_id}/include": (f"{path}/include", {"rows": [1]}),
        "/plans/{plan_id}/approve": (f"{path}/approve", seal),
        "/plans/{plan_id}/reject": (f"{path}/reject", seal),
        "/plans/{plan_id}/apply": (f"{RECORD}/plans/{ready['plan_id']}/apply", other),
        "/plans/{plan_id}/cancel": (f"{path}/cancel", {}),
        "/webhooks": (f"{RECORD}/webhooks", {"url": "https://a.example.org", "filter": {about: PLANS[about][about]}}),
        "/operations/{operation_id}/undo": (f"{RECORD}/operations/{applied['operation_id']}/undo", {"reason": "why"}),
        "/snapshots": (f"{RECORD}/snapshots", {name: PLANS[about][name] for name in PLANS[about] if name == about}),
    }
    return {(template, "POST"): where for template, where in asks.items()}


def webhook_asks(owner: Account) -> dict[tuple[str, str], tuple[str, Any]]:
    """As ``record_asks``, of a webhook of the account."""
    ask = Api(owner)
    path = ask.post(f"{RECORD}/webhooks", {"url": "https://hooks.example.org"}).json()["webhook_url"]  # type: ignore[attr-defined]
    test = ask.post(f"{path}/test", None).json()["delivery_id"]  # type: ignore[attr-defined]
    return {
        ("/webhooks/{webhook_id}", "PATCH"): (path, {"active": False}),
        ("/webhooks/{webhook_id}", "DELETE"): (path, None),
        ("/webhooks/{webhook_id}/rotate", "POST"): (f"{path}/rotate", None),
        ("/webhooks/{webhook_id}/test", "POST"): (f"{path}/test", None),
        ("/webhooks/{webhook_id}/deliveries/{delivery_id}/retry", "POST"): (f"{path}/deliveries/{test}/retry", None),
    }


def refused_after_each_look(account: Account, way: Way, method: str, path: str, body: Any) -> None:
    """The right is withdrawn behind each look-up: until the last one, what one may not see any more is 404."""
    statuses: list[int] = []
    for look_up in range(1, 20):
        with transaction.atomic():
            ask, before = Api(account), everything()
            with withdrawn(lambda: way.withdraw(account), look_up) as withdrawal:
                answer = send(ask, method, path, body)
            after = everything()
            transaction.set_rollback(True)
        if not withdrawal.fired:
            break
        changed = {name for name in after if after[name] != before[name]}
        assert changed <= {"account", "courserole", "rolegrant", "featuregrant", "membership", "tokens"}, (method, path)
        statuses.append(answer.status_code)
    assert len(statuses) > 1
    assert set(statuses) <= {401, 403, 404}, (method, path)
    assert statuses[-1] == way.status, (method, path, statuses)


@pytest.mark.parametrize(
    ("about", "way"), [("course", COURSE_WAYS["the role of the course"]), ("program", PROGRAM_WAYS["the role"])]
)
def test_the_record_api(about: str, way: Way, students: University) -> None:
    asks = record_asks(students, about)
    writing = {(a.template.removeprefix(RECORD), m) for a in RECORD_ADDRESSES for m in a.methods if m != "GET"}
    # once it is there, a webhook is its owner's to change, whatever it is about
    others = {(path, method) for path, method in writing if path.startswith(("/webhooks/", "/retirements"))}
    assert writing == set(asks) | others
    account = way.rest(students)
    for (_, method), (path, body) in asks.items():
        refused_after_each_look(account, way, method, path, body)


@pytest.mark.parametrize("way", ["the account", "the token", "the token's time"])
def test_the_record_api_without_credentials(way: str, students: University) -> None:
    asks, taken = record_asks(students, "course"), COURSE_WAYS[way]
    account = taken.rest(students)
    for (_, method), (path, body) in asks.items():
        refused_after_each_look(account, taken, method, path, body)
    for (_, method), (path, body) in webhook_asks(account).items():
        refused_when_withdrawn(account, taken, method, path, body)


def test_retiring(students: University) -> None:
    """Only superusers may, and only as long as they are."""
    way, path = COURSE_WAYS["superuser"], f"{RECORD}/retirements"
    made = Api(students.root).post(path, {"username": "sam"}).json()["retirement_url"]  # type: ignore[attr-defined]
    refused_when_withdrawn(students.root, way, "POST", path, {"username": "staff"})
    refused_when_withdrawn(students.root, way, "DELETE", made, None)


@pytest.mark.parametrize("way", COURSE_WAYS)
def test_enrolling_and_unenrolling(way: str, students: University) -> None:
    taken = COURSE_WAYS[way]
    account = taken.rest(students)
    for (_, method), (path, body) in ENROLLMENT.items():
        refused_when_withdrawn(account, taken, method, path, body)
    refused_when_withdrawn(account, taken, "POST", "enrollments", {"identifiers": ["sam", "staff", "x@example.org"]})


@pytest.mark.parametrize("way", PROGRAM_WAYS)
def test_writing_students_uploads_and_downloads(way: str, students: University) -> None:
    taken = PROGRAM_WAYS[way]
    account = taken.rest(students)
    for (_, method), (path, body) in REGISTRAR.items():
        refused_when_withdrawn(account, taken, method, f"/api/v2{path}", body)


def test_a_feature_that_was_on(students: University) -> None:
    writer = students.writer(course_roles=True)
    way = Way(lambda _: writer, lambda a: FeatureGrant.objects.filter(account=a).delete(), 403)
    body = [{"student_key": "S-1", "status": "active", "course_staff": True}]
    refused_when_withdrawn(writer, way, "PATCH", f"/api/v2{COURSE_PATH}/enrollments/", body)


def test_a_session_that_a_new_password_ended(students: University) -> None:
    """As ``log out everywhere`` does it."""
    instructor = students.world.instructor
    before = everything()

    def change() -> object:
        return Account.objects.filter(pk=instructor.pk).update(password="another")

    with withdrawn(change) as withdrawal:
        answer = session(instructor)("POST", f"{BASE}/{KEY}/enrollments", '{"identifiers": ["new@example.org"]}')
    assert withdrawal.fired
    assert answer.status_code == 401
    assert everything()["journalentry"] == before["journalentry"]


class HeldBody(io.BytesIO):
    """A body whose first byte comes after the role was withdrawn."""

    def __init__(self, body: bytes, account: Account) -> None:
        super().__init__(body)
        self._account = account

    def read(self, *size: int | None) -> bytes:
        lose_course_roles(self._account)
        return super().read(*size)


def test_a_body_that_is_held_back_until_the_role_is_gone(world: World) -> None:
    ask, before = Api(world.instructor), everything()
    body = b'{"identifiers": ["new@example.org"]}'
    answer = HttpClient().generic(
        "POST",
        f"{BASE}/{KEY}/enrollments",
        headers={**ask._headers, "Content-Type": "application/json", "Content-Length": str(len(body))},
        **{"wsgi.input": HeldBody(body, world.instructor)},  # type: ignore[arg-type]
    )
    assert answer.status_code == 403, content(answer)
    assert not CourseRole.objects.filter(account=world.instructor).exists()
    assert everything()["journalentry"] == before["journalentry"]
