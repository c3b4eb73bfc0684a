"""Plans that merge two accounts, on the wire and from the command line (record-api: Plans)."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from matricula.cli import service
from matricula.cli.main import app
from matricula.models import Account
from tests.conftest import KEY, Api, make_account
from tests.university import University
from tests.wire.answers import content, refused
from tests.wire.test_record_plans import PLANS, act, applied, rows_of, seen

MERGE = {"kind": "merge", "kept": "ana", "other": "ana2@example.org"}
SEAT = f"course_enrollment:{KEY}"


@pytest.fixture
def twins(university: University) -> tuple[Account, Account]:
    """Two accounts of one person, who is enrolled with both."""
    twins = make_account("ana"), make_account("ana2")
    university.world.enroll("ana", mode="audit")
    university.world.enroll("ana2", mode="verified")
    return twins


def test_a_merge_is_planned_applied_and_undone(university: University, twins: tuple[Account, Account]) -> None:
    ask = Api(university.root)
    answer = ask.post(PLANS, MERGE)
    assert answer.status_code == 201, content(answer)
    plan: dict[str, Any] = answer.json()  # type: ignore[attr-defined]
    assert (plan["kind"], plan["state"], plan["name"]) == ("merge", "ready", "ana2 into ana")
    assert plan["counts"] == {"add": 0, "change": 0, "remove": 1, "unchanged": 0, "refused": 1}
    seat, account = rows_of(ask, plan)
    assert seat | {"refusal": ""} == {
        "row": 1, "key": SEAT, "course_id": KEY, "action": None, "outcome": "refused", "word": "choice-needed",
        "before": {"kept": {"mode": "audit", "is_active": True}, "other": {"mode": "verified", "is_active": True}},
        "after": {"kept": {"mode": "audit", "is_active": True}, "other": {"mode": "verified", "is_active": True}},
        "refusal": "", "state": "refused", "change_ids": [],
    }  # fmt: skip
    assert account["key"] == "account:ana2" and account["after"]["other"]["merged_into"] == "ana"
    body = refused(act(ask, plan, "apply", fingerprint=plan["fingerprint"]), 409)
    assert "choice for each row" in body["user_message"]
    refused(act(ask, plan, "exclude", rows=[1]), 409)
    plan = ask.post(PLANS, MERGE | {"choices": {SEAT: "other"}}).json()  # type: ignore[attr-defined]
    done = applied(ask, plan, reason="the same person")
    assert done["result"] == {"applied": 2, "unchanged": 0, "stale": 0, "refused": 0}
    assert [(row["word"], row["state"], len(row["change_ids"])) for row in rows_of(ask, plan)] == [
        ("combined", "applied", 2),
        ("merged", "applied", 1),
    ]
    operation = ask.get(f"/api/record/v1/operations/{done['operation_id']}").json()  # type: ignore[attr-defined]
    assert operation["undoable"] is True and operation["counts"] == {"account": 1, "course_enrollment": 2}
    undo = ask.post(f"/api/record/v1/operations/{done['operation_id']}/undo", {"reason": "they are two"})
    assert undo.status_code == 201, content(undo)
    assert seen(ask, undo.json())["counts"]["refused"] == 0  # type: ignore[attr-defined]
    applied(ask, undo.json())  # type: ignore[attr-defined]
    assert Account.objects.get(username="ana2").is_active


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kept": None}, "kept"),
        ({"kept": "nobody"}, "kept"),
        ({"other": "a\x00"}, "other"),
        ({"other": "ana"}, "other"),
        ({"other": "root"}, "other"),
        ({"kept": "later"}, "kept"),
        ({"choices": {"grade:x": "kept"}}, "choices"),
        ({"choices": {SEAT: "both"}}, "choices"),
        ({"prefer": "both"}, "prefer"),
        ({"defaults": {"reason": "\x00"}}, "defaults.reason"),
    ],
)
def test_what_is_wrong_is_named(
    university: University, twins: tuple[Account, Account], body: dict[str, Any], field: str
) -> None:
    refused(Api(university.root).post(PLANS, MERGE | body), 400, field)


def test_only_operators_merge(university: University, twins: tuple[Account, Account]) -> None:
    for account in (university.world.admin, university.world.instructor, university.writer()):
        refused(Api(account).post(PLANS, MERGE), 403)
    plan = Api(university.root).post(PLANS, MERGE | {"prefer": "kept"}).json()  # type: ignore[attr-defined]
    done = applied(Api(university.root), plan)
    # who manages the course run sees a part of the operation, and can't take it back
    ask = Api(university.world.instructor)
    refused(ask.get(plan["plan_url"]), 404)
    refused(ask.post(f"/api/record/v1/operations/{done['operation_id']}/undo", {"reason": "x"}), 403)
    assert ask.get(f"/api/record/v1/operations/{done['operation_id']}").json()["undoable"] is not True  # type: ignore[attr-defined]


def test_from_the_command_line(
    university: University, twins: tuple[Account, Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "_prepare_django", lambda: None)

    def run(*words: str) -> tuple[int, list[dict[str, Any]], str]:
        result = CliRunner().invoke(app, ["merge", *words, "--json"])
        return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()], result.output

    code, [seat, account, plan], _ = run("ana", "ana2")
    assert (code, seat["key"], seat["word"], plan["kind"]) == (0, SEAT, "choice-needed", "merge")
    assert account["after"].endswith("merged into ana")
    code, _, output = run("ana", "ana2", "--apply")
    assert code == 1 and "a choice for each row" in output
    assert run("ana", "nobody")[0] == 1 and run("ana", "ana2", "--prefer", "both")[0] == 2
    code, [done], _ = run("ana", "ana2", "--apply", "--choose", f"{SEAT}=other", "--by", "root", "--reason", "twice")
    assert (code, done["state"]) == (0, "applied")
    assert not Account.objects.get(username="ana2").is_active
