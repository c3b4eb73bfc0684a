"""The past of a course run: a date is picked, compared with today, and kept as a snapshot."""

import re

from playwright.sync_api import Page, expect

from matricula.models import Snapshot
from tests.browser.conftest import Visit
from tests.browser.test_reach import OUTSIDE
from tests.conftest import KEY, World
from tests.past import DAY, Past

COURSE = f"/courses/{KEY}/"
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


def fits(page: Page) -> None:
    """Nothing stands out to the right on a phone."""
    page.set_viewport_size(PHONE)
    assert page.evaluate(OUTSIDE) == []
    page.set_viewport_size(WIDE)


def test_a_date_is_picked_compared_and_kept(reader: Visit, world: World) -> None:
    past = Past()
    world.enroll("sam", "staff", mode="audit")
    past.was(20)
    world.unenroll("staff", reason="moved away")
    past.was(10)
    page = reader.open(COURSE)
    page.get_by_text("View the past…").click()
    # noon in Madrid, where the reader is
    page.get_by_label("Roster as of").fill(f"{past.noon - 15 * DAY:%Y-%m-%dT12:00}")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("This is the past.")).to_be_visible()
    expect(page).to_have_url(re.compile(r"as_of=.*%2B0[12]%3A00"))
    expect(page.get_by_role("heading", name="2 people")).to_be_visible()
    fits(page)
    page.get_by_role("link", name="Compare with now").click()
    expect(page.locator(".figures")).to_contain_text("1 Left")
    row = page.get_by_role("row", name=re.compile("^staff "))
    expect(row).to_contain_text("ended (audit)")
    fits(page)
    row.get_by_role("link").last.click()
    expect(page).to_have_url(re.compile("/operations/"))
    expect(page.get_by_role("cell", name="unenrolled")).to_be_visible()
    page.go_back()
    page.locator(f'a[href^="{COURSE}as-of/"]').first.click()
    page.get_by_label("Name").fill("Census")
    page.get_by_role("button", name="Create snapshot").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Census")
    expect(page.get_by_text(Snapshot.objects.get().digest)).to_be_visible()
    page.get_by_role("button", name="Verify the file").click()
    expect(page.get_by_text("The file is unchanged: 2 rows, and the same digest.")).to_be_visible()
    fits(page)
    page.get_by_role("link", name="Snapshots").click()
    expect(page.get_by_role("row", name=re.compile("Census"))).to_be_visible()
