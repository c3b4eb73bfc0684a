"""The bytes of a CSV file as text: in blocks of whole lines, with the number of the row in which a problem is."""

import codecs
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from matricula.foundation.text import TextProblem
from matricula.tabular.problems import TabularError

MAX_ROW = 1 << 20  # Characters; a row is rejected within two chunks past it.
_CHUNK = 1 << 16  # Bytes.
_find_control_character = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]").search
_NOT_UTF8 = TextProblem("the text is not UTF-8. Save the file as 'CSV UTF-8' and send it again.")
_CUT_OFF = TextProblem(
    "the file ends within a character: it is incomplete or not UTF-8. Send all of it, saved as 'CSV UTF-8'."
)
TOO_LONG = TextProblem(
    "the row or a cell in it is too long, or a quote in it is never closed. Shorten it or close the quote."
)


class Source:
    """The file as text, in blocks of whole lines, and the number of the row being read.

    The csv module asks for a line only when the row before is complete, so at any
    problem in the text `row`, which the consumer of the rows counts, is where it is.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self.row = 1
        self._stream = stream

    def error(self, problem: TextProblem) -> TabularError:
        """Return the error about the row being read."""
        return TabularError(problem, self.row)

    def blocks(self) -> Iterator[io.StringIO]:
        """Yield the text so that iteration gives lines ended by LF, CRLF or CR."""
        tail = ""
        row, row_length, text_length = 1, 0, 0
        for text, problem in _decoded(self._stream):
            row_length = row_length + text_length if row == self.row else 0
            row, text_length = self.row, len(text)
            if row_length > MAX_ROW:
                raise self.error(TOO_LONG)
            text = tail + text
            # A CR that ends the text may be the first half of a CRLF.
            last_cr = text.rfind("\r") if problem else text.rfind("\r", 0, -1)
            cut = 1 + max(text.rfind("\n"), last_cr)
            yield io.StringIO(text[:cut], newline="")
            if problem:
                raise self.error(problem)
            tail = text[cut:]
        yield io.StringIO(tail, newline="")


def _decoded(stream: BinaryIO) -> Iterator[tuple[str, TextProblem | None]]:
    """Yield (text, None), and last (text before a problem, the problem) if there is one."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    while True:
        chunk = stream.read(_CHUNK)
        problem = None
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            text = error.object[: error.start].decode()
            problem = _NOT_UTF8 if chunk else _CUT_OFF
        if found := _find_control_character(text):
            text = text[: found.start()]
            problem = TextProblem(
                "there is a control character (code %(code)s). "
                "Remove it; if the file isn't text, save it as 'CSV UTF-8'.",
                {"code": f"{ord(found.group()):#04x}"},
            )
        yield text, problem
        if problem or not chunk:
            return
