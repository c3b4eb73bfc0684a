"""A batch that an internal error broke is written again in parts, so that only the broken rows are lost."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import structlog
from django.db import InterfaceError, OperationalError

from matricula.enrollments.statuses import INTERNAL_ERROR
from matricula.foundation.transactions import RightLost, one_transaction

Request = TypeVar("Request")
_log = structlog.get_logger("matricula.enrollments")


def write_what_can_be(write: Callable[[Sequence[Request]], list[str]], requests: Sequence[Request]) -> list[str]:
    """One word for each request, in one transaction: where an error breaks the whole, its halves are tried, until the
    broken row is alone as ``internal-error``.

    Errors: a lost connection, a server that shuts down, a right that was withdrawn is no error of a row, and is raised;
    nothing is written.
    """
    if not requests:
        return []
    try:
        with one_transaction():
            return write(requests)
    except (OperationalError, InterfaceError, RightLost):
        raise
    except Exception:  # the error is in the log; the caller learns which rows it hit
        if len(requests) == 1:
            _log.exception("row_error")
            return [INTERNAL_ERROR]
        _log.warning("batch_error", rows=len(requests))
    middle = len(requests) // 2
    with one_transaction():
        return [*write_what_can_be(write, requests[:middle]), *write_what_can_be(write, requests[middle:])]
