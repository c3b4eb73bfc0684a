"""Pages of outgoing mail: who sees which, what a preview hides, recalling and sending again, each with a reason."""

import re
import uuid
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client as HttpClient
from django.utils import timezone

from matricula.console.mail import pages
from matricula.models import CourseRole, FeatureGrant, OperationRecord, OutgoingMail, RoleGrant
from matricula.notices.statuses import ACCOUNT_ACTIVATE, PLAN_HELD
from matricula.notices.writes import Notice, queue_notices
from tests.conftest import World, make_account, write
from tests.university import University

COURSE_MAIL, PROGRAM_MAIL, ACCOUNT_MAIL = "enrolled_enroll", "plan_held", "account_activate"


def signed_in(account: Any) -> HttpClient:
    http = HttpClient()
    http.force_login(account)
    return http


@pytest.fixture
def sent(university: University) -> University:
    """One mail about a course run, one about another, one about a program, one about an account."""
    world = university.world
    world.enroll("sam", email=True, reason="As agreed")
    write(world.other, "enroll", "sam", email=True)
    plan: Any = {
        "full_name": "Rita Reviewer", "site": "https://m", "link": "https://m/plans/1/", "plan_name": "list.csv",
        "about": "Master", "maker": "max", "expires": timezone.now().isoformat(), "add": 1, "change": 0, "remove": 0,
        "rejected": 0,
    }  # fmt: skip
    program_id = university.own.pk
    queue_notices(uuid.uuid4(), [Notice(PLAN_HELD, "rita@example.org", "en", plan, program_id=program_id)])
    account: Any = {
        "full_name": "",
        "username": "new",
        "site": "https://m",
        "link": "https://m/in/SECRET/",
        "address": "",
    }
    queue_notices(uuid.uuid4(), [Notice(ACCOUNT_ACTIVATE, "new@example.org", "en", account)])
    return university


def listed(http: HttpClient, query: str = "") -> list[str]:
    page = http.get(f"/mail/?{query}")
    assert page.status_code == 200
    ids = [int(found) for found in re.findall(r'name="mail" value="(\d+)"', page.content.decode())]
    mails = {mail.pk: mail for mail in OutgoingMail.objects.filter(pk__in=ids)}
    return [mails[id_].kind + ("" if mails[id_].course_id is None else f" {mails[id_].course_id}") for id_ in ids]


def writer(university: University, name: str = "writer", *, sees_names: bool = False) -> HttpClient:
    account = make_account(name)
    RoleGrant.objects.create(role="read_write_enrollments", account=account, program=university.own)
    if sees_names:
        FeatureGrant.objects.create(feature="names_in_downloads", account=account)
    return signed_in(account)


def test_everyone_sees_the_mail_of_what_they_manage(sent: University) -> None:
    world = sent.world
    here, there = f"{COURSE_MAIL} {world.course.id}", f"{COURSE_MAIL} {world.other.id}"
    assert listed(signed_in(world.admin)) == [ACCOUNT_MAIL, PROGRAM_MAIL, there, here]
    assert listed(signed_in(sent.root)) == [ACCOUNT_MAIL, PROGRAM_MAIL, there, here]
    assert listed(signed_in(world.instructor)) == [here]
    assert listed(signed_in(world.elsewhere)) == [there]
    assert listed(writer(sent)) == [PROGRAM_MAIL]
    assert listed(signed_in(world.learner)) == []
    assert listed(signed_in(sent.holder("read_enrollments"))) == []


def test_filters_stay_within_what_is_managed(sent: University) -> None:
    world = sent.world
    staff, admin, key = signed_in(world.instructor), signed_in(world.admin), quote(world.other.key)
    assert listed(admin, f"about={key}") == [f"{COURSE_MAIL} {world.other.id}"]
    assert listed(staff, f"about={key}") == []
    assert listed(admin, "state=sent") == []
    assert len(listed(admin, "state=waiting")) == 4
    assert listed(admin, f"kind={ACCOUNT_MAIL}") == [ACCOUNT_MAIL]
    operation = OutgoingMail.objects.get(course_id=world.course.id).operation
    assert listed(admin, f"operation={operation}") == [f"{COURSE_MAIL} {world.course.id}"]
    assert "No course run or program has this key." in admin.get("/mail/?about=nothing").content.decode()


def test_pages_follow_each_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matricula.console.mail.pages.PAGE", 2)
    for name in ("sam", "staff", "instructor"):
        world.enroll(name, email=True)
    http = signed_in(world.admin)
    first = http.get("/mail/?kind=enrolled_enroll").content.decode()
    [older] = re.findall(r'href="\?([^"]*before=\d+)"', first)
    assert len(listed(http, older.replace("&amp;", "&"))) == 1


