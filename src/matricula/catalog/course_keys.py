"""The form of course run keys (enrollment-api: Basics); our own parser, see docs/decisions/0007.

And what a course run is called: runs of one course have one title, so people read the run beside it.
"""

import re

# the language of the contract's pattern, written so that a hostile key of any length is rejected in linear time
_COURSE_KEY = re.compile(r"course-v1:[^/+]+\+[^/+]+\+[^/]+")


def is_course_key(text: str) -> bool:
    """True if ``text`` has the form ``course-v1:Org+Course+Run``."""
    return _COURSE_KEY.fullmatch(text) is not None


def run_title(title: str, key: str) -> str:
    """Return what people read of a course run, such as "Databases (2027_T1)": the run is the last part of its key."""
    return f"{title} ({key.rpartition('+')[2]})"
