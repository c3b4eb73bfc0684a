"""The form of course run keys (Contract 2, section 1); our own parser, see docs/decisions/0007."""

import re

_COURSE_KEY = re.compile(r"course-v1:[^/+]+(\+[^/+]+)+(\+[^/]+)")


def is_course_key(text: str) -> bool:
    """True if ``text`` has the form ``course-v1:Org+Course+Run``."""
    return _COURSE_KEY.fullmatch(text) is not None
