"""What every page of the desk stands on: the ports, the published boards, the map's address, the way to ask."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dash import html

from layouts import format as write
from layouts.attributes import text
from layouts.containers import Containers
from layouts.ports import Ask, AskError, Ports
from layouts.published import Published
from layouts.screen import is_tile

Part = Mapping[str, Any]
FILTERS = ("period", "area", "agency", "category", "channel", "compare")
"""What narrows a page; each but compare is a parameter of the read API of the same name."""


@dataclass(frozen=True)
class Desk:
    """The desk's surroundings; geography is the address of the map's shapes."""

    ports: Ports
    published: Published
    geography: str
    ask: Ask


def live(desk: Desk, board: str, chosen: Iterable[Part]) -> list[html.Div]:
    """Return the containers of chosen parts of a published board, tiles first; the screen's script fills them."""
    found, containers = list(chosen), Containers(board, desk.geography)
    tiles = [containers.tile(part) for part in found if is_tile(part)]
    panels = [containers.panel(part) for part in found if not is_tile(part)]
    return [
        *([html.Div(tiles, className="tiles")] if tiles else []),
        *([html.Div(panels, className="panels")] if panels else []),
    ]


def agencies(desk: Desk, lang: str, *, short: bool = False) -> dict[str, str]:
    """Return the names of agencies by id, short as lists write them; {} where they cannot be asked for."""
    try:
        items = desk.ask("/api/v1/agencies", {"limit": "1000"}).get("items") or []
    except AskError:
        return {}
    return {str(item["id"]): text((short and item.get("short")) or item.get("name"), lang) for item in items}


def narrowed(asked: Mapping[str, str]) -> dict[str, str]:
    """Return the filters of an address that narrow, absent ones left out."""
    return {name: asked[name] for name in FILTERS if asked.get(name)}


def as_of(asked: Mapping[str, str]) -> float | None:
    """Return the moment of knowledge that an address asks for, epoch s, as local time where it says no offset."""
    try:
        found = datetime.fromisoformat(asked.get("as_of", "").replace(" ", "+"))
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=write.LOCAL)).timestamp()


def moment(asked: Mapping[str, str]) -> dict[str, str]:
    """Return the parameter of the read API that asks as of the moment of an address; {} for now."""
    return {"as_of": asked["as_of"]} if asked.get("as_of") else {}
