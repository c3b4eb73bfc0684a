"""No page reads a value of a query or a form itself: ``console/inputs.py`` and Django's forms do, and never fail."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.http import QueryDict
from django.test import RequestFactory

from matricula import console
from matricula.console import inputs
from matricula.foundation.paging import FARTHEST_PAGE

FOLDER = Path(console.__file__).parent
VALUES = {"GET", "POST", "FILES"}
# of ``filters``, which reads by ``inputs`` alone
READERS = {"learners_of", "students_of"}
ODD = ["", "\x00", "\ud800", "9" * 5_000, "-1", "x" * 100_000, "\u202e", "²", "a\nb", "%00", "\u200b"]


def problems(code: str, place: str) -> Iterator[str]:
    """Each use of the values of a request other than handing all of them to a form or to ``inputs``."""
    tree = ast.parse(code)
    handed_on = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            owner = getattr(getattr(node.func, "value", None), "id", "")
            name = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
            if owner == "inputs" or name in READERS or name == "made" or name.endswith("Form"):
                handed_on |= {id(part) for argument in node.args for part in ast.walk(argument)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in VALUES and id(node) not in handed_on:
            yield f"{place}:{node.lineno}"


def test_values_are_read_in_one_place() -> None:
    found = [
        problem
        for path in sorted(FOLDER.rglob("*.py"))
        # the gate before all pages; tokens.py hands a library what it asks for
        if path.name not in {"arrival.py", "inputs.py", "tokens.py"}
        for problem in problems(path.read_text(encoding="utf-8"), path.name)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("request.GET.get('page')", 1),
        ("request.POST['x']", 1),
        ("'x' in self.request.POST", 1),
        ("request.FILES.get('file')", 1),
        ("inputs.word(request.GET, 'page')", 0),
        ("ReasonForm(request.POST if request.method == 'POST' else None)", 0),
    ],
)
def test_the_rule_finds_what_it_shall(code: str, count: int) -> None:
    assert len(list(problems(code, ""))) == count


@pytest.mark.parametrize("value", ODD)
def test_nothing_that_is_given_makes_them_fail(value: str) -> None:
    given = QueryDict(mutable=True)
    given.setlist("x", ["first", value])
    for text in (
        inputs.word(given, "x"),
        inputs.search_words(given, "x"),
        inputs.choice(given, "x", ("a",)),
        *inputs.lines(given, "x"),
        *inputs.initial(given, ["x", "y"]).values(),
    ):
        assert "\x00" not in text and "\ud800" not in text
    assert len(inputs.word(given, "x")) <= 255 and len(inputs.search_words(given, "x")) <= 100
    request = RequestFactory().get("/")
    for name in ("GET", "POST"):
        values = QueryDict(mutable=True)
        values.setlist("page", [value])
        values.setlist("reason", [value])
        setattr(request, name, values)
    assert 1 <= inputs.page_of(request) <= FARTHEST_PAGE
    entry = inputs.entry_of(request, "page")
    assert entry is None or 0 <= entry < 2**63
    assert "\n" not in inputs.reason_of(request)
