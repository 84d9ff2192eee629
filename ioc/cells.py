"""Approximate outlines of communes where there is no map: cells around their centres."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPoint, box
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from ioc.coverage import KM, only_polygons
from ioc.territory import Area, Territory


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells of a province's communes, and the outlines of other provinces' cells around, by code."""

    shapes: dict[str, BaseGeometry]
    provinces: dict[str, BaseGeometry]


def cells_of(province: str, territory: Territory, at: date) -> Cells:
    """Return cells around the centres: nearer to this centre than to any other of the country around.

    A cell reaches at most three times the radius of a circle of the commune's area, and what is left of sea
    is taken away by what all circles of one and a half times it cover, closed over 6 km. Special zones and other
    islands keep to one and a half times theirs.
    """
    own = territory.communes(province, at)
    lats = [area.lat for area in own if area.lat is not None]
    lons = [area.lon for area in own if area.lon is not None]
    frame = (min(lons) - 0.7, min(lats) - 0.7, max(lons) + 0.7, max(lats) + 0.7)
    near = [
        area
        for area in territory.areas("commune", at)
        if area.parent == province
        or (frame[0] <= (area.lon or 0) <= frame[2] and frame[1] <= (area.lat or 0) <= frame[3])
    ]
    narrow = math.cos(math.radians(median(lats)))
    points = _distinct([((area.lon or 0) * narrow, area.lat or 0) for area in near])
    radii = _radii(near)
    cells = np.array(
        shapely.voronoi_polygons(MultiPoint(points), extend_to=box(*frame), ordered=True).geoms, object
    )
    centres, sizes = shapely.points(points), np.array(radii)
    circles = _circles(centres, 1.5 * sizes)
    alone = set(_alone(near, centres, radii))
    island = np.array([area.code in alone for area in near])
    land = shapely.union_all(circles[~island]).buffer(6 * KM).buffer(-6 * KM)
    shapely.prepare(land)
    pieces = shapely.intersection(cells, np.where(island, circles, _circles(centres, 3 * sizes)))
    cut = ~island & ~shapely.contains_properly(land, pieces)
    pieces[cut] = shapely.intersection(pieces[cut], land)
    shapes: dict[str, BaseGeometry] = {}
    others: dict[str, list[BaseGeometry]] = defaultdict(list)
    for area, piece in zip(near, pieces, strict=True):
        kept = shapely.transform(only_polygons(piece), lambda pair: pair / (narrow, 1))
        if area.parent == province:
            shapes[area.code] = kept
        else:
            others[area.parent].append(kept)
    return Cells(shapes, {code: unary_union(parts) for code, parts in others.items()})


def _circles(centres: Any, radii: Any) -> Any:
    return shapely.buffer(centres, radii, quad_segs=16)


def _distinct(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the points with equal ones nudged apart by some metres: a cell needs a point of its own."""
    seen: set[tuple[float, float]] = set()
    apart = []
    for x, y in points:
        while (x, y) in seen:
            x += 0.0002
        seen.add((x, y))
        apart.append((x, y))
    return apart


def _radii(areas: Sequence[Area]) -> list[float]:
    """Return the radius in degrees of a circle of each commune's area, the median where that is unknown."""
    known = [math.sqrt(area.area_km2 / math.pi) * KM for area in areas if area.area_km2 > 0]
    usual = median(known) if known else 4 * KM
    return [math.sqrt(area.area_km2 / math.pi) * KM if area.area_km2 > 0 else usual for area in areas]


def _alone(areas: Sequence[Area], centres: Any, radii: Sequence[float]) -> Iterable[str]:
    """Yield the special zones, and communes so far from all others that they must be islands."""
    tree = shapely.STRtree(centres)
    around, _ = tree.query(centres, predicate="dwithin", distance=4 * np.array(radii) + 2 * KM)
    for area, neighbours in zip(areas, np.bincount(around, minlength=len(areas)), strict=True):
        if area.kind == "đặc khu" or neighbours == 1:
            yield area.code
