"""Who is slow: owners ranked by the four measured scores of their sources, each leading to its sources and days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html

from layouts import format as write
from layouts.attributes import data, text
from layouts.pages.desk_page import Desk, moment
from layouts.panels.trust import MEASURES, score, trend
from layouts.ports import AskError, Json
from layouts.words import say


def layout(desk: Desk, asked: Mapping[str, str], lang: str) -> Any:
    """Return the page: what the scores mean, the owners, then the sources of the chosen one."""
    known = moment(asked)
    try:
        owners = desk.ask("/api/v1/quality", {"by": "owner", "limit": "1000", **known})
        chosen = asked.get("owner", "")
        sources = desk.ask("/api/v1/quality", {"owner": chosen, "limit": "1000", **known}) if chosen else {}
    except AskError as error:
        return html.Div(
            [html.P(say("failed", lang)), html.P(str(error), className="quiet")], className="empty"
        )
    rows = [row for row in owners.get("items") or [] if (row.get("scores") or {}).get("mean") is not None]
    days = max((len(row.get("days") or []) for row in rows), default=0)
    return html.Div(
        [
            html.H1(say("quality.title", lang), className="page-title"),
            _measures(owners.get("measures") or [], lang),
            html.Section(
                [
                    html.Div(
                        [
                            html.H2(say("quality.who", lang)),
                            html.Span(say("quality.span", lang, days=days), className="quiet"),
                        ],
                        className="section-head",
                    ),
                    _table(rows, "owner", chosen, lang)
                    if rows
                    else html.Div(say("quality.none", lang), className="empty"),
                ],
                className="panel",
            ),
            _below(rows, sources, chosen, lang),
        ]
    )


def columns(row: Json, lang: str) -> list[Any]:
    """Return the four scores of a source or an owner as cells of a table."""
    told, status = row.get("scores") or {}, row.get("status") or {}
    return [score(told.get(name), status.get(name), lang) for name in MEASURES]


def _below(rows: Sequence[Json], sources: Json, chosen: str, lang: str) -> Any:
    if not chosen:
        return html.P(say("quality.choose", lang), className="quiet below")
    name = next((text(row.get("name"), lang) for row in rows if row["id"] == chosen), chosen)
    found = sorted(sources.get("items") or [], key=lambda row: _mean(row))
    return html.Section(
        [html.H2(say("quality.sources", lang, name=name)), _table(found, "source", "", lang)],
        className="panel",
    )


def _measures(measures: Sequence[Json], lang: str) -> html.Dl:
    return html.Dl(
        [
            html.Div([html.Dt(text(one.get("name"), lang)), html.Dd(text(one.get("definition"), lang))])
            for one in measures
        ],
        className="measures",
    )


def _table(rows: Sequence[Json], of: str, chosen: str, lang: str) -> html.Div:
    names = (of, *MEASURES, "mean", "trend")
    heads = [html.Th(say(f"quality.{name}", lang)) for name in names]
    body = [
        html.Tr(
            [
                html.Td(cell, **data(label=say(f"quality.{name}", lang)))
                for name, cell in zip(names, _cells(row, of, lang), strict=True)
            ],
            className="is-chosen" if row["id"] == chosen else "",
        )
        for row in rows
    ]
    table = html.Table([html.Thead(html.Tr(heads)), html.Tbody(body)], className="table sources-table scores")
    return html.Div(table, className="table-scroll")


def _cells(row: Json, of: str, lang: str) -> list[Any]:
    name = text(row.get("name"), lang) or str(row["id"])
    if of == "owner":
        first: Any = [
            dcc.Link(name, href=f"/quality?owner={row['id']}"),
            html.Span(f" · {say('sources.n', lang, n=len(row.get('sources') or []))}", className="quiet"),
        ]
    else:
        counts = {key: write.number(value, 0, lang) for key, value in (row.get("counts") or {}).items()}
        first = [
            dcc.Link(name, href=f"/sources?source={row['id']}"),
            html.Div(say("quality.counts", lang, **counts), className="quiet") if counts else None,
            html.Div(text(row.get("note"), lang), className="quiet") if row.get("note") else None,
        ]
    mean = (row.get("scores") or {}).get("mean")
    days = [day.get("mean") for day in row.get("days") or []]
    return [html.Div(first), *columns(row, lang), score(mean, None, lang), trend(days)]


def _mean(row: Json) -> float:
    mean = (row.get("scores") or {}).get("mean")
    return 101.0 if mean is None else float(mean)
