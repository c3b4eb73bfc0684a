"""The words of the Open edX connector."""

from enum import StrEnum


class Wanted(StrEnum):
    """What is to be true of a person's enrollment in a course run of the LMS."""

    # no enrollment was ever recorded: an invitation at most
    NONE = "none"
    ENROLLED = "enrolled"
    ENDED = "ended"


class RowState(StrEnum):
    """How far the LMS is with what is wanted of one person in one course run."""

    WAITING = "waiting"
    # invited: there is no account for the address in the LMS yet
    ABSENT = "absent"
    CONFIRMED = "confirmed"
    # by the LMS, with its words
    REJECTED = "rejected"


ROW_STATES = tuple(state.value for state in RowState)


class Do(StrEnum):
    """A call to the LMS about one person in one course run."""

    LOOK_UP = "look_up"
    READ = "read"
    ENROLL = "enroll"
    END = "end"
    INVITE = "invite"
    WITHDRAW = "withdraw"


# calls that change something in the LMS: without an answer, no one knows whether they did
CHANGING = (Do.ENROLL, Do.END, Do.INVITE, Do.WITHDRAW)


class ProblemKind(StrEnum):
    """Why a call got no answer that says anything about the person."""

    # no token, too few permissions, a variable that isn't set: no call will do better
    CREDENTIALS = "credentials"
    THROTTLED = "throttled"
    # nothing was sent
    UNREACHABLE = "unreachable"
    # 5xx, no answer in time, an answer that can't be read
    BROKEN = "broken"


class DifferenceKind(StrEnum):
    """How the LMS differs from the record."""

    # another mode, not enrolled there, or enrolled though the enrollment ended here
    DIFFERS = "differs"
    # no record here: reported, never changed
    ONLY_THERE = "only_there"


DIFFERENCE_KINDS = tuple(kind.value for kind in DifferenceKind)
