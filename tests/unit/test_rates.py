"""Requests are counted for each caller, window after window."""

import time

import pytest

from matricula.rest.rates import Rates


def test_a_window_ends_for_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "time", lambda: now)
    rates = Rates("2/minute")
    assert [rates.count(1) for _ in range(3)] == [0, 0, 60]
    assert rates.count(2) == 0
    now += 59.5
    assert rates.count(1) == 0.5
    now += 0.5
    assert [rates.count(1) for _ in range(3)] == [0, 0, 60]


def test_no_limit() -> None:
    assert not any(Rates("").count(1) for _ in range(1000))
