"""A right that is withdrawn while a form is on its way: nothing is written. Every address that takes a form."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlencode

import pytest
from allauth.account.internal.flows import login
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.models import F
from django.test import Client as HttpClient
from django.utils import timezone

from matricula.console.desk.adding import Addition
from matricula.enrollments.program.writes import ProgramRequest
from matricula.identity.linking import link_student_keys, preview_link
from matricula.jobs.writes import start_job
from matricula.journal.writes import new_operation
from matricula.models import Account, CourseRole, LmsDifference, OutgoingMail, Plan, ProgramEnrollment, RoleGrant
from tests.batches import start_roster_check
from tests.conftest import KEY, World
from tests.console.test_permissions import MANAGES_COURSE, OF_A_PLAN, OPERATOR, PAGES, SIGNED_IN, WRITE, Place, place
from tests.university import OWN, facts
from tests.wire.test_oauth import ASK, make_app
from tests.withdrawing import everything, withdrawn

__all__ = ["place"]
WHY = {"reason": "a reason"}
# after the first change of the place, which was made a moment ago
SNAPSHOT = {"name": "census", "as_of": lambda: timezone.now().isoformat(), **WHY}
GRANT = {"who": "sam", "role": "read_reports", "place": "everywhere", **WHY}
UNLINKED = {
    "unlink": "yes",
    "confirmed": "yes",
    **WHY,
    "seen": lambda: preview_link(facts().organization_id, "S-1", None).seen,
}
# address → a form that is carried out
FORMS: dict[str, dict[str, Any]] = {
    "authorize": {"decision": "allow"},
    "course_beta_tester": {"granted": "yes", **WHY},
    "course_enroll": {"who": "new@example.org", "action": "enroll"},
    "course_change": {"who": "sam", "action": "unenroll"},
    "course_snapshots": SNAPSHOT,
    "program_download": {"what": "students", "format": "csv"},
    "program_upload": {"file": b"student_key,status\nS-9,enrolled\n"},
    "program_snapshots": SNAPSHOT,
    "student_change": {"status": "suspended", "before": "enrolled", "confirmed": "yes", **WHY},
    "student_new": {
        "student_key": "S-77",
        "status": "enrolled",
        "confirmed": "yes",
        **WHY,
        "seen": Addition(ProgramRequest("S-77", "enrolled"), None, None).seen,
    },
    "student_link": UNLINKED,
    "students_change": {
        "who": lambda: ProgramEnrollment.objects.get().pk,
        "what": "program",
        "new_status": "suspended",
    },
    "person_enroll": {"course": KEY},
    "person_link": {"program": OWN, "student_key": "S-1", **UNLINKED},
    "person_of_key_link": UNLINKED,
    "mail_recall": {"mail": lambda: OutgoingMail.objects.get(due__isnull=False).pk, **WHY},
    "mail_again": {"mail": lambda: OutgoingMail.objects.get(due__isnull=True).pk, **WHY},
    "job_cancel": {},
    "plan_rows": {"leave_out": "add"},
    "plan_review": {"decision": "approved"},
    "plan_apply": WHY,
    "plan_cancel": {},
    "operation_undo": WHY,
    "merge_pair": WHY,
    "access_grant": GRANT,
    "access_withdraw": WHY,
    "access_group_new": {"name": "another", **WHY},
    "access_member_new": {"who": "sam", **WHY},
    "access_group_delete": WHY,
    "access_client_new": {"client_id": "another", "who": "sam", "scopes": ["read"], **WHY},
    "access_client_delete": WHY,
    "account": {"first_name": "Changed", "last_name": "", "language": ""},
    "account_sessions_end": {"password": "a-password-for-tests"},
    "own_client_new": {"name": "my script", "scopes": ["read"]},
    "own_token_end": {},
    "own_client_delete": {},
    "webhook_new": {"url": "https://hooks.example.org/new"},
    "webhook_change": {"url": "https://hooks.example.org/changed"},
    "webhook_switch": {"to": "off"},
    "webhook_rotate": {},
    "webhook_test": {},
    "webhook_redeliver": {},
    "webhook_delete": {},
    "lms_retry": {},
    "lms_differences": {"action": "send", "difference": lambda: LmsDifference.objects.get().pk},
    "lms_username": {"username": "sam", "name": "samuel"},
    "lms_compare": {},
    "lms_grades": {},
    "mfa_deactivate_totp": {},
    "mfa_generate_recovery_codes": {},
}
# what a device or an app has to answer first; the same wrapper of allauth's views stands before the two above
ANSWERED_ELSEWHERE = {"mfa_activate_totp", "mfa_add_webauthn", "mfa_remove_webauthn"}
# forms that are sent to read: a question, or the reason for a file
READING = {
    "merge",
    "why", "course_why", "program_why", "course_as_of_file", "program_as_of_file", "course_comparison_file",
    "program_comparison_file", "program_report", "snapshot_file", "snapshot_verify", "lms_differences_file",
}  # fmt: skip
# forms of whoever is signed in that write only where their sender has a role
BY_ROLE = OF_A_PLAN | {"person_enroll", "person_link", "person_of_key_link", "mail_recall", "mail_again"}
# who rests on the right that the page asks for, and nothing else
HOLDERS = {SIGNED_IN: "superuser", MANAGES_COURSE: "instructor", OPERATOR: "superuser"}


def deactivate(account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(is_active=False)


def lose_everything(account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(is_superuser=False, is_staff=False)
    CourseRole.objects.filter(account=account).delete()
    RoleGrant.objects.filter(account=account).delete()


def get_another_password(account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(password="another")


def log_out_everywhere(account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(generation=F("generation") + 1)


def logged_in(account: Account) -> HttpClient:
    """A reader who has just proved who they are."""
    http = HttpClient()
    http.force_login(account)
    session = http.session
    session[login._AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(account.pk)
    session[login.AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": "password", "at": time.time(), "reauthenticated": True}
    ]
    session.save()
    return http


@dataclass
class Full:
    """The place, with a job that waits, and a check that would change something; and who was there before."""

    place: Place
    ids: dict[str, dict[str, uuid.UUID]]
    known: dict[str, Account] = field(default_factory=dict)

    def holder(self, name: str) -> Account:
        wanted = "instructor" if name in OF_A_PLAN else HOLDERS.get(PAGES[name].permission, WRITE)
        if wanted not in self.known:
            self.known[wanted] = self.place.account("read_write_enrollments" if wanted == WRITE else wanted)
        return self.known[wanted]

    def send(self, http: HttpClient, name: str) -> Any:
        form = {key: value() if callable(value) else value for key, value in FORMS[name].items()}
        for key, value in form.items():
            if isinstance(value, bytes):
                form[key] = SimpleUploadedFile("f.csv", value)
        other = self.ids.get(name, {})
        if "plan_id" in other:
            form["fingerprint"] = Plan.objects.get(pk=other["plan_id"]).fingerprint
        query = f"?{urlencode(ASK)}" if name == "authorize" else ""
        return http.post(self.place.address(name, **other) + query, form)


@pytest.fixture
def full(place: Place) -> Full:
    world: World = place.university.world
    # with a mail that waits; that of the place was given up
    world.enroll("staff", email=True)
    make_app(world)
    link_student_keys(new_operation(None, "command"), facts().organization_id, [("S-1", world.learner.pk)])
    root = place.university.root
    download = start_job(
        "list_program_enrollments", actor_id=root.pk, source="console", course_id=None, options={},
        program_id=facts().id,
    )  # fmt: skip
    plan = start_roster_check(world.course, "elsewhere", actor_id=world.instructor.pk)
    held = start_roster_check(world.course, "elsewhere", actor_id=world.staff.pk)
    Plan.objects.filter(pk=held).update(is_held=True)
    ids = {"job_cancel": {"job_id": download}, "plan_review": {"plan_id": held}}
    ids |= {name: {"plan_id": plan} for name in ("plan_rows", "plan_apply", "plan_cancel")}
    root.set_password("a-password-for-tests")
    Account.objects.filter(pk=root.pk).update(password=root.password)
    TOTP.activate(root, generate_totp_secret())
    return Full(place, ids)


def test_the_table_has_every_form() -> None:
    assert set(FORMS) | READING | ANSWERED_ELSEWHERE == {name for name, page in PAGES.items() if page.post is not None}


def test_each_of_them_writes_where_nothing_is_withdrawn(full: Full) -> None:
    for name in FORMS:
        account = full.holder(name)
        with transaction.atomic():
            http, before = logged_in(account), everything()
            answer = full.send(http, name)
            assert answer.status_code in {200, 302}, (name, answer.content.decode()[:3000])
            assert everything() != before, name
            transaction.set_rollback(True)


@pytest.mark.parametrize("withdraw", [deactivate, lose_everything, get_another_password, log_out_everywhere])
def test_every_form_whose_sender_lost_the_right_meanwhile(withdraw: Callable[[Account], None], full: Full) -> None:
    own = {"account_sessions_end"} if withdraw in {get_another_password, log_out_everywhere} else set()
    for name in FORMS:
        # whoever is signed in needs no role
        if name in own or (withdraw is lose_everything and PAGES[name].permission == SIGNED_IN and name not in BY_ROLE):
            continue
        account = full.holder(name)
        for look_up in (1, 2, 3):
            with transaction.atomic():
                http, before = logged_in(account), everything()
                with withdrawn(partial(withdraw, account), look_up) as withdrawal:
                    answer = full.send(http, name)
                after = everything()
                transaction.set_rollback(True)
            if not withdrawal.fired:
                assert look_up > 1, name
                break
            # a plan that one may no longer see isn't there
            gone = {403, 404} if name in OF_A_PLAN else {403}
            assert answer.status_code in gone, (name, look_up, answer.status_code)
            changed = {table for table in after if after[table] != before[table]}
            assert changed <= {"account", "courserole", "rolegrant"}, (name, changed)
