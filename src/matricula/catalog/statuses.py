"""The words for what a save did."""

from enum import StrEnum


class Saved(StrEnum):
    """What became of one request to save."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    # of a course run in a program: another one has the external key
    EXTERNAL_KEY_TAKEN = "external-key-taken"
