"""Looking up records of the Enrollment API v1: one, one person's, and all of them page by page."""

from typing import Any
from urllib.parse import urlencode

import pytest

from matricula.models import Course, CourseRole
from tests.conftest import KEY, OTHER_KEY, Api, World, make_account, write
from tests.wire.answers import content

BASE = "/api/enrollment/v1"
NO_COURSE = "course-v1:No+Such+Course"


@pytest.fixture
def staff(world: World) -> Api:
    world.enroll("sam", mode="verified")
    write(world.other, "enroll", "sam", "elsewhere")
    make_account("ended")
    world.enroll("ended", "instructor")
    world.unenroll("ended")
    return Api(world.admin)


def keys(answer: Any) -> list[str]:
    assert answer.status_code == 200, content(answer)
    return [record["course_details"]["course_id"] for record in answer.json()]


# caller, whose → the course runs that are shown
LISTS: list[tuple[str, str | None, list[str]]] = [
    ("learner", None, [KEY, OTHER_KEY]),
    ("learner", "sam", [KEY, OTHER_KEY]),
    ("learner", "SAM", [KEY, OTHER_KEY]),
    ("admin", "sam", [KEY, OTHER_KEY]),
    ("instructor", "sam", [KEY]),
    ("staff", "sam", [KEY]),
    ("elsewhere", "sam", [OTHER_KEY]),
    ("learner", "elsewhere", []),
    ("admin", "ended", []),
    ("admin", "ghost", []),
    ("learner", "ghost", []),
    ("admin", "sam@example.org", []),
    ("admin", "\u200bsam", [KEY, OTHER_KEY]),
    ("admin", None, []),
]


@pytest.mark.parametrize(("caller", "user", "shown"), LISTS)
def test_active_records_of_one_person(
    caller: str, user: str | None, shown: list[str], staff: Api, world: World
) -> None:
    query = "" if user is None else "?" + urlencode({"user": user})
    assert keys(Api(getattr(world, caller)).get(f"{BASE}/enrollment{query}")) == shown


# caller, path → status, and (mode, is_active), None for null, "" for no body
RECORDS: list[tuple[str, str, int, Any]] = [
    ("learner", KEY, 200, ("verified", True)),
    ("learner", f"sam,{KEY}", 200, ("verified", True)),
    ("learner", f"Sam,{KEY}", 200, ("verified", True)),
    ("staff", KEY, 200, None),
    ("admin", f"sam,{KEY}", 200, ("verified", True)),
    ("admin", f"ended,{KEY}", 200, ("audit", False)),
    ("admin", f"ghost,{KEY}", 200, None),
    ("admin", f"elsewhere,{KEY}", 200, None),
    ("instructor", f"sam,{KEY}", 200, ("verified", True)),
    ("instructor", f"ghost,{KEY}", 200, None),
    ("instructor", f"sam,{OTHER_KEY}", 404, ""),
    ("learner", f"ended,{KEY}", 404, ""),
    ("learner", f"ghost,{KEY}", 404, ""),
    ("learner", f"ghost,{NO_COURSE}", 404, ""),
    ("learner", NO_COURSE, 400, "no course run"),
    ("admin", f"sam,{NO_COURSE}", 400, "no course run"),
    ("admin", f"ghost,{NO_COURSE}", 400, "no course run"),
    ("learner", "North/CS101/2027", 400, "course key"),
    ("admin", "sam,North/CS101/2027", 400, "course key"),
    ("admin", f"sam,{KEY}%00", 400, "course key"),
    ("admin", f"sam%00,{KEY}", 200, None),
    ("admin", "sam", 400, "course key"),
]


@pytest.mark.parametrize(("caller", "path", "status", "found"), RECORDS)
@pytest.mark.parametrize("slash", ["", "/"])
def test_one_record(caller: str, path: str, status: int, found: Any, slash: str, staff: Api, world: World) -> None:
    answer = Api(getattr(world, caller)).get(f"{BASE}/enrollment/{path}{slash}")
    assert answer.status_code == status, content(answer)
    if status == 200:
        record = answer.json()
        assert (record and (record["mode"], record["is_active"])) == found
    elif found:
        assert found in answer.json()["message"]
    else:
        assert answer.content == b""
        assert "Content-Type" not in answer.headers
        assert "Content-Type" not in Api(getattr(world, caller))("HEAD", f"{BASE}/enrollment/{path}").headers


def test_a_course_key_with_a_comma_is_no_user(staff: Api, world: World) -> None:
    key = "course-v1:North+CS,101+2027"
    course = Course.objects.get(pk=world.course.id)
    Course.objects.create(key=key, organization=course.organization, title="Comma", modes=["audit"])
    for path in (f"enrollment/{key}", f"enrollment/sam,{key}"):
        answer = staff.get(f"{BASE}/{path}")
        assert (answer.status_code, answer.content) == (200, b"null")
    assert staff.get(f"{BASE}/course/{key}").json()["course_name"] == "Comma"


