"""The journal as most tests look at it."""

from importlib import import_module
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from matricula.journal.states import VERSION
from matricula.journal.statuses import CREATED, RECORDED, REGISTERED
from matricula.models import Change

# the people of a test, that jobs began and came to their end, and what was there before the test began
_SETTING = (
    Q(subject="account", transition__in=[CREATED, REGISTERED])
    | Q(subject="job", transition__in=["started", "ended"])
    | Q(transition=RECORDED)
)


def changes() -> "QuerySet[Change]":
    """Return the entries, but those about new accounts and about jobs that began or ended."""
    return Change.objects.exclude(_SETTING)


def without_version(state: dict[str, Any]) -> dict[str, Any]:
    """Return a stored state of the present version, without saying so."""
    assert not state or state["v"] == VERSION
    return {name: value for name, value in state.items() if name != "v"}


def record_setting() -> None:
    """Adds entries about all that a test found or made past the write functions, as an upgrade does."""
    upgrade = import_module("matricula.migrations.0022_what_stood_before")
    with connection.cursor() as cursor:
        cursor.execute(upgrade.RECORD, [upgrade.OPERATION, upgrade.OPERATION])
