"""Who may do what in the Enrollment API v1: every address, every method, every kind of caller."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from oauth2_provider.models import AccessToken

from matricula.models import Account
from matricula.rest.contracts.v1_enrollment.guard import (
    GLOBAL_STAFF,
    LOGGED_IN,
    OPEN,
    OWN_OR_MANAGED,
    STAFF_FOR_ANYONE,
)
from matricula.rest.contracts.v1_enrollment.urls import BASE, V1_ADDRESSES
from tests.conftest import KEY, Api, World, make_account, make_token
from tests.wire.answers import content
from tests.wire.test_permissions import CALLERS, NOBODY, Ask, caller, session
from tests.withdrawing import everything, withdrawn

RECORDS, ONE, OWN, COURSE = (
    "/enrollment",
    "/enrollment/{user},{course_key}",
    "/enrollment/{course_key}",
    "/course/{course_key}",
)
ALL, ALLOWED = "/enrollments", "/enrollment_allowed"
# path, method → who may
TABLE = {
    (RECORDS, "GET"): LOGGED_IN,
    (RECORDS, "POST"): STAFF_FOR_ANYONE,
    (ONE, "GET"): OWN_OR_MANAGED,
    (OWN, "GET"): LOGGED_IN,
    (COURSE, "GET"): OPEN,
    (ALL, "GET"): GLOBAL_STAFF,
    (ALLOWED, "GET"): GLOBAL_STAFF,
    (ALLOWED, "POST"): GLOBAL_STAFF,
    (ALLOWED, "DELETE"): GLOBAL_STAFF,
}
INVITED = {"email": "invited@example.org", "course_id": KEY}
BODIES: dict[tuple[str, str], Any] = {
    (RECORDS, "POST"): {"user": "instructor", "course_details": {"course_id": KEY}},
    (ALLOWED, "POST"): {"email": "new@example.org", "course_id": KEY},
    (ALLOWED, "DELETE"): INVITED,
}
GOOD = {(ALLOWED, "POST"): 201, (ALLOWED, "DELETE"): 204}

# the callers of this table alone: they act as global staff
STAFF = ["global staff", "superuser"]
BY_SCOPE = {"staff only read": "read", "staff only write": "write", "staff no scope": "", "staff no csrf": "read"}
MANAGERS = ["staff", "instructor", "session", "only read", "only write", "no scope", "session without csrf"]
THEIR_SCOPE = {"only read": "read", "only write": "write", "no scope": "", "session without csrf": "read"}
MADE: dict[str, Callable[[World], Ask]] = {
    "staff session": lambda w: session(w.admin),
    "staff no csrf": lambda w: session(w.admin, csrf=False),
    "staff only read": lambda w: Api(w.admin, "read"),
    "staff only write": lambda w: Api(w.admin, "write"),
    "staff no scope": lambda w: Api(w.admin, ""),
    "staff by the word JWT": lambda w: Api(Authorization=f"JWT {make_token(w.admin)}"),
}
EVERYONE = [*CALLERS, *MADE]


@pytest.fixture
def invited(world: World) -> World:
    world.enroll("sam")
    world.enroll("invited@example.org")
    return world


def address(path: str) -> str:
    return BASE + path.format(user="sam", course_key=KEY)


def body_of(path: str, method: str) -> str:
    return json.dumps(BODIES[path, method]) if (path, method) in BODIES else ""


def with_head() -> list[tuple[str, str, str]]:
    rows = [(path, method, who) for (path, method), who in TABLE.items()]
    return rows + [(path, "HEAD", who) for path, method, who in rows if method == "GET"]


def expected(name: str, path: str, method: str, who: str) -> tuple[int, bool]:
    """The status, and whether the answer has a body."""
    good = (GOOD.get((path, method), 200), (path, method) != (ALLOWED, "DELETE"))
    if who is OPEN:
        return good
    if name in NOBODY:
        return 401, True
    needs = "read" if method in {"GET", "HEAD"} else "write"
    if (BY_SCOPE | THEIR_SCOPE).get(name, needs) != needs:
        return 403, True
    if name in STAFF or name in MADE or who is LOGGED_IN:
        return good
    if who is GLOBAL_STAFF:
        return 403, True
    if who is STAFF_FOR_ANYONE:
        # the body names the instructor, who may not enroll anyone either
        return (403, True) if name in {"instructor", "session", "only write"} else (404, False)
    return good if name in MANAGERS or name in {"learner", "learner session"} else (404, False)


def written() -> dict[str, list[Any]]:
    """Without the tokens that some callers make anew for each request."""
    return {name: rows for name, rows in everything().items() if name not in {"client", "tokens"}}


def test_the_table_is_the_address_table() -> None:
    found = {(a.template.removeprefix(BASE), m): e.permission for a in V1_ADDRESSES for m, e in a.methods.items()}
    assert found == TABLE


@pytest.mark.parametrize("name", EVERYONE)
def test_every_address_and_caller(name: str, invited: World) -> None:
    ask = MADE[name](invited) if name in MADE else caller(name, invited)
    rows = with_head()
    assert len(rows) > len(TABLE)
    for path, method, who in rows:
        with transaction.atomic():
            before = written()
            answer = ask(method, address(path), body_of(path, method))
            status, has_body = expected(name, path, method, who)
            assert (path, method, answer.status_code) == (path, method, status), content(answer)
            if method != "HEAD":
                assert (content(answer) != b"") == has_body
            if status >= 400 and has_body and method != "HEAD":
                words = {"message", "localizedMessage"} if status == 403 else {"message"}
                assert set(answer.json()) == words  # type: ignore[attr-defined]
            assert ("WWW-Authenticate" in answer.headers) == (status == 401)
            assert (written() == before) == (status >= 400 or method in {"GET", "HEAD"})
            transaction.set_rollback(True)


@pytest.mark.parametrize("slash", ["", "/"])
def test_each_answer_names_the_successor(slash: str, invited: World) -> None:
    asked = 0
    for ask in (Api(), Api(invited.admin), Api(invited.learner)):
        for path, method, _ in [*with_head(), ("/nothing", "GET", ""), ("", "GET", ""), (ALL, "PUT", "")]:
            answer = ask(method, address(path) + slash, body_of(path, method))
            assert answer.headers["Deprecation"].startswith("@")
            assert answer.headers["Link"].endswith('>; rel="successor-version"')
            asked += 1
    assert asked > 3 * len(TABLE)
    assert "Deprecation" not in Api().get(f"/api/enrollment/v2/courses/{KEY}/enrollments").headers


def test_methods_and_addresses_that_there_are_not(invited: World) -> None:
    ask = Api(invited.admin)
    for path in {path for path, _ in TABLE}:
        answer = ask("PUT", address(path), "")
        assert (answer.status_code, set(answer.json())) == (405, {"message"})  # type: ignore[attr-defined]
        allowed = {method for known, method in TABLE if known == path}
        assert set(answer.headers["Allow"].split(", ")) == allowed | {"HEAD"}
    for path in ("/nothing", "", "/enrollment/", "/enrollments/7", "/course/"):
        answer = ask.get(BASE + path)
        if path != "/enrollment/":
            assert (answer.status_code, set(answer.json())) == (404, {"message"}), path  # type: ignore[attr-defined]


# how the right of global staff is withdrawn → what the caller is told
WITHDRAWN: dict[str, tuple[Callable[[Account], object], int]] = {
    "the flag": (lambda a: Account.objects.filter(pk=a.pk).update(is_staff=False), 403),
    "the account": (lambda a: Account.objects.filter(pk=a.pk).update(is_active=False), 401),
    "the token": (lambda a: AccessToken.objects.all().delete(), 401),
}


@pytest.mark.parametrize("way", WITHDRAWN)
def test_a_right_that_is_withdrawn_while_a_request_is_on_its_way(way: str, invited: World) -> None:
    withdraw, status = WITHDRAWN[way]
    for path, method in BODIES:
        with transaction.atomic():
            account = make_account("boss", is_staff=True)
            ask, before = Api(account), everything()
            with withdrawn(lambda account=account: withdraw(account)) as withdrawal:
                answer = ask(method, address(path), body_of(path, method))
            assert withdrawal.fired
            assert answer.status_code == status, (path, method, content(answer))
            after = everything()
            assert {name for name in after if after[name] != before[name]} <= {"account", "tokens"}
            transaction.set_rollback(True)
