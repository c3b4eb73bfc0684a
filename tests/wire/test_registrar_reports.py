"""Reports on the wire (registrar-api: Reports)."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from matricula.catalog.reads import find_program
from matricula.foundation.files import write_file
from matricula.reports.writes import write_program_reports
from tests.conftest import Api
from tests.university import OWN, SECOND, UNMANAGED, University
from tests.wire.answers import content, declined

PATH = f"/api/v2/programs/{OWN}/reports"
FOLDER = "reports/north/n-cs"


@pytest.fixture
def reader(university: University, settings: Any, tmp_path: Path) -> Api:
    storages = {**settings.STORAGES}
    storages["default"] = {**storages["default"], "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = storages
    return Api(university.holder("read_reports"))


def names(ask: Api, query: str = "", path: str = PATH) -> list[str]:
    answer = ask.get(path + query)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    return [row["name"] for row in answer.json()]


def put_files() -> None:
    dated = ("b__2027-01-31.txt", "a__2027-01-31", "c__2027-02-01.csv")
    for name in (*dated, "no date.csv", "no date", "x__2027-02-30.csv", "x__2027-02-30", "x__2027-02-01y"):
        write_file(f"{FOLDER}/{name}", [name.encode()])


def test_reports_are_listed_with_links_that_open_without_credentials(reader: Api) -> None:
    put_files()
    rows = reader.get(PATH).json()
    assert [list(row) for row in rows] == [["name", "created_date", "download_url"]] * 3
    assert [(row["name"], row["created_date"]) for row in rows] == [
        ("c__2027-02-01.csv", "2027-02-01"),
        ("a__2027-01-31", "2027-01-31"),
        ("b__2027-01-31.txt", "2027-01-31"),
    ]
    for row in rows:
        assert row["download_url"].startswith("http://testserver/")
        answer = Api().get(row["download_url"].removeprefix("http://testserver"))
        assert answer.status_code == 200
        assert content(answer) == row["name"].encode()
        assert answer.headers["Content-Disposition"].startswith("attachment")
    broken = rows[0]["download_url"].removeprefix("http://testserver").replace("/c__", "/b__").replace("02-01", "01-31")
    assert Api().get(broken).status_code in {403, 404}


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_both_versions_and_both_forms_of_the_path(reader: Api, version: str, slash: str) -> None:
    put_files()
    assert len(names(reader, path=f"/api/{version}/programs/{OWN}/reports{slash}")) == 3


def test_from_a_day_on(reader: Api) -> None:
    put_files()
    assert len(names(reader, "?min_created_date=2027-01-31")) == 3
    assert names(reader, "?min_created_date=2027-02-01") == ["c__2027-02-01.csv"]
    assert names(reader, "?min_created_date=2027-02-02") == []


@pytest.mark.parametrize(
    "day",
    [
        "",
        "yesterday",
        "20270131",
        "2027-1-31",
        "2027-02-30",
        "2027-01-31T00:00:00",
        "31-01-2027",
        "%00",
        "２０２７-01-31",
    ],
)
def test_a_malformed_day(reader: Api, day: str) -> None:
    declined(reader.get(f"{PATH}?min_created_date={day}"), 400, "min_created_date")


def test_a_program_without_files_and_another_ones_files(reader: Api, university: University) -> None:
    assert names(reader) == []
    write_file("reports/north/n-ds/other__2027-01-31.csv", [b"x"])
    assert names(reader) == []
    assert names(Api(university.root), path=f"/api/v2/programs/{SECOND}/reports") == ["other__2027-01-31.csv"]


def test_ours_are_there_once_they_are_written(reader: Api) -> None:
    program = find_program(OWN)
    assert program is not None
    write_program_reports(program, date(2027, 1, 31))
    assert names(reader) == ["aggregate_report__2027-01-31.csv", "enrollment_report__2027-01-31.csv"]
    url = reader.get(PATH).json()[1]["download_url"].removeprefix("http://testserver")
    answer = Api().get(url)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert content(answer).startswith(b"student_key,status,account_exists,")


def test_who_may_read_them(reader: Api, university: University) -> None:
    declined(Api(university.writer()).get(PATH), 403, "read_reports")
    declined(Api().get(PATH), 401)
    declined(reader.get("/api/v2/programs/nowhere/reports"), 404)
    declined(reader.post(PATH, []), 405)
    # reports are to be had where the enrollments are kept elsewhere too
    assert names(Api(university.root), path=f"/api/v2/programs/{UNMANAGED}/reports") == []
    assert reader("HEAD", PATH).status_code == 200
