"""Rankings: departments and communes apart, by who is responsible, as counts and as a share of what is in hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from layouts import format as write
from layouts.attributes import data, text
from layouts.words import say, shorter

Part = Mapping[str, Any]
_FILTERS = {
    "responsible": "agency",
    "agency": "agency",
    "area": "area",
    "category": "category",
    "channel": "channel",
}
"""Which filter of a page a click on a row sets, by what the rows stand for."""


def draw(part: Part, lang: str, *, rows: int | None = None) -> dict[str, Any]:
    """Return the props of a panel of ranked lists; rows cuts each list, None shows all.

    Of an indicator that is a share, the numerator is counted and the value stands beside it.
    """
    groups = part.get("groups") or []
    head = html.Div(html.Span(str(part.get("name") or ""), className="panel-name"), className="panel-head")
    lists = [_group(group, part, lang, rows) for group in groups]
    return {"children": [head, html.Div(lists or say("no_rows", lang), className="rankings")]}


def counted(row: Part, part: Part) -> dict[str, Any]:
    """Return a row with its count as value and its share of what is in hand."""
    if part.get("unit") == "%" and row.get("num") is not None:
        return {**row, "value": row["num"], "share": row.get("value")}
    return dict(row)


def _group(group: Part, part: Part, lang: str, limit: int | None) -> html.Div:
    found = [counted(row, part) for row in group.get("rows") or [] if row.get("value") is not None]
    shown = sorted((row for row in found if row["value"] > 0), key=lambda row: -row["value"])[:limit]
    most = max((row["value"] for row in shown), default=0)
    shares = ""
    if any(row.get("share") is not None for row in shown):
        shares = "%" if part.get("unit") == "%" else say("col.share", lang)
    dimension = _FILTERS.get(ranked_by(part), "")
    body = [
        _row(row, most, 0 if part.get("unit") == "%" else int(part.get("decimals") or 0), dimension, lang)
        for row in shown
    ]
    if not body:
        body = [html.Div(say("none_overdue" if found else "no_rows", lang), className="quiet rank-none")]
    title = [html.Span(text(group.get("name"), lang)), html.Span(shares)]
    return html.Div(
        [html.Div(title, className="rank-title"), html.Div(body, className="rank-rows")],
        className="rank-group",
        style={"flexGrow": max(len(shown), 1)},
    )


def _name(row: Part, lang: str) -> str:
    name = row.get("name")
    short = text(row.get("short"), lang)
    if not short and isinstance(name, Mapping):
        short = str(name.get(f"short_{lang}") or "")
    return shorter(short or text(name, lang))


def ranked_by(part: Part) -> str:
    """Return what each row stands for; a board's panel says it in its id: ranking-<indicator>-<by>."""
    start = f"{part.get('kind')}-{part.get('indicator')}-"
    named = str(part.get("id") or "")
    return named[len(start) :].split("-")[0] if named.startswith(start) else "responsible"


def _row(row: Part, most: float, decimals: int, dimension: str, lang: str) -> html.Div:
    status = row.get("status") if row.get("status") in ("warning", "critical") else "plain"
    share = row.get("share")
    return html.Div(
        [
            html.Span(
                _name(row, lang),
                className="rank-name",
                title=text(row.get("name"), lang),
            ),
            html.Span(
                html.Span(
                    className=f"bar bar-{status}", style={"width": f"{100 * row['value'] / (most or 1):.1f}%"}
                ),
                className="bar-track",
            ),
            html.Span(write.number(row["value"], decimals, lang), className="rank-value"),
            html.Span(
                write.quantity(share, "%", 0, lang) if share is not None else "", className="rank-share"
            ),
        ],
        className="rank-row",
        **data(filter=f"{dimension}={row.get('key') or ''}" if dimension else ""),
    )
