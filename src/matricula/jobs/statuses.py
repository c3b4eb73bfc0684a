"""The states and kinds of jobs (enrollment-api: Tasks; registrar-api: Jobs)."""

from enum import StrEnum


class JobState(StrEnum):
    """How far a job is."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"


class JobKind(StrEnum):
    """What a job does, in the contract's words; the other kinds are those of ``batches/kinds.py``."""

    LIST_PROGRAM_ENROLLMENTS = "list_program_enrollments"
    LIST_COURSE_RUN_ENROLLMENTS = "list_course_run_enrollments"
    LIST_ALL_COURSE_RUN_ENROLLMENTS = "list_all_course_run_enrollments"
    GET_COURSE_RUN_GRADES = "get_course_run_grades"
    WRITE_PROGRAM_ENROLLMENTS = "write_program_enrollments"
    WRITE_COURSE_RUN_ENROLLMENTS = "write_course_run_enrollments"


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
WRITE_KINDS = (WRITE_PROGRAM_ENROLLMENTS, WRITE_COURSE_RUN_ENROLLMENTS)
# a list of the console, too long to be made into a workbook while someone waits (``listings``)
EXPORT_LIST = "export_list"
# what gives a file and writes no enrollments
DOWNLOAD_KINDS = (*READ_KINDS, EXPORT_LIST)
UNDO = "undo_operation"
# grades of a course run from its learning platform: done by the process that begins it (``connectors``)
FETCH_LMS_GRADES = "fetch_lms_grades"
# at most one of these is unfinished for a program
EXCLUSIVE_KINDS = (*WRITE_KINDS, UNDO)
# the kinds of jobs that only preview what another one would do begin so (``batches/kinds.py``)
CHECK = "check_"
