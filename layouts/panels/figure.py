"""A trend for the desk: a plotly figure without a theme, which the browser adds; one can point at its values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import dcc, html

from layouts import format as write
from layouts.panels.trend import fresh, head, last_year
from layouts.theme import ACCENT, LAST_YEAR, LIMIT
from layouts.words import say, unit

Part = Mapping[str, Any]


def figure(part: Part, lang: str) -> dict[str, Any]:
    """Return the same trend as a plotly figure without a theme; the browser adds its own once."""
    grain, code = str(part.get("grain") or "day"), unit(str(part.get("unit") or ""), lang)
    points, before = part.get("points") or [], last_year(part)
    x = [_iso(point["start"]) for point in points]
    hover = "%{x|%d/%m/%Y %H:%M}: %{y}" if grain == "hour" else "%{x|%d/%m/%Y}: %{y}"
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": say("this_year", lang),
            "x": x,
            "y": [point.get("value") for point in points],
            "line": {"color": ACCENT, "width": 2.5},
            "fill": "tozeroy" if part.get("unit") != "%" else "none",
            "fillcolor": "rgba(63,155,230,.12)",
            "hovertemplate": f"{hover} {code}<extra></extra>",
        }
    ]
    if before:
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": say("last_year", lang),
                "x": x[: len(before)],
                "y": before[: len(x)],
                "line": {"color": LAST_YEAR, "width": 2, "dash": "dot"},
                "hovertemplate": f"{say('last_year', lang)}: %{{y}} {code}<extra></extra>",
            }
        )
    layout: dict[str, Any] = {
        "showlegend": False,
        "yaxis": {"rangemode": "tozero" if part.get("unit") != "%" else "normal"},
    }
    limit = part.get("limit")
    if limit and limit.get("value") is not None:
        layout["shapes"] = [
            {
                "type": "line",
                "xref": "paper",
                "x0": 0,
                "x1": 1,
                "y0": limit["value"],
                "y1": limit["value"],
                "line": {"color": LIMIT, "width": 2, "dash": "dash"},
            }
        ]
    return {"data": traces, "layout": layout}


def draw(part: Part, lang: str) -> dict[str, Any]:
    """Return the props of a trend for the desk, with the figure that one can point at."""
    if len([point for point in part.get("points") or [] if point.get("value") is not None]) < 2:
        return {
            "children": [*head(part, lang), html.Div(say("no_points", lang), className="empty")],
            **fresh(part),
        }
    graph = dcc.Graph(
        figure=figure(part, lang),
        config={"displayModeBar": False, "responsive": True},
        className="graph",
    )
    return {"children": [*head(part, lang), graph], **fresh(part)}


def _iso(start: Any) -> str:
    when = write.local(start)
    return "" if when is None else f"{when:%Y-%m-%dT%H:%M}"
