"""Enrolling many as a task: the request is stored at once, the worker does it chunk by chunk.

See enrollment-api: Tasks.
"""

import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Any

from matricula.catalog.reads import CourseRun, get_courses
from matricula.enrollments.course.outcomes import outcome_word
from matricula.enrollments.course.rules import Wish
from matricula.enrollments.course.writes import EnrollmentOutcome, EnrollmentRequest, state, write_course_enrollments
from matricula.enrollments.store.values import Person
from matricula.foundation.transactions import one_transaction
from matricula.jobs.reads import JobStatus, find_job
from matricula.jobs.writes import finish_chunk, lock_next_chunk, start_job

ENROLLMENT_TASK = "course_enrollments"
# one transaction's share: small enough that progress is seen to move, large enough that its statements cost little
CHUNK = 5_000


def start_enrollment_task(
    *, actor_id: int, source: str, course: CourseRun, identifiers: Sequence[str], request: EnrollmentRequest
) -> uuid.UUID:
    """Stores the request for every identifier and queues it; the id of the task.

    ``request`` carries what is asked for each of them; its own identifier is not used.
    """
    return start_job(
        ENROLLMENT_TASK,
        actor_id=actor_id,
        source=source,
        course_id=course.id,
        options={
            "action": request.wish.action,
            "mode": request.wish.mode,
            "auto_enroll": request.wish.auto_enroll,
            "email_student": request.email_student,
            "reason": request.reason,
        },
        items=identifiers,
        chunk_size=CHUNK,
    )


def work_enrollment_chunk(job: JobStatus) -> bool:
    """Does the next chunk of a task in one transaction; False once none is left."""
    with one_transaction():
        chunk = lock_next_chunk(job.id)
        if chunk is None or job.course_id is None:
            return False
        course = get_courses([job.course_id])[job.course_id]
        options = job.options
        wish = Wish(options["action"], options["mode"], options["auto_enroll"])
        outcomes = write_course_enrollments(
            job.operation,
            course,
            [EnrollmentRequest(i, wish, options["email_student"], options["reason"]) for i in chunk.input],
        )
        finish_chunk(job.id, chunk, [to_stored(o) for o in outcomes], Counter(outcome_word(o) for o in outcomes))
    return True


def to_stored(outcome: EnrollmentOutcome) -> list[Any]:
    """An outcome as a task keeps it: identifier, before, after, the name of the error."""
    error = outcome.error.name if outcome.error else None
    return [outcome.identifier, state(outcome.before), state(outcome.after), error]


def stored_error(name: str | None) -> Person | None:
    """The error of a stored outcome."""
    return Person[name] if name else None


def find_enrollment_task(task_id: uuid.UUID, course_id: int) -> JobStatus | None:
    """A task of this course run, or None."""
    job = find_job(task_id, course_id=course_id)
    return job if job and job.kind == ENROLLMENT_TASK else None
