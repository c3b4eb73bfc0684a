"""The state of the outgoing mail."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Min, Q
from django.utils import timezone

from matricula.notices.models import OutgoingMail


class MailCounts(NamedTuple):
    """Mails that are to be sent: all that wait, and those of them that failed so far."""

    waiting: int
    failing: int
    # since when the first of those that are due has been due
    oldest_due: datetime | None


def count_mails() -> MailCounts:
    """Return how many mails are to be sent, without a look at all that were."""
    waiting = OutgoingMail.objects.filter(due__isnull=False).aggregate(
        all=Count("pk"), failing=Count("pk", Q(attempts__gt=0)), oldest=Min("due", filter=Q(due__lte=timezone.now()))
    )
    return MailCounts(waiting["all"], waiting["failing"], waiting["oldest"])


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
    return OutgoingMail.objects.filter(sent__isnull=True, due__isnull=True, recalled__isnull=True).count()
