"""A sector: filters that live in the address, five tabs; without a filter the published board, live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from dash import Dash, Input, Output, State, dcc, html, no_update

from layouts.attributes import data, text
from layouts.pages import narrow, records
from layouts.pages.desk_page import FILTERS, Desk, containers, narrowed
from layouts.ports import AskError
from layouts.words import say

_PLACEHOLDERS = {"period": "filter.default", "compare": "compare.last_year"}
TABS = ("overview", "units", "map", "records", "definitions")
PERIODS = (
    ("last_24h", "24 giờ qua", "last 24 hours"),
    ("last_30d", "30 ngày qua", "last 30 days"),
    ("to_date", "lũy kế", "to date"),
)


def layout(desk: Desk, sector: str, asked: Mapping[str, str], lang: str) -> Any:
    """Return the page of a sector as its address asks for it."""
    name = dict(desk.ports.sectors)[sector][lang]
    document = desk.published.document(sector, lang)
    tab = asked.get("tab", "overview")
    try:
        body = _body(desk, sector, document, tab if tab in TABS else "overview", asked, lang)
        bar = _filters(desk, sector, asked, lang)
    except AskError as error:
        body, bar = (
            html.Div([html.P(say("failed", lang)), html.P(str(error), className="quiet")], className="empty"),
            None,
        )
    return html.Div(
        [
            _crumbs(desk, sector, name, asked, lang),
            html.H1(name, className="page-title"),
            bar,
            _tabs(sector, tab, asked, lang),
            body,
        ],
        **(data(board=sector) if not narrowed(asked) else {}),
    )


def register(app: Dash) -> None:
    """Register the callback that writes a chosen filter into the address."""

    @app.callback(
        Output("desk-url", "search"),
        *(Input(f"sector-{name}", "value") for name in FILTERS),
        State("desk-url", "search"),
        prevent_initial_call=True,
    )
    def choose(*values: str | None) -> Any:
        from urllib.parse import parse_qsl

        *chosen, search = values
        before = dict(parse_qsl((search or "").lstrip("?")))
        after = {key: value for key, value in before.items() if key not in FILTERS}
        after |= {name: value for name, value in zip(FILTERS, chosen, strict=True) if value}
        return no_update if after == before else _search(after)


def _body(desk: Desk, sector: str, document: Any, tab: str, asked: Mapping[str, str], lang: str) -> Any:
    if tab == "records":
        return records.layout(desk, sector, asked, lang)
    if tab == "definitions":
        return _definitions(desk, sector, lang)
    if document is None:
        return html.Div(say("no_board", lang), className="empty")
    parts = _parts(document, tab)
    filters = narrowed(asked)
    if filters:
        return html.Div(narrow.draw(desk, parts, filters, lang), className=f"tab-{tab}")
    return html.Div(containers(sector, parts, desk.geography), className=f"tab-{tab}")


def _parts(document: Mapping[str, Any], tab: str) -> list[Mapping[str, Any]]:
    tiles, panels = document.get("tiles") or [], document.get("panels") or []
    if tab == "units":
        return [part for part in panels if part["kind"] in ("ranking", "table")]
    if tab == "map":
        return [part for part in panels if part["kind"] in ("map", "stations")]
    return [*tiles, *panels]


def _crumbs(desk: Desk, sector: str, name: str, asked: Mapping[str, str], lang: str) -> html.Nav:
    steps: list[Any] = [dcc.Link(desk.ports.province[f"name.{lang}"], href="/"), " › "]
    filters = narrowed(asked)
    if not filters:
        return html.Nav([*steps, html.Strong(name)], className="crumbs")
    steps += [dcc.Link(name, href=f"/sector/{sector}")]
    for key, value in filters.items():
        steps += [" › ", html.Strong(f"{say(f'filter.{key}', lang)}: {_named(desk, key, value, lang)}")]
    return html.Nav(steps, className="crumbs")


def _tabs(sector: str, tab: str, asked: Mapping[str, str], lang: str) -> html.Nav:
    found = []
    for name in TABS:
        search = _search({**{k: v for k, v in asked.items() if k != "lang"}, "tab": name})
        found.append(
            dcc.Link(
                say(f"tab.{name}", lang),
                href=f"/sector/{sector}{search}",
                className="page-tab is-on" if name == tab else "page-tab",
            )
        )
    return html.Nav(found, className="page-tabs")


def _filters(desk: Desk, sector: str, asked: Mapping[str, str], lang: str) -> html.Div:
    choices = {
        "period": [{"value": value, "label": (vi, en)[lang == "en"]} for value, vi, en in PERIODS],
        "area": _choices(desk, "/api/v1/areas", "code", {"level": "commune"}, lang),
        "agency": _choices(desk, "/api/v1/agencies", "id", {}, lang),
        "category": _parts_of(desk, sector, "category", lang),
        "channel": _parts_of(desk, sector, "channel", lang),
        "compare": [
            {"value": value, "label": say(f"compare.{value}", lang)} for value in ("last_year", "previous")
        ],
    }
    boxes = []
    for name in FILTERS:
        options = choices.get(name, [])
        value = asked.get(name)
        if value and all(option["value"] != value for option in options):
            options = [*options, {"value": value, "label": value}]
        placeholder = say(_PLACEHOLDERS.get(name, "filter.all"), lang)
        boxes.append(
            html.Label(
                [
                    html.Span(say(f"filter.{name}", lang)),
                    dcc.Dropdown(
                        options, value, id=f"sector-{name}", placeholder=placeholder, className="choice"
                    ),
                ],
                className="filter" if options else "filter is-empty",
            )
        )
    return html.Div(boxes, className="filters")


def _choices(desk: Desk, path: str, key: str, more: Mapping[str, str], lang: str) -> list[dict[str, str]]:
    items: Sequence[Any] = desk.ask(path, {"limit": "1000", **more}).get("items") or []
    return [{"value": str(item[key]), "label": _full(item, lang)} for item in items]


def _parts_of(desk: Desk, sector: str, by: str, lang: str) -> list[dict[str, str]]:
    """Return what a sector's own numbers can be narrowed to; nothing where they are not divided so."""
    document = desk.published.document(sector, lang) or {}
    for part in document.get("tiles") or []:
        try:
            rows = (
                desk.ask(f"/api/v1/indicators/{part['indicator']}/breakdown", {"by": by}).get("items") or []
            )
        except AskError:
            continue
        if rows:
            return [
                {"value": str(row["key"]), "label": text(row.get("name"), lang)}
                for row in rows
                if row.get("key")
            ]
    return []


