"""Work that PostgreSQL ended because it waited, or took, too long: it can be tried again."""

from psycopg.errors import DeadlockDetected, LockNotAvailable, QueryCanceled

RETRY_SECONDS = 5


def is_busy(error: BaseException) -> bool:
    """True for an error that only says that the limits of the connection were reached (``lock_timeout``,
    ``statement_timeout``), or that this transaction had to give way to another one.
    """
    return any(isinstance(e, DeadlockDetected | LockNotAvailable | QueryCanceled) for e in (error, error.__cause__))
