"""What learners see of the record: what is theirs, nothing of others, and nothing that changes an enrollment."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from matricula.console import my
from matricula.journal.writes import new_operation
from matricula.models import Account, Course, CourseRole, PreEnrollment, Program
from tests.conftest import KEY, OTHER_KEY, World, make_account, write
from tests.console.conftest import Reader, words_of
from tests.domain.program_jobs import enroll, link, study
from tests.university import OWN, University

MY, HISTORY = "/my/", "/my/history/"
EMPTY = "You aren't enrolled in a course yet."


@pytest.fixture
def sam(world: World) -> Reader:
    return Reader(world.learner)


@pytest.mark.parametrize("path", ["/", MY])
def test_a_learner_without_anything_reads_what_to_do(path: str, world: World, sam: Reader) -> None:
    page = words_of(sam.get(path).partition("<main")[2])
    assert EMPTY in page and f"ask them to enroll {world.learner.email}" in page
    assert "Invitations" not in page and "Programs" not in page
    assert "No jobs yet" not in page


def test_enrollments_with_what_is_known_of_them(world: World, sam: Reader) -> None:
    Course.objects.filter(key=KEY).update(url="https://learn.example.org/a?b=1&c=2")
    world.enroll("sam", mode="verified")
    write(world.other, "enroll", "sam", mode="audit")
    write(world.other, "unenroll", "sam")
    CourseRole.objects.create(account=world.learner, course_id=world.course.id, role="beta_tester")
    page = sam.get("/")
    assert 'href="https://learn.example.org/a?b=1&c=2"' in page
    words = words_of(page)
    first, second = words.index(f"{KEY} enrolled verified beta tester First enrolled"), words.index(OTHER_KEY)
    assert first < second and f"{OTHER_KEY} ended audit First enrolled" in words


def test_invitations_are_those_of_the_account_and_of_the_address(world: World, sam: Reader) -> None:
    write(world.course, "enroll", "later@example.org", auto_enroll=False)
    assert "Invitations" not in words_of(sam.get(MY))
    write(world.course, "enroll", world.inactive.email.upper(), auto_enroll=False)
    write(world.other, "enroll", "new@example.com", auto_enroll=False)
    new = make_account("new", email="new@example.com")
    assert f"{OTHER_KEY} invited" in words_of(Reader(new).get(MY))
    assert KEY not in Reader(new).get(MY)
    write(world.other, "enroll", "new")
    page = words_of(Reader(new).get(MY))
    # what became an enrollment is no invitation any more
    assert f"{OTHER_KEY} enrolled" in page and "Invitations" not in page
    # one that waits under the address is theirs as well
    PreEnrollment.objects.create(course_id=world.other.id, email="Sam@Example.ORG", auto_enroll=False, created=now())
    assert f"{OTHER_KEY} invited" in words_of(sam.get(MY))


def test_programs_with_status_and_the_own_key(university: University, sam: Reader) -> None:
    enroll("Key-Of-Sam", "key-of-ann", "key-of-no-one", status="suspended")
    link("key-of-sam", university.world.learner)
    link("key-of-ann", make_account("ann"))
    page = words_of(sam.get("/"))
    assert "Computer Science" in page and "suspended Student key Key-Of-Sam" in page
    assert "key-of-ann" not in page and "key-of-no-one" not in page
    Program.objects.filter(key=OWN).update(manages_enrollments=False)
    assert "Key-Of-Sam" not in sam.get("/")


def test_history_says_what_and_when_but_not_who_and_why(university: University, sam: Reader) -> None:
    world = university.world
    # the last one changes nothing
    for mode, reason in (("audit", "fees are paid"), ("verified", "upgrade"), ("verified", "again")):
        operation = new_operation(world.instructor.pk, "console", reason)
        write(world.course, "enroll", "sam", operation=operation, mode=mode)
    enroll("s-1")
    study(university.extra.pk, "s-1")
    link("s-1", world.learner)
    for page in (sam.get("/"), sam.get(HISTORY)):
        words = words_of(page)
        assert f"mode changed: audit → verified Introduction to Programming (2027_T1) {KEY}" in words
        assert "enrolled (audit)" in words and "linked to an account Computer Science" in words
        assert "unchanged" not in words and "student key linked to the account Your account" in words
        for hidden in (world.instructor.username, "fees are paid", "upgrade", "again"):
            assert hidden not in words


def test_one_sees_nothing_of_another(university: University, sam: Reader) -> None:
    """Two learners in the same course run and the same program, one of them with a key that was the other's."""
    world, ann = university.world, make_account("ann", first_name="Ann", last_name="Zebra")
    world.enroll("sam", "ann")
    enroll("s-1", "s-2")
    link("s-1", ann)
    write(world.other, "enroll", "ann")
    write(world.other, "enroll", "zebra@example.com", reason="Zebra")
    link("s-1", world.learner)
    link("s-2", ann)
    for path in ("/", MY, HISTORY):
        mine, hers = sam.get(path), Reader(ann).get(path)
        assert KEY in mine and OTHER_KEY not in mine and "s-2" not in words_of(mine)
        assert not re.search(r"\bann\b|zebra", words_of(mine), re.IGNORECASE)
        assert KEY in hers and OTHER_KEY in hers and "sam" not in words_of(hers).lower()
    assert "s-1" in sam.get(MY) and "s-1" not in words_of(Reader(ann).get(MY))


