"""The state of the outgoing mail."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Count
from django.utils import timezone

from matricula.notices.models import OutgoingMail


def count_due() -> int:
    """How many mails should be on their way."""
    return OutgoingMail.objects.filter(due__lte=timezone.now()).count()


def count_sent(operations: Collection[UUID]) -> dict[UUID, int]:
    """Operation → how many mails it sent; none of those that sent no mail, or whose mails are deleted."""
    sent = OutgoingMail.objects.filter(operation__in=operations, sent__isnull=False)
    return dict(sent.values_list("operation").annotate(times=Count("pk")))


def count_failing(times: int) -> int:
    """How many mails have failed so many times, and will be tried again."""
    return OutgoingMail.objects.filter(sent__isnull=True, due__isnull=False, attempts__gte=times).count()


def count_given_up() -> int:
    """How many mails were tried too often and will not be tried again."""
    return OutgoingMail.objects.filter(sent__isnull=True, due__isnull=True).count()
