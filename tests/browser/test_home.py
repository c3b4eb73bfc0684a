"""The first page, the search, and the way in."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from matricula.jobs.reads import get_job
from matricula.models import Account
from matricula.worker.tasks import carry_out
from tests.batches import start_enrollment_task, start_roster_check
from tests.browser.conftest import Visit
from tests.conftest import KEY, PASSWORD, World
from tests.university import OWN, University


def test_login_by_form_leads_to_the_page_that_was_wanted(visit: Callable[..., Visit], world: World) -> None:
    page = visit(None).open("/jobs/?state=failed")
    expect(page).to_have_url(re.compile(r"/login/\?next="))
    page.locator("input[name=login]").fill("instructor")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Log in").click()
    expect(page).to_have_url(re.compile(r"/jobs/\?state=failed$"))
    page.get_by_role("link", name="Log out").click()
    page.locator("main").get_by_role("button", name="Log out").click()
    expect(page.get_by_role("link", name="Log in").first).to_be_visible()


def test_what_waits_for_an_instructor(reader: Visit, crowd: World) -> None:
    page = reader.open("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello, instructor")
    expect(page.get_by_text("You don't have a role on a program yet")).to_be_visible()
    expect(page.get_by_text("No jobs yet.")).to_be_visible()
    expect(page.get_by_role("row", name="Introduction to Programming").get_by_role("cell").last).to_have_text("120")
    page.get_by_role("link", name="Introduction to Programming").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Introduction to Programming (2027_T1)")


def test_a_learner_finds_the_own_courses_in_the_own_language(visit: Callable[..., Visit], crowd: World) -> None:
    page = visit(Account.objects.get(username="p001")).open("/")
    courses = page.get_by_role("region", name="Courses")
    expect(courses.get_by_role("listitem")).to_have_count(1)
    expect(courses).to_contain_text("verified")
    expect(courses.get_by_role("link")).to_have_attribute("href", "https://learn.example.org/cs101")
    expect(page.get_by_role("link", name="Jobs")).to_have_count(0)
    page.get_by_label("Language").select_option("es")
    page.get_by_role("button", name="Change language").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mis cursos")
    expect(page).to_have_url(re.compile(r"/$"))


def test_a_running_job_is_followed_to_its_end(reader: Visit, world: World) -> None:
    task = start_enrollment_task(world.course, ["sam", "nobody"], actor_id=world.instructor.pk)
    page = reader.open("/")
    running = page.get_by_role("region", name="Running now")
    expect(running).to_contain_text("0 of 2 rows")
    assert carry_out(get_job(task))
    # the page asks every second, and is loaded anew at the end
    expect(running).to_be_hidden()
    last = page.get_by_role("region", name="Recent jobs")
    expect(last).to_contain_text("partially completed")
    expect(last).to_contain_text("1 row was rejected")


def test_search_finds_people_programs_and_courses(
    visit: Callable[..., Visit], crowd: World, university: University
) -> None:
    page = visit(university.root).open("/")
    box = page.get_by_role("combobox", name="Search people, programs, and courses")
    box.fill("p007")
    box.press("Enter")
    found = page.get_by_role("region", name="People")
    expect(found.get_by_role("row")).to_have_count(2)
    expect(found).to_contain_text("p007@example.org")
    expect(found).to_contain_text("Introduction to Programming (2027_T1)")
    found.get_by_role("link", name="Pat p007").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pat p007")
    box.fill("science")
    box.press("Enter")
    expect(page.get_by_role("region", name="Programs").get_by_role("link")).to_have_text(
        ["Computer Science", "Data Science"]
    )
    expect(page.get_by_role("link", name="Computer Science")).to_have_attribute("href", f"/programs/{OWN}/")
    box.fill("no such thing")
    box.press("Enter")
    expect(page.get_by_text("Nothing fits among the people, programs, and courses")).to_be_visible()


def test_a_check_is_no_job_that_waits(reader: Visit, world: World) -> None:
    """What was looked at only stands among the jobs, not on the first page."""
    start_roster_check(world.course, "sam", actor_id=world.instructor.pk)
    page = reader.open("/")
    expect(page.get_by_text("No jobs yet.")).to_be_visible()


def test_times_are_told_in_the_readers_zone(reader: Visit, crowd: World) -> None:
    reader.open("/")
    page = reader.open(f"/courses/{KEY}/history/")
    expect(page.get_by_text("Times are in Europe/")).to_be_visible()
    at = page.locator("tbody time").first.get_attribute("datetime")
    assert at is not None and at.endswith(("+01:00", "+02:00"))
