"""The list of outgoing mail, recalling what hasn't left, sending again: sent or recalled, never both."""

import threading
import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend as MemoryBackend
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from matricula.journal.operations import find_operation
from matricula.journal.writes import new_operation
from matricula.notices import delivery
from matricula.notices.delivery import Delivered, deliver_due_mail
from matricula.notices.models import OutgoingMail
from matricula.notices.outgoing import ListedMail, MailFilter, MailReach, find_mail, list_mails, preview_mail
from matricula.notices.recalling import Mails, Recalled, parts_of, recall_mails, send_again
from matricula.notices.rules import MOST_COPIES, Again
from matricula.notices.statuses import ACCOUNT_ACTIVATE, MailState
from matricula.notices.writes import Notice, queue_notices
from tests.conftest import World
from tests.domain.races import together
from tests.domain.test_notices import notice

ALL = MailReach(None, None)
BATCH = uuid.UUID("0b7f3c1e-6f0e-4a52-9a58-0d2a6f6d8a12")


def queue(
    *names: str, operation: uuid.UUID = BATCH, course_id: int | None = None, program_id: int | None = None
) -> None:
    made = [notice(f"{name}@example.org") for name in names]
    about = {"course_id": course_id, "program_id": program_id}
    queue_notices(operation, [Notice(one.kind, one.to, one.language, one.context, **about) for one in made])


def way_in() -> Notice:
    context: Any = {
        "full_name": "Ana",
        "username": "ana",
        "site": "https://m",
        "link": "https://m/in/SECRET/",
        "address": "",
    }
    return Notice(ACCOUNT_ACTIVATE, "ana@example.org", "es", context)


def named(mails: Sequence[ListedMail]) -> list[str]:
    return [one.to.partition("@")[0] for one in mails]


def ids(*names: str) -> list[int]:
    return [OutgoingMail.objects.get(to=f"{name}@example.org").pk for name in names]


def recall(*names: str, reach: MailReach = ALL) -> Recalled:
    return recall_mails(new_operation(None, "console", "a mistake"), Mails(reach, ids(*names)))


def again(*names: str, reach: MailReach = ALL) -> Counter[Again]:
    return Counter(send_again(new_operation(None, "console", "asked for"), Mails(reach, ids(*names))))


# --- the list ---


@pytest.mark.usefixtures("db")
def test_the_list_has_each_mail_once_the_latest_first() -> None:
    queue(*(f"n{number}" for number in range(7)))
    found: list[ListedMail] = []
    before = None
    while page := list_mails(ALL, MailFilter(), limit=3, before=before):
        found += page
        before = page[-1].queued, page[-1].id
    assert named(found) == [f"n{number}" for number in reversed(range(7))]


@pytest.mark.usefixtures("db")
def test_each_state_is_found_by_itself() -> None:
    queue("waiting", "sent", "failed", "recalled")
    OutgoingMail.objects.filter(to__startswith="sent").update(sent=timezone.now(), due=None)
    OutgoingMail.objects.filter(to__startswith="failed").update(due=None, attempts=10)
    recall("recalled")
    for state in (MailState.WAITING, MailState.SENT, MailState.FAILED, MailState.RECALLED):
        found = list_mails(ALL, MailFilter(state), limit=9)
        assert (named(found), [one.state for one in found]) == ([state.value], [state])


@pytest.mark.usefixtures("db")
def test_filters_of_kind_time_and_operation() -> None:
    queue("first")
    queue_notices(uuid.uuid4(), [way_in()])
    now = timezone.now()
    assert named(list_mails(ALL, MailFilter(kind=ACCOUNT_ACTIVATE), limit=9)) == ["ana"]
    assert named(list_mails(ALL, MailFilter(operation=BATCH), limit=9)) == ["first"]
    assert list_mails(ALL, MailFilter(since=now + timedelta(days=1)), limit=9) == []
    assert len(list_mails(ALL, MailFilter(since=now - timedelta(days=1), until=now + timedelta(days=1)), limit=9)) == 2


