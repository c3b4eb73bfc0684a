"""Log lines without people in them."""

import re
from collections.abc import MutableMapping
from typing import Any

from matricula.foundation.tracing import trace_id

_ADDRESS = re.compile(r"""[^\s@'"<>(),;:=]+@[^\s@'"<>(),;:=]+""")
# a quoted text, with the word before it
_QUOTED = re.compile(r"""(\w+ )?("[^"\n]*"|'[^'\n]*'|“[^”\n]*”)""")
# what follows them in quotes is part of the program, and no one's name
_PROGRAM = re.compile("(?:constraint|relation|column|table|index|function|type|schema|role|trigger|module|File) ")
# lines in which PostgreSQL quotes the row that it rejected, or the statement that it was working on
_ROWS = re.compile(r"^(DETAIL|CONTEXT|HINT|LINE \d+|QUERY|PARAMETERS)\b", re.IGNORECASE)


def without_addresses(_logger: Any, _name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The last step before a line is written: what has the form of an address is left out, in tracebacks, too.

    A database names in its errors which value it rejected, and a mail server whom it does not know.
    """
    if isinstance(trace := line.get("exception"), str):
        line["exception"] = without_values(trace)
    for name, value in line.items():
        if isinstance(value, str) and "@" in value:
            line[name] = _ADDRESS.sub("<address>", value)
    return line


def with_trace(_logger: Any, _name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Adds the id of the trace, where there is one."""
    if (found := trace_id()) is not None:
        line["trace"] = found
    return line


def without_values(traceback: str) -> str:
    """Return a traceback in which the messages of exceptions quote nothing: it could be someone's name.

    The lines of frames are indented, and show the program alone; the lines of messages are not.
    """
    lines = [line if line[:1].isspace() else _message(line) for line in traceback.split("\n")]
    return "\n".join(line for line in lines if line is not None)


def _message(line: str) -> str | None:
    if _ROWS.match(line):
        return None
    return _QUOTED.sub(lambda found: _kept(found.group(1) or "", found.group(2)), line)


def _kept(word: str, quoted: str) -> str:
    return word + (quoted if _PROGRAM.fullmatch(word) else "<value>")
