"""Which moments can be asked for. The clock is the database's, which entries have their times from."""

from datetime import UTC, datetime

from matricula.foundation.database import fetch_all


class InTheFuture(Exception):
    """A moment that is still to come: no one knows yet what will be."""


def database_time() -> datetime:
    """Now, by the clock of the database."""
    [(now,)] = fetch_all("select clock_timestamp()", {})
    moment: datetime = now
    return moment.astimezone(UTC)


def moment_of(asked: datetime | None) -> datetime:
    """The moment that was asked for; now for None. Errors: ``InTheFuture``."""
    now = database_time()
    if asked is not None and asked > now:
        raise InTheFuture
    return asked.astimezone(UTC) if asked is not None else now
