"""How a board's parts stand on a scene of the wall: empty containers that the screen's script fills."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dash import html

from layouts.attributes import data
from layouts.screen import is_tile, part_id
from layouts.words import say

Part = Mapping[str, Any]
TALL = ("ranking", "map", "table")


def scene(document: Part, lang: str, geography: str) -> html.Section:
    """Return the containers of one board; overview has three zones, a sector has tiles and panels."""
    board = str(document["id"])
    zones = _three_zones(document, geography) if board == "overview" else _two_zones(document, geography)
    foot = html.Div(id=f"{board}-sentences", className="sentences")
    return html.Section(
        [
            html.Div(zones, className="zones"),
            html.Footer([foot, html.Div(className="dots")], className="foot"),
        ],
        id=f"scene-{board}",
        className="scene scene-overview" if board == "overview" else "scene scene-sector",
        **data(board=board, title=document.get("name") or board),
    )


def _three_zones(document: Part, geography: str) -> list[html.Div]:
    board = str(document["id"])
    tiles, panels = document.get("tiles") or [], document.get("panels") or []
    middle = [part for part in panels if part.get("place") == "middle"]
    return [
        html.Div(_sections(board, tiles, panels, "left", geography), className="zone zone-left"),
        html.Div(
            html.Div(
                [_panel(board, part, geography) for part in middle], className=f"panels n-{len(middle)}"
            ),
            className="zone zone-middle",
        ),
        html.Div(_sections(board, tiles, panels, "right", geography), className="zone zone-right"),
    ]


def _two_zones(document: Part, geography: str) -> list[html.Div]:
    board = str(document["id"])
    tiles, panels = list(document.get("tiles") or []), list(document.get("panels") or [])[:4]
    tiles = tiles[:9] if len(tiles) >= 9 else tiles[:6]
    tall = sorted(panels, key=lambda part: part["kind"] not in TALL) if len(panels) == 3 else panels
    return [
        html.Div(_tiles(board, tiles), className=f"zone zone-tiles{' is-wide' if len(tiles) > 6 else ''}"),
        html.Div(
            html.Div([_panel(board, part, geography) for part in tall], className=f"panels n-{len(tall)}"),
            className="zone zone-panels",
        ),
    ]


def _sections(
    board: str, tiles: Sequence[Part], panels: Sequence[Part], place: str, geography: str
) -> list[html.Div]:
    """Group what stands in a zone by sector, in the order of its first appearance."""
    here = [part for part in [*tiles, *panels] if part.get("place") == place]
    found = []
    for sector in dict.fromkeys(str(part.get("sector") or "") for part in here):
        members = [part for part in here if str(part.get("sector") or "") == sector]
        own = [part for part in members if is_tile(part)]
        title = next((str(part["sector_name"]) for part in members if part.get("sector_name")), "")
        rows = (len(own) + 1) // 2 + len(members) - len(own)
        found.append(
            html.Div(
                [
                    html.H2(title, className="section-title"),
                    *([_tiles(board, own)] if own else []),
                    *(_panel(board, part, geography) for part in members if not is_tile(part)),
                ],
                className="section",
                style={"flexGrow": rows},
            )
        )
    return found


def _tiles(board: str, tiles: Iterable[Part]) -> html.Div:
    found = [html.Div(id=part_id(board, part), className="tile is-loading") for part in tiles]
    return html.Div(found, className=f"tiles tiles-{len(found)}")


def _panel(board: str, part: Part, geography: str) -> html.Div:
    name, kind = part_id(board, part), part["kind"]
    if kind == "map":
        return map_panel(name, geography)
    return html.Div(id=name, className=f"panel panel-{kind}")


def map_panel(name: str, geography: str) -> html.Div:
    """Return a map's panel: its head, and the box that the map's script draws into."""
    return html.Div(
        [
            html.Div(id=f"{name}-head", className="panel-head map-head"),
            html.Div(id=name, className="map", **data(geography=geography, map="")),
        ],
        className="panel panel-map",
    )


def nothing(lang: str) -> html.Section:
    """Return the scene of a product that has not published yet."""
    return html.Section(
        html.Div(say("no_board", lang), className="nothing"),
        id="scene-none",
        className="scene",
        **data(title="", active="", none=""),
    )
