"""Queued mail: one statement for any number, undone with its transaction, sent once, never blocked by a bad one."""

import dataclasses
import email
import email.policy
import re
import smtplib
import threading
import uuid
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend as MemoryBackend
from django.db import IntegrityError, connection, transaction
from django.test import TransactionTestCase
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import DjangoAssertNumQueries, Settings

from matricula.notices import delivery
from matricula.notices.delivery import PAUSES, SERVER_FAILURES, Delivered, deliver_due_mail
from matricula.notices.models import OutgoingMail
from matricula.notices.statuses import (
    ALLOWED_ENROLL,
    ALLOWED_UNENROLL,
    COURSE_KINDS,
    ENROLLED_ENROLL,
    ENROLLED_UNENROLL,
)
from matricula.notices.writes import DELIVER_MAIL, Notice, queue_notices
from tests.domain.races import together
from tests.domain.test_rosters import aside

OPERATION = uuid.UUID("0b7f3c1e-6f0e-4a52-9a58-0d2a6f6d8a11")


def notice(to: str = "ana@example.org", kind: str = ENROLLED_ENROLL, language: str = "en", **changes: Any) -> Notice:
    context: Any = {
        "course_title": "Spanish 101",
        "course_url": "https://learn.example.org/c/",
        "full_name": "Ana Peña",
        "reason": None,
        "auto_enroll": False,
        "sign_up_url": "https://learn.example.org/signup/",
    }
    return Notice(kind=kind, to=to, language=language, context=context | changes)


def queue(*addresses: str) -> None:
    queue_notices(OPERATION, [notice(address) for address in addresses])


def jobs() -> int:
    return ProcrastinateJob.objects.filter(task_name=DELIVER_MAIL).count()


def row(address: str) -> OutgoingMail:
    return OutgoingMail.objects.get(to=address)


def make_due(address: str) -> None:
    OutgoingMail.objects.filter(to=address).update(due=timezone.now() - timedelta(days=1))


class FailingBackend(MemoryBackend):
    """Remembers like Django's, but fails for some addresses, or for all."""

    errors: dict[str, Exception] = {}
    down = False
    opened = 0

    def open(self) -> bool:
        type(self).opened += 1
        if self.down:
            raise ConnectionRefusedError(111, "Connection refused")
        return True

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        for message in messages:
            if message.to[0] in self.errors:
                raise self.errors[message.to[0]]
        return super().send_messages(messages)


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> type[FailingBackend]:
    class Backend(FailingBackend):
        errors = {}

    monkeypatch.setattr(delivery, "get_connection", Backend)
    return Backend


