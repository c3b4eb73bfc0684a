"""What the Enrollment API v1 takes and answers, as its clients know it."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from matricula.rest.parsing import COURSE_KEY_PATTERN, LINE_PATTERN

PAGE_SIZE = 100
CourseKey = Annotated[
    str, Meta(description="The key of a course run.", extra_json_schema={"pattern": COURSE_KEY_PATTERN})
]
Username = Annotated[str, Meta(max_length=255, extra_json_schema={"pattern": LINE_PATTERN})]
Email = Annotated[str, Meta(max_length=255, extra_json_schema={"format": "email"})]


class CourseMode(msgspec.Struct):
    """A mode that a course run offers; what isn't kept here is null."""

    slug: str
    name: str
    min_price: int = 0
    suggested_prices: str = ""
    currency: str = "usd"
    expiration_datetime: datetime | None = None
    description: str | None = None
    sku: str | None = None
    bulk_sku: str | None = None


class CourseDetails(msgspec.Struct):
    """A course run; what isn't kept here is null."""

    course_id: str
    course_name: str
    enrollment_start: datetime | None
    enrollment_end: datetime | None
    course_start: datetime | None
    course_end: datetime | None
    invite_only: bool
    course_modes: list[CourseMode]
    pacing_type: str | None


class EnrollmentRecord(msgspec.Struct):
    """Someone's enrollment, active or ended, with its course run."""

    created: str
    mode: str
    is_active: bool
    user: str
    course_details: CourseDetails


class ListedEnrollment(msgspec.Struct):
    """An enrollment of the list of all."""

    created: str
    mode: str
    is_active: bool
    user: str
    course_id: str


class ListedEnrollments(msgspec.Struct):
    """A page; there is no count."""

    next: str | None
    previous: str | None
    results: list[ListedEnrollment]


class EnrollmentAllowed(msgspec.Struct):
    """A pre-enrollment; ``user`` null while no active account has the address."""

    email: str
    course_id: str
    auto_enroll: bool
    user: str | None
    created: str


class NamedCourse(msgspec.Struct):
    """The course run of an enrollment."""

    course_id: CourseKey


class EnrollmentAttribute(msgspec.Struct):
    """More about an enrollment, such as the number of an order; kept in the audit log."""

    namespace: str
    name: str
    value: str


class RecordBody(msgspec.Struct):
    """Whom to enroll, and how; without ``user`` and ``email`` it is the caller."""

    course_details: NamedCourse
    user: Annotated[Username | None, Meta(description="The username.")] = None
    email: Annotated[Email | None, Meta(description="Where there is no username.")] = None
    mode: Annotated[
        str | None, Meta(description="One of the modes of the course run. Null: as it is, or the default mode.")
    ] = None
    is_active: Annotated[bool | None, Meta(description="False ends the enrollment. Null means true.")] = None
    force_enrollment: Annotated[bool | None, Meta(description="Accepted, and without effect.")] = None
    enrollment_attributes: list[EnrollmentAttribute] | None = None


class AllowedBody(msgspec.Struct):
    """Which address to invite to which course run."""

    email: Email
    course_id: CourseKey
    auto_enroll: Annotated[bool, Meta(description="Enroll the person at sign-up.")] = False


class AllowedKey(msgspec.Struct):
    """Which invitation."""

    email: Email
    course_id: CourseKey


class UserQuery(msgspec.Struct):
    """Whose enrollments."""

    user: Annotated[str | None, Meta(description="The username. Without it, the caller's own.")] = None


class AllowedQuery(msgspec.Struct):
    """Whose invitations."""

    email: Annotated[str | None, Meta(description="The address. Without it, the caller's own.")] = None


class RecordsQuery(msgspec.Struct):
    """Which enrollments, and which page of them."""

    course_id: Annotated[str | None, Meta(description="The key of a course run.")] = None
    username: Annotated[str | None, Meta(description="Usernames, separated by commas, at most 100.")] = None
    email: Annotated[str | None, Meta(description="Email addresses, separated by commas, at most 100.")] = None
    page_size: Annotated[int, Meta(ge=1, description="Rows in a page; more than 100 means 100.")] = PAGE_SIZE
    cursor: Annotated[
        str | None,
        Meta(description="From next or previous.", extra_json_schema={"pattern": "^(-?[0-9]{1,15})?$"}),
    ] = None
