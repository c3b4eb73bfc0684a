"""The look has one vocabulary: classes that templates use are styled, colours are tokens, and text can be read."""

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

import matricula

SOURCE = Path(matricula.__file__).parent
STATIC = SOURCE / "console" / "static"
TOKENS = STATIC / "matricula" / "tokens.css"
SHEETS = [TOKENS, *(STATIC / "matricula" / f"{name}.css" for name in ("layout", "console"))]
PAGES = sorted((SOURCE / "console" / "templates").rglob("*.html"))
# written by a template tag, by a script, by htmx
NOT_IN_TEMPLATES = {"icon", "over", "waiting"}
# what is only there to be found, and looks like what is around it
NOT_STYLED: set[str] = set()
# text on what is behind it
PAIRS = [
    *((ink, on) for ink in ("ink", "second", "accent", "accent-strong") for on in ("page", "surface", "sunken")),
    ("bad", "page"), ("bad", "surface"), ("danger", "surface"), ("danger", "page"), ("on-danger", "danger"),
    ("on-accent", "accent"), ("on-accent", "accent-strong"), ("accent-strong", "accent-soft"), ("ink", "accent-soft"),
    *((word, f"{word}-soft") for word in ("good", "warn", "bad", "info", "quiet")),
    ("ink", "past-soft"), ("second", "past-soft"), ("accent", "past-soft"),
]  # fmt: skip
# edges of what can be used, and lines of charts
EDGES = [
    ("edge", "surface"),
    ("edge", "page"),
    ("accent", "surface"),
    ("danger", "surface"),
    ("more", "surface"),
    ("less", "surface"),
]


def without_comments(sheet: Path) -> str:
    return re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)


def styled() -> set[str]:
    selectors = " ".join(re.findall(r"([^{}]+)\{", "".join(map(without_comments, SHEETS))))
    return set(re.findall(r"\.([a-z][\w-]*)", selectors))


def classes_of(page: str) -> set[str]:
    """The classes that a template names, whichever way its conditions go."""
    values = re.findall(r'\sclass="((?:\{%.*?%\}|\{\{.*?\}\}|[^"{])*)"', page)
    values += re.findall(r'\{% block kind %\}\{\{ "([^"]*)" \}\}', page)
    return {word for value in values for word in re.sub(r"\{[%{].*?[%}]\}", " ", value).split()}


def used() -> set[str]:
    return set().union(*(classes_of(page.read_text(encoding="utf-8")) for page in PAGES))


def test_classes_of_templates_are_styled() -> None:
    assert used() - styled() - NOT_STYLED == set()


def test_styled_classes_are_used() -> None:
    assert styled() - used() == NOT_IN_TEMPLATES


def test_colours_stand_in_the_tokens_alone() -> None:
    others = "".join(without_comments(sheet) for sheet in SHEETS[1:])
    assert len(others) > 1_000
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(|light-dark\(", others) == []


def test_tokens_that_are_used_are_there_and_the_others_are_not() -> None:
    named = set(re.findall(r"var\((--[\w-]+)\)", "".join(map(without_comments, SHEETS))))
    defined = set(re.findall(r"(--[\w-]+):", without_comments(TOKENS)))
    assert named == defined


def colours() -> dict[str, tuple[str, str]]:
    found = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);", without_comments(TOKENS))
    return {name: (light, dark) for name, light, dark in found}


def luminance(colour: str) -> float:
    parts = [int(colour[at:end], 16) / 255 for at, end in pairwise((1, 3, 5, 7))]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(PAIRS, 4.5), (EDGES, 3)], ids=["text", "edges"])
def test_what_is_read_stands_out(pairs: list[tuple[str, str]], least: float, mode: int) -> None:
    tokens = colours()
    poor = {
        (ink, behind): round(contrast(tokens[ink][mode], tokens[behind][mode]), 2)
        for ink, behind in pairs
        if contrast(tokens[ink][mode], tokens[behind][mode]) < least
    }
    assert poor == {}


def test_icons_of_pages_are_the_sprite() -> None:
    wanted = {name for page in PAGES for name in re.findall(r'\{% icon "([^"]+)" %\}', page.read_text())}
    sprite = (STATIC / "vendor" / "icons.svg").read_text(encoding="utf-8")
    listed = json.loads((SOURCE.parent.parent / "locks" / "vendor.json").read_text())[-1]["sprite"]["icons"]
    assert wanted == set(listed) == set(re.findall(r'<symbol id="([^"]+)"', sprite))


# tables that are there only where there is something: their own page leaves the panel away, or they are never empty
NEVER_EMPTY = {
    "_act_change", "_changes", "_curve", "_file_understood", "_program_courses", "_program_courses_wait", "_rows",
    "_why_beside", "merge", "people/_invitations", "people/_list", "people/_programs", "second_factor/codes",
    "second_factor/index", "undo", "welcome",
}  # fmt: skip
_SAYS_EMPTY = re.compile(r'class="[^"]*\bempty\b|_no_matches\.html')


def test_every_table_says_what_it_is_when_it_is_empty() -> None:
    """A table that can be empty, or a page that includes it, has an empty state."""
    texts = {str(page.relative_to(page.parents[1 if page.parent.name == "matricula" else 2])): page.read_text("utf-8")
             for page in PAGES}  # fmt: skip
    texts = {name.removeprefix("matricula/").removesuffix(".html"): text for name, text in texts.items()}

    def says(name: str) -> bool:
        holders = [other for other, text in texts.items() if f'include "matricula/{name}.html"' in text]
        return bool(_SAYS_EMPTY.search(texts[name])) or (bool(holders) and all(says(holder) for holder in holders))

    tables = {name for name, text in texts.items() if "<table" in text}
    assert len(tables) > 30
    assert {name for name in tables - NEVER_EMPTY if not says(name)} == set()


def test_filters_that_find_nothing_can_be_cleared() -> None:
    """Each says so by the one part that has the button, or has a button of its own beside the words."""
    texts = {page.name: page.read_text("utf-8") for page in PAGES}
    places = [(name, found.end()) for name, text in texts.items() for found in re.finditer(r"Nothing here fits", text)]
    assert places
    assert [name for name, end in places if "Clear filters" not in texts[name][end : end + 300]] == []
    assert [name for name, text in texts.items() if "No matches. Change the search" in text] == []
