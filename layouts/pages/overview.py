"""The overview: what the wall's first scene shows, by sector, each leading to its page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import dcc, html

from layouts.attributes import data
from layouts.pages import narrow
from layouts.pages.desk_page import Desk, live, moment
from layouts.screen import is_tile
from layouts.words import say


def layout(desk: Desk, asked: Mapping[str, str], lang: str) -> Any:
    """Return the page in one language, of another moment where the address asks for one."""
    document = desk.published.document("overview", lang)
    if document is None:
        return html.Div(say("no_board", lang), className="empty")
    tiles = [part for part in document.get("tiles") or [] if is_tile(part)]
    sections, known = [], moment(asked)

    def drawn(parts: list[Any]) -> list[Any]:
        return narrow.draw(desk, parts, known, lang) if known else live(desk, "overview", parts)

    for sector in dict.fromkeys(str(part["sector"]) for part in tiles):
        own = [part for part in tiles if part["sector"] == sector]
        name = html.H2(dcc.Link(str(own[0].get("sector_name") or sector), href=f"/sector/{sector}"))
        sections.append(html.Section([name, *drawn(own)], className="sector-block"))
    panels = drawn(document.get("panels") or [])
    return html.Div(
        [
            html.H1(str(document.get("name") or ""), className="page-title"),
            html.Div(sections, className="sector-blocks"),
            *panels,
        ],
        **({} if known else data(board="overview")),
    )
