"""The addresses of the read API, in one list, and the blueprint that serves them."""

from __future__ import annotations

import hashlib
import time
import tomllib
from collections.abc import Callable
from difflib import get_close_matches
from functools import partial

import orjson
from flask import Blueprint, Response

from api import (
    boards,
    cases,
    contradictions,
    events,
    health,
    indicators,
    morning,
    narration,
    observations,
    payloads,
    quality,
    sources,
    targets,
    units,
)
from api.answers import Answer, ProblemError
from api.asked import Asked
from api.caching import Tags
from api.routes import METHODS, Room, Route, serve
from ioc.boards import check_boards
from ioc.product import Product
from ioc.settings import ROOT

ROUTES: tuple[Route, ...] = (
    *health.ROUTES,
    *units.ROUTES,
    *sources.ROUTES,
    *payloads.ROUTES,
    *indicators.ROUTES,
    *cases.ROUTES,
    *observations.ROUTES,
    *events.ROUTES,
    *boards.ROUTES,
    *contradictions.ROUTES,
    *quality.ROUTES,
    *narration.ROUTES,
    *morning.ROUTES,
    *targets.ROUTES,
)


def blueprint(product: Product, now: Callable[[], float] = time.time) -> Blueprint:
    """Return the routes of the read API over a product; now gives the instant of asking, epoch s."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    faults = (*product.catalogue.faults, *check_boards(product))
    room = Room(product, now, Tags(_rules(product, version)), version, faults)
    answers = Blueprint("api", __name__)
    for number, route in enumerate((*ROUTES, *_INDEX)):
        answers.add_url_rule(
            route.path,
            endpoint=f"route {number}",
            view_func=partial(_view, room, route),
            methods=METHODS,
            provide_automatic_options=False,
        )
    return answers


def _view(room: Room, route: Route, **parts: str) -> Response:
    return serve(room, route, parts)


def index(room: Room, asked: Asked) -> Answer:
    """List the routes with the parameters that each knows."""
    return Answer({"items": [{"path": shown(route), "parameters": sorted(route.known)} for route in ROUTES]})


def nothing(room: Room, asked: Asked, rest: str) -> Answer:
    """Refuse an address that is none, naming the nearest that is one."""
    paths = [shown(route) for route in ROUTES]
    near = get_close_matches(asked.path.rstrip("/"), paths, n=1, cutoff=0.8)
    hint = f"did you mean {near[0]}? " if near else ""
    raise ProblemError(404, f"there is no route {asked.path}; {hint}/api/v1/ lists all")


def shown(route: Route) -> str:
    """Return a route's path as people write it: /api/v1/sources/{id}/runs."""
    return route.path.replace("<path:", "<").replace("<", "{").replace(">", "}")


def _rules(product: Product, version: str) -> str:
    """Return a digest of all that decides an answer beside the store: the version and what is declared."""
    catalogue = product.catalogue
    declared = [
        version,
        product.store.simulated,
        product.province.code,
        [source.hash for _, source in sorted(catalogue.sources.items())],
        [definition.hash for _, definition in sorted(product.definitions.items())],
        [table.hash for _, table in sorted(catalogue.boards.items())],
        [table.hash for _, table in sorted(catalogue.targets.items())],
        [str(fault) for fault in catalogue.faults],
    ]
    return hashlib.sha256(orjson.dumps(declared)).hexdigest()


_INDEX = (
    Route("/api/v1/", index, tag="declared"),
    Route("/api/v1", index, tag="declared"),
    Route("/api/<path:rest>", nothing, tag="", any_parameter=True),
)
