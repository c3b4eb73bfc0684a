"""How emails, usernames and student keys compare: without the case of the letters A to Z, and of those only.

See enrollment-api: What happens to each person; registrar-api: Writing a few students.
The database repeats it as ``lower(column collate "C")``.
"""

import string

_FOLD = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def fold(text: str) -> str:
    """The form in which two spellings of one email, username or student key are equal.

    Only A to Z are folded, so that look-alike letters of other alphabets never match.
    """
    return text.lower() if text.isascii() else text.translate(_FOLD)
