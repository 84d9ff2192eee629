"""Events: what was said or happened over a span."""

from __future__ import annotations

from typing import Any

from api.answers import Answer, instant, instant_ms
from api.asked import PAGED, Asked
from api.caching import next_minute
from api.knowledge import as_of, check_source, page_of, paged
from api.routes import Room, Route
from ioc.store import reader
from ioc.store.reader import EVERYTHING, EventVersion

_TEXTS = ("kind", "source", "severity", "category")


def events(room: Room, asked: Asked) -> Answer:
    """List events, the latest begun first; active=true keeps those that go on at the moment of asking."""
    known = as_of(room, asked)
    moment = int(asked.now if known is None else known / 1000)
    check_source(room, asked.text("source"))

    def only(name: str) -> list[str] | None:
        value = asked.text(name)
        return [value] if value else None

    with room.product.store.reading() as connection:
        page = page_of(connection, asked, known)
        found = reader.events(
            connection,
            EVERYTHING,
            kinds=only("kind"),
            sources=only("source"),
            severities=only("severity"),
            categories=only("category"),
            active_at=moment if asked.only_true("active") else None,
            starts_from=asked.instant("from"),
            starts_to=asked.instant("to"),
            cursor=page.cursor,
            limit=asked.limit,
            as_of=page.as_of,
        )
    body = paged([_event(version, moment) for version in found.items], found.next, asked, page)
    return Answer(body, valid_until=next_minute(asked.now) if known is None else None)


def _event(version: EventVersion, moment: int) -> dict[str, Any]:
    event = version.event
    return {
        "id": f"{version.source}:{event.key}",
        "source": version.source,
        "key": event.key,
        "kind": event.kind,
        "starts": instant(event.starts),
        "ends": instant(event.ends),
        "active": event.starts <= moment and (event.ends is None or moment < event.ends),
        "severity": event.severity or None,
        "headline": event.headline or None,
        "areas": list(event.areas),
        "category": event.category or None,
        "site": event.site or None,
        "facts": dict(event.facts),
        "known_from": instant_ms(version.known_from),
        "run": version.run_id,
    }


ROUTES: tuple[Route, ...] = (
    Route("/api/v1/events", events, (*_TEXTS, "active", "from", "to", "as_of", *PAGED)),
)
