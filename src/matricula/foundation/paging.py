"""Pages of a list: what an address may ask for, and where a page is among others."""

from typing import NamedTuple

from matricula.foundation.text import whole_number

FARTHEST_PAGE = 10**12
"""Further than any list goes; times the rows of a page, a number of PostgreSQL's all the same."""


class Page(NamedTuple):
    """A page by its number, from 1, and how many rows it has."""

    number: int
    size: int

    @property
    def offset(self) -> int:
        """How many rows are before this page."""
        return (self.number - 1) * self.size

    @property
    def end(self) -> int:
        """How many rows there are up to the end of this page, if it is full."""
        return self.number * self.size


def page_number(text: str) -> int | None:
    """Return the number of a page; None for what is none."""
    return whole_number(text, FARTHEST_PAGE) or None


def page_size(text: str, largest: int) -> int | None:
    """Return a number of rows from 1 to ``largest``; None for what is none."""
    size = whole_number(text, largest + 1)
    return size if size and size <= largest else None


def last_page(count: int, size: int) -> int:
    """Return the number of the last page of so many rows; an empty list has one page."""
    return max(1, -(-count // size))
