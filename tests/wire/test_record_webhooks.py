"""Webhooks in the Record API: who may what, what each address answers, and what it rejects (record-api: Webhooks)."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from standardwebhooks import Webhook as Verifier

from matricula.feed.webhooks import writes
from matricula.models import Account, CourseRole, Delivery, OperationRecord, Webhook
from matricula.rest.contracts.record.guard import LOGGED_IN, OWNS_WEBHOOK
from matricula.rest.contracts.record.urls import BASE
from tests.conftest import KEY, OTHER_KEY, Api, World
from tests.university import OWN, University
from tests.webhooks import Receiver, receiver, send_due
from tests.wire.answers import content, refused
from tests.wire.test_permissions import BY_SCOPE, CALLERS, NOBODY, OTHERS, Ask, caller

HOOKS, HOOK, URL = f"{BASE}/webhooks", "/webhooks/{webhook_id}", "https://hooks.example.org/matricula"
RETRY = HOOK + "/deliveries/{delivery_id}/retry"
# path, method → who may; the table of the contract's other addresses is in test_record_permissions
TABLE = {
    ("/webhooks", "GET"): LOGGED_IN,
    ("/webhooks", "POST"): LOGGED_IN,
    (HOOK, "GET"): OWNS_WEBHOOK,
    (HOOK, "PATCH"): OWNS_WEBHOOK,
    (HOOK, "DELETE"): OWNS_WEBHOOK,
    (HOOK + "/rotate", "POST"): OWNS_WEBHOOK,
    (HOOK + "/test", "POST"): OWNS_WEBHOOK,
    (HOOK + "/deliveries", "GET"): OWNS_WEBHOOK,
    (RETRY, "POST"): OWNS_WEBHOOK,
}
GOOD = {("/webhooks", "POST"): 201, (HOOK, "DELETE"): 204, (HOOK + "/test", "POST"): 202, (RETRY, "POST"): 202}
WRITES = {"POST", "PATCH", "DELETE"}
BODIES = {("/webhooks", "POST"): {"url": URL, "filter": {"course": KEY}}, (HOOK, "PATCH"): {"active": True}}


def make(ask: Api, **body: Any) -> Any:
    answer = ask.post(HOOKS, {"url": URL, **body})
    assert answer.status_code == 201, content(answer)
    return answer.json()  # type: ignore[attr-defined]


def rows() -> list[tuple[str, str, str]]:
    # what deletes comes last
    found = [(path, method, who) for (path, method), who in TABLE.items()]
    found += [(path, "HEAD", who) for path, method, who in found if method == "GET"]
    return sorted(found, key=lambda row: row[1] == "DELETE")


@pytest.fixture
def ids(world: World) -> dict[str, str]:
    webhook = make(Api(world.instructor))["webhook_id"]
    delivery = Api(world.instructor).post(f"{HOOKS}/{webhook}/test", None).json()["delivery_id"]  # type: ignore[attr-defined]
    return {"webhook_id": webhook, "delivery_id": delivery}


def ask_row(ask: Ask, path: str, method: str, ids: dict[str, str]) -> Any:
    body = BODIES.get((path, method))
    return ask(method, BASE + path.format(**ids), json.dumps(body) if body else "")


# other bad credentials meet the same guard in test_record_permissions
@pytest.mark.parametrize("name", ["nobody", *(name for name in CALLERS if name not in NOBODY)])
def test_every_address_and_caller(name: str, world: World, ids: dict[str, str]) -> None:
    ask: Ask = caller(name, world)
    before, asked = Webhook.objects.values().get(), rows()
    assert len(asked) > len(TABLE)
    for path, method, who in asked:
        answer = ask_row(ask, path, method, ids)
        seen = (path, method, answer.status_code)
        scope = "write" if method in WRITES else "read"
        if name in NOBODY:
            assert seen == (path, method, 401)
        elif name in BY_SCOPE and BY_SCOPE[name] != scope:
            assert seen == (path, method, 403)
        elif name in OTHERS:
            # a course run that they may not see is not there; of webhooks they see their own
            assert seen == (path, method, 200 if who is LOGGED_IN and method not in WRITES else 404)
        else:
            sees = who is LOGGED_IN or name not in {"staff", "global staff"}
            assert seen == (path, method, GOOD.get((path, method), 200) if sees else 404)
    if name in NOBODY or name in OTHERS or name in {"only read", "no scope", "session without csrf"}:
        assert Webhook.objects.values().get() == before and Delivery.objects.count() == 1


def test_a_webhook_is_its_owners_and_superusers_see_all(university: University) -> None:
    world = university.world
    mine = make(Api(world.instructor), filter={"course": KEY})
    for other in (world.staff, world.admin):
        refused(Api(other).get(mine["webhook_url"]), 404)
        assert Api(other).get(HOOKS).json() == {"results": [], "cursor": None}  # type: ignore[attr-defined]
    root = Api(university.root)
    assert [one["owner"] for one in root.get(HOOKS).json()["results"]] == ["instructor"]  # type: ignore[attr-defined]
    assert root("PATCH", mine["webhook_url"], {"active": False}).status_code == 200
    assert Api(world.instructor).get(mine["webhook_url"]).json()["off_reason"] == "switched_off"  # type: ignore[attr-defined]


MAY: list[tuple[str, dict[str, str], int]] = [
    ("read_enrollments", {"program": OWN}, 201),
    ("read_write_enrollments", {"program": OWN}, 201),
    ("read_enrollments", {}, 201),
    ("read_metadata", {"program": OWN}, 404),
    ("read_reports", {"program": OWN}, 404),
    ("read_all_jobs", {"program": OWN}, 404),
    ("read_enrollments", {"program": OWN, "course": KEY}, 404),
    ("read_metadata", {}, 403),
]


@pytest.mark.parametrize(("role", "about", "status"), MAY)
def test_who_may_make_one_about_a_program(
    role: str, about: dict[str, str], status: int, university: University
) -> None:
    answer = Api(university.holder(role)).post(HOOKS, {"url": URL, "filter": about})
    assert answer.status_code == status, content(answer)
    assert Webhook.objects.count() == (status == 201)


def test_who_may_make_one_about_a_course(world: World) -> None:
    accounts: list[tuple[Account, str | None, int]] = [
        (world.instructor, KEY, 201), (world.staff, KEY, 201), (world.admin, KEY, 201), (world.admin, None, 201),
        (world.instructor, OTHER_KEY, 404), (world.learner, KEY, 404), (world.learner, None, 403),
    ]  # fmt: skip
    for account, key, status in accounts:
        answer = Api(account).post(HOOKS, {"url": URL, "filter": {"course": key}})
        assert answer.status_code == status, (account, key)
    refused(Api(world.instructor).post(HOOKS, {"url": URL, "filter": {"course": "no-key"}}), 400, "course")


def test_what_is_answered(world: World) -> None:
    ask = Api(world.instructor)
    answer = ask.post(HOOKS, {"url": URL, "filter": {"course": KEY, "subjects": ["grade", "grade"]}})
    made = answer.json()  # type: ignore[attr-defined]
    assert answer.headers["Location"] == made["webhook_url"]
    secret = made.pop("secret")
    Verifier(secret)
    assert made.pop("webhook_url").endswith(f"{HOOKS}/{made.pop('webhook_id')}") and made.pop("created").endswith("Z")
    assert made == {
        "url": URL,
        "filter": {"course": KEY, "program": None, "subjects": ["grade"]},
        "active": True,
        "owner": "instructor",
        "off_since": None,
        "off_reason": None,
        "paused": False,
        "failing_since": None,
        "old_secret_until": None,
    }
    place = answer.headers["Location"]
    assert "secret" not in ask.get(place).json()  # type: ignore[attr-defined]
    changed = ask("PATCH", place, {"url": f"{URL}/b", "filter": {}, "active": False}).json()  # type: ignore[attr-defined]
    assert (changed["url"], changed["filter"]["course"], changed["active"]) == (f"{URL}/b", None, False)
    again = ask("PATCH", place, {"active": True}).json()  # type: ignore[attr-defined]
    assert (again["url"], again["active"], again["off_since"]) == (f"{URL}/b", True, None)
    rotated = ask.post(f"{place}/rotate", None).json()  # type: ignore[attr-defined]
    assert rotated["secret"] != secret and rotated["old_secret_until"] is not None
    assert ask("DELETE", place, "").status_code == 204
    refused(ask.get(place), 404)
    acts = OperationRecord.objects.filter(actor_id=world.instructor.pk, reason__startswith="Webhook")
    assert [*acts.order_by("started").values_list("reason", flat=True)] == [
        "Webhook created", "Webhook changed", "Webhook changed", "Webhook secret rotated", "Webhook deleted",
    ]  # fmt: skip


@pytest.fixture
def made() -> Iterator[Receiver]:
    with receiver() as one:
        yield one


@pytest.mark.usefixtures("final_at_once")
def test_deliveries_show_each_try_and_are_sent_again(world: World, made: Receiver) -> None:
    ask = Api(world.instructor)
    hook = make(ask)
    Webhook.objects.update(url=made.url)
    place = f"{hook['webhook_url']}/deliveries"
    world.enroll("sam")
    made.status = 500
    send_due()
    [delivery] = ask.get(place).json()["results"]  # type: ignore[attr-defined]
    assert (delivery["state"], delivery["changes"], len(delivery["tries"])) == ("waiting", 1, 1)
    assert delivery["next_try"] > delivery["created"]
    [tried] = delivery["tries"]
    assert (tried["status"], tried["error"]) == (500, "status") and tried["milliseconds"] >= 0
    assert ask.get(hook["webhook_url"]).json()["failing_since"] is not None  # type: ignore[attr-defined]
    made.status = 200
    retry = f"{place}/{delivery['delivery_id']}/retry"
    assert ask.post(retry, None).status_code == 202
    send_due()
    [delivery] = ask.get(f"{place}?state=delivered").json()["results"]  # type: ignore[attr-defined]
    assert [t["status"] for t in delivery["tries"]] == [500, 200] and delivery["next_try"] is None
    assert [one.id for one in made.seen] == [delivery["delivery_id"]] * 2
    assert made.seen[1].verify(hook["secret"])["changes"] == made.seen[0].changes
    ask("PATCH", hook["webhook_url"], {"active": False})
    refused(ask.post(retry, None), 409)
    assert ask.post(f"{hook['webhook_url']}/test", None).status_code == 202
    first = ask.get(f"{place}?page_size=1").json()  # type: ignore[attr-defined]
    second = ask.get(f"{place}?page_size=1&cursor={first['cursor']}").json()  # type: ignore[attr-defined]
    assert [one["kind"] for one in first["results"] + second["results"]] == ["test", "changes"]
    assert second["cursor"] is None
    refused(ask.get(f"{place}?cursor={uuid.UUID(int=1)}"), 400, "cursor")
    refused(ask.post(f"{place}/{uuid.UUID(int=1)}/retry", None), 404)
    refused(ask.post(f"{place}/x/retry", None), 400, "delivery_id")
    refused(ask.get(f"{HOOKS}/x"), 400, "webhook_id")


def test_an_owner_who_lost_the_right_is_shown_that_it_is_paused(world: World) -> None:
    hook = make(Api(world.instructor), filter={"course": KEY})
    CourseRole.objects.filter(account=world.instructor).delete()
    assert Api(world.instructor).get(hook["webhook_url"]).json()["paused"] is True  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1", "http://[::1]/", "http://169.254.169.254/latest", "http://localhost:8000", "http://2130706433",
     "ftp://x.org", "https://a:b@hooks.example.org", "x", ""],
)  # fmt: skip
def test_urls_that_are_rejected(url: str, world: World) -> None:
    ask = Api(world.instructor)
    place = make(ask)["webhook_url"]
    for answer in (ask.post(HOOKS, {"url": url}), ask("PATCH", place, {"url": url})):
        refused(answer, 400, "url")
    assert ask.get(place).json()["url"] == URL  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "url"),
        ({"url": 1}, "url"),
        ({"url": URL, "active": "yes"}, "active"),
        ({"url": URL, "filter": {"subjects": ["webhook"]}}, "filter"),
        ({"url": URL, "filter": []}, "filter"),
    ],
)
def test_bodies_that_are_rejected(body: dict[str, Any], field: str, world: World) -> None:
    answer = Api(world.instructor).post(HOOKS, body)
    refused(answer, 400, field)


def test_one_too_many(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writes, "MOST_WEBHOOKS", 1)
    ask = Api(world.instructor)
    make(ask)
    refused(ask.post(HOOKS, {"url": URL}), 409)


def test_pages_of_webhooks(world: World) -> None:
    ask = Api(world.instructor)
    made = [make(ask)["webhook_id"] for _ in range(3)]
    first = ask.get(f"{HOOKS}?page_size=2").json()  # type: ignore[attr-defined]
    second = ask.get(f"{HOOKS}?page_size=2&cursor={first['cursor']}").json()  # type: ignore[attr-defined]
    assert [one["webhook_id"] for one in first["results"] + second["results"]] == made[::-1]
    assert second["cursor"] is None
    refused(ask.get(f"{HOOKS}?cursor={uuid.UUID(int=1)}"), 400, "cursor")
