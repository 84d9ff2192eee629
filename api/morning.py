"""The morning's briefing, for the page that prints on one sheet and for whoever sends it round."""

from __future__ import annotations

from api.answers import Answer
from api.asked import Asked
from api.knowledge import as_of
from api.routes import Room, Route
from ioc.morning import changes_at, overnight, workday


def morning(room: Room, asked: Asked) -> Answer:
    """Return what happened overnight, the warnings that hold, what fell overdue and what is due today."""
    known = as_of(room, asked)
    now = asked.now if known is None else known / 1000
    with room.product.engine.snapshot(int(now)) as snapshot:
        body = {
            **overnight(room.product, snapshot, now, known),
            "work": workday(room.product, snapshot, now, known)["rows"],
        }
    return Answer(body, valid_until=changes_at(asked.now) if known is None else None)


ROUTES: tuple[Route, ...] = (Route("/api/v1/morning", morning, ("as_of",)),)
