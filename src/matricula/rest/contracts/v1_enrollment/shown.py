"""Records and course runs as the clients of the Enrollment API v1 read them."""

from matricula.catalog.reads import CourseFacts
from matricula.enrollments.course.seats import SeatRow
from matricula.rest import errors
from matricula.rest.contracts.v1_enrollment.schemas import CourseDetails, CourseMode, EnrollmentRecord
from matricula.rest.endpoint import seconds
from matricula.rest.errors import BrokenRequest, Message


def show_course(facts: CourseFacts) -> CourseDetails:
    """A course run with its modes."""
    return CourseDetails(
        course_id=facts.run.key,
        course_name=facts.run.plain_title,
        enrollment_start=facts.enrollment_start and seconds(facts.enrollment_start),
        enrollment_end=facts.enrollment_end and seconds(facts.enrollment_end),
        course_start=None,
        course_end=None,
        invite_only=facts.invitation_only,
        course_modes=[CourseMode(slug, slug.capitalize()) for slug in facts.run.modes],
        pacing_type=None,
    )


def show_record(seat: SeatRow, facts: CourseFacts) -> EnrollmentRecord:
    """An enrollment with its course run."""
    return EnrollmentRecord(seat.created, seat.mode, seat.is_active, seat.username, show_course(facts))


def unknown_course() -> BrokenRequest:
    """400, here for reading too."""
    return BrokenRequest(errors.INVALID_PARAMETER, Message("There is no course run with this key."))
