"""The tour of the demo: five steps through real pages, kept by the browser, and nowhere but in the demo."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client as HttpClient

from matricula.console.tour import STEPS
from tests.conftest import KEY, World
from tests.console.conftest import Reader, text_of
from tests.university import OWN, University


@pytest.fixture
def demo(settings: Any, tmp_path: Path) -> None:
    """As ``matricula up --demo`` leaves its folder."""
    (tmp_path / "demo-login.json").write_text("{}")
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, data=tmp_path)


def home(http: HttpClient) -> str:
    return text_of(http.get("/"))


def walk(http: HttpClient) -> list[str]:
    """The pages to which the links of the tour lead, from the first page on."""
    assert "Take the tour" in home(http)
    pages = []
    for step in range(1, len(STEPS) + 1):
        there = http.get(f"/tour/{step}/")
        page = http.get(there["Location"])
        assert page.status_code == 200, there["Location"]
        text = text_of(page)
        assert f"step {step} of 5" in text and str(STEPS[step - 1].words) in text
        assert step == 5 or f'href="/tour/{step + 1}/"' in text
        pages.append(there["Location"])
    assert len(pages) == 5
    return pages


def test_a_registrar_is_led_through_pages_of_a_program(demo: None, university: University) -> None:
    reader = Reader(university.writer())
    program = f"/programs/{OWN}/"
    assert walk(reader.http) == [
        "/search/?q=an", f"{program}why/", f"{program}upload/", "/operations/?actor=writer", f"{program}comparison/",
    ]  # fmt: skip


def test_an_instructor_is_led_through_pages_of_a_course_run(demo: None, world: World) -> None:
    assert walk(Reader(world.instructor).http)[1:3] == [f"/courses/{KEY}/why/", f"/courses/{KEY}/enroll/"]


def test_the_tour_goes_on_where_it_was_left_and_ends_when_it_is_ended(demo: None, world: World) -> None:
    http = Reader(world.instructor).http
    http.get("/tour/3/")
    assert "step 3 of 5" in text_of(http.get("/jobs/")) and "step 3 of 5" in home(http)
    # another person of the demo, in the same browser
    http.logout()
    http.cookies["tour"] = "3"
    http.force_login(world.staff)
    assert "step 3 of 5" in home(http)
    assert http.get("/tour/end/")["Location"] == "/"
    assert "step 3 of 5" not in text_of(http.get("/jobs/")) and "Take the tour of the demo again" in home(http)
    assert http.get("/tour/6/").status_code == http.get("/tour/0/").status_code == 404


def test_a_learner_is_not_led(demo: None, world: World) -> None:
    assert "Take the tour" not in home(Reader(world.learner).http)


def test_there_is_no_tour_but_in_the_demo(world: World) -> None:
    http = Reader(world.instructor).http
    http.cookies["tour"] = "2"
    assert "step 2 of 5" not in home(http) and "/tour/" not in home(http)
    assert http.get("/tour/1/").status_code == http.get("/tour/end/").status_code == 404
