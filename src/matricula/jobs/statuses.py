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
# the kinds of jobs that only tell what another one would do begin so (``batches/kinds.py``)
CHECK = "check_"
