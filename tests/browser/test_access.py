"""Who may do what, and one's own account."""

from collections.abc import Callable

from playwright.sync_api import expect

from matricula.models import Account, RoleGrant
from tests.browser.conftest import Visit
from tests.conftest import World
from tests.university import OWN, University


def test_a_role_is_granted_and_withdrawn(visit: Callable[..., Visit], university: University) -> None:
    page = visit(university.root).open("/access/")
    page.get_by_role("link", name="Grant a role on programs").click()
    page.get_by_label("Person", exact=True).fill("sam")
    page.get_by_label("Role", exact=True).select_option("read_reports")
    page.get_by_label("Where", exact=True).select_option("program")
    page.get_by_label("Program or organization").fill(OWN)
    page.get_by_label("Reason", exact=True).fill("new registrar")
    page.get_by_role("button", name="Grant").click()
    expect(page.get_by_text("The access was granted.")).to_be_visible()
    assert RoleGrant.objects.filter(account__username="sam", role="read_reports", program=university.own).exists()
    page.get_by_role("link", name="Withdraw read_reports from sam").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Withdraw")
    page.get_by_label("Reason", exact=True).fill("left the office")
    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_text("The access was withdrawn.")).to_be_visible()
    expect(page.locator("main")).to_contain_text("left the office")
    assert not RoleGrant.objects.filter(account__username="sam").exists()


def test_the_language_of_an_account_is_that_of_its_pages(visit: Callable[..., Visit], world: World) -> None:
    page = visit(world.learner).open("/account/")
    page.get_by_label("Language", exact=True).select_option("es")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="Cerrar sesión")).to_be_visible()
    assert Account.objects.get(pk=world.learner.pk).language == "es"


def test_a_person_and_a_program_are_picked_by_a_part_of_their_names(
    visit: Callable[..., Visit], university: University
) -> None:
    page = visit(university.root).open("/access/grant/role/")
    person = page.get_by_label("Person", exact=True)
    assert person.get_attribute("role") == "combobox"
    person.press_sequentially("learner")
    matches = page.get_by_role("listbox", name="Matches")
    expect(matches.get_by_role("option")).to_have_count(1)
    expect(person).to_have_attribute("aria-expanded", "true")
    person.press("ArrowDown")
    option = matches.get_by_role("option").first
    expect(option).to_have_attribute("aria-selected", "true")
    assert person.get_attribute("aria-activedescendant") == option.get_attribute("id")
    person.press("Enter")
    expect(person).to_have_value("sam")
    expect(person).to_have_attribute("aria-expanded", "false")
    page.get_by_label("Role", exact=True).select_option("read_reports")
    place = page.get_by_label("Program or organization")
    place.press_sequentially("n-")
    matches.locator("[data-value]", has_text=OWN).click()
    expect(place).to_have_value(OWN)
    # what is no match closes, and stays as it was written
    reason = page.get_by_label("Reason", exact=True)
    person.press_sequentially("zzz")
    expect(matches.get_by_role("option")).to_have_text("No matches")
    person.press("Escape")
    expect(matches).to_have_count(0)
    person.fill("sam")
    reason.fill("new registrar")
    page.get_by_role("button", name="Grant").click()
    expect(page.get_by_text("The access was granted.")).to_be_visible()
    assert RoleGrant.objects.filter(account__username="sam", role="read_reports", program=university.own).exists()


def test_without_scripts_the_form_offers_what_fits(visit: Callable[..., Visit], university: University) -> None:
    visited = visit(university.root, java_script_enabled=False)
    page = visited.open("/access/grant/course-role/")
    visited.refusals.add(400)
    page.get_by_label("Person", exact=True).fill("Sam Lea")
    page.get_by_label("Course", exact=True).fill("Programming")
    page.get_by_label("Reason", exact=True).fill("helps")
    page.get_by_role("button", name="Grant").click()
    page.get_by_label("Sam Learner").check()
    page.get_by_label("Introduction to Programming").check()
    page.get_by_role("button", name="Grant").click()
    expect(page.get_by_text("The access was granted.")).to_be_visible()


def test_what_someone_can_do_is_said_with_the_reason(visit: Callable[..., Visit], university: University) -> None:
    reader = university.holder("read_enrollments", name="reader")
    page = visit(university.root).open(f"/access/people/{reader.pk}/")
    page.get_by_role("link", name="What they can do, and why").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("What reader can do")
    page.get_by_label("Can this account…").select_option("change-students")
    on = page.get_by_label("of which program, course run, or organization")
    on.press_sequentially("n-c")
    page.get_by_role("listbox", name="Matches").locator("[data-value]", has_text=OWN).click()
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("status").filter(has_text="No.")).to_contain_text("read_write_enrollments")
    page.get_by_role("link", name="Grant a role…").click()
    expect(page.get_by_label("Person", exact=True)).to_have_value("reader")
