"""A board's parts narrowed by filters: the same panels, drawn from answers of the read API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from layouts import format as write
from layouts.attributes import data, text
from layouts.pages.desk_page import Desk
from layouts.panels import figure, ranking, stations, table, tile
from layouts.panels import map as maps
from layouts.ports import AskError
from layouts.screen import is_tile
from layouts.words import WORDS, say, unit

Part = Mapping[str, Any]


def draw(desk: Desk, parts: Sequence[Part], filters: Mapping[str, str], lang: str) -> list[Any]:
    """Return the tiles and panels of a board, each asked anew with the filters."""
    compare = filters.get("compare", "last_year")
    filters = {name: value for name, value in filters.items() if name != "compare"}
    tiles = [html.Div(**_tile(desk, part, filters, compare, lang)) for part in parts if is_tile(part)]
    panels = [_panel(desk, part, filters, lang) for part in parts if not is_tile(part)]
    return [
        *([html.Div(tiles, className="tiles")] if tiles else []),
        *([html.Div(panels, className="panels")] if panels else []),
    ]


def definition(item: Part, owners: Mapping[str, str], lang: str) -> html.Article:
    """Return the card of an indicator's definition."""
    target = item.get("target")
    latest = (
        target[-1] if isinstance(target, list) and target else target if isinstance(target, Mapping) else None
    )
    code = str(item.get("unit") or "")
    rows = [
        ("def.unit", unit(code, lang) or write.ABSENT),
        (
            "def.period",
            say(f"period.{item['period']}", lang)
            if f"period.{item.get('period')}" in WORDS
            else write.say_now(lang),
        ),
        (
            "def.target",
            f"{write.quantity(latest['value'], code, 0, lang)} ({latest['by']})" if latest else "",
        ),
        ("def.owner", owners.get(str(item.get("owner")), str(item.get("owner") or ""))),
        ("def.basis", text(item.get("basis"), lang)),
    ]
    return html.Article(
        [
            html.H3(
                [text(item.get("name"), lang), html.Button("?", className="why", **data(why=item.get("id")))]
            ),
            html.Dl(
                [part for key, value in rows if value for part in (html.Dt(say(key, lang)), html.Dd(value))]
            ),
        ],
        className="definition",
    )


def _tile(desk: Desk, part: Part, filters: Mapping[str, str], compare: str, lang: str) -> dict[str, Any]:
    try:
        answer = desk.ask(f"/api/v1/indicators/{part['indicator']}", filters)
    except AskError as error:
        answer = {"value": None, "status": "none", "freshness": "", "sentence": str(error)}
    if compare == "previous":
        answer = {**answer, "same_period_last_year": None}
    return tile.draw({**_head(part), **answer}, lang, wall=False)


def _panel(desk: Desk, part: Part, filters: Mapping[str, str], lang: str) -> html.Div:
    kind = part["kind"]
    try:
        drawn = _drawn(desk, part, filters, lang)
    except AskError as error:
        drawn = {
            "children": [
                html.Div(str(part.get("name")), className="panel-name"),
                html.Div(str(error), className="empty"),
            ]
        }
    if kind == "map" and "data-map" in drawn:
        box = html.Div(className="map", **data(geography=desk.geography), **drawn)
        head = html.Div(className="panel-head map-head", **maps.head({**part, **drawn}, lang))
        return html.Div([head, box], className="panel panel-map")
    return html.Div(className=f"panel panel-{kind}", **drawn)


def _drawn(desk: Desk, part: Part, filters: Mapping[str, str], lang: str) -> dict[str, Any]:
    path, kind = f"/api/v1/indicators/{part['indicator']}", part["kind"]
    if kind == "trend":
        asked = {key: value for key, value in filters.items() if key != "period"}
        points = part.get("points") or []
        if points:
            asked["from"] = write.rfc3339(points[0]["start"])
        grain = str(part.get("grain") or "day")
        answer = desk.ask(f"{path}/series", {**asked, "grain": grain})
        return figure.draw({**part, "points": answer.get("points") or [], "last_year": []}, lang)
    if kind == "stations":
        return stations.draw(part, lang)
    by = "area" if kind == "map" else ranking.ranked_by(part)
    rows = desk.ask(f"{path}/breakdown", {**filters, "by": by}).get("items") or []
    if kind == "ranking":
        return ranking.draw({**part, "groups": [{"name": "", "rows": rows}]}, lang, rows=20)
    if kind == "map":
        return maps.draw({**part, "rows": [{**row, "area": row["key"]} for row in rows]}, lang)
    return table.draw({**part, "rows": rows}, lang)


def _head(part: Part) -> dict[str, Any]:
    kept = ("id", "indicator", "name", "short", "unit", "decimals", "better")
    return {key: part.get(key) for key in kept}
