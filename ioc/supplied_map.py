"""Shapes of communes and provinces from a GeoJSON that the province supplies."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from ioc.coverage import only_polygons
from ioc.errors import DeclarationError
from ioc.territory import Territory, UnknownAreaError

CODE_KEYS = ("code", "ma_xa", "maxa", "ma_dvhc", "madvhc", "commune_code", "ward_code", "wardcode", "ma")
NAME_KEYS = ("fullname", "full_name", "ten_xa", "tenxa", "ten_dvhc", "name", "ten")

Json = dict[str, Any]


def read_geojson(
    path: Path, territory: Territory, province: str, at: date, code_key: str = ""
) -> tuple[dict[str, BaseGeometry], list[str]]:
    """Return the shapes by commune code, and sentences about features and communes that did not fit.

    A feature is recognised by its code (`code_key`, else the usual properties, else its id), also an older
    one, or by its name. Raises DeclarationError where not one is.
    """
    features = features_of(path)
    parts: dict[str, list[BaseGeometry]] = defaultdict(list)
    faults = []
    for index, feature in enumerate(features, 1):
        code = _commune_of(feature, territory, province, at, code_key)
        if code is None:
            faults.append(
                f"{path.name}: đối tượng {index} không nhận ra là xã, phường nào của tỉnh, đã bỏ qua"
            )
            continue
        parts[code].append(polygons_of(feature, path))
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


def features_of(path: Path) -> list[Json]:
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


def polygons_of(feature: Json, path: Path) -> BaseGeometry:
    geometry = shape(feature["geometry"])
    west, south, east, north = geometry.bounds
    if not (100 <= west <= east <= 120 and 5 <= south <= north <= 25):
        raise DeclarationError(
            path.name, "", "",
            "expected longitude and latitude in WGS 84, in this order; "
            f"found coordinates such as ({west:.1f}, {south:.1f})",
        )  # fmt: skip
    return only_polygons(shapely.make_valid(geometry))


def read_provinces(path: Path, territory: Territory, own: str, at: date) -> dict[str, BaseGeometry]:
    """Return the other provinces of a GeoJSON by code; features that are none are left out."""
    shapes = {}
    for feature in features_of(path):
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
                shapes[area.code] = polygons_of(feature, path)
            break
    return shapes
