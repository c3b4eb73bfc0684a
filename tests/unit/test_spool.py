"""What is held for clients is given out in order, in memory or on disk, and never more than may be held."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matricula.server import spool
from matricula.server.spool import IN_MEMORY, Budget, Full, Gone, Spool

LIMIT = 4 * IN_MEMORY


@given(st.lists(st.tuples(st.booleans(), st.integers(1, IN_MEMORY // 2)), max_size=20))
def test_bytes_come_out_as_they_went_in(steps: list[tuple[bool, int]]) -> None:
    budget = Budget(100 * IN_MEMORY)
    held, given_in, taken = Spool(budget), b"", b""
    for number, (appends, count) in enumerate(steps):
        if appends:
            data = bytes([number]) * count
            held.append(data)
            given_in += data
        else:
            taken += held.take(count)
    while piece := held.take(65_536):
        taken += piece
    assert (taken, len(held)) == (given_in, 0)
    # what was taken counts no more
    budget.take(100 * IN_MEMORY)


def test_no_more_is_held_than_may_be() -> None:
    budget = Budget(LIMIT)
    first, second = Spool(budget), Spool(budget)
    first.append(b"x" * (LIMIT - 10))
    with pytest.raises(Full):
        second.append(b"x" * 11)
    second.append(b"x" * 10)
    first.close()
    first.close()
    second.append(b"x" * (LIMIT - 10))


def test_who_writes_is_told_that_nobody_reads() -> None:
    held = Spool(Budget(LIMIT))
    held.append(b"x")
    held.close()
    with pytest.raises(Gone):
        held.append(b"x")
    assert held.take(1) == b""


def test_a_large_body_is_a_file() -> None:
    held = Spool(Budget(LIMIT))
    held.append(b"a" * IN_MEMORY)
    assert held.reader() is None
    held.append(b"b")
    reader = held.reader()
    assert reader is not None and reader.read() == b"a" * IN_MEMORY + b"b"
    assert spool.IN_MEMORY > 64 * 1024  # what strangers may send stays in memory
