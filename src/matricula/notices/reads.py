"""The state of the outgoing mail."""

from matricula.notices.models import OutgoingMail


def count_given_up() -> int:
    """How many mails were tried too often and will not be tried again."""
    return OutgoingMail.objects.filter(sent__isnull=True, due__isnull=True).count()
