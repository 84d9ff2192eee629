"""Outlines of a province's communes for maps: from a GeoJSON it supplies, else cells around the centres.

Everything given out is GeoJSON in degrees WGS 84, longitude first, with outer rings *clockwise*: d3-geo, which
plotly draws with, fills the whole globe otherwise (RFC 7946 says the reverse). Imports shapely.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import shapely
from shapely.geometry import Point, Polygon, box, mapping
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient
from shapely.ops import unary_union

from ioc.cells import cells_of
from ioc.coverage import DECIMALS, KM, as_coverage, only_polygons, without_islets
from ioc.province import Province
from ioc.supplied_map import Json, read_geojson, read_provinces
from ioc.territory import Area, Territory


@dataclass(frozen=True)
class Boundaries:
    """The communes of a province as a map draws them.

    communes: FeatureCollection; a feature's id is the commune's code; properties: code, name, kind, full_name,
    lat, lon (a point inside, for labels), approximate, inset (lies far out at sea: draw it apart); the
    collection's bbox leaves insets out. neighbours: FeatureCollection of provinces around, cut near the bbox.
    approximate: the outlines are cells around the centres. faults: sentences about what did not fit.
    """

    communes: Json
    neighbours: Json
    approximate: bool
    faults: tuple[str, ...] = ()
    _shapes: Mapping[str, BaseGeometry] = field(default_factory=dict, repr=False, compare=False)
    _tree: shapely.STRtree = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_tree", shapely.STRtree(list(self._shapes.values())))

    def point_in_area(self, lon: float, lat: float) -> str | None:
        """Return the code of the commune that holds a point, None outside the province."""
        found = self._tree.query(Point(lon, lat), predicate="intersects")
        return list(self._shapes)[found[0]] if len(found) else None


def load_boundaries(province: Province, territory: Territory, at: date) -> Boundaries:
    """Return the outlines for a province of that day, from its GeoJSON where it declares one.

    Raises DeclarationError for a file that is no GeoJSON of communes of this province.
    """
    communes = territory.communes(province.code, at)
    around: Mapping[str, BaseGeometry] = {}
    if province.boundaries is None or province.neighbours is None:
        cells = cells_of(province.code, territory, at)
        around = cells.provinces
    if province.boundaries is None:
        shapes = {area.code: cells.shapes[area.code] for area in communes}
        faults: list[str] = []
    else:
        shapes, faults = read_geojson(
            province.boundaries, territory, province.code, at, province.boundaries_code
        )
        shapes = as_coverage(shapes)
    approximate = province.boundaries is None
    far = _far_out(communes)
    features = [
        _feature(area, shapes[area.code], approximate, area.code in far)
        for area in communes
        if area.code in shapes
    ]
    frame = _bounds(shapes[area.code] for area in communes if area.code in shapes and area.code not in far)
    window = box(*frame).buffer(0.5, join_style="mitre")
    if province.neighbours is not None:
        around = read_provinces(province.neighbours, territory, province.code, at)
    own = unary_union(list(shapes.values()))
    return Boundaries(
        communes=_collection(features, frame, approximate),
        neighbours=_collection(
            _neighbour_features(around, window, own, territory, at), window.bounds, approximate
        ),
        approximate=approximate,
        faults=tuple(faults),
        _shapes=shapes,
    )


def _far_out(communes: Sequence[Area]) -> set[str]:
    """Return the special zones more than 90 km from every other commune of the province."""
    far = set()
    for zone in communes:
        if zone.kind != "đặc khu" or zone.lat is None or zone.lon is None:
            continue
        narrow = math.cos(math.radians(zone.lat))
        others = (
            math.hypot((other.lat or 0) - zone.lat, ((other.lon or 0) - zone.lon) * narrow)
            for other in communes
            if other.kind != "đặc khu"
        )
        if min(others, default=0.0) > 90 * KM:
            far.add(zone.code)
    return far


def _neighbour_features(
    around: Mapping[str, BaseGeometry],
    window: BaseGeometry,
    own: BaseGeometry,
    territory: Territory,
    at: date,
) -> list[Json]:
    features = []
    for code in sorted(around):
        cut = only_polygons(shapely.make_valid(around[code]).intersection(window).difference(own))
        if cut.area < KM * KM:
            continue
        area = territory.province(code, at)
        properties = {"code": code, "name": area.name, "kind": area.kind, "full_name": area.full_name}
        # rounded alone, an outline may cross itself
        whole = only_polygons(shapely.set_precision(cut.simplify(0.002), 10**-DECIMALS))
        rings = _rings(without_islets(whole))
        features.append({"type": "Feature", "id": code, "properties": properties, "geometry": rings})
    return features


def _feature(area: Area, geometry: BaseGeometry, approximate: bool, inset: bool) -> Json:
    label = max(shapely.get_parts(geometry), key=lambda part: part.area).representative_point()
    return {
        "type": "Feature",
        "id": area.code,
        "bbox": [round(value, DECIMALS) for value in geometry.bounds],
        "properties": {
            "code": area.code,
            "name": area.name,
            "kind": area.kind,
            "full_name": area.full_name,
            "lat": round(label.y, DECIMALS),
            "lon": round(label.x, DECIMALS),
            "approximate": approximate,
            "inset": inset,
        },
        "geometry": _rings(geometry),
    }


def _collection(features: list[Json], frame: Sequence[float], approximate: bool) -> Json:
    bbox = [round(value, DECIMALS) for value in frame]
    return {"type": "FeatureCollection", "bbox": bbox, "approximate": approximate, "features": features}


def _bounds(geometries: Iterable[BaseGeometry]) -> tuple[float, float, float, float]:
    west, south, east, north = zip(*(geometry.bounds for geometry in geometries), strict=True)
    return min(west), min(south), max(east), max(north)


def _rings(geometry: BaseGeometry) -> Json:
    """Return a geometry as GeoJSON, outer rings clockwise, rounded; rings that rounding flattens are left out."""
    parts = []
    for part in shapely.get_parts(geometry):
        exterior, *holes = (_rounded(ring.coords) for ring in (part.exterior, *part.interiors))
        if len(exterior) < 4:
            continue
        turned = orient(Polygon(exterior, [hole for hole in holes if len(hole) >= 4]), sign=-1.0)
        parts.append(mapping(turned)["coordinates"])
    if len(parts) == 1:
        return {"type": "Polygon", "coordinates": parts[0]}
    return {"type": "MultiPolygon", "coordinates": parts}


def _rounded(coordinates: Iterable[Sequence[float]]) -> list[tuple[float, float]]:
    """Return coordinates rounded, equal neighbours merged; fewer than four means that nothing is left."""
    ring: list[tuple[float, float]] = []
    for x, y, *_ in coordinates:
        pair = (round(x, DECIMALS), round(y, DECIMALS))
        if not ring or pair != ring[-1]:
            ring.append(pair)
    return ring
