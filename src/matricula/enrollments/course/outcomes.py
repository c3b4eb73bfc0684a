"""Outcomes in words and numbers, for every door."""

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from matricula.enrollments.course.writes import EnrollmentOutcome
from matricula.enrollments.store.values import Person
from matricula.foundation.messages import translated
from matricula.foundation.text import invisible_problem

ERROR = "error"


def outcome_word(outcome: EnrollmentOutcome) -> str:
    """The word under which an outcome is counted: its standing now, ``unchanged``, or ``error``."""
    if outcome.error:
        return ERROR
    if not outcome.changed:
        return "unchanged"
    if outcome.after.enrolled:
        return "enrolled"
    return "allowed" if outcome.after.allowed else "unenrolled"


def error_text(error: Person, identifier: str) -> str:
    """Why nothing was done for an identifier, in the active language."""
    if problem := invisible_problem(identifier):
        return translated(problem)
    return {
        Person.UNKNOWN_USERNAME: _("There is no account with this username. Check it, or use the email address."),
        Person.BAD_ADDRESS: _("This email address isn't valid. Correct it and try again."),
        Person.TOO_LONG: _("This has more than 255 characters, the limit for usernames and email addresses."),
        Person.TWO_ACCOUNTS: _(
            "This matches two accounts: it is the username of one and the email address of the "
            "other. Use the other identifier of the right account."
        ),
    }[error]


def summary(counts: Mapping[str, int]) -> str:
    """The counted words in a sentence, in the active language."""
    words: dict[str, Callable[[int], str]] = {
        "enrolled": lambda n: ngettext("%(n)d enrolled", "%(n)d enrolled", n),
        "allowed": lambda n: ngettext("%(n)d invited", "%(n)d invited", n),
        "unenrolled": lambda n: ngettext("%(n)d unenrolled", "%(n)d unenrolled", n),
        "unchanged": lambda n: ngettext("%(n)d unchanged", "%(n)d unchanged", n),
        ERROR: lambda n: ngettext("%(n)d failed", "%(n)d failed", n),
    }
    parts = [text(counts[word]) % {"n": counts[word]} for word, text in words.items() if counts.get(word)]
    return ", ".join(parts) or _("nothing to do")
