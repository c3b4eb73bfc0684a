"""Rosters of a moment, differences, digests and snapshots on the wire (record-api: Rosters of the past)."""

import csv
import dataclasses
import hashlib
import io
import uuid
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.conf import settings as configured
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.http.response import HttpResponseBase
from django.utils import timezone

from matricula.access.grants import FeatureRequest, write_grants
from matricula.enrollments.program.rules import Verb
from matricula.enrollments.program.writes import ProgramRequest, write_program_enrollments
from matricula.foundation.files import delete_file
from matricula.identity.linking import link_student_keys
from matricula.journal.writes import new_operation
from matricula.models import Account, OperationRecord, Snapshot
from tests.conftest import KEY, OTHER_KEY, Api, World, as_superuser
from tests.domain.program_jobs import enroll
from tests.university import OWN, University, facts
from tests.wire.answers import content, refused

BASE = "/api/record/v1"
COURSE, PROGRAM = f"{BASE}/courses/{quote(KEY)}", f"{BASE}/programs/{OWN}"


def now() -> str:
    return timezone.now().isoformat()


def asked(ask: Api, path: str, **query: Any) -> HttpResponseBase:
    return ask.get(f"{path}?{urlencode(query)}")


def got(ask: Api, path: str, **query: Any) -> dict[str, Any]:
    answer = asked(ask, path, **query)
    assert answer.status_code == 200, content(answer)
    return dict(answer.json())  # type: ignore[attr-defined]


def table(answer: HttpResponseBase) -> list[list[str]]:
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(b"".join(answer).decode())))  # type: ignore[call-overload]


@pytest.fixture
def ask(world: World) -> Api:
    return Api(world.instructor)


def test_a_roster_then_and_now(world: World, ask: Api) -> None:
    early = now()
    world.enroll("sam", "staff")
    middle = now()
    world.unenroll("staff")
    world.enroll("sam", mode="honor")
    assert got(ask, COURSE + "/roster", as_of=early) | {"as_of": ""} == {
        "as_of": "", "count": 0, "results": [], "cursor": None,
    }  # fmt: skip
    then = got(ask, COURSE + "/roster", as_of=middle)
    assert (then["count"], then["cursor"]) == (2, None)
    assert [(row["username"], row["mode"]) for row in then["results"]] == [("sam", "audit"), ("staff", "audit")]
    assert then["results"][0]["email"] == "sam@example.org"
    today = got(ask, COURSE + "/roster")
    assert [(row["username"], row["mode"]) for row in today["results"]] == [("sam", "honor")]
    assert today["results"][0]["since"] == then["results"][0]["since"], "not since the other mode"
    assert got(ask, COURSE + "/roster", as_of=today["as_of"]) == today


def test_people_have_the_names_of_now(world: World, ask: Api) -> None:
    world.enroll("sam")
    then = now()
    Account.objects.filter(username="sam").update(username="Samantha")
    assert [row["username"] for row in got(ask, COURSE + "/roster", as_of=then)["results"]] == ["Samantha"]


def test_pages_and_the_file_are_the_same_rows(world: World, ask: Api) -> None:
    world.enroll("sam", "staff", "instructor")
    first = got(ask, COURSE + "/roster", page_size=2)
    found = first["results"] + got(ask, COURSE + "/roster", page_size=2, cursor=first["cursor"])["results"]
    header, *rows = table(asked(ask, COURSE + "/roster", fmt="csv"))
    assert header == ["username", "email", "mode", "since"]
    assert rows == [list(row.values()) for row in found]
    assert [row["username"] for row in found] == ["instructor", "sam", "staff"]


