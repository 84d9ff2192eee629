"""A context broker: entities of a type with paging and a count. ETSI GS CIM 009, clause 6.4"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from sandbox import outreach
from sandbox.answers import Answer, Asked
from sandbox.world import World

KIND = "application/json"
MOST = 1000


class Entities(NamedTuple):
    """The entities of one type: the source that asks for them, the tenant they belong to, and their state now."""

    source: str
    tenant: str
    now: Callable[[World], list[dict[str, Any]]]


TYPES = {"LoudspeakerCluster": Entities("grassroots_units", "thongtincoso", outreach.entities)}
"""One line for each type."""


def answer(world: World, asked: Asked) -> Answer:
    """Answer /ngsi-ld/v1/entities?type=…&attrs=…&limit=…&offset=…"""
    held = TYPES.get(asked.query.get("type", ""))
    if asked.path != "/ngsi-ld/v1/entities" or held is None:
        return _problem(404, "ResourceNotFound", f"there is nothing at {asked.path}")
    if asked.headers.get("ngsild-tenant") != held.tenant:
        return _problem(404, "NonexistentTenant", "the tenant is missing or unknown")
    limit, offset = asked.number("limit", 20, 1, MOST), asked.number("offset", 0, 0, 1_000_000)
    attrs = [name for name in asked.query.get("attrs", "").split(",") if name]
    found = held.now(world)
    part = [
        {name: value for name, value in entity.items() if not attrs or name in ("id", "type", *attrs)}
        for entity in found[offset : offset + limit]
    ]
    counted = {"NGSILD-Results-Count": str(len(found))} if asked.query.get("count") == "true" else {}
    return Answer.json(200, part, counted)


def source(asked: Asked) -> str:
    """Return which declared source asks there."""
    held = TYPES.get(asked.query.get("type", ""))
    return held.source if held else ""


def _problem(status: int, name: str, detail: str) -> Answer:
    body = {"type": f"https://uri.etsi.org/ngsi-ld/errors/{name}", "title": name, "detail": detail}
    return Answer.json(status, body, kind="application/problem+json")
