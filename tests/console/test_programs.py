"""A program in the console: students, numbers, courses, history, reports, downloads."""

from datetime import date
from typing import Any

import pytest

from matricula.console import acts, programs
from matricula.models import Account, CourseRole, FeatureGrant, Job, Program
from matricula.reports.writes import write_program_reports
from tests.conftest import KEY, make_account
from tests.console.conftest import Reader, words_of
from tests.domain.program_jobs import enroll, finished, link, study
from tests.university import EXTRA, OWN, UNMANAGED, University, facts

PROGRAM = f"/programs/{OWN}/"


@pytest.fixture
def registrar(university: University) -> Reader:
    writer = university.writer()
    FeatureGrant.objects.create(feature="names_in_downloads", account=writer)
    return Reader(writer)


@pytest.fixture
def students(university: University, monkeypatch: pytest.MonkeyPatch) -> University:
    """Six students: s-1 to s-4 enrolled, of whom s-1 and s-2 have accounts; t-5 suspended; t-6 ended, with account."""
    monkeypatch.setattr(programs, "PAGE", 2)
    enroll("S-1", "s-2", "s-3", "s-4")
    enroll("T-5", status="suspended")
    enroll("t-6", status="ended")
    for key, name in (("s-1", "ann"), ("s-2", "bob"), ("t-6", "annabel")):
        link(key, make_account(name, first_name=name.title(), last_name="Of Program"))
    study(university.course.pk, "s-1", "s-3", "t-5")
    study(university.extra.pk, "s-1")
    return university


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ["S-1", "s-2"]),
        ("?page=2", ["s-3", "s-4"]),
        ("?page=3", ["T-5", "t-6"]),
        ("?page=999", ["T-5", "t-6"]),
        ("?page=last", ["S-1", "s-2"]),
        ("?page=2&after=1", ["s-3", "s-4"]),
        ("?sort=-key", ["t-6", "T-5"]),
        ("?sort=-key&page=3", ["s-2", "S-1"]),
        ("?sort=name", ["S-1", "t-6"]),
        ("?sort=-name", ["s-2", "t-6"]),
        ("?sort=name&page=3", ["s-4", "T-5"]),
        ("?sort=-status", ["t-6", "T-5"]),
        ("?sort=status&q=s-", ["S-1", "s-2"]),
        ("?sort=updated&account=waiting", ["s-3", "s-4"]),
        ("?sort=nonsense", ["S-1", "s-2"]),
        ("?status=suspended", ["T-5"]),
        ("?status=enrolled&page=2", ["s-3", "s-4"]),
        ("?status=nonsense", ["S-1", "s-2"]),
        ("?account=linked&page=2", ["t-6"]),
        ("?account=waiting", ["s-3", "s-4"]),
        ("?account=waiting&status=ended", []),
        ("?q=S-", ["S-1", "s-2"]),
        ("?q=s-3", ["s-3"]),
        ("?q=-3", []),
        ("?q=nn", ["S-1", "t-6"]),
        ("?q=ann", ["S-1", "t-6"]),
        ("?q=annabel@exam", ["t-6"]),
        ("?q=of+program", ["S-1", "s-2"]),
        ("?q=of+program&page=2", ["t-6"]),
        ("?q=ann&status=ended", ["t-6"]),
        ("?q=100%25", []),
        (f"?course={KEY}", ["S-1", "s-3"]),
        (f"?course={KEY}&page=2", ["T-5"]),
        (f"?course={KEY}&sort=-status", ["T-5", "S-1"]),
        (f"?course={KEY}&in=inactive", []),
        (f"?course={EXTRA}&in=active", ["S-1"]),
        (f"?course={KEY}&q=ann", ["S-1"]),
        (f"?course={EXTRA}&q=bob", []),
        (f"?course={KEY}&status=suspended&account=waiting", ["T-5"]),
    ],
)
def test_pages_and_filters(students: University, registrar: Reader, query: str, shown: list[str]) -> None:
    address = PROGRAM + query.replace("+B+", "%2BB%2B").replace("+CS101+", "%2BCS101%2B")
    answer = registrar.http.get(address, headers={"HX-Target": "students"})
    assert [row.student_key for row in answer.context["students"].rows] == shown
    page = answer.content.decode()
    assert all(f">{key}</a>" in page for key in shown)
    assert "<html" not in page
    whole = registrar.http.get(address)
    assert [row.student_key for row in whole.context["students"].rows] == shown
    chosen = "nonsense" not in query and any(f"{name}=" in query for name in ("status", "account", "course"))
    filters = whole.content.decode().split('id="students-sort"')[0]
    assert (" selected>" in filters) is chosen


