"""The calls of a shop and of a student system to the Enrollment API v1, in their order, with the fields they read."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import KEY, Api, World, make_account, make_token
from tests.journal import changes
from tests.wire.test_permissions import Ask, session

V1 = "/api/enrollment/v1"
COURSE = {"course_id": KEY}
ORDER = [{"namespace": "order", "name": "order_number", "value": "EDX-100001"}]
INVITED = {"email": "new.student@example.org", **COURSE}

# with the session of a browser and its CSRF token, and with a token under either word
CLIENTS: dict[str, Callable[[World], Ask]] = {
    "session": lambda w: session(w.admin),
    "bearer": lambda w: Api(Authorization=f"Bearer {make_token(w.admin)}"),
    "jwt": lambda w: Api(Authorization=f"JWT {make_token(w.admin)}"),
}


def call(ask: Ask, method: str, path: str, body: Any = None) -> Any:
    """What the client reads: the JSON, or the bare status where there is no body."""
    answer = ask(method, V1 + path, "" if body is None else json.dumps(body))
    return answer.json() if answer.content else answer.status_code  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", CLIENTS)
def test_a_shop(name: str, world: World) -> None:
    """Which modes are for sale, is the buyer enrolled, enroll on payment, look up, upgrade, unenroll on refund."""
    buyer = make_account("buyer")
    ask = CLIENTS[name](world)
    course = call(ask, "GET", f"/course/{KEY}")
    assert (course["course_id"], course["course_name"]) == (KEY, "Introduction to Programming")
    assert [(m["slug"], m["min_price"], m["currency"], m["sku"]) for m in course["course_modes"]] == [
        ("audit", 0, "usd", None), ("honor", 0, "usd", None), ("verified", 0, "usd", None),
    ]  # fmt: skip
    assert (course["enrollment_end"], course["invite_only"]) == (None, False)
    assert call(ask, "GET", f"/enrollment/buyer,{KEY}") is None

    paid = {"user": "buyer", "mode": "audit", "is_active": True, "course_details": COURSE}
    record = call(ask, "POST", "/enrollment", {**paid, "enrollment_attributes": ORDER})
    assert (record["user"], record["mode"], record["is_active"]) == ("buyer", "audit", True)
    assert record["course_details"] == course
    assert call(ask, "GET", f"/enrollment/buyer,{KEY}") == record
    assert call(ask, "GET", "/enrollment?user=buyer") == [record]
    assert call(ask, "POST", "/enrollment", {**paid, "enrollment_attributes": ORDER}) == record

    upgraded = call(ask, "POST", "/enrollment", {**paid, "mode": "verified"})
    assert upgraded == {**record, "mode": "verified"}
    wrong = call(ask, "POST", "/enrollment", {**paid, "is_active": False})
    assert "verified" in wrong["message"]
    refunded = call(ask, "POST", "/enrollment", {**paid, "mode": "verified", "is_active": False})
    assert refunded == {**upgraded, "is_active": False}
    assert call(ask, "GET", f"/enrollment/buyer,{KEY}") == refunded
    assert call(ask, "GET", "/enrollment?user=buyer") == []
    unknown = call(ask, "POST", "/enrollment", {**paid, "user": "buyer2"})
    assert unknown == {"message": "There is no account with this username."}

    rows = changes().filter(account_id=buyer.pk).order_by("id")
    assert [(row.transition, row.reason, row.actor_id) for row in rows] == [
        ("from unenrolled to enrolled", "order.order_number: EDX-100001", world.admin.pk),
        ("from enrolled to enrolled", None, world.admin.pk),
        ("from enrolled to unenrolled", None, world.admin.pk),
    ]


@pytest.mark.parametrize("name", CLIENTS)
def test_a_student_system(name: str, world: World) -> None:
    """Invite who has no account, see them enrolled at sign-up, list all, and take the invitation back."""
    ask = CLIENTS[name](world)
    assert call(ask, "GET", f"/enrollment_allowed?email={INVITED['email']}") == []
    made = call(ask, "POST", "/enrollment_allowed/", {**INVITED, "auto_enroll": True})
    assert made | {"created": ""} == {**INVITED, "auto_enroll": True, "user": None, "created": ""}
    assert call(ask, "GET", f"/enrollment_allowed/?email={INVITED['email']}") == [made]
    assert set(call(ask, "POST", "/enrollment_allowed", INVITED)) == {"message"}
    make_account("fresh", email=INVITED["email"])
    assert call(ask, "GET", f"/enrollment_allowed?email={INVITED['email']}") == [{**made, "user": "fresh"}]
    page = call(ask, "GET", "/enrollments?username=fresh")
    assert (page["next"], page["previous"]) == (None, None)
    assert [(r["user"], r["course_id"], r["mode"], r["is_active"]) for r in page["results"]] == [
        ("fresh", KEY, "audit", True)
    ]
    assert call(ask, "DELETE", "/enrollment_allowed", INVITED) == 204
    assert set(call(ask, "DELETE", "/enrollment_allowed", INVITED)) == {"message"}
    assert call(ask, "GET", f"/enrollment/fresh,{KEY}/")["is_active"] is True


def test_a_session_without_its_csrf_token_changes_nothing(world: World) -> None:
    ask = session(world.admin, csrf=False)
    error = call(ask, "POST", "/enrollment", {"user": "sam", "course_details": COURSE})
    assert set(error) == {"message", "localizedMessage"}
    assert call(ask, "GET", f"/enrollment/sam,{KEY}") is None
