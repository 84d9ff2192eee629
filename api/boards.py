"""The published boards, as the bytes that were made once for all screens."""

from __future__ import annotations

from flask import request

from api.answers import Answer, ProblemError, instant_ms, listed, unknown
from api.asked import PAGED, Asked
from api.caching import holds
from api.knowledge import as_of
from api.routes import REVALIDATE, Room, Route, unchanged
from ioc.boards_then import board_at
from ioc.declared_then import product_at
from ioc.store import reader
from ioc.store.reader import EVERYTHING

LANGS = ("vi", "en")


def boards(room: Room, asked: Asked) -> Answer:
    """List the boards that are published; version is null for one that is declared and not yet published.

    As of an earlier moment: those that were declared then, with the version that was shown.
    """
    known = as_of(room, asked)
    with room.product.store.reading() as connection:
        if known is None:
            versions = reader.board_versions(connection, EVERYTHING)
        else:
            versions = reader.boards_shown(connection, EVERYTHING, known)
        product = product_at(room.product, connection, known)
    items = [
        {
            "id": id,
            "name": table.body.get("name"),
            "version": versions.get((id, "vi")),
            "audience": table.body.get("audience", "leaders"),
        }
        for id, table in product.catalogue.boards.items()
    ]
    return Answer(listed(items, asked, lambda item: item["id"]))


def board(room: Room, asked: Asked, id: str) -> Answer:
    """Return a board in one language, compressed as the asker accepts it; 304 where the asker holds it.

    As of an earlier moment: the bytes that were shown then, or what was known then put together now.
    """
    lang = asked.one_of("lang", LANGS, room.product.province.locale)
    known = as_of(room, asked)
    if known is not None:
        return _board_at(room, id, lang, known)
    with room.product.store.reading() as connection:
        found = reader.read_board(connection, EVERYTHING, id, lang)
    if found is None:
        declared = list(room.product.catalogue.boards)
        if id in declared:
            raise ProblemError(404, f"the board {id!r} is not published yet; ask again in a few seconds")
        raise unknown("board", id, declared, "/api/v1/boards")
    coding = coding_of(request.headers.get("Accept-Encoding", ""))
    tag = f'"{id}-{found.version}-{lang}-{found.etag.strip(chr(34))[:16]}{"-" + coding if coding else ""}"'
    headers = {"ETag": tag, "Vary": "Accept-Encoding", **REVALIDATE}
    if holds(request.headers.get("If-None-Match"), tag):
        return unchanged(headers)
    body = {"br": found.br, "gzip": found.gzip}.get(coding, found.body)
    if coding:
        headers["Content-Encoding"] = coding
    headers["Content-Language"] = lang
    return Answer(body, headers=headers)


def _board_at(room: Room, id: str, lang: str, known: int) -> Answer:
    with room.product.store.reading() as connection:
        found = board_at(room.product, connection, id, lang, known)
        if found is None:
            declared = list(product_at(room.product, connection, known).catalogue.boards)
            raise unknown("board", id, declared, f"/api/v1/boards?as_of={instant_ms(known)}")
    return Answer(found[1], headers={"Content-Language": lang, **REVALIDATE})


def coding_of(header: str) -> str:
    """Return the coding to send, "br", "gzip" or "" for none: the one the asker weighs most, br before gzip."""
    weights: dict[str, float] = {}
    for part in header.lower().split(","):
        name, _, rest = part.strip().partition(";")
        weight = rest.strip().removeprefix("q=") if rest.strip().startswith("q=") else "1"
        try:
            weights[name.strip()] = float(weight)
        except ValueError:
            weights[name.strip()] = 0.0
    best = max(("br", "gzip"), key=lambda coding: weights.get(coding, weights.get("*", 0.0)))
    return best if weights.get(best, weights.get("*", 0.0)) > 0 else ""


ROUTES: tuple[Route, ...] = (
    Route("/api/v1/boards", boards, ("as_of", *PAGED)),
    Route("/api/v1/boards/<id>", board, ("lang", "as_of"), tag=""),
)
