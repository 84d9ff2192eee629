"""Small SVG pictures as data URIs: a line that scales with its box, on any ground, without a script."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from layouts.theme import ACCENT, LAST_YEAR, LIMIT

Point = tuple[float, float | None]
"""x from 0 to 1 and a value; None is a gap."""

# the stroke is in screen pixels and follows the size of the picture, so that it is as bold on a 4K wall
_STYLE = (
    "path,line{fill:none;vector-effect:non-scaling-stroke;stroke-width:2.4px;stroke-linejoin:round;stroke-linecap:round}"
    ".a{stroke:none}@media(min-width:420px){path,line{stroke-width:3px}}@media(min-width:900px){path,line{stroke-width:4px}}"
)


def spark(values: Sequence[float | None], target: float | None = None) -> str:
    """Draw a sparkline with its target as a dashed line; "" for fewer than two values."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    low, high = bounds([*known, target] if target is not None and _near(target, known) else known)
    points = [(place / (len(values) - 1), value) for place, value in enumerate(values)]
    drawn = path(points, low, high)
    parts = [
        f'<path class="a" style="fill:{ACCENT};fill-opacity:.16" d="{area(points, low, high)}"/>',
        f'<path style="stroke:{ACCENT}" d="{drawn}"/>',
    ]
    if target is not None and low <= target <= high:
        y = 100 * (1 - (target - low) / (high - low))
        parts.append(
            f'<line style="stroke:{LAST_YEAR};stroke-dasharray:5 5" x1="0" x2="100" y1="{y:.1f}" y2="{y:.1f}"/>'
        )
    return picture(parts)


def lines(
    points: Sequence[Point],
    before: Sequence[Point],
    low: float,
    high: float,
    limit: float | None,
    marks: Sequence[float],
) -> str:
    """Draw a trend: grid at the marks, last year dashed, this year filled, the limit across."""
    parts = []
    for mark in marks:
        y = 100 * (1 - (mark - low) / (high - low))
        parts.append(
            f'<line style="stroke:#7f93b0;stroke-opacity:.28;stroke-width:1px" x1="0" x2="100" y1="{y:.2f}" y2="{y:.2f}"/>'
        )
    if before:
        parts.append(f'<path style="stroke:{LAST_YEAR};stroke-dasharray:4 6" d="{path(before, low, high)}"/>')
    parts.append(f'<path class="a" style="fill:{ACCENT};fill-opacity:.14" d="{area(points, low, high)}"/>')
    parts.append(f'<path style="stroke:{ACCENT}" d="{path(points, low, high)}"/>')
    if limit is not None and low <= limit <= high:
        y = 100 * (1 - (limit - low) / (high - low))
        parts.append(
            f'<line style="stroke:{LIMIT};stroke-dasharray:10 6" x1="0" x2="100" y1="{y:.2f}" y2="{y:.2f}"/>'
        )
    return picture(parts)


def picture(parts: Sequence[str]) -> str:
    """Wrap shapes in a box of 100 by 100 that fills whatever it is given."""
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" preserveAspectRatio="none">'
        f"<style>{_STYLE}</style>{''.join(parts)}</svg>"
    )
    return "data:image/svg+xml," + quote(svg, safe="/:;=<>' ,.(){}@")


def bounds(values: Sequence[float | None]) -> tuple[float, float]:
    """Return a range that holds the values with a little air, never empty."""
    known = [value for value in values if value is not None]
    low, high = min(known), max(known)
    air = (high - low) * 0.12 or abs(high) * 0.1 or 1.0
    return low - air, high + air


def path(points: Sequence[Point], low: float, high: float) -> str:
    """Write the line through the points; a gap lifts the pen."""
    steps, pen = [], "M"
    for x, value in points:
        if value is None:
            pen = "M"
            continue
        steps.append(f"{pen}{100 * x:.2f} {100 * (1 - (value - low) / (high - low)):.2f}")
        pen = "L"
    return "".join(steps)


def area(points: Sequence[Point], low: float, high: float) -> str:
    """Write the area under each unbroken stretch of the line."""
    stretches: list[list[tuple[float, float]]] = [[]]
    for x, value in points:
        if value is None:
            stretches.append([])
        else:
            stretches[-1].append((x, value))
    shapes = []
    for stretch in stretches:
        if len(stretch) > 1:
            shapes.append(
                f"{path(stretch, low, high)}L{100 * stretch[-1][0]:.2f} 100L{100 * stretch[0][0]:.2f} 100Z"
            )
    return "".join(shapes)


def _near(target: float, known: Sequence[float]) -> bool:
    """Return whether the target can stand in the picture without flattening the line."""
    spread = max(known) - min(known) or abs(known[-1]) * 0.2 or 1.0
    return min(known) - 2.5 * spread <= target <= max(known) + 2.5 * spread
