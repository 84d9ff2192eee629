"""Which contradictions stand: by the indicators that rest on them, by source, and the newest of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from ioc.store import reader
from ioc.store.reader import EVERYTHING

STANDING = ("open", "acknowledged")
"""What nobody explained yet."""
_MOST = 1000


def of_indicator(connection: sa.Connection, indicator: str) -> dict[str, Any] | None:
    """Return how many contradictions stand behind an indicator, with the newest one's key and sentence; None: none."""
    found = reader.contradictions(connection, EVERYTHING, states=STANDING, limit=_MOST).items
    own = [one for one in found if indicator in one.indicators]
    if not own:
        return None
    return {"n": len(own), "key": own[0].key, "sentence": dict(own[0].sentence)}


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
