"""The overview: what the wall's first scene shows, by sector, each leading to its page."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from layouts.attributes import data
from layouts.pages.desk_page import Desk, live
from layouts.screen import is_tile
from layouts.words import say


def layout(desk: Desk, lang: str) -> Any:
    """Return the page in one language."""
    document = desk.published.document("overview", lang)
    if document is None:
        return html.Div(say("no_board", lang), className="empty")
    tiles = [part for part in document.get("tiles") or [] if is_tile(part)]
    sections = []
    for sector in dict.fromkeys(str(part["sector"]) for part in tiles):
        own = [part for part in tiles if part["sector"] == sector]
        name = html.H2(dcc.Link(str(own[0].get("sector_name") or sector), href=f"/sector/{sector}"))
        sections.append(html.Section([name, *live(desk, "overview", own)], className="sector-block"))
    panels = live(desk, "overview", document.get("panels") or [])
    return html.Div(
        [
            html.H1(str(document.get("name") or ""), className="page-title"),
            html.Div(sections, className="sector-blocks"),
            *panels,
        ],
        **data(board="overview"),
    )