def test_a_difference(world: World, ask: Api) -> None:
    world.enroll("sam", "staff")
    first = now()
    world.unenroll("staff")
    world.enroll("sam", mode="honor")
    world.enroll("instructor")
    world.enroll("elsewhere")
    world.unenroll("elsewhere")
    found = got(ask, COURSE + "/difference", **{"from": first})
    assert found["counts"] == {"joined": 1, "left": 1, "changed": 1}
    active = {"mode": "audit", "is_active": True}
    shown = [(row["key"], row["before"], row["after"], len(row["change_ids"])) for row in found["results"]]
    assert shown == [
        ("instructor", {}, active, 1),
        ("sam", active, {"mode": "honor", "is_active": True}, 1),
        ("staff", active, {"mode": "audit", "is_active": False}, 1),
    ]
    page = got(ask, COURSE + "/difference", **{"from": first, "to": found["to"], "page_size": 1})
    following = got(ask, COURSE + "/difference", **{"from": first, "to": found["to"], "cursor": page["cursor"]})
    assert page["results"] + following["results"] == found["results"]
    header, *rows = table(asked(ask, COURSE + "/difference", **{"from": first, "fmt": "csv"}))
    assert header == ["key", "before", "after", "change_ids"]
    assert rows[0] == [
        "instructor",
        "{}",
        '{"mode":"audit","is_active":true}',
        str(found["results"][0]["change_ids"][0]),
    ]
    nothing = got(ask, COURSE + "/difference", **{"from": found["to"], "to": found["to"]})
    assert (nothing["counts"], nothing["results"]) == ({"joined": 0, "left": 0, "changed": 0}, [])


def test_the_digest_is_that_of_the_contract(world: World, ask: Api) -> None:
    assert got(ask, COURSE + "/digest")["digest"] == hashlib.sha256().hexdigest()
    Account.objects.filter(username="staff").update(username="Staff")
    world.enroll("sam", "staff")
    world.enroll("sam", mode="honor")
    world.enroll("nobody@example.org")
    found = got(ask, COURSE + "/digest")
    assert (found["count"], found["digest"]) == (2, hashlib.sha256(b"sam\thonor\nstaff\taudit\n").hexdigest())
    assert made(ask, course=KEY, as_of=found["as_of"])["digest"] == found["digest"]


def test_a_program_then(university: University) -> None:
    ask, then = Api(university.root), []
    sam = university.world.learner
    for status in ("enrolled", "pending", "canceled"):
        requests = [ProgramRequest("S-1", status), ProgramRequest("a-2", "pending")]
        write_program_enrollments(new_operation(None, "api"), facts(), Verb.CREATE_OR_UPDATE, requests)
        then.append(now())
    link_student_keys(new_operation(None, "command"), facts().organization_id, [("S-1", sam.pk)])
    shown = [got(ask, PROGRAM + "/roster", as_of=moment)["results"] for moment in (*then, now())]
    other = {"student_key": "a-2", "status": "pending", "username": None}
    assert shown == [
        [other, {"student_key": "S-1", "status": status, "username": username}]
        for status, username in (("enrolled", None), ("pending", None), ("canceled", None), ("canceled", "sam"))
    ]
    found = got(ask, PROGRAM + "/difference", **{"from": then[0]})
    assert found["counts"] == {"joined": 0, "left": 1, "changed": 0}
    [row] = found["results"]
    assert (row["key"], row["before"], row["after"]) == ("S-1", {"status": "enrolled"}, {"status": "canceled"})
    header, *rows = table(asked(ask, PROGRAM + "/roster", fmt="csv"))
    assert (header, rows[1]) == (["student_key", "status", "username"], ["S-1", "canceled", "sam"])


def test_names_beside_keys_are_for_those_who_may_see_them(university: University) -> None:
    enroll("S-1")
    link_student_keys(new_operation(None, "command"), facts().organization_id, [("S-1", university.world.learner.pk)])
    reader = university.holder("read_enrollments")
    ask = Api(reader)
    snapshot = made(ask, program=OWN)
    paths = (PROGRAM + "/roster", f"{BASE}/snapshots/{snapshot['snapshot_id']}/rows")
    for path in paths:
        assert got(ask, path)["results"][0]["username"] is None
        assert table(asked(ask, path, fmt="csv"))[1] == ["S-1", "enrolled", ""]
    write_grants(
        new_operation(None, "console"), [FeatureRequest("names_in_downloads", account_id=reader.pk)], granted=True
    )
    for path in paths:
        assert got(ask, path)["results"][0]["username"] == "sam"


