"""The words of the journal: where changes come from, what an operation is, what changes are about."""

from enum import StrEnum


class OperationKind(StrEnum):
    """What an operation is (record-api: Words)."""

    # one request to an API, one form of the console
    REQUEST = "request"
    # work of several transactions, with a job of the same id
    TASK = "task"
    UPLOAD = "upload"
    IMPORT = "import"
    ROSTER_CHANGE = "roster_change"
    # an institution file
    LOAD = "load"
    SIGN_UP = "sign_up"
    # a task of the schedule
    NIGHTLY = "nightly"
    DEMO = "demo"


API = "api"
UPLOAD = "upload"
CONSOLE = "console"
COMMAND = "command"
SIGN_UP = "sign-up"
# nobody asked: the daily tasks of the worker
SCHEDULE = "schedule"
SOURCES = (API, UPLOAD, CONSOLE, COMMAND, SIGN_UP, SCHEDULE)
# who may do what
ACCOUNT = "account"
ACCESS_SUBJECTS = ("course_role", "role", "feature", "membership", "group", "client", ACCOUNT)
# what access may be given to beside people: the state before or after names it
ACCESS_HOLDERS = ("group_id", "client_id")
# a job that somebody ended; the state before and after names it
JOB = "job"
JOB_ID = "job_id"
# what an entry may name instead of a person
NAMED_THINGS = (*ACCESS_HOLDERS, JOB_ID)
