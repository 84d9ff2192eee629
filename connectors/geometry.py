"""The point that stands for a GeoJSON geometry. RFC 7946: x before y, longitude before latitude."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

Point = tuple[float, float]


def representative(geometry: Mapping[str, Any] | None) -> Point | None:
    """Return a point of the geometry (x, y); None where there is none.

    Of a polygon: its centroid, or where that lies outside, the middle of the widest cut at the centroid's height.
    Of several parts: the largest one's. Raises ValueError for what is no geometry.
    """
    if geometry is None:
        return None
    if not isinstance(geometry, Mapping):
        raise ValueError("a geometry is an object")
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    try:
        if kind == "GeometryCollection":
            points = [representative(part) for part in geometry["geometries"]]
            return next((point for point in points if point is not None), None)
        if not coordinates:
            return None
        if kind == "Point":
            return _point(coordinates)
        if kind == "MultiPoint":
            return _point(coordinates[0])
        if kind == "LineString":
            return _point(coordinates[len(coordinates) // 2])
        if kind == "MultiLineString":
            longest = max(coordinates, key=len)
            return _point(longest[len(longest) // 2])
        if kind == "Polygon":
            return _inside(coordinates)
        if kind == "MultiPolygon":
            return _inside(max(coordinates, key=lambda rings: abs(_area(rings[0]))))
    except (TypeError, KeyError, IndexError, AttributeError) as error:
        raise ValueError(f"{kind} has coordinates of another form") from error
    raise ValueError(f"{kind!s:.30} is no geometry")


def _point(position: Sequence[Any]) -> Point:
    x, y = float(position[0]), float(position[1])
    if not (math.isfinite(x) and math.isfinite(y)):
        raise ValueError("a coordinate is not finite")
    return x, y


def _area(ring: Sequence[Any]) -> float:
    (x0, y0), total = _point(ring[0]), 0.0
    for a, b in pairwise(ring):
        total += (a[0] - x0) * (b[1] - y0) - (b[0] - x0) * (a[1] - y0)
    return total / 2


def _inside(rings: Sequence[Sequence[Any]]) -> Point:
    ring = rings[0]
    (x0, y0), area = _point(ring[0]), _area(ring)
    if area == 0:
        return x0, y0
    x = y = 0.0
    for a, b in pairwise(ring):  # relative to the first corner, which keeps the digits
        cross = (a[0] - x0) * (b[1] - y0) - (b[0] - x0) * (a[1] - y0)
        x += (a[0] + b[0] - 2 * x0) * cross
        y += (a[1] + b[1] - 2 * y0) * cross
    x, y = x0 + x / (6 * area), y0 + y / (6 * area)
    cuts = sorted(_cuts(rings, y))
    spans = list(zip(cuts[::2], cuts[1::2], strict=False))
    if not spans or any(left <= x <= right for left, right in spans):
        return x, y
    left, right = max(spans, key=lambda span: span[1] - span[0])
    return (left + right) / 2, y


def _cuts(rings: Sequence[Sequence[Any]], y: float) -> list[float]:
    """Return where a horizontal line crosses the rings."""
    return [
        a[0] + (y - a[1]) * (b[0] - a[0]) / (b[1] - a[1])
        for ring in rings
        for a, b in pairwise(ring)
        if (a[1] > y) != (b[1] > y)
    ]
