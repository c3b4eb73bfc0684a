"""The tour of the demo, what terms mean, and which fields are required: by keyboard, and without scripts."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.screens import COURSE
from tests.conftest import World


@pytest.fixture
def demo(settings: Any, tmp_path: Path) -> None:
    """As ``matricula up`` leaves its folder."""
    (tmp_path / "demo-login.json").write_text("{}")
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, data=tmp_path)


def test_the_tour_is_walked_by_keyboard_without_scripts(demo: None, visit: Callable[..., Visit], world: World) -> None:
    page = visit(world.instructor, java_script_enabled=False).open("/")
    tour = page.get_by_role("complementary", name="Tour of the demo")
    tour.get_by_role("link", name="Take the tour").focus()
    page.keyboard.press("Enter")
    for step in range(1, 6):
        expect(tour).to_contain_text(f"step {step} of 5")
        tour.get_by_role("link", name="Next:" if step < 5 else "Finish the tour").focus()
        page.keyboard.press("Enter")
    expect(tour.get_by_role("link", name="Take the tour of the demo again")).to_be_visible()


def test_a_term_is_explained_by_keyboard(reader: Visit, crowd: World) -> None:
    page = reader.open("/")
    page.get_by_role("button", name="What does “mode” mean?").focus()
    meaning = page.get_by_text("The kind of enrollment, such as audit or verified.")
    expect(meaning).to_be_hidden()
    page.keyboard.press("Enter")
    expect(meaning).to_be_visible()
    page.keyboard.press("Escape")
    expect(meaning).to_be_hidden()


def test_required_fields_are_marked_by_themselves(reader: Visit, crowd: World) -> None:
    page = reader.open(f"{COURSE}why/")
    unmarked = page.evaluate(
        """() => [...document.querySelectorAll("main :required")].filter(field => ![...field.labels]
            .some(label => getComputedStyle(label, "::after").content.includes("*"))).map(field => field.name)"""
    )
    assert unmarked == []
    expect(page.get_by_text("* Required")).to_be_visible()
