"""A curve as SVG: the shapes only; the words and the table beneath it are the template's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT = 720, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 8, 12, 24


@dataclass(frozen=True, slots=True)
class Mark:
    """A label beside an axis, at ``x``, ``y`` of the picture."""

    x: float
    y: float
    label: int | date


@dataclass(frozen=True, slots=True)
class Curve:
    """A picture of ``WIDTH`` by ``HEIGHT``: points of the line, of the area under it, and marks at both axes."""

    line: str
    area: str
    heights: list[Mark]
    days: list[Mark]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    bottom: int = HEIGHT - _BOTTOM


def curve_of(days: Sequence[tuple[date, int]]) -> Curve | None:
    """The curve of (day, number), in order; None for fewer than two days, which make no curve."""
    if len(days) < 2:
        return None
    highest = _round_up(max(number for _, number in days))
    across, up = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM

    def x(n: int) -> float:
        return round(_LEFT + across * n / (len(days) - 1), 1)

    def y(number: int) -> float:
        return round(HEIGHT - _BOTTOM - up * number / highest, 1)

    # more points than the picture is wide can't be seen
    step = max(1, len(days) // WIDTH)
    shown = [*range(0, len(days) - 1, step), len(days) - 1]
    line = " ".join(f"{x(n)},{y(days[n][1])}" for n in shown)
    floor = HEIGHT - _BOTTOM
    return Curve(
        line,
        f"{_LEFT},{floor} {line} {WIDTH - _RIGHT},{floor}",
        [Mark(_LEFT - 6, y(h) + 4, h) for h in (0, highest // 2, highest)],
        [Mark(x(n), HEIGHT - 6, days[n][0]) for n in (0, (len(days) - 1) // 2, len(days) - 1)],
    )


def _round_up(number: int) -> int:
    """The next even number of the form 2, 4, 6 or 10 times a power of ten."""
    power = 1
    while True:
        for nice in (2, 4, 6, 10):
            if nice * power >= number:
                return nice * power
        power *= 10
