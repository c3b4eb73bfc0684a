"""Queueing work on an LMS for the worker, which does it in ``worker/lms.py``: one of a kind waits, one runs."""

from typing import Any

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from matricula.foundation.transactions import one_transaction

LMS_QUEUE = "lms"
PUSH, COMPARE, FETCH_GRADES = "matricula.push_to_lms", "matricula.compare_lms", "matricula.fetch_lms_grades"


def queue_push(connection_id: int) -> bool:
    """Have what waits sent; return False if that is queued already."""
    return _queue(PUSH, "push", connection_id)


def queue_comparison(connection_id: int) -> bool:
    """Have an LMS compared with the record; return False if that is queued already."""
    return _queue(COMPARE, "compare", connection_id)


def queue_grades(connection_id: int, actor_id: int | None = None) -> bool:
    """Have grades fetched; ``actor_id``: who asks for it. Return False if that is queued already."""
    return _queue(FETCH_GRADES, "grades", connection_id, actor_id=actor_id)


def _queue(task: str, what: str, connection_id: int, **given: Any) -> bool:
    lock = f"lms {what} {connection_id}"
    try:
        with one_transaction():
            configured = app.configure_task(task, allow_unknown=True, queue=LMS_QUEUE, lock=lock, queueing_lock=lock)
            configured.defer(connection_id=connection_id, **given)
    except AlreadyEnqueued:
        return False
    return True
