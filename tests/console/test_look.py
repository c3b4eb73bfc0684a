"""What every page has: its colours, its place in the navigation, its packing; and the lists of programs and courses."""

import gzip
import re
from urllib.parse import quote

import pytest
from django.utils.timezone import now

from matricula.console import lists
from tests.conftest import World
from tests.console.conftest import COURSE, Reader, words_of
from tests.university import OWN, University


def current_of(page: str) -> list[str]:
    return [words_of(link) for link in re.findall(r'<a [^>]*aria-current="[^"]*"[^>]*>.*?</a>', page, re.DOTALL)]


def test_colours_are_the_systems_until_the_reader_chooses(instructor: Reader) -> None:
    assert "data-theme" not in instructor.get("/jobs/")
    answer = instructor.http.post("/theme/", {"theme": "dark"}, headers={"Referer": "http://testserver/jobs/?of=all"})
    assert (answer.status_code, answer["Location"]) == (302, "http://testserver/jobs/?of=all")
    assert answer.cookies["theme"]["httponly"] and answer.cookies["theme"]["samesite"] == "Lax"
    assert 'data-theme="dark"' in instructor.get("/jobs/") and 'data-theme="dark"' in instructor.get("/nothing/", 404)
    instructor.post("/theme/", theme="light")
    assert 'data-theme="light"' in instructor.get("/jobs/")
    instructor.post("/theme/", theme="x")
    assert "data-theme" not in instructor.get("/jobs/")
    instructor.http.cookies["theme"] = '"><script>'
    assert "data-theme" not in instructor.get("/jobs/")


def test_a_choice_of_colours_leads_to_no_other_site(instructor: Reader) -> None:
    answer = instructor.http.post("/theme/", {"theme": "dark"}, headers={"Referer": "https://example.org/"})
    assert answer["Location"] == "/"
    assert instructor.http.get("/theme/").status_code == 405


@pytest.mark.parametrize(
    ("address", "name"),
    [("/", "Home"), ("/jobs/", "Jobs"), ("/courses/", "Courses"), (COURSE, "Courses"), ("/search/", "People"),
     ("/people/", "People"), ("/plans/", "Plans"), ("/plans/?state=held", "Plans"),
     ("/plans/?waiting=on", "Approvals"), ("/programs/", "Programs")],
)  # fmt: skip
def test_the_navigation_shows_where_one_is(instructor: Reader, address: str, name: str) -> None:
    [navigation] = re.findall(r'<nav class="side".*?</nav>', instructor.get(address), re.DOTALL)
    assert current_of(navigation) == [name]


def test_operators_alone_are_led_to_what_is_theirs(operator: Reader, instructor: Reader) -> None:
    assert 'href="/access/"' in operator.get("/jobs/") and 'href="/access/"' not in instructor.get("/jobs/")


def test_learners_have_no_navigation(university: University) -> None:
    learner = Reader(university.world.learner)
    learner.get("/")
    assert 'class="side"' not in learner.get("/account/")


def test_lists_have_what_their_reader_may_see(
    university: University, instructor: Reader, operator: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = instructor.get("/courses/")
    assert COURSE in mine and university.world.other.key not in mine
    assert "Nothing here fits" in words_of(instructor.get("/courses/?q=zzz")) and COURSE in instructor.get(
        "/courses/?q=INTRO"
    )
    assert "You don't have a role on a program yet." in words_of(instructor.get("/programs/"))
    assert f"/programs/{OWN}/" in operator.get(f"/programs/?q={OWN.upper()}")
    assert "Nothing here fits" in words_of(operator.get("/programs/?q=zzz"))
    monkeypatch.setattr(lists, "PAGE", 1)
    first, second = operator.get("/courses/"), operator.get("/courses/?page=2")
    assert "page=2" in first and "page=1" in second and words_of(first) != words_of(second)
    assert "Nothing here fits" not in words_of(operator.get("/courses/?page=99999999"))


def test_pages_are_packed_and_files_are_not(world: World, instructor: Reader) -> None:
    world.enroll("sam")
    packed = instructor.http.get(COURSE, headers={"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip" and b"</html>" in gzip.decompress(packed.content)
    assert "Content-Encoding" not in instructor.http.get(COURSE).headers
    file = instructor.http.get(
        f"{COURSE}comparison/differences.csv?from={quote(now().isoformat())}", headers={"Accept-Encoding": "gzip"}
    )
    assert file.status_code == 200 and "Content-Encoding" not in file.headers


def test_pages_of_refusal_say_what_is_missing_and_where_to_go(university: University) -> None:
    reads = Reader(university.holder("read_metadata"))
    words = words_of(reads.get(f"/programs/{OWN}/students/new/", 403))
    assert "change this program's students. Roles that allow it: read_write_enrollments." in words
    assert "administrators grant roles" in words and "See what you can do" in words
    assert "This page is for administrators." in reads.get("/access/", 403)
    missing = reads.get("/programs/no-such/", 404)
    assert 'id="find"' in missing and "Go to the home page" in missing
    # what exists and what doesn't are told apart by nothing
    learner = Reader(university.world.learner)
    pages = [learner.get(f"/people/{id_}/", 404) for id_ in (university.root.pk, 999_999)]
    assert words_of(pages[0]) == words_of(pages[1])
