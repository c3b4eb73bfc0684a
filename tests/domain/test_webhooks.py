"""Webhooks: what is delivered, in which order, how often, with which rights; retries, secrets, switching off."""

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone
from standardwebhooks import WebhookVerificationError

from matricula.feed.webhooks import deliveries, writes
from matricula.feed.webhooks.reads import find_delivery
from matricula.feed.webhooks.rights import Filter
from matricula.feed.webhooks.rules import GIVE_UP_AFTER, MOST_CHANGES, MOST_WEBHOOKS, PAUSES, next_try
from matricula.feed.webhooks.secrets import SecretUnreadable, decrypt
from matricula.feed.webhooks.statuses import OffReason, TryError
from matricula.journal.statuses import Subject
from matricula.journal.writes import Operation, new_operation
from matricula.models import (
    Account,
    CourseRole,
    Delivery,
    OperationRecord,
    OutgoingMail,
    Webhook,
)
from tests.conftest import KEY, World, make_account, write
from tests.domain.program_jobs import enroll
from tests.journal import changes
from tests.university import University
from tests.webhooks import Receiver, receiver, send_due, send_one

pytestmark = pytest.mark.usefixtures("final_at_once")
FAILED, SENT = TryError.STATUS, None


@pytest.fixture
def made() -> Iterator[Receiver]:
    with receiver() as one:
        yield one


def hook(owner: Account, url: str, about: Filter | None = None, *, is_on: bool = True) -> tuple[Webhook, str]:
    webhook_id, secret = writes.create_webhook(
        new_operation(owner.pk, "api"), owner.pk, url, about or Filter(), is_on=is_on
    )
    return Webhook.objects.get(pk=webhook_id), secret


def change(row: Webhook, **changed: Any) -> None:
    writes.change_webhook(new_operation(row.owner_id, "api"), row.pk, **changed)


def make_due(row: Webhook) -> None:
    """The pause after a failure is over."""
    rows = Delivery.objects.filter(webhook=row, due__isnull=False)
    assert rows.update(due=timezone.now() - timedelta(seconds=1)) == 1


def errors() -> list[TryError | None]:
    return [outcome.error for outcome in send_due()]


def new_ids(since: int = 0) -> list[str]:
    return [str(entry.pk) for entry in changes().filter(pk__gt=since).order_by("pk")]


def last() -> int:
    return max(changes().values_list("pk", flat=True), default=0)


# --- What is delivered ---


def test_changes_are_delivered_signed_once_and_in_order(world: World, made: Receiver) -> None:
    world.enroll("staff")
    row, secret = hook(world.instructor, made.url, Filter(course_id=world.course.id))
    start = last()
    assert errors() == []
    world.enroll("sam", "instructor")
    world.unenroll("sam")
    assert errors() == [SENT]
    [one] = made.seen
    assert one.change_ids == new_ids(start) and len(one.change_ids) == 3
    assert one.verify(secret) == {"changes": one.changes}
    assert uuid.UUID(one.id) == Delivery.objects.get().pk
    assert one.headers["content-type"] == "application/json"
    assert errors() == []
    world.enroll("sam")
    assert errors() == [SENT]
    assert made.seen[1].change_ids == new_ids(start)[3:] and made.seen[1].id != one.id
    assert Delivery.objects.filter(webhook=row, state="delivered", due=None, claimed_until=None).count() == 2


