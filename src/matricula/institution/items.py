"""The items of the institution file: one class for each section; ``None`` is a field that is not given.

See institution-and-commands: The institution file.
"""

from collections.abc import Iterator
from typing import ClassVar

import msgspec

from matricula.access.statuses import COURSE_ROLES, READ_ALL_JOBS
from matricula.foundation.environment import PLAN_LIMITS
from matricula.foundation.folding import fold
from matricula.institution.forms import (
    AccountName,
    Approvals,
    ClientId,
    ConnectionName,
    Count,
    CourseKey,
    Email,
    FeatureWord,
    Language,
    Mode,
    Name,
    OrganizationKey,
    OwnerWord,
    Pause,
    Percent,
    ProgramKey,
    RedirectAddress,
    RoleWord,
    ScopeWord,
    Secret,
    StudentKey,
    Text,
    Time,
    Url,
    Username,
    Variable,
    WholePercent,
)

# (field, what is wrong and the remedy); the field None is the item as a whole
ItemProblems = Iterator[tuple[str | None, str]]
# (what, where it must be the only one, and as which value it counts)
Unique = Iterator[tuple[str, object]]


class Item(msgspec.Struct, kw_only=True, gc=False):
    """An item, with its own line and those of its fields that are elsewhere."""

    line: int
    lines: dict[str, int]
    # the field that may be given as NAME, NAME_file or NAME_env, and whether one of them must
    SECRET: ClassVar[tuple[str, bool] | None] = None

    @property
    def needs_secret(self) -> bool:
        """True if one of the ways to give the secret is required."""
        return self.SECRET is not None and self.SECRET[1]

    def line_of(self, field: str | None) -> int:
        """The line of a field."""
        return self.lines.get(field, self.line) if field else self.line

    def problems(self) -> ItemProblems:
        """What is wrong between the fields."""
        yield from ()

    def unique(self) -> Unique:
        """What no two items of the section, or of the list it is in, may share."""
        yield from ()


class Limits(Item, kw_only=True):
    """What holds a plan; what is not given is inherited."""

    removals_percent: WholePercent | None = None
    removals_rows: Count | None = None
    changes_percent: WholePercent | None = None
    changes_rows: Count | None = None
    refused_percent: WholePercent | None = None
    approvals: Approvals | None = None

    def given(self) -> dict[str, int]:
        """The limits that differ from those of the level above, by their names."""
        numbers = {name: getattr(self, name) for name in PLAN_LIMITS}
        return {name: number for name, number in numbers.items() if number is not None}


class Organization(Item, kw_only=True):
    key: OrganizationKey
    name: Text
    limits: Limits | None = None

    def unique(self) -> Unique:
        yield "key", self.key


class Course(Item, kw_only=True):
    key: CourseKey
    organization: OrganizationKey
    title: Text
    url: Url | None = None
    modes: list[Mode] | None = None
    enrollment_start: Time | None = None
    enrollment_end: Time | None = None
    capacity: Count | None = None
    invitation_only: bool | None = None
    limits: Limits | None = None

    def problems(self) -> ItemProblems:
        if self.modes and len(set(self.modes)) < len(self.modes):
            yield "modes", "contains a mode twice; remove one of them"
        if self.enrollment_start and self.enrollment_end and self.enrollment_start > self.enrollment_end:
            yield "enrollment_end", "is before enrollment_start; correct one of them"

    def unique(self) -> Unique:
        yield "key", self.key


class ProgramCourse(Item, kw_only=True):
    key: CourseKey
    external_key: Text | None = None

    def unique(self) -> Unique:
        yield "key", self.key
        if self.external_key is not None:
            yield "external_key", self.external_key


class Program(Item, kw_only=True):
    key: ProgramKey
    organization: OrganizationKey
    title: Text
    type: Text | None = None
    url: Url | None = None
    manages_enrollments: bool | None = None
    courses: list[ProgramCourse] | None = None
    limits: Limits | None = None
    hold_uploads: bool | None = None

    def unique(self) -> Unique:
        yield "key", self.key


class Role(Item, kw_only=True):
    """A role on an organization or a program, everywhere, or in a course run."""

    role: RoleWord
    organization: OrganizationKey | None = None
    program: ProgramKey | None = None
    course: CourseKey | None = None

    @property
    def is_course_role(self) -> bool:
        """True for the roles that people have in one course run."""
        return self.role in COURSE_ROLES

    def problems(self) -> ItemProblems:
        if self.is_course_role:
            if self.course is None or self.organization or self.program:
                yield "role", f"{self.role} is a role in one course run; give it a course, and nothing else"
        elif self.course is not None:
            yield "course", f"{self.role} is not a role in a course run; give it an organization, a program, or neither"
        elif self.organization and self.program:
            yield "program", "a role is on an organization or on a program; remove one of them"
        elif self.role == READ_ALL_JOBS and (self.organization or self.program):
            yield "role", "read_all_jobs applies to everything; remove its organization or program"


