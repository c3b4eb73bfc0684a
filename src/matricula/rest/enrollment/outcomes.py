"""Outcomes of enrolling as the API words them."""

from collections.abc import Mapping
from typing import Any

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from msgspec import UNSET

from matricula.enrollments.rules import Person
from matricula.enrollments.tasks import stored_error, to_stored
from matricula.enrollments.writes import EnrollmentOutcome
from matricula.rest.enrollment.schemas import EnrollmentResult, EnrollmentState


def error_text(error: Person) -> str:
    """Why nothing was done for an identifier, in the active language."""
    return {
        Person.UNKNOWN_USERNAME: _("There is no account with this username; check it, or use the e-mail address."),
        Person.BAD_ADDRESS: _("This is not a valid e-mail address; correct it and try again."),
        Person.TOO_LONG: _("This has more than 255 characters; no username or e-mail address is that long."),
        Person.TWO_ACCOUNTS: _(
            "This fits two accounts: the username of one and the e-mail of another. Use the other name of the one meant."
        ),
    }[error]


def to_result(outcome: EnrollmentOutcome) -> EnrollmentResult:
    """One outcome on the wire."""
    return stored_result(to_stored(outcome))


def stored_result(stored: list[Any]) -> EnrollmentResult:
    """One stored outcome of a task on the wire."""
    identifier, before, after, name = stored
    error = stored_error(name)
    return EnrollmentResult(
        identifier,
        msgspec.convert(before, EnrollmentState),
        msgspec.convert(after, EnrollmentState),
        error_text(error) if error else UNSET,
    )


def summary(counts: Mapping[str, int]) -> str:
    """The numbers of a task in a sentence, in the active language."""
    words = {
        "enrolled": lambda n: ngettext("%(n)d enrolled", "%(n)d enrolled", n),
        "allowed": lambda n: ngettext("%(n)d invited", "%(n)d invited", n),
        "unenrolled": lambda n: ngettext("%(n)d unenrolled", "%(n)d unenrolled", n),
        "unchanged": lambda n: ngettext("%(n)d unchanged", "%(n)d unchanged", n),
        "error": lambda n: ngettext("%(n)d failed", "%(n)d failed", n),
    }
    parts = [text(counts[word]) % {"n": counts[word]} for word, text in words.items() if counts.get(word)]
    return ", ".join(parts) or _("nothing to do")
