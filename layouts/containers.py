"""The empty components of a board's parts; the screen's script puts what was published into them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dash import html

from layouts.attributes import data
from layouts.screen import part_id

Part = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Containers:
    """Makes the containers of one board; geography is the address of the map's shapes."""

    board: str
    geography: str

    def tile(self, part: Part) -> html.Div:
        """Return the container of a tile."""
        return html.Div(id=part_id(self.board, part), className="tile is-loading")

    def panel(self, part: Part) -> html.Div:
        """Return the container of a panel; a map has its head apart from the box that the map's script draws into."""
        name, kind = part_id(self.board, part), part["kind"]
        if kind != "map":
            return html.Div(id=name, className=f"panel panel-{kind}")
        head = html.Div(id=f"{name}-head", className="panel-head map-head")
        box = html.Div(id=name, className="map", **data(geography=self.geography, map=""))
        return html.Div([head, box], className="panel panel-map")
