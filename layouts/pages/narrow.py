"""A board's parts narrowed by filters: the same panels, drawn from answers of the read API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from layouts import format as write
from layouts.attributes import data, text
from layouts.pages.desk_page import Desk, as_of
from layouts.panels import figure, histogram, ranking, stations, table, tile
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
    air = next((str(part["indicator"]) for part in parts if part.get("kind") == "stations"), "")
    panels = [_panel(desk, part, filters, air, lang) for part in parts if not is_tile(part)]
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


def _panel(desk: Desk, part: Part, filters: Mapping[str, str], air: str, lang: str) -> html.Div:
    kind = part["kind"]
    try:
        drawn = _drawn(desk, part, filters, air, lang)
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


def _drawn(desk: Desk, part: Part, filters: Mapping[str, str], air: str, lang: str) -> dict[str, Any]:
    path, kind = f"/api/v1/indicators/{part['indicator']}", part["kind"]
    if kind == "trend":
        asked = {key: value for key, value in filters.items() if key != "period"}
        points = part.get("points") or []
        if points:
            asked["from"] = write.rfc3339(_since(points, filters))
        grain = str(part.get("grain") or "day")
        answer = desk.ask(f"{path}/series", {**asked, "grain": grain})
        return figure.draw({**part, "points": answer.get("points") or [], "last_year": []}, lang)
    if kind == "stations":
        return stations.draw({**part, "rows": _stations(desk, part.get("rows"), filters, path)}, lang)
    by = "area" if kind == "map" else ranking.ranked_by(part)
    # a map keeps all communes in sight: the one that is chosen is told apart by the others around it
    asked = {name: value for name, value in filters.items() if kind != "map" or name != "area"}
    rows = desk.ask(f"{path}/breakdown", {**asked, "by": by}).get("items") or []
    if kind in ("ranking", "pareto"):
        return ranking.draw({**part, "groups": _groups(desk, rows, by, lang)}, lang, rows=20)
    if kind == "map":
        known = part.get("stations") or []
        if filters.get("as_of"):
            known = _stations(desk, known, filters, f"/api/v1/indicators/{air}") if air else []
        told = [{**row, "area": row["key"]} for row in rows]
        return maps.draw({**part, "rows": told, "stations": known}, lang)
    if kind == "histogram":
        return histogram.draw({**part, "rows": rows}, lang)
    return table.draw({**part, "rows": rows}, lang)


def _groups(desk: Desk, rows: Sequence[Part], by: str, lang: str) -> list[Part]:
    """Return a ranking's lists: departments and communes apart, for the one cannot be measured by the other."""
    if by not in ("responsible", "agency", "holder"):
        return [{"name": "", "rows": rows}]
    items = desk.ask("/api/v1/agencies", {"limit": "1000"}).get("items") or []
    communes = {str(item["id"]) for item in items if item.get("kind") == "commune"}
    shared = [
        {**row, "share": 100 * row["num"] / row["den"]}
        if row.get("den") and row.get("num") is not None
        else row
        for row in rows
    ]
    return [
        {"name": say(name, lang), "rows": [row for row in shared if (row.get("key") in communes) is inside]}
        for name, inside in (("rank.departments", False), ("rank.communes", True))
    ]


def _since(points: Sequence[Part], filters: Mapping[str, str]) -> float:
    """Return where a series begins: as long a span as the published one, up to the moment asked for."""
    first, last = (write.instant(points[place]["start"]) or 0.0 for place in (0, -1))
    known = as_of(filters)
    return first if known is None else known - (last - first)


def _stations(
    desk: Desk, rows: Sequence[Part] | None, filters: Mapping[str, str], path: str
) -> Sequence[Part]:
    """Return stations as they were known at the moment asked for; as published where none is."""
    if not filters.get("as_of"):
        return rows or []
    found = []
    for row in rows or []:
        told = desk.ask(path, {"site": str(row["site"]), "as_of": filters["as_of"]})
        detail = told.get("detail") or {}
        band = detail.get("band") or {}
        more = {"band": band, "colour": band.get("colour", ""), "governing": detail.get("dominant", "")}
        found.append({**row, "value": told.get("value"), "freshness": told.get("freshness"), **more})
    return found


def _head(part: Part) -> dict[str, Any]:
    kept = ("id", "indicator", "name", "short", "unit", "decimals", "better")
    return {key: part.get(key) for key in kept}
