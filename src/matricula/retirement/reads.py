"""Retirements as they are listed and shown."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from matricula.retirement.models import Retirement
from matricula.retirement.statuses import UNFINISHED, RetirementState


@dataclass(frozen=True, slots=True)
class RetirementFacts:
    """A retirement. It says nothing of who it was."""

    id: uuid.UUID
    account_id: int | None
    # the pseudonym
    code: str
    state: RetirementState
    requested: datetime
    actor_id: int | None
    operation_id: uuid.UUID | None
    finished: datetime | None
    replaced: dict[str, int]


def find_retirement(retirement_id: uuid.UUID) -> RetirementFacts | None:
    """The retirement with this id, or None."""
    found = Retirement.objects.filter(pk=retirement_id).first()
    return _facts(found) if found else None


def list_retirements(
    *, limit: int, state: RetirementState | None = None, before: uuid.UUID | None = None
) -> list[RetirementFacts]:
    """The latest, in this state; older than the one with the id ``before``."""
    found = Retirement.objects.order_by("-requested", "-id")
    if state is not None:
        found = found.filter(state=state)
    if before is not None:
        place = Retirement.objects.filter(pk=before).values_list("requested", "id")
        if not place:
            return []
        [(requested, id_)] = place
        found = found.filter(requested__lte=requested).exclude(requested=requested, id__gte=id_)
    return [_facts(one) for one in found[:limit]]


def list_unfinished(ids: Sequence[uuid.UUID] | None = None) -> list[uuid.UUID]:
    """Those that are waiting or running, the oldest first; ``ids``: of these."""
    found = Retirement.objects.filter(state__in=UNFINISHED)
    if ids is not None:
        found = found.filter(pk__in=ids)
    return list(found.order_by("requested", "id").values_list("id", flat=True))


def count_overdue(before: datetime) -> int:
    """How many were requested before a time, and aren't done."""
    return Retirement.objects.filter(state__in=UNFINISHED, requested__lt=before).count()


def find_code(account_id: int) -> str | None:
    """The pseudonym of an account that was retired before, or is being."""
    return Retirement.objects.filter(account_id=account_id).order_by("requested").values_list("code", flat=True).first()


def _facts(one: Retirement) -> RetirementFacts:
    return RetirementFacts(
        one.pk,
        one.account_id,
        one.code,
        RetirementState(one.state),
        one.requested,
        one.actor_id,
        one.operation,
        one.finished,
        one.replaced,
    )
