"""Messages of the parts that know no Django, in the reader's language."""

from django.utils.translation import gettext

from matricula.foundation.text import TextProblem


def translated(problem: TextProblem) -> str:
    """Return the message in the active language."""
    return problem.in_words_of(gettext)
