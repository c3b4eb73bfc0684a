"""Rows that are streamed out of PostgreSQL past Django's cursors, and numbers that are sent packed."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection

from matricula.foundation.database import Bigints, copy_csv, copy_json_array, stream_rows


@pytest.mark.parametrize("stream", [copy_csv, copy_json_array, stream_rows])
def test_a_connection_that_is_lost_on_the_way_is_told_as_such(
    stream: Callable[..., Iterator[Any]], own_database: None
) -> None:
    """The worker tries again what Django's own error ended, and calls all else a problem."""
    rows = stream("select n from generate_series(1, 3000000) n", [])
    next(rows)
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None, "options": ""}) as another:
        another.execute("select pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
    with pytest.raises(OperationalError):
        for _ in rows:
            pass
    connection.close()


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("numbers", [[], [0], [1, -1, 2**62, -(2**62)], list(range(70_000))])
def test_whole_numbers_arrive_as_they_are(numbers: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select %b::bigint[], pg_typeof(%b)::text", [Bigints(numbers), Bigints(numbers)])
        assert cursor.fetchone() == (numbers, "bigint[]")
