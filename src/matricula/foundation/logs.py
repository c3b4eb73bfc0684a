"""Log lines without people in them."""

import re
from collections.abc import MutableMapping
from typing import Any

_ADDRESS = re.compile(r"""[^\s@'"<>(),;:=]+@[^\s@'"<>(),;:=]+""")


def without_addresses(_logger: Any, _name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The last step before a line is written: what has the form of an address is left out, in tracebacks, too.

    A database names in its errors which value it rejected, and a mail server whom it does not know.
    """
    for name, value in line.items():
        if isinstance(value, str) and "@" in value:
            line[name] = _ADDRESS.sub("<address>", value)
    return line
