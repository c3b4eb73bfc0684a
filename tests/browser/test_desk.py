"""The registrar's desk: single students, several at once, all that match, pages by number, and all of it on a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from matricula.models import CourseEnrollment, FeatureGrant, ProgramEnrollment, StudentIdentity
from tests.browser.conftest import LEARNERS, Visit
from tests.conftest import KEY, World, make_account
from tests.domain.program_jobs import enroll, study
from tests.university import OWN, University

PROGRAM = f"/programs/{OWN}/"
COURSE = f"/courses/{KEY}/"
STUDENTS = 60
PHONE = {"viewport": {"width": 390, "height": 780}}


@pytest.fixture
def many(university: University) -> University:
    """``s-00`` to ``s-59``; ann has an account."""
    enroll(*(f"s-{n:02}" for n in range(STUDENTS)))
    make_account("ann", first_name="Ann", last_name="Student")
    return university


@pytest.fixture
def registrar(visit: Callable[..., Visit], many: University) -> Callable[..., Visit]:
    writer = many.writer()
    FeatureGrant.objects.create(feature="names_in_downloads", account=writer)
    return lambda **how: visit(writer, **how)


def confirm(page: Page, button: str) -> None:
    page.get_by_label("Reason").fill("asked for by the faculty")
    page.get_by_role("button", name=button).click()


def test_a_student_is_added_linked_and_unlinked(registrar: Callable[..., Visit], many: University) -> None:
    page = registrar().open(PROGRAM)
    page.get_by_role("link", name="Add student").click()
    page.get_by_label("Student key", exact=True).fill("N-1")
    page.get_by_role("button", name="Review changes").click()
    expect(page.locator("main")).to_contain_text("not in this program")
    assert not ProgramEnrollment.objects.filter(student_key="N-1").exists()
    confirm(page, "Add student")
    expect(page.get_by_text("The student was added.")).to_be_visible()
    study(many.course.pk, "N-1")

    page.get_by_role("link", name="Link an account…").click()
    page.get_by_label("Username or email address").fill("ann")
    page.get_by_role("button", name="Review changes").click()
    expect(page.locator("main")).to_contain_text("Introduction to Programming (2027_T1)")
    confirm(page, "Link account")
    expect(page.get_by_text("The student key was linked to the account.")).to_be_visible()
    assert CourseEnrollment.objects.get().is_active

    page.get_by_role("button", name="Unlink account…").click()
    confirm(page, "Unlink account")
    expect(page.get_by_text("The student key was unlinked.")).to_be_visible()
    assert not CourseEnrollment.objects.get().is_active and not StudentIdentity.objects.exists()


def test_pages_by_number_and_all_that_match(registrar: Callable[..., Visit]) -> None:
    page = registrar().open(PROGRAM)
    rows, pages = page.locator("#students tbody tr"), page.locator("#students .pages")
    expect(pages).to_contain_text(f"1–50 of {STUDENTS}")
    pages.get_by_role("link", name="25 rows per page").click()
    expect(rows).to_have_count(25)
    pages.get_by_label("Page number").fill("3")
    pages.get_by_role("button", name="Go").click()
    expect(pages).to_contain_text(f"51–60 of {STUDENTS}")
    page.get_by_role("link", name="Student key").click()
    expect(rows.first).to_contain_text("s-59")
    expect(page.get_by_label("Sort by")).to_have_value("-key")

    page.get_by_label("Search by student key").press_sequentially("s-0")
    expect(rows).to_have_count(10)
    page.get_by_label("Search by student key").fill("s-")
    expect(pages).to_contain_text(f"of {STUDENTS}")
    page.get_by_label("All 60 that match").check()
    expect(page.locator("[data-selected]")).to_have_text("60")
    page.get_by_label("New status").select_option("suspended")
    page.get_by_role("button", name="Change status…").click()
    expect(page.locator("main")).to_contain_text("search: s-")
    confirm(page, "Apply 60 changes")
    expect(page.get_by_role("heading", level=1)).to_contain_text("applied")
    assert {one.status for one in ProgramEnrollment.objects.all()} == {"suspended"}


def test_selected_students_are_put_into_a_course(registrar: Callable[..., Visit], many: University) -> None:
    page = registrar().open(PROGRAM)
    page.get_by_label("Select s-03").check()
    page.get_by_label("Select s-04").check()
    page.get_by_text("In a course…").click()
    page.get_by_label("Course", exact=True).last.select_option(KEY)
    page.get_by_role("button", name="Change course status…").click()
    confirm(page, "Apply 2 changes")
    expect(page.get_by_role("heading", level=1)).to_contain_text("applied")
    page.goto(f"{page.url.split('/plans/')[0]}{PROGRAM}?course={KEY.replace('+', '%2B')}")
    expect(page.locator("#students tbody tr")).to_have_count(2)


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_students_are_cards_on_a_phone(registrar: Callable[..., Visit]) -> None:
    page = registrar(**PHONE).open(PROGRAM)
    row = page.locator("#students tbody tr").nth(2)
    row.scroll_into_view_if_needed()
    assert row.locator("td").nth(1).evaluate("cell => getComputedStyle(cell).display") == "block"
    assert row.locator("td").nth(1).evaluate("cell => getComputedStyle(cell, '::before').content") == '"Student key"'
    # what is done with rows is at hand while they are read
    expect(page.get_by_role("button", name="Change status…")).to_be_in_viewport()
    assert fits(page)


def test_a_roster_is_cards_on_a_phone(visit: Callable[..., Visit], crowd: World) -> None:
    page = visit(crowd.instructor, **PHONE).open(COURSE)
    row = page.locator("#roster tbody tr").nth(2)
    row.scroll_into_view_if_needed()
    assert row.locator("td").nth(1).evaluate("cell => getComputedStyle(cell).display") == "block"
    expect(page.get_by_role("button", name="Unenroll…")).to_be_in_viewport()
    assert fits(page)
    page.get_by_label(f"All {LEARNERS}", exact=True).check()
    page.get_by_role("button", name="Unenroll…").click()
    expect(page.locator("main")).to_contain_text(f"{LEARNERS} unenrolled")
    expect(page.locator("main")).to_contain_text("All learners who were enrolled when the plan was made")
