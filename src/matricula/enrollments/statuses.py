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

# the subject of journal entries about a course enrollment
COURSE_ENROLLMENT = "course_enrollment"
