"""The pages of a list with numbers: which one is shown, and how the others are reached."""

from dataclasses import dataclass

from matricula.foundation.paging import Page, last_page

PAGE = 25


@dataclass(frozen=True, slots=True)
class Pages:
    """Where a page is among others; ``query`` is the address of the list without its page."""

    page: int
    count: int
    query: str
    size: int

    @property
    def first(self) -> int:
        """The number of the first row shown."""
        return min(self.offset + 1, self.count)

    @property
    def last(self) -> int:
        """The number of the last row shown."""
        return min(Page(self.page, self.size).end, self.count)

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return last_page(self.count, self.size)

    @property
    def offset(self) -> int:
        """How many rows are before this page."""
        return Page(self.page, self.size).offset


def pages_of(page: int, count: int, query: str, size: int) -> Pages:
    """Where the page asked for is; one past the end is the last one."""
    return Pages(min(page, last_page(count, size)), count, query, size)
