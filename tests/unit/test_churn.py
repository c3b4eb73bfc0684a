"""The chart of who joined and left: bars by day or by more days, on one scale, within the picture."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from matricula.console.charts import CHURN_HEIGHT, churn_of

FIRST = date(2026, 1, 1)


def day(n: int) -> date:
    return FIRST + timedelta(days=n)


@pytest.mark.parametrize(("length", "span"), [(2, 1), (130, 1), (131, 7), (910, 7), (911, 28), (3_700, 91)])
def test_long_times_have_wider_bars(length: int, span: int) -> None:
    churn = churn_of([(FIRST, 3, 0), (day(length - 1), 2, 1)], day(length - 1))
    assert churn is not None and churn.span == span
    assert [(bar.joined, bar.left) for bar in churn.columns] == [(3, 0), (2, 1)]
    # the last bar ends with the last day
    assert (churn.columns[0].first, churn.columns[-1].last) == (FIRST, day(length - 1))


def test_days_of_one_bar_are_added() -> None:
    churn = churn_of([(day(n), 1, 2) for n in range(0, 140)], day(139))
    assert churn is not None and {(bar.joined, bar.left) for bar in churn.columns} == {(7, 14)}


@pytest.mark.parametrize("numbers", [(1_000, 1), (1, 1_000), (0, 5), (5, 0), (1, 1)])
def test_bars_stay_within_the_picture_and_can_be_seen(numbers: tuple[int, int]) -> None:
    churn = churn_of([(FIRST, *numbers)], day(9))
    assert churn is not None
    [bar] = churn.columns
    assert bar.joined_y >= 0 and churn.middle + bar.left_height <= CHURN_HEIGHT
    assert [height >= 2 for height in (bar.joined_height, bar.left_height)] == [n > 0 for n in numbers]
    # no label covers another
    marks = [mark.y for mark in churn.heights]
    assert all(lower - upper >= 14 for upper, lower in pairwise(marks))


@pytest.mark.parametrize("days", [[], [(FIRST, 1, 0)]])
def test_one_day_makes_no_chart(days: list[tuple[date, int, int]]) -> None:
    assert churn_of(days, FIRST) is None
