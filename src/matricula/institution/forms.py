"""The forms that values of the institution file must have: each function says what is wrong and the remedy, or None."""

import os
import re
from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

from matricula.access.clients.redirects import is_redirect
from matricula.access.statuses import COURSE_ROLES, FEATURES, ROLES, SCOPES
from matricula.catalog.course_keys import is_course_key
from matricula.connections.statuses import OWNERS
from matricula.enrollments.course.rules import MAX_IDENTIFIER, looks_like_address
from matricula.foundation.environment import LANGUAGES, PLAN_LIMITS
from matricula.foundation.text import has_control_characters, invisible_character
from matricula.learners.usernames import username_problem

MAX_TEXT = 255
# among the checks of a type: white space and invisible characters around the text are no part of it
TRIMMED = "trimmed"
MAX_URL = 2000
MAX_COUNT = 2**31 - 1
_ORGANIZATION_KEY = re.compile(r"[^\s/+,]+")
_PROGRAM_KEY = re.compile(r"[A-Za-z0-9_-]+")
_MODE = re.compile(r"\S+")
_CONNECTION = re.compile(r"[A-Za-z0-9_-]+")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
MAX_PAUSE = 3600
_CLIENT_ID = re.compile(r"[\x21-\x39\x3b-\x7e]+")


def _line_problem(text: str, longest: int = MAX_TEXT) -> str | None:
    if len(text) > longest:
        return f"has more than {longest} characters; shorten it"
    if not text.isprintable() and has_control_characters(text):
        return "contains a line break or a control character; remove it"
    return None


def _text_problem(text: str) -> str | None:
    return _line_problem(text) if text.strip() else "is blank; write a text, or leave the field out"


def _pattern_problem(text: str, pattern: re.Pattern[str], remedy: str) -> str | None:
    return _line_problem(text) or (None if pattern.fullmatch(text) else remedy)


def _organization_problem(text: str) -> str | None:
    remedy = "is not an organization key; write it without white space, slash, plus, and comma"
    return _pattern_problem(text, _ORGANIZATION_KEY, remedy)


def _course_problem(text: str) -> str | None:
    remedy = "is not a course run key; write it as course-v1:Organization+Course+Run"
    return _line_problem(text) or (None if is_course_key(text) else remedy)


def _program_problem(text: str) -> str | None:
    return _pattern_problem(text, _PROGRAM_KEY, "is not a program key; use only letters A to Z, digits, -, and _")


def _mode_problem(text: str) -> str | None:
    return _pattern_problem(text, _MODE, "is not a mode; write a word without white space, for example audit")


def _connection_problem(text: str) -> str | None:
    return _pattern_problem(text, _CONNECTION, "is not a name; use only letters A to Z, digits, -, and _")


def _variable_problem(text: str) -> str | None:
    if problem := _pattern_problem(text, _VARIABLE, "is not the name of a variable; use letters A to Z, digits, and _"):
        return problem
    secret = os.environ.get(text, "")
    if not secret:
        return "is not set in the environment; set it, also for the worker"
    # it is sent in a header
    return None if secret.isascii() and secret.isprintable() else "contains characters other than ASCII; correct it"


def _owner_problem(text: str) -> str | None:
    return _word_problem(text, OWNERS)


def _pause_problem(value: float) -> str | None:
    good = 0 <= value <= MAX_PAUSE
    return None if good else f"is out of range; write a number of seconds from 0 to {MAX_PAUSE}"


def _client_id_problem(text: str) -> str | None:
    return _pattern_problem(
        text, _CLIENT_ID, "is not a client ID; use ASCII letters, digits, and symbols, but no colon"
    )


def _username_problem(text: str) -> str | None:
    problem = username_problem(text) or _line_problem(text)
    return problem and f"{problem}; choose another username"


def _student_key_problem(text: str) -> str | None:
    return _text_problem(text) or _invisible_problem(text)


def _invisible_problem(text: str) -> str | None:
    name = invisible_character(text)
    return f"contains the invisible character {name}; delete it" if name else None


def _email_problem(text: str) -> str | None:
    if hidden := _invisible_problem(text):
        return hidden
    if len(text) > MAX_IDENTIFIER or not looks_like_address(text):
        return "is not an email address; write it as name@example.org"
    return _line_problem(text)


def _url_problem(text: str) -> str | None:
    remedy = "is not a web address; write it as https://learn.example.org/path"
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", text)
    except ValueError:
        good = False
    return _line_problem(text, MAX_URL) or (None if good else remedy)


def _redirect_problem(text: str) -> str | None:
    remedy = "is not a redirect address; write it as https://app.example.org/callback, or http://127.0.0.1/callback"
    return None if is_redirect(text) else remedy


def _word_problem(text: str, words: tuple[str, ...]) -> str | None:
    return None if text in words else f"is not allowed; write one of: {', '.join(words)}"


def _role_problem(text: str) -> str | None:
    return _word_problem(text, (*ROLES, *COURSE_ROLES))


def _feature_problem(text: str) -> str | None:
    return _word_problem(text, FEATURES)


def _scope_problem(text: str) -> str | None:
    return _word_problem(text, SCOPES)


def _language_problem(text: str) -> str | None:
    return _word_problem(text, LANGUAGES)


def _percent_problem(value: float) -> str | None:
    return None if 0 <= value <= 1 else "is not a fraction; write a number from 0 to 1, for example 0.95"


def _count_problem(value: int, largest: int = MAX_COUNT) -> str | None:
    return None if 0 <= value <= largest else f"is out of range; write a whole number from 0 to {largest}"


def _whole_percent_problem(value: int) -> str | None:
    return _count_problem(value, 100)


def _approvals_problem(value: int) -> str | None:
    return _count_problem(value, PLAN_LIMITS["approvals"])


def _time_problem(value: datetime) -> str | None:
    return None if 1900 <= value.year <= 2999 else "is out of range; write a year from 1900 to 2999"


def _secret_problem(text: str) -> str | None:
    return None if text.strip() else "is blank; write a secret, or leave the field out"


OrganizationKey = Annotated[str, _organization_problem]
CourseKey = Annotated[str, _course_problem]
ProgramKey = Annotated[str, _program_problem]
Username = Annotated[str, _username_problem]
# of an account that is named elsewhere
AccountName = Annotated[str, TRIMMED, _username_problem]
Email = Annotated[str, TRIMMED, _email_problem]
StudentKey = Annotated[str, TRIMMED, _student_key_problem]
Url = Annotated[str, _url_problem]
RedirectAddress = Annotated[str, _redirect_problem]
Mode = Annotated[str, _mode_problem]
ClientId = Annotated[str, _client_id_problem]
RoleWord = Annotated[str, _role_problem]
FeatureWord = Annotated[str, _feature_problem]
ScopeWord = Annotated[str, _scope_problem]
Language = Annotated[str, _language_problem]
ConnectionName = Annotated[str, _connection_problem]
Variable = Annotated[str, _variable_problem]
OwnerWord = Annotated[str, _owner_problem]
Pause = Annotated[float, _pause_problem]
Percent = Annotated[float, _percent_problem]
Count = Annotated[int, _count_problem]
WholePercent = Annotated[int, _whole_percent_problem]
Approvals = Annotated[int, _approvals_problem]
Time = Annotated[datetime, _time_problem]
Text = Annotated[str, _text_problem]
# may be empty: a person without a last name
Name = Annotated[str, _line_problem]
Secret = Annotated[str, _secret_problem]
