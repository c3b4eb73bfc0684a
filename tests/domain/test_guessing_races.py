"""The limiter of guessing between transactions: attempts at the same time, failures that must not be rolled back."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from matricula.guessing.writes import begin_attempt, fail_attempt
from tests.domain.test_guessing import HERE, LOGIN, fail


def test_attempts_at_the_same_time_do_not_slip_through(own_database: None) -> None:
    """Four failed; of twenty that begin together one more is taken, as if they came one after the other."""

    def try_once(_number: int) -> bool:
        try:
            attempt = begin_attempt(LOGIN, "sam", None)
            if not attempt.wait:
                fail_attempt(attempt)
            return not attempt.wait
        finally:
            connection.close()

    for _ in range(4):
        fail(address=None)
    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(try_once, range(20))) == 1


def test_a_failure_within_a_transaction_is_an_error_and_not_lost(own_database: None) -> None:
    attempt = begin_attempt(LOGIN, "sam", HERE)
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        fail_attempt(attempt)
