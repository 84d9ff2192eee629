"""Sentences about a sector, each phrase with the reading that it rests on."""

from __future__ import annotations

from urllib.parse import urlencode

from api.answers import Answer, listed, text, unknown
from api.asked import PAGED, Asked
from api.caching import next_minute
from api.knowledge import as_of, declared_at
from api.routes import Room, Route
from ioc.narration.phrases import Told
from ioc.narration.sector import chosen, narrate


def narration(room: Room, asked: Asked) -> Answer:
    """List the sentences of a sector (sector=), or of every sector that has indicators."""
    known = as_of(room, asked)
    product = declared_at(room, known)
    sectors = product.catalogue.sectors
    wanted = asked.text("sector")
    if wanted and wanted not in sectors:
        raise unknown("sector", wanted, list(sectors), "/api/v1/sectors")
    ids = [wanted] if wanted else [id for id in sectors if chosen(product, id)]
    ids.sort(key=lambda id: (sectors[id].order, id))
    moment = {"as_of": asked.text("as_of")} if known is not None else {}

    def href(told: Told) -> str:
        search = f"?{urlencode(moment)}" if moment else ""
        return f"/api/v1/indicators/{told.definition.id}/explain{search}"

    items = []
    with product.engine.snapshot(int(asked.now)) as snapshot:
        for id in ids:
            sentences = narrate(product, id, int(asked.now), snapshot, known)
            items.append(
                {
                    "sector": id,
                    "name": text(sectors[id].name),
                    "text": {
                        lang: " ".join(getattr(one, lang) for one in sentences) for lang in ("vi", "en")
                    },
                    "sentences": [one.document(href) for one in sentences],
                }
            )
    until = next_minute(asked.now) if known is None else None
    return Answer(listed(items, asked, lambda item: item["sector"]), valid_until=until)


ROUTES: tuple[Route, ...] = (Route("/api/v1/narration", narration, ("sector", "as_of", *PAGED)),)
