"""Records, course runs and their keys as the clients of the Enrollment API v1 read them."""

from datetime import datetime

from matricula.catalog.course_keys import is_course_key
from matricula.catalog.reads import CourseFacts
from matricula.enrollments.course.seats import SeatRow
from matricula.foundation.text import holds_nul
from matricula.rest import errors
from matricula.rest.contracts.v1_enrollment.schemas import CourseDetails, CourseMode, EnrollmentRecord
from matricula.rest.errors import BrokenRequest, Message


def show_course(facts: CourseFacts) -> CourseDetails:
    """A course run with its modes."""
    return CourseDetails(
        course_id=facts.run.key,
        course_name=facts.run.title,
        enrollment_start=_seconds(facts.enrollment_start),
        enrollment_end=_seconds(facts.enrollment_end),
        course_start=None,
        course_end=None,
        invite_only=facts.invitation_only,
        course_modes=[CourseMode(slug, slug.capitalize()) for slug in facts.run.modes],
        pacing_type=None,
    )


def show_record(seat: SeatRow, facts: CourseFacts) -> EnrollmentRecord:
    """An enrollment with its course run."""
    return EnrollmentRecord(seat.created, seat.mode, seat.is_active, seat.username, show_course(facts))


def check_key(key: object) -> str:
    """The key of a course run, if it has the form of one. Errors: 400."""
    if not isinstance(key, str) or holds_nul(key) or not is_course_key(key):
        raise BrokenRequest(
            errors.INVALID_PARAMETER, Message("The course key must look like course-v1:Org+Course+Run.")
        )
    return key


def unknown_course() -> BrokenRequest:
    """400, here for reading too."""
    return BrokenRequest(errors.INVALID_PARAMETER, Message("There is no course run with this key."))


def _seconds(moment: datetime | None) -> datetime | None:
    return moment and moment.replace(microsecond=0)
