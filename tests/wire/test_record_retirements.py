"""Retirements through the Record API: requested, looked at, withdrawn; the command of the owner does the rest."""

from typing import Any

import pytest

from matricula.models import Account, JournalRedaction, Retirement
from matricula.rest.contracts.record.guard import SUPERUSER
from matricula.rest.contracts.record.urls import BASE
from matricula.retirement.runs import run_retirements
from tests.conftest import Api, as_superuser, make_account
from tests.university import University
from tests.wire.answers import content, refused
from tests.wire.test_permissions import BY_SCOPE, CALLERS, NOBODY, Ask, caller

PATH, ONE = "/retirements", "/retirements/{retirement_id}"
TABLE = {
    (PATH, "POST"): SUPERUSER,
    (PATH, "GET"): SUPERUSER,
    (ONE, "GET"): SUPERUSER,
    (ONE, "DELETE"): SUPERUSER,
}


def requested(ask: Api, **body: Any) -> dict[str, Any]:
    answer = ask.post(BASE + PATH, body)
    assert answer.status_code == 202, content(answer)
    found: dict[str, Any] = answer.json()  # type: ignore[attr-defined]
    assert answer.headers["Location"] == found["retirement_url"]
    return found


@pytest.mark.parametrize("name", CALLERS)
def test_every_address_and_caller(name: str, university: University) -> None:
    waiting = requested(Api(university.root), username="staff")
    ask: Ask = caller(name, university.world)
    for path, method in TABLE:
        answer = ask(method, BASE + path.format(**waiting), '{"username": "sam"}' if method == "POST" else "")
        if name in NOBODY:
            refused(answer, 401)
        elif name == "superuser":
            assert answer.status_code in {200, 202, 204}, (path, method, content(answer))
        else:
            refused(answer, 403)
    assert name in BY_SCOPE or Retirement.objects.filter(account_id=university.world.staff.pk).exists() is (
        name != "superuser"
    )


def test_from_the_request_to_the_end(university: University, final_at_once: None) -> None:
    ask = Api(university.root)
    university.world.enroll("sam", reason="as Sam Learner asked")
    made = requested(ask, username="SAM", reason="request of 14 January")
    assert (made["state"], made["requested_by"], made["replaced"]) == ("waiting", "root", {})
    assert Account.objects.filter(username="sam", is_active=True).exists()
    refused(ask.post(BASE + PATH, {"email": "sam@example.org"}), 409)
    with as_superuser():
        run_retirements()
    done = ask.get(made["retirement_url"]).json()  # type: ignore[attr-defined]
    assert (done["state"], done["pseudonym"]) == ("done", made["pseudonym"])
    assert done["replaced"]["matricula_journalentry"] >= 2
    assert done["finished"] is not None
    refused(ask.delete(made["retirement_url"]), 409)
    refused(ask.post(BASE + PATH, {"username": "sam"}), 404)
    listed = ask.get(f"{BASE}{PATH}?state=done").json()  # type: ignore[attr-defined]
    assert listed == {"results": [done], "cursor": None}


def test_followers_see_which_changes_were_redacted(university: University, final_at_once: None) -> None:
    university.world.enroll("sam", reason="as Sam Learner asked")
    university.world.enroll("instructor")
    requested(Api(university.root), username="sam")
    with as_superuser():
        run_retirements()
    answer = Api(university.root).get(f"{BASE}/changes?limit=1000").json()  # type: ignore[attr-defined]
    marked = {int(e["id"]): e["data"]["redacted"] for e in answer["changes"] if "redacted" in e["data"]}
    kept = {one.entry_id: bytes(one.digest).hex() for one in JournalRedaction.objects.all()}
    assert {id_: mark["digest"] for id_, mark in marked.items()} == kept
    assert 0 < len(marked) < len(answer["changes"])
    last = answer["changes"][-1]["data"]
    assert (last["subject"], last["record"]["transition"]) == ("account", "retired")


def test_someone_without_an_account(university: University, final_at_once: None) -> None:
    ask = Api(university.root)
    university.world.enroll("new@example.org")
    requested(ask, email="New@example.org")
    requested(ask, student_key="S-1", organization="north")
    with as_superuser():
        assert len(run_retirements().retired) == 2


def test_what_is_refused(university: University) -> None:
    ask = Api(university.root)
    make_account("two@example.org", email="a@example.org")
    make_account("two", email="two@example.org")
    for body, status, *fields in (
        ({}, 400, "username"),
        ({"username": "sam", "email": "sam@example.org"}, 400, "username"),
        ({"student_key": "S-1"}, 400, "organization"),
        ({"student_key": "S-1", "organization": "west"}, 404),
        ({"email": "nothing"}, 400, "email"),
        ({"username": "unknown"}, 404),
        ({"username": "root"}, 409),
        ({"username": "two@example.org"}, 409),
        ({"email": "x@retired.invalid"}, 409),
        ({"username": "sam", "reason": "x" * 256}, 400, "reason"),
    ):
        refused(ask.post(BASE + PATH, body), status, *fields)
    refused(ask.get(f"{BASE}{PATH}?cursor=5a9d1c64-3f0e-4c39-9f7e-2f6f7f5f2b10"), 400, "cursor")
    refused(ask.get(f"{BASE}{PATH}/5a9d1c64-3f0e-4c39-9f7e-2f6f7f5f2b10"), 404)


def test_a_request_is_withdrawn_before_it_begins(university: University) -> None:
    ask = Api(university.root)
    made = requested(ask, username="sam")
    assert ask.delete(made["retirement_url"]).status_code == 204
    refused(ask.get(made["retirement_url"]), 404)
    assert Account.objects.filter(username="sam").exists()
