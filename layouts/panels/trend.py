"""A trend: this year as a line, last year dashed, the limit across; axes are texts, so they scale with the wall."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html

from layouts import format as write
from layouts.panels.shapes import Point, lines
from layouts.theme import ACCENT, LAST_YEAR, LIMIT
from layouts.words import say, unit

Part = Mapping[str, Any]


def draw(part: Part, lang: str) -> dict[str, Any]:
    """Return the props of a trend for the wall, a picture with axes of text."""
    points = part.get("points") or []
    values = [point.get("value") for point in points]
    if len([value for value in values if value is not None]) < 2:
        return {
            "children": [*_head(part, lang), html.Div(say("no_points", lang), className="empty")],
            **_fresh(part),
        }
    before = [point.get("value") for point in (part.get("last_year") or [])]
    limit = (part.get("limit") or {}).get("value")
    marks = ticks([*values, *before, limit], zero=part.get("unit") != "%")
    low, high = marks[0], marks[-1]
    decimals = 0 if all(mark == int(mark) for mark in marks) else 1
    plot = html.Div(
        [
            html.Img(src=lines(_spread(values), _spread(before), low, high, limit, marks), alt=""),
            *(
                html.Span(
                    write.number(mark, decimals, lang),
                    className="tick-y" if mark in (low, high) else "tick-y is-minor",
                    style={"bottom": f"{100 * (mark - low) / (high - low):.2f}%"},
                )
                for mark in marks
            ),
            *_last_point(values, low, high, part, lang),
            *_ticks_x(points, str(part.get("grain") or "day"), lang),
        ],
        className="plot",
    )
    return {"children": [*_head(part, lang), plot], **_fresh(part)}


def figure(part: Part, lang: str) -> dict[str, Any]:
    """Return the same trend as a plotly figure without a theme; the browser adds its own once."""
    grain, code = str(part.get("grain") or "day"), unit(str(part.get("unit") or ""), lang)
    points, before = part.get("points") or [], part.get("last_year") or []
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
                "y": [point.get("value") for point in before][: len(x)],
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


def draw_desk(part: Part, lang: str) -> dict[str, Any]:
    """Return the props of a trend for the desk, with the figure that one can point at."""
    if len([point for point in part.get("points") or [] if point.get("value") is not None]) < 2:
        return {
            "children": [*_head(part, lang), html.Div(say("no_points", lang), className="empty")],
            **_fresh(part),
        }
    graph = dcc.Graph(
        figure=figure(part, lang),
        config={"displayModeBar": False, "responsive": True},
        className="graph",
    )
    return {"children": [*_head(part, lang), graph], **_fresh(part)}


def ticks(values: Sequence[float | None], *, zero: bool, wanted: int = 3) -> list[float]:
    """Return round marks of an axis that span the values, from low to high; zero puts nought among them."""
    known = [value for value in values if value is not None]
    low, high = min(known), max(known)
    if zero and low >= 0:
        low = 0.0
    span = (high - low) or abs(high) or 1.0
    rough = span / wanted
    size = 10 ** math.floor(math.log10(rough))
    step = next(size * times for times in (1, 2, 2.5, 5, 10) if size * times >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    if last == first:
        last += 1
    return [round(place * step, 10) for place in range(first, last + 1)]


def _head(part: Part, lang: str) -> list[Any]:
    said = [unit(str(part.get("unit") or ""), lang), say(f"per.{part.get('grain') or 'day'}", lang)]
    keys = [html.Span(" ".join(word for word in said if word))]
    if any(point.get("value") is not None for point in part.get("last_year") or []):
        keys.append(html.Span([html.Span(className="key key-last-year"), say("last_year", lang)]))
    limit = part.get("limit")
    if limit and limit.get("value") is not None:
        keys.append(
            html.Span([html.Span(className="key key-limit"), str(limit.get("label") or say("limit", lang))])
        )
    return [
        html.Div(html.Span(str(part.get("name") or ""), className="panel-name"), className="panel-head"),
        html.Div(keys, className="keys"),
    ]


def _fresh(part: Part) -> dict[str, str]:
    return {"data-fresh-until": write.epoch(part.get("fresh_until"))}


def _spread(values: Sequence[float | None]) -> list[Point]:
    return [(place / max(len(values) - 1, 1), value) for place, value in enumerate(values)]


def _last_point(values: Sequence[float | None], low: float, high: float, part: Part, lang: str) -> list[Any]:
    place = max(place for place, value in enumerate(values) if value is not None)
    value = values[place]
    assert value is not None
    at = {
        "left": f"{100 * place / max(len(values) - 1, 1):.2f}%",
        "bottom": f"{100 * (value - low) / (high - low):.2f}%",
    }
    return [html.Span(className="dot", style=at)]


def _ticks_x(points: Sequence[Part], grain: str, lang: str) -> list[Any]:
    last = len(points) - 1
    places = sorted({0, last // 2, last})
    found = []
    for place in places:
        edge = " at-start" if place == 0 else " at-end" if place == last else ""
        found.append(
            html.Span(
                write.axis(points[place]["start"], grain, lang),
                className=f"tick-x{edge}",
                style={"left": f"{100 * place / max(last, 1):.2f}%"},
            )
        )
    return found


def _iso(start: Any) -> str:
    when = write.local(start)
    return "" if when is None else f"{when:%Y-%m-%dT%H:%M}"