def _full(item: Mapping[str, Any], lang: str) -> str:
    kind = text(item.get("kind"), lang)
    name = text(item.get("name"), lang)
    return f"{kind.capitalize()} {name}" if kind in ("phường", "xã", "đặc khu") else name


def _named(desk: Desk, key: str, value: str, lang: str) -> str:
    path, field = {"area": ("/api/v1/areas", "code"), "agency": ("/api/v1/agencies", "id")}.get(key, ("", ""))
    if key == "compare":
        return say(f"compare.{value}", lang) if value in ("last_year", "previous") else value
    if key == "period":
        return next(((vi, en)[lang == "en"] for known, vi, en in PERIODS if known == value), value)
    try:
        found = _choices(desk, path, field, {}, lang) if path else []
    except AskError:
        found = []
    return next((option["label"] for option in found if option["value"] == value), value)


def _definitions(desk: Desk, sector: str, lang: str) -> html.Div:
    items = desk.ask("/api/v1/indicators", {"limit": "1000"}).get("items") or []
    cards = [narrow.definition(item, lang) for item in items if item.get("sector") == sector]
    return html.Div(cards or html.Div(say("empty", lang), className="empty"), className="definitions")


def _search(asked: Mapping[str, str]) -> str:
    return "?" + urlencode(asked) if asked else ""
