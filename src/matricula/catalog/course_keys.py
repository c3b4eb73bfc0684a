"""The form of course run keys (enrollment-api: Basics); our own parser, see docs/decisions/0007."""

import re

# the language of the contract's pattern, written so that a hostile key of any length is rejected in linear time
_COURSE_KEY = re.compile(r"course-v1:[^/+]+\+[^/+]+\+[^/]+")


def is_course_key(text: str) -> bool:
    """True if ``text`` has the form ``course-v1:Org+Course+Run``."""
    return _COURSE_KEY.fullmatch(text) is not None
