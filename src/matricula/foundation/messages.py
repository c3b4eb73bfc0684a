"""Messages of the parts that know no Django, in the reader's language."""

from django.utils.translation import gettext

from matricula.foundation.text import TextFault


def translated(fault: TextFault) -> str:
    """Return the message in the active language."""
    return fault.in_words_of(gettext)
