"""What files about people contain."""

from enum import StrEnum


class DisclosureKind(StrEnum):
    """What someone got."""

    # the roster of a course run, those who left too
    ENROLLMENTS = "enrollments"
    USERS = "users"
    PROGRAM_ENROLLMENTS = "program_enrollments"
    # the students of a program in its course runs
    COURSE_ENROLLMENTS = "course_enrollments"
    STUDENT_KEYS = "student_keys"
    GRADES = "grades"
    JOURNAL = "journal"
    # this list itself
    DISCLOSURES = "disclosures"
    PLAN_ROWS = "plan_rows"
    OPERATION_CHANGES = "operation_changes"
    REJECTED_ROWS = "rejected_rows"
    # what a task of the Enrollment API did for each person
    TASK_RESULTS = "task_results"
    # the file of a job: a download, or what an upload did
    JOB_RESULT = "job_result"
    REPORT = "report"
    # of a course run or program, as it was at a moment
    ROSTER = "roster"
    # between two moments; or between an LMS and the record
    DIFFERENCE = "difference"
    # a roster that was kept, and its rows when they are downloaded
    SNAPSHOT = "snapshot"
    SNAPSHOT_ROWS = "snapshot_rows"


KINDS = tuple(kind.value for kind in DisclosureKind)
