"""The words of course enrollments (Contract 2, section 3)."""

ENROLL = "enroll"
UNENROLL = "unenroll"

FROM_UNENROLLED_TO_ENROLLED = "from unenrolled to enrolled"
FROM_ENROLLED_TO_ENROLLED = "from enrolled to enrolled"
FROM_ALLOWED_TO_ENROLLED = "from allowed to enroll to enrolled"
FROM_UNENROLLED_TO_ALLOWED = "from unenrolled to allowed to enroll"
FROM_ENROLLED_TO_UNENROLLED = "from enrolled to unenrolled"
FROM_ALLOWED_TO_UNENROLLED = "from allowed to enroll to unenrolled"
FROM_UNENROLLED_TO_UNENROLLED = "from unenrolled to unenrolled"

# Contract 1, section 2: program enrollments, course enrollments in programs, and the words for what became of a request
ENROLLED, PENDING, SUSPENDED, CANCELED, ENDED = "enrolled", "pending", "suspended", "canceled", "ended"
PROGRAM_STATUSES = (ENROLLED, PENDING, SUSPENDED, CANCELED, ENDED)
ACTIVE, INACTIVE = "active", "inactive"
COURSE_STATUSES = (ACTIVE, INACTIVE)
# the words for requests that were carried out
CARRIED_OUT = frozenset(PROGRAM_STATUSES + COURSE_STATUSES)

DUPLICATED = "duplicated"
INVALID_STATUS = "invalid-status"
CONFLICT = "conflict"
NOT_FOUND = "not-found"
NOT_IN_PROGRAM = "not-in-program"
COURSE_NOT_FOUND = "course-not-found"
ILLEGAL_OPERATION = "illegal-operation"
INTERNAL_ERROR = "internal-error"
# the words for rows of files that were not carried out
REFUSED = (
    DUPLICATED, INVALID_STATUS, NOT_IN_PROGRAM, CONFLICT, COURSE_NOT_FOUND, ILLEGAL_OPERATION, INTERNAL_ERROR,
)  # fmt: skip

MASTERS = "masters"
# modes that an enrollment through a program replaces; higher ones are kept
BELOW_MASTERS = ("audit", "honor")
