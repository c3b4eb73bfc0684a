"""The doors through which changes come (Contract 2, section 3)."""

API = "api"
UPLOAD = "upload"
CONSOLE = "console"
COMMAND = "command"
SIGN_UP = "sign-up"
SOURCES = (API, UPLOAD, CONSOLE, COMMAND, SIGN_UP)
