"""The path of a target: what was reached, what is wanted year by year, and how steep it is from here; and a list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from layouts import format as write
from layouts.attributes import text
from layouts.panels.shapes import lines
from layouts.panels.tile import BOUNDS, mark
from layouts.panels.trend import fresh, ticks
from layouts.words import say, unit

Part = Mapping[str, Any]
LOOKS = {
    "met": "good",
    "going": "neutral",
    "missed": "critical",
    "not_started": "waiting",
    "unknown": "waiting",
}


def draw(part: Part, lang: str) -> dict[str, Any]:
    """Return the props of a path: the dashed line is wanted, the full one was reached."""
    wanted = [(float(point["year"]), float(point["value"])) for point in part.get("path") or []]
    reached = [(float(point["year"]), point.get("value")) for point in part.get("reached") or []]
    head = html.Div(html.Span(str(part.get("name") or ""), className="panel-name"), className="panel-head")
    if not wanted:
        return {"children": [head, html.Div(say("no_points", lang), className="empty")], **fresh(part)}
    years = [year for year, _ in (*wanted, *reached)]
    first, last = min(years), max(years)
    span = (last - first) or 1.0
    reached = [point for point in reached if point[1] is not None]
    marks = ticks([value for _, value in (*wanted, *reached)], zero=part.get("unit") != "%" or first < last)
    low, high = marks[0], marks[-1]
    picture = lines(
        [((year - first) / span, value) for year, value in reached],
        [((year - first) / span, value) for year, value in wanted],
        low,
        high,
        None,
        marks,
    )
    whole = all(value == int(value) for value in marks)
    plot = html.Div(
        [
            html.Img(src=picture, alt=""),
            *(
                html.Span(
                    write.number(value, 0 if whole else 1, lang),
                    className="tick-y" if value in (low, high) else "tick-y is-minor",
                    style={"bottom": f"{100 * (value - low) / (high - low):.2f}%"},
                )
                for value in marks
            ),
            *_dots(reached[-1:], first, span, low, high),
            *_years(wanted, first, span),
        ],
        className="plot",
    )
    return {"children": [head, html.Div(keys(part, lang), className="keys"), plot], **fresh(part)}


def keys(part: Part, lang: str) -> list[html.Span]:
    """Return what the lines say: the value reached, what the path wants now, and by how much a year it must change."""
    target, code = part.get("target") or {}, str(part.get("unit") or "")
    decimals = int(part.get("decimals") or 0)
    said = [html.Span(unit(code, lang))] if unit(code, lang) else []
    value, required, slope = part.get("value"), target.get("required"), target.get("required_slope")
    if value is not None:
        sign = BOUNDS.get(str(part.get("bound")), ("", ""))[0]
        kept = target.get("on_track")
        look = "neutral" if kept is None else "good" if kept else "warning"
        number = f"{say('target.reached', lang)} {sign}{write.number(value, decimals, lang)}"
        said.append(html.Span([mark(look), number], className=f"ink-{look}"))
    if required is not None:
        wanted = say("target.required", lang, n=write.number(required, decimals, lang))
        said.append(html.Span([html.Span(className="key key-last-year"), wanted]))
    if slope:
        word = "target.rise" if slope > 0 else "target.fall"
        said.append(html.Span(say(word, lang, n=write.number(abs(slope), decimals + 1, lang))))
    return said


def listed(part: Part, lang: str, *, rows: int | None = None) -> dict[str, Any]:
    """Return the props of a list of targets by pillar: due, wanted, reached, whose each is and how it stands; rows cuts it."""
    head = html.Div(html.Span(str(part.get("name") or ""), className="panel-name"), className="panel-head")
    found = list(part.get("rows") or [])[:rows]
    if not found:
        return {"children": [head, html.Div(say("targets.none", lang), className="empty")]}
    columns: tuple[str, ...] = ("target", "pillar", "by", "wanted", "reached", "owner", "stands")
    if rows is not None:  # a wall has room for what is asked first
        columns = ("target", "by", "wanted", "reached", "owner", "stands")
    numbers = ("by", "wanted", "reached")
    heads = [
        html.Th(say(f"targets.{name}", lang), className="is-number" if name in numbers else "")
        for name in columns
    ]
    body = [
        html.Tr(
            [
                html.Td(text(row.get("name"), lang)),
                *([html.Td(text(row.get("pillar_name"), lang))] if rows is None else []),
                html.Td(str(row.get("by") or ""), className="is-number"),
                html.Td(_amount(row.get("value"), row, lang), className="is-number"),
                html.Td(_reached(row, lang), className="is-number"),
                html.Td(text(row.get("owner"), lang)),
                html.Td(
                    [
                        mark(LOOKS.get(str(row.get("status")), "neutral")),
                        say(f"targets.{row.get('status')}", lang),
                    ]
                ),
            ]
        )
        for row in found
    ]
    table = html.Table([html.Thead(html.Tr(heads)), html.Tbody(body)], className="table")
    return {"children": [head, html.Div(table, className="table-box")]}


def _amount(value: float | None, row: Part, lang: str) -> str:
    if value is None:
        return write.ABSENT
    decimals = 0 if value == int(value) else max(1, int(row.get("decimals") or 0))
    return write.quantity(value, str(row.get("unit") or ""), decimals, lang)


def _reached(row: Part, lang: str) -> str:
    reading = row.get("reading") or {}
    return BOUNDS.get(str(reading.get("bound")), ("", ""))[0] + _amount(reading.get("value"), row, lang)


def _dots(points: list[Any], first: float, span: float, low: float, high: float) -> list[html.Span]:
    return [
        html.Span(
            className="dot",
            style={
                "left": f"{100 * (year - first) / span:.2f}%",
                "bottom": f"{100 * (value - low) / (high - low):.2f}%",
            },
        )
        for year, value in points
    ]


def _years(wanted: list[tuple[float, float]], first: float, span: float) -> list[html.Span]:
    """Return the years at whose end a point of the path is due."""
    last = len(wanted) - 1
    return [
        html.Span(
            f"{int(year) - 1}",
            className="tick-x" + (" at-start" if place == 0 and last else " at-end" if place == last else ""),
            style={"left": f"{100 * (year - first) / span:.2f}%"},
        )
        for place, (year, _) in enumerate(wanted)
    ]
