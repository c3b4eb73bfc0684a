"""The words of course enrollments (enrollment-api: What happens to each person)."""

from enum import StrEnum


class Action(StrEnum):
    """What is asked for people in a course run."""

    ENROLL = "enroll"
    UNENROLL = "unenroll"


class Transition(StrEnum):
    """What became of a person in a course run."""

    FROM_UNENROLLED_TO_ENROLLED = "from unenrolled to enrolled"
    FROM_ENROLLED_TO_ENROLLED = "from enrolled to enrolled"
    FROM_ALLOWED_TO_ENROLLED = "from allowed to enroll to enrolled"
    FROM_UNENROLLED_TO_ALLOWED = "from unenrolled to allowed to enroll"
    FROM_ENROLLED_TO_UNENROLLED = "from enrolled to unenrolled"
    FROM_ALLOWED_TO_UNENROLLED = "from allowed to enroll to unenrolled"
    FROM_UNENROLLED_TO_UNENROLLED = "from unenrolled to unenrolled"


class ProgramStatus(StrEnum):
    """Where a student is in a program."""

    ENROLLED = "enrolled"
    PENDING = "pending"
    SUSPENDED = "suspended"
    CANCELED = "canceled"
    ENDED = "ended"


class CourseStatus(StrEnum):
    """Where a student of a program is in a course run of it."""

    ACTIVE = "active"
    INACTIVE = "inactive"


class Refusal(StrEnum):
    """Why a request for a student was not applied."""

    DUPLICATED = "duplicated"
    INVALID_STATUS = "invalid-status"
    CONFLICT = "conflict"
    NOT_FOUND = "not-found"
    NOT_IN_PROGRAM = "not-in-program"
    COURSE_NOT_FOUND = "course-not-found"
    ILLEGAL_OPERATION = "illegal-operation"
    INTERNAL_ERROR = "internal-error"
    # of a plan: the row is no longer as the plan saw it
    STALE = "stale"


ENROLL, UNENROLL = Action.ENROLL, Action.UNENROLL

FROM_UNENROLLED_TO_ENROLLED = Transition.FROM_UNENROLLED_TO_ENROLLED
FROM_ENROLLED_TO_ENROLLED = Transition.FROM_ENROLLED_TO_ENROLLED
FROM_ALLOWED_TO_ENROLLED = Transition.FROM_ALLOWED_TO_ENROLLED
FROM_UNENROLLED_TO_ALLOWED = Transition.FROM_UNENROLLED_TO_ALLOWED
FROM_ENROLLED_TO_UNENROLLED = Transition.FROM_ENROLLED_TO_UNENROLLED
FROM_ALLOWED_TO_UNENROLLED = Transition.FROM_ALLOWED_TO_UNENROLLED
FROM_UNENROLLED_TO_UNENROLLED = Transition.FROM_UNENROLLED_TO_UNENROLLED

# statuses of program enrollments and of course enrollments in programs, and the results of a request
# (registrar-api: Students of a program; registrar-api: Students of a program in a course run)
ENROLLED, PENDING, SUSPENDED = ProgramStatus.ENROLLED, ProgramStatus.PENDING, ProgramStatus.SUSPENDED
CANCELED, ENDED = ProgramStatus.CANCELED, ProgramStatus.ENDED
PROGRAM_STATUSES = tuple(ProgramStatus)
ACTIVE, INACTIVE = CourseStatus.ACTIVE, CourseStatus.INACTIVE
COURSE_STATUSES = tuple(CourseStatus)
# who has left a program; and a course run in one, or a program
LEFT_PROGRAM = (CANCELED, ENDED)
LEFT: frozenset[str] = frozenset((*LEFT_PROGRAM, INACTIVE))
# the words for requests that were applied
CARRIED_OUT: frozenset[str] = frozenset((*PROGRAM_STATUSES, *COURSE_STATUSES))

DUPLICATED = Refusal.DUPLICATED
INVALID_STATUS = Refusal.INVALID_STATUS
CONFLICT = Refusal.CONFLICT
NOT_FOUND = Refusal.NOT_FOUND
NOT_IN_PROGRAM = Refusal.NOT_IN_PROGRAM
COURSE_NOT_FOUND = Refusal.COURSE_NOT_FOUND
ILLEGAL_OPERATION = Refusal.ILLEGAL_OPERATION
INTERNAL_ERROR = Refusal.INTERNAL_ERROR
STALE = Refusal.STALE
# the words for rows of files that were not applied
REFUSED = (
    DUPLICATED, INVALID_STATUS, NOT_IN_PROGRAM, CONFLICT, COURSE_NOT_FOUND, ILLEGAL_OPERATION, INTERNAL_ERROR, STALE,
)  # fmt: skip

MASTERS = "masters"
# modes that an enrollment through a program replaces; higher ones are kept
BELOW_MASTERS = ("audit", "honor")
