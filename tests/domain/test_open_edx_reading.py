"""Comparing an LMS with the record, grades from it, and the commands about it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from matricula.catalog.reads import organization_ids
from matricula.cli.main import app
from matricula.connections.writes import ConnectionRequest, save_connections
from matricula.connectors.open_edx.calls import PacedClient
from matricula.connectors.open_edx.checking import check_connection
from matricula.connectors.open_edx.client import ConnectionFailed
from matricula.connectors.open_edx.comparing import Agreement, Difference, Here, compare
from matricula.connectors.open_edx.conditions import Condition, find_condition, record_problem
from matricula.connectors.open_edx.differences import find_differences, send_again
from matricula.connectors.open_edx.grades import fetch_grades
from matricula.connectors.open_edx.reads import (
    ConnectionStatus,
    get_connection_status,
    list_connection_statuses,
    list_differences,
    list_missing_grades,
    list_rejected,
)
from matricula.connectors.open_edx.rules import Problem, Seat
from matricula.connectors.open_edx.statuses import DifferenceKind, ProblemKind, RowState, Wanted
from matricula.institution.reading import InstitutionRefused, read_institution
from matricula.institution.writes import load_institution
from matricula.journal.statuses import CONSOLE, SCHEDULE
from matricula.journal.writes import new_operation
from matricula.models import Grade, Job, LmsConnection, LmsCoverage, LmsRow, LmsUsername
from tests.conftest import OTHER_KEY, World, make_world, wait_until_final
from tests.journal import changes
from tests.lms.connected import KEY, PEOPLE, Connected
from tests.lms.served import Served, served_lms

DIFFERS, ONLY_THERE = DifferenceKind.DIFFERS, DifferenceKind.ONLY_THERE


def here(
    wanted: Wanted, mode: str | None = None, state: RowState = RowState.CONFIRMED, is_moving: bool = False
) -> Here:
    return Here(1, wanted, mode, state, is_moving)


@pytest.mark.parametrize(
    ("row", "seat", "found"),
    [
        (here(Wanted.ENROLLED, "honor"), Seat("honor", True), None),
        (here(Wanted.ENROLLED, "honor"), Seat("audit", True), (DIFFERS, "honor", "audit")),
        (here(Wanted.ENROLLED, "honor"), Seat("honor", False), (DIFFERS, "honor", None)),
        (here(Wanted.ENROLLED, "honor"), None, (DIFFERS, "honor", None)),
        (here(Wanted.ENDED), Seat("honor", True), (DIFFERS, None, "honor")),
        (here(Wanted.ENDED), None, None),
        (here(Wanted.NONE), Seat("honor", True), (ONLY_THERE, None, "honor")),
        # it will be sent anyway
        (here(Wanted.ENROLLED, "honor", RowState.WAITING), None, None),
        (here(Wanted.ENROLLED, "honor", is_moving=True), None, None),
        (here(Wanted.ENROLLED, "honor", RowState.WAITING), Seat("honor", True), "agrees"),
        (None, Seat("honor", True), (ONLY_THERE, None, "honor")),
        (None, Seat("honor", False), None),
    ],
)
def test_what_differs(row: Here | None, seat: Seat | None, found: Any) -> None:
    got = list(compare({"sam": row} if row else {}, {"sam": seat} if seat else {}, ()))
    shown = ["agrees" if isinstance(g, Agreement) else (g.kind, g.here, g.there) for g in got]
    assert shown == ([found] if found else [])


def test_a_rejected_row_is_a_difference_that_is_not_sent_again_and_new_names_may_be_the_same_person() -> None:
    rejected = here(Wanted.ENROLLED, "honor", RowState.REJECTED)
    [found] = compare({"sam": rejected}, {"kim": Seat("audit", True)}, {"kim"})
    assert isinstance(found, Difference) and found.is_rejected


def enrolled(world: World, **fields: Any) -> Connected:
    """Three people whose enrollments are confirmed, then changed in the LMS."""
    world.enroll("sam", "staff", "elsewhere", mode="honor")
    lms = Connected(**fields)
    lms.sync()
    lms.state.enroll("sam", KEY, "honor", is_active=False)
    lms.state.enroll("staff", KEY, "verified")
    lms.state.register("guest", "guest@elsewhere.org")
    lms.state.enroll("guest", KEY, "audit")
    lms.calls()
    return lms


def client(lms: Connected) -> PacedClient:
    return PacedClient(lms.connection, lms.clock, lms.transport)


def differences(lms: Connected) -> list[tuple[str, str | None, str | None, bool]]:
    return [(d.username, d.here, d.there, d.is_sent) for d in list_differences(lms.connection.id)]


def test_an_owner_that_reports_changes_nothing_until_it_is_asked(world: World) -> None:
    lms = enrolled(world, owner="report")
    assert find_differences(client(lms)) == 3
    assert differences(lms) == [
        ("guest", None, "audit", False),
        ("sam", "honor", None, False),
        ("staff", "honor", "verified", False),
    ]
    lms.push()
    assert lms.calls() == ["GET enrollments 200"]
    [sam] = [d.id for d in list_differences(lms.connection.id) if d.username == "sam"]
    assert send_again(lms.connection.id, [sam]) == 1
    lms.push()
    assert lms.seats()["sam"] == ("honor", True)
    assert find_differences(client(lms)) == 2


def test_the_record_as_owner_is_sent_again_and_strangers_stay(world: World) -> None:
    lms = enrolled(world, owner="matricula")
    find_differences(client(lms))
    lms.push()
    assert lms.seats() == {
        "sam": ("honor", True),
        "staff": ("honor", True),
        "elsewhere": ("honor", True),
        "guest": ("audit", True),
    }
    assert find_differences(client(lms)) == 1


def test_who_ended_here_is_ended_there_and_what_is_rejected_is_not_repeated(world: World) -> None:
    world.enroll("sam", "staff")
    world.unenroll("sam")
    lms = Connected(owner="matricula")
    lms.sync()
    lms.state.enroll("sam", KEY, "audit")
    LmsRow.objects.filter(email="staff@example.org").update(state="rejected")
    lms.state.enroll("staff", KEY, "verified")
    assert find_differences(client(lms)) == 2
    lms.push()
    assert lms.seats() == {"sam": ("audit", False), "staff": ("verified", True)}


def test_a_list_of_many_pages_that_fails_in_between(world: World) -> None:
    lms = Connected(api_key_env=None)
    for number in range(110):
        lms.state.register(f"p{number}", f"p{number}@x.org")
        lms.state.enroll(f"p{number}", KEY, "audit")
    lms.follow()
    lms.faults({"call": "GET /api/enrollment/v1/enrollments", "status": 503, "times": 2})
    assert find_differences(client(lms)) == 110
    assert len(lms.calls()) == 2 + 2 and lms.clock.now() > 5 + 10
    lms.state.users["matricula"].staff = False
    with pytest.raises(ConnectionFailed, match="403"):
        find_differences(client(lms))
    assert get_connection_status(lms.connection.id).condition.failures == 1


def test_reading_waits_for_a_short_pause(world: World) -> None:
    lms = Connected()
    record_problem(lms.connection.id, Problem(ProblemKind.THROTTLED, "fewer", 34), 0)
    find_differences(client(lms))
    assert [call.at for call in lms.state.calls][-1] == 34
    assert find_condition(lms.connection.id).problem is None


def test_grades(world: World) -> None:
    lms = enrolled(world)
    Grade.objects.create(course_id=world.course.id, account=world.learner, percent=0.1, passed=False)
    grade = {"passed": True, "percent": 1, "letter_grade": "A"}
    for user in ("staff", "guest", "elsewhere"):
        lms.state.grades[user, KEY] = grade
    lms.state.grades["elsewhere", KEY] = {"passed": None, "percent": 0.2, "letter_grade": ""}
    number = lms.connection.id
    counts = fetch_grades(client(lms), SCHEDULE)
    assert counts == {"created": 1, "unknown": 1, "invalid": 1, "missing": 1}
    [missing] = list_missing_grades(number)
    assert (missing.username, missing.course, missing.job_id) == ("sam", KEY, Job.objects.get().pk)
    assert Grade.objects.get(account=world.staff).percent == 1
    assert Grade.objects.get(account=world.learner).percent == 0.1
    job = Job.objects.get()
    assert (job.state, job.done, job.counts["missing"]) == ("completed", 3, 1)
    assert changes().filter(subject="grade", operation=job.pk, source="schedule").count() == 1
    # one who is there again is missing no more
    lms.state.enroll("sam", KEY, "honor")
    lms.state.grades["sam", KEY] = grade
    assert fetch_grades(client(lms), CONSOLE, world.admin.pk) == {
        "unchanged": 1,
        "updated": 1,
        "unknown": 1,
        "invalid": 1,
    }
    assert list_missing_grades(number) == [] and Job.objects.filter(actor=world.admin, source="console").count() == 1


def test_grades_of_an_lms_that_fails_end_the_job(world: World) -> None:
    lms = enrolled(world)
    lms.faults({"call": "GET /api/grades", "status": 404, "body": {"developer_message": "gone"}})
    with pytest.raises(ConnectionFailed, match="gone"):
        fetch_grades(client(lms), SCHEDULE)
    assert Job.objects.get().state == "failed"


def test_usernames_are_learned_from_grades(world: World) -> None:
    world.enroll("sam")
    lms = Connected()
    del lms.state.users["sam"]
    lms.state.register("samuel", "Sam@example.org")
    lms.state.enroll("samuel", KEY, "audit")
    lms.state.grades["samuel", KEY] = {"passed": True, "percent": 0.5, "letter_grade": None}
    lms.follow()
    fetch_grades(client(lms), SCHEDULE)
    assert LmsUsername.objects.get().username == "samuel"
    # with the name known, comparing confirms what is there already
    assert find_differences(client(lms)) == 0 and lms.states() == {"sam@example.org": "confirmed"}


def test_checking(world: World) -> None:
    world.enroll("sam")
    lms = Connected()
    lms.follow()
    [found] = check_connection(client(lms))
    assert (found.course, found.problem) == (KEY, None)
    lms.state.runs[KEY].modes = ["audit"]
    LmsRow.objects.update(mode="masters")
    [found] = check_connection(client(lms))
    assert found.problem == "the LMS doesn't offer honor, verified, masters"
    lms.state.users["matricula"].staff = False
    lms.state.api_key = None
    with pytest.raises(ConnectionFailed, match="403"):
        check_connection(client(lms))
    lms.state.clients["matricula"]["secret"] = "another"
    with pytest.raises(ConnectionFailed, match="gave no token"):
        check_connection(client(lms))
    lms.state.runs.clear()
    lms.state.clients["matricula"]["secret"] = "matricula-secret"
    [found] = check_connection(client(lms))
    assert found.problem == "the LMS doesn't know this course run"


def test_what_a_status_shows(world: World) -> None:
    lms = enrolled(world)
    row = LmsRow.objects.get(email="sam@example.org")
    LmsRow.objects.filter(pk=row.pk).update(state="rejected", words="No.")
    LmsRow.objects.filter(email="staff@example.org").update(state="absent")
    status = get_connection_status(lms.connection.id)
    assert (status.waiting, status.sent, status.confirmed, status.rejected) == (0, 1, 1, 1)
    [rejected] = list_rejected(lms.connection.id)
    assert rejected[:4] == (row.pk, "sam", KEY, "No.")
    find_differences(client(lms))
    another = LmsConnection.objects.create(
        name="another", url="http://b", client_id="c", client_secret_env="LMS_SECRET"
    )
    assert list_connection_statuses() == {
        another.pk: ConnectionStatus(0, 0, 0, 0, 0, Condition()),
        # whom the LMS had no account of is looked up again
        lms.connection.id: ConnectionStatus(1, 0, 1, 1, 2, find_condition(lms.connection.id)),
    }
    assert find_condition(another.pk).last_good is None
    assert find_condition(lms.connection.id).last_good is not None


@pytest.fixture
def served() -> Iterator[Served]:
    with served_lms() as lms:
        lms.load(runs=[{"key": KEY}], users=[{"username": p, "email": f"{p}@example.org"} for p in PEOPLE])
        yield lms


def run(*words: str) -> tuple[int, Any]:
    wait_until_final()
    result = CliRunner().invoke(app, ["lms", *words, "--json"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, json.loads(result.stdout) if result.stdout else None


def test_the_commands(own_database: None, served: Served) -> None:
    world = make_world()
    Connected(url=served.url)
    world.enroll("sam", mode="honor")
    world.enroll("staff", mode="verified")
    assert run("check", "lms") == (
        0,
        {"connection": "lms", "courses": [{"course": KEY, "modes": ["audit", "honor", "verified"], "problem": None}]},
    )
    empty = {"connection": "lms", "waiting": 0, "sent": 0, "refused": [], "differences": [], "missing_grades": []}
    assert run("push", "lms") == (0, empty | {"confirmed": 2})
    assert len(served.state()["enrollments"]) == 2
    # what the LMS rejects
    world.enroll("sam", mode="audit")
    served.load(faults=[{"call": "POST /api/enrollment", "lie": {"mode": "honor"}, "times": 1}])
    refused = {"username": "sam", "course": KEY, "message": "the LMS answered mode honor"}
    assert run("push", "lms") == (1, empty | {"confirmed": 1, "refused": [refused]})
    assert run("push", "lms", "--retry") == (0, empty | {"confirmed": 2})
    # self-service there, and a grade
    served.load(
        enrollments=[{"user": "staff", "course_id": KEY, "is_active": False}],
        grades=[{"user": "sam", "course_id": KEY, "grade": {"passed": True, "percent": 0.9, "letter_grade": "A"}}],
    )
    code, shown = run("diff", "lms")
    assert (code, shown["differences"]) == (
        1,
        [{"username": "staff", "course": KEY, "ours": "verified", "theirs": None}],
    )
    assert run("status", "lms") == (1, shown)
    Grade.objects.create(course_id=world.course.id, account=world.staff, percent=0.1, passed=False)
    code, shown = run("grades", "lms")
    assert (code, shown["missing_grades"]) == (0, [{"username": "staff", "course": KEY}])
    assert Grade.objects.get(account=world.learner).percent == 0.9
    for command in ("check", "push", "diff", "grades", "status"):
        assert CliRunner().invoke(app, ["lms", command, "other"]).exit_code == 2
    assert "what the LMS says" not in CliRunner().invoke(app, ["lms", "status", "lms"]).stdout
    served.load(clients={"matricula": {"secret": "another", "user": "matricula"}})
    assert run("check", "lms")[0] == 2
    assert {run(command, "lms")[0] for command in ("diff", "grades")} == {2}
    world.enroll("elsewhere")
    code, shown = run("push", "lms")
    assert (code, shown["waiting"], shown["refused"]) == (2, 1, [])


LMS = "lms:\n  - {name: main, url: https://lms.example.org/, client_id: c, client_secret_env: LMS_SECRET"


def load(text: str) -> str:
    return str(load_institution(new_operation(None, "command"), read_institution(text)))


def test_connections_are_loaded_and_take_effect_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LMS_SECRET", "of-the-lms")
    assert load(LMS + ", organizations: [north]}\n") == "lms: 1 created, 0 updated, 0 unchanged"
    assert load(LMS + ", organizations: [north]}\n") == "lms: 0 created, 0 updated, 1 unchanged"
    row = LmsConnection.objects.get()
    assert (row.url, row.push, row.grades, row.owner, row.pause_between_calls) == (
        "https://lms.example.org", True, True, "report", 0,
    )  # fmt: skip
    assert "of-the-lms" not in str(LmsConnection.objects.values())
    more = f', organizations: [north], courses: ["{OTHER_KEY}"], owner: matricula, pause_between_calls: 0.5}}\n'
    assert load(LMS + more) == "lms: 0 created, 1 updated, 0 unchanged"
    assert LmsCoverage.objects.count() == 2
    assert load(LMS + f', courses: ["{OTHER_KEY}"], organizations: []}}\n').endswith("1 updated, 0 unchanged")
    assert LmsCoverage.objects.get().course_id == world.other.id


OTHER = "\n  - {name: other, url: https://b.example.org, client_id: c, client_secret_env: LMS_SECRET"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (LMS.replace("LMS_SECRET", "NOT_SET") + ", organizations: [north]}", 'client_secret_env: "NOT_SET" is not set'),
        (LMS + ", api_key_env: NOT_SET, organizations: [north]}", 'api_key_env: "NOT_SET" is not set'),
        (LMS + "}", "has neither organizations nor courses"),
        (LMS + ", organizations: [north], owner: theirs}", 'owner: "theirs" is not allowed'),
        (LMS + ", organizations: [north], pause_between_calls: -1}", "is out of range"),
        (LMS + ", organizations: [nowhere]}", "unknown organization"),
        (LMS + ", organizations: [south]}", 'organization "south" is on the LMS "taken" already'),
        (LMS + ", organizations: [north]}" + OTHER + ", organizations: [north]}", "is the same as in line 2"),
        (LMS + ", organizations: [north]}" + OTHER + f', courses: ["{KEY}"]}}', "a course run can be on one LMS"),
    ],
)
def test_what_is_wrong_with_a_connection(
    world: World, monkeypatch: pytest.MonkeyPatch, text: str, problem: str
) -> None:
    monkeypatch.setenv("LMS_SECRET", "secret")
    south = tuple(organization_ids(["south"]).values())
    save_connections([ConnectionRequest("taken", "https://t.example.org", "c", "X", organization_ids=south)])
    with pytest.raises(InstitutionRefused) as refused:
        load(text + "\n")
    assert problem in str(refused.value), str(refused.value)
    assert LmsConnection.objects.count() == 1