# --- queueing ---


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("count", [1, 1000])
def test_any_number_is_one_statement(count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        queue(*(f"learner{n}@example.org" for n in range(count)))
    kept = list(OutgoingMail.objects.order_by("id"))
    assert [row.to for row in kept] == [f"learner{n}@example.org" for n in range(count)]
    assert {(row.operation, row.attempts, row.sent, row.last_error) for row in kept} == {(OPERATION, 0, None, None)}
    assert all(row.due == row.queued for row in kept)
    assert kept[0].context == notice().context


def test_however_many_changes_one_delivery_waits(own_rows: None) -> None:
    for n in range(3):
        queue(f"learner{n}@example.org")
    assert jobs() == 1
    with pytest.raises(RuntimeError), transaction.atomic():
        queue("undone@example.org")
        raise RuntimeError
    together(*[partial(queue, f"at-once{n}@example.org") for n in range(8)])
    assert jobs() == 1
    assert OutgoingMail.objects.count() == 11


def test_a_change_that_commits_behind_the_last_look_of_a_delivery_gets_one_of_its_own(own_rows: None) -> None:
    """The delivery that waited when the mail was written has run when it is committed."""
    queue("first@example.org")
    with transaction.atomic():
        queue("second@example.org")

        def deliver() -> None:
            with connection.cursor() as cursor:
                cursor.execute("update procrastinate_jobs set status = 'doing' where task_name = %s", [DELIVER_MAIL])
            deliver_due_mail()

        aside(deliver)
    assert row("second@example.org").sent is None
    assert ProcrastinateJob.objects.filter(task_name=DELIVER_MAIL, status="todo").count() == 1


@pytest.mark.usefixtures("db")
def test_no_notices_no_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        queue_notices(OPERATION, [])


@pytest.mark.usefixtures("db")
def test_an_undone_transaction_queued_nothing() -> None:
    def change_and_fail() -> None:
        with transaction.atomic():
            queue("ana@example.org")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change_and_fail()
    assert not OutgoingMail.objects.exists()
    assert jobs() == 0


@pytest.mark.usefixtures("db")
def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        queue_notices(OPERATION, [notice(kind="newsletter")])


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(("said", "kept"), [("", "es"), ("es", "es"), ("es-mx", "es"), ("en", "en"), ("fr", "es")])
def test_the_language_is_the_persons_else_the_sites(settings: Settings, said: str, kept: str) -> None:
    settings.LANGUAGE_CODE = "es"
    queue_notices(OPERATION, [notice(language=said)])
    assert row("ana@example.org").language == kept


# --- sending ---


@pytest.mark.usefixtures("db")
def test_sent_in_order_with_all_headers(mailoutbox: list[EmailMessage]) -> None:
    queue_notices(OPERATION, [notice("ana@example.org", kind, language="es") for kind in COURSE_KINDS])
    queue("bea@example.org")
    assert deliver_due_mail() == Delivered(sent=5, failed=0)
    assert [message.to for message in mailoutbox] == [["ana@example.org"]] * 4 + [["bea@example.org"]]
    kept = OutgoingMail.objects.order_by("id")
    assert all(row.sent is not None and row.due is None for row in kept)
    message = mailoutbox[0].message()
    assert message["From"] == "Matricula <no-reply@localhost>"
    assert message["Message-ID"] == f"<{kept[0].pk}.{OPERATION}@localhost>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "es"
    assert [part.get_content_type() for part in message.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert deliver_due_mail() == Delivered(sent=0, failed=0)


@pytest.mark.usefixtures("db")
def test_two_mails_to_one_person_keep_their_order(mailoutbox: list[EmailMessage]) -> None:
    both = [notice(kind=ENROLLED_UNENROLL), notice(kind=ALLOWED_UNENROLL)]
    queue_notices(OPERATION, both * 20)
    deliver_due_mail()
    first, second = "You are no longer enrolled in “Spanish 101”", "Your invitation to “Spanish 101” was withdrawn"
    assert [message.subject for message in mailoutbox] == [first, second] * 20


@pytest.mark.usefixtures("db")
def test_a_limit_and_a_later_time_are_kept(mailoutbox: list[EmailMessage]) -> None:
    queue("a@example.org", "b@example.org", "c@example.org")
    OutgoingMail.objects.filter(to="a@example.org").update(due=timezone.now() + timedelta(hours=1))
    assert deliver_due_mail(limit=1) == Delivered(sent=1, failed=0)
    assert [message.to for message in mailoutbox] == [["b@example.org"]]
    assert deliver_due_mail(limit=0) == Delivered(0, 0)


# --- failing ---


@pytest.mark.usefixtures("db")
def test_a_mail_that_fails_waits_longer_and_longer_and_is_given_up(failing: type[FailingBackend]) -> None:
    failing.errors = {"bad@example.org": OSError("no\nroute   to host " + "x" * 1000)}
    queue("bad@example.org", "good@example.org")
    pauses = []
    for attempt in range(1, len(PAUSES) + 2):
        make_due("bad@example.org")
        before = timezone.now()
        is_last = attempt == len(PAUSES) + 1
        assert deliver_due_mail() == Delivered(sent=1 if attempt == 1 else 0, failed=1, given_up=int(is_last))
        kept = row("bad@example.org")
        assert kept.attempts == attempt
        assert kept.last_error is not None
        assert kept.last_error.startswith("OSError: no route to host x")
        assert len(kept.last_error) == 300
        if kept.due is not None:
            pauses.append(round((kept.due - before).total_seconds()))
    assert pauses == [60 * minutes for minutes in PAUSES] == sorted(pauses)
    assert (row("bad@example.org").due, row("bad@example.org").sent) == (None, None)
    assert deliver_due_mail() == Delivered(0, 0)


@pytest.mark.usefixtures("db")
def test_a_mail_that_goes_at_last_forgets_its_error(failing: type[FailingBackend]) -> None:
    failing.errors = {"ana@example.org": OSError("busy")}
    queue("ana@example.org")
    deliver_due_mail()
    failing.errors = {}
    make_due("ana@example.org")
    assert deliver_due_mail() == Delivered(1, 0)
    assert (row("ana@example.org").attempts, row("ana@example.org").last_error) == (1, None)


@pytest.mark.usefixtures("db")
def test_mails_that_cannot_be_rendered_hold_up_nobody(mailoutbox: list[EmailMessage]) -> None:
    poisoned = [f"poisoned{n}@example.org" for n in range(2 * SERVER_FAILURES)]
    queue(*poisoned, "good@example.org")
    OutgoingMail.objects.filter(to__in=poisoned).update(context=["no", "context"])
    assert deliver_due_mail() == Delivered(sent=1, failed=len(poisoned))
    assert mailoutbox[0].to == ["good@example.org"]
    assert (row(poisoned[0]).last_error or "").startswith("TypeError: ")
    assert row(poisoned[0]).due is not None


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    "address",
    [
        "a@x.org\r\nBcc: b@x.org",
        "a@x.org\n",
        "a@x.org, b@x.org",
        "a b@x.org",
        "A <a@x.org>",
        "nobody",
        "",
        "a\x1b@x.org",
    ],
)
def test_an_address_that_could_name_others_is_given_up_at_once(address: str, mailoutbox: list[EmailMessage]) -> None:
    queue(address, "good@example.org")
    assert deliver_due_mail() == Delivered(sent=1, failed=1, given_up=1)
    assert [message.to for message in mailoutbox] == [["good@example.org"]]
    kept = row(address)
    assert (kept.due, kept.sent, kept.attempts) == (None, None, 1)
    assert kept.last_error == "AddressError: Email can't be sent to this address. Correct it in the account."


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("address", ["a+b%c'd@x.org", "josé@x.org", "a@bücher.example", "a..b@x.org", "A_1@sub.x.org"])
def test_unusual_addresses_are_sent_to(address: str, mailoutbox: list[EmailMessage]) -> None:
    queue(address)
    assert deliver_due_mail() == Delivered(1, 0)
    assert mailoutbox[0].recipients() == [address]


@pytest.mark.usefixtures("db")
def test_a_server_that_is_down_is_left_alone(failing: type[FailingBackend]) -> None:
    addresses = [f"learner{n}@example.org" for n in range(SERVER_FAILURES + 3)]
    queue(*addresses)
    failing.down = True
    assert deliver_due_mail() == Delivered(sent=0, failed=SERVER_FAILURES)
    assert OutgoingMail.objects.filter(attempts=0).count() == 3
    failing.down = False
    assert deliver_due_mail() == Delivered(sent=3, failed=0)


@pytest.mark.usefixtures("db")
def test_refused_recipients_do_not_end_the_run_but_a_busy_server_does(failing: type[FailingBackend]) -> None:
    addresses = [f"learner{n}@example.org" for n in range(SERVER_FAILURES + 3)]

    def refuse(code: int) -> dict[str, Exception]:
        return {address: smtplib.SMTPRecipientsRefused({address: (code, b"no")}) for address in addresses}

    queue(*addresses, "good@example.org")
    failing.errors = refuse(450)
    assert deliver_due_mail() == Delivered(sent=0, failed=SERVER_FAILURES)
    failing.errors = refuse(550)
    assert deliver_due_mail() == Delivered(sent=1, failed=3)


@pytest.mark.usefixtures("db")
def test_a_wrong_setting_costs_no_attempt(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "matricula.notices.backends.EmailUrlBackend"
    settings.ENVIRONMENT = dataclasses.replace(settings.ENVIRONMENT, email_url="file:here")
    queue("ana@example.org")
    with pytest.raises(ImproperlyConfigured):
        deliver_due_mail()
    assert row("ana@example.org").attempts == 0


@pytest.mark.usefixtures("db")
def test_files_are_written_once_even_when_the_commit_was_lost(settings: Settings, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND = "matricula.notices.backends.EmailUrlBackend"
    settings.ENVIRONMENT = dataclasses.replace(settings.ENVIRONMENT, email_url=f"file://{tmp_path}/mail")
    queue_notices(OPERATION, [notice("ana@example.org"), notice("bea@example.org", ALLOWED_ENROLL)])
    assert deliver_due_mail() == Delivered(2, 0)
    # as after a crash between the sending and the commit
    OutgoingMail.objects.update(sent=None, due=timezone.now() - timedelta(minutes=1))
    assert deliver_due_mail() == Delivered(2, 0)
    kept = OutgoingMail.objects.order_by("id")
    files = sorted((tmp_path / "mail").iterdir())
    assert {file.name for file in files} == {f"{row.pk}.{OPERATION}@localhost.eml" for row in kept}
    assert any(b"To: bea@example.org\r\n" in file.read_bytes() for file in files)


# --- several processes, and crashes: tests with commits of their own ---


@pytest.fixture
def no_flush() -> Iterator[None]:
    """Django empties all tables after such tests with TRUNCATE, which the journal refuses."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: None)
        yield


@pytest.fixture
def own_rows(no_flush: None, transactional_db: None) -> Iterator[None]:
    """Real transactions, and these tests' own rows taken away after them."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("delete from matricula_outgoingmail")
        cursor.execute("delete from procrastinate_jobs where task_name = %s", [DELIVER_MAIL])


def deliver_in_threads(count: int) -> list[Delivered]:
    results: list[Delivered] = []
    together = threading.Barrier(count)

    def run() -> None:
        try:
            together.wait(90)
            results.append(deliver_due_mail())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    return results


def test_several_deliverers_send_each_mail_once(own_rows: None, mailoutbox: list[EmailMessage]) -> None:
    addresses = [f"learner{n}@example.org" for n in range(300)]
    queue(*addresses)
    results = deliver_in_threads(4)
    assert sum(result.sent for result in results) == 300
    assert sorted(message.to[0] for message in mail.outbox) == sorted(addresses)
    assert not OutgoingMail.objects.filter(sent=None).exists()


def test_a_crash_before_the_commit_leaves_the_mail_due(own_rows: None, failing: type[FailingBackend]) -> None:
    queue("ana@example.org", "bea@example.org")
    failing.errors = {"bea@example.org": KeyboardInterrupt()}  # type: ignore[dict-item]
    with pytest.raises(KeyboardInterrupt):
        deliver_due_mail()
    assert row("ana@example.org").sent is not None
    assert (row("bea@example.org").sent, row("bea@example.org").attempts) == (None, 0)
    failing.errors = {}
    assert deliver_due_mail() == Delivered(1, 0)


def test_a_failure_is_kept_though_its_connection_broke(own_rows: None, failing: type[FailingBackend]) -> None:
    failing.errors = {"ana@example.org": smtplib.SMTPServerDisconnected("gone")}
    queue("ana@example.org", "bea@example.org")
    assert deliver_due_mail() == Delivered(sent=1, failed=1)
    connection.close()
    assert row("ana@example.org").last_error == "SMTPServerDisconnected: gone"
    assert failing.opened == 2


@pytest.mark.usefixtures("db")
def test_one_person_is_told_once_in_an_operation(mailoutbox: list[EmailMessage]) -> None:
    queue("ana@example.org", "Ana@Example.org")
    # a later chunk of the same operation
    queue("bo@example.org", "ANA@example.org")
    queue_notices(OPERATION, [notice("ana@example.org", ENROLLED_UNENROLL), notice("bo@example.org")])
    queue_notices(uuid.uuid4(), [notice("ana@example.org")])
    assert list(OutgoingMail.objects.order_by("id").values_list("kind", "to")) == [
        (ENROLLED_ENROLL, "ana@example.org"),
        (ENROLLED_ENROLL, "bo@example.org"),
        (ENROLLED_UNENROLL, "ana@example.org"),
        (ENROLLED_ENROLL, "ana@example.org"),
    ]


TITLES = [
    "x" * 120,
    "Ünïcödé " * 12,
    "ñ" * 90,
    "日本語" * 40,
    "😀" * 50,
    "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnung",
    "a " + "b" * 90,
    "\u200b \u00a0lead",
    "\u2060",
    "plain",
]


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("title", TITLES)
def test_a_subject_begins_on_its_first_line(title: str, language: str, mailoutbox: list[EmailMessage]) -> None:
    queue_notices(OPERATION, [notice(language=language, course_title=title)])
    deliver_due_mail()
    for linesep in ("\n", "\r\n"):
        [sent] = mailoutbox
        raw = sent.message().as_bytes(linesep=linesep).decode()
        subject = raw[raw.index("Subject:") :].split(linesep)[0]
        assert re.match(r"Subject: [^\s]", subject) and len(subject) <= 78
        whole = str(email.message_from_bytes(raw.encode(), policy=email.policy.default)["Subject"])
        assert " ".join(whole.split()) == " ".join(sent.subject.split())
        assert sent.subject[:1].isprintable() and not sent.subject[:1].isspace()
