"""GET /export."""

import csv
import gzip
import io
import json
import time
from pathlib import Path
from typing import cast

import pytest
from django.db import connection
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from matricula.batches.imports import ImportDoor
from matricula.batches.values import Rejected
from matricula.rest.contracts.enrollment_v2.exports import takes_gzip
from tests.batches import import_enrollments
from tests.conftest import Api, World, make_account, make_world
from tests.wire.answers import refused


def body(answer: HttpResponseBase) -> bytes:
    assert isinstance(answer, StreamingHttpResponse)
    return b"".join(cast("list[bytes]", list(answer)))


@pytest.fixture
def roster(world: World) -> World:
    make_account("=cmd", email="plus@example.org", first_name="=1+1", last_name='Say "hi", émile')
    world.enroll("sam", "=cmd", mode="verified")
    world.unenroll("sam")
    return world


def test_csv_of_everybody_by_username(api: Api, roster: World) -> None:
    answer = api.get("export")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    day = timezone.localdate()
    assert answer.headers["Content-Disposition"] == f'attachment; filename="North-CS101-2027_T1-enrollments-{day}.csv"'
    assert "Content-Encoding" not in answer.headers
    rows = list(csv.DictReader(io.StringIO(body(answer).decode(), newline="")))
    assert [(r["identifier"], r["mode"], r["action"], r["is_active"]) for r in rows] == [
        ("'=cmd", "verified", "enroll", "True"),
        ("sam", "verified", "unenroll", "False"),
    ]
    assert (rows[0]["first_name"], rows[0]["last_name"]) == ("'=1+1", 'Say "hi", émile')


def test_json_lines(api: Api, roster: World) -> None:
    answer = api.get("export?format=jsonl")
    assert answer.headers["Content-Type"] == "application/jsonl"
    lines = [json.loads(line) for line in body(answer).splitlines()]
    assert [(line["identifier"], line["first_name"], line["is_active"]) for line in lines] == [
        ("=cmd", "=1+1", True),
        ("sam", "Sam", False),
    ]


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_gzip_holds_the_same(form: str, api: Api, roster: World) -> None:
    plain = body(api.get(f"export?format={form}"))
    answer = api.get(f"export?format={form}", **{"Accept-Encoding": "br, gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert gzip.decompress(body(answer)) == plain


@pytest.mark.parametrize(
    ("accepted", "taken"),
    [
        ("", False),
        ("gzip", True),
        ("deflate, GZIP;q=0.5", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("br;q=1, gzip; q=0.1", True),
        ("identity, x-gzip2", False),
    ],
)
def test_which_clients_take_gzip(accepted: str, taken: bool) -> None:
    assert takes_gzip(accepted) is taken


def test_head_asks_for_no_row(api: Api, roster: World) -> None:
    answer = api("HEAD", "export")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert not answer.streaming


def test_an_empty_roster_is_a_header(api: Api) -> None:
    assert body(api.get("export")).count(b"\n") == 1


def test_an_unknown_format_is_refused(api: Api) -> None:
    assert "format" in refused(api.get("export?format=xlsx"), 400, "format")["field_errors"]


def copies_under_way() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_stat_activity where datname = current_database() and state = 'active'"
            " and query like 'copy (%'"
        )
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_a_client_that_goes_away_ends_the_query_and_the_next_request_is_answered(
    encoding: str, own_database: None
) -> None:
    world = make_world()
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into matricula_account (username, email, password, first_name, last_name, is_active, is_staff,"
            " is_superuser, language, date_joined)"
            " select 'n' || n, 'n' || n || '@example.org', '!', md5(n::text), '', true, false, false, '', now()"
            " from generate_series(1, 30000) n"
        )
        cursor.execute(
            "insert into matricula_courseenrollment (course_id, account_id, username_key, mode, is_active, created)"
            " select %s, id, username_key, 'audit', true, now() from matricula_account where username like 'n%%'",
            [world.course.id],
        )
    api = Api(world.instructor)
    answer = api.get("export", **{"Accept-Encoding": encoding})
    assert isinstance(answer, StreamingHttpResponse)
    assert next(iter(answer))
    answer.close()
    # as Django does at the start of each request
    connection.close_if_unusable_or_obsolete()
    until = time.monotonic() + 90
    while copies_under_way():
        assert time.monotonic() < until
        time.sleep(0.01)
    assert api.get("enrollments").json()["count"] == 30_000


def test_the_file_can_be_imported_again(api: Api, roster: World, tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_bytes(body(api.get("export")))
    refusals: list[Rejected] = []
    before = api.get("enrollments?is_active=any").json()
    counts = import_enrollments(file, roster.course, ImportDoor(None, "command", lambda _done: None, refusals.append))
    assert refusals == []
    assert sum(counts.values()) == 2
    assert api.get("enrollments?is_active=any").json() == before
