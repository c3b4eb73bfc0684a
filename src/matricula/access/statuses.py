"""The words for roles and features (registrar-api: Permissions; institution-and-commands: The institution file)."""

COURSE_ROLES = ("staff", "instructor", "beta_tester")
COURSE_MANAGER_ROLES = ("staff", "instructor")
READ_ALL_JOBS = "read_all_jobs"
ROLES = ("read_metadata", "read_enrollments", "read_write_enrollments", "read_reports", READ_ALL_JOBS)
NAMES_IN_DOWNLOADS, FEATURE_COURSE_ROLES = "names_in_downloads", "course_roles"
FEATURES = (NAMES_IN_DOWNLOADS, FEATURE_COURSE_ROLES)
SCOPES = ("read", "write")
