"""Which usernames an account may have.

Every account's name is free of what separates identifiers. A *new* name also follows PRECIS (RFC 8265, profile
UsernameCasePreserved): what it is made of can be typed, seen and distinguished. Names that exist stay valid.
"""

import re
import unicodedata
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import connection
from precis_i18n import get_profile

from matricula.foundation.folding import fold
from matricula.foundation.messages import translated
from matricula.foundation.text import TextProblem, character_name, has_control_characters, invisible_character
from matricula.learners.lookalikes import LOOKS_LIKE_ANOTHER, find_lookalikes

MAX_USERNAME = 255
_SEPARATORS = re.compile(r"[\s,]")
_KNOWN = """
select username_key from matricula_account
where username_key = any(%s) and not (self_registered and activated is null and not is_active)
"""
_MERGED = """
select m.username_key, m.username, a.username from matricula_account m
join matricula_account a on a.id = m.merged_into_id where m.username_key = any(%s)
"""
_profile = get_profile("UsernameCasePreserved")


def username_problem(username: str) -> str | None:
    """Why ``username`` can't be one, or None: identifiers are split on commas and white space, so it holds neither."""
    if not username:
        return "is blank"
    if len(username) > MAX_USERNAME:
        return f"has more than {MAX_USERNAME} characters"
    if _SEPARATORS.search(username) or has_control_characters(username):
        return "contains a space, a comma, or a control character"
    return None


def new_username_problem(username: str) -> TextProblem | None:
    """Return why ``username`` can't be the name of a new account, or None; see also ``lookalikes``."""
    if username_problem(username):
        return TextProblem("Usernames have at most 255 characters, without spaces or commas.")
    if not username.strip("."):
        return TextProblem("A username can't consist of dots only. Choose another one.")
    if name := invisible_character(username):
        return TextProblem("A username can't contain the invisible character %(character)s. Delete it.", _named(name))
    if username.isascii():
        return None
    composed = unicodedata.normalize("NFC", username)
    if composed != username:
        # the first sign that is not as it should be
        position = next(i for i, (a, b) in enumerate(zip(username + " ", composed + " ", strict=False)) if a != b)
        return TextProblem(
            "Write %(character)s in this username as one character instead of a letter and a mark.",
            _named(character_name(composed[position])),
        )
    return _precis_problem(username)


def problems_of_new_usernames(usernames: Iterable[str]) -> dict[str, TextProblem]:
    """Return folded username → why there can be no account of it, for those that are new; two statements.

    New is also that of an unconfirmed sign-up: it holds no name, and keeps none in reserve.
    Hold the names (``lock_usernames``) so that no other like them is made meanwhile.
    """
    names = {fold(name): name for name in reversed(list(usernames))}
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [list(names)])
        known = {key for (key,) in cursor.fetchall()}
    new = {key: name for key, name in reversed(names.items()) if key not in known}
    problems = {key: problem for key, name in new.items() if (problem := new_username_problem(name))}
    alike = find_lookalikes(name for key, name in new.items() if key not in problems)
    return problems | {fold(name): LOOKS_LIKE_ANOTHER for name in alike}


def problems_of_merged(usernames: Iterable[str]) -> dict[str, TextProblem]:
    """Return folded username → why nothing can be saved under it, for those of accounts that were merged away."""
    with connection.cursor() as cursor:
        cursor.execute(_MERGED, [[fold(name) for name in usernames]])
        return {
            key: TextProblem(
                "The account “%(username)s” was merged into “%(kept)s”. Use that username.",
                {"username": username, "kept": kept},
            )
            for key, username, kept in cursor.fetchall()
        }


def _precis_problem(username: str) -> TextProblem | None:
    try:
        enforced = _profile.enforce(username)
    except UnicodeEncodeError as error:
        if "bidi_rule" in error.reason:
            return TextProblem(
                "This username mixes writing directions. Begin and end with letters of one direction, "
                "and use the digits of that script."
            )
        name = character_name(username[error.start])
        return TextProblem("A username can't contain %(character)s. Use letters and digits.", _named(name))
    if enforced != username:
        # a wide or half wide form of another character
        name = next(character_name(a) for a, b in zip(username, enforced, strict=False) if a != b)
        return TextProblem("A username can't contain %(character)s. Use letters and digits.", _named(name))
    return None


def _named(name: str) -> dict[str, object]:
    return {"character": name}


def _validate(username: str) -> None:
    if problem := problems_of_new_usernames([username]).get(fold(username)):
        raise ValidationError(translated(problem))


username_validators = [_validate]
