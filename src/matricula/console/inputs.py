"""What pages are asked for: every value of a query or a form that is not a Django form's own field is read here.

Addresses are typed, shortened and sent on by hand, so none of these functions fails: what makes no sense is as if it
were not given. ``tests/unit/test_console_inputs.py`` keeps other modules from reading values themselves.
"""

import uuid
from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict
from django.utils import timezone

from matricula.foundation import text
from matricula.foundation.paging import page_number
from matricula.foundation.text import one_line, storable, whole_number

LONGEST_WORD = 255
_LARGEST_ID, _LARGEST_NUMBER = 2**63 - 1, 2**31 - 1
# more boxes than a page has
MOST_VALUES = 1_000


def wait_for_form(request: HttpRequest) -> None:
    """Read a form to its end; files are read where it is known that they may be sent."""
    if request.content_type == "application/x-www-form-urlencoded":
        request.POST  # noqa: B018


def word(given: QueryDict, name: str, default: str = "") -> str:
    """Return a short text, such as one of a choice, or a key; one line that can be stored."""
    return one_line(given.get(name, default), LONGEST_WORD)


def all_but(given: QueryDict, *names: str) -> dict[str, str]:
    """Return what else was given, each as a short text: for links that keep it."""
    return {name: word(given, name) for name in given if name not in names}


def sent(request: HttpRequest) -> QueryDict:
    """Return the query of a page, or what its form sent."""
    return request.GET if request.method == "GET" else request.POST


def choice(given: QueryDict, name: str, known: Collection[str], default: str = "") -> str:
    """Return the word if it is one of ``known``, else ``default``."""
    found = given.get(name, default)
    return found if found in known else default


def search_words(given: QueryDict, name: str = "q") -> str:
    """Return what was written into a search field."""
    return text.words(given.get(name, ""))


def identifier(given: QueryDict, name: str) -> str:
    """Return whom someone means, also with invisible characters in it: they may be what is asked about."""
    return text.trim(storable(given.get(name, ""))[:LONGEST_WORD])


def is_given(given: QueryDict, name: str) -> bool:
    """True if there is such a value, even an empty one: a box that is ticked, a button that was pressed."""
    return name in given


def lines(given: QueryDict, name: str) -> list[str]:
    """Return the texts of a field that may be given more than once; lines stay lines."""
    return [storable(value) for value in given.getlist(name)]


def as_typed(given: QueryDict, name: str) -> str:
    """Return a text exactly as it was given: only for a password, an address that Django checks, or what a library
    checks."""
    return given.get(name, "")


def initial(given: QueryDict, fields: Iterable[str]) -> dict[str, str]:
    """Return what an address says for the fields of a form that is not sent yet."""
    return {name: word(given, name) for name in fields if name in given}


def file(request: HttpRequest, name: str = "file") -> "UploadedFile[Any] | None":
    """Return the file of a form; its name is one line that can be stored."""
    found = request.FILES.get(name)
    if found is not None:
        found.name = one_line(found.name or "", LONGEST_WORD)
    return found


def page_of(request: HttpRequest) -> int:
    """Return the number of the page asked for, from 1."""
    return page_number(request.GET.get("page", "").strip()) or 1


def entry_of(request: HttpRequest, name: str) -> int | None:
    """Return the id of a row that the address names, such as the entry before which a page begins."""
    return whole_number(request.GET.get(name, "").strip(), _LARGEST_ID)


def reason_of(request: HttpRequest, name: str = "reason") -> str:
    """Return the reason given in a form, or a note, as one line; "" where none is given."""
    return text.reason_line(request.POST.get(name, ""))


def numbers(given: QueryDict, name: str) -> set[int]:
    """Return the whole numbers of a field that may be given more than once, such as the rows whose boxes are ticked."""
    found = (whole_number(value.strip(), _LARGEST_NUMBER) for value in given.getlist(name)[:MOST_VALUES])
    return {number for number in found if number is not None}


def ids(given: QueryDict, name: str) -> list[int]:
    """Return the ids of rows whose boxes are ticked."""
    found = (whole_number(value.strip(), _LARGEST_ID) for value in given.getlist(name)[:MOST_VALUES])
    return sorted({number for number in found if number is not None})


def uuid_of(given: QueryDict, name: str) -> uuid.UUID | None:
    """Return the id of a plan, a job or an operation."""
    try:
        return uuid.UUID(given.get(name, "")[:LONGEST_WORD].strip())
    except ValueError:
        return None


def day_of(given: QueryDict, name: str) -> datetime | None:
    """Return the beginning of a day, in the reader's zone."""
    try:
        found = date.fromisoformat(given.get(name, "")[:LONGEST_WORD].strip())
        return timezone.make_aware(datetime.combine(found, time()))
    except (ValueError, OverflowError):
        return None


def day_after(given: QueryDict, name: str) -> datetime | None:
    """Return the end of a day, in the reader's zone."""
    try:
        begins = day_of(given, name)
        return begins + timedelta(days=1) if begins else None
    except OverflowError:
        return None
