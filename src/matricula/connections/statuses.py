"""The words of connections to learning platforms (institution-and-commands: The institution file)."""

from enum import StrEnum


class Owner(StrEnum):
    """What happens to a difference between the record and the platform."""

    # the record is sent again
    MATRICULA = "matricula"
    # the difference is reported
    REPORT = "report"


OWNERS = tuple(owner.value for owner in Owner)
