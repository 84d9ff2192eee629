"""A board as it was shown at an earlier moment, or where nothing was shown as it would have been."""

from __future__ import annotations

import logging

import orjson
import sqlalchemy as sa

from ioc.board_document import document
from ioc.board_parts import Part, Parts
from ioc.board_sources import sources_shown
from ioc.boards import read_boards
from ioc.calendar import iso
from ioc.contradictions.standing import of_reading
from ioc.declared_then import product_at
from ioc.errors import QuestionError
from ioc.indicators.snapshot import Snapshot
from ioc.logs import where
from ioc.product import Product
from ioc.store import reader
from ioc.store.reader import EVERYTHING

log = logging.getLogger("boards")


def board_at(
    product: Product, connection: sa.Connection, id: str, lang: str, as_of: int
) -> tuple[int | None, bytes] | None:
    """Return the version and bytes of a board at as_of (epoch ms); None for one that was not declared then.

    What was shown then comes byte for byte, with as_of and recomputed = false behind it. Where nothing was
    shown (not yet, or kept no longer) it is computed from what was known then: recomputed = true, no version.
    """
    shown = reader.board_shown(connection, EVERYTHING, id, lang, as_of)
    if shown is not None:
        version, _, body = shown
        return version, body[:-1] + b"," + orjson.dumps({"as_of": iso(as_of / 1000), "recomputed": False})[1:]
    then = product_at(product, connection, as_of)
    plan = read_boards(then)[0].get(id)
    if plan is None:
        return None
    now = as_of // 1000
    snapshot = Snapshot(connection, then.catalogue, then.calendar, now)
    computed, parts = Parts(then, as_of), dict[str, Part]()
    for part in plan.parts:
        try:
            parts[part.key], _ = computed.whole(part, now, snapshot)
            if part.indicator:
                parts[part.key]["disputed"] = of_reading(
                    connection, then, part.indicator, dict(part.asked), now, as_of
                )
        except QuestionError as fault:
            log.warning("board %s as of %s: %s: %s", id, iso(now), part.key, where(fault))
    fresh = {source: snapshot.freshness(one, as_of, now) for source, one in then.catalogue.sources.items()}
    content = document(plan, parts, [*sources_shown(then, fresh)], then, lang)
    return None, orjson.dumps(
        {**content, "published_at": None, "as_of": iso(as_of / 1000), "recomputed": True}
    )
