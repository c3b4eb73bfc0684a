"""The forms that values of the institution file must have: each function says what is wrong and the remedy, or None."""

import re
from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

from matricula.access.statuses import COURSE_ROLES, FEATURES, ROLES, SCOPES
from matricula.catalog.course_keys import is_course_key
from matricula.enrollments.course.rules import MAX_IDENTIFIER, looks_like_address
from matricula.foundation.environment import LANGUAGES
from matricula.foundation.text import has_control_characters, invisible_character
from matricula.learners.usernames import username_fault

MAX_TEXT = 255
# among the checks of a type: white space and invisible characters around the text are no part of it
TRIMMED = "trimmed"
MAX_URL = 2000
MAX_COUNT = 2**31 - 1
_ORGANIZATION_KEY = re.compile(r"[^\s/+,]+")
_PROGRAM_KEY = re.compile(r"[A-Za-z0-9_-]+")
_MODE = re.compile(r"\S+")
_CLIENT_ID = re.compile(r"[\x21-\x39\x3b-\x7e]+")


def _line_fault(text: str, longest: int = MAX_TEXT) -> str | None:
    if len(text) > longest:
        return f"has more than {longest} characters; shorten it"
    if not text.isprintable() and has_control_characters(text):
        return "contains a line break or a control character; remove it"
    return None


def _text_fault(text: str) -> str | None:
    return _line_fault(text) if text.strip() else "is blank; write a text, or leave the field out"


def _pattern_fault(text: str, pattern: re.Pattern[str], remedy: str) -> str | None:
    return _line_fault(text) or (None if pattern.fullmatch(text) else remedy)


def _organization_fault(text: str) -> str | None:
    remedy = "is not an organization key; write it without white space, slash, plus, and comma"
    return _pattern_fault(text, _ORGANIZATION_KEY, remedy)


def _course_fault(text: str) -> str | None:
    remedy = "is not a course run key; write it as course-v1:Organization+Course+Run"
    return _line_fault(text) or (None if is_course_key(text) else remedy)


def _program_fault(text: str) -> str | None:
    return _pattern_fault(text, _PROGRAM_KEY, "is not a program key; use only letters A to Z, digits, -, and _")


def _mode_fault(text: str) -> str | None:
    return _pattern_fault(text, _MODE, "is not a mode; write a word without white space, for example audit")


def _client_id_fault(text: str) -> str | None:
    return _pattern_fault(text, _CLIENT_ID, "is not a client ID; use ASCII letters, digits, and symbols, but no colon")


def _username_fault(text: str) -> str | None:
    fault = username_fault(text) or _line_fault(text)
    return fault and f"{fault}; choose another username"


def _student_key_fault(text: str) -> str | None:
    return _text_fault(text) or _invisible_fault(text)


def _invisible_fault(text: str) -> str | None:
    name = invisible_character(text)
    return f"contains the invisible character {name}; delete it" if name else None


def _email_fault(text: str) -> str | None:
    if hidden := _invisible_fault(text):
        return hidden
    if len(text) > MAX_IDENTIFIER or not looks_like_address(text):
        return "is not an email address; write it as name@example.org"
    return _line_fault(text)


def _url_fault(text: str) -> str | None:
    remedy = "is not a web address; write it as https://learn.example.org/path"
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", text)
    except ValueError:
        good = False
    return _line_fault(text, MAX_URL) or (None if good else remedy)


def _word_fault(text: str, words: tuple[str, ...]) -> str | None:
    return None if text in words else f"is not allowed; write one of: {', '.join(words)}"


def _role_fault(text: str) -> str | None:
    return _word_fault(text, (*ROLES, *COURSE_ROLES))


def _feature_fault(text: str) -> str | None:
    return _word_fault(text, FEATURES)


def _scope_fault(text: str) -> str | None:
    return _word_fault(text, SCOPES)


def _language_fault(text: str) -> str | None:
    return _word_fault(text, LANGUAGES)


def _percent_fault(value: float) -> str | None:
    return None if 0 <= value <= 1 else "is not a fraction; write a number from 0 to 1, for example 0.95"


def _count_fault(value: int) -> str | None:
    return None if 0 <= value <= MAX_COUNT else f"is out of range; write a whole number from 0 to {MAX_COUNT}"


def _time_fault(value: datetime) -> str | None:
    return None if 1900 <= value.year <= 2999 else "is out of range; write a year from 1900 to 2999"


def _secret_fault(text: str) -> str | None:
    return None if text.strip() else "is blank; write a secret, or leave the field out"


OrganizationKey = Annotated[str, _organization_fault]
CourseKey = Annotated[str, _course_fault]
ProgramKey = Annotated[str, _program_fault]
Username = Annotated[str, _username_fault]
# of an account that is named elsewhere
AccountName = Annotated[str, TRIMMED, _username_fault]
Email = Annotated[str, TRIMMED, _email_fault]
StudentKey = Annotated[str, TRIMMED, _student_key_fault]
Url = Annotated[str, _url_fault]
Mode = Annotated[str, _mode_fault]
ClientId = Annotated[str, _client_id_fault]
RoleWord = Annotated[str, _role_fault]
FeatureWord = Annotated[str, _feature_fault]
ScopeWord = Annotated[str, _scope_fault]
Language = Annotated[str, _language_fault]
Percent = Annotated[float, _percent_fault]
Count = Annotated[int, _count_fault]
Time = Annotated[datetime, _time_fault]
Text = Annotated[str, _text_fault]
# may be empty: a person without a last name
Name = Annotated[str, _line_fault]
Secret = Annotated[str, _secret_fault]
