"""Targets: what was assigned, by whom, and where each of them stands."""

from __future__ import annotations

from typing import Any

from api.answers import Answer, listed
from api.asked import PAGED, Asked
from api.caching import next_minute
from api.knowledge import as_of, declared_at
from api.routes import Room, Route
from ioc.targets import PILLARS, STATUSES, document, standings


def targets(room: Room, asked: Asked) -> Answer:
    """List the targets: those declared by pillar first, then those of indicators; path years hold at their beginning."""
    known = as_of(room, asked)
    product = declared_at(room, known)
    pillar, status = asked.one_of("pillar", PILLARS), asked.one_of("status", STATUSES)
    sector = asked.one_of("sector", product.catalogue.sectors)
    items: list[dict[str, Any]] = []
    with product.engine.snapshot(int(asked.now)) as snapshot:
        for one in standings(product, int(asked.now), snapshot, known):
            if pillar in ("", one.pillar) and status in ("", one.status) and sector in ("", one.sector):
                items.append({"kind": "declared" if one.pillar else "indicator", **document(one)})
    body = listed(items, asked, lambda item: item["id"])
    return Answer(body, valid_until=next_minute(asked.now) if known is None else None)


ROUTES: tuple[Route, ...] = (
    Route("/api/v1/targets", targets, ("pillar", "status", "sector", "as_of", *PAGED)),
)
