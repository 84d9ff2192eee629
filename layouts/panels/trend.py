"""A trend: this year as a line, last year dashed, the limit across; axes are texts, so they scale with the wall."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from layouts import format as write
from layouts.panels.shapes import Point, lines
from layouts.words import say, unit

Part = Mapping[str, Any]


def draw(part: Part, lang: str) -> dict[str, Any]:
    """Return the props of a trend for the wall, a picture with axes of text."""
    points = part.get("points") or []
    values = [point.get("value") for point in points]
    if len([value for value in values if value is not None]) < 2:
        return {
            "children": [*head(part, lang), html.Div(say("no_points", lang), className="empty")],
            **fresh(part),
        }
    before = last_year(part)
    limit = (part.get("limit") or {}).get("value")
    marks = ticks([*values, *before, limit], zero=part.get("unit") != "%")
    low, high = marks[0], marks[-1]
    decimals = 0 if all(mark == int(mark) for mark in marks) else 1
    said = [" ".join(write.compact(mark, "1", decimals, lang)).rstrip() for mark in marks]
    plot = html.Div(
        [
            html.Img(src=lines(_spread(values), _spread(before), low, high, limit, marks), alt=""),
            *(
                html.Span(
                    text,
                    className="tick-y" if mark in (low, high) else "tick-y is-minor",
                    style={"bottom": f"{100 * (mark - low) / (high - low):.2f}%"},
                )
                for mark, text in zip(marks, said, strict=True)
            ),
            *_last_point(values, low, high, part, lang),
            *_ticks_x(points, str(part.get("grain") or "day"), lang),
        ],
        className="plot",
        # beside the axis as much room as its longest mark needs
        style={"marginLeft": f"{max(0.58 * max(map(len, said)) + 0.8, 3):.2f}em"},
    )
    return {"children": [*head(part, lang), plot], **fresh(part)}


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


def head(part: Part, lang: str) -> list[Any]:
    """Return the name of a trend and the keys to its lines."""
    code = str(part.get("unit") or "")
    said = ["" if code.startswith("{") else unit(code, lang), say(f"per.{part.get('grain') or 'day'}", lang)]
    keys = [html.Span(" ".join(word for word in said if word))]
    if last_year(part):
        keys.append(html.Span([html.Span(className="key key-last-year"), say("last_year", lang)]))
    limit = part.get("limit")
    if limit and limit.get("value") is not None:
        keys.append(
            html.Span([html.Span(className="key key-limit"), str(limit.get("label") or say("limit", lang))])
        )
    if part.get("rebased"):
        keys.append(html.Span(str(part["rebased"].get("note") or ""), className="quiet"))
    return [
        html.Div(html.Span(str(part.get("name") or ""), className="panel-name"), className="panel-head"),
        html.Div(keys, className="keys"),
    ]


def last_year(part: Part) -> list[float | None]:
    """Return last year's values; [] where there are none worth drawing: a year of noughts was not recorded."""
    values = [point.get("value") for point in part.get("last_year") or []]
    return values if any(values) else []


def fresh(part: Part) -> dict[str, str]:
    """Return the instant at which a trend goes stale, for the browser."""
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
                write.axis(points[place]["start"], grain, lang, days=last > 24),
                className=f"tick-x{edge}",
                style={"left": f"{100 * place / max(last, 1):.2f}%"},
            )
        )
    return found
