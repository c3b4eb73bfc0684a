"""The states and kinds of jobs (Contract 2, TaskStatus; Contract 1, section 4)."""

from enum import StrEnum


class JobState(StrEnum):
    """How far a job is."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"


class JobKind(StrEnum):
    """What a job does."""

    LIST_PROGRAM_ENROLLMENTS = "list_program_enrollments"
    LIST_COURSE_RUN_ENROLLMENTS = "list_course_run_enrollments"
    LIST_ALL_COURSE_RUN_ENROLLMENTS = "list_all_course_run_enrollments"
    GET_COURSE_RUN_GRADES = "get_course_run_grades"
    WRITE_PROGRAM_ENROLLMENTS = "write_program_enrollments"
    WRITE_COURSE_RUN_ENROLLMENTS = "write_course_run_enrollments"
    CHANGE_ROSTER = "change_roster"
    CHECK_ROSTER = "check_roster"
    CHECK_PROGRAM_ENROLLMENTS = "check_program_enrollments"
    CHECK_COURSE_RUN_ENROLLMENTS = "check_course_run_enrollments"


PENDING = JobState.PENDING
RUNNING = JobState.RUNNING
COMPLETED = JobState.COMPLETED
FAILED = JobState.FAILED
CANCELED = JobState.CANCELED
JOB_STATES = tuple(JobState)
UNFINISHED = (PENDING, RUNNING)
ENDED = (COMPLETED, FAILED, CANCELED)

LIST_PROGRAM_ENROLLMENTS = JobKind.LIST_PROGRAM_ENROLLMENTS
LIST_COURSE_RUN_ENROLLMENTS = JobKind.LIST_COURSE_RUN_ENROLLMENTS
LIST_ALL_COURSE_RUN_ENROLLMENTS = JobKind.LIST_ALL_COURSE_RUN_ENROLLMENTS
GET_COURSE_RUN_GRADES = JobKind.GET_COURSE_RUN_GRADES
WRITE_PROGRAM_ENROLLMENTS = JobKind.WRITE_PROGRAM_ENROLLMENTS
WRITE_COURSE_RUN_ENROLLMENTS = JobKind.WRITE_COURSE_RUN_ENROLLMENTS
READ_KINDS = (
    LIST_PROGRAM_ENROLLMENTS,
    LIST_COURSE_RUN_ENROLLMENTS,
    LIST_ALL_COURSE_RUN_ENROLLMENTS,
    GET_COURSE_RUN_GRADES,
)
# at most one of these is unfinished for a program
WRITE_KINDS = (WRITE_PROGRAM_ENROLLMENTS, WRITE_COURSE_RUN_ENROLLMENTS)
# a roster is changed by the rows of a file or of a list
CHANGE_ROSTER = JobKind.CHANGE_ROSTER
# what one of these writes would do, looked at before it is done
CHECK_ROSTER = JobKind.CHECK_ROSTER
CHECK_PROGRAM_ENROLLMENTS = JobKind.CHECK_PROGRAM_ENROLLMENTS
CHECK_COURSE_RUN_ENROLLMENTS = JobKind.CHECK_COURSE_RUN_ENROLLMENTS
# check → the job that does it
CHECKED = {
    CHECK_ROSTER: CHANGE_ROSTER,
    CHECK_PROGRAM_ENROLLMENTS: WRITE_PROGRAM_ENROLLMENTS,
    CHECK_COURSE_RUN_ENROLLMENTS: WRITE_COURSE_RUN_ENROLLMENTS,
}