def test_course_details_are_public(world: World) -> None:
    Course.objects.filter(pk=world.course.id).update(
        enrollment_start="2026-09-01T08:00:00.5Z", enrollment_end="2026-10-01T08:00:00Z", invitation_only=True
    )
    shown = Api().get(f"{BASE}/course/{KEY}").json()
    assert shown["enrollment_start"] == "2026-09-01T08:00:00Z"
    assert shown["enrollment_end"] == "2026-10-01T08:00:00Z"
    assert (shown["course_id"], shown["invite_only"], shown["course_start"]) == (KEY, True, None)
    for key in (NO_COURSE, "x", KEY + "%00"):
        answer = Api().get(f"{BASE}/course/{key}/")
        assert answer.status_code == 400
        assert set(answer.json()) == {"message", "localizedMessage"}


def walk(ask: Api, query: str) -> list[list[str]]:
    """The rows of each page, there and back again."""
    pages, back = [], []
    url: str | None = f"{BASE}/enrollments?{query}"
    while url:
        page = ask.get(url).json()
        assert set(page) == {"next", "previous", "results"}
        pages.append([f"{row['user']} {row['course_id']}" for row in page["results"]])
        last, url = url, page["next"]
        assert url is None or "cursor=" in url
    url = last
    while url:
        page = ask.get(url).json()
        back.append([f"{row['user']} {row['course_id']}" for row in page["results"]])
        url = page["previous"]
    assert back[::-1] == pages
    return pages


SAM, SAM_TOO = f"sam {KEY}", f"sam {OTHER_KEY}"
ENDED, TEACHER, OTHER = f"ended {KEY}", f"instructor {KEY}", f"elsewhere {OTHER_KEY}"
ALL = [SAM, OTHER, SAM_TOO, TEACHER, ENDED]
FILTERS = {
    "": ALL,
    urlencode({"course_id": KEY}): [ENDED, TEACHER, SAM],
    "username=sam": [SAM, SAM_TOO],
    "username=SAM,%20ended,ghost,": [SAM, SAM_TOO, ENDED],
    "username=ghost": [],
    "username=,": [],
    "email=sam@example.org,ended@example.org": [SAM, SAM_TOO, ENDED],
    "email=sam": [],
    "username=sam,ended&email=ended@example.org": [ENDED],
    urlencode({"course_id": KEY, "username": "sam,elsewhere"}): [SAM],
    urlencode({"course_id": OTHER_KEY, "email": "sam@example.org"}): [SAM_TOO],
}


@pytest.mark.parametrize("query", FILTERS)
@pytest.mark.parametrize("size", [1, 2])
def test_pages_of_all_records(query: str, size: int, staff: Api) -> None:
    wanted = FILTERS[query]
    pages = walk(staff, f"{query}&page_size={size}")
    assert [row for page in pages for row in page] == wanted
    assert all(len(page) == size for page in pages[:-1])
    assert len(pages) == max(1, -(-len(wanted) // size))


def test_a_row_has_what_its_clients_read(staff: Api) -> None:
    row = staff.get(f"{BASE}/enrollments/?username=ended").json()["results"][0]
    assert list(row) == ["created", "mode", "is_active", "user", "course_id"]
    assert (row["mode"], row["is_active"]) == ("audit", False)
    assert len(row["created"]) == 20


def test_a_walk_meets_who_is_unenrolled_meanwhile_once(staff: Api, world: World) -> None:
    """Active and ended ones of a course run are two parts of its index: who moves must not make the walk jump."""
    query = urlencode({"course_id": KEY, "page_size": 1})
    seen = []
    url = f"{BASE}/enrollments?{query}"
    while url:
        page = staff.get(url).json()
        seen += [row["user"] for row in page["results"]]
        write(world.course, "unenroll", seen[-1])
        url = page["next"]
    assert seen == ["ended", "instructor", "sam"]


def test_large_pages_are_100(staff: Api, world: World) -> None:
    for n in range(101):
        make_account(f"many{n}")
    world.enroll(*(f"many{n}" for n in range(101)))
    for size in ("", "page_size=101", "page_size=1000000000000000000000"):
        assert len(staff.get(f"{BASE}/enrollments?{size}").json()["results"]) == 100


WRONG = {
    "page_size=0": "page_size",
    "page_size=-1": "page_size",
    "page_size=x": "page_size",
    "cursor=x": "cursor",
    "cursor=--1": "cursor",
    "cursor=%D9%A1": "cursor",
    "cursor=99999999999999999999": "cursor",
    "course_id=x": "course key",
    "course_id=" + NO_COURSE.replace("+", "%2B"): "no course run",
    urlencode({"course_id": KEY, "cursor": 1_000_000}): "cursor",
    "username=" + ",".join(f"u{n}" for n in range(101)): "100",
    "email=" + ",".join(f"u{n}@example.org" for n in range(101)): "100",
    "username=a%00": "username",
}


@pytest.mark.parametrize("query", WRONG)
def test_wrong_filters(query: str, staff: Api) -> None:
    answer = staff.get(f"{BASE}/enrollments?{query}")
    assert answer.status_code == 400, content(answer)
    assert set(answer.json()) == {"message", "localizedMessage"}
    assert WRONG[query] in answer.json()["message"]


def test_a_manager_of_the_course_run_is_no_global_staff(staff: Api, world: World) -> None:
    CourseRole.objects.create(account=world.learner, course_id=world.course.id, role="staff")
    assert keys(Api(world.learner).get(f"{BASE}/enrollment?user=instructor")) == [KEY]
    assert Api(world.learner).get(f"{BASE}/enrollments").status_code == 403
