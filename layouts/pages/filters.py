"""The filters of a sector's page: chips that live in the address, and the breadcrumb that says what is narrowed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from dash import Dash, Input, Output, State, dcc, html, no_update

from layouts.attributes import text
from layouts.pages.desk_page import FILTERS, Desk, narrowed
from layouts.ports import AskError
from layouts.words import called, say

_PLACEHOLDERS = {"period": "filter.default", "compare": "compare.last_year"}
PERIODS = (
    ("last_24h", "24 giờ qua", "last 24 hours"),
    ("last_30d", "30 ngày qua", "last 30 days"),
    ("to_date", "lũy kế", "to date"),
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
        *chosen, search = values
        before = dict(parse_qsl((search or "").lstrip("?")))
        after = {key: value for key, value in before.items() if key not in FILTERS}
        after |= {name: value for name, value in zip(FILTERS, chosen, strict=True) if value}
        return no_update if after == before else search_of(after)


def crumbs(desk: Desk, sector: str, name: str, asked: Mapping[str, str], lang: str) -> html.Nav:
    steps: list[Any] = [dcc.Link(desk.ports.province[f"name.{lang}"], href="/"), " › "]
    filters = narrowed(asked)
    if not filters:
        return html.Nav([*steps, html.Strong(name)], className="crumbs")
    steps += [dcc.Link(name, href=f"/sector/{sector}")]
    for key, value in filters.items():
        steps += [" › ", html.Strong(f"{say(f'filter.{key}', lang)}: {named(desk, key, value, lang)}")]
    return html.Nav(steps, className="crumbs")


def bar(desk: Desk, sector: str, asked: Mapping[str, str], lang: str) -> html.Div:
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


def named(desk: Desk, key: str, value: str, lang: str) -> str:
    """Return how the value of a filter is called; the value itself where nobody knows its name."""
    if key == "channel":
        return called(value, lang)
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


def search_of(asked: Mapping[str, str]) -> str:
    """Return the query of an address; "" for none."""
    return "?" + urlencode(asked) if asked else ""
