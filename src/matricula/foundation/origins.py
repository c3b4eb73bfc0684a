"""Web origins of other front ends, as browsers name them: scheme, host and port, and nothing else."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

_ORIGIN = re.compile(r"(https?)://([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def read_origins(words: Iterable[str]) -> tuple[str, ...]:
    """The origins, each once and spelled as in the header ``Origin``. Errors: ``ValueError``, which says why."""
    return tuple(dict.fromkeys(_read_origin(word.strip()) for word in words))


def origin_of(url: str) -> str:
    """The origin of an absolute URL, as it is written there; "" where there is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme and parts.netloc else ""


def _read_origin(word: str) -> str:
    if "*" in word:
        raise ValueError(f"can't contain {word!r}: name each origin, without *")
    found = _ORIGIN.fullmatch(word.lower())
    if found is None or not 0 < int(found[3] or 1) < 65536:
        raise ValueError(
            f"can't contain {word!r}: an origin is a scheme, a host and, if needed, a port, such as "
            '"https://console.example.org" or "http://localhost:2000", without user, path or slash at the end'
        )
    scheme, host, port = found.groups()
    return (
        f"{scheme}://{host}"
        if port is None or int(port) == _DEFAULT_PORTS[scheme]
        else f"{scheme}://{host}:{int(port)}"
    )
