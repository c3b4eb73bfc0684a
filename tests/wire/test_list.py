"""GET /enrollments."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from django.contrib.staticfiles import finders

from matricula.foundation.folding import fold
from matricula.models import CourseEnrollment, CourseRole
from tests.conftest import BASE, KEY, OTHER_KEY, Api, World, make_account, write
from tests.wire.answers import content, refused, usernames

INSTRUCTOR_BASE = "/api/instructor/v2/courses"
ROW = {
    "username",
    "email",
    "first_name",
    "last_name",
    "full_name",
    "mode",
    "is_active",
    "created",
    "enrollment_allowed",
    "auto_enroll",
}
# capitals, digits and punctuation in an order that no locale would choose, but the folded bytes do
NAMES = ["Zoe", "anna", "Bert", "ANNA2", "anna_3", "_x", "0day", "bERT.b", "émile", "Émile2", "ßa", "zOE-1", "Anna10"]


@pytest.fixture
def roster(world: World) -> list[str]:
    for number, name in enumerate(NAMES):
        make_account(name, email=f"mail{number}@example.org", first_name=f"First{number}", last_name="O'Last")
    world.enroll(*NAMES)
    return sorted(NAMES, key=lambda name: fold(name).encode())


def walk(api: Api, path: str) -> list[list[str]]:
    pages: list[list[str]] = []
    following: str | None = path
    while following:
        assert len(pages) < 50
        answer = api.get(following)
        pages.append(usernames(answer))
        following = answer.json()["next"]
    return pages


def test_empty_course_has_one_empty_page(api: Api) -> None:
    answer = api.get("enrollments")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == {"count": 0, "num_pages": 1, "next": None, "previous": None, "results": []}


def test_row(api: Api, world: World) -> None:
    world.enroll("sam", mode="verified")
    [row] = api.get("enrollments").json()["results"]
    created = datetime.strptime(row.pop("created"), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - created) < timedelta(minutes=5)
    assert row == {
        "username": "sam",
        "email": "sam@example.org",
        "first_name": "Sam",
        "last_name": "Learner",
        "full_name": "Sam Learner",
        "mode": "verified",
        "is_active": True,
        "enrollment_allowed": False,
        "auto_enroll": False,
    }


def test_row_of_somebody_who_was_invited_before(api: Api, world: World) -> None:
    world.enroll("future@example.org", auto_enroll=True, mode="honor")
    assert usernames(api.get("enrollments?is_active=any")) == []
    make_account("future")
    [row] = api.get("enrollments").json()["results"]
    assert (row["username"], row["mode"], row["enrollment_allowed"], row["auto_enroll"]) == (
        "future",
        "honor",
        True,
        True,
    )


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("base", [BASE, INSTRUCTOR_BASE])
@pytest.mark.parametrize("key", [KEY, KEY.replace("+", "%2B"), KEY.replace("+", "%2b").replace(":", "%3A")])
def test_bases_slashes_and_spellings_of_the_key(base: str, slash: str, key: str, api: Api, roster: list[str]) -> None:
    answer = api.get(f"{base}/{key}/enrollments{slash}?page_size=1&page=2")
    assert usernames(answer) == [roster[1]]
    for link in (answer.json()["next"], answer.json()["previous"]):
        assert urlsplit(link).path == f"{base}/{KEY}/enrollments"
        assert urlsplit(link).netloc == "testserver"
    assert set(answer.json()["results"][0]) == (ROW | {"is_beta_tester"} if base == INSTRUCTOR_BASE else ROW)


@pytest.mark.parametrize(
    ("key", "status"),
    [
        ("course-v1:No+Such+Course", 404),
        ("course-v1:North+CS101+2027_t1", 404),
        ("course-v1:North+CS101+2027_T1+x", 404),
        ("course-v1:North+CS101", 400),
        ("North/CS101/2027_T1", 400),
        ("course-v1:North+CS101+", 400),
        ("course-v1:+CS101+2027_T1", 400),
        ("Course-v1:North+CS101+2027_T1", 400),
        (f"{KEY}%2Fx", 400),
        (f"{KEY}%00", 400),
        ("%20", 400),
        ("%FF", 400),
    ],
)
def test_course_keys(key: str, status: int, api: Api) -> None:
    refused(api.get(f"{BASE}/{key}/enrollments"), status)


def test_order_is_by_username_without_the_case_of_a_to_z(api: Api, roster: list[str]) -> None:
    assert usernames(api.get("enrollments")) == roster


@pytest.mark.parametrize("size", [1, 2, 5, 12, 13, 14, 100])
def test_walking_by_next_visits_everybody_once(size: int, api: Api, roster: list[str]) -> None:
    pages = walk(api, f"enrollments?page_size={size}")
    assert [name for page in pages for name in page] == roster
    assert [len(page) for page in pages[:-1]] == [size] * (len(pages) - 1)
    assert api.get(f"enrollments?page_size={size}").json()["num_pages"] == len(pages)


def test_walking_by_page_numbers_and_back_by_previous_sees_the_same(api: Api, roster: list[str]) -> None:
    forward = walk(api, "enrollments?page_size=4")
    assert [usernames(api.get(f"enrollments?page_size=4&page={n + 1}")) for n in range(len(forward))] == forward
    backward, link = [], f"enrollments?page_size=4&page={len(forward)}"
    while link:
        answer = api.get(link)
        backward.append(usernames(answer))
        link = answer.json()["previous"]
    assert backward == forward[::-1]


def test_nobody_is_missed_when_seen_people_leave_during_a_walk(api: Api, world: World, roster: list[str]) -> None:
    first = api.get("enrollments?page_size=4")
    seen = usernames(first)
    world.unenroll(*seen)
    assert seen + [n for page in walk(api, first.json()["next"]) for n in page] == roster


def test_links_keep_the_other_parameters(api: Api, roster: list[str]) -> None:
    asked = (
        "page_size=2&is_active=any&requested_fields=beta_tester,profile_image&search=mail&mine=a%26b%3D%2B&mine=%C3%A9"
    )
    kept = parse_qs(asked)
    answer = api.get(f"enrollments?{asked}&page=2").json()
    for name, page in (("next", "3"), ("previous", "1")):
        linked = parse_qs(urlsplit(answer[name]).query)
        linked.pop("cursor", None)
        assert linked.pop("page") == [page]
        assert linked == kept


def test_links_carry_no_credentials(api: Api, roster: list[str]) -> None:
    assert "sesame" not in api.get("enrollments?page_size=2&access_token=sesame").json()["next"]


@pytest.mark.parametrize(
    ("query", "count", "num_pages", "rows"),
    [("", 30, 2, 25), ("?page=2", 30, 2, 5), ("?page_size=30", 30, 1, 30), ("?page_size=100&page=1", 30, 1, 30)],
)
def test_pages_are_of_25(query: str, count: int, num_pages: int, rows: int, api: Api, world: World) -> None:
    world.enroll(*(make_account(f"many{n}").username for n in range(30)))
    answer = api.get(f"enrollments{query}").json()
    assert (answer["count"], answer["num_pages"], len(answer["results"])) == (count, num_pages, rows)


@pytest.mark.parametrize("page", ["2", "3", "999999999999999"])
def test_page_past_the_end(page: str, api: Api, world: World) -> None:
    world.enroll("sam")
    refused(api.get(f"enrollments?page={page}"), 404)


@pytest.mark.parametrize("field", ["page", "page_size", "cursor"])
@pytest.mark.parametrize("value", ["", "-1", "1.0", "1e1", "x", "%20", "+1", "1%00", "%D9%A1", "0x1", "1_0", "None"])
def test_numbers_that_are_none(field: str, value: str, api: Api) -> None:
    refused(api.get(f"enrollments?{field}={value}"), 400, field)


@pytest.mark.parametrize("query", ["page=0", "page_size=0", "page_size=101"])
def test_numbers_out_of_bounds(query: str, api: Api) -> None:
    refused(api.get(f"enrollments?{query}"), 400, query.split("=", maxsplit=1)[0])


def test_every_field_at_problem_is_named(api: Api) -> None:
    query = "page=0&page_size=x&is_active=maybe&is_beta_tester=maybe&cursor=y&mode=%00&search=" + "s" * 256
    problems = ("page", "page_size", "is_active", "is_beta_tester", "cursor", "mode", "search")
    refused(api.get(f"enrollments?{query}"), 400, *problems)


def test_cursor_of_another_course_or_of_none(api: Api, world: World) -> None:
    write(world.other, "enroll", "sam")
    elsewhere = CourseEnrollment.objects.get(course_id=world.other.id)
    for cursor in (elsewhere.pk, 0, 999_999_999_999_999):
        refused(api.get(f"enrollments?cursor={cursor}"), 400, "cursor")


def test_only_active_unless_asked_otherwise(api: Api, world: World) -> None:
    world.enroll("sam", "staff")
    world.unenroll("staff")
    for query, names in {
        "": ["sam"],
        "?is_active=true": ["sam"],
        "?is_active=1": ["sam"],
        "?is_active=false": ["staff"],
        "?is_active=0": ["staff"],
        "?is_active=any": ["sam", "staff"],
    }.items():
        answer = api.get(f"enrollments{query}")
        assert usernames(answer) == names
        assert answer.json()["count"] == len(names)


@pytest.mark.parametrize("field", ["is_active", "is_beta_tester"])
@pytest.mark.parametrize("value", ["True", "FALSE", "yes", "on", "2", "null", "", "%20true", "true,false"])
def test_booleans_are_spelled_exactly(field: str, value: str, api: Api) -> None:
    refused(api.get(f"enrollments?{field}={value}"), 400, field)


def test_any_is_only_for_is_active(api: Api) -> None:
    refused(api.get("enrollments?is_beta_tester=any"), 400, "is_beta_tester")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("ANNA", ["anna", "Anna10", "ANNA2", "anna_3"]),
        ("a_3", ["anna_3"]),
        ("_", ["_x", "anna_3"]),
        ("%25", []),
        ("%5C", []),
        ("mail3%40EXAMPLE", ["ANNA2"]),
        ("first12", ["Anna10"]),
        ("o%27last", 13),
        ("FIRST0 o%27la", ["Zoe"]),
        ("%C3%A9mile", ["émile", "Émile2"]),
        ("%C3%89MILE", ["émile", "Émile2"]),
        ("nobody", []),
        ("", 13),
        ("%F0%9F%98%80", []),
        ("%ED%A0%80", []),
        ("%FF", []),
        ("x" * 255, []),
        ("0dayx", []),
    ],
)
def test_search(text: str, names: list[str] | int, api: Api, roster: list[str]) -> None:
    found = usernames(api.get(f"enrollments?search={text}"))
    assert (len(found) if isinstance(names, int) else found) == (
        names if isinstance(names, int) else sorted(names, key=lambda n: fold(n).encode())
    )


@pytest.mark.parametrize("field", ["search", "mode"])
def test_nul_and_long_texts(field: str, api: Api) -> None:
    refused(api.get(f"enrollments?{field}=a%00b"), 400, field)
    refused(api.get(f"enrollments?{field}={'x' * 256}"), 400, field)


def test_mode(api: Api, world: World) -> None:
    world.enroll("sam", mode="verified")
    world.enroll("staff")
    assert usernames(api.get("enrollments?mode=verified")) == ["sam"]
    assert usernames(api.get("enrollments?mode=audit")) == ["staff"]
    assert usernames(api.get("enrollments?mode=Verified")) == []
    assert usernames(api.get("enrollments?mode=")) == ["sam", "staff"]


def test_beta_testers(api: Api, world: World) -> None:
    world.enroll("sam", "staff")
    CourseRole.objects.create(account=world.learner, course_id=world.course.id, role="beta_tester")
    CourseRole.objects.create(account=world.staff, course_id=world.other.id, role="beta_tester")
    for word, names in {"true": ["sam"], "1": ["sam"], "false": ["staff"], "0": ["staff"]}.items():
        assert usernames(api.get(f"enrollments?is_beta_tester={word}")) == names
    rows = api.get("enrollments?requested_fields=beta_tester").json()["results"]
    assert [row["beta_tester"] for row in rows] == [True, False]
    rows = api.get(f"{INSTRUCTOR_BASE}/{KEY}/enrollments").json()["results"]
    assert [row["is_beta_tester"] for row in rows] == [True, False]


def test_filters_together_and_over_pages(api: Api, world: World, roster: list[str]) -> None:
    world.unenroll("anna", "Zoe", "zOE-1")
    pages = walk(api, "enrollments?search=z&is_active=false&mode=audit&is_beta_tester=false&page_size=1")
    assert pages == [["Zoe"], ["zOE-1"]]


def test_requested_fields(api: Api, world: World) -> None:
    world.enroll("sam")
    for asked, added in {
        "": set(),
        "beta_tester": {"beta_tester"},
        "profile_image": {"profile_image"},
        "beta_tester,profile_image": {"beta_tester", "profile_image"},
        "%20profile_image%20,,beta_tester,beta_tester": {"beta_tester", "profile_image"},
    }.items():
        [row] = api.get(f"enrollments?requested_fields={asked}").json()["results"]
        assert set(row) == ROW | added
    assert row["profile_image"]["has_image"] is False
    assert row["profile_image"]["image_url_full"] == "http://testserver/static/matricula/person.svg"
    assert finders.find("matricula/person.svg")
    assert set(row["profile_image"]) == {
        "has_image",
        "image_url_full",
        "image_url_large",
        "image_url_medium",
        "image_url_small",
    }


@pytest.mark.parametrize("path", ["enrollments", "enrollments/sam"])
@pytest.mark.parametrize("asked", ["age", "beta_tester,age", "Beta_tester", "beta_tester%3Bprofile_image", "%3Cb%3E"])
def test_unknown_requested_fields_list_the_known(asked: str, path: str, api: Api, world: World) -> None:
    world.enroll("sam")
    error = refused(api.get(f"{path}?requested_fields={asked}"), 400, "requested_fields")
    for name in ("beta_tester", "profile_image"):
        assert name in error["field_errors"]["requested_fields"]["developer_message"]


def test_unknown_parameters_are_ignored(api: Api) -> None:
    assert api.get("enrollments?colour=red").status_code == 200


def test_too_many_parameters(api: Api) -> None:
    refused(api.get("enrollments?" + "a=1&" * 1100), 400)


@pytest.mark.parametrize("charset", ["base64", "utf-16", "idna", "undefined", "no-such", "latin1"])
def test_query_is_utf_8_whatever_the_request_claims(charset: str, api: Api, roster: list[str]) -> None:
    answer = api("GET", "enrollments?search=%C3%A9mile", "", content_type=f"text/plain; charset={charset}")
    assert usernames(answer) == ["Émile2", "émile"]


def test_head_is_get_without_its_body(api: Api, roster: list[str]) -> None:
    get, head = api.get("enrollments"), api("HEAD", "enrollments")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == str(len(get.content))
    assert head.headers["Content-Type"] == get.headers["Content-Type"]
    missing = api("HEAD", "enrollments?page=2")
    assert (missing.status_code, missing.content) == (404, b"")


def test_each_course_has_its_own_list(api_as, world: World) -> None:
    world.enroll("sam")
    answer = api_as("elsewhere").get(f"{BASE}/{OTHER_KEY}/enrollments")
    assert (usernames(answer), content(answer)[:10]) == ([], b'{"count":0')


@pytest.mark.parametrize("page", ["2", "999999999999999", "1000000000000000000", "9" * 5_000, "0" * 5_000 + "2"])
def test_a_page_past_the_end_is_not_there_however_far(page: str, api: Api) -> None:
    refused(api.get(f"enrollments?page={page}"), 404)


@pytest.mark.parametrize("page", ["0", "-1", "1.0", "1e3", "²", "٣", "x", "0" * 5_000, "+1", "1 "])
def test_what_is_no_page_is_an_error(page: str, api: Api) -> None:
    refused(api.get(f"enrollments?page={quote(page)}"), 400, "page")


@pytest.mark.parametrize("name", ["page_size", "cursor"])
def test_other_numbers_may_have_any_number_of_digits_too(name: str, api: Api) -> None:
    refused(api.get(f"enrollments?{name}={'9' * 5_000}"), 400, name)
