"""Everybody can use every screen: with a screen reader, on a narrow phone, with a keyboard."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.screens import COURSE, Screen, all_screens
from tests.conftest import World
from tests.university import University

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
_RUN = """
async (only) => (await axe.run({resultTypes: ["violations"], ...(only && {runOnly: only})})).violations
    .filter(found => ["serious", "critical"].includes(found.impact))
    .map(found => found.id + ": " + found.nodes.map(node => node.html.slice(0, 200)).join(" | "))
"""
# what a page takes of ours, packed, as if nothing of it had been kept; and how much of it has moved by itself
_TAKEN = """
() => ["navigation", "resource"].flatMap(kind => performance.getEntriesByType(kind))
    .reduce((sum, entry) => sum + entry.encodedBodySize, 0)
"""
_MOVED = """
() => new Promise(tell => {
    let moved = 0;
    new PerformanceObserver(list => list.getEntries().forEach(entry => { moved += entry.value; }))
        .observe({type: "layout-shift", buffered: true});
    setTimeout(() => tell(moved), 50);
})
"""
# bytes; and what browsers' makers call good, for a machine so busy that a table comes in pieces
MOST_TAKEN, MOST_MOVED = 100_000, 0.1
WIDE, NARROW = {"width": 1280, "height": 720}, {"width": 320, "height": 640}
# what stands out of the page's right edge
OUTSIDE = """
() => document.documentElement.scrollWidth <= innerWidth ? [] : ["wide: " + document.documentElement.scrollWidth,
    ...[...document.querySelectorAll("main *, header *")]
    .filter(found => found.getBoundingClientRect().right > innerWidth).map(found => found.outerHTML.slice(0, 120))]
"""
# tables that have to be moved sideways to be read
SIDEWAYS = """
() => [...document.querySelectorAll(".long")].filter(box => box.scrollWidth > box.clientWidth + 1)
    .map(box => `sideways: ${box.scrollWidth} in ${box.clientWidth}: ${box.innerText.slice(0, 80)}`)
"""
_FOCUS = """
() => {
    const seen = document.activeElement, style = getComputedStyle(seen), box = seen.getBoundingClientRect();
    return {
        name: (seen.getAttribute("aria-label") || seen.name || seen.innerText || seen.tagName).trim(),
        visible: (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none",
        inside: box.width > 0 && box.right > 0 && box.left < innerWidth,
    };
}
"""


@pytest.fixture
def screens(crowd: World, university: University) -> dict[str, Screen]:
    return all_screens(university)


def shown(visit: Callable[..., Visit], screens: dict[str, Screen], **how: Any) -> Iterator[tuple[str, Page]]:
    """Each screen, opened by its reader."""
    visits: dict[Any, Visit] = {}
    for name, screen in screens.items():
        key = screen.account and screen.account.pk
        if key not in visits:
            visits[key] = visit(screen.account, **how)
        page = visits[key].open(screen.address, screen.status)
        # what htmx loads after the page belongs to it
        expect(page.locator("[hx-trigger=load].htmx-request")).to_have_count(0)
        yield name, page


# all screens in English, in parts that several processes share; most screens are made of the same parts, and the words
# of every fifth in another language show whether longer ones fit
PARTS = [("en", slice(part, None, 2)) for part in range(2)] + [("es", slice(0, None, 5))]


def budget(page: Page) -> list[str]:
    """What is too much about how the page comes."""
    taken, moved = page.evaluate(_TAKEN), page.evaluate(_MOVED)
    return [f"takes {taken} bytes"] * (taken > MOST_TAKEN) + [f"moves by {moved:.3f}"] * (moved > MOST_MOVED)


def barriers(page: Page) -> list[str]:
    """What axe finds in the page, and in its dark colours."""
    page.evaluate(AXE)
    found: list[str] = page.evaluate(_RUN, None)
    page.emulate_media(color_scheme="dark")
    found += [f"dark: {one}" for one in page.evaluate(_RUN, ["color-contrast"])]
    page.emulate_media(color_scheme="light")
    return found


@pytest.mark.parametrize(("language", "part"), PARTS, ids=lambda part: getattr(part, "start", part))
def test_no_screen_shuts_anybody_out(
    language: str, part: slice, visit: Callable[..., Visit], screens: dict[str, Screen]
) -> None:
    """Axe finds no serious problem, light or dark; a page is small and stays where it is; no table is wider than its
    place at 1280 pixels, and nothing stands out to the right at 320.
    """
    screens = dict(list(screens.items())[part])
    problems: dict[str, list[str]] = {}
    seen = 0
    for name, page in shown(visit, screens, language=language):
        assert page.locator("html").get_attribute("lang") == language, name
        # words of another language change how wide a page is, and whether buttons are named as they read
        found = [*page.evaluate(SIDEWAYS), *barriers(page)]
        if language == "en":
            found += budget(page)
        page.set_viewport_size(NARROW)
        if found := [*found, *page.evaluate(OUTSIDE)]:
            problems[name] = found
        page.set_viewport_size(WIDE)
        seen += 1
    assert problems == {}
    assert seen == len(screens) > 10


def tab_through(page: Page, stops: int) -> list[dict[str, Any]]:
    """What the tabulator key comes to, from the top of the page."""
    seen = []
    for _ in range(stops):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(_FOCUS))
    return seen


@pytest.mark.parametrize(
    ("address", "actions"),
    [
        (
            "/",
            [
                "Matricula",
                "Jobs",
                "Search people, programs, and courses",
                "Log out",
                "Introduction to Programming (2027_T1)",
            ],
        ),
        (COURSE, ["Enroll people", "Unenroll people", "q", "state", "Select all rows shown", "p000"]),
        (f"{COURSE}enroll/", ["who", "file", "mode", "auto_enroll", "Review changes"]),
        ("/jobs/", ["state", "Show"]),
    ],
)
def test_the_keyboard_reaches_the_main_actions_in_order(
    address: str, actions: list[str], reader: Visit, crowd: World
) -> None:
    page = reader.open(address)
    [skip] = tab_through(page, 1)
    assert skip == {"name": "Skip to content", "visible": True, "inside": True}
    seen = tab_through(page, 48)
    names = [stop["name"] for stop in seen]
    assert [name for name in names if name in actions][: len(actions)] == actions
    last = names.index(actions[-1])
    assert [stop for stop in seen[: last + 1] if not (stop["visible"] and stop["inside"])] == []


def test_the_skip_link_leads_past_the_head(reader: Visit, crowd: World) -> None:
    page = reader.open(COURSE)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    assert tab_through(page, 1)[0]["name"] == "Courses"


def test_a_roster_is_worked_by_keyboard_alone(reader: Visit, crowd: World) -> None:
    page = reader.open(f"{COURSE}?q=p01")
    page.get_by_label("Select p010").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Unenroll…").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Reason").focus()
    page.keyboard.type("By keyboard")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("applied")
