"""The morning's briefing as a page that prints on one sheet of A4."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from layouts import format as write
from layouts.attributes import data
from layouts.pages.desk_page import Desk, moment
from layouts.panels import morning
from layouts.ports import AskError
from layouts.words import say

MOST_MATTERS, MOST_WARNINGS, MOST_SECTORS = 14, 5, 8
"""What one sheet holds."""


def layout(desk: Desk, asked: Mapping[str, str], lang: str) -> Any:
    """Return the page: the night, the warnings, the day's work, and what is beyond its limits in every sector."""
    try:
        told = desk.ask("/api/v1/morning", moment(asked))
        amiss = _amiss_then(desk, asked, lang) if moment(asked) else _amiss(desk, lang)
    except AskError as error:
        return html.Div(
            [html.P(say("failed", lang)), html.P(str(error), className="quiet")], className="empty"
        )
    span = told.get("span") or {}
    start, end = span.get("start"), span.get("end")
    night = say("morning.night", lang, start=write.moment(start), end=write.moment(end))
    return html.Article(
        [
            html.Div(
                [
                    html.H1(say("morning.title", lang, day=write.day(end)), className="page-title"),
                    html.Button(say("morning.print", lang), className="button no-print", **data(toggle="print")),
                ],
                className="section-head",
            ),
            _section(night, morning.summary(told, lang), [
                morning.matters((told.get("happened") or [])[:MOST_MATTERS], say("morning.quiet", lang), lang, end)
            ]),
            _section(say("morning.warnings", lang), "", [
                morning.matters((told.get("warnings") or [])[:MOST_WARNINGS], say("morning.no_warnings", lang), lang, end)
            ]),
            _section(say("morning.work", lang), "", [morning.work(told.get("work") or [], lang)]),
            _section(say("morning.attention", lang), "", [
                html.P([html.Strong(f"{name}: "), html.Span(said)]) for name, said in amiss[:MOST_SECTORS]
            ]),
        ],
        className="briefing",
    )  # fmt: skip


def _section(name: str, said: str, body: list[Any]) -> html.Section:
    head = html.Div([html.H2(name), html.Span(said, className="quiet")], className="section-head")
    return html.Section([head, *body], className="panel")


def _amiss(desk: Desk, lang: str) -> list[tuple[str, str]]:
    """Return what is beyond its limits, by sector, as the published boards tell it."""
    found = []
    for sector, name in desk.ports.sectors:
        document = desk.published.document(sector, lang) or {}
        said = [one["text"] for one in document.get("narration") or [] if one.get("sort") == "amiss"]
        found += [(name[lang], said[0])] if said else []
    return found


def _amiss_then(desk: Desk, asked: Mapping[str, str], lang: str) -> list[tuple[str, str]]:
    """Return the same of another moment, as the read API tells it."""
    items = desk.ask("/api/v1/narration", {"limit": "1000", **moment(asked)}).get("items") or []
    return [
        (item["name"][lang], one[lang])
        for item in items
        for one in item.get("sentences") or []
        if one.get("sort") == "amiss"
    ]
