"""The pages of a list with numbers: which one is shown, and how the others are reached."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from django.http import HttpRequest

from matricula.console import inputs
from matricula.foundation.paging import Page, last_page

PAGE = 25
SIZES = (25, 50, 100, 250)


@dataclass(frozen=True, slots=True)
class Pages:
    """Where a page is among others; ``query`` is the address of the list without its page.

    ``is_exact`` False: there are more than ``count``; those behind it are reached one page after the other, from the
    row ``after`` which the page ends (``before``: with which it begins). ``sizes``: what a reader may choose.
    """

    page: int
    count: int
    query: str
    size: int
    is_exact: bool = True
    sizes: Sequence[int] = ()
    before: int | None = None
    after: int | None = None

    @property
    def first(self) -> int:
        """The number of the first row shown."""
        return min(self.offset + 1, self.count) if self.is_exact else self.offset + 1

    @property
    def last(self) -> int:
        """The number of the last row shown."""
        end = Page(self.page, self.size).end
        return min(end, self.count) if self.is_exact else end

    @property
    def pages(self) -> int:
        """How many pages there are that are reached by their numbers."""
        return last_page(self.count, self.size)

    @property
    def offset(self) -> int:
        """How many rows are before this page."""
        return Page(self.page, self.size).offset

    @property
    def next(self) -> str:
        """The query of the page behind this one; "" for the last one."""
        if self.page < self.pages:
            return self.at(self.page + 1)
        return self.at(self.page + 1, after=self.after) if self.after is not None else ""

    @property
    def previous(self) -> str:
        """The query of the page before this one; "" for the first one."""
        if self.page == 1:
            return ""
        walks = self.page - 1 > self.pages and self.before is not None
        return self.at(self.page - 1, before=self.before) if walks else self.at(self.page - 1)

    @property
    def start(self) -> str:
        """The query of the first page."""
        return self.at(1)

    @property
    def end(self) -> str:
        """The query of the last page; "" where no one knows which it is."""
        return self.at(self.pages) if self.is_exact else ""

    def at(self, page: int, **place: int | None) -> str:
        """The query of a page."""
        asked = urlencode({"page": page, **{name: row for name, row in place.items() if row is not None}})
        return f"{self.query}&{asked}" if self.query else asked

    @property
    def kept(self) -> list[tuple[str, str]]:
        """The query without its page, name by name."""
        return parse_qsl(self.query)

    @property
    def smallest(self) -> int:
        """The smallest size that a reader may choose."""
        return min(self.sizes)

    @property
    def resized(self) -> list[tuple[int, str]]:
        """Each size with the query of the page that has the first row shown."""
        kept = [(name, value) for name, value in self.kept if name != "size"]
        return [(size, urlencode([*kept, ("size", size), ("page", self.offset // size + 1)])) for size in self.sizes]


def pages_of(page: int, count: int, query: str, size: int, sizes: Sequence[int] = ()) -> Pages:
    """Where the page asked for is; one past the end is the last one."""
    return Pages(min(page, last_page(count, size)), count, query, size, sizes=sizes)


def size_of(request: HttpRequest, default: int = PAGE) -> int:
    """How many rows a page has that the reader asks for."""
    return int(inputs.choice(request.GET, "size", [*map(str, SIZES)], str(default)))


@dataclass(frozen=True, slots=True)
class Sorting:
    """The order of a table: ``query`` of each column's name is the address of the list by it, ``orders`` of them that
    are by it now.
    """

    chosen: str
    queries: dict[str, str]
    orders: dict[str, str]


def sorting_of(sort: str, asked: str, given: Mapping[str, str], sorts: Sequence[str]) -> Sorting:
    """The order now (``sort``), and how a column is asked for: once more, the other way round."""
    columns = [name for name in sorts if not name.startswith("-")]
    turned = {name: f"-{name}" if sort == name else name for name in columns}
    queries = {name: urlencode({**given, "sort": turned[name]}) for name in columns}
    order = "descending" if sort.startswith("-") else "ascending"
    return Sorting(asked, queries, {sort.removeprefix("-"): order})
