"""Everybody can use every screen: with a screen reader, on a narrow phone, with a keyboard."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.screens import Screen, all_screens
from tests.conftest import World
from tests.university import University

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
_RUN = """
async () => (await axe.run()).violations
    .filter(found => ["serious", "critical"].includes(found.impact))
    .map(found => found.id + ": " + found.nodes.map(node => node.html.slice(0, 200)).join(" | "))
"""
NARROW = {"width": 320, "height": 640}
# what stands out of the page's right edge
_OUTSIDE = """
() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("main *, header *")]
    .filter(found => found.getBoundingClientRect().right > innerWidth + 1 && !found.closest(".table-responsive table"))
    .map(found => found.outerHTML.slice(0, 120))
"""
_FOCUS = """
() => {
    const seen = document.activeElement, style = getComputedStyle(seen), box = seen.getBoundingClientRect();
    return {
        name: (seen.getAttribute("aria-label") || seen.innerText || seen.name || seen.tagName).trim(),
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


@pytest.mark.parametrize("language", ["en", "es"])
def test_axe_finds_no_serious_fault(language: str, visit: Callable[..., Visit], screens: dict[str, Screen]) -> None:
    faults: dict[str, list[str]] = {}
    for name, page in shown(visit, screens, language=language):
        assert page.locator("html").get_attribute("lang") == language, name
        page.evaluate(AXE)
        if found := page.evaluate(_RUN):
            faults[name] = found
    assert faults == {}


def test_nothing_stands_out_at_320_pixels(visit: Callable[..., Visit], screens: dict[str, Screen]) -> None:
    wide = {
        name: outside for name, page in shown(visit, screens, viewport=NARROW) if (outside := page.evaluate(_OUTSIDE))
    }
    assert wide == {}
