"""Panels about the data themselves: the four scores by owner, and the figures that disagree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from layouts import format as write
from layouts.attributes import text
from layouts.panels.shapes import spark
from layouts.panels.tile import mark
from layouts.words import WORDS, say

Part = Mapping[str, Any]
MEASURES = ("agreement", "completeness", "clean", "alive")
LOOKS = {"open": "warning", "acknowledged": "neutral", "explained": "good", "gone": "good"}


def scores(part: Part, lang: str, *, rows: int | None = None) -> dict[str, Any]:
    """Return the props of the owners' scores, the lowest mean first; rows cuts them."""
    found = list(part.get("rows") or [])[:rows]
    head = _head(part, say("quality.span", lang, days=part.get("days") or ""))
    if not found:
        return {"children": [head, html.Div(say("quality.none", lang), className="empty")]}
    names = ("owner", *MEASURES, "mean", "trend")
    heads = [html.Th(say(f"quality.{name}", lang), className=_side(name)) for name in names]
    body = [
        html.Tr(
            [
                html.Td(text(row.get("name"), lang)),
                *(
                    html.Td(
                        score(row.get(name), (row.get("status") or {}).get(name), lang), className="is-number"
                    )
                    for name in MEASURES
                ),
                html.Td(score(row.get("mean"), None, lang), className="is-number"),
                html.Td(trend(row.get("days") or []), className="score-trend"),
            ]
        )
        for row in found
    ]
    table = html.Table([html.Thead(html.Tr(heads)), html.Tbody(body)], className="table scores")
    return {"children": [head, html.Div(table, className="table-box")]}


def contradictions(part: Part, lang: str, *, rows: int | None = None) -> dict[str, Any]:
    """Return the props of the figures that disagree: how many, then the newest with their owners."""
    counts, found = part.get("counts") or {}, list(part.get("rows") or [])[:rows]
    said = " · ".join(
        f"{write.number(count, 0, lang)} {say(f'trust.state.{state}', lang)}"
        for state, count in counts.items()
        if count
    )
    head = _head(part, said)
    if not found:
        return {"children": [head, html.Div(say("trust.none", lang), className="empty")]}
    items = [
        html.Li(
            [
                html.Div(
                    [mark(LOOKS.get(str(row.get("state")), "warning")), kind(row.get("kind"), lang)],
                    className="clash-kind",
                ),
                html.Div(text(row.get("sentence"), lang), className="clash-said"),
                html.Div(
                    f"{text(row.get('owner'), lang)} · "
                    f"{say('trust.first_seen', lang, time=write.moment(row.get('first_seen')))}",
                    className="quiet clash-who",
                ),
            ],
            className="clash",
        )
        for row in found
    ]
    return {"children": [head, html.Ul(items, className="clashes")]}


def score(value: Any, status: Any, lang: str) -> html.Span:
    """Return a score with the mark of its status; a dash where nothing was measured."""
    if not isinstance(value, int | float):
        return html.Span(write.ABSENT, className="quiet")
    look = str(status or "")
    marks = [mark(look)] if look in ("warning", "critical") else []
    return html.Span(
        [*marks, write.number(value, 1, lang)], className=f"score ink-{look}" if look else "score"
    )


def trend(values: Sequence[Any]) -> Any:
    """Return the line of a score by day; nothing for fewer than two days."""
    picture = spark([value if isinstance(value, int | float) else None for value in values])
    return html.Img(src=picture, alt="", className="score-line") if picture else None


def kind(name: Any, lang: str) -> str:
    """Return how a kind of contradiction is called."""
    key = f"trust.kind.{name}"
    return say(key, lang) if key in WORDS else str(name or "")


def _head(part: Part, said: str) -> html.Div:
    name = html.Span(str(part.get("name") or ""), className="panel-name")
    return html.Div([name, html.Span(said, className="quiet")], className="panel-head")


def _side(name: str) -> str:
    return "score-trend" if name == "trend" else "" if name == "owner" else "is-number"
