"""Bars and curves as SVG."""

import math
from collections.abc import Sequence
from html import escape

_COLORS = ("#1f6feb", "#bf3989", "#1a7f37", "#9a6700", "#8250df", "#cf222e", "#57606a", "#0a7ea4", "#24292f")
_HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="13">'
    '<rect width="100%" height="100%" fill="white"/><text x="10" y="22" font-size="16">{title}</text>'
)


def bars(title: str, rows: Sequence[tuple[str, float, float, bool]]) -> str:
    """Name, ratio, target, met: a bar to the ratio, a line at the target. A missed one has another colour."""
    width, left, line = 800, 330, 30
    scale = (width - left - 80) / max(1.0, *(ratio for _, ratio, _, _ in rows))
    parts = [_HEAD.format(width=width, height=45 + line * len(rows) + 25, title=escape(title))]
    for place, (name, ratio, target, met) in enumerate(rows):
        y, mark = 40 + line * place, left + target * scale
        color = _COLORS[0] if met else _COLORS[3]
        parts.append(f'<text x="{left - 8}" y="{y + 15}" text-anchor="end">{escape(name)}</text>')
        parts.append(f'<rect x="{left}" y="{y}" width="{ratio * scale:.1f}" height="20" fill="{color}"/>')
        parts.append(f'<path d="M{mark:.1f} {y - 3}v26" stroke="black" stroke-width="2"/>')
        parts.append(f'<text x="{left + max(ratio, target) * scale + 6:.1f}" y="{y + 15}">{ratio:.2f}</text>')
    y = 40 + line * len(rows) + 15
    parts.append(f'<text x="{left}" y="{y}" fill="#57606a">black line: target; brown bar: missed</text></svg>\n')
    return "\n".join(parts)


def curves(title: str, lines: dict[str, list[tuple[int, float]]]) -> str:
    """Lines through points, both axes logarithmic."""
    width, height, left, right, top, bottom = 800, 420, 70, 220, 40, 40
    points = [point for line in lines.values() for point in line]
    low_x, high_x = (math.log10(f(x for x, _ in points)) for f in (min, max))
    low_y = math.floor(math.log10(min(y for _, y in points)))
    high_y = math.ceil(math.log10(max(y for _, y in points)))

    def x_of(value: float) -> float:
        return left + (math.log10(value) - low_x) / (high_x - low_x) * (width - left - right)

    def y_of(value: float) -> float:
        return height - bottom - (math.log10(value) - low_y) / (high_y - low_y) * (height - top - bottom)

    parts = [_HEAD.format(width=width, height=height, title=escape(title))]
    for power in range(low_y, high_y + 1):
        y = y_of(10**power)
        parts.append(f'<path d="M{left} {y:.1f}H{width - right}" stroke="#d0d7de"/>')
        parts.append(f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g}</text>')
    for size in sorted({x for x, _ in points}):
        parts.append(f'<text x="{x_of(size):.1f}" y="{height - 15}" text-anchor="middle">{size:,}</text>')
    for place, (name, line) in enumerate(lines.items()):
        color = _COLORS[place % len(_COLORS)]
        path = " ".join(f"{x_of(x):.1f},{y_of(y):.1f}" for x, y in line)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2"/>')
        parts.append(f'<text x="{width - right + 15}" y="{top + 20 + 20 * place}" fill="{color}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>\n"])
