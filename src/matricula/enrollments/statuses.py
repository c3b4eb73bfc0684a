"""The words of course enrollments (enrollment-api: What happens to each person)."""

ENROLL = "enroll"
UNENROLL = "unenroll"

FROM_UNENROLLED_TO_ENROLLED = "from unenrolled to enrolled"
FROM_ENROLLED_TO_ENROLLED = "from enrolled to enrolled"
FROM_ALLOWED_TO_ENROLLED = "from allowed to enroll to enrolled"
FROM_UNENROLLED_TO_ALLOWED = "from unenrolled to allowed to enroll"
FROM_ENROLLED_TO_UNENROLLED = "from enrolled to unenrolled"
FROM_ALLOWED_TO_UNENROLLED = "from allowed to enroll to unenrolled"
FROM_UNENROLLED_TO_UNENROLLED = "from unenrolled to unenrolled"

# the subject of journal entries about a course enrollment
COURSE_ENROLLMENT = "course_enrollment"

# statuses of program enrollments and of course enrollments in programs, and the results of a request
# (registrar-api: Students of a program; registrar-api: Students of a program in a course run)
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

# subjects of journal entries
PROGRAM_ENROLLMENT = "program_enrollment"
PROGRAM_COURSE_ENROLLMENT = "program_course_enrollment"

MASTERS = "masters"
# modes that an enrollment through a program replaces; higher ones are kept
BELOW_MASTERS = ("audit", "honor")
