"""OGC API – Features Part 1, or WFS 2.0 with GeoJSON: one collection, page by page.

https://docs.ogc.org/is/17-069r4/17-069r4.html, https://docs.ogc.org/is/09-025r2/09-025r2.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn
from urllib.parse import quote

from connectors import http as client
from connectors import kept, mapping, values
from connectors.answer import Answer
from connectors.geometry import representative
from connectors.http import Http
from connectors.mapping import Address, Mapped, Translated
from connectors.options import SCALARS, Fault, Option, seconds
from connectors.paging import Position, Reading
from connectors.windows import write
from connectors.xml_body import name_of, read_xml
from ioc.errors import ContractError, RefusedError
from ioc.model import Case, Cursor, Page, Rejected, Source
from ioc.projection import VN2000, to_wgs84

OPTIONS: Mapping[str, Option] = {
    **client.OPTIONS,
    **mapping.OPTIONS,
    "service": Option(
        "choice",
        "features: OGC API – Features (default); wfs: WFS 2.0 with GeoJSON",
        choices=("features", "wfs"),
    ),
    "collection": Option(
        "text", "the collection's id (wfs: the feature type); absent: the address is that of its items"
    ),
    "limit": Option("count", "how many features to ask for at once (default 1000); a server may send fewer"),
    "params": SCALARS,
    "crs": Option("count", "the EPSG code of the answer's coordinates where they are VN-2000"),
    "datetime": Option("length", "asks only for features of so long until now"),
}
MOST_PAGES = 10_000
# servers offer the next page in several formats; without a type it is the one that we asked for
_NEXT = (
    "(links[?rel=='next' && (type=='application/geo+json' || type=='application/json' || !type)].href | [0])"
    " || (links[?rel=='next'].href | [0])"
)
_PAGING = {"kind": "next", "next": _NEXT, "total": "numberMatched"}
_TOTAL = "numberMatched || totalFeatures"  # 2012: GeoServer's own word, still beside the standard's
_WFS = {"service": "WFS", "version": "2.0.0", "request": "GetFeature", "outputFormat": "application/json"}


def check(source: Source) -> Iterator[Fault]:
    """Yield what is wrong beyond the types of the keys."""
    yield from mapping.check(source, ("lat", "lon"))
    crs = source.options.get("crs")
    if crs is not None and crs not in VN2000:
        yield (
            "crs",
            f"an EPSG code of VN-2000 was expected ({', '.join(map(str, sorted(VN2000)))}), not {crs}",
        )

    if source.options.get("service") == "wfs":
        if "collection" not in source.options:
            yield "collection", "is missing: WFS asks for one feature type"
        if "datetime" in source.options:
            yield "datetime", "WFS knows no such question; write params.cql_filter where the server does"


def reads_spans(source: Source) -> bool:
    """Say whether a span of the past can be asked for."""
    return "datetime" in source.options


def fetch(source: Source, http: Http, cursor: Cursor) -> Iterator[Page]:
    """Yield the collection page by page until no next one is named, each with the cursor after it."""
    mapped = mapping.compiled(_with_point(source))
    landed = False
    try:
        for page in _listed(source, http, mapped, cursor):
            yield page
            landed = True
    except (ContractError, RefusedError):
        if "at" not in cursor or landed:
            raise
        again = {key: value for key, value in cursor.items() if key == "window"}
        yield from _listed(source, http, mapped, again)  # the server no longer knows where we stopped


def _listed(source: Source, http: Http, mapped: Mapped, cursor: Cursor) -> Iterator[Page]:
    is_wfs = source.options.get("service") == "wfs"
    paging = (
        {"kind": "offset", "per_page": source.options.get("limit", 1000), "total": _TOTAL}
        if is_wfs
        else _PAGING
    )
    reading = Reading(paging, cursor)
    for number in range(1, MOST_PAGES + 1):
        answer = _ask(source, http, reading.at, cursor.get("window"))
        body = answer.json()
        features = features_of(body, answer)
        features = reading.turn(answer, body, features, _ids(features) if is_wfs else [])
        whole = source.complete and "window" not in cursor and not reading.resumed
        complete = whole and reading.done and reading.count >= reading.most and not reading.short
        yield from kept.within(
            source,
            answer,
            (part for at in range(0, len(features), kept.MOST_RECORDS)
             for part in [translate(source, mapped, features[at : at + kept.MOST_RECORDS], mapping.on_page(number), at)]),
            cursor={} if reading.done else reading.cursor(),
            complete=complete,
        )  # fmt: skip
        if reading.done:
            return
    raise ContractError(f"Danh sách dài hơn {MOST_PAGES} trang.")


def _ask(source: Source, http: Http, at: Position, window: Sequence[int] | None) -> Answer:
    headers = {"Accept": "application/geo+json, application/json;q=0.9"}
    if isinstance(at, str):
        return http.get(at, headers=headers)
    options, url = source.options, source.url
    if options.get("service") == "wfs":
        asked = {
            **_WFS,
            "typeNames": options["collection"],
            "count": options.get("limit", 1000),
            "startIndex": at,
        }
        answer = http.get(url, params={**asked, **options.get("params", {})}, headers=headers, accept=(400,))
        if answer.status == 400 or answer.body.lstrip()[:1] == b"<":
            _refuse_exception(answer)
        return answer
    if "collection" in options:
        url = f"{url.rstrip('/')}/collections/{quote(options['collection'], safe='')}/items"
    params = {"limit": options.get("limit", 1000), **options.get("params", {})}
    if "datetime" in options:
        since, until = window or (http.now() - int(seconds(options["datetime"])), None)
        params["datetime"] = f"{_written(since)}/{'..' if until is None else _written(until)}"
    return http.get(url, params=params, headers=headers)


def _refuse_exception(answer: Answer) -> NoReturn:
    """Raise what an OWS ExceptionReport says, which WFS servers send with 200 as well."""
    texts = [
        element.text or ""
        for element in read_xml(answer.body, status=answer.status).iter()
        if name_of(element) == "ExceptionText"
    ]
    said = answer.clean(" ".join(" ".join(texts).split()))[:200].rstrip(".")
    raise ContractError(f"WFS không trả lời được: {said or 'không nói vì sao'}.", status=answer.status)  # fmt: skip


def _ids(features: list[Any]) -> list[str]:
    return [str(feature["id"]) for feature in features if isinstance(feature, dict) and "id" in feature]


def _written(at: int) -> str:
    return write(at, "%Y-%m-%dT%H:%M:%SZ", "Z")


def features_of(body: Any, answer: Answer) -> list[Any]:
    """Return the features of an answer; raises ContractError where it is no FeatureCollection."""
    features = body.get("features") if isinstance(body, dict) else None
    if not isinstance(features, list):
        kind = (
            str(body.get("type", "không có type"))[:40] if isinstance(body, dict) else "không phải đối tượng"
        )
        raise ContractError(f"Cần một FeatureCollection, nhưng nhận được {kind}.", status=answer.status)
    return features


def translate(
    source: Source, mapped: Mapped, features: list[Any], address: Address, start: int
) -> Translated:
    """Translate features: their properties, with id and the representative point (lat, lon) beside them."""
    items: list[Any] = []
    places: list[int] = []
    rejected: list[Rejected] = []
    for position, feature in enumerate(features, start):
        try:
            items.append(_item(feature, source.options.get("crs")))
            places.append(position)
        except ValueError as error:
            name = values.free_text(feature["id"]) if isinstance(feature.get("id"), str | int) else ""
            rejected.append(Rejected(f"{address(position, '')} (id {name})", f"{error}.", {"id": name}))
    out = mapping.translate(mapped, items, lambda position, path: address(places[position], path))
    out.rejected += rejected
    return out


def _item(feature: Any, crs: int | None) -> Any:
    if not isinstance(feature, dict):
        return feature
    try:
        point = representative(feature.get("geometry"))
    except ValueError:
        raise ValueError("Hình học không đúng GeoJSON (RFC 7946)") from None
    if point is not None and crs is not None:
        try:
            point = to_wgs84(*point, crs)
        except ValueError:
            raise ValueError(f"Điểm {point[0]:.0f}, {point[1]:.0f} theo EPSG {crs} nằm ngoài Việt Nam; "
                             "có thể X và Y bị đổi chỗ") from None  # fmt: skip
    properties = feature.get("properties") or {}
    if not isinstance(properties, dict):
        raise ValueError("Thuộc tính (properties) không phải là một đối tượng")
    item = dict(properties)
    if "id" in feature:
        item["id"] = feature["id"]
    item["lon"], item["lat"] = (
        (round(point[0], 7), round(point[1], 7)) if point else (None, None)
    )  # a centimetre
    return item


def _with_point(source: Source) -> Source:
    """Map the point of a case where the declaration does not say otherwise."""
    if mapping.shape_of(source) is not Case:
        return source
    fields = {"lat": "lat", "lon": "lon", **source.options["fields"]}
    return replace(source, options={**source.options, "fields": fields})
