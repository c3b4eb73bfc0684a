"""Webhooks in the console: made, tried, switched, rotated, deleted; what their pages say."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client as HttpClient
from django.utils import timezone

from matricula.feed.webhooks import writes
from matricula.feed.webhooks.rights import Filter
from matricula.journal.writes import new_operation
from matricula.models import CourseRole, Delivery, OperationRecord, Webhook
from tests.conftest import KEY, OTHER_KEY, World
from tests.university import OWN, University
from tests.webhooks import Receiver, receiver, send_due

URL = "https://hooks.example.org/matricula"


@pytest.fixture
def http(world: World) -> HttpClient:
    client = HttpClient()
    client.force_login(world.instructor)
    return client


@pytest.fixture
def made() -> Iterator[Receiver]:
    with receiver() as one:
        yield one


def text(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def hook(world: World, url: str = URL, about: Filter | None = None) -> Webhook:
    operation = new_operation(world.instructor.pk, "console")
    webhook_id, _ = writes.create_webhook(operation, world.instructor.pk, url, about or Filter())
    return Webhook.objects.get(pk=webhook_id)


def test_a_webhook_is_made_and_its_secret_shown_once(world: World, http: HttpClient) -> None:
    assert "No webhooks yet" in text(http.get("/webhooks/"))
    answer = http.post("/webhooks/new/", {"url": URL, "course": KEY, "subjects": ["grade", "course_enrollment"]})
    found = re.search(r'id="secret">(whsec_[^<]+)<', answer.content.decode())
    assert answer.status_code == 200 and found
    row = Webhook.objects.get()
    assert (row.url, row.course_id, row.subjects) == (URL, world.course.id, ["grade", "course_enrollment"])
    assert writes.decrypt(row.secret) == found[1]
    page = http.get(f"/webhooks/{row.pk}/")
    assert found[1] not in page.content.decode()
    for words in (URL, KEY, "grades, course enrollments", "No deliveries yet", "instructor"):
        assert words in text(page)
    assert URL in text(http.get("/webhooks/"))
    assert OperationRecord.objects.filter(source="console", actor_id=world.instructor.pk).exists()


@pytest.mark.parametrize(
    ("form", "field", "words"),
    [
        ({"url": "http://127.0.0.1/"}, "url", "127.0.0.1 isn't a public address"),
        ({"url": "http://[::1]/"}, "url", "isn't a public address"),
        ({"url": "hooks"}, "url", "must start with https://"),
        ({"url": URL, "course": OTHER_KEY}, "course", "you don't manage it"),
        ({"url": URL, "program": OWN}, "program", "you can't see its enrollments"),
        ({"url": URL, "subjects": ["webhook"]}, "subjects", "Select a valid choice"),
    ],
)
def test_what_a_form_is_told(form: dict[str, Any], field: str, words: str, world: World, http: HttpClient) -> None:
    answer = http.post("/webhooks/new/", form)
    assert answer.status_code == 400 and words in " ".join(answer.context["form"].errors[field])
    assert Webhook.objects.count() == 0


def test_learners_are_offered_none(world: World) -> None:
    client = HttpClient()
    client.force_login(world.learner)
    page = client.get("/webhooks/")
    assert "/webhooks/new/" not in page.content.decode() and "You need access" in text(page)
    answer = client.post("/webhooks/new/", {"url": URL})
    assert answer.status_code == 400 and "You need access" in text(answer)


def test_one_too_many(world: World, http: HttpClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writes, "MOST_WEBHOOKS", 0)
    answer = http.post("/webhooks/new/", {"url": URL})
    assert answer.status_code == 400 and "the most allowed" in text(answer)


def test_what_it_is_about_is_changed(world: World, http: HttpClient) -> None:
    row = hook(world, about=Filter(course_id=world.course.id))
    page = http.get(f"/webhooks/{row.pk}/change/").content.decode()
    assert f'value="{URL}"' in page and f'value="{KEY}"' in page
    answer = http.post(f"/webhooks/{row.pk}/change/", {"url": f"{URL}/b", "subjects": ["account"]})
    assert answer.status_code == 302
    row.refresh_from_db()
    assert (row.url, row.course_id, row.subjects) == (f"{URL}/b", None, ["account"])
    assert "Not encrypted" not in text(http.get(f"/webhooks/{row.pk}/"))
    http.post(f"/webhooks/{row.pk}/change/", {"url": "http://hooks.example.org/"})
    assert "Not encrypted" in text(http.get(f"/webhooks/{row.pk}/"))


@pytest.mark.usefixtures("final_at_once")
def test_tries_are_shown_and_a_delivery_is_sent_again(world: World, http: HttpClient, made: Receiver) -> None:
    row = hook(world, made.url)
    page = f"/webhooks/{row.pk}/"
    world.enroll("sam")
    made.status = 503
    send_due()
    shown = text(http.get(page))
    for words in ("Failing", "deliveries have failed", "answered with status 503", "next attempt", "Send now"):
        assert words in shown
    delivery = Delivery.objects.get()
    made.status = 200
    assert http.post(f"{page}deliveries/{delivery.pk}/send/").status_code == 302
    send_due()
    shown = text(http.get(page))
    assert "Delivered" in shown and "answered with status 200 (2)" in shown and "Send again" in shown
    assert "Failing" not in shown
    assert "No matches" in text(http.get(f"{page}?state=failed"))
    assert http.post(f"{page}test/").status_code == 302
    send_due()
    assert [len(one.changes) for one in made.seen] == [1, 1, 0]


def test_switched_off_and_on(world: World, http: HttpClient) -> None:
    row = hook(world)
    page = f"/webhooks/{row.pk}/"
    delivery = Delivery.objects.create(
        id=row.pk, webhook=row, kind="changes", state="delivered", created=timezone.now()
    )
    http.post(f"{page}switch/", {"to": "off"})
    assert "the webhook was switched off." in text(http.get(page))
    answer = http.post(f"{page}deliveries/{delivery.pk}/send/", follow=True)
    assert "This webhook is off." in text(answer)
    http.post(f"{page}switch/", {"to": "on"})
    assert Webhook.objects.get().off_since is None
    Webhook.objects.update(off_since=timezone.now(), off_reason="failing")
    assert "because deliveries had failed for three days" in text(http.get(page))
    assert "Switched off after failures" in text(http.get("/webhooks/"))


def test_the_secret_is_rotated(world: World, http: HttpClient) -> None:
    row = hook(world)
    answer = http.post(f"/webhooks/{row.pk}/rotate/")
    assert "The secret was rotated" in text(answer) and "signed with both secrets" in text(answer)
    row.refresh_from_db()
    assert writes.decrypt(row.secret) in answer.content.decode()
    assert "the secret before this one" in text(http.get(f"/webhooks/{row.pk}/"))


def test_it_is_deleted(world: World, http: HttpClient) -> None:
    row = hook(world)
    assert "Delete this webhook?" in text(http.get(f"/webhooks/{row.pk}/delete/"))
    assert http.post(f"/webhooks/{row.pk}/delete/").status_code == 302
    assert Webhook.objects.count() == 0


def test_an_owner_who_lost_the_right_is_told(world: World, http: HttpClient) -> None:
    row = hook(world, about=Filter(course_id=world.course.id))
    assert "no longer has access" not in text(http.get(f"/webhooks/{row.pk}/"))
    CourseRole.objects.filter(account=world.instructor).delete()
    assert "instructor no longer has access" in text(http.get(f"/webhooks/{row.pk}/"))


def test_operators_see_all(university: University) -> None:
    row = hook(university.world)
    client = HttpClient()
    client.force_login(university.root)
    assert "instructor" in text(client.get("/webhooks/"))
    assert client.get(f"/webhooks/{row.pk}/").status_code == 200
