"""The words for roles and features (Contract 1, section 6; Contract 3)."""

COURSE_ROLES = ("staff", "instructor", "beta_tester")
COURSE_MANAGER_ROLES = ("staff", "instructor")
ROLES = ("read_metadata", "read_enrollments", "read_write_enrollments", "read_reports", "read_all_jobs")
FEATURES = ("names_in_downloads", "course_roles")
SCOPES = ("read", "write")
