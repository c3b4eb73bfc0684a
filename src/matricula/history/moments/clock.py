"""Which moments can be asked for. The clock is the database's, which entries have their times from."""

from datetime import UTC, datetime

from matricula.foundation.database import fetch_all

# nothing was recorded before
_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)


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
    if asked is None:
        return now
    if asked > now:
        raise InTheFuture
    # the first of all times have no others in UTC
    return max(asked, _EARLIEST).astimezone(UTC)
