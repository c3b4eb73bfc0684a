"""The forms in which people take tables with them, and the names of such files."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from enum import StrEnum
from functools import partial
from itertools import chain

from matricula.tabular import workbooks
from matricula.tabular.exports import Export

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_unsafe = re.compile(r"[^\w.]+")


class Form(StrEnum):
    """A form of a table; CSV for Excel begins with a byte order mark, without which Excel garbles letters."""

    CSV = "csv"
    EXCEL_CSV = "excel"
    WORKBOOK = "xlsx"

    @property
    def suffix(self) -> str:
        """The end of a file's name."""
        return ".xlsx" if self is Form.WORKBOOK else ".csv"


def in_form(export: Export, form: Form) -> Export:
    """An export of CSV in one of the forms."""
    if form is Form.WORKBOOK:
        return export.written_as(partial(workbooks.workbook_blocks, numbers=export.numbers))
    return export.written_as(_marked) if form is Form.EXCEL_CSV else export


def _marked(blocks: Iterable[bytes]) -> Iterator[bytes]:
    return chain([_BYTE_ORDER_MARK], blocks)


def file_stem(*parts: str | date) -> str:
    """The name of a file without its end, such as ``North-CS101-2027_T1-roster-2026-10-15``: keys of course runs and
    programs, or words; what it contains; days.
    """
    return "-".join(_unsafe.sub("-", str(part).removeprefix("course-v1:")).strip("-.") for part in parts)
