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
    # a plan: made, or applied; what is taken back
    PLAN = "plan"
    UNDO = "undo"
    # an institution file
    LOAD = "load"
    SIGN_UP = "sign_up"
    # a task of the schedule
    NIGHTLY = "nightly"
    # entries about what was there before the journal knew of it
    UPGRADE = "upgrade"
    DEMO = "demo"


class Source(StrEnum):
    """The door through which a change came."""

    API = "api"
    UPLOAD = "upload"
    CONSOLE = "console"
    COMMAND = "command"
    SIGN_UP = "sign-up"
    # the daily tasks of the worker
    SCHEDULE = "schedule"


API, UPLOAD, CONSOLE = Source.API, Source.UPLOAD, Source.CONSOLE
COMMAND, SIGN_UP, SCHEDULE = Source.COMMAND, Source.SIGN_UP, Source.SCHEDULE
SOURCES = tuple(source.value for source in Source)


class Subject(StrEnum):
    """What an entry is about (record-api: Words)."""

    # one person in one course run
    COURSE_ENROLLMENT = "course_enrollment"
    # the same, where there is no enrollment before or after: an invitation alone
    PRE_ENROLLMENT = "pre_enrollment"
    PROGRAM_ENROLLMENT = "program_enrollment"
    PROGRAM_COURSE_ENROLLMENT = "program_course_enrollment"
    GRADE = "grade"
    ACCOUNT = "account"
    STUDENT_KEY = "student_key"
    COURSE_ROLE = "course_role"
    ROLE = "role"
    FEATURE = "feature"
    GROUP = "group"
    MEMBERSHIP = "membership"
    CLIENT = "client"
    JOB = "job"
    # organizations, course runs, programs and the course runs in them
    CATALOG = "catalog"


# who may do what
ACCESS_SUBJECTS = (
    Subject.COURSE_ROLE,
    Subject.ROLE,
    Subject.FEATURE,
    Subject.MEMBERSHIP,
    Subject.GROUP,
    Subject.CLIENT,
    Subject.ACCOUNT,
)
# Transitions of more than one subject. An entry "recorded" says how a thing was when the journal began to record it:
# nothing happened then
CREATED, CHANGED, DELETED, RECORDED = "created", "changed", "deleted", "recorded"
LINKED, UNLINKED = "linked", "unlinked"
# of an account: into another one of the same person
MERGED, MERGE_UNDONE = "merged", "merge undone"
# a new account that may do nothing special; thousands come by one file
REGISTERED = "registered"
# what is in no list of who was given what
NOT_ABOUT_ACCESS = (REGISTERED, RECORDED)
# what an entry may name instead of a person; the state before or after says which one it is
NAMED_THINGS = ("group_id", "client_id", "job_id")
