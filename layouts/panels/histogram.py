"""A histogram: one column a band, with its count above it and its name below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from layouts import format as write
from layouts.attributes import text
from layouts.panels.trend import fresh
from layouts.words import say, unit

Part = Mapping[str, Any]


def draw(part: Part, lang: str) -> dict[str, Any]:
    """Return the props of a histogram of the rows of a breakdown, in their order."""
    rows = [row for row in part.get("rows") or [] if row.get("value") is not None]
    quiet = html.Span(unit(str(part.get("unit") or ""), lang), className="quiet")
    name = html.Span(str(part.get("name") or ""), className="panel-name")
    head = html.Div([name, quiet], className="panel-head")
    if not rows:
        return {"children": [head, html.Div(say("no_rows", lang), className="empty")], **fresh(part)}
    most = max(row["value"] for row in rows) or 1
    columns = [
        html.Div(
            [
                html.Span(write.number(row["value"], 0, lang), className="histogram-value"),
                html.Span(
                    className="histogram-column", style={"flexBasis": f"{78 * row['value'] / most:.1f}%"}
                ),
                html.Span(text(row.get("name"), lang), className="histogram-name"),
            ],
            className="histogram-band",
        )
        for row in rows
    ]
    return {"children": [head, html.Div(columns, className="histogram")], **fresh(part)}
