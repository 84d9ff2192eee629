"""The ports of the screens, filled from the product: its boards, its map, its sectors, its lease."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson

from ioc.boundaries import load_boundaries
from ioc.calendar import local_date
from ioc.product import Product
from ioc.store import ask_poll, reader
from ioc.store.contradictions import answer as say_of_contradiction
from ioc.store.lease import holder
from ioc.store.reader import EVERYTHING
from layouts.ports import Ports

GRACE_MS = 3000
"""How long after its lease lapsed a collector may still be on its way back, before the screens say it stopped."""


class StoreBoards:
    """The boards as the collector publishes them into the store."""

    def __init__(self, product: Product) -> None:
        self.store = product.store

    def versions(self) -> Mapping[tuple[str, str], str]:
        """Return the version of every board by (board, language)."""
        with self.store.reading() as connection:
            return {key: str(found) for key, found in reader.board_versions(connection, EVERYTHING).items()}

    def document(self, board: str, lang: str) -> Mapping[str, Any]:
        """Return a board's document; raises LookupError."""
        with self.store.reading() as connection:
            found = reader.read_board(connection, EVERYTHING, board, lang)
        if found is None:
            raise LookupError(board)
        document: Mapping[str, Any] = orjson.loads(found.body)
        return document

    def heartbeat(self) -> tuple[str, float | None]:
        """Return whether a collector holds the lease, and when it last renewed it."""
        held = holder(self.store)
        if held is None:
            return "lost", None
        state = "live" if time.time() * 1000 < held.until_ms + GRACE_MS else "lost"
        return state, held.heartbeat_ms / 1000


def ports_of(product: Product, today: date | None = None) -> Ports:
    """Return the ports over a product; today decides which communes there are."""
    day = today or local_date(time.time())
    shapes = load_boundaries(product.province, product.territory, day)
    province, title = product.territory.province(product.province.code, day), product.province.title
    shown = [one for one in product.catalogue.sectors.values() if one.id in product.catalogue.boards]
    sectors = sorted(shown, key=lambda sector: (sector.order, sector.id))

    usual = next(iter(product.playlists.values()), ())

    def poll_now(source: str) -> None:
        ask_poll(product.store, source, now_ms=time.time_ns() // 1_000_000)

    def answer(key: str, state: str, note: str) -> None:
        say_of_contradiction(product.store, key, state, note, now_ms=time.time_ns() // 1_000_000)

    return Ports(
        boards=StoreBoards(product),
        communes=shapes.communes,
        neighbours=shapes.neighbours,
        sectors=[(sector.id, {"vi": sector.name.vi, "en": sector.name.en}) for sector in sectors],
        province={
            "name.vi": province.full_name,
            "name.en": f"{province.name} {'City' if 'phố' in province.kind else 'province'}",
            "title.vi": title.vi,
            "title.en": title.en,
        },
        simulated=product.settings.simulated,
        emblem=product.province.emblem,
        order=tuple(dict.fromkeys((*usual, "overview", *(sector.id for sector in sectors)))),
        playlists=product.playlists,
        faults=[
            {"file": fault.file, "table": fault.table, "key": fault.key, "text": fault.expected}
            for fault in product.catalogue.faults
        ],
        kinds={
            source.sector: source.shape.removeprefix("case:")
            for source in product.catalogue.sources.values()
            if source.shape.startswith("case:")
        },
        poll_now=poll_now,
        answer=answer,
    )
