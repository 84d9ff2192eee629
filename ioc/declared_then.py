"""What was declared at an earlier moment: kept when the collector starts, so that the past has its own rules and names."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import asdict, replace
from datetime import date
from typing import Any

import orjson
import sqlalchemy as sa

from ioc.agencies import Agency
from ioc.area import Area
from ioc.declared import Table
from ioc.errors import DeclarationError
from ioc.indicators.declaring import read_definition
from ioc.indicators.definition import Definition
from ioc.model import Due, Sector, Source, Text
from ioc.product import Declared, Product
from ioc.store import Commit, reader
from ioc.store.definitions import keep_definitions
from ioc.store.reader import EVERYTHING

_OF_SOURCE = (
    "connector", "sector", "shape", "owner", "vendor", "licence", "every", "cron", "fresh_for", "deadline",
    "rejected_share", "keep", "keep_days", "complete", "history", "file",
)  # fmt: skip
"""What a source's past shows. Its address and its secrets' names are not kept."""


def keep_declared(commit: Commit, declared: Declared) -> None:
    """Keep what is declared now where it differs from what was kept last: a row a version, from this commit on."""
    catalogue = declared.catalogue
    for kind, tables in (
        ("indicator", catalogue.indicators),
        ("board", catalogue.boards),
        ("target", catalogue.targets),
    ):
        keep_definitions(commit, kind, {table.id: (table.hash, table.body) for table in tables.values()})
    sources = {one.id: (one.hash, source_body(one)) for one in catalogue.sources.values()}
    keep_definitions(commit, "source", sources)
    sectors = {one.id: asdict(one) for one in catalogue.sectors.values()}
    keep_definitions(commit, "sector", _hashed(sectors))
    keep_definitions(commit, "area", _hashed(dict(_areas(declared))))
    agencies = {f"{one.id}@{one.valid_from}": asdict(one) for one in _agencies(declared)}
    keep_definitions(commit, "agency", _hashed(agencies))


def source_body(source: Source) -> dict[str, Any]:
    """Return what is kept of a source's declaration."""
    body = {name: getattr(source, name) for name in _OF_SOURCE}
    return {
        **body,
        "name": asdict(source.name),
        "due": None if source.due is None else asdict(source.due),
    }


def product_at(product: Product, connection: sa.Connection, as_of: int | None) -> Product:
    """Return the product with the sectors, sources, indicators and boards that were declared at as_of (epoch ms).

    Of what was never kept (before the first collector) today's declarations stand in, and also for a table
    that today's reader refuses. The engine answers by the definitions of then.
    """
    if as_of is None:
        return product
    catalogue = product.catalogue
    kept: dict[str, Mapping[str, reader.Definition]] = {
        kind: reader.definitions(connection, EVERYTHING, kind, as_of=as_of)
        for kind in ("sector", "source", "indicator", "board", "target")
    }

    def then(kind: str, now: Mapping[str, Any], read: Callable[[str, Any], Any]) -> dict[str, Any]:
        # in today's order; what is no longer declared follows
        order = {name: position for position, name in enumerate(now)}
        names = sorted(kept[kind], key=lambda name: (order.get(name, len(order)), name))
        found = {name: read(name, kept[kind][name]) for name in names}
        return {name: one for name, one in found.items() if one is not None} if found else dict(now)

    sources = then("source", catalogue.sources, lambda id, row: _source(id, row, catalogue.sources.get(id)))
    boards = then("board", catalogue.boards, lambda id, row: _table(id, row, catalogue.boards.get(id)))
    tables = then(
        "indicator", catalogue.indicators, lambda id, row: _table(id, row, catalogue.indicators.get(id))
    )
    definitions = then(
        "indicator", product.definitions, lambda id, row: _definition(tables[id], product.definitions.get(id))
    )
    past = replace(
        catalogue,
        sectors=then("sector", catalogue.sectors, lambda id, row: _sector(id, row.body)),
        sources=sources,
        indicators=tables,
        boards=boards,
        targets=then("target", catalogue.targets, lambda id, row: _table(id, row, catalogue.targets.get(id))),
        disabled={id: fault for id, fault in catalogue.disabled.items() if not kept["source"]},
    )
    engine = copy(product.engine)
    engine.catalogue, engine.definitions = past, definitions
    return replace(product, catalogue=past, definitions=definitions, engine=engine)


def areas_at(connection: sa.Connection, as_of: int) -> list[Area] | None:
    """Return the units of the province as they were known at as_of (epoch ms), all times; None where none was kept."""
    rows = reader.definitions(connection, EVERYTHING, "area", as_of=as_of)
    found = [Area(**{**row.body, **_days(row.body)}) for row in rows.values()]
    return found or None


def agencies_at(connection: sa.Connection, as_of: int) -> list[Agency] | None:
    """Return the agencies as they were declared at as_of (epoch ms), of all times; None where none was kept."""
    rows = reader.definitions(connection, EVERYTHING, "agency", as_of=as_of)
    found = [
        Agency(
            **{
                **row.body,
                **_days(row.body),
                "name": Text(**row.body["name"]),
                **{name: tuple(row.body[name]) for name in ("becomes", "codes", "also")},
            }
        )
        for row in rows.values()
    ]
    return found or None


def _areas(declared: Declared) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the units of the province since its last change: what was before is history, and settled."""
    code = declared.province.code
    for area in declared.territory.listed():
        if code in (area.code, area.parent):
            yield f"{area.code}@{area.valid_from}", asdict(area)


def _agencies(declared: Declared) -> Iterator[Agency]:
    yield from declared.agencies.declared
    yield from (one for one in declared.agencies.agencies() if one.kind == "commune" and one.area)


def _hashed(bodies: Mapping[str, Any]) -> dict[str, tuple[str, Any]]:
    return {name: (_hash(body), body) for name, body in bodies.items()}


def _hash(body: Any) -> str:
    return "sha256:" + hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _days(body: Mapping[str, Any]) -> dict[str, date | None]:
    found = {name: body[name] for name in ("valid_from", "valid_to")}
    return {name: None if text is None else date.fromisoformat(text) for name, text in found.items()}


def _table(id: str, row: reader.Definition, now: Table | None) -> Table:
    return Table(id, now.file if now else "", row.body)


def _definition(table: Table, now: Definition | None) -> Definition | None:
    if now is not None and now.hash == table.hash:
        return now
    try:
        return read_definition(table)
    except DeclarationError:
        return now


def _sector(id: str, body: Mapping[str, Any]) -> Sector:
    return Sector(**{**body, "id": id, "name": Text(**body["name"])})


def _source(id: str, row: reader.Definition, now: Source | None) -> Source | None:
    body = dict(row.body)
    if "name" not in body:  # kept before names were
        return now
    body["name"] = Text(**body["name"])
    body["due"] = None if body["due"] is None else Due(**body["due"])
    if now is not None:
        return replace(now, **body, hash=row.hash)
    return Source(id=id, **body, hash=row.hash)
