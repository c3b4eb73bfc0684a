"""The four kinds of mail (Contract 2, section 4)."""

ENROLLED_ENROLL = "enrolled_enroll"
ALLOWED_ENROLL = "allowed_enroll"
ENROLLED_UNENROLL = "enrolled_unenroll"
ALLOWED_UNENROLL = "allowed_unenroll"
KINDS = (ENROLLED_ENROLL, ALLOWED_ENROLL, ENROLLED_UNENROLL, ALLOWED_UNENROLL)
