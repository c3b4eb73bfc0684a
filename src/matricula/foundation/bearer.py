"""A secret that another program sends as ``Authorization: Bearer …``: what it may be, comparing it."""

import secrets

from marshmallow import ValidationError

_SHORTEST = 16


def check_bearer(value: str | None) -> None:
    """Raise ``ValidationError`` for a secret that is too short, or that no header can contain."""
    if value and (len(value) < _SHORTEST or not value.isascii() or not value.isprintable() or " " in value):
        raise ValidationError(f"must have at least {_SHORTEST} letters, digits or signs of ASCII, and no spaces")


def is_bearer(secret: str, header: str) -> bool:
    """Return True for a header that contains the secret; the comparison takes the same time for every wrong one."""
    scheme, _, given = header.partition(" ")
    # the header is any text of Latin-1
    is_same = secrets.compare_digest(given.strip().encode("utf-8"), secret.encode("utf-8"))
    return is_same and scheme.lower() == "bearer"
