"""Entities of a context broker: NGSI-LD (ETSI GS CIM 009) and NGSIv2. https://www.etsi.org/deliver/etsi_gs/CIM/001_099/009/"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from connectors import http as client
from connectors import kept, mapping
from connectors.answer import Answer
from connectors.http import Http
from connectors.json_body import keys_of
from connectors.ngsi_entities import expected_units, flatten
from connectors.options import SCALARS, TEXTS, Fault, Option
from connectors.paging import Reading
from ioc.errors import ContractError
from ioc.model import Case, Cursor, Page, Rejected, Source
from ioc.scrub import scrub

OPTIONS: Mapping[str, Option] = {
    **client.OPTIONS,
    **mapping.OPTIONS,
    "version": Option("choice", 'the interface: "ld" (default) or "v2"', choices=("ld", "v2")),
    "path": Option("text", "where entities are (default /ngsi-ld/v1/entities, /v2/entities)"),
    "type": Option("text", "the entities' type"),
    "attrs": TEXTS,
    "q": Option("text", "a condition on attributes"),
    "form": Option("choice", "how entities are written (default normalized, which has units)",
                   choices=("normalized", "concise", "keyValues")),
    "context": Option("text", "the address of the @context that short names need"),
    "tenant": Option("text", "the tenant (v2: the service)"),
    "service_path": Option("text", "v2: the service path"),
    "limit": Option("count", "how many entities to ask for at once (default 100)"),
    "params": SCALARS,
}  # fmt: skip
MOST_PAGES = 10_000
_COUNTS = ("NGSILD-Results-Count", "Fiware-Total-Count")


def check(source: Source) -> Iterator[Fault]:
    """Yield what is wrong beyond the types of the keys."""
    options = source.options
    yield from mapping.check(source, ("lat", "lon"))
    if not {"type", "attrs", "q"} & set(options) and "georel" not in options.get("params", {}):
        yield "type", "is missing: one of type, attrs, q and params.georel says which entities are meant"
    if "service_path" in options and options.get("version") != "v2":
        yield "service_path", 'only version = "v2" has one'


def fetch(source: Source, http: Http, cursor: Cursor) -> Iterator[Page]:
    """Yield the entities page by page: their state now."""
    units, limit = expected_units(source), source.options.get("limit", 100)
    mapped, located = mapping.compiled(_with_point(source)), mapping.shape_of(source) is Case
    reading = Reading({"kind": "offset", "per_page": limit, "total": "count"}, cursor)
    for number in range(1, MOST_PAGES + 1):
        answer = _ask(source, http, reading.at, limit)
        entities = _entities(answer.json(), answer)
        ids = [str(entity.get("id")) for entity in entities if isinstance(entity, dict)]
        entities = reading.turn(answer, {"count": _count(answer)}, entities, ids)
        address = mapping.on_page(number)
        items, rejected = [], list[Rejected]()
        for position, entity in enumerate(entities):
            item, why = flatten(entity, units, located=located) if isinstance(entity, dict) else (entity, [])
            name = (
                f" (id {scrub(item['id'][:100])})"
                if isinstance(item, dict) and isinstance(item.get("id"), str)
                else ""
            )
            rejected += [Rejected(address(position, "") + name, reason, {"id": name[5:-1]}) for reason in why]
            items.append(item)
        parts = [
            mapping.translate(mapped, items[at : at + step], address, at)
            for step in (max(1, kept.MOST_RECORDS // max(1, len(mapped.values))),)
            for at in range(0, len(items), step)
        ]
        if rejected:
            parts.append(mapping.Translated(rejected=rejected))
        complete = source.complete and reading.done and not reading.resumed and not reading.short
        yield from kept.within(
            source, answer, parts, cursor={} if reading.done else reading.cursor(), complete=complete
        )
        if reading.done:
            return
    raise ContractError(f"Danh sách dài hơn {MOST_PAGES} trang.")


def _ask(source: Source, http: Http, at: Any, limit: int) -> Answer:
    options, is_v2 = source.options, source.options.get("version") == "v2"
    form = options.get("form", "normalized")
    asked: dict[str, Any] = {key: options[key] for key in ("type", "q") if key in options}
    if "attrs" in options:
        asked["attrs"] = ",".join(options["attrs"])
    asked |= {"limit": limit, "offset": at}
    words = [form] if form != "normalized" else []
    if is_v2:
        words.append("count")
    else:
        asked["count"] = "true"
    if words:
        asked["options"] = ",".join(words)
    headers = {"Accept": "application/json"}
    if "context" in options:
        headers["Link"] = (
            f'<{options["context"]}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'
        )
    if "tenant" in options:
        headers["Fiware-Service" if is_v2 else "NGSILD-Tenant"] = options["tenant"]
    if "service_path" in options:
        headers["Fiware-ServicePath"] = options["service_path"]
    path = options.get("path", "/v2/entities" if is_v2 else "/ngsi-ld/v1/entities")
    return http.get(
        source.url.rstrip("/") + path, params={**asked, **options.get("params", {})}, headers=headers
    )


def _entities(body: Any, answer: Answer) -> list[Any]:
    if isinstance(body, dict) and isinstance(body.get("features"), list):
        return list(body["features"])
    if isinstance(body, dict) and isinstance(body.get("id"), str):
        return [body]
    if isinstance(body, list):
        return body
    raise ContractError(
        f"Cần một danh sách thực thể NGSI, nhưng nhận được {keys_of(body)}.", status=answer.status
    )


def _count(answer: Answer) -> str | None:
    return next((answer.headers[name] for name in _COUNTS if name in answer.headers), None)


def _with_point(source: Source) -> Source:
    if mapping.shape_of(source) is not Case:
        return source
    fields = {"lat": "lat", "lon": "lon", **source.options["fields"]}
    return replace(source, options={**source.options, "fields": fields})
