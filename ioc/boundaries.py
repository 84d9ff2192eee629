"""Outlines of a province's communes for maps: from a GeoJSON it supplies, else cells around the centres.

Everything given out is GeoJSON in degrees WGS 84, longitude first, with outer rings *clockwise*: d3-geo, which
plotly draws with, fills the whole globe otherwise (RFC 7946 says the reverse). Imports shapely (GEOS 3.12).
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import shapely
from shapely.geometry import MultiPoint, MultiPolygon, Point, Polygon, box, mapping, shape
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient
from shapely.ops import polygonize, unary_union

from ioc.errors import DeclarationError
from ioc.province import Province
from ioc.territory import Area, Territory, UnknownAreaError

CODE_KEYS = ("code", "ma_xa", "maxa", "ma_dvhc", "madvhc", "commune_code", "ward_code", "wardcode", "ma")
NAME_KEYS = ("fullname", "full_name", "ten_xa", "tenxa", "ten_dvhc", "name", "ten")

KM = 1 / 111.2
"""Degrees of latitude in a kilometre."""

DECIMALS = 5
"""A fifth decimal is about a metre: enough for a wall, and half the bytes of full precision."""

Json = dict[str, Any]


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
    cells = _cells(province.code, territory, at)
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
    around = cells.provinces
    if province.neighbours is not None:
        around = _read_provinces(province.neighbours, territory, province.code, at)
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


# From a GeoJSON


def read_geojson(
    path: Path, territory: Territory, province: str, at: date, code_key: str = ""
) -> tuple[dict[str, BaseGeometry], list[str]]:
    """Return the shapes by commune code, and sentences about features and communes that did not fit.

    A feature is recognised by its code (`code_key`, else the usual properties, else its id), also an older
    one, or by its name. Raises DeclarationError where not one is.
    """
    features = _features(path)
    parts: dict[str, list[BaseGeometry]] = defaultdict(list)
    faults = []
    for index, feature in enumerate(features, 1):
        code = _commune_of(feature, territory, province, at, code_key)
        if code is None:
            faults.append(
                f"{path.name}: đối tượng {index} không nhận ra là xã, phường nào của tỉnh, đã bỏ qua"
            )
            continue
        parts[code].append(_polygons(feature, path))
    if not parts:
        raise DeclarationError(
            path.name,
            "",
            "",
            "expected features with the code or name of a commune of this province; none has one",
        )
    for area in territory.communes(province, at):
        if area.code not in parts:
            faults.append(f"{path.name}: thiếu ranh giới của {area.short} ({area.code})")
    return {code: unary_union(geometries) for code, geometries in parts.items()}, faults


def _features(path: Path) -> list[Json]:
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
        features = document["features"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DeclarationError(
            str(path), "", "", f"expected a GeoJSON FeatureCollection in UTF-8: {error}"
        ) from None
    return [feature for feature in features if feature.get("geometry")]


def _commune_of(feature: Json, territory: Territory, province: str, at: date, code_key: str) -> str | None:
    properties = feature.get("properties") or {}
    folded = {str(key).casefold(): value for key, value in properties.items()}
    codes = (
        [properties.get(code_key)]
        if code_key
        else [*(folded.get(key) for key in CODE_KEYS), feature.get("id")]
    )
    texts = [
        str(code).removesuffix(".0").zfill(5)
        for code in codes
        if str(code or "").removesuffix(".0").isdigit()
    ]
    texts += [str(folded[key]) for key in NAME_KEYS if folded.get(key)]
    for text in texts:
        try:
            return territory.resolve_one(text, at, province).code
        except UnknownAreaError:
            continue
    return None


def _polygons(feature: Json, path: Path) -> BaseGeometry:
    geometry = shape(feature["geometry"])
    west, south, east, north = geometry.bounds
    if not (100 <= west <= east <= 120 and 5 <= south <= north <= 25):
        raise DeclarationError(
            path.name, "", "",
            "expected longitude and latitude in WGS 84, in this order; "
            f"found coordinates such as ({west:.1f}, {south:.1f})",
        )  # fmt: skip
    return _only_polygons(shapely.make_valid(geometry))


def _only_polygons(geometry: BaseGeometry) -> BaseGeometry:
    """Return the polygons of a geometry: repairs leave lines and points behind."""
    found = [part for part in shapely.get_parts(geometry) if isinstance(part, Polygon)]
    found += [
        part
        for group in shapely.get_parts(geometry)
        if isinstance(group, MultiPolygon)
        for part in group.geoms
    ]
    return MultiPolygon(found) if len(found) != 1 else found[0]


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
    return {code: _without_islets(geometry) for code, geometry in zip(codes, simple, strict=True)}


def _without_islets(geometry: BaseGeometry) -> BaseGeometry:
    parts = sorted(shapely.get_parts(geometry), key=lambda part: -part.area)
    kept = parts[:1] + [part for part in parts[1:] if part.area > 0.02 * KM * KM]
    return MultiPolygon(kept) if len(kept) > 1 else kept[0]


# From the centres


@dataclass(frozen=True, slots=True)
class _Cells:
    """Cells of a province's communes, and the outlines of other provinces' cells around, by code."""

    shapes: dict[str, BaseGeometry]
    provinces: dict[str, BaseGeometry]


def _cells(province: str, territory: Territory, at: date) -> _Cells:
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
    cells = shapely.voronoi_polygons(MultiPoint(points), extend_to=box(*frame), ordered=True).geoms
    circles = [Point(xy).buffer(1.5 * radius) for xy, radius in zip(points, radii, strict=True)]
    islands = set(_alone(near, points, radii))
    land = unary_union(
        [circle for circle, area in zip(circles, near, strict=True) if area.code not in islands]
    )
    land = land.buffer(6 * KM).buffer(-6 * KM)
    shapes: dict[str, BaseGeometry] = {}
    others: dict[str, list[BaseGeometry]] = defaultdict(list)
    for area, cell, xy, radius in zip(near, cells, points, radii, strict=True):
        if area.code in islands:
            reach: BaseGeometry = Point(xy).buffer(1.5 * radius)
        else:
            reach = Point(xy).buffer(3 * radius).intersection(land)
        kept = shapely.transform(_only_polygons(cell.intersection(reach)), lambda pair: pair / (narrow, 1))
        if area.parent == province:
            shapes[area.code] = kept
        else:
            others[area.parent].append(kept)
    return _Cells(shapes, {code: unary_union(parts) for code, parts in others.items()})


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


def _alone(
    areas: Sequence[Area], points: Sequence[tuple[float, float]], radii: Sequence[float]
) -> Iterable[str]:
    """Yield the special zones, and communes so far from all others that they must be islands."""
    tree = shapely.STRtree([Point(xy) for xy in points])
    for area, xy, radius in zip(areas, points, radii, strict=True):
        if (
            area.kind == "đặc khu"
            or len(tree.query(Point(xy), predicate="dwithin", distance=4 * radius + 2 * KM)) == 1
        ):
            yield area.code


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


# GeoJSON out


def _read_provinces(path: Path, territory: Territory, own: str, at: date) -> dict[str, BaseGeometry]:
    """Return the other provinces of a GeoJSON by code; features that are none are left out."""
    shapes = {}
    for feature in _features(path):
        folded = {str(key).casefold(): value for key, value in (feature.get("properties") or {}).items()}
        texts = [
            str(value)
            for key in ("code", "ma_tinh", "matinh", "fullname", "name")
            if (value := folded.get(key))
        ]
        for text in [*texts, str(feature.get("id") or "")]:
            try:
                area = territory.resolve_one(text.zfill(2) if text.isdigit() else text, at)
            except UnknownAreaError:
                continue
            if area.level == "province" and area.code != own:
                shapes[area.code] = _polygons(feature, path)
            break
    return shapes


def _neighbour_features(
    around: Mapping[str, BaseGeometry],
    window: BaseGeometry,
    own: BaseGeometry,
    territory: Territory,
    at: date,
) -> list[Json]:
    features = []
    for code in sorted(around):
        cut = _only_polygons(shapely.make_valid(around[code]).intersection(window).difference(own))
        if cut.area < KM * KM:
            continue
        area = territory.province(code, at)
        properties = {"code": code, "name": area.name, "kind": area.kind, "full_name": area.full_name}
        rings = _rings(_without_islets(cut.simplify(0.002)))
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
