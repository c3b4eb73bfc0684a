"""Outgoing mail: seen as its reader gets it, and recalled before it leaves."""

from collections.abc import Callable

from playwright.sync_api import expect

from matricula.models import OutgoingMail
from tests.browser.conftest import Visit
from tests.conftest import World


def test_a_mail_is_read_and_recalled(visit: Callable[..., Visit], world: World) -> None:
    world.enroll("sam", email=True, reason="As agreed")
    page = visit(world.instructor).open("/mail/")
    page.get_by_role("link", name="Enrolled in a course").click()
    message = page.frame_locator("iframe")
    expect(message.get_by_text("The course staff has enrolled you in")).to_be_visible()
    expect(message.get_by_text("As agreed")).to_be_visible()
    # its own styles are there, and nothing of it runs
    assert message.locator("blockquote").evaluate("element => getComputedStyle(element).borderLeftWidth") == "4px"
    page.get_by_role("link", name="Recall…").click()
    page.get_by_label("Reason", exact=True).fill("Wrong list")
    page.get_by_role("button", name="Recall").click()
    expect(page.get_by_text("1 email was recalled.")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Wrong list")
    assert OutgoingMail.objects.get().recalled is not None


def test_selected_mails_are_recalled(visit: Callable[..., Visit], world: World) -> None:
    world.enroll("sam", "staff", email=True)
    page = visit(world.admin).open("/mail/")
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Recall selected…").click()
    page.get_by_label("Reason", exact=True).fill("Too early")
    page.get_by_role("button", name="Recall").click()
    expect(page.get_by_text("1 email was recalled.")).to_be_visible()
    assert OutgoingMail.objects.filter(recalled__isnull=False).count() == 1