def test_nothing_on_the_pages_changes_an_enrollment(university: University, sam: Reader) -> None:
    university.world.enroll("sam")
    enroll("s-1")
    link("s-1", university.world.learner)
    write(university.world.other, "enroll", "sam@example.org", auto_enroll=False)
    for path in ("/", MY, HISTORY):
        page = sam.get(path).partition("<main")[2].partition("</main>")[0]
        targets = re.findall(r'<form[^>]*action="([^"]*)"', page)
        assert targets == ([] if path == HISTORY else ["/account/"])
        assert not re.search(r"hx-(post|put|delete|patch)=|formaction", page)
        for word in ("course", "program", "who", "action", "status", "mode"):
            assert f'name="{word}"' not in page
    for path in (MY, HISTORY):
        assert sam.http.post(path).status_code == 405


def test_who_works_sees_that_first_and_a_link_to_the_own_courses(university: University) -> None:
    world = university.world
    world.enroll("instructor")
    for account in (world.instructor, world.admin, university.root, university.holder("read_metadata")):
        page = Reader(account).get("/")
        assert f'href="{MY}"' in page and "Recent jobs" in page and "First enrolled" not in page
        assert 'href="/jobs/"' in page and 'role="search"' in page
    assert "First enrolled" in Reader(world.instructor).get(MY)
    assert EMPTY in Reader(world.admin).get(MY)


def test_the_navigation_of_learners_leaves_out_what_is_for_staff(world: World, sam: Reader) -> None:
    sam.get("/")
    for path in ("/", "/account/", HISTORY):
        page = sam.get(path)
        for staff in ("/jobs/", "/plans/", "/operations/", "/search/", "/news/"):
            assert f'"{staff}"' not in page, (path, staff)
    # a role shows with the next look at the first page, and goes with it
    role = CourseRole.objects.create(account=world.learner, course_id=world.course.id, role="staff")
    assert "Recent jobs" in sam.get("/") and '"/jobs/"' in sam.get("/account/")
    role.delete()
    assert EMPTY in sam.get("/") and '"/jobs/"' not in sam.get("/account/")


def test_the_language_is_chosen_and_nothing_else_changes(world: World, sam: Reader) -> None:
    Account.objects.filter(pk=world.learner.pk).update(first_name=" Sam", last_name="Lee", wants_plan_mail=False)
    for path, back in (("/", "home"), (MY, "my")):
        assert f'name="back" value="{back}"' in sam.get(path)
        hidden = {"initial-first_name": "", "initial-last_name": "", "initial-language": ""}
        assert sam.post("/account/", language="es", back=back, **hidden) == path
        assert "Mis cursos" in sam.get(path)
        assert sam.post("/account/", language="", back=back, **{**hidden, "initial-language": "es"}) == path
    account = Account.objects.get(pk=world.learner.pk)
    assert (account.first_name, account.last_name, account.wants_plan_mail) == (" Sam", "Lee", False)
    assert sam.post("/account/", language="es", back="//example.com", **hidden) == "/account/"


def test_long_lists_have_pages(world: World, sam: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(my, "_LATEST", 1)
    monkeypatch.setattr(my, "_HISTORY", 2)
    monkeypatch.setattr(my, "PAGE", 1)
    write(world.other, "enroll", "sam")
    world.enroll("sam", mode="audit")
    world.enroll("sam", mode="verified")
    first, second = sam.get(MY), sam.get(f"{MY}?page=2")
    assert first.count("First enrolled") == second.count("First enrolled") == 1
    assert "1 to 1 of 2" in words_of(first) and "2 to 2 of 2" in words_of(sam.get(f"{MY}?page=99"))
    assert f'href="{HISTORY}"' in first
    page, seen = HISTORY, 0
    for _ in range(5):
        text = sam.get(page)
        seen += len(re.findall(r"enrolled \(|mode changed", text))
        older = re.search(r'href="(\?before=\d+)"', text)
        if older is None:
            break
        page = HISTORY + older[1]
    assert seen == 3 and page != HISTORY


def test_more_rows_take_no_more_statements(university: University, sam: Reader) -> None:
    def count(path: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            sam.get(path)
        return len(seen)

    sam.get("/")
    paths = ("/", MY, HISTORY)
    before = [count(path) for path in paths]
    university.world.enroll("sam", mode="audit")
    university.world.enroll("sam", mode="verified")
    write(university.world.other, "enroll", "sam")
    enroll("s-1")
    link("s-1", university.world.learner)
    assert [count(path) for path in paths] == before
    assert max(before) < 12
