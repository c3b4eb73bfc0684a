"""Connections that are kept between requests."""

import time

import pytest
from django.db import OperationalError, connection, transaction

from tests.conftest import as_superuser
from tests.domain.test_rosters import aside


def test_a_connection_that_the_server_closed_is_seen_without_asking_it(own_database: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        [pid] = cursor.fetchone()
    assert connection.is_usable()

    def terminate() -> None:
        with as_superuser(), connection.cursor() as cursor:
            cursor.execute("select pg_terminate_backend(%s, 90000)", [pid])
            assert cursor.fetchone() == (True,)

    aside(terminate)
    assert not connection.is_usable()
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        assert cursor.fetchone() != (pid,)


def test_a_transaction_that_does_nothing_for_too_long_has_lost_its_connection(own_database: None) -> None:
    """Whether the client reads the server's word or only the closed socket, it is the same error: one to try again."""
    with pytest.raises(OperationalError), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("set local idle_in_transaction_session_timeout = '20ms'")
        time.sleep(0.3)
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    connection.close()
