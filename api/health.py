"""Whether the product can be relied on: the store, the collector's heartbeat, and the declarations that are faulty."""

from __future__ import annotations

from typing import Any

from api.answers import Answer, instant_ms
from api.asked import Asked
from api.routes import Room, Route
from ioc.errors import StoreError
from ioc.logs import quiet
from ioc.store import reader
from ioc.store.lease import holder
from ioc.store.reader import EVERYTHING

GRACE_MS = 3000
"""How long after its lease lapsed a collector still counts as there: the clocks of two machines may differ."""


def healthz(room: Room, asked: Asked) -> Answer:
    """Return 200 where store and collector are usable, else 503 with the reasons; a faulty declaration is told alone."""
    reasons: list[str] = []
    collector: dict[str, Any] = {"state": "never", "heartbeat": None}
    store = "ok"
    try:
        with room.product.store.reading() as connection:
            reader.last_commit(connection, EVERYTHING)
        held = holder(room.product.store)
    except StoreError as fault:
        store = "down"
        reasons.append(quiet(str(fault)))
        collector["state"] = "unknown"
    else:
        if held is None:
            reasons.append("no collector ever ran on this store; start `app.py collect`")
        else:
            live = asked.now * 1000 <= held.until_ms + GRACE_MS
            collector = {"state": "live" if live else "late", "heartbeat": instant_ms(held.heartbeat_ms)}
            if not live:
                age_s = int(asked.now - held.heartbeat_ms / 1000)
                reasons.append(
                    f"the collector's last heartbeat is {age_s} s old and its lease has lapsed; start `app.py collect`"
                )
    body = {
        "status": "unusable" if reasons else "ok",
        "store": store,
        "collector": collector,
        "simulated": room.product.store.simulated,
        "version": room.version,
        "reasons": reasons,
        "faults": [
            {"file": fault.file, "table": fault.table, "key": fault.key, "expected": quiet(fault.expected)}
            for fault in room.faults
        ],
    }
    return Answer(body, 503 if reasons else 200)


ROUTES: tuple[Route, ...] = (Route("/healthz", healthz, tag=""),)
