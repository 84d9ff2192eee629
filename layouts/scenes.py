"""How a board's parts stand on a scene of the wall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from layouts.attributes import data
from layouts.containers import Containers
from layouts.screen import is_tile
from layouts.words import say

Part = Mapping[str, Any]
TALL = ("ranking", "map", "table", "targets")


def scene(document: Part, lang: str, geography: str, playlists: Sequence[str] = ("*",)) -> html.Section:
    """Return a board as a scene; overview has three zones, a sector has tiles and panels.

    playlists: the lists that it rotates in, "*" for whatever list a wall plays.
    """
    board = str(document["id"])
    containers = Containers(board, geography)
    zones = _three_zones(document, containers) if board == "overview" else _two_zones(document, containers)
    foot = html.Div(id=f"{board}-sentences", className="sentences")
    return html.Section(
        [
            html.Div(zones, className="zones"),
            html.Footer([foot, html.Div(className="dots")], className="foot"),
        ],
        id=f"scene-{board}",
        className="scene scene-overview" if board == "overview" else "scene scene-sector",
        **data(board=board, title=document.get("name") or board, playlists=" ".join(playlists)),
    )


def _three_zones(document: Part, containers: Containers) -> list[html.Div]:
    board = str(document["id"])
    tiles, panels = document.get("tiles") or [], document.get("panels") or []
    middle = [part for part in panels if part.get("place") == "middle"]
    return [
        html.Div(_sections(board, tiles, panels, "left", containers), className="zone zone-left"),
        html.Div(
            html.Div([containers.panel(part) for part in middle], className=f"panels n-{len(middle)}"),
            className="zone zone-middle",
        ),
        html.Div(_sections(board, tiles, panels, "right", containers), className="zone zone-right"),
    ]


def _two_zones(document: Part, containers: Containers) -> list[html.Div]:
    board = str(document["id"])
    tiles, panels = (
        list(document.get("tiles") or []),
        list(document.get("panels") or [])[: document.get("wall") or 4],
    )
    tiles = tiles[:9] if len(tiles) >= 9 else tiles[:6]
    tall = sorted(panels, key=lambda part: part["kind"] not in TALL) if len(panels) == 3 else panels
    drawn = html.Div([containers.panel(part) for part in tall], className=f"panels n-{len(tall)}")
    if not tiles:
        return [html.Div(drawn, className="zone zone-panels is-whole")]
    return [
        html.Div(
            _tiles(board, tiles, containers),
            className=f"zone zone-tiles{' is-wide' if len(tiles) > 6 else ''}",
        ),
        html.Div(drawn, className="zone zone-panels"),
    ]


def _sections(
    board: str, tiles: Sequence[Part], panels: Sequence[Part], place: str, containers: Containers
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
                    *([_tiles(board, own, containers)] if own else []),
                    *(containers.panel(part) for part in members if not is_tile(part)),
                ],
                className="section",
                style={"flexGrow": rows},
            )
        )
    return found


def _tiles(board: str, tiles: Sequence[Part], containers: Containers) -> html.Div:
    return html.Div([containers.tile(part) for part in tiles], className=f"tiles tiles-{len(tiles)}")


def nothing(lang: str) -> html.Section:
    """Return the scene of a product that has not published yet."""
    return html.Section(
        html.Div(say("no_board", lang), className="nothing"),
        id="scene-none",
        className="scene",
        **data(title="", active="", none=""),
    )
