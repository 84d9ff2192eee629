"""A small table of a board: columns as declared, numbers to the right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from layouts import format as write
from layouts.attributes import text
from layouts.panels.tile import BOUNDS
from layouts.words import say, shorter

Part = Mapping[str, Any]


def draw(part: Part, lang: str, *, rows: int | None = None) -> dict[str, Any]:
    """Return the props of a table; rows cuts it and shortens names, None shows all."""
    columns = [
        column if isinstance(column, Mapping) else {"id": str(column)}
        for column in part.get("columns") or _columns(part, lang)
    ]
    found = list(part.get("rows") or [])[:rows]
    head = html.Div(html.Span(str(part.get("name") or ""), className="panel-name"), className="panel-head")
    if not found or not columns:
        return {"children": [head, html.Div(say("no_rows", lang), className="empty")]}
    # a wall has room for a short name only, and no second line for it
    named = shorter if rows is not None else str
    table = html.Table(
        [
            html.Thead(
                html.Tr([html.Th(str(c.get("name") or c["id"]), className=_side(c, found)) for c in columns])
            ),
            html.Tbody(
                [
                    html.Tr(
                        [
                            html.Td(
                                _bound(row, c) + named(_cell(_value(row, c, place), c, lang)),
                                className=_side(c, found),
                            )
                            for place, c in enumerate(columns)
                        ]
                    )
                    for row in found
                ]
            ),
        ],
        className="table",
    )
    return {"children": [head, html.Div(table, className="table-box")]}


def _columns(part: Part, lang: str) -> list[dict[str, Any]]:
    """Return the columns of a breakdown: name, value, and what it is a part of where that is known."""
    unit, decimals = part.get("unit") or "", part.get("decimals") or 0
    found: list[dict[str, Any]] = [
        {"id": "name", "name": say("col.name", lang)},
        {
            "id": "value",
            "name": say("col.value", lang),
            "unit": unit if unit == "%" else "",
            "decimals": decimals,
        },
    ]
    if any(row.get("den") for row in part.get("rows") or []):
        found += [{"id": "num", "name": say("col.num", lang)}, {"id": "den", "name": say("col.den", lang)}]
    return found


def _value(row: Any, column: Part, place: int) -> Any:
    return row.get(column["id"]) if isinstance(row, Mapping) else row[place] if place < len(row) else None


def _bound(row: Any, column: Part) -> str:
    """Return the sign of a value that is only a bound."""
    if not isinstance(row, Mapping) or column["id"] != "value":
        return ""
    return BOUNDS.get(str(row.get("bound")), ("", ""))[0]


def _cell(value: Any, column: Part, lang: str) -> str:
    if value is None or value == "":
        return write.ABSENT
    if isinstance(value, int | float) and not isinstance(value, bool):
        if column.get("kind") == "instant":
            return write.moment(value)
        return write.quantity(value, str(column.get("unit") or ""), int(column.get("decimals") or 0), lang)
    return text(value, lang)


def _side(column: Part, rows: list[Any]) -> str:
    if column.get("kind") == "instant":
        return ""
    numbers = [row.get(column["id"]) for row in rows if isinstance(row, Mapping)]
    return "is-number" if any(isinstance(value, int | float) for value in numbers) else ""
