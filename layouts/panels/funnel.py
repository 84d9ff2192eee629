"""A funnel: each step as a bar, with its count and its share of the step before; the weakest is marked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from layouts import format as write
from layouts.attributes import text
from layouts.panels.trend import fresh
from layouts.words import say

Part = Mapping[str, Any]


def draw(part: Part, lang: str) -> dict[str, Any]:
    """Return the props of a funnel; a step without a value says so in place of a bar."""
    steps = list(part.get("steps") or [])
    weakest = ((part.get("detail") or {}).get("weakest") or {}).get("indicator")
    most = max((step["value"] for step in steps if step.get("value")), default=0)
    head = html.Div(html.Span(str(part.get("name") or ""), className="panel-name"), className="panel-head")
    if not most:
        return {"children": [head, html.Div(say("no_points", lang), className="empty")], **fresh(part)}
    rows = [_step(step, most, weakest == step.get("indicator"), lang) for step in steps]
    title = html.Div([html.Span(""), html.Span(say("funnel.share", lang))], className="rank-title")
    lines = html.Div(rows, className="rank-rows")
    body = html.Div([title, lines], className="rank-group", style={"flexGrow": 1})
    return {"children": [head, html.Div(body, className="rankings")], **fresh(part)}


def _step(step: Part, most: float, weakest: bool, lang: str) -> html.Div:
    value, share = step.get("value"), step.get("share")
    name = text(step.get("name"), lang)
    said = f"{name} ({say('funnel.weakest', lang)})" if weakest else name
    bar = html.Span(
        className=f"bar bar-{'warning' if weakest else 'plain'}",
        style={"width": f"{100 * (value or 0) / most:.1f}%"},
    )
    return html.Div(
        [
            html.Span(said, className="rank-name"),
            html.Span(bar if value is not None else "", className="bar-track"),
            html.Span(write.number(value, 0, lang), className="rank-value"),
            html.Span(
                "" if share is None else write.quantity(share, "%", 1, lang),
                className="rank-share",
            ),
        ],
        className="rank-row",
    )
