"""Figures that disagree: each with its numbers, their sources, who answers for it and where to look further."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from api.answers import Answer, instant, instant_ms, text, unknown
from api.asked import PAGED, Asked
from api.knowledge import as_of, check_source, page_of, paged
from api.routes import Room, Route
from ioc.contradictions.standing import STANDING
from ioc.store import reader
from ioc.store.contradictions import STATES, Contradiction
from ioc.store.reader import EVERYTHING

_MOST = 1000


def contradictions(room: Room, asked: Asked) -> Answer:
    """List contradictions, the latest found first; state= open, acknowledged, explained, gone, or standing for both first."""
    known, state = as_of(room, asked), asked.one_of("state", (*STATES, "standing"))
    check_source(room, asked.text("source"))
    indicator, kind = asked.text("indicator"), asked.text("kind")
    if indicator and indicator not in room.product.definitions:
        raise unknown("indicator", indicator, list(room.product.definitions), "/api/v1/indicators")
    with room.product.store.reading() as connection:
        page = page_of(connection, asked, known)
        found = reader.contradictions(
            connection,
            EVERYTHING,
            states=STANDING if state == "standing" else [state] if state else None,
            sources=_only(asked.text("source")),
            owners=_only(asked.text("owner")),
            key=asked.text("key") or None,
            cursor=page.cursor,
            # what is narrowed here is sought in one large page
            limit=_MOST if indicator or kind else asked.limit,
            as_of=page.as_of,
        )
    items = [
        item(room, one)
        for one in found.items
        if (not indicator or indicator in one.indicators) and kind in ("", one.kind)
    ]
    return Answer(paged(items, found.next, asked, page))


def versions(room: Room, asked: Asked, key: str) -> Answer:
    """List every version of one contradiction, oldest first; as of an earlier moment those known by then."""
    known = as_of(room, asked)
    with room.product.store.reading() as connection:
        found = reader.contradiction_versions(connection, EVERYTHING, key)
    if known is not None:
        found = [
            replace(one, last_seen=min(one.last_seen, known)) for one in found if one.known_from <= known
        ]
    if not found:
        raise unknown("contradiction", key, [], "/api/v1/contradictions")
    return Answer({"items": [item(room, one) for one in found], "next": None})


def item(room: Room, one: Contradiction) -> dict[str, Any]:
    """Return a contradiction as JSON."""
    sources, definitions = room.product.catalogue.sources, room.product.definitions
    main = one.indicator or next(iter(one.indicators), "")
    sector = definitions[main].sector if main in definitions else ""
    if not sector and one.source in sources:
        sector = sources[one.source].sector
    rule = room.product.rules.get(one.rule)
    return {
        "id": one.key,
        "rule": one.rule,
        "rule_name": text(rule.name) if rule else None,
        "basis": rule.basis if rule else None,
        "kind": one.kind,
        "state": one.state,
        "note": one.note or None,
        "sentence": dict(one.sentence),
        "source": one.source or None,
        "other": one.other or None,
        "indicator": main or None,
        "indicators": list(one.indicators),
        "variable": one.variable or None,
        "place": one.place or None,
        "sector": sector or None,
        "owner": one.owner or None,
        "period": {"start": instant(one.starts), "end": instant(one.ends)},
        "evidence": [_evidence(room, part) for part in one.evidence],
        "explain": f"/api/v1/indicators/{main}/explain" if main in definitions else _observations(one),
        "first_seen": instant_ms(one.first_seen),
        "last_seen": instant_ms(one.last_seen),
        "known_from": instant_ms(one.known_from),
    }


def _evidence(room: Room, part: Any) -> dict[str, Any]:
    source = room.product.catalogue.sources.get(str(part["source"]))
    return {
        **part,
        "source_name": text(source.name) if source else {"vi": part["source"], "en": part["source"]},
        "at": instant(part["at"]),
        "known_from": instant_ms(part["known_from"]),
    }


def _observations(one: Contradiction) -> str | None:
    if not one.source:
        return None
    if not one.variable:
        return f"/api/v1/sources/{one.source}/runs"
    return "/api/v1/observations?" + urlencode({"source": one.source, "variable": one.variable})


def _only(value: str) -> list[str] | None:
    return [value] if value else None


ROUTES: tuple[Route, ...] = (
    Route(
        "/api/v1/contradictions",
        contradictions,
        ("state", "source", "indicator", "owner", "kind", "key", "as_of", *PAGED),
    ),
    Route("/api/v1/contradictions/<key>", versions, ("as_of",)),
)