def test_a_name_that_many_have_is_found_by_walking(
    students: University, registrar: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matricula.enrollments.program.students._CANDIDATES", 1)
    answer = registrar.http.get(f"{PROGRAM}?q=of program", headers={"HX-Target": "students"})
    assert [row.student_key for row in answer.context["students"].rows] == ["S-1", "s-2"]


def test_in_a_large_program_short_words_are_the_start_of_a_key(
    students: University, registrar: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matricula.enrollments.program.students._FEW_STUDENTS", 6)
    for q, shown in (("nn", []), ("t-", ["T-5", "t-6"])):
        found = registrar.http.get(f"{PROGRAM}?q={q}").context["students"]
        assert [row.student_key for row in found.rows] == shown


def test_walking_there_and_back_shows_each_student_once(students: University, registrar: Reader) -> None:
    there, back = [], []
    query = ""
    for _ in range(3):
        context = registrar.http.get(f"{PROGRAM}?{query}").context
        there += [row.student_key for row in context["students"].rows]
        query = context["pages"].next
    assert not query
    query = context["pages"].end
    for _ in range(3):
        context = registrar.http.get(f"{PROGRAM}?{query}").context
        back = [row.student_key for row in context["students"].rows] + back
        query = context["pages"].previous
    assert there == back == ["S-1", "s-2", "s-3", "s-4", "T-5", "t-6"]
    assert not query


@pytest.mark.parametrize(("sort", "order"), [("key", 1), ("-key", -1)])
def test_behind_what_is_counted_pages_are_walked(
    students: University, registrar: Reader, monkeypatch: pytest.MonkeyPatch, sort: str, order: int
) -> None:
    for counted in ("COUNTED", "COUNTED_BY_NAME"):
        monkeypatch.setattr(f"matricula.enrollments.program.pages.{counted}", 2)
    there: list[str] = []
    query = f"sort={sort}&q=s-"
    while query:
        context = registrar.http.get(f"{PROGRAM}?{query}").context
        there += [row.student_key for row in context["students"].rows]
        [last, query] = [query, context["pages"].next]
    assert there == ["S-1", "s-2", "s-3", "s-4"][::order]
    assert "after=" in last and not context["pages"].end
    assert "2–3" not in last and "3–4 of more than 2" in words_of(registrar.get(f"{PROGRAM}?{last}"))
    back = registrar.http.get(f"{PROGRAM}?{context['pages'].previous}").context
    assert [row.student_key for row in back["students"].rows] == there[:2]


def test_what_is_shown_is_numbered(students: University, registrar: Reader) -> None:
    assert "1–2 of 6" in words_of(registrar.get(PROGRAM))
    whole = registrar.get(f"{PROGRAM}?size=25")
    assert "1–6 of 6" in words_of(whole) and 'rel="next"' not in whole
    assert registrar.http.get(f"{PROGRAM}?page=3").context["pages"].resized[0] == (25, "size=25&page=1")


def test_large_programs_are_sorted_once_they_are_filtered(
    students: University, registrar: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matricula.enrollments.program.pages.SORTED", 2)
    answer = registrar.http.get(f"{PROGRAM}?sort=-updated")
    assert [row.student_key for row in answer.context["students"].rows] == ["S-1", "s-2"]
    assert "This order is available for up to" in answer.content.decode()
    few = registrar.http.get(f"{PROGRAM}?sort=-updated&status=ended")
    assert "This order is available" not in few.content.decode()


def test_the_numbers_lead_to_their_rows(students: University, registrar: Reader) -> None:
    page = registrar.part(f"{PROGRAM}numbers/")
    assert words_of(page) == (
        "6 students 4 enrolled 0 pending 1 suspended 0 canceled 1 ended 3 linked to an account 3 waiting for an account"
    )
    assert f'href="{PROGRAM}?status=suspended"' in page and f'href="{PROGRAM}?account=waiting"' in page


def test_courses_with_their_counts(students: University, registrar: Reader) -> None:
    page = registrar.part(f"{PROGRAM}courses/")
    assert words_of(page).endswith(
        f"Course Active Inactive Roster Introduction to Programming (2027_T1) {KEY} · CS 101/27 3 0 B (1) {EXTRA} 1 0"
    )
    roster = f'href="/courses/{KEY}/"'
    assert roster not in page
    CourseRole.objects.create(account=Account.objects.get(username="writer"), course=students.course, role="instructor")
    page = registrar.part(f"{PROGRAM}courses/")
    assert roster in page and f'href="/courses/{EXTRA}/"' not in page


def test_the_curve_and_the_history(students: University, registrar: Reader) -> None:
    assert "The chart appears once there are two days of data." in registrar.get(f"{PROGRAM}curve/")
    history = words_of(registrar.get(f"{PROGRAM}history/"))
    assert "T-5 suspended" in history
    assert f"S-1 ann active {KEY}" in history
    assert "S-1 ann linked to an account" in history


def test_history_goes_on_behind_a_page(
    students: University, registrar: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acts, "PAGE", 2)
    first = registrar.http.get(f"{PROGRAM}history/").context["acts"]
    second = registrar.http.get(f"{PROGRAM}history/?{first.query}").context["acts"]
    seen = [one.act.latest.id for one in [*first.acts, *second.acts]]
    assert len(first.acts) == 2 and seen == sorted(set(seen), reverse=True)


def test_each_sees_their_own_parts(students: University) -> None:
    parts = {
        "read_metadata": [],
        "read_enrollments": ["Students", "Download", "Latest changes"],
        "read_write_enrollments": ["Students", "Upload a file", "Download", "Latest changes"],
        "read_reports": ["Reports"],
    }
    everything = {part for shown in parts.values() for part in shown}
    for role, shown in parts.items():
        page = Reader(students.holder(role)).get(PROGRAM)
        assert {part for part in everything if f">{part}<" in page} == set(shown), role
        assert "Introduction to Programming" in page


def test_an_empty_program_says_what_to_do(university: University, registrar: Reader) -> None:
    page = registrar.get(PROGRAM)
    assert "upload a file with the columns student_key and status." in page
    assert "Clear filters" in registrar.get(f"{PROGRAM}?q=x")
    root = Reader(university.root).get(f"/programs/{UNMANAGED}/")
    assert "aren't managed here" in root and 'id="students"' not in root


def test_reports_are_signed_links(students: University) -> None:
    reader = Reader(students.holder("read_reports"))
    assert "No reports yet." in reader.get(PROGRAM)
    write_program_reports(facts(), date(2027, 1, 31))
    page = reader.http.get(PROGRAM)
    links = [link for _, link in page.context["reports"]]
    assert [link.rpartition("/")[2].partition("?")[0] for link in links] == [
        "aggregate_report__2027-01-31.csv",
        "enrollment_report__2027-01-31.csv",
    ]
    file = b"".join(reader.http.get(links[1]).streaming_content)
    assert b"s-2" in file


@pytest.mark.parametrize(
    ("fields", "kind", "course"),
    [
        ({"what": "students"}, "list_program_enrollments", None),
        ({"what": "courses"}, "list_all_course_run_enrollments", None),
        ({"what": "courses", "course": KEY}, "list_course_run_enrollments", KEY),
        ({"what": "grades", "course": KEY}, "get_course_run_grades", KEY),
    ],
)
def test_downloads(
    students: University, registrar: Reader, fields: dict[str, str], kind: str, course: str | None
) -> None:
    job = registrar.post(f"{PROGRAM}download/", format="csv", **fields)
    stored = Job.objects.get()
    assert job == f"/jobs/{stored.pk}/"
    assert (stored.kind, stored.source, stored.options["format"]) == (kind, "console", "csv")
    assert (stored.course.key if stored.course else None) == course
    _, file = finished(stored.pk)
    assert (b"S-1" in file) is (kind != "get_course_run_grades")
    assert "Download result" in registrar.get(job)


@pytest.mark.parametrize("granted", [True, False])
def test_names_are_in_downloads_of_those_who_may_have_them(
    students: University, registrar: Reader, granted: bool
) -> None:
    if not granted:
        FeatureGrant.objects.all().delete()
    registrar.post(f"{PROGRAM}download/", format="csv", what="students")
    job, file = finished(Job.objects.get().pk)
    assert (b"bob@example.org" in file) is job.options["names"] is granted


@pytest.mark.parametrize(
    "fields",
    [
        {"what": "grades", "format": "csv"},
        {"what": "students", "format": "xml"},
        {"what": "courses", "course": "none", "format": "csv"},
        {},
    ],
)
def test_downloads_of_nothing(students: University, registrar: Reader, fields: dict[str, str]) -> None:
    assert registrar.post(f"{PROGRAM}download/", **fields) == PROGRAM
    assert not Job.objects.exists()
    assert "Choose what to download" in registrar.get(PROGRAM)


def test_a_page_takes_few_statements(
    students: University, registrar: Reader, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(10):
        registrar.get(PROGRAM)


def test_there_is_no_such_program(registrar: Reader) -> None:
    registrar.get("/programs/none/", 404)
    registrar.get("/programs/%00/", 404)
    registrar.get(f"/programs/{Program.objects.get(key=UNMANAGED).key}/", 403)
