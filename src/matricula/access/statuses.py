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


class Algorithm(StrEnum):
    """How an issuer of tokens may sign: with a key that only the issuer has, and never with a shared secret."""

    RS256 = "RS256"
    RS384 = "RS384"
    RS512 = "RS512"
    PS256 = "PS256"
    PS384 = "PS384"
    PS512 = "PS512"
    ES256 = "ES256"
    ES384 = "ES384"
    ES512 = "ES512"
    EDDSA = "EdDSA"


class ClaimIs(StrEnum):
    """What of an account the claim of a token names."""

    USERNAME = "username"
    EMAIL = "email"


class TokenProblem(StrEnum):
    """Why a token of another site was rejected, as the log names it."""

    FORM = "form"
    ISSUER = "issuer"
    AUDIENCE = "audience"
    ALGORITHM = "algorithm"
    KEY = "key"
    SIGNATURE = "signature"
    EXPIRED = "expired"
    FUTURE = "future"
    # exp, or the claim that names the account, is missing, or not of its form
    CLAIM = "claim"
    # the email is not verified, says the issuer
    UNVERIFIED = "unverified"
    # no active account has this name
    ACCOUNT = "account"


COURSE_ROLES = tuple(CourseRole)
COURSE_MANAGER_ROLES = (CourseRole.STAFF, CourseRole.INSTRUCTOR)
READ_ALL_JOBS = Role.READ_ALL_JOBS
ROLES = tuple(Role)
NAMES_IN_DOWNLOADS, FEATURE_COURSE_ROLES = Feature.NAMES_IN_DOWNLOADS, Feature.COURSE_ROLES
FEATURES = tuple(Feature)
SCOPES = tuple(Scope)
