"""Who may see and do what in the console: every address, every kind of reader, own, foreign and unknown things."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client as HttpClient
from django.urls import URLPattern, reverse
from django.utils import timezone
from oauth2_provider.models import AccessToken

from matricula.console import urls
from matricula.disclosures.writes import Recipient
from matricula.enrollments.program.rules import Verb
from matricula.enrollments.program.writes import ProgramRequest, write_program_enrollments
from matricula.feed.webhooks.secrets import encrypt, new_secret
from matricula.history.snapshots.writes import make_snapshot
from matricula.jobs.reads import get_job
from matricula.journal.writes import new_operation
from matricula.models import (
    Account,
    Client,
    CourseRole,
    Delivery,
    Group,
    LmsConnection,
    LmsDifference,
    LmsRow,
    OutgoingMail,
    PreEnrollment,
    ProgramEnrollment,
    RoleGrant,
    Webhook,
)
from tests.batches import apply_check, start_roster_check
from tests.conftest import KEY, OTHER_KEY, World, make_account, write
from tests.university import ABROAD, OWN, UNMANAGED, University, facts, make_university

SIGNED_IN, MANAGES_COURSE, OPERATOR = "signed in", "manages the course", "operator"
READ_METADATA, READ, WRITE = "read_metadata", "read_enrollments", "write_enrollments"
READ_REPORTS = "read_reports"


@dataclass(frozen=True)
class Page:
    """What its view says of itself, and what those get who may: by GET and by POST (an empty form)."""

    permission: str
    get: int | None = None
    post: int | None = None


# address → what stands before it. An empty form of a change is told what is missing: the page again, or a way back.
PAGES = {
    # without an app that asks for something
    "authorize": Page(SIGNED_IN, get=400, post=400),
    "search": Page(SIGNED_IN, get=200),
    # opened by itself, leads to the search
    "search_suggestions": Page(SIGNED_IN, get=302),
    "people": Page(SIGNED_IN, get=200),
    "person": Page(SIGNED_IN, get=200),
    "person_history": Page(SIGNED_IN, get=200),
    "person_enroll": Page(SIGNED_IN, post=302),
    "person_link": Page(SIGNED_IN, post=302),
    "person_of_key_link": Page(SIGNED_IN, post=400),
    "person_of_key": Page(SIGNED_IN, get=200),
    "person_of_invitation": Page(SIGNED_IN, get=200),
    "why": Page(SIGNED_IN, get=200, post=400),
    # only in the demo
    "tour": Page(SIGNED_IN, get=404),
    "tour_end": Page(SIGNED_IN, get=404),
    "my": Page(SIGNED_IN, get=200),
    "my_history": Page(SIGNED_IN, get=200),
    "programs": Page(SIGNED_IN, get=200),
    "courses": Page(SIGNED_IN, get=200),
    "course": Page(MANAGES_COURSE, get=200),
    "course_history": Page(MANAGES_COURSE, get=200),
    "course_curve": Page(MANAGES_COURSE, get=200),
    "course_as_of": Page(MANAGES_COURSE, get=200),
    "course_as_of_file": Page(MANAGES_COURSE, get=400, post=400),
    "course_comparison": Page(MANAGES_COURSE, get=200),
    "course_comparison_file": Page(MANAGES_COURSE, get=200, post=200),
    "course_snapshots": Page(MANAGES_COURSE, post=400),
    "course_person": Page(MANAGES_COURSE, get=200),
    "course_why": Page(MANAGES_COURSE, get=200, post=400),
    "course_person_why": Page(MANAGES_COURSE, get=200),
    "course_beta_tester": Page(MANAGES_COURSE, post=302),
    "course_enroll": Page(MANAGES_COURSE, get=200, post=400),
    "course_change": Page(MANAGES_COURSE, post=302),
    "program": Page(READ_METADATA, get=200),
    "program_numbers": Page(READ, get=200),
    "program_courses": Page(READ, get=200),
    "program_curve": Page(READ, get=200),
    "program_history": Page(READ, get=200),
    "program_as_of": Page(READ, get=200),
    "program_as_of_file": Page(READ, get=400, post=400),
    "program_comparison": Page(READ, get=200),
    "program_comparison_file": Page(READ, get=200, post=200),
    "program_snapshots": Page(READ, post=400),
    "program_download": Page(READ, post=302),
    "program_report": Page(READ_REPORTS, get=404, post=404),
    "program_upload": Page(WRITE, get=200, post=400),
    "student": Page(READ, get=200),
    "program_why": Page(READ, get=200, post=400),
    "student_why": Page(READ, get=200),
    "student_history": Page(READ, get=200),
    "student_change": Page(WRITE, post=409),
    "student_new": Page(WRITE, get=200, post=400),
    "student_link": Page(WRITE, get=200, post=400),
    "students_change": Page(WRITE, post=302),
    "jobs": Page(SIGNED_IN, get=200),
    "job": Page(SIGNED_IN, get=200),
    "job_progress": Page(SIGNED_IN, get=200),
    "job_cancel": Page(SIGNED_IN, post=302),
    "job_refused": Page(SIGNED_IN, get=200),
    "plans": Page(SIGNED_IN, get=200),
    "plan": Page(SIGNED_IN, get=200),
    "plan_progress": Page(SIGNED_IN, get=200),
    "plan_refused": Page(SIGNED_IN, get=200),
    "plan_rows": Page(SIGNED_IN, post=302),
    "plan_review": Page(SIGNED_IN, post=302),
    "plan_apply": Page(SIGNED_IN, post=302),
    "plan_cancel": Page(SIGNED_IN, post=302),
    "operations": Page(SIGNED_IN, get=200),
    "operation": Page(SIGNED_IN, get=200),
    "operation_undo": Page(SIGNED_IN, get=200, post=400),
    "mails": Page(SIGNED_IN, get=200),
    # nothing is selected
    "mail_recall": Page(SIGNED_IN, get=302, post=302),
    "mail_again": Page(SIGNED_IN, get=302, post=302),
    "mail": Page(SIGNED_IN, get=200),
    "mail_message": Page(SIGNED_IN, get=200),
    "lms": Page(OPERATOR, get=200),
    "lms_connection": Page(OPERATOR, get=200),
    "lms_retry": Page(OPERATOR, post=302),
    "lms_differences": Page(OPERATOR, post=302),
    "lms_differences_file": Page(OPERATOR, get=200, post=200),
    "lms_username": Page(OPERATOR, post=302),
    "lms_compare": Page(OPERATOR, post=302),
    "lms_grades": Page(OPERATOR, post=302),
    "disclosures": Page(OPERATOR, get=200),
    "merge": Page(OPERATOR, get=200, post=400),
    "merge_pair": Page(OPERATOR, get=200, post=400),
    "snapshots": Page(SIGNED_IN, get=200),
    "snapshot": Page(SIGNED_IN, get=200),
    "snapshot_file": Page(SIGNED_IN, get=200, post=200),
    "snapshot_verify": Page(SIGNED_IN, post=200),
    "access": Page(OPERATOR, get=200),
    "access_grant": Page(OPERATOR, get=200, post=400),
    "access_withdraw": Page(OPERATOR, get=200, post=400),
    "access_person": Page(OPERATOR, get=200),
    "access_own": Page(SIGNED_IN, get=200),
    # opened by itself
    "access_find": Page(SIGNED_IN, get=302),
    # of someone else, without grants on what the reader manages; of the superuser's client
    "access_can": Page(SIGNED_IN, get=200),
    "access_client_can": Page(SIGNED_IN, get=200),
    "access_group_new": Page(OPERATOR, get=200, post=400),
    "access_group": Page(OPERATOR, get=200),
    "access_member_new": Page(OPERATOR, get=200, post=400),
    "access_group_delete": Page(OPERATOR, get=200, post=400),
    "access_client_new": Page(OPERATOR, get=200, post=400),
    "access_client": Page(OPERATOR, get=200),
    "access_client_delete": Page(OPERATOR, get=200, post=400),
    "account": Page(SIGNED_IN, get=200, post=302),
    "mfa_index": Page(SIGNED_IN, get=200),
    "mfa_activate_totp": Page(SIGNED_IN, get=200, post=200),
    "mfa_deactivate_totp": Page(SIGNED_IN, get=404, post=404),
    "mfa_add_webauthn": Page(SIGNED_IN, get=200, post=200),
    "mfa_remove_webauthn": Page(SIGNED_IN, get=404, post=404),
    "mfa_view_recovery_codes": Page(SIGNED_IN, get=404),
    "mfa_generate_recovery_codes": Page(SIGNED_IN, get=200, post=200),
    "own_client_new": Page(SIGNED_IN, get=200, post=400),
    "own_token_end": Page(SIGNED_IN, post=302),
    # ends tokens too
    "account_sessions_end": Page(SIGNED_IN, post=302),
    "own_client_delete": Page(SIGNED_IN, get=200, post=302),
    "webhooks": Page(SIGNED_IN, get=200),
    "webhook_new": Page(SIGNED_IN, get=200, post=400),
    "webhook": Page(SIGNED_IN, get=200),
    "webhook_change": Page(SIGNED_IN, get=200, post=400),
    "webhook_switch": Page(SIGNED_IN, post=302),
    "webhook_rotate": Page(SIGNED_IN, post=200),
    "webhook_test": Page(SIGNED_IN, post=302),
    "webhook_redeliver": Page(SIGNED_IN, post=302),
    "webhook_delete": Page(SIGNED_IN, get=200, post=302),
}
# pages that ask for the password once more, of those who have one
ASK_AGAIN = {"mfa_activate_totp", "mfa_add_webauthn", "mfa_remove_webauthn", "mfa_generate_recovery_codes"}
HAVE_PASSWORDS = {"learner", "instructor", "global staff"}
# pages about what acts as an account: for anybody else it is not there; here it is the superuser's
OF_AN_ACCOUNT = {"own_token_end", "own_client_delete"}
OF_AN_ACCOUNT |= {name for name in PAGES if name.startswith("webhook_") and name != "webhook_new"} | {"webhook"}
# pages of a job: its own reader's, and those who may read all jobs
OF_A_JOB = {"job", "job_progress", "job_cancel", "job_refused"}
# pages of a plan, of an operation and of a snapshot, here about a course run: for those who manage it; for others they
# are not there
OF_A_PLAN = {"plan", "plan_progress", "plan_refused", "plan_rows", "plan_review", "plan_apply", "plan_cancel"}
# … and of a mail about one
OF_A_PLAN |= {"mail", "mail_message"}
OF_A_PLAN |= {"operation", "operation_undo", "snapshot", "snapshot_file", "snapshot_verify"}
# pages of people: for those who see them in a course run, or under a key in a program; for others they are not there
OF_A_PERSON = {name: MANAGES_COURSE for name in ("person", "person_history", "person_enroll", "person_of_invitation")}
OF_A_PERSON |= {"person_link": MANAGES_COURSE, "person_of_key": READ, "person_of_key_link": WRITE}

# what someone can do, and why
EXPLAINED = {"access_can", "access_client_can"}

HOLDS: Mapping[str, set[str]] = {
    "learner": set(),
    "beta tester": set(),
    "elsewhere": set(),
    "staff": {MANAGES_COURSE},
    "instructor": {MANAGES_COURSE},
    "global staff": {MANAGES_COURSE},
    "read_all_jobs": set(),
    "read_metadata": {READ_METADATA},
    "read_enrollments": {READ_METADATA, READ},
    "read_write_enrollments": {READ_METADATA, READ, WRITE},
    "read_reports": {READ_METADATA, READ_REPORTS},
    "superuser": {MANAGES_COURSE, OPERATOR, READ_METADATA, READ, WRITE, READ_REPORTS},
}
READS_ALL_JOBS = {"read_all_jobs", "superuser"}
NOBODY = "nobody"


@dataclass
class Place:
    """The things that stand in the addresses, and who looks at them."""

    university: University
    arguments: dict[str, Any]

    def account(self, name: str) -> Account:
        world = self.university.world
        known = {"learner": world.learner, "elsewhere": world.elsewhere, "staff": world.staff}
        known |= {"instructor": world.instructor, "global staff": world.admin, "superuser": self.university.root}
        if name == "beta tester":
            account = make_account("beta")
            CourseRole.objects.create(account=account, course_id=world.course.id, role="beta_tester")
            return account
        return known[name] if name in known else self.university.holder(name)

    def reader(self, name: str, *, csrf: bool = False) -> HttpClient:
        http = HttpClient(enforce_csrf_checks=csrf)
        if name != NOBODY:
            http.force_login(self.account(name))
        return http

    def address(self, page: str, **other: Any) -> str:
        pattern = next(p for p in urls.urlpatterns if p.name == page)
        converters = pattern.pattern.converters
        given = {"key": OWN if page.startswith(("program", "student")) else KEY, **self.arguments, **other}
        return reverse(page, kwargs={name: given[name] for name in converters})


@pytest.fixture
def place(world: World) -> Place:
    return make_place(world)


def make_place(world: World) -> Place:
    """A learner in the course, a student in the program, and a check of the instructor."""
    university = make_university(world)
    world.enroll("sam", "guest@example.org")
    write_program_enrollments(new_operation(None, "api"), facts(), Verb.CREATE, [ProgramRequest("S-1", "enrolled")])
    plan = start_roster_check(world.course, "staff", "no-such-person", actor_id=world.instructor.pk)
    first = start_roster_check(world.course, "later", actor_id=world.instructor.pk)
    job = apply_check(get_job(first), source="console", reason="a reason")
    student = ProgramEnrollment.objects.get()
    client = Client.objects.create(user=university.root, client_id="script", scopes=["read"])
    token = AccessToken.objects.create(application=client, expires=timezone.now() + timedelta(hours=1), scope="read")
    group = Group.objects.create(name="team")
    grant = RoleGrant.objects.create(role="read_reports", group=group)
    operation = new_operation(None, "command", course_id=world.course.id)
    snapshot = make_snapshot(
        operation, course_id=world.course.id, name="Census", recipient=Recipient("command", operation.id)
    )
    ids: dict[str, Any] = {"job_id": job, "plan_id": plan, "operation_id": job, "snapshot_id": snapshot}
    ids |= {"account_id": world.learner.pk, "student_id": student.pk, "client_id": client.pk}
    ids |= {"name": "no-such-report__2026-11-27.csv"}
    ids |= {"token_id": token.pk, "group_id": group.pk, "grant_id": grant.pk, "kind": "role"}
    lms = LmsConnection.objects.create(name="lms", url="http://lms", client_id="c", client_secret_env="LMS_SECRET")
    ids["connection_id"] = lms.pk
    row = LmsRow.objects.create(
        connection=lms, course_id=world.course.id, account=world.learner, email="sam@example.org", wanted="enrolled",
        mode="audit", state="rejected", updated=timezone.now(),
    )  # fmt: skip
    LmsDifference.objects.create(
        connection=lms, course_id=world.course.id, row=row, username="sam", kind="differs", here="audit",
        found=timezone.now(),
    )  # fmt: skip
    webhook = Webhook.objects.create(
        id=uuid.uuid4(), owner=university.root, url="https://hooks.example.org", created=timezone.now(),
        secret=encrypt(new_secret()), xact=0, entry=0,
    )  # fmt: skip
    delivery = Delivery.objects.create(
        id=uuid.uuid4(), webhook=webhook, kind="changes", state="delivered", created=timezone.now()
    )
    context = {
        "course_title": "CS",
        "course_url": "",
        "full_name": "Sam",
        "reason": "",
        "sign_up_url": "",
        "auto_enroll": True,
    }
    ids["mail_id"] = OutgoingMail.objects.create(
        kind="enrolled_enroll", to="sam@example.org", language="en", context=context, operation=job,
        queued=timezone.now(), course_id=world.course.id,
    ).pk  # fmt: skip
    ids |= {"webhook_id": webhook.pk, "delivery_id": delivery.pk, "pk": 10**9}
    ids["invitation_id"] = PreEnrollment.objects.get(email="guest@example.org").pk
    ids |= {"what": "program"}
    ids |= {"step": 1, "kept_id": world.learner.pk, "other_id": world.staff.pk}
    return Place(university, ids)


def may(reader: str, name: str) -> bool:
    page = PAGES[name]
    if name in OF_A_PLAN:
        return MANAGES_COURSE in HOLDS[reader]
    if name in OF_A_PERSON:
        return OF_A_PERSON[name] in HOLDS[reader]
    if name in OF_AN_ACCOUNT:
        return reader == "superuser"
    if name in EXPLAINED:
        # the learner's own; the client of the superuser
        return reader == "superuser" or (name == "access_can" and reader == "learner")
    if name == "job_cancel":
        # reading all jobs is no right to end them
        return reader in {"instructor", "superuser"}
    if name in OF_A_JOB:
        return reader == "instructor" or reader in READS_ALL_JOBS
    return page.permission == SIGNED_IN or page.permission in HOLDS[reader]


def refusal(name: str) -> int:
    return 404 if name in OF_AN_ACCOUNT | OF_A_PLAN | OF_A_PERSON.keys() | EXPLAINED else 403


def test_the_table_has_every_address() -> None:
    assert all(isinstance(pattern, URLPattern) for pattern in urls.urlpatterns)
    rows = {str(pattern.name): pattern.callback.permission for pattern in urls.urlpatterns}  # type: ignore[attr-defined]
    assert rows == {name: page.permission for name, page in PAGES.items()}


@pytest.mark.parametrize("reader", HOLDS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_address_and_reader(method: str, reader: str, place: Place) -> None:
    http = place.reader(reader)
    seen, expected = {}, {}
    for name, page in PAGES.items():
        answer = getattr(http, method)(place.address(name))
        seen[name] = answer.status_code
        good = page.get if method == "get" else page.post
        if name in ASK_AGAIN and reader in HAVE_PASSWORDS:
            assert answer["Location"].startswith("/account/again/?next=")
            good = 302
        expected[name] = 405 if good is None else good if may(reader, name) else refusal(name)
        assert answer.status_code != 302 or not answer["Location"].startswith("/login/"), name
    assert seen == expected


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_is_not_signed_in_is_led_to_the_login_and_back(method: str, place: Place) -> None:
    http = place.reader(NOBODY)
    for name, page in PAGES.items():
        # what is not there is not told either
        for address in (
            place.address(name),
            place.address(name, key="x", job_id=uuid.UUID(int=1), plan_id=uuid.UUID(int=1), account_id=0),
        ):
            answer = getattr(http, method)(address)
            if (page.get if method == "get" else page.post) is None:
                assert answer.status_code == 405, address
            else:
                assert (answer.status_code, answer["Location"]) == (302, f"/login/?next={quote(address)}")


@pytest.mark.parametrize("reader", ["learner", "read_write_enrollments", "superuser"])
def test_what_is_not_there_is_404(reader: str, place: Place) -> None:
    http = place.reader(reader)
    unknown = {"account_id": 10**9, "student_id": 10**9, "job_id": uuid.UUID(int=1), "client_id": 10**9}
    unknown |= {"webhook_id": uuid.UUID(int=1), "delivery_id": uuid.UUID(int=1)}
    unknown |= {"kept_id": 10**9, "other_id": 10**9}
    unknown |= {"plan_id": uuid.UUID(int=1), "operation_id": uuid.UUID(int=1)}
    unknown |= {name: uuid.UUID(int=1) for name in ("plan_id", "operation_id", "snapshot_id")}
    unknown |= {"token_id": 10**9, "group_id": 10**9, "grant_id": 10**9, "kind": "nothing"}
    unknown |= {"connection_id": 10**9}
    asked = 0
    for name, page in PAGES.items():
        method = "get" if page.get else "post"
        places = [{argument: unknown[argument]} for argument in unknown if argument in str(pattern_of(name))]
        if "<key>" in str(pattern_of(name)):
            places += [{"key": key} for key in ("no-such-thing", KEY.upper(), OWN.upper(), "x\x00", "a b")]
        for other in places:
            address = place.address(name, **other)
            status = getattr(http, method)(address).status_code
            # who may not see the whole learns nothing of its parts
            known = "key" in other or "job_id" in other or may(reader, name)
            assert status == (404 if known else refusal(name)), address
            asked += 1
    assert asked > 40


def pattern_of(name: str) -> str:
    return str(next(p for p in urls.urlpatterns if p.name == name).pattern)


def test_the_right_to_one_thing_is_none_to_another(place: Place) -> None:
    world = place.university.world
    elsewhere, instructor, writer = (place.reader(n) for n in ("elsewhere", "instructor", "read_write_enrollments"))
    write(world.other, "enroll", "sam")
    for name, page in PAGES.items():
        method = "get" if page.get else "post"
        if page.permission == MANAGES_COURSE:
            address = place.address(name, key=OTHER_KEY)
            assert getattr(instructor, method)(address).status_code == 403, address
            assert getattr(elsewhere, method)(address).status_code in {page.get, page.post}, address
        elif "<key>" in pattern_of(name):
            address = place.address(name, key=ABROAD)
            assert getattr(writer, method)(address).status_code == 403, address


def test_students_that_are_kept_elsewhere_are_nobodys_to_see(place: Place) -> None:
    root = place.reader("superuser")
    for name, page in PAGES.items():
        if page.permission in {READ_METADATA, READ, WRITE}:
            answer = getattr(root, "get" if page.get else "post")(place.address(name, key=UNMANAGED))
            assert answer.status_code == (200 if page.permission == READ_METADATA else 403), name


def test_forms_need_the_csrf_token(place: Place) -> None:
    http = place.reader("superuser", csrf=True)
    for name, page in PAGES.items():
        if page.post is not None:
            answer = http.post(place.address(name))
            assert answer.status_code == 403, name
            assert "This form has expired" in answer.content.decode(), name


def test_an_account_that_is_switched_off_sees_nothing(place: Place) -> None:
    http = place.reader("instructor")
    Account.objects.filter(pk=place.university.world.instructor.pk).update(is_active=False)
    for name, page in PAGES.items():
        if page.get is not None:
            answer = http.get(place.address(name))
            assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/login/"), name


def test_no_page_stays_in_a_shared_cache(place: Place) -> None:
    http = place.reader("superuser")
    for name, page in PAGES.items():
        if page.get == 200:
            assert "private" in http.get(place.address(name))["Cache-Control"], name
