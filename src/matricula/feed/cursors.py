"""Cursors of the feed: a place in it as a text that says nothing to others (record-api: Feed)."""

import base64
import binascii
import re

from matricula.journal.records import Position

_FORM = re.compile(r"1\.(\d{1,19})\.(\d{1,19})", re.ASCII)
_LARGEST = 2**63 - 1


class NoCursor(Exception):
    """The text is no cursor of this feed."""


def write_cursor(position: Position) -> str:
    """Return the cursor of a place."""
    return base64.urlsafe_b64encode(f"1.{position.xact}.{position.id}".encode()).decode().rstrip("=")


def read_cursor(text: str) -> Position:
    """Return the place of a cursor. Errors: ``NoCursor``."""
    try:
        plain = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (ValueError, binascii.Error):
        raise NoCursor from None
    form = _FORM.fullmatch(plain)
    if form is None:
        raise NoCursor
    position = Position(int(form[1]), int(form[2]))
    # each place has one cursor
    if max(position) > _LARGEST or write_cursor(position) != text:
        raise NoCursor
    return position
