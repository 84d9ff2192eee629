"""How a route is declared and served: its parameters checked, its tag compared, its faults turned into problems."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from flask import Response, request

from api.answers import Answer, ProblemError, problem
from api.asked import Asked
from api.caching import Tags, holds
from ioc.errors import DeclarationError, QuestionError, StoreError
from ioc.logs import quiet
from ioc.product import Product
from ioc.store import reader
from ioc.store.reader import EVERYTHING

log = logging.getLogger("api")

READS = ("GET", "HEAD")
METHODS = [*READS, "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
"""Every route takes them all, so that a refused one is told in this API's own words."""


@dataclass(frozen=True, slots=True)
class Room:
    """What every route answers from; now gives the instant of asking, epoch s; faults: all that is declared wrongly."""

    product: Product
    now: Callable[[], float]
    tags: Tags
    version: str
    faults: tuple[DeclarationError, ...] = ()
    said: set[str] = field(default_factory=set)

    def say(self, fault: str) -> None:
        """Log what keeps the store from answering, each sentence once."""
        if fault not in self.said:
            self.said.add(fault)
            log.error("%s", fault)


@dataclass(frozen=True, slots=True)
class Route:
    """One address: its path, what answers, the parameters it knows, and what decides its weak tag.

    answer takes the room, the question and the parts of the path by name. tag: "store" where records decide,
    "declared" where declarations alone do, "" for an answer without a weak tag. any_parameter: none is refused.
    """

    path: str
    answer: Callable[..., Answer]
    known: tuple[str, ...] = ()
    tag: Literal["store", "declared", ""] = "store"
    any_parameter: bool = False


def serve(room: Room, route: Route, parts: Mapping[str, str]) -> Response:
    """Answer the request in hand; whatever goes wrong becomes a problem document."""
    try:
        if request.method not in READS:
            raise ProblemError(
                405, f"{request.method} is refused: this API is for reading; use GET", allow=", ".join(READS)
            )
        given = [] if route.any_parameter else request.args.lists()
        asked = Asked.read(request.path, given, route.known, room.now())
        answer = _tagged(room, route, asked, parts) if route.tag else route.answer(room, asked, **parts)
    except ProblemError as fault:
        headers = {"Allow": fault.allow} if fault.allow else {}
        answer = problem(fault.status, fault.detail, request.path, headers=headers)
    except QuestionError as fault:
        answer = problem(422, str(fault), request.path)
    except StoreError as fault:
        room.say(str(fault))
        said = "the store does not answer now; /healthz says why; ask again in a moment"
        answer = problem(503, said, request.path, headers={"Retry-After": "5"})
    except Exception:
        log.exception("%s %s", request.method, quiet(request.full_path))
        answer = problem(
            500, "this is a fault of the product, not of the question; its log says more", request.path
        )
    return respond(answer)


def _tagged(room: Room, route: Route, asked: Asked, parts: Mapping[str, str]) -> Answer:
    header = request.headers.get("If-None-Match")
    known = 0
    if route.tag == "store":
        with room.product.store.reading() as connection:
            known = reader.last_commit(connection, EVERYTHING)
        room.said.clear()
    tag = room.tags.before(asked, known)
    if tag is not None and holds(header, tag):
        return unchanged({"ETag": tag})
    answer = route.answer(room, asked, **parts)
    if answer.valid_until is not None and answer.valid_until <= asked.now:
        return answer
    tag = room.tags.after(asked, known, answer.valid_until)
    if holds(header, tag):
        return unchanged({"ETag": tag})
    return Answer(
        answer.bytes(), answer.status, answer.kind, headers={**answer.headers, "ETag": tag, **REVALIDATE}
    )


REVALIDATE = {"Cache-Control": "no-cache"}
"""An answer may be kept, but is asked about before it is used."""


def unchanged(headers: Mapping[str, str]) -> Answer:
    """Return the 304 for somebody who holds the answer already."""
    return Answer(b"", 304, headers={**headers, **REVALIDATE})


def respond(answer: Answer) -> Response:
    """Return the answer as Flask sends it; what is no data is never kept by a cache."""
    headers: dict[str, Any] = {"X-Content-Type-Options": "nosniff", **answer.headers}
    if "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"
    response = Response(answer.bytes(), status=answer.status, headers=headers)
    if answer.status == 304:
        del response.headers["Content-Type"]
    else:
        response.headers["Content-Type"] = answer.kind
    return response