class Group(Item, kw_only=True):
    name: Text
    roles: list[Role] | None = None
    features: list[FeatureWord] | None = None

    def problems(self) -> ItemProblems:
        if any(role.is_course_role for role in self.roles or ()):
            yield "roles", "a group can't have a role in a course run; give it to the users"

    def unique(self) -> Unique:
        yield "name", self.name


class User(Item, kw_only=True):
    username: Username
    email: Email
    first_name: Name | None = None
    last_name: Name | None = None
    password: Secret | None = None
    password_file: Text | None = None
    password_env: Text | None = None
    is_active: bool | None = None
    is_staff: bool | None = None
    is_superuser: bool | None = None
    language: Language | None = None
    groups: list[Text] | None = None
    roles: list[Role] | None = None
    student_keys: dict[OrganizationKey, StudentKey] | None = None
    features: list[FeatureWord] | None = None
    SECRET = ("password", False)

    def unique(self) -> Unique:
        yield "username", fold(self.username)
        yield "email", fold(self.email)
        for organization, key in (self.student_keys or {}).items():
            yield "student_keys", (organization, fold(key))


class PendingMember(Item, kw_only=True):
    email: Email
    group: Text

    def unique(self) -> Unique:
        yield "email", (fold(self.email), self.group)


class Client(Item, kw_only=True):
    client_id: ClientId
    client_secret: Secret | None = None
    client_secret_file: Text | None = None
    client_secret_env: Text | None = None
    user: AccountName
    scopes: list[ScopeWord] | None = None
    redirect_uris: list[RedirectAddress] | None = None
    public: bool | None = None
    SECRET = ("client_secret", True)

    @property
    def needs_secret(self) -> bool:
        """A public client can't keep one."""
        return not self.public

    def problems(self) -> ItemProblems:
        if self.public and not self.redirect_uris:
            yield "public", "is for clients that people allow to act for them; add redirect_uris, or remove public"
        if self.public and (self.client_secret or self.client_secret_file or self.client_secret_env):
            yield "public", "is for clients without a secret; remove the secret, or public"
        if self.scopes == []:
            yield "scopes", "is empty; write read, write, or both, or leave it out for both"

    def unique(self) -> Unique:
        yield "client_id", self.client_id


class Grade(Item, kw_only=True):
    course: CourseKey
    username: AccountName
    percent: Percent | None = None
    letter_grade: Text | None = None
    passed: bool | None = None
    error: Text | None = None

    def problems(self) -> ItemProblems:
        grade = (self.percent, self.letter_grade, self.passed)
        if self.error is not None and grade != (None, None, None):
            yield "error", "is given together with a grade; give either a grade or an error"
        if self.error is None and (self.percent is None or self.passed is None):
            yield None, "needs percent and passed, or an error"

    def unique(self) -> Unique:
        yield "username", (self.course, fold(self.username))


class Lms(Item, kw_only=True):
    """A connection to an LMS: the names of the variables that contain its secrets, never the secrets."""

    name: ConnectionName
    url: Url
    client_id: ClientId
    client_secret_env: Variable
    api_key_env: Variable | None = None
    organizations: list[OrganizationKey] | None = None
    courses: list[CourseKey] | None = None
    push: bool | None = None
    grades: bool | None = None
    owner: OwnerWord | None = None
    pause_between_calls: Pause | None = None

    def problems(self) -> ItemProblems:
        if not self.organizations and not self.courses:
            yield None, "has neither organizations nor courses; add the ones that are on this LMS"

    def unique(self) -> Unique:
        yield "name", self.name
        for key in self.organizations or ():
            yield "organizations", ("organization", key)
        for key in self.courses or ():
            yield "courses", ("course", key)


class Institution(msgspec.Struct, kw_only=True):
    """A whole file, read and checked: every section a list of its items, in their order."""

    organizations: list[Organization] = []
    courses: list[Course] = []
    programs: list[Program] = []
    groups: list[Group] = []
    users: list[User] = []
    pending_members: list[PendingMember] = []
    clients: list[Client] = []
    grades: list[Grade] = []
    lms: list[Lms] = []
