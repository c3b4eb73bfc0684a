"""How e-mails, usernames and student keys compare: without the case of the letters A to Z, and of those only.

Serves Contract 2, section 3 and Contract 1, section 2. The database repeats it as ``lower(column collate "C")``.
"""

import string

_FOLD = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def fold(text: str) -> str:
    """The form in which two spellings of one e-mail, username or student key are equal.

    Only A to Z are folded, so that look-alike letters of other alphabets never match.
    """
    return text.lower() if text.isascii() else text.translate(_FOLD)
