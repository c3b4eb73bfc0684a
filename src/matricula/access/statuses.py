"""The words for roles and features (registrar-api: Permissions; institution-and-commands: The institution file)."""

from enum import StrEnum


class CourseRole(StrEnum):
    """A role in a course run."""

    STAFF = "staff"
    INSTRUCTOR = "instructor"
    BETA_TESTER = "beta_tester"


class Role(StrEnum):
    """A role on an organization, on a program, or everywhere."""

    READ_METADATA = "read_metadata"
    READ_ENROLLMENTS = "read_enrollments"
    READ_WRITE_ENROLLMENTS = "read_write_enrollments"
    READ_REPORTS = "read_reports"
    READ_ALL_JOBS = "read_all_jobs"


class Feature(StrEnum):
    """What can be switched on for an account or a group."""

    NAMES_IN_DOWNLOADS = "names_in_downloads"
    COURSE_ROLES = "course_roles"


class Scope(StrEnum):
    """What an access token is good for."""

    READ = "read"
    WRITE = "write"


COURSE_ROLES = tuple(CourseRole)
COURSE_MANAGER_ROLES = (CourseRole.STAFF, CourseRole.INSTRUCTOR)
READ_ALL_JOBS = Role.READ_ALL_JOBS
ROLES = tuple(Role)
NAMES_IN_DOWNLOADS, FEATURE_COURSE_ROLES = Feature.NAMES_IN_DOWNLOADS, Feature.COURSE_ROLES
FEATURES = tuple(Feature)
SCOPES = tuple(Scope)