@pytest.mark.usefixtures("db")
def test_who_manages_something_sees_its_mail_and_no_other(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    queue("one", course_id=1)
    queue("two", course_id=2)
    queue("program", program_id=1)
    queue("neither")
    with django_assert_num_queries(2):
        assert named(list_mails(MailReach([1], []), MailFilter(), limit=9)) == ["one"]
    assert named(list_mails(MailReach([1, 2], [1]), MailFilter(), limit=9)) == ["program", "two", "one"]
    assert list_mails(MailReach([], []), MailFilter(), limit=9) == []
    assert find_mail(ids("two")[0], MailReach([1], [2])) is None
    assert find_mail(ids("neither")[0], MailReach([1], [1])) is None
    assert find_mail(ids("neither")[0], ALL) is not None


# --- preview ---


@pytest.mark.usefixtures("db")
def test_a_preview_is_what_the_reader_gets_without_the_way_in(own_mail: None) -> None:
    queue_notices(BATCH, [way_in()])
    [found] = list_mails(ALL, MailFilter(), limit=1)
    before = preview_mail(found, names=True)
    assert "SECRET" not in f"{before.text}{before.html}"
    deliver_due_mail()
    [sent] = mail.outbox
    assert "https://m/in/SECRET/" in str(sent.body)
    assert before.subject == sent.subject
    assert before.text == str(sent.body).replace("https://m/in/SECRET/", "https://…")
    [found] = list_mails(ALL, MailFilter(), limit=1)
    assert preview_mail(found, names=True) == before


@pytest.mark.usefixtures("db")
def test_who_may_not_know_people_sees_no_name_in_a_preview() -> None:
    queue("ana")
    [found] = list_mails(ALL, MailFilter(), limit=1)
    assert "Ana Peña" in preview_mail(found, names=True).text
    hidden = preview_mail(found, names=False)
    assert "Ana Peña" not in f"{hidden.text}{hidden.html}"


# --- recall ---


@pytest.fixture
def own_mail(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []


@pytest.mark.usefixtures("db", "own_mail")
def test_what_is_recalled_is_never_sent_and_says_by_which_act() -> None:
    queue("ana", "bea")
    operation = new_operation(None, "console", "wrong course")
    assert recall_mails(operation, Mails(ALL, ids("ana"))) == Recalled(1, 0)
    assert deliver_due_mail() == Delivered(1, 0)
    assert [message.to for message in mail.outbox] == [["bea@example.org"]]
    kept = OutgoingMail.objects.get(to="ana@example.org")
    assert (kept.recall, kept.due, kept.sent) == (operation.id, None, None)
    recorded = find_operation(operation.id)
    assert recorded is not None
    assert recorded.reason == "wrong course"
    # neither once more, nor what was sent
    assert recall("ana", "bea") == Recalled(0, 0)


@pytest.mark.usefixtures("db")
def test_all_of_an_operation_within_reach(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    queue("one", course_id=1)
    queue("two", course_id=2)
    queue("other", course_id=1, operation=uuid.uuid4())
    mails = Mails(MailReach([1], []), operation=BATCH)
    assert parts_of(mails) == [(1, None)]
    with django_assert_num_queries(5):
        assert recall_mails(new_operation(None, "console"), mails) == Recalled(1, 0)
    assert named(list_mails(ALL, MailFilter(MailState.RECALLED), limit=9)) == ["one"]


@pytest.mark.usefixtures("db")
def test_the_way_in_is_not_kept_in_a_recalled_mail() -> None:
    queue_notices(BATCH, [way_in()])
    recall("ana")
    assert "link" not in OutgoingMail.objects.get().context


@pytest.mark.usefixtures("db")
def test_the_database_rejects_a_mail_that_is_both() -> None:
    queue("ana")
    for both in ({"recalled": timezone.now()}, {"recalled": timezone.now(), "sent": timezone.now(), "due": None}):
        with pytest.raises(IntegrityError, match="mail_recalled_never_left"), transaction.atomic():
            OutgoingMail.objects.update(**both)


class _Held(MemoryBackend):
    """A mail server that takes its time."""

    reached, goes_on = threading.Event(), threading.Event()

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        self.reached.set()
        assert self.goes_on.wait(60)
        return len(messages)


def test_a_mail_that_is_being_sent_is_shown_so_and_left_to_its_sender(
    own_database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue("ana", "bea")
    monkeypatch.setattr(delivery, "get_connection", _Held)

    def deliver() -> None:
        deliver_due_mail(limit=1)
        connections.close_all()

    sender = threading.Thread(target=deliver)
    sender.start()
    try:
        assert _Held.reached.wait(60)
        states = {one.to: one.state for one in list_mails(ALL, MailFilter(), limit=9)}
        assert states == {"ana@example.org": MailState.SENDING, "bea@example.org": MailState.WAITING}
        assert recall("ana", "bea") == Recalled(1, 1)
    finally:
        _Held.goes_on.set()
        sender.join(60)
    assert [one.state for one in list_mails(ALL, MailFilter(), limit=9)] == [MailState.RECALLED, MailState.SENT]


class _Counting(MemoryBackend):
    got: list[str] = []

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        self.got.extend(address for message in messages for address in message.to)
        return len(messages)


def test_of_many_at_once_each_is_sent_or_recalled(own_database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "get_connection", _Counting)
    names = [f"n{number}" for number in range(120)]
    queue(*names)
    wanted = ids(*names)

    def recall_each(part: int) -> int:
        """Backwards, against the senders."""
        chunks = [wanted[n : n + 5] for n in range(0, len(wanted), 5)][::-1][part::2]
        return sum(recall_mails(new_operation(None, "console"), Mails(ALL, chunk)).recalled for chunk in chunks)

    sent_a, sent_b, recalled_a, recalled_b = together(
        deliver_due_mail, deliver_due_mail, partial(recall_each, 0), partial(recall_each, 1)
    )
    # what a recall held for a moment was passed over
    rest = deliver_due_mail().sent
    recalled = set(OutgoingMail.objects.filter(recalled__isnull=False).values_list("to", flat=True))
    assert recalled_a + recalled_b == len(recalled)
    assert sent_a.sent + sent_b.sent + rest == len(_Counting.got) == 120 - len(recalled)
    assert recalled.isdisjoint(_Counting.got)


# --- again ---


@pytest.mark.usefixtures("db", "own_mail")
def test_a_copy_says_that_it_is_one_and_leaves_the_first_as_it_is() -> None:
    queue("ana")
    deliver_due_mail()
    OutgoingMail.objects.update(sent=datetime(2026, 11, 3, 12, tzinfo=UTC))
    first = OutgoingMail.objects.values().get()
    assert again("ana") == {Again.COPY: 1}
    assert deliver_due_mail() == Delivered(1, 0)
    assert OutgoingMail.objects.values().get(pk=first["id"]) == first
    copy = mail.outbox[-1]
    assert isinstance(copy, mail.EmailMultiAlternatives)
    html = str(copy.alternatives[0][0])
    for text in (str(copy.body), html):
        assert "This is a copy of an email that was sent to you on" in text
    assert copy.extra_headers["Message-ID"] != mail.outbox[0].extra_headers["Message-ID"]
    # a copy of the copy is one of the first
    second = OutgoingMail.objects.get(copy_of=first["id"])
    send_again(new_operation(None, "console"), Mails(ALL, [second.pk]))
    assert OutgoingMail.objects.filter(copy_of=first["id"]).count() == 2


@pytest.mark.usefixtures("db", "own_mail")
def test_there_are_only_so_many_copies_in_a_week() -> None:
    queue("ana")
    deliver_due_mail()
    first = OutgoingMail.objects.get().pk

    def copied() -> Counter[Again]:
        return Counter(send_again(new_operation(None, "console"), Mails(ALL, [first])))

    assert [copied() for _ in range(MOST_COPIES + 1)] == [{Again.COPY: 1}] * MOST_COPIES + [{Again.TOO_MANY: 1}]
    OutgoingMail.objects.exclude(pk=first).update(queued=timezone.now() - timedelta(days=8))
    assert copied() == {Again.COPY: 1}


@pytest.mark.usefixtures("db", "own_mail")
def test_what_was_given_up_is_tried_from_the_beginning() -> None:
    queue("ana")
    OutgoingMail.objects.update(due=None, attempts=10, last_error="ConnectionRefusedError: no")
    assert again("ana") == {Again.RETRY: 1}
    assert deliver_due_mail() == Delivered(1, 0)
    assert OutgoingMail.objects.count() == 1
    assert "copy" not in str(mail.outbox[0].body)


@pytest.mark.usefixtures("db", "own_mail")
def test_what_is_not_sent_again() -> None:
    queue("waiting", "recalled", "sent", "retired")
    recall("recalled")
    OutgoingMail.objects.filter(to__startswith="retired").update(to="retired-abc@retired.invalid", due=None)
    queue_notices(uuid.uuid4(), [way_in()])
    OutgoingMail.objects.filter(to__startswith="ana").update(due=None)
    OutgoingMail.objects.filter(to__startswith="sent").update(due=None, sent=timezone.now(), kind="plan_held")
    every = [*OutgoingMail.objects.values_list("pk", flat=True)]
    outcomes = Counter(send_again(new_operation(None, "console"), Mails(ALL, every)))
    assert outcomes == Counter([Again.WAITING, Again.RECALLED, Again.ACCOUNT, Again.RETIRED, Again.INCOMPLETE])
    assert len(every) == OutgoingMail.objects.count()


@pytest.mark.usefixtures("db")
def test_of_an_operation_what_was_given_up_is_tried_again() -> None:
    queue("sent", "failed", "waiting")
    OutgoingMail.objects.filter(to__startswith="sent").update(sent=timezone.now(), due=None)
    OutgoingMail.objects.filter(to__startswith="failed").update(due=None)
    outcomes = Counter(send_again(new_operation(None, "console"), Mails(ALL, operation=BATCH)))
    assert outcomes == {Again.RETRY: 1}


def test_who_sends_the_same_again_at_once_makes_no_more_copies_than_allowed(own_database: None) -> None:
    queue("ana")
    OutgoingMail.objects.update(sent=timezone.now(), due=None)
    first = OutgoingMail.objects.get().pk
    together(*[lambda: send_again(new_operation(None, "console"), Mails(ALL, [first]))] * 6)
    assert OutgoingMail.objects.filter(copy_of=first).count() == MOST_COPIES


# --- what it is about ---


@pytest.mark.usefixtures("db")
def test_mail_about_enrollments_names_its_course_run(world: World) -> None:
    world.enroll("sam", email=True)
    assert OutgoingMail.objects.get().course_id == world.course.id
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass('mail_of_course') is not null")
        assert cursor.fetchone() == (True,)
