"""A secret that another program sends as ``Authorization: Bearer …``: reading it from the settings, comparing it."""

import secrets
from pathlib import Path

from marshmallow import ValidationError

_SHORTEST = 16


def check_bearer(value: str | None) -> None:
    """Raise ``ValidationError`` for a secret that is too short, or that no header can contain."""
    if value and (len(value) < _SHORTEST or not value.isascii() or not value.isprintable() or " " in value):
        raise ValidationError(f"must have at least {_SHORTEST} letters, digits or signs of ASCII, and no spaces")


def check_bearer_file(path: str | None) -> None:
    """Raise ``ValidationError`` for a file that can't be read, or that contains no secret."""
    if not path:
        return
    try:
        value = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise ValidationError("must be a file that this process can read") from None
    if not value:
        raise ValidationError("must be a file that contains the secret")
    check_bearer(value)


def read_bearer(value: str | None, path: str | None) -> str | None:
    """Return the secret: the value, else what the file contains; None where neither is set, or where it is invalid."""
    try:
        check_bearer(value)
        check_bearer_file(path)
    except ValidationError:
        return None
    return value or (Path(path).read_text(encoding="utf-8").strip() if path else None)


def is_bearer(secret: str, header: str) -> bool:
    """Return True for a header that contains the secret; the comparison takes the same time for every wrong one."""
    scheme, _, given = header.partition(" ")
    # the header is any text of Latin-1
    is_same = secrets.compare_digest(given.strip().encode("utf-8"), secret.encode("utf-8"))
    return is_same and scheme.lower() == "bearer"
