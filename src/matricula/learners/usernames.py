"""Which usernames an account may have."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from matricula.foundation.text import has_control_characters

MAX_USERNAME = 255
_SEPARATORS = re.compile(r"[\s,]")


def username_fault(username: str) -> str | None:
    """Why ``username`` can't be one, or None: identifiers are split on commas and white space, so it holds neither."""
    if not username:
        return "is blank"
    if len(username) > MAX_USERNAME:
        return f"has more than {MAX_USERNAME} characters"
    if _SEPARATORS.search(username) or has_control_characters(username):
        return "holds a space, a comma or a control character"
    return None


def _validate(username: str) -> None:
    if username_fault(username):
        raise ValidationError(_("A username is at most 255 characters without spaces or commas."))


username_validators = [_validate]
