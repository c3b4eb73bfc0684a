"""Pages that are asked for at the same moment are read once (record-api: Feed)."""

import threading

import pytest

from matricula.feed.sharing import Shared


class NotNow(Exception):
    """The database is away."""


def made(shared: Shared[list[int]], key: str, value: list[int]) -> list[int]:
    return shared.get(key, lambda: value)


def test_what_was_just_made_is_given_to_all_who_ask_for_the_same() -> None:
    shared = Shared[list[int]](seconds=60, most=2, is_kept=bool)
    first = made(shared, "a", [1])
    assert made(shared, "a", [2]) is first
    assert made(shared, "b", [3]) == [3]
    # what is empty is made again, and so is what there is no room for
    assert made(shared, "c", []) == []
    assert made(shared, "c", [4]) == [4]
    assert made(shared, "d", [5]) == [5]
    assert made(shared, "a", [6]) == [6]


def test_what_is_old_is_made_again() -> None:
    shared = Shared[list[int]](seconds=-1, most=9, is_kept=bool)
    assert [made(shared, "a", [number]) for number in (1, 2)] == [[1], [2]]


def test_a_failure_is_its_own_callers() -> None:
    shared = Shared[list[int]](seconds=60, most=9, is_kept=bool)

    def fail() -> list[int]:
        raise NotNow

    with pytest.raises(NotNow):
        shared.get("a", fail)
    assert made(shared, "a", [1]) == [1]


def test_who_asks_meanwhile_waits_for_the_one_who_makes_it() -> None:
    shared = Shared[list[int]](seconds=60, most=9, is_kept=bool)
    begun, may_end, found = threading.Event(), threading.Event(), list[list[int]]()

    def slowly() -> list[int]:
        begun.set()
        may_end.wait(30)
        return [1]

    threads = [threading.Thread(target=lambda: found.append(shared.get("a", slowly)))]
    threads[0].start()
    begun.wait(30)
    threads += [threading.Thread(target=lambda: found.append(made(shared, "a", [2]))) for _ in range(3)]
    for thread in threads[1:]:
        thread.start()
    # another key waits for no one
    assert made(shared, "b", [3]) == [3]
    may_end.set()
    for thread in threads:
        thread.join(30)
    assert found == [[1]] * 4
