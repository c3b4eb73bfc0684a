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
