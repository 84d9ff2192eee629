"""OGC API – Features Part 1 (and Part 2 for VN-2000) over the land requests. https://docs.ogc.org/is/17-069r4"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from ioc.projection import from_wgs84
from sandbox.answers import Answer, Asked, BadQuestionError
from sandbox.land import Request, geometry, told
from sandbox.world import World

COLLECTION, PLANE = "ho-so-dat-dai", "ho-so-dat-dai-vn2000"
EPSG = 5899
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
VN2000 = f"http://www.opengis.net/def/crs/EPSG/0/{EPSG}"
GEOJSON = "application/geo+json"
MOST = 1000
HISTORY_S = 400 * 86_400
FILTERS = ("loai", "trang_thai", "ma_xa")
KNOWN = {"limit", "offset", "datetime", "bbox", "f", *FILTERS}


def answer(world: World, asked: Asked) -> Answer:
    """Answer /ogc/…"""
    parts = asked.path.removeprefix("/ogc").strip("/").split("/")
    try:
        match parts:
            case [""]:
                return Answer.json(200, _landing(asked))
            case ["conformance"]:
                return Answer.json(200, {"conformsTo": CONFORMS})
            case ["collections"]:
                found = [_collection(world, asked, id) for id in (COLLECTION, PLANE)]
                return Answer.json(
                    200, {"links": [_link(asked, "self", "/collections")], "collections": found}
                )
            case ["collections", id] if id in (COLLECTION, PLANE):
                return Answer.json(200, _collection(world, asked, id))
            case ["collections", id, "items"] if id in (COLLECTION, PLANE):
                return _items(world, asked, id)
            case ["collections", id, "items", key] if id in (COLLECTION, PLANE):
                return _item(world, asked, id, key)
    except BadQuestionError as error:
        return _problem(400, "Bad Request", str(error))
    return _problem(404, "Not Found", f"there is nothing at {asked.path}")


CONFORMS = [
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
]


def _landing(asked: Asked) -> dict[str, Any]:
    links = [
        _link(asked, "self", "/"),
        _link(asked, "conformance", "/conformance"),
        _link(asked, "data", "/collections"),
    ]
    return {"title": "Hệ thống thông tin đất đai (mô phỏng)", "links": links}


def _collection(world: World, asked: Asked, id: str) -> dict[str, Any]:
    lons = [area.lon for area in world.setting.communes if area.lon is not None]
    lats = [area.lat for area in world.setting.communes if area.lat is not None]
    crs = VN2000 if id == PLANE else CRS84
    return {
        "id": id,
        "title": "Hồ sơ đất đai" + (" (VN-2000)" if id == PLANE else ""),
        "itemType": "feature",
        "extent": {
            "spatial": {"bbox": [[min(lons), min(lats), max(lons), max(lats)]], "crs": CRS84},
            "temporal": {"interval": [["2025-07-01T00:00:00Z", None]]},
        },
        "crs": [crs],
        "storageCrs": crs,
        "links": [_link(asked, "items", f"/collections/{id}/items", GEOJSON)],
    }


def _items(world: World, asked: Asked, id: str) -> Answer:
    """Answer one page: datetime is the instant of change; numberMatched stands on the first page alone."""
    for name in asked.query:
        if name not in KNOWN:
            raise BadQuestionError(f"{name}: no such parameter; known are {', '.join(sorted(KNOWN))}")
    now = int(world.now())
    limit, offset = asked.number("limit", 10, 1, MOST), asked.number("offset", 0, 0, 10_000_000)
    since, until = _span(asked.query.get("datetime", ""), now)
    references = world.requests.changed(since, until)
    box = _box(asked.query.get("bbox", ""))
    wanted = {name: asked.query[name] for name in FILTERS if name in asked.query}
    if wanted or box:
        kept = [r for r in references if _fits(world.requests.at(r), now, wanted, box)]
    else:
        kept = list(references)
    part = kept[offset : offset + limit]
    query = {name: value for name, value in asked.query.items() if name != "offset"}
    here = f"/collections/{id}/items"
    links = [_link(asked, "self", f"{here}?{urlencode({**query, 'offset': offset})}", GEOJSON)]
    if offset + len(part) < len(kept):
        # the end of an open span is written out, so that all pages are of one list
        query["datetime"] = f"{_written(since)}/{_written(until)}"
        links.append(
            _link(asked, "next", f"{here}?{urlencode({**query, 'offset': offset + len(part)})}", GEOJSON)
        )
    body = {
        "type": "FeatureCollection",
        "timeStamp": _written(now),
        "numberReturned": len(part),
        "features": [_feature(world, reference, id, now) for reference in part],
        "links": links,
    }
    if offset == 0:
        body["numberMatched"] = len(kept)
    return Answer.json(200, body, {"Content-Crs": f"<{VN2000 if id == PLANE else CRS84}>"}, GEOJSON)


def _item(world: World, asked: Asked, id: str, key: str) -> Answer:
    now = int(world.now())
    for reference in reversed(world.requests.changed(now - HISTORY_S, now)):
        if world.requests.at(reference).key == key:
            return Answer.json(200, _feature(world, reference, id, now), None, GEOJSON)
    return _problem(404, "Not Found", f"there is no feature {key}")


def _feature(world: World, reference: int, id: str, now: int) -> dict[str, Any]:
    request = world.requests.at(reference)
    shape = geometry(request)
    if id == PLANE:
        shape = {**shape, "coordinates": _plane(shape["coordinates"])}
    return {"type": "Feature", "id": request.key, "geometry": shape, "properties": told(request, now)}


def _plane(coordinates: Any) -> Any:
    if isinstance(coordinates[0], float):
        east, north = from_wgs84(coordinates[0], coordinates[1], EPSG)
        return [round(east, 3), round(north, 3)]
    return [_plane(part) for part in coordinates]


def _fits(
    request: Request, now: int, wanted: dict[str, str], box: tuple[float, float, float, float] | None
) -> bool:
    if box and not (box[0] <= request.lon <= box[2] and box[1] <= request.lat <= box[3]):
        return False
    properties = told(request, now)
    return all(str(properties[name]) == value for name, value in wanted.items())


def _box(text: str) -> tuple[float, float, float, float] | None:
    if not text:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise BadQuestionError(f"bbox: four numbers were expected, not {text!r}") from None
    return west, south, east, north


def _span(text: str, now: int) -> tuple[int, int]:
    """Read a datetime: an instant, a/b, ../b or a/.. (RFC 3339)."""
    start, slash, end = text.partition("/")
    since = _instant(start, now - HISTORY_S)
    until = _instant(end if slash else start, now)
    return max(since, now - HISTORY_S), min(until, now)


def _instant(text: str, default: int) -> int:
    if text in ("", ".."):
        return default
    try:
        read = datetime.fromisoformat(text)
        if read.tzinfo is None:
            raise ValueError(text)
    except ValueError:
        raise BadQuestionError(f"datetime: RFC 3339 was expected, not {text!r}") from None
    return int(read.timestamp())


def _written(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _link(asked: Asked, rel: str, path: str, kind: str = "application/json") -> dict[str, str]:
    return {"rel": rel, "type": kind, "href": f"{asked.base}/ogc{path}"}


def _problem(status: int, title: str, detail: str) -> Answer:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return Answer.json(status, body, None, "application/problem+json")
