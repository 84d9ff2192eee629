"""What was known when: as_of= checked once for all routes, and pages of a list that all show one moment of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from api.answers import instant_ms, unknown
from api.asked import Asked
from api.routes import Room
from ioc.declared_then import product_at
from ioc.errors import QuestionError
from ioc.product import Product
from ioc.store import reader
from ioc.store.reader import EVERYTHING
from ioc.store.reads.horizon import first_known


def as_of(room: Room, asked: Asked, name: str = "as_of") -> int | None:
    """Return the knowledge time asked for under a name, epoch ms; None is now.

    Raises QuestionError for the future, and for what lies before the store knew anything.
    """
    known = asked.instant_ms(name)
    if known is None:
        return None
    if known > asked.now * 1000 + 999:
        raise QuestionError(f"{name}={instant_ms(known)} lies in the future; leave it out to ask for now")
    with room.product.store.reading() as connection:
        first = first_known(connection, EVERYTHING)
    if known < first:
        raise QuestionError(
            f"{name}={instant_ms(known)} lies before the store's time; it knows nothing before {instant_ms(first)}"
        )
    return known


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is asked for: as known when its first page was given out, behind the store's cursor.

    as_of: epoch ms, None while nothing was kept since; known: the moment that all pages show.
    """

    as_of: int | None
    known: int
    cursor: str | None


def page_of(connection: sa.Connection, asked: Asked, known: int | None) -> Page:
    """Return the page that a question asks for, in the snapshot of a connection."""
    last = reader.last_commit(connection, EVERYTHING)
    parts = asked.cursor(2)
    if parts is None:
        return Page(known, last if known is None else known, None)
    moment, cursor = parts
    return Page(None if moment == last and known is None else moment, moment, cursor)


def paged(items: list[Any], cursor: str | None, asked: Asked, page: Page) -> dict[str, Any]:
    """Return a list's page with the cursor that goes on in the same moment of knowledge."""
    return {"items": items, "next": None if cursor is None else asked.next(page.known, cursor)}


def declared_at(room: Room, known: int | None) -> Product:
    """Return the product with what was declared at a moment of knowledge, epoch ms; None is now."""
    if known is None:
        return room.product
    with room.product.store.reading() as connection:
        return product_at(room.product, connection, known)


def check_source(room: Room, source: str) -> None:
    """Raise the 404 for a source that was never declared; "" asks for none."""
    catalogue = room.product.catalogue
    if source and source not in catalogue.sources and source not in catalogue.disabled:
        with room.product.store.reading() as connection:
            if reader.definition_history(connection, EVERYTHING, "source", source):
                return
        raise unknown("source", source, [*catalogue.sources, *catalogue.disabled], "/api/v1/sources")
