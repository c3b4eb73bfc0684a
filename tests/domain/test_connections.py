"""Connections that are kept between requests."""

from django.db import connection

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
