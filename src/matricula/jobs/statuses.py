"""The states and kinds of jobs (enrollment-api: Tasks; registrar-api: Jobs)."""

PENDING = "pending"
RUNNING = "running"
COMPLETED = "completed"
FAILED = "failed"
CANCELED = "canceled"
JOB_STATES = (PENDING, RUNNING, COMPLETED, FAILED, CANCELED)
UNFINISHED = (PENDING, RUNNING)
ENDED = (COMPLETED, FAILED, CANCELED)

LIST_PROGRAM_ENROLLMENTS = "list_program_enrollments"
LIST_COURSE_RUN_ENROLLMENTS = "list_course_run_enrollments"
LIST_ALL_COURSE_RUN_ENROLLMENTS = "list_all_course_run_enrollments"
GET_COURSE_RUN_GRADES = "get_course_run_grades"
WRITE_PROGRAM_ENROLLMENTS = "write_program_enrollments"
WRITE_COURSE_RUN_ENROLLMENTS = "write_course_run_enrollments"
READ_KINDS = (
    LIST_PROGRAM_ENROLLMENTS,
    LIST_COURSE_RUN_ENROLLMENTS,
    LIST_ALL_COURSE_RUN_ENROLLMENTS,
    GET_COURSE_RUN_GRADES,
)
# at most one of these is unfinished for a program
WRITE_KINDS = (WRITE_PROGRAM_ENROLLMENTS, WRITE_COURSE_RUN_ENROLLMENTS)
# a roster is changed by the rows of a file or of a list
CHANGE_ROSTER = "change_roster"
# what one of these writes would do, looked at before it is done
CHECK_ROSTER = "check_roster"
CHECK_PROGRAM_ENROLLMENTS = "check_program_enrollments"
CHECK_COURSE_RUN_ENROLLMENTS = "check_course_run_enrollments"
# check → the job that does it
CHECKED = {
    CHECK_ROSTER: CHANGE_ROSTER,
    CHECK_PROGRAM_ENROLLMENTS: WRITE_PROGRAM_ENROLLMENTS,
    CHECK_COURSE_RUN_ENROLLMENTS: WRITE_COURSE_RUN_ENROLLMENTS,
}
