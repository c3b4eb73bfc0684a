"""How long guessing has to wait: growing delays, a count that fades."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matricula.guessing import rules
from matricula.guessing.rules import NOTHING, Count, Limit, count_failure, delay_after, failures_of, wait_of

SECRET = Limit(free=5, fades=900, first=1, longest=900)
NOW = 1_800_000_000.0

limits = st.builds(
    lambda free, fades, first, factor: Limit(free, fades, first, first * factor),
    st.integers(1, 300),
    st.floats(1, 3600),
    st.floats(0.5, 120),
    st.floats(1, 2000),
)
pauses = st.lists(st.floats(0, 5000), max_size=60)


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(0, 0), (1, 0), (4, 0), (5, 1), (6, 2), (7, 4), (8, 8), (14, 512), (15, 900), (16, 900), (10_000, 900), (4.2, 1)],
)
def test_delay_after(failures: float, seconds: float) -> None:
    assert delay_after(SECRET, failures) == seconds


def fail_at_once(limit: Limit, times: int) -> Count:
    count = NOTHING
    for _ in range(times):
        count = count_failure(limit, count, NOW)
    return count


def test_the_first_failures_wait_for_nothing_and_then_each_wait_is_longer() -> None:
    waits = [wait_of(fail_at_once(SECRET, times), NOW) for times in range(1, 20)]
    assert waits == [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900, 900]


def test_failures_fade_and_none_is_left_after_their_time() -> None:
    count = fail_at_once(SECRET, 4)
    assert failures_of(SECRET, count, NOW + 900) == pytest.approx(3)
    assert failures_of(SECRET, count, NOW + 3600) == 0
    assert failures_of(SECRET, count, NOW + 1e9) == 0


def test_however_long_an_attack_was_its_traces_fade_in_the_same_time() -> None:
    after_many, after_more = fail_at_once(SECRET, 15), fail_at_once(SECRET, 5000)
    assert after_many.zero_at == after_more.zero_at == NOW + 15 * 900


@given(limits, pauses)
def test_no_wait_is_longer_than_the_longest_and_none_is_negative(limit: Limit, between: list[float]) -> None:
    now, count = NOW, NOTHING
    for pause in [0.0, *between]:
        now += pause
        count = count_failure(limit, count, now)
        assert 0 <= wait_of(count, now) <= math.ceil(limit.longest) + 1
        assert failures_of(limit, count, now) <= limit.most + 1e-6


@given(limits, st.floats(0, 400), st.floats(0, 400))
def test_more_failures_never_wait_less(limit: Limit, some: float, more: float) -> None:
    assert delay_after(limit, some) <= delay_after(limit, some + more)


@given(limits, pauses)
def test_who_guesses_as_fast_as_allowed_gets_in_no_more_than_the_limit_says(limit: Limit, between: list[float]) -> None:
    """The taken guesses of any stretch of time are bounded, whatever the rhythm."""
    now, count, taken = NOW, NOTHING, 0
    for pause in between:
        now += pause
        if wait_of(count, now) == 0:
            count = count_failure(limit, count, now)
            taken += 1
    # beyond the free ones each waits: either for a delay that doubles, or until an earlier one has faded
    elapsed = now - NOW
    assert taken <= limit.most + 1 + elapsed / min(limit.fades, limit.longest)


def test_an_address_may_fail_far_more_often_than_an_account() -> None:
    for kind in (rules.LOGIN, rules.CLIENT_SECRET, rules.PASSWORD_RESET, rules.SIGN_UP):
        assert kind.by_address is not None
        assert kind.by_address.free >= 20 * kind.by_subject.free
        assert kind.by_address.fades * 20 <= kind.by_subject.fades
        assert kind.by_address.longest < kind.by_subject.longest
