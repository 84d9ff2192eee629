"""Which contradictions stand: by the indicators that rest on them, by source, and the newest of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from ioc.calendar import Period, parse_period
from ioc.product import Product
from ioc.store import reader
from ioc.store.contradictions import Contradiction
from ioc.store.reader import EVERYTHING

STANDING = ("open", "acknowledged")
"""What nobody explained yet."""
_MOST = 1000


def of_reading(
    connection: sa.Connection,
    product: Product,
    indicator: str,
    asked: Mapping[str, str],
    now: float,
    as_of: int | None = None,
) -> dict[str, Any] | None:
    """Return how many contradictions stand behind a reading, with the newest one's key and sentence; None: none.

    asked: what the reading is narrowed to (area, agency, site, category, channel) and the period that it names; a
    figure of another place, part or period says nothing against it. now: epoch s; as_of: epoch ms.
    """
    return of_those(those(connection, as_of), product, indicator, asked, now)


def those(connection: sa.Connection, as_of: int | None = None) -> Sequence[Contradiction]:
    """Return the contradictions that nobody explained yet, the newest first, as known then (epoch ms)."""
    return reader.contradictions(connection, EVERYTHING, states=STANDING, limit=_MOST, as_of=as_of).items


def of_those(
    found: Sequence[Contradiction], product: Product, indicator: str, asked: Mapping[str, str], now: float
) -> dict[str, Any] | None:
    """Return the same as of_reading of contradictions that were read before."""
    named = asked.get("period")
    period = parse_period(named, now, product.calendar) if named else None
    own = [
        one
        for one in found
        if indicator in one.indicators and concerns(one, product, asked) and _meets(one, period)
    ]
    if not own:
        return None
    return {"n": len(own), "key": own[0].key, "sentence": dict(own[0].sentence)}


def concerns(one: Contradiction, product: Product, asked: Mapping[str, str]) -> bool:
    """Whether what disagrees is part of what a reading is narrowed to; of what names no figures that is assumed."""
    told = [part for part in one.evidence if part.get("variable")]
    if not told:
        return True
    for name in ("agency", "category", "channel"):
        wanted = asked.get(name)
        if wanted and all(str(part.get(name, "")) != wanted for part in told):
            return False
    places = {str(part["place"]) for part in told}
    if site := asked.get("site"):
        return site in places
    area = asked.get("area")
    if area in (None, "", product.province.code):
        return True
    catalogue = product.catalogue
    within = (catalogue.sites[place].area if place in catalogue.sites else place for place in places)
    return any(code.partition("@")[0] == area for code in within)


def _meets(one: Contradiction, period: Period | None) -> bool:
    """Whether what disagrees is of a period, or of none in particular."""
    if period is None or one.starts is None:
        return True
    return one.starts < period.end and period.start < (one.ends or one.starts + 1)


def by_source(connection: sa.Connection, as_of: int | None = None) -> Mapping[str, int]:
    """Return how many contradictions stand at each source; one between two sources stands at both."""
    found = reader.contradictions(connection, EVERYTHING, states=STANDING, limit=_MOST, as_of=as_of).items
    return Counter(name for one in found for name in {one.source, one.other} - {""})


def summary(connection: sa.Connection, rows: int) -> dict[str, Any]:
    """Return counts by state, and the newest that nobody explained: kind, sentence, source, owner, state."""
    found = reader.contradictions(connection, EVERYTHING, states=STANDING, limit=_MOST).items
    explained = reader.contradictions(connection, EVERYTHING, states=("explained",), limit=_MOST).items
    counts = Counter(one.state for one in (*found, *explained))
    return {
        "counts": {state: counts[state] for state in (*STANDING, "explained")},
        "rows": [
            {
                "key": one.key,
                "kind": one.kind,
                "state": one.state,
                "source": one.source,
                "owner": one.owner,
                "sentence": dict(one.sentence),
                "first_seen": one.first_seen // 1000,
            }
            for one in found[:rows]
        ],
    }