def made(ask: Api, **body: Any) -> dict[str, Any]:
    answer = ask.post(f"{BASE}/snapshots", body)
    assert answer.status_code == 201, content(answer)
    snapshot: dict[str, Any] = answer.json()  # type: ignore[attr-defined]
    assert answer.headers["Location"] == snapshot["snapshot_url"]
    return snapshot


def test_a_snapshot_stays_what_it_was(world: World, ask: Api) -> None:
    world.enroll("sam", "staff", "instructor")
    digest = got(ask, COURSE + "/digest")
    snapshot = made(ask, course=KEY, as_of=digest["as_of"], name="Census")
    assert (snapshot["count"], snapshot["digest"], snapshot["as_of"]) == (3, digest["digest"], digest["as_of"])
    assert (snapshot["name"], snapshot["created_by"], snapshot["course"]) == ("Census", "instructor", KEY)
    assert OperationRecord.objects.get(pk=snapshot["operation_id"]).kind == "request"
    world.unenroll("sam")
    path = f"{BASE}/snapshots/{snapshot['snapshot_id']}"
    assert got(ask, path) == snapshot
    first = got(ask, path + "/rows", page_size=2)
    second = got(ask, path + "/rows", page_size=2, cursor=first["cursor"])
    assert second["cursor"] is None
    rows = first["results"] + second["results"]
    assert rows == got(ask, COURSE + "/roster", as_of=digest["as_of"])["results"]
    assert table(asked(ask, path + "/rows", fmt="csv"))[1:] == [list(row.values()) for row in rows]
    refused(asked(ask, path + "/rows", cursor=3), 400, "cursor")


def test_a_snapshot_of_a_program_has_the_digest_of_its_lines(university: University) -> None:
    for key in ("b-1", "A-2", "a-3"):
        enroll(key)
    snapshot = made(Api(university.root), program=OWN)
    lines = "A-2\tenrolled\na-3\tenrolled\nb-1\tenrolled\n"
    assert (snapshot["count"], snapshot["digest"]) == (3, hashlib.sha256(lines.encode()).hexdigest())
    assert snapshot["name"].startswith(OWN)


@pytest.mark.parametrize("statement", ["delete from {}", "truncate {}", "update {} set count = 0"])
def test_a_snapshot_can_not_be_changed(world: World, ask: Api, statement: str) -> None:
    made(ask, course=KEY)
    change = statement.format("matricula_snapshot")
    denied = pytest.raises(ProgrammingError, match="permission denied")
    with denied, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
    # what is still to be checked at the end of the transaction would stop the last one before
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
    rejected = pytest.raises(IntegrityError, match="snapshots_are_append_only")
    with as_superuser(), rejected, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


def test_lists_have_what_one_may_see(university: University, ask: Api) -> None:
    root = Api(university.root)
    ids = [made(root, **about)["snapshot_id"] for about in ({"course": KEY}, {"course": OTHER_KEY}, {"program": OWN})]
    first = got(root, f"{BASE}/snapshots", page_size=2)
    assert [one["snapshot_id"] for one in first["results"]] == [ids[2], ids[1]]
    assert [one["snapshot_id"] for one in got(root, f"{BASE}/snapshots", cursor=first["cursor"])["results"]] == [ids[0]]
    assert [one["snapshot_id"] for one in got(ask, f"{BASE}/snapshots")["results"]] == [ids[0]]
    assert [one["snapshot_id"] for one in got(root, f"{BASE}/snapshots", program=OWN)["results"]] == [ids[2]]
    refused(ask.get(f"{BASE}/snapshots/{ids[1]}"), 404)
    refused(ask.get(f"{BASE}/snapshots/{ids[2]}/rows"), 404)
    refused(asked(ask, f"{BASE}/snapshots", cursor=uuid.uuid4()), 400, "cursor")


