"""A security key, as a browser has it: added, asked for, and a second factor that a role requires."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from matricula.models import Account
from tests.browser.conftest import Visit
from tests.conftest import PASSWORD, World

KEY = {
    "protocol": "ctap2",
    "transport": "usb",
    "hasResidentKey": False,
    "hasUserVerification": True,
    "isUserVerified": True,
}


def log_in(page: Page, account: Account) -> None:
    page.get_by_label("Username or email address").fill(account.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Log in").click()


def test_a_security_key_is_added_and_asked_for(visit: Callable[..., Visit], world: World, site: str) -> None:
    # keys know hosts by their names, and no numbers
    address = site.replace("127.0.0.1", "localhost")
    reader = visit(None)
    device = reader.context.new_cdp_session(reader.page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": KEY | {"automaticPresenceSimulation": True}})
    page = reader.open(f"{address}/login/?next=/account/second-factor/")
    log_in(page, world.learner)
    page.get_by_role("link", name="Add security key").click()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Name of the key").fill("my key")
    page.get_by_role("button", name="Add security key").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    page.get_by_role("link", name="Back to the second factor").click()
    expect(page.get_by_text("my key")).to_be_visible()

    reader.open(f"{address}/logout/")
    page.locator("main").get_by_role("button", name="Log out").click()
    reader.open(f"{address}/login/?next=/my/")
    log_in(page, world.learner)
    page.get_by_role("button", name="Use your security key").click()
    expect(page.get_by_role("link", name="Log out")).to_be_visible()
