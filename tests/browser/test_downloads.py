"""A list is taken along in each form, from the menu above it, as it is filtered."""

import csv
import io
import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.conftest import KEY, World
from tests.workbooks import rows_of

COURSE = f"/courses/{KEY}/"


def fetched(page: Page, form: str) -> tuple[str, bytes]:
    """The name and the bytes of what a click gives."""
    link = page.locator("#roster").get_by_role("link", name=form, exact=True)
    if not link.is_visible():
        page.locator("#roster details.menu > summary").first.click()
    with page.expect_download() as started:
        link.click()
    return started.value.suggested_filename, Path(started.value.path()).read_bytes()


def test_a_roster_in_each_form_as_it_is_filtered(reader: Visit, crowd: World) -> None:
    page = reader.open(COURSE)
    page.get_by_label("Search by name or email").press_sequentially("p01")
    expect(page.locator("#roster tbody tr")).to_have_count(10)
    # the table isn't exchanged any more, with the menu in it
    expect(page).to_have_url(re.compile("q=p01"))
    page.wait_for_load_state("networkidle")
    # the day is that of the reader, whose browser is in Madrid
    stem = f"North-CS101-2027_T1-roster-{datetime.now(ZoneInfo('Europe/Madrid')).date()}"
    shown = [f"p{number:03}" for number in range(10, 20)]
    name, plain = fetched(page, "CSV")
    assert name == f"{stem}.csv"
    assert [row["identifier"] for row in csv.DictReader(io.StringIO(plain.decode()))] == shown
    name, marked = fetched(page, "CSV for Excel")
    assert (name, marked) == (f"{stem}.csv", b"\xef\xbb\xbf" + plain)
    name, book = fetched(page, "Excel workbook")
    assert name == f"{stem}.xlsx"
    header, *rows = rows_of(book)
    assert header[0] == "identifier"
    assert [row[0] for row in rows] == shown
    # the page is still there, with what was searched for
    expect(page.get_by_label("Search by name or email")).to_have_value("p01")
