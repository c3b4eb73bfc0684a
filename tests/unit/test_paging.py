"""One reading of pages for the APIs and the console."""

import re
from pathlib import Path

import pytest

import matricula
from matricula.foundation.paging import FARTHEST_PAGE, Page, last_page, page_number, page_size

SOURCE = Path(matricula.__file__).parent
ROUNDED_UP = re.compile(r"-\(-.* // |\(page - 1\) \* ")


@pytest.mark.parametrize(
    ("text", "number"),
    [("1", 1), ("007", 7), ("9" * 40, FARTHEST_PAGE), *[(wrong, None) for wrong in ("0", "", "-1", "1.5", "x", "٣")]],
)
def test_numbers_of_pages(text: str, number: int | None) -> None:
    assert page_number(text) == number


@pytest.mark.parametrize(
    ("text", "size"), [("1", 1), ("100", 100), ("101", None), ("9" * 40, None), ("0", None), ("", None)]
)
def test_sizes_of_pages(text: str, size: int | None) -> None:
    assert page_size(text, 100) == size


def test_where_a_page_is() -> None:
    assert [last_page(count, 25) for count in (0, 1, 25, 26)] == [1, 1, 1, 2]
    assert (Page(3, 25).offset, Page(3, 25).end) == (50, 75)


def test_nothing_else_counts_pages() -> None:
    files = [path for path in SOURCE.rglob("*.py") if path.name != "paging.py"]
    assert len(files) > 100
    assert [str(path) for path in files if ROUNDED_UP.search(path.read_text())] == []
