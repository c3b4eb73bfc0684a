"""Files as people save them: CSV in UTF-8 or UTF-16, .xlsx, .ods (institution-and-commands: Files from the world)."""

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from matricula.foundation.text import TextProblem
from matricula.tabular.problems import TabularError
from matricula.tabular.sheets.reading import sheet_as_csv

_IN_MEMORY = 1 << 22
_CHUNK = 1 << 16
_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class OfficeFile:
    """A file that a person saved, as CSV in UTF-8. Readers of tables understand its header as people write them.

    ``sheet``: the name of the sheet, where it was a spreadsheet; its rows keep their numbers.
    """

    stream: BinaryIO
    sheet: str | None = None


@contextmanager
def office_file(stream: BinaryIO) -> Iterator[OfficeFile]:
    """A file that is read from its beginning, for as long as the block runs. Errors: ``TabularError``."""
    start = stream.read(4)
    stream.seek(0)
    if start[:2] in _UTF_16:
        with _utf_8(stream) as recoded:
            yield OfficeFile(recoded)
    elif start == _ZIP:
        with sheet_as_csv(stream) as (text, name):
            try:
                yield OfficeFile(text, name)
            except TabularError as error:
                raise error.in_sheet(name) from None
    elif start == _OLD_EXCEL:
        raise TabularError(
            TextProblem(
                "This Excel file is protected by a password, or in the format of before 2007. "
                "Save it as .xlsx without a password, or as 'CSV UTF-8'."
            )
        )
    else:
        yield OfficeFile(stream)


@contextmanager
def _utf_8(stream: BinaryIO) -> Iterator[BinaryIO]:
    decoder = codecs.getincrementaldecoder("utf-16")()
    with SpooledTemporaryFile(_IN_MEMORY) as recoded:
        rows = 1
        while True:
            chunk = stream.read(_CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError:
                problem = TextProblem("the text is not UTF-16, as the file says. Save it as 'CSV UTF-8'.")
                raise TabularError(problem, rows) from None
            rows += text.count("\n")
            recoded.write(text.encode())
            if not chunk:
                break
        recoded.seek(0)
        yield cast(BinaryIO, recoded)
