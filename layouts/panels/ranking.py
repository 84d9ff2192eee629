"""Rankings: counts with their share of what is in hand, shares with what they are taken of; departments and communes apart."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate
from typing import Any

from dash import html

from layouts import format as write
from layouts.attributes import data, text
from layouts.panels.tile import BOUNDS
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

    A share is ranked by the share, the worst first as its indicator judges it (the highest of a neutral one), with
    what it is a share of beside it; a count by the count.
    """
    groups = part.get("groups") or []
    head = html.Div(html.Span(str(part.get("name") or ""), className="panel-name"), className="panel-head")
    lists = [_group(group, part, lang, rows) for group in groups]
    return {"children": [head, html.Div(lists or say("no_rows", lang), className="rankings")]}


def _group(group: Part, part: Part, lang: str, limit: int | None) -> html.Div:
    found = [row for row in group.get("rows") or [] if row.get("value") is not None]
    is_share = part.get("unit") == "%"
    rising = is_share and part.get("better") == "higher"
    counted = found if is_share else [row for row in found if row["value"] > 0]
    ranked = sorted(counted, key=lambda row: row["value"] if rising else -row["value"])
    if part.get("kind") == "pareto":
        ranked = _cumulated(ranked)
    shown = ranked[:limit]
    most = max((row["value"] for row in shown), default=0)
    most = max(most, 100) if rising else most
    beside = "pareto.share" if part.get("kind") == "pareto" else "col.of" if is_share else "col.share"
    # of all that is in hand each unit holds the whole of its own, which says nothing
    parts = [row.get("den") if is_share else row.get("share") for row in shown]
    named = any(one is not None and (is_share or one != 100) for one in parts)
    dimension = _FILTERS.get(ranked_by(part), "")
    body = [_row(row, most, part, dimension, lang, beside=named) for row in shown]
    if not body:
        body = [
            html.Div(
                say("none_overdue" if found or part.get("value") == 0 else "no_rows", lang),
                className="quiet rank-none",
            )
        ]
    title = [html.Span(text(group.get("name"), lang)), html.Span(say(beside, lang) if named else "")]
    return html.Div(
        [html.Div(title, className="rank-title"), html.Div(body, className="rank-rows")],
        className="rank-group",
        style={"flexGrow": max(len(shown), 1)},
    )


def _cumulated(rows: list[Part]) -> list[Part]:
    """Return counts, the largest first, each with the share of all that it and those before it make up."""
    total = sum(row["value"] for row in rows)
    sums = accumulate(row["value"] for row in rows)
    return [{**row, "share": 100 * upto / total} for row, upto in zip(rows, sums, strict=True)]


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


def _beside(row: Part, part: Part, lang: str) -> str:
    """Return what stands beside a value: what a share is taken of, or the share that a count is of those in hand."""
    if part.get("unit") == "%":
        num, den = row.get("num"), row.get("den")
        return "" if not den else f"{write.number(num, 0, lang)}/{write.number(den, 0, lang)}"
    share = row.get("share")
    return "" if share is None else write.quantity(share, "%", 0, lang)


def _row(row: Part, most: float, part: Part, dimension: str, lang: str, *, beside: bool) -> html.Div:
    status = row.get("status") if row.get("status") in ("warning", "critical") else "plain"
    unit, decimals = str(part.get("unit") or ""), int(part.get("decimals") or 0)
    bar = {"width": f"{100 * row['value'] / (most or 1):.1f}%"}
    return html.Div(
        [
            html.Span(_name(row, lang), className="rank-name", title=text(row.get("name"), lang)),
            html.Span(html.Span(className=f"bar bar-{status}", style=bar), className="bar-track"),
            html.Span(
                BOUNDS.get(str(row.get("bound")), ("",))[0]
                + write.quantity(row["value"], unit if unit == "%" else "", decimals, lang),
                className="rank-value",
            ),
            html.Span(_beside(row, part, lang) if beside else "", className="rank-share"),
        ],
        className="rank-row",
        **data(filter=f"{dimension}={row.get('key') or ''}" if dimension else ""),
    )
