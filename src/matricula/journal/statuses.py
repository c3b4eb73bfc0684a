"""The doors through which changes come (Contract 2, section 3)."""

API = "api"
UPLOAD = "upload"
CONSOLE = "console"
COMMAND = "command"
SIGN_UP = "sign-up"
# nobody asked: the daily tasks of the worker
SCHEDULE = "schedule"
SOURCES = (API, UPLOAD, CONSOLE, COMMAND, SIGN_UP, SCHEDULE)
# who may do what
ACCESS_SUBJECTS = ("course_role", "role", "feature", "membership", "group", "client")
# what access may be given to beside people: the state before or after names it
ACCESS_HOLDERS = ("group_id", "client_id")
# a job that somebody ended; the state before and after names it
JOB = "job"
JOB_ID = "job_id"
# what an entry may name instead of a person
NAMED_THINGS = (*ACCESS_HOLDERS, JOB_ID)
