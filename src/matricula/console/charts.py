"""Charts as SVG: the shapes only; the words and the table beneath them are the template's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

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


CHURN_HEIGHT = 160
# narrower columns run together
_MOST_COLUMNS = 130
_LINE = 14
_SPANS = (1, 7, 28, 91, 364)


@dataclass(frozen=True, slots=True)
class Column:
    """How many joined and left in the days from ``first`` to ``last``, with the bars above and below the axis."""

    first: date
    last: date
    joined: int
    left: int
    x: float
    width: float
    joined_y: float
    joined_height: float
    left_height: float


@dataclass(frozen=True, slots=True)
class Churn:
    """A picture of ``WIDTH`` by ``CHURN_HEIGHT``: bars up for those who joined, down for those who left."""

    columns: list[Column]
    heights: list[Mark]
    days: list[Mark]
    middle: float
    # how many days are one column
    span: int
    width: int = WIDTH
    height: int = CHURN_HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT


def churn_of(days: Sequence[tuple[date, int, int]], until: date) -> Churn | None:
    """The bars of (day, joined, left), in order, from the first day to ``until``; None for fewer than two days."""
    if not days or (length := (max(until, days[-1][0]) - days[0][0]).days + 1) < 2:
        return None
    begins = days[0][0]
    span = next((one for one in _SPANS if length <= one * _MOST_COLUMNS), _SPANS[-1])
    sums = [[0, 0] for _ in range((length - 1) // span + 1)]
    for day, joined, left in days:
        at = sums[(day - begins).days // span]
        at[0] += joined
        at[1] += left
    top, bottom = _round_up(max(joined for joined, _ in sums)), _round_up(max(left for _, left in sums))
    up = CHURN_HEIGHT - _TOP - _BOTTOM
    # both halves have one scale
    middle, each = _TOP + up * top / (top + bottom), up / (top + bottom)
    step = (WIDTH - _LEFT - _RIGHT) / len(sums)

    def column(n: int, joined: int, left: int) -> Column:
        first = begins + timedelta(days=n * span)
        last = min(first + timedelta(days=span), begins + timedelta(days=length)) - timedelta(days=1)
        x, width = round(_LEFT + step * n + step * 0.1, 1), round(step * 0.8, 1)
        up, down = (round(max(number * each, 2.0 if number else 0.0), 1) for number in (joined, left))
        return Column(first, last, joined, left, x, width, round(middle - up, 1), up, down)

    columns = [column(n, joined, left) for n, (joined, left) in enumerate(sums)]
    marked = (0, (len(columns) - 1) // 2, len(columns) - 1)
    return Churn(
        [one for one in columns if one.joined or one.left],
        _apart([(_TOP, top), (middle, 0), (middle + bottom * each, bottom)]),
        [Mark(round(_LEFT + step * (n + 0.5), 1), CHURN_HEIGHT - 6, columns[n].first) for n in marked],
        round(middle, 1),
        span,
    )


BAR_WIDTH, BAR_HEIGHT = 160, 10
# what there is at all is seen, however few of many it is
_LEAST = 2.0


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a bar: so many of ``words``; the first one is 1, which gives the color."""

    number: int
    count: int
    words: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A picture of ``BAR_WIDTH`` by ``BAR_HEIGHT``: how a whole is divided."""

    parts: list[Part]
    total: int
    width: int = BAR_WIDTH
    height: int = BAR_HEIGHT

    @property
    def words(self) -> str:
        """The parts in words, for those who don't see them."""
        return ", ".join(f"{part.words}: {part.count}" for part in self.parts)


def bar_of(counts: Sequence[tuple[str, int]]) -> Bar:
    """The bar of (words, how many), in order; a part without any keeps its number, and so the others their colors."""
    total = sum(count for _, count in counts)
    several = [(number, words, count) for number, (words, count) in enumerate(counts, 1) if count]
    # each gets what is seen, and the rest is divided
    scale = (BAR_WIDTH - _LEAST * len(several)) / max(total, 1)
    x, parts = 0.0, []
    for number, words, count in several:
        width = _LEAST + scale * count
        parts.append(Part(number, count, words, round(x, 1), round(width, 1)))
        x += width
    return Bar(parts, total)


def _apart(heights: Sequence[tuple[float, int]]) -> list[Mark]:
    """The marks beside the axis, from the top, without those that would cover the one above."""
    marks: list[Mark] = []
    for y, number in heights:
        if not marks or y + 4 - marks[-1].y >= _LINE:
            marks.append(Mark(_LEFT - 6, round(y + 4, 1), number))
    return marks


def _round_up(number: int) -> int:
    """The next even number of the form 2, 4, 6 or 10 times a power of ten."""
    power = 1
    while True:
        for nice in (2, 4, 6, 10):
            if nice * power >= number:
                return nice * power
        power *= 10
