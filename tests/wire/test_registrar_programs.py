"""Programs and their course runs on the wire (registrar-api: Addresses)."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from matricula.models import Organization, Program
from tests.conftest import KEY, Api
from tests.university import ABROAD, EXTERNAL, EXTRA, OWN, SECOND, UNMANAGED, University
from tests.wire.answers import declined

ALL = ["read_enrollments", "read_metadata", "read_reports", "write_enrollments"]
LISTS = ["/api/v1/programs/", "/api/v1/programs", "/api/v2/programs/", "/api/v2/programs", "/api/v3/programs/"]
LISTS += ["/api/v3/programs"]


def rows(ask: Api, path: str, query: str = "") -> list[dict[str, Any]]:
    answer = ask.get(f"{path}?{query}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    body = answer.json()
    if "/v3/" in path:
        assert list(body) == ["count", "next", "previous", "results"]
        body = body["results"]
    return list(body)


def keys(ask: Api, path: str, query: str = "") -> list[str]:
    return [row["program_key"] for row in rows(ask, path, query)]


@pytest.mark.parametrize("path", LISTS)
def test_everybody_sees_what_they_may_read(path: str, university: University) -> None:
    assert rows(Api(university.world.learner), path) == []
    assert rows(Api(university.world.admin), path) == []  # is_staff alone gives nothing here
    assert keys(Api(university.root), path) == [OWN, SECOND, UNMANAGED, ABROAD]
    assert rows(Api(university.writer()), path) == [
        {
            "program_key": OWN,
            "program_title": "Computer Science",
            "program_url": "https://x.org/cs",
            "program_type": "Masters",
            "permissions": ["read_enrollments", "read_metadata", "write_enrollments"],
        }
    ]
    [unmanaged] = rows(Api(university.root), path, "program_title=open")
    assert (unmanaged["program_url"], unmanaged["permissions"]) == (None, ["read_metadata", "read_reports"])


@pytest.mark.parametrize("path", LISTS)
def test_by_organization(path: str, university: University) -> None:
    reader = university.holder("read_reports", on="organization", group=True)
    assert keys(Api(reader), path, "org=north") == [OWN, SECOND, UNMANAGED]
    declined(Api(reader).get(f"{path}?org=south"), 403)
    declined(Api(reader).get(f"{path}?org=empty"), 403)
    for unknown in ("nowhere", "North", "%00", "north%00", " "):
        declined(Api(university.root).get(f"{path}?org={unknown}"), 404)
    assert keys(Api(university.root), path, "org=empty") == []
    assert keys(Api(university.root), path, "org=") == [OWN, SECOND, UNMANAGED, ABROAD]
    # a role on one program of it is something; one that all programs forgo is something too
    assert keys(Api(university.writer()), path, "org=north&user_has_perm=read_reports") == []
    declined(Api(university.writer("other")).get(f"{path}?org=south"), 403)
    declined(Api(university.world.learner).get(f"{path}?org=north"), 403)


@pytest.mark.parametrize("path", LISTS)
def test_by_permission(path: str, university: University) -> None:
    ask = Api(university.holder("read_write_enrollments", on="organization"))
    assert keys(ask, path, "user_has_perm=read_metadata") == [OWN, SECOND, UNMANAGED]
    assert keys(ask, path, "user_has_perm=write_enrollments") == [OWN, SECOND]
    assert keys(ask, path, "user_has_perm=read_enrollments&org=north") == [OWN, SECOND]
    assert keys(ask, path, "user_has_perm=read_reports") == []
    assert keys(ask, path, "user_has_perm=") == [OWN, SECOND, UNMANAGED]
    for unknown in ("read", "READ_METADATA", "read_write_enrollments", "%00", "%20"):
        declined(ask.get(f"{path}?user_has_perm={unknown}"), 404)


@pytest.mark.parametrize("path", LISTS)
def test_by_title(path: str, university: University) -> None:
    ask = Api(university.root)
    assert keys(ask, path, "program_title=SCIENCE") == [OWN, SECOND]
    assert keys(ask, path, "program_title=%C3%A4rZTE") == [UNMANAGED]
    assert keys(ask, path, "program_title=") == [OWN, SECOND, UNMANAGED, ABROAD]
    for nothing in ("%25", "_", "x%00", "%FF", "chemistry"):
        assert keys(ask, path, f"program_title={nothing}") == []
    assert keys(ask, path, "program_title=science&org=south") == []


def test_pages(university: University) -> None:
    north = Organization.objects.get(key="north")
    Program.objects.bulk_create(
        Program(key=f"p-{n:03}", organization=north, title=f"P & {n}", manages_enrollments=True) for n in range(203)
    )
    ask, path = Api(university.root), "/api/v3/programs/"
    seen: list[str] = []
    link: str | None = f"{path}?program_title=P+%26"
    back = []
    while link:
        page = ask.get(link).json()
        assert page["count"] == 203
        seen += [row["program_key"] for row in page["results"]]
        back.append(page["previous"])
        link = page["next"]
        assert link is None or link.startswith("http://testserver/api/v3/programs/?program_title=P+%26&page=")
    assert seen == [f"p-{n:03}" for n in range(203)]
    assert back[0] is None
    assert len(back) == 3
    assert ask.get(back[2]).json()["results"][0]["program_key"] == "p-100"
    sizes = [len(ask.get(f"{path}?page_size={n}").json()["results"]) for n in (1, 1000, "0007")]
    assert sizes == [1, 207, 7]
    assert len(ask.get("/api/v1/programs/").json()) == 207


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("page=0", 404),
        ("page=2", 404),
        ("page=x", 404),
        ("page=", 404),
        ("page=-1", 404),
        ("page=1.0", 404),
        ("page=%D9%A1", 404),
        ("page=99999999999999999999", 404),
        (f"page={'0' * 5_000}2", 404),
        ("page=%00", 404),
        ("page_size=0", 400),
        ("page_size=1001", 400),
        ("page_size=x", 400),
        ("page_size=", 400),
        ("page_size=-5", 400),
        ("page_size=%D9%A1", 400),
        ("page_size=99999999999999999999", 400),
        ("page=1&page_size=4", 200),
        ("page=2&page_size=3", 200),
        ("page=3&page_size=3", 404),
    ],
)
def test_bad_pages(query: str, status: int, university: University) -> None:
    answer = Api(university.root).get(f"/api/v3/programs/?{query}")
    if status == 200:
        assert answer.status_code == 200
    else:
        declined(answer, status, *(["page_size"] if status == 400 else []))


def test_an_empty_first_page_is_a_page(university: University) -> None:
    page = Api(university.world.learner).get("/api/v3/programs/?page=1").json()
    assert page == {"count": 0, "next": None, "previous": None, "results": []}


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("version", ["v1", "v2"])
def test_one_program(version: str, slash: str, university: University) -> None:
    answer = Api(university.root).get(f"/api/{version}/programs/{OWN}{slash}")
    assert list(answer.json().items()) == [
        ("program_key", OWN),
        ("program_title", "Computer Science"),
        ("program_url", "https://x.org/cs"),
        ("program_type", "Masters"),
        ("permissions", ALL),
    ]


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("version", ["v1", "v2"])
def test_course_runs_come_in_the_programs_order(version: str, slash: str, university: University) -> None:
    ask = Api(university.holder("read_metadata"))
    assert ask.get(f"/api/{version}/programs/{OWN}/courses{slash}").json() == [
        {
            "course_id": KEY,
            "external_course_key": EXTERNAL,
            "course_title": "Introduction to Programming",
            "course_url": "https://learn.example.org/cs101",
        },
        {"course_id": EXTRA, "external_course_key": None, "course_title": "B", "course_url": None},
    ]
    root = Api(university.root)
    assert root.get(f"/api/{version}/programs/{UNMANAGED}/courses{slash}").json() == []


@pytest.mark.parametrize("path", [*LISTS, f"/api/v1/programs/{OWN}/", f"/api/v2/programs/{OWN}/courses/"])
def test_head_is_get_without_its_body(path: str, university: University) -> None:
    ask = Api(university.root)
    got, head = ask.get(path), ask("HEAD", path)
    assert (head.status_code, head.content) == (200, b"")  # type: ignore[attr-defined]
    assert head.headers["Content-Length"] == str(len(got.content))  # type: ignore[attr-defined]


def test_a_program_costs_one_statement_and_lists_cost_two(university: University) -> None:
    ask = Api(university.holder("read_write_enrollments", on="organization", group=True))
    for path, count in (
        (f"/api/v1/programs/{OWN}/", 1),
        (f"/api/v1/programs/{OWN}/courses/", 2),
        ("/api/v3/programs/", 2),
    ):
        with CaptureQueriesContext(connection) as queries:
            assert ask.get(path).status_code == 200
        assert len(queries) == count, path
