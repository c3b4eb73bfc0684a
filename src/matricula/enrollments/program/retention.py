"""Students who wait for an account are not kept for ever (MATRICULA_KEEP_WAITING_DAYS).

A row of a program waits while no account is linked to its student key. It expires when neither it nor one of its
course rows was changed for so many days: the row and its course rows are deleted, and the journal says so, each row
with its last status. No one loses a course enrollment by it, because a waiting row has none behind it. Afterwards the
key is unknown in the program: POST and uploads create it again, PATCH answers ``not-found``; a key that is linked
later finds nothing to become real. Sending an unchanged status again does not make a row younger. Rows with an
account never expire.
"""

from itertools import groupby

from matricula.enrollments.store.entries import program_entry, student_course_state, student_state
from matricula.foundation.database import execute, fetch_all
from matricula.foundation.statements import read_statements
from matricula.foundation.transactions import one_transaction
from matricula.journal.states import StudentCourseState, StudentState
from matricula.journal.statuses import SCHEDULE
from matricula.journal.writes import Operation, add_entries, new_operation
from matricula.learners.locks import lock_student_keys

EXPIRED = "expired"
_BATCH = 1_000
_STATEMENTS = read_statements(__file__)
_DELETE_COURSES = """
delete from matricula_programcourseenrollment where program_enrollment_id = any(%s)
returning program_enrollment_id, course_id, status, course_staff
"""


def delete_waiting_students(days: int) -> int:
    """Deletes program rows that have waited so many days for an account, with their course rows; how many. 0: never."""
    operation = new_operation(None, SCHEDULE)
    total = 0
    while days and (due := fetch_all(_STATEMENTS["due"](), [days, days, _BATCH])):
        deleted = 0
        for organization_id, rows in groupby(due, key=lambda row: row[0]):
            deleted += _delete(operation, organization_id, {row_id: key for _, row_id, key in rows}, days)
        total += deleted
        if not deleted:
            # each was changed or linked since we looked; tomorrow is another day
            break
    return total


def count_due_waiting_students(days: int, grace_days: int = 2) -> int:
    """How many should have been deleted ``grace_days`` ago and are still there."""
    late = days + grace_days
    return int(fetch_all(_STATEMENTS["count_waiting"](), [late, late])[0][0]) if days else 0


def _delete(operation: Operation, organization_id: int, due: dict[int, str], days: int) -> int:
    with one_transaction():
        lock_student_keys(organization_id, due.values())
        students = fetch_all(_STATEMENTS["lock"](), [days, days, list(due)])
        ids = [row_id for row_id, *_ in students]
        held = {row_id: (program_id, key) for row_id, program_id, key, _ in students}
        courses = fetch_all(_DELETE_COURSES, [ids])
        rows: list[tuple[int, str, StudentState | StudentCourseState | None, int | None]] = [
            (*held[row_id], student_course_state(status, course_staff), course_id)
            for row_id, course_id, status, course_staff in courses
        ]
        rows += [(program_id, key, student_state(status), None) for _, program_id, key, status in students]
        entries = [
            program_entry(
                operation,
                program_id,
                key,
                None,
                before,
                None,
                course_id=course_id,
                transition=f"from {before.status if before else 'none'} to {EXPIRED}",
            )
            for program_id, key, before, course_id in rows
        ]
        add_entries(operation, entries)
        execute("delete from matricula_programenrollment where id = any(%s)", [ids])
    return len(ids)
