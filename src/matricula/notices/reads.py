"""The state of the outgoing mail."""

from django.utils import timezone

from matricula.notices.models import OutgoingMail


def count_due() -> int:
    """How many mails should be on their way."""
    return OutgoingMail.objects.filter(due__lte=timezone.now()).count()


def count_failing(times: int) -> int:
    """How many mails have failed so many times, and will be tried again."""
    return OutgoingMail.objects.filter(sent__isnull=True, due__isnull=False, attempts__gte=times).count()


def count_given_up() -> int:
    """How many mails were tried too often and will not be tried again."""
    return OutgoingMail.objects.filter(sent__isnull=True, due__isnull=True).count()