def test_who_may_not_know_people_sees_neither_recipient_nor_name(sent: University) -> None:
    mail = OutgoingMail.objects.get(kind=PROGRAM_MAIL)
    for http, knows in ((writer(sent), False), (writer(sent, "other", sees_names=True), True)):
        for address in ("/mail/", f"/mail/{mail.pk}/", f"/mail/{mail.pk}/message/"):
            page = http.get(address).content.decode()
            assert ("rita@example.org" in page) == (knows and not address.endswith("message/")), address
            assert ("Rita" in page) == (knows and address != "/mail/"), address


def test_the_way_into_an_account_is_shown_to_no_one(sent: University) -> None:
    mail = OutgoingMail.objects.get(kind=ACCOUNT_MAIL)
    for address in ("/mail/", f"/mail/{mail.pk}/", f"/mail/{mail.pk}/message/"):
        page = signed_in(sent.root).get(address)
        assert page.status_code == 200
        assert "SECRET" not in page.content.decode()


def test_the_message_alone_runs_nothing_and_is_framed_by_us_alone(sent: University) -> None:
    mail = OutgoingMail.objects.get(course_id=sent.world.course.id)
    answer = signed_in(sent.world.instructor).get(f"/mail/{mail.pk}/message/")
    assert "Introduction to Programming" in answer.content.decode()
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "frame-ancestors 'self'" in policy
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "no-store" in answer["Cache-Control"]


def test_a_title_is_no_markup(world: World) -> None:
    world.enroll("sam", email=True, reason="<script>alert(1)</script>")
    mail = OutgoingMail.objects.get()
    http = signed_in(world.instructor)
    for address in (f"/mail/{mail.pk}/", f"/mail/{mail.pk}/message/"):
        assert "<script>alert" not in http.get(address).content.decode()


def test_recalling_asks_for_a_reason_and_is_recorded(sent: University) -> None:
    world = sent.world
    mail = OutgoingMail.objects.get(course_id=world.course.id)
    http = signed_in(world.instructor)
    assert "sam@example.org" in http.get(f"/mail/recall/?mail={mail.pk}").content.decode()
    assert http.post("/mail/recall/", {"mail": mail.pk}).status_code == 400
    mail.refresh_from_db()
    assert mail.recalled is None
    answer = http.post("/mail/recall/", {"mail": mail.pk, "reason": "Wrong list"}, follow=True)
    page = answer.content.decode()
    assert "1 email was recalled." in page
    assert "Wrong list" in page
    recorded = OperationRecord.objects.get(reason="Wrong list")
    assert (recorded.actor_id, recorded.course_id) == (world.instructor.pk, world.course.id)


def test_nobody_recalls_the_mail_of_others(sent: University) -> None:
    world = sent.world
    every = [*OutgoingMail.objects.values_list("pk", flat=True)]
    operation = OutgoingMail.objects.get(course_id=world.other.id).operation
    http = signed_in(world.instructor)
    http.post("/mail/recall/", {"mail": every, "reason": "all"})
    http.post("/mail/recall/", {"operation": operation, "reason": "all"})
    assert [mail.course_id for mail in OutgoingMail.objects.filter(recalled__isnull=False)] == [world.course.id]
    assert signed_in(world.learner).post("/mail/recall/", {"mail": every, "reason": "all"}).status_code == 302
    assert OutgoingMail.objects.filter(recalled__isnull=False).count() == 1


def test_all_that_an_operation_queued_is_recalled_at_once(sent: University) -> None:
    operation = OutgoingMail.objects.get(course_id=sent.world.course.id).operation
    http = signed_in(sent.world.admin)
    http.post("/mail/recall/", {"operation": operation, "reason": "all"})
    assert OutgoingMail.objects.filter(recalled__isnull=False).count() == 1


def test_a_copy_is_sent_and_what_cannot_be_is_said(sent: University) -> None:
    OutgoingMail.objects.update(sent=timezone.now(), due=None)
    http = signed_in(sent.world.admin)
    every = [*OutgoingMail.objects.values_list("pk", flat=True)]
    page = http.post("/mail/again/", {"mail": every, "reason": "asked"}, follow=True).content.decode()
    assert "3 emails are sent again." in page
    assert "1 email isn&#x27;t sent again: Emails about accounts can" in page
    assert OutgoingMail.objects.filter(copy_of__isnull=False, due__isnull=False).count() == 3
    assert OperationRecord.objects.filter(reason="asked", actor_id=sent.world.admin.pk).count() == 1


def test_a_right_that_is_withdrawn_meanwhile_recalls_nothing(sent: University, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look at the rights and the end of the transaction."""
    recall_mails = pages.recall_mails

    def withdrawn(*given: Any) -> Any:
        CourseRole.objects.filter(account=sent.world.instructor).delete()
        return recall_mails(*given)

    monkeypatch.setattr(pages, "recall_mails", withdrawn)
    mail = OutgoingMail.objects.get(course_id=sent.world.course.id)
    answer = signed_in(sent.world.instructor).post("/mail/recall/", {"mail": mail.pk, "reason": "late"})
    assert answer.status_code == 403
    mail.refresh_from_db()
    assert mail.recalled is None
