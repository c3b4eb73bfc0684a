"""A batch that a fault of ours broke is written again row by row, so that only the broken rows are lost."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import structlog

from matricula.enrollments.statuses import INTERNAL_ERROR

Request = TypeVar("Request")
_log = structlog.get_logger("matricula.enrollments")


def write_what_can_be(write: Callable[[Sequence[Request]], list[str]], requests: Sequence[Request]) -> list[str]:
    """One word for each request: those of ``write``, which is one transaction, or ``internal-error``."""
    try:
        return write(requests)
    except Exception:  # the fault is in the log; the caller is told which rows it met
        _log.exception("batch_fault", rows=len(requests))
    return [_write_one(write, request) for request in requests]


def _write_one(write: Callable[[Sequence[Request]], list[str]], request: Request) -> str:
    try:
        [word] = write([request])
    except Exception:  # as above
        _log.exception("row_fault")
        return INTERNAL_ERROR
    return word