def test_a_file_that_is_gone_is_the_failure_of_the_storage(world: World, ask: Api) -> None:
    path = f"{BASE}/snapshots/{made(ask, course=KEY)['snapshot_id']}/rows"
    delete_file(Snapshot.objects.get().file)
    refused(ask.get(path), 503)
    refused(ask.get(path + "?fmt=csv"), 503)


def test_no_room(world: World, ask: Api, settings: Any) -> None:
    settings.ENVIRONMENT = dataclasses.replace(configured.ENVIRONMENT, files_quota=10)
    world.enroll("sam")
    refused(ask.post(f"{BASE}/snapshots", {"course": KEY}), 409)
    assert not Snapshot.objects.exists()


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        (COURSE + "/roster", {"as_of": "2027-01-10T00:00:00"}, "as_of"),
        (COURSE + "/roster", {"as_of": "9999-01-10T00:00:00Z"}, "as_of"),
        (COURSE + "/roster", {"as_of": "yesterday"}, "as_of"),
        (COURSE + "/roster", {"cursor": "4711"}, "cursor"),
        (COURSE + "/roster", {"cursor": "x"}, "cursor"),
        (COURSE + "/roster", {"fmt": "xml"}, "fmt"),
        (COURSE + "/roster", {"page_size": "1001"}, "page_size"),
        (COURSE + "/difference", {}, "from"),
        (COURSE + "/difference", {"from": "2020-01-01T00:00:00"}, "from"),
        (COURSE + "/difference", {"from": "9999-01-01T00:00:00Z"}, "from"),
        (COURSE + "/difference", {"from": "2020-01-01T00:00:00Z", "to": "2019-01-01T00:00:00Z"}, "from"),
        (COURSE + "/difference", {"from": "2020-01-01T00:00:00Z", "to": "9999-01-01T00:00:00Z"}, "to"),
        (COURSE + "/difference", {"from": "2020-01-01T00:00:00Z", "cursor": "1"}, "cursor"),
        (PROGRAM + "/roster", {"cursor": "1"}, "cursor"),
        (PROGRAM + "/difference", {"from": "2020-01-01T00:00:00Z", "cursor": "1"}, "cursor"),
    ],
)
def test_bad_input_names_the_field(university: University, path: str, query: dict[str, str], field: str) -> None:
    answer = asked(Api(university.root), path, **query)
    refused(answer, 400, field)


@pytest.mark.parametrize(
    ("body", "status", "fields"),
    [
        ({}, 400, {"course", "program"}),
        ({"course": KEY, "program": OWN}, 400, {"course", "program"}),
        ({"course": KEY, "as_of": "9999-01-01T00:00:00Z"}, 400, {"as_of"}),
        ({"course": KEY, "as_of": "2020-01-01T00:00:00"}, 400, {"as_of"}),
        ({"course": KEY, "name": "a\x07b"}, 400, {"name"}),
        ({"course": "CS101"}, 400, {"course"}),
        ({"program": "none"}, 404, set()),
    ],
)
def test_bad_snapshots(university: University, body: dict[str, str], status: int, fields: set[str]) -> None:
    answer = Api(university.root).post(f"{BASE}/snapshots", body)
    refused(answer, status, *fields)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+05:00", "1969-12-31T23:59:59Z"])
def test_before_the_first_change_there_was_no_one(world: World, ask: Api, moment: str) -> None:
    world.enroll("sam")
    assert got(ask, COURSE + "/roster", as_of=moment)["count"] == 0
    assert got(ask, COURSE + "/difference", **{"from": moment})["counts"] == {"joined": 1, "left": 0, "changed": 0}


def test_a_course_of_others_is_not_there(university: University, ask: Api) -> None:
    other = f"{BASE}/courses/{quote(OTHER_KEY)}"
    for path in ("/roster", "/difference?from=2020-01-01T00:00:00Z", "/digest"):
        refused(ask.get(other + path), 404)
    for path in ("/roster", "/difference?from=2020-01-01T00:00:00Z"):
        refused(ask.get(PROGRAM + path), 404)