def test_at_most_a_hundred_changes_are_in_one_delivery_and_the_next_one_waits_for_it(
    world: World, made: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_CHANGES == 100
    monkeypatch.setattr(deliveries, "MOST_CHANGES", 3)
    hook(world.instructor, made.url, Filter(course_id=world.course.id))
    start = last()
    world.enroll(*(f"p{n}@example.org" for n in range(7)))
    made.status = 500
    assert errors() == [FAILED]
    assert errors() == []
    assert Delivery.objects.count() == 1
    made.status = 200
    sent = 0
    while True:
        Delivery.objects.filter(state="waiting").update(due=timezone.now())
        if not (outcomes := errors()):
            break
        assert outcomes == [SENT]
        sent += 1
    assert sent == 3
    assert made.seen[0].id == made.seen[1].id and made.seen[0].body == made.seen[1].body
    assert [change for one in made.seen[1:] for change in one.change_ids] == new_ids(start)


ABOUT = {
    "all": (Filter(), {"course_enrollment", "program_enrollment", "account"}),
    "subjects": (Filter(subjects=(Subject.ACCOUNT,)), {"account"}),
    "no subject": (Filter(subjects=()), set()),
}


@pytest.mark.parametrize("name", ABOUT)
def test_superusers_are_sent_what_the_filter_lets_through(name: str, university: University, made: Receiver) -> None:
    about, expected = ABOUT[name]
    hook(university.root, made.url, about)
    university.world.enroll("sam")
    enroll("S-1")
    make_account("someone")
    errors()
    assert {change["data"]["record"]["subject"] for one in made.seen for change in one.changes} == expected


def test_a_webhook_is_sent_what_its_owner_may_see(university: University, made: Receiver) -> None:
    world = university.world
    hook(university.holder("read_enrollments"), f"{made.url}/program")
    hook(world.instructor, f"{made.url}/course")
    hook(university.holder("read_metadata"), f"{made.url}/nothing")
    hook(university.root, f"{made.url}/other", Filter(course_id=world.other.id, program_id=university.own.pk))
    world.enroll("sam")
    write(world.other, "enroll", "sam")
    enroll("S-1")
    errors()
    seen = {one.path: [change["data"] for change in one.changes] for one in made.seen}
    assert {path: [(data["course"], data["program"]) for data in found] for path, found in seen.items()} == {
        "/program": [(None, university.own.key)],
        "/course": [(KEY, None)],
    }
    # who a student is, those who see names are sent
    assert seen["/program"][0]["record"] is None and seen["/course"][0]["record"]["account_id"] is not None
    # what was not for them is behind them all the same
    assert (
        len({(hooked.xact, hooked.entry) for hooked in Webhook.objects.exclude(resting_until__gt=timezone.now())}) == 1
    )


def test_the_owners_right_is_read_again_for_each_try(world: World, made: Receiver) -> None:
    row, _ = hook(world.instructor, made.url, Filter(course_id=world.course.id))
    start = last()
    world.enroll("sam")
    made.status = 503
    assert errors() == [FAILED]
    role = CourseRole.objects.get(account=world.instructor)
    role.delete()
    made.status = 200
    make_due(row)
    assert errors() == []
    world.enroll("staff")
    assert errors() == []
    assert len(made.seen) == 1
    # given back, nothing was lost
    role.save()
    Webhook.objects.update(resting_until=None)
    make_due(row)
    assert errors() == [SENT] and errors() == [SENT]
    assert [change for one in made.seen[1:] for change in one.change_ids] == new_ids(start)


def test_a_webhook_of_someone_without_the_right_makes_no_deliveries_until_it_is_given_back(
    world: World, made: Receiver
) -> None:
    hook(world.instructor, made.url, Filter(course_id=world.course.id))
    start = last()
    Account.objects.filter(pk=world.instructor.pk).update(is_active=False)
    world.enroll("sam")
    assert errors() == [] and Delivery.objects.count() == 0
    assert Webhook.objects.get().resting_until is not None
    Account.objects.filter(pk=world.instructor.pk).update(is_active=True)
    assert errors() == []
    Webhook.objects.update(resting_until=timezone.now())
    assert errors() == [SENT]
    assert made.seen[0].change_ids == new_ids(start)


def test_what_the_filter_no_longer_lets_through_is_not_sent(world: World, made: Receiver) -> None:
    row, _ = hook(world.instructor, made.url, Filter(course_id=world.course.id))
    world.enroll("sam")
    made.status = 500
    errors()
    change(row, about=Filter(course_id=world.course.id, subjects=(Subject.GRADE,)))
    make_due(row)
    assert errors() == []
    assert Delivery.objects.get().state == "empty"
    assert len(made.seen) == 1


def test_more_to_see_at_a_later_try_loses_nothing(
    university: University, made: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two changes that a delivery was made of, the owner has come to see others: it ends earlier."""
    monkeypatch.setattr(deliveries, "MOST_CHANGES", 2)
    owner, world = make_account("of-one"), university.world
    CourseRole.objects.create(account=owner, course_id=world.course.id, role="staff")
    row, _ = hook(owner, made.url)
    start = last()
    world.enroll("sam")
    write(world.other, "enroll", "sam", "staff", "instructor")
    world.enroll("staff")
    made.status = 500
    assert errors() == [FAILED]
    assert len(made.seen[0].change_ids) == 2
    CourseRole.objects.create(account=owner, course_id=world.other.id, role="staff")
    made.status = 200
    make_due(row)
    while errors():
        pass
    assert [change for one in made.seen[1:] for change in one.change_ids] == new_ids(start)
    assert [len(one.change_ids) for one in made.seen] == [2, 2, 2, 1]


# --- Failures ---


def test_a_failed_try_is_repeated_after_growing_pauses_with_the_same_id(world: World, made: Receiver) -> None:
    row, secret = hook(world.instructor, made.url)
    world.enroll("sam")
    made.status = 500
    pauses = []
    for _ in PAUSES:
        assert errors() == [FAILED]
        assert errors() == []
        pauses.append(Delivery.objects.get().due - timezone.now())
        make_due(row)
    assert [round(pause / PAUSES[n]) for n, pause in enumerate(pauses)] == [1] * len(PAUSES)
    assert pauses == sorted(pauses)
    made.status = 204
    assert errors() == [SENT]
    assert len({one.id for one in made.seen}) == 1
    assert made.seen[-1].verify(secret) == {"changes": made.seen[0].changes}
    delivery = find_delivery(row.pk, Delivery.objects.get().pk)
    assert delivery is not None
    assert [(t.status, t.error) for t in delivery.tries] == [(500, FAILED)] * len(PAUSES) + [(204, SENT)]
    assert Webhook.objects.get().failing_since is None


def test_pauses_end_three_days_after_the_first_failure() -> None:
    now = start = timezone.now()
    failures, moments = 0, []
    while now is not None:
        moments.append(now - start)
        failures += 1
        now = next_try(start, failures, now)
    assert moments[-1] == GIVE_UP_AFTER
    pauses = [later - earlier for earlier, later in pairwise(moments)]
    assert pauses[:-1] == sorted(pauses[:-1]) and pauses[: len(PAUSES)] == [*PAUSES]
    # tries by hand take nothing away
    assert next_try(start, 1000, start) == start + PAUSES[-1]


def test_after_three_days_it_is_switched_off_and_its_owner_gets_a_mail(world: World, made: Receiver) -> None:
    row, _ = hook(world.instructor, f"{made.url}/secret-path")
    start = last()
    world.enroll("sam")
    made.status = 404
    assert errors() == [FAILED]
    Webhook.objects.update(failing_since=timezone.now() - GIVE_UP_AFTER + timedelta(minutes=1))
    make_due(row)
    assert errors() == [FAILED]
    assert Webhook.objects.get().off_since is None
    Webhook.objects.update(failing_since=timezone.now() - GIVE_UP_AFTER)
    make_due(row)
    assert errors() == [FAILED]
    stored = Webhook.objects.get()
    assert (stored.off_since is not None, stored.off_reason) == (True, OffReason.FAILING)
    [mail] = OutgoingMail.objects.all()
    assert (mail.kind, mail.to, mail.context["host"]) == ("webhook_off", "instructor@example.org", "127.0.0.1")
    assert str(row.pk) in mail.context["link"] and "secret-path" not in str(mail.context)
    operation = OperationRecord.objects.get(pk=mail.operation)
    assert (operation.source, operation.actor_id) == ("schedule", None)
    world.enroll("staff")
    assert errors() == [] and len(made.seen) == 3
    # switched on again, it goes on where it stopped, and has three days again
    change(row, is_on=True)
    assert errors() == [FAILED]
    assert Webhook.objects.get().off_since is None
    made.status = 200
    make_due(row)
    assert errors() == [SENT] and errors() == [SENT]
    assert [change for one in made.seen[4:] for change in one.change_ids] == new_ids(start)


def test_one_that_was_switched_off_is_sent_nothing_and_goes_on_where_it_stopped(world: World, made: Receiver) -> None:
    row, _ = hook(world.instructor, made.url, is_on=False)
    start = last()
    world.enroll("sam")
    assert errors() == []
    change(row, is_on=True)
    change(row, is_on=False)
    assert errors() == []
    assert Webhook.objects.get().off_reason == OffReason.SWITCHED_OFF
    change(row, is_on=True)
    assert errors() == [SENT]
    assert made.seen[0].change_ids == new_ids(start)


def test_a_webhook_that_fails_holds_back_no_other(world: World, made: Receiver) -> None:
    with receiver() as other:
        other.status = 500
        hook(world.instructor, other.url)
        hook(world.instructor, made.url)
        world.enroll("sam")
        assert sorted(map(str, errors())) == ["None", "status"]
        world.enroll("staff")
        assert errors() == [SENT]
    assert len(made.seen) == 2


def test_a_killed_sender_is_followed_by_one_that_sends_the_same_again(world: World, made: Receiver) -> None:
    """Killed between the answer of the receiver and its record: at least once."""
    hook(world.instructor, made.url)
    world.enroll("sam")
    [prepared] = [deliveries.make_next(row) for row in deliveries.list_behind(10)]
    assert prepared is not None
    # claimed: no one else sends it
    assert errors() == []
    Delivery.objects.update(claimed_until=F("claimed_until") - deliveries.CLAIM)
    assert errors() == [SENT]
    assert made.seen[0].id == prepared.headers["webhook-id"] and made.seen[0].body == prepared.body
    assert errors() == []


def test_a_worker_that_stops_gives_its_claims_back(world: World, made: Receiver) -> None:
    hook(world.instructor, made.url)
    world.enroll("sam")
    [prepared] = [deliveries.make_next(row) for row in deliveries.list_behind(10)]
    assert prepared is not None and errors() == []
    deliveries.release([prepared.delivery_id])
    assert errors() == [SENT]


# --- By hand ---


def test_a_delivery_is_sent_again_by_hand_with_the_same_id(world: World, made: Receiver) -> None:
    row, _ = hook(world.instructor, made.url)
    world.enroll("sam")
    errors()
    delivery = Delivery.objects.get()
    made.status = 500
    writes.queue_again(new_operation(None, "api"), row.pk, delivery.pk)
    assert errors() == [FAILED]
    assert errors() == []
    delivery.refresh_from_db()
    assert (delivery.state, delivery.due, len(delivery.tries)) == ("delivered", None, 2)
    assert made.seen[0].id == made.seen[1].id and made.seen[0].body == made.seen[1].body
    # it failed by hand: that is no failure of the webhook
    assert Webhook.objects.get().failing_since is None
    change(row, is_on=False)
    with pytest.raises(writes.WebhookOff):
        writes.queue_again(new_operation(None, "api"), row.pk, delivery.pk)


def test_a_failing_one_is_tried_at_once_by_hand(world: World, made: Receiver) -> None:
    row, _ = hook(world.instructor, made.url)
    world.enroll("sam")
    made.status = 500
    errors()
    made.status = 200
    writes.queue_again(new_operation(None, "api"), row.pk, Delivery.objects.get().pk)
    assert errors() == [SENT]


def test_a_test_is_sent_once_also_while_the_webhook_is_off(world: World, made: Receiver) -> None:
    row, secret = hook(world.instructor, made.url, is_on=False)
    writes.queue_test(new_operation(None, "api"), row.pk)
    assert errors() == [SENT]
    assert made.seen[0].verify(secret) == {"changes": []}
    made.status = 500
    writes.queue_test(new_operation(None, "api"), row.pk)
    assert errors() == [FAILED] and errors() == []
    assert [(d.kind, d.state) for d in Delivery.objects.order_by("created")] == [
        ("test", "delivered"),
        ("test", "failed"),
    ]


# --- Secrets ---


def test_both_secrets_are_good_for_a_day_after_a_rotation(world: World, made: Receiver) -> None:
    row, first = hook(world.instructor, made.url)
    second = writes.rotate_secret(new_operation(None, "api"), row.pk)
    assert first != second and re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", second)

    def signed() -> list[bool]:
        writes.queue_test(new_operation(None, "api"), row.pk)
        assert errors() == [SENT]
        return [_fits(made, secret) for secret in (first, second)]

    assert signed() == [True, True]
    Webhook.objects.update(old_secret_until=timezone.now() - timedelta(seconds=1))
    assert signed() == [False, True]


def _fits(made: Receiver, secret: str) -> bool:
    try:
        made.seen[-1].verify(secret)
    except WebhookVerificationError:
        return False
    return True


def test_secrets_are_stored_encrypted_with_a_key_that_is_not_in_the_database(
    world: World, made: Receiver, settings: Any
) -> None:
    row, secret = hook(world.instructor, made.url)
    stored = Webhook.objects.values_list("secret", flat=True).get()
    assert secret.removeprefix("whsec_") not in stored and decrypt(stored) == secret
    settings.SECRET_KEY = "another-" * 8
    with pytest.raises(SecretUnreadable):
        decrypt(stored)
    world.enroll("sam")
    assert errors() == []
    [tried] = Delivery.objects.get().tries
    assert tried["error"] == TryError.SECRET and Delivery.objects.get().due is not None
    second = writes.rotate_secret(new_operation(None, "api"), row.pk)
    make_due(row)
    # the old one can't be read: the new one is enough
    assert errors() == [SENT]
    assert made.seen[-1].verify(second)


def test_the_code_of_the_docs_verifies_what_is_sent(world: World, made: Receiver) -> None:
    page = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    for block in blocks:
        exec(block, names)  # noqa: S102  our own page
    assert len(blocks) == 2
    row, secret = hook(world.instructor, made.url)
    new = writes.rotate_secret(new_operation(None, "api"), row.pk)
    world.enroll("sam")
    assert errors() == [SENT]
    [one] = made.seen
    for good in (secret, new):
        assert names["changes_of"](good, one.headers, one.body) == one.changes
        assert names["is_genuine"](good, one.headers, one.body)
    for bad in ({**one.headers, "webhook-timestamp": "1"}, {**one.headers, "webhook-id": "x"}):
        assert not names["is_genuine"](new, bad, one.body)
        with pytest.raises(WebhookVerificationError):
            names["changes_of"](new, bad, one.body)


# --- Limits, acts, retention ---


def test_an_account_has_so_many_webhooks(world: World, made: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_WEBHOOKS == 20
    monkeypatch.setattr(writes, "MOST_WEBHOOKS", 1)
    hook(world.instructor, made.url)
    hook(world.staff, made.url)
    with pytest.raises(writes.TooManyWebhooks):
        hook(world.instructor, made.url)
    assert Webhook.objects.count() == 2


def test_each_act_is_an_operation_without_changes(world: World, made: Receiver) -> None:
    row, _ = hook(world.instructor, made.url)
    before, entries = OperationRecord.objects.count(), last()

    def act() -> Operation:
        return new_operation(world.instructor.pk, "api")

    change(row, url=f"{made.url}/b")
    writes.rotate_secret(act(), row.pk)
    writes.queue_test(act(), row.pk)
    writes.queue_again(act(), row.pk, Delivery.objects.get().pk)
    writes.delete_webhook(act(), row.pk)
    assert OperationRecord.objects.count() == before + 5 and last() == entries
    assert (Webhook.objects.count(), Delivery.objects.count()) == (0, 0)
    for gone in (writes.rotate_secret, writes.queue_test, writes.delete_webhook):
        with pytest.raises(writes.WebhookGone):
            gone(act(), row.pk)


def test_a_webhook_that_is_deleted_while_it_is_sent_is_no_error(world: World, made: Receiver) -> None:
    row, _ = hook(world.instructor, made.url)
    world.enroll("sam")
    prepared = deliveries.make_next(row.pk)
    writes.delete_webhook(new_operation(None, "api"), row.pk)
    assert prepared is not None and send_one(prepared).error is None
    assert deliveries.prepare(prepared.delivery_id) is None and errors() == []


def test_old_deliveries_are_deleted_and_those_that_wait_are_kept(world: World, made: Receiver) -> None:
    row, _ = hook(world.instructor, made.url)
    world.enroll("sam")
    errors()
    made.status = 500
    world.enroll("staff")
    errors()
    Delivery.objects.update(created=timezone.now() - timedelta(days=31))
    assert writes.delete_old_deliveries(0) == 0
    assert writes.delete_old_deliveries(32) == 0
    assert writes.delete_old_deliveries(30) == 1
    assert Delivery.objects.get(webhook=row).state == "waiting"
