"""Taking over what people did in an LMS: the record is changed, by the write function of the course run."""

from collections.abc import Sequence

from matricula.catalog.reads import get_courses
from matricula.enrollments.course.rules import Requested
from matricula.enrollments.course.writes import EnrollmentRequest, write_course_enrollments
from matricula.enrollments.statuses import Action
from matricula.foundation.database import execute, fetch_all
from matricula.foundation.transactions import one_transaction
from matricula.journal.writes import Operation

_ACCEPTABLE = """
select d.id, d.course_id, a.username, d.there from matricula_lmsdifference d
join matricula_lmsrow r on r.id = d.row_id
join matricula_account a on a.id = r.account_id
where d.connection_id = %s and d.id = any(%s)
order by d.course_id, d.id for update of d
"""
_DONE = "delete from matricula_lmsdifference where id = any(%s)"


def accept_differences(operation: Operation, connection_id: int, difference_ids: Sequence[int]) -> tuple[int, int]:
    """Change the record to what the LMS has; return how many were accepted, and how many couldn't be.

    Someone without a record here, or in a mode that the course run doesn't have here, stays as they are.
    """
    accepted: list[int] = []
    with one_transaction():
        by_course: dict[int, list[tuple[int, EnrollmentRequest]]] = {}
        rows = fetch_all(_ACCEPTABLE, [connection_id, list(difference_ids)])
        courses = get_courses({course_id for _, course_id, _, _ in rows})
        for id_, course_id, username, there in rows:
            if there is None or there in courses[course_id].modes:
                request = EnrollmentRequest(username, _requested(there))
                by_course.setdefault(course_id, []).append((id_, request))
        for course_id, requests in by_course.items():
            outcomes = write_course_enrollments(
                operation, courses[course_id], [request for _, request in requests], journal_unchanged=False
            )
            accepted += [id_ for (id_, _), outcome in zip(requests, outcomes, strict=True) if outcome.error is None]
        execute(_DONE, [accepted])
    return len(accepted), len(set(difference_ids)) - len(accepted)


def _requested(there: str | None) -> Requested:
    return Requested(Action.UNENROLL) if there is None else Requested(Action.ENROLL, there)
