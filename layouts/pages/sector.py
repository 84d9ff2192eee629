"""A sector: filters that live in the address, five tabs; without a filter the published board, live."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import dcc, html

from layouts.attributes import data
from layouts.pages import filters, narrow, records
from layouts.pages.desk_page import Desk, agencies, live, moment, narrowed
from layouts.panels import strips
from layouts.ports import AskError
from layouts.words import say

TABS = ("overview", "units", "map", "records", "definitions")


def layout(desk: Desk, sector: str, asked: Mapping[str, str], lang: str) -> Any:
    """Return the page of a sector as its address asks for it."""
    name = dict(desk.ports.sectors)[sector][lang]
    document = desk.published.document(sector, lang)
    tab = asked.get("tab", "overview")
    try:
        body = _body(desk, sector, document, tab if tab in TABS else "overview", asked, lang)
        bar = filters.bar(desk, sector, asked, lang)
    except AskError as error:
        body, bar = (
            html.Div([html.P(say("failed", lang)), html.P(str(error), className="quiet")], className="empty"),
            None,
        )
    return html.Div(
        [
            filters.crumbs(desk, sector, name, asked, lang),
            html.H1(name, className="page-title"),
            bar,
            _tabs(sector, tab, asked, lang),
            _narration(desk, sector, tab, asked, lang),
            body,
        ],
        **({} if narrowed(asked) or moment(asked) else data(board=sector)),
    )


def _narration(desk: Desk, sector: str, tab: str, asked: Mapping[str, str], lang: str) -> Any:
    """Return what the sector's numbers say: live with the board, of another moment as the read API tells it."""
    if tab != "overview" or narrowed(asked):
        return None
    if not moment(asked):
        return html.Div(id=f"{sector}-narration")
    try:
        items = desk.ask("/api/v1/narration", {"sector": sector, **moment(asked)}).get("items") or []
    except AskError:
        return None
    rows = [
        {
            "sort": one["sort"],
            "text": one[lang],
            "phrases": [{"text": p[lang], "indicator": p["indicator"]} for p in one["phrases"]],
        }
        for item in items
        for one in item.get("sentences") or []
    ]
    return html.Div(**strips.narration(rows, lang))


def _body(desk: Desk, sector: str, document: Any, tab: str, asked: Mapping[str, str], lang: str) -> Any:
    if tab == "records":
        return records.layout(desk, sector, asked, lang)
    if tab == "definitions":
        return _definitions(desk, sector, lang)
    if document is None:
        return html.Div(say("no_board", lang), className="empty")
    parts = parts_of(document, tab)
    chosen = {**narrowed(asked), **moment(asked)}
    drawn = narrow.draw(desk, parts, chosen, lang) if chosen else live(desk, sector, parts)
    files = [records.downloads(sector, "units", asked, lang)] if tab == "units" and parts else []
    return html.Div(
        [*files, *drawn] or html.Div(say("empty.tab", lang), className="empty"), className=f"tab-{tab}"
    )


def parts_of(document: Mapping[str, Any], tab: str) -> list[Mapping[str, Any]]:
    """Return the parts of a board that a tab shows."""
    tiles, panels = document.get("tiles") or [], document.get("panels") or []
    if tab == "units":
        return [part for part in panels if part["kind"] in ("ranking", "table")]
    if tab == "map":
        return [part for part in panels if part["kind"] in ("map", "stations")]
    return [*tiles, *panels]


def _tabs(sector: str, tab: str, asked: Mapping[str, str], lang: str) -> html.Nav:
    found = []
    for name in TABS:
        search = filters.search_of({**{k: v for k, v in asked.items() if k != "lang"}, "tab": name})
        found.append(
            dcc.Link(
                say(f"tab.{name}", lang),
                href=f"/sector/{sector}{search}",
                className="page-tab is-on" if name == tab else "page-tab",
            )
        )
    return html.Nav(found, className="page-tabs")


def _definitions(desk: Desk, sector: str, lang: str) -> html.Div:
    items = desk.ask("/api/v1/indicators", {"limit": "1000"}).get("items") or []
    owners = agencies(desk, lang)
    cards = [narrow.definition(item, owners, lang) for item in items if item.get("sector") == sector]
    return html.Div(cards or html.Div(say("empty", lang), className="empty"), className="definitions")
