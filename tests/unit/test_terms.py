"""Terms of the field are explained where they appear, by one table, in the words of the glossary."""

import re
from pathlib import Path

import pytest
from django.template import engines

import matricula
from matricula.console.terms import TERMS

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((Path(matricula.__file__).parent / "console" / "templates").rglob("*.html"))
# by the tag, or handed to the heading of a column
_USES = re.compile(r"(?:{% *term +|\bmeaning=)\"([^\"]*)\"")
_ANY_USE = re.compile(r"{% *term\b(?! meaning %})|\bmeaning=")


def used() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    assert len(TEMPLATES) > 100
    for page in TEMPLATES:
        text = page.read_text(encoding="utf-8")
        assert len(_ANY_USE.findall(text)) == len(_USES.findall(text)), f"{page.name}: a term is named by its word"
        for name in _USES.findall(text):
            found.setdefault(name, set()).add(page.name)
    return found


def test_every_term_that_is_used_has_its_text_and_every_text_is_used() -> None:
    assert set(used()) == set(TERMS)


@pytest.mark.parametrize("name", TERMS)
def test_a_term_is_in_the_glossary(name: str) -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").lower()
    assert str(TERMS[name].name).lower() in glossary


def test_an_explanation_opens_without_scripts_and_each_has_its_own_id() -> None:
    page = engines["django"].from_string('{% term "mode" %}{% term "mode" %}').render({})
    targets = re.findall(r'popovertarget="([^"]+)"', page)
    assert len({*targets}) == 2 and all(f'id="{target}"' in page for target in targets)
    assert page.count('aria-label="What does “mode” mean?"') == 2 and page.count(" popover ") == 2


def test_texts_are_short() -> None:
    assert {name: len(str(term.meaning)) for name, term in TERMS.items() if len(str(term.meaning)) > 190} == {}
