"""The doors through which changes come (Contract 2, section 3)."""

API = "api"
UPLOAD = "upload"
CONSOLE = "console"
COMMAND = "command"
SIGN_UP = "sign-up"
# nobody asked: the daily tasks of the worker
SCHEDULE = "schedule"
SOURCES = (API, UPLOAD, CONSOLE, COMMAND, SIGN_UP, SCHEDULE)
