"""What a key is, whose it is, and which answers are kept for it. No table, no request."""

import hashlib
import re
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

HOURS = 24
"""How long an answer is kept."""
LONGEST_KEY = 255
NOT_KEPT = frozenset({401, 403, 429})
"""About the caller, and not about the change; they may be answered otherwise in a minute."""
_KEY = re.compile(rf"[\x21-\x7e]{{1,{LONGEST_KEY}}}")


def is_key(text: str) -> bool:
    """Return True for 1 to 255 visible ASCII characters."""
    return _KEY.fullmatch(text) is not None


def is_kept(status: int) -> bool:
    """Return True for an answer that says what became of a change."""
    return 200 <= status < 500 and status not in NOT_KEPT


def digest(parts: Iterable[object]) -> bytes:
    """Return the SHA-256 of the parts, each behind its length, so that no two lists give the same text."""
    found = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        found.update(b"%d:" % len(data))
        found.update(data)
    return found.digest()


def lock_number(identity: bytes) -> int:
    """Return the number of the lock for an identity: a signed whole number of 32 bits."""
    return int.from_bytes(identity[:4], "big", signed=True)


def packed(headers: Mapping[str, Any], body: bytes) -> bytes:
    """Return an answer as one piece, compressed: large ones are thousands of rows that are much alike."""
    # JSON has no NUL
    return zlib.compress(msgspec.json.encode(headers) + b"\0" + body, 1)


def unpacked(packed: bytes) -> tuple[dict[str, Any], bytes]:
    """Return headers and body of an answer that was packed."""
    headers, _, body = zlib.decompress(packed).partition(b"\0")
    return msgspec.json.decode(headers), body
