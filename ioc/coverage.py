"""Shapes that meet: slivers closed, overlaps given to one, simplified with shared edges kept shared (GEOS 3.12)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import polygonize, unary_union

KM = 1 / 111.2
"""Degrees of latitude in a kilometre."""

DECIMALS = 5
"""A fifth decimal is about a metre: enough for a wall, and half the bytes of full precision."""


def as_coverage(
    shapes: Mapping[str, BaseGeometry], sliver_km: float = 0.12, tolerance: float = 0.0004
) -> dict[str, BaseGeometry]:
    """Return the shapes simplified so that neighbours share their edges: no gap and no overlap becomes visible.

    All edges are cut at their crossings into faces; a face in several shapes goes to the smallest, one in
    none that is thinner than sliver_km to the neighbour it shares most edge with. tolerance: degrees.
    Islets under 0.02 km² are dropped unless nothing else is left of the shape.
    """
    codes = sorted(shapes, key=lambda code: shapes[code].area)
    snapped = {code: shapely.set_precision(shapes[code], 10**-DECIMALS) for code in codes}
    tree = shapely.STRtree([snapped[code] for code in codes])
    faces = list(polygonize(unary_union([geometry.boundary for geometry in snapped.values()])))
    owned: dict[str, list[Polygon]] = defaultdict(list)
    gaps = []
    for face in faces:
        inside = tree.query(face.representative_point(), predicate="within")
        if len(inside):
            owned[codes[min(inside)]].append(face)
        elif 2 * face.area / face.length < sliver_km * KM:
            gaps.append(face)
    for gap in gaps:
        touching = [codes[index] for index in tree.query(gap, predicate="intersects")]
        if touching:
            longest = max(touching, key=lambda code: gap.boundary.intersection(snapped[code]).length)
            owned[longest].append(gap)
    whole = {code: unary_union(owned[code]) if owned[code] else snapped[code] for code in codes}
    simple = shapely.coverage_simplify([whole[code] for code in codes], tolerance)
    return {code: without_islets(geometry) for code, geometry in zip(codes, simple, strict=True)}


def without_islets(geometry: BaseGeometry) -> BaseGeometry:
    parts = sorted(shapely.get_parts(geometry), key=lambda part: -part.area)
    kept = parts[:1] + [part for part in parts[1:] if part.area > 0.02 * KM * KM]
    return MultiPolygon(kept) if len(kept) > 1 else kept[0]


def only_polygons(geometry: BaseGeometry) -> BaseGeometry:
    """Return the polygons of a geometry: repairs leave lines and points behind."""
    found = [part for part in shapely.get_parts(geometry) if isinstance(part, Polygon)]
    found += [
        part
        for group in shapely.get_parts(geometry)
        if isinstance(group, MultiPolygon)
        for part in group.geoms
    ]
    return MultiPolygon(found) if len(found) != 1 else found[0]
