"""Beta testers of a course run: the role given to people or taken away, in one operation for all of them."""

from collections.abc import Sequence

from msgspec import Struct

from matricula.access.grants import CourseRoleRequest, write_grants
from matricula.access.statuses import CourseRole
from matricula.catalog.reads import CourseRun
from matricula.enrollments.course.rules import Requested, may_be_stored, unknown_person
from matricula.enrollments.course.writes import EnrollmentRequest, write_course_enrollments
from matricula.enrollments.statuses import ENROLL
from matricula.enrollments.store.values import Person
from matricula.foundation.folding import fold
from matricula.foundation.transactions import one_transaction
from matricula.journal.writes import Operation, record_operation
from matricula.learners.reads import Learner, find_confirmed


class TesterRequest(Struct, frozen=True):
    """What is asked for some people, by email or username; ``enroll``: also enroll those who are not."""

    identifiers: Sequence[str]
    granted: bool
    enroll: bool = False
    email_student: bool = False


class TesterOutcome(Struct, frozen=True):
    """What became of one identifier; ``error`` says what it turned out to be where nothing was done."""

    identifier: str
    error: Person | None
    # of the account; None without one
    is_active: bool | None


def write_beta_testers(operation: Operation, course: CourseRun, request: TesterRequest) -> list[TesterOutcome]:
    """Gives or takes the role, in one transaction; one outcome for each identifier, in order.

    Accounts that are not active get it, too; a sign-up that no one confirmed is no account yet. The number of
    statements doesn't grow with the number of people.
    """
    found = find_confirmed([key for key in map(fold, request.identifiers) if may_be_stored(key)])
    people = [(identifier, found.get(fold(identifier), [])) for identifier in request.identifiers]
    known = [(identifier, fitting[0]) for identifier, fitting in people if len(fitting) == 1]
    with one_transaction():
        if request.granted and request.enroll and known:
            requested = Requested(ENROLL, auto_enroll=True)
            wanted = [EnrollmentRequest(identifier, requested, request.email_student) for identifier, _ in known]
            write_course_enrollments(operation, course, wanted, journal_unchanged=False)
        roles = [CourseRoleRequest(CourseRole.BETA_TESTER, learner.id, course.id) for _, learner in known]
        write_grants(operation, roles, granted=request.granted)
        if not roles:
            record_operation(operation)
    return [_outcome(identifier, fitting) for identifier, fitting in people]


def _outcome(identifier: str, fitting: Sequence[Learner]) -> TesterOutcome:
    if len(fitting) == 1:
        return TesterOutcome(identifier, None, fitting[0].is_active)
    return TesterOutcome(identifier, Person.TWO_ACCOUNTS if fitting else unknown_person(identifier), None)
