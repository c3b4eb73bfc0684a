"""People, found and looked at: by keyboard, by mouse, and without any script."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from matricula.models import Account
from tests.browser.conftest import Visit
from tests.browser.test_reach import barriers, budget
from tests.conftest import KEY, World, make_account


@pytest.fixture
def ines(world: World) -> Account:
    """A learner of the course, with an accent in each name."""
    account = make_account("iigomez", first_name="Inés", last_name="Ibarra Gómez", email="ines.ibarra@example.org")
    world.enroll("iigomez")
    return account


def field(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Search people, programs, and courses")


def test_someone_is_found_and_opened_by_keyboard_alone(reader: Visit, ines: Account) -> None:
    page = reader.open("/jobs/")
    search = field(page)
    page.keyboard.press("/")
    expect(search).to_be_focused()
    expect(search).to_have_value("")
    expect(search).to_have_attribute("aria-expanded", "false")
    page.keyboard.type("gomez in")
    suggested = page.get_by_role("option", name="Inés Ibarra Gómez")
    expect(suggested).to_be_visible()
    expect(search).to_have_attribute("aria-expanded", "true")

    page.keyboard.press("Escape")
    expect(suggested).to_be_hidden()
    expect(search).to_have_attribute("aria-expanded", "false")
    expect(search).to_have_value("gomez in")

    page.keyboard.press("ArrowDown")
    expect(suggested).to_be_visible()
    expect(suggested).to_have_attribute("aria-selected", "true")
    expect(search).to_have_attribute("aria-activedescendant", suggested.get_attribute("id") or "")
    page.keyboard.press("ArrowUp")
    expect(suggested).to_have_attribute("aria-selected", "false")
    page.keyboard.press("ArrowDown")
    expect(search).to_have_attribute("aria-activedescendant", suggested.get_attribute("id") or "")
    # other words, other suggestions: what was marked isn't any more
    page.keyboard.type("e")
    expect(search).not_to_have_attribute("aria-activedescendant", re.compile("."))
    expect(suggested).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{reader.page.url.split('/jobs')[0]}/people/{ines.pk}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Inés Ibarra Gómez")


def test_a_slash_that_someone_types_stays_theirs(reader: Visit, world: World) -> None:
    page = reader.open("/people/")
    page.get_by_label("Who are you looking for?").focus()
    page.keyboard.type("a/b")
    expect(page.get_by_label("Who are you looking for?")).to_have_value("a/b")
    expect(field(page)).to_have_value("")


def test_enter_without_a_choice_leads_to_all_that_is_found(reader: Visit, ines: Account) -> None:
    page = reader.open("/")
    page.keyboard.press("/")
    page.keyboard.type("ibarra")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Search: ibarra")
    page.get_by_role("region", name="People").get_by_role("link", name="Inés Ibarra Gómez").click()
    expect(page.get_by_role("region", name="Courses")).to_contain_text("Introduction to Programming")
    # who was looked at is at hand the next time
    page.goto("/people/")
    expect(page.get_by_role("region", name="Recently viewed")).to_contain_text("Inés Ibarra Gómez")


def test_a_suggestion_is_clicked(reader: Visit, ines: Account) -> None:
    page = reader.open("/")
    field(page).click()
    page.keyboard.type("programming")
    page.get_by_role("option", name="Introduction to Programming").click()
    expect(page).to_have_url(f"{reader.page.url.split('/courses')[0]}/courses/{KEY}/")


def test_without_scripts_the_pages_say_the_same(visit: Callable[..., Visit], world: World, ines: Account) -> None:
    page = visit(world.instructor, java_script_enabled=False).open("/people/")
    page.get_by_label("Who are you looking for?").fill("ines ibarra")
    page.locator("main").get_by_role("button", name="Search").click()
    page.locator("main").get_by_role("link", name="Inés Ibarra Gómez").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Inés Ibarra Gómez")
    expect(page.get_by_role("region", name="Courses")).to_contain_text("Introduction to Programming")
    # the field in the head of each page searches too
    field(page).fill("programming")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Courses")).to_contain_text("Introduction to Programming")


def test_open_suggestions_shut_nobody_out(reader: Visit, ines: Account) -> None:
    page = reader.open("/people/")
    page.keyboard.press("/")
    page.keyboard.type("in")
    expect(page.get_by_role("option", name="Inés Ibarra Gómez")).to_be_visible()
    page.keyboard.press("ArrowDown")
    assert [*budget(page), *barriers(page)] == []
