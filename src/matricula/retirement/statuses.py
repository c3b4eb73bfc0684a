"""How far a retirement is."""

from enum import StrEnum


class RetirementState(StrEnum):
    """The words of the Record API."""

    # requested; the command of the tables' owner has not run since
    WAITING = "waiting"
    # begun: the account is inactive and has its pseudonym, other places may follow
    RUNNING = "running"
    DONE = "done"


UNFINISHED = (RetirementState.WAITING, RetirementState.RUNNING)
