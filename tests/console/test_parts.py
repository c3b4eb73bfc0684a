"""No address leads to a bare part of a page: not when it is opened by itself, and not when the browser goes back."""

import re
from pathlib import Path

import pytest

import matricula
from tests.conftest import World
from tests.console.conftest import Reader
from tests.console.test_permissions import PAGES, Place, make_place

TEMPLATES = sorted((Path(matricula.__file__).parent / "console" / "templates").rglob("*.html"))
_ASKED = re.compile(r"""hx-get="{% url '(\w+)'""")
RESTORED = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
LOADED = {"HX-Request": "true"}
BELOW_FIELDS = {"search_suggestions", "access_find"}


@pytest.fixture
def place(world: World) -> Place:
    return make_place(world)


def parts() -> set[str]:
    """The names of the addresses that htmx asks for a part by itself, without those asked again by a form."""
    found = {name for page in TEMPLATES for name in _ASKED.findall(page.read_text(encoding="utf-8"))}
    return found - {"program", "course"} | {"job_progress", "plan_progress"}


@pytest.mark.parametrize("headers", [{}, RESTORED, {"HX-Request": "true", "HX-Boosted": "true"}])
def test_every_address_by_itself_is_a_whole_page(place: Place, headers: dict[str, str]) -> None:
    root, seen = place.reader("superuser"), 0
    for name, page in PAGES.items():
        # an email is a document of its own, in a frame
        if page.get != 200 or name == "mail_message":
            continue
        answer = root.get(place.address(name), headers=headers)
        assert answer.status_code == 200, name
        if not answer.headers["Content-Type"].startswith("text/html"):
            continue
        text = answer.content.decode()
        assert text.startswith("<!doctype html>") and text.rstrip().endswith("</html>") and "<h1" in text, name
        seen += 1
    assert seen > 50


def test_htmx_gets_parts_and_a_part_leads_to_its_page(place: Place) -> None:
    root = Reader(place.university.root)
    assert {"program_numbers", "program_courses", "course_curve", "news"} < parts()
    for name in parts() - {"news"}:
        address = place.address(name)
        part = root.get(address, **LOADED)
        assert "<html" not in part, name
        if name in BELOW_FIELDS:
            # what is below a field while somebody types has no page of its own: it leads to the one that does the same
            assert "<html" in root.get(root.http.get(address)["Location"]), name
            continue
        whole = root.get(address)
        page = address.removesuffix(f"{name.rpartition('_')[2]}/")
        assert f'href="{page}"' in whole and "Show the whole page" in whole, name


def test_news_by_themselves_are_the_first_page(place: Place) -> None:
    assert place.reader("superuser").get("/news/")["Location"] == "/"
    assert "<html" not in Reader(place.university.root).get("/news/", **LOADED)
