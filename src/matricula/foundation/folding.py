"""How e-mails, usernames and student keys compare: without the case of the letters A to Z, and of those only.

Serves Contract 2, section 3 and Contract 1, section 2. The database repeats it as ``lower(column collate "C")``.
"""

import re
import string

_FOLD = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_control_characters = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]").findall


def fold(text: str) -> str:
    """The form in which two spellings of one e-mail, username or student key are equal.

    Only A to Z are folded, so that look-alike letters of other alphabets never match.
    """
    return text.lower() if text.isascii() else text.translate(_FOLD)


def has_control_characters(text: str, allowed: str = "") -> bool:
    """True if ``text`` holds a character that neither a line of a log nor a mail header may carry."""
    return any(char not in allowed for char in _control_characters(text))
