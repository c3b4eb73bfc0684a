"""What is held for clients is given out in order, in memory or on disk, and never more than may be held."""

import errno
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matricula.server import spool
from matricula.server.spool import FREE, IN_MEMORY, Budget, Full, Gone, Spool

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
    first.append(b"x" * (FREE + LIMIT - 10))
    with pytest.raises(Full):
        second.append(b"x" * (FREE + 11))
    second.append(b"x" * (FREE + 10))
    first.close()
    first.close()
    second.append(b"x" * (LIMIT - 10))


def test_what_is_small_has_room_when_all_is_taken() -> None:
    budget = Budget(LIMIT)
    budget.take(LIMIT)
    small = Spool(budget)
    small.append(b"x" * FREE)
    with pytest.raises(Full):
        small.append(b"x")
    assert small.take(2 * FREE) == b"x" * FREE
    small.close()
    with pytest.raises(Full):
        budget.take(1)


def no_room(*_: object) -> int:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("before", [0, IN_MEMORY + 1])
def test_a_full_disk_costs_nothing_for_good(before: int, monkeypatch: pytest.MonkeyPatch) -> None:
    budget = Budget(LIMIT)
    held = Spool(budget)
    held.append(b"x" * before)
    with monkeypatch.context() as patch:
        for name in ("write", "pwrite"):
            patch.setattr(os, name, no_room)
        with pytest.raises(Full):
            held.append(b"y" * (IN_MEMORY + 1))
    # what was there is there, and it goes on once there is room
    assert len(held) == before
    held.append(b"z" * (IN_MEMORY + 1))
    assert held.take(before + IN_MEMORY + 1) == b"x" * before + b"z" * (IN_MEMORY + 1)
    held.close()
    budget.take(LIMIT)


def test_what_is_written_in_parts_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda file, data, at: whole(file, bytes(data)[:1000], at))
    held = Spool(Budget(LIMIT))
    held.append(b"a" * IN_MEMORY)
    held.append(b"b" * 2500)
    reader = held.reader()
    assert reader is not None and reader.read() == b"a" * IN_MEMORY + b"b" * 2500


def test_what_was_lost_is_not_the_end() -> None:
    held = Spool(Budget(LIMIT))
    held.append(b"a" * (IN_MEMORY + 1))
    assert held.take(10) == b"a" * 10
    reader = held.reader()
    assert reader is not None
    reader.truncate(0)
    with pytest.raises(OSError, match="no longer exists"):
        held.take(10)


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
