"""The frame of every page: navigation on a phone, light and dark, on paper, without motion."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.screens import COURSE
from tests.conftest import World

PHONE = {"width": 390, "height": 844}


def test_the_navigation_of_a_phone_opens_without_a_script(visit: Callable[..., Visit], crowd: World) -> None:
    page = visit(crowd.instructor, viewport=PHONE, java_script_enabled=False).open(COURSE)
    jobs = page.get_by_role("navigation", name="Main").get_by_role("link", name="Jobs")
    expect(jobs).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    page.keyboard.press("Escape")
    expect(jobs).to_be_hidden()
    page.get_by_role("button", name="Menu").press("Enter")
    jobs.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Jobs")


def test_the_switch_of_colours_outlives_the_page(visit: Callable[..., Visit], crowd: World) -> None:
    page = visit(crowd.instructor, color_scheme="light").open("/jobs/")
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html[data-theme=dark]")).to_be_attached()
    dark = page.evaluate(background)
    assert dark != light and page.url.endswith("/jobs/")
    page.goto(COURSE)
    assert page.evaluate(background) == dark
    page.get_by_role("button", name="As the system").click()
    expect(page.locator("html[data-theme]")).to_have_count(0)
    assert page.evaluate(background) == light
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(background) == dark


def test_a_roster_on_paper_is_the_roster_alone(reader: Visit, crowd: World) -> None:
    page = reader.open(COURSE)
    page.emulate_media(media="print")
    expect(page.locator("#roster").get_by_text("p000", exact=True).first).to_be_visible()
    for away in (page.locator(".side"), page.locator(".top"), page.locator("#roster input[name=who]").first):
        expect(away).to_be_hidden()
    assert [seen.inner_text() for seen in page.get_by_role("button").all() if seen.is_visible()] == []


def test_the_head_of_a_long_table_stays(reader: Visit, crowd: World) -> None:
    page = reader.open(COURSE)
    head, long = page.locator("#roster thead th").nth(1), page.locator("#roster .long")
    expect(head).to_be_visible()
    long.evaluate("box => { box.style.maxHeight = '10rem'; box.scrollTop = 9999; }")
    places = [one.bounding_box() for one in (long, head)]
    assert places[0] and places[1] and abs(places[0]["y"] - places[1]["y"]) < 2


def test_nothing_moves_for_who_wants_that(visit: Callable[..., Visit], crowd: World) -> None:
    page = visit(crowd.instructor, reduced_motion="reduce").open("/jobs/")
    name = """() => {
        const place = document.createElement("p");
        place.className = "skeleton";
        document.body.append(place);
        return getComputedStyle(place).animationName;
    }"""
    assert page.evaluate(name) == "none"
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(name) == "shine"
