"""What every page of the desk stands on: the ports, the published boards, the map's address, the way to ask."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dash import html

from layouts.ports import Ask, Ports
from layouts.published import Published
from layouts.scenes import map_panel
from layouts.screen import is_tile, part_id

FILTERS = ("period", "area", "agency", "category", "channel", "compare")
"""What narrows a page; each but compare is a parameter of the read API of the same name."""


@dataclass(frozen=True)
class Desk:
    """The desk's surroundings; geography is the address of the map's shapes."""

    ports: Ports
    published: Published
    geography: str
    ask: Ask


def containers(board: str, parts: Iterable[Mapping[str, Any]], geography: str) -> list[html.Div]:
    """Return empty containers of a board's parts, tiles first; the screen's script fills them."""
    found = list(parts)
    tiles = [
        html.Div(id=part_id(board, part), className="tile is-loading") for part in found if is_tile(part)
    ]
    panels = [
        map_panel(part_id(board, part), geography)
        if part["kind"] == "map"
        else html.Div(id=part_id(board, part), className=f"panel panel-{part['kind']}")
        for part in found
        if not is_tile(part)
    ]
    return [
        *([html.Div(tiles, className="tiles")] if tiles else []),
        *([html.Div(panels, className="panels")] if panels else []),
    ]


def narrowed(asked: Mapping[str, str]) -> dict[str, str]:
    """Return the filters of an address that narrow, absent ones left out."""
    return {name: asked[name] for name in FILTERS if asked.get(name)}
