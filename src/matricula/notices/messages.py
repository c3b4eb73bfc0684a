"""The message that goes to the mail server: Django's, with a subject that every mail program shows whole."""

from email.header import Header
from typing import Any

from django.core.mail import EmailMultiAlternatives

# the first line has less room than a header's other lines: its name is on it
_LONGEST_WORD = 60


class NoticeMessage(EmailMultiAlternatives):
    """A mail whose subject begins on the line of its name.

    Python folds a header in front of its first word where that is too long for the line, and encoded words always are:
    what comes first is then an empty line, which some programs show as an empty subject.
    """

    def message(self, *, policy: Any = None) -> Any:
        """The message, with its subject folded again."""
        message: Any = super().message(policy=policy) if policy else super().message()
        subject = str(self.subject)
        plain = subject.isascii() and max(map(len, subject.split()), default=0) <= _LONGEST_WORD
        # a subclass of Message by Django, whose own setter takes no header that knows its name
        message.replace_header("Subject", Header(subject, "us-ascii" if plain else "utf-8", header_name="Subject"))
        return message
