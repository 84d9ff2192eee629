"""The sources: how fresh each is, what it brought today, its runs, what was rejected and why, and asking at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from dash import dcc, html

from layouts import format as write
from layouts.attributes import data, text
from layouts.pages import quality, runs
from layouts.pages.desk_page import Desk, agencies, moment
from layouts.panels.strips import LOOKS
from layouts.panels.tile import mark
from layouts.panels.trust import MEASURES
from layouts.ports import AskError, Json
from layouts.words import say

COLUMNS = (
    "source",
    "state",
    "last_success",
    "last_changed",
    "next_poll",
    "records_today",
    "rejected_today",
    *MEASURES,
    "owner",
    "note",
)


def layout(desk: Desk, asked: Mapping[str, str], lang: str) -> Any:
    """Return the page: every source, then the runs of the chosen one."""
    try:
        rows = desk.ask("/api/v1/sources", {"limit": "1000", **moment(asked)}).get("items") or []
    except AskError as error:
        return html.Div(
            [html.P(say("failed", lang)), html.P(str(error), className="quiet")], className="empty"
        )
    chosen, owners = asked.get("source", ""), agencies(desk, lang, short=True)
    scored, clashes = _scores(desk, asked), _clashes(desk, asked)
    table = html.Table(
        [
            html.Thead(html.Tr([html.Th(_word(name, lang)) for name in COLUMNS])),
            html.Tbody(
                [
                    _row(row, chosen, owners, scored.get(str(row["id"]), {}), clashes[str(row["id"])], lang)
                    for row in rows
                ]
            ),
        ],
        className="table sources-table",
    )
    return html.Div(
        [
            html.H1(say("sources.title", lang), className="page-title"),
            *[_fault(fault, lang) for fault in desk.ports.faults],
            html.Div(table if rows else say("sources.none", lang), className="panel table-scroll"),
            _below(desk, chosen, asked, rows, lang),
        ]
    )


def _below(desk: Desk, chosen: str, asked: Mapping[str, str], rows: list[Json], lang: str) -> Any:
    if moment(asked):
        return html.P(say("as_of.runs", lang), className="quiet below")
    if not chosen:
        return html.P(say("sources.choose", lang), className="quiet below")
    row = next((row for row in rows if row["id"] == chosen), {})
    changed = text((row.get("schema") or {}).get("sentence"), lang)
    return runs.layout(desk, chosen, text(row.get("name"), lang) or chosen, lang, changed)


def _scores(desk: Desk, asked: Mapping[str, str]) -> dict[str, Json]:
    """Return the four scores by source; {} where they cannot be asked for: the sources are shown all the same."""
    try:
        items = desk.ask("/api/v1/quality", {"limit": "1000", **moment(asked)}).get("items") or []
    except AskError:
        return {}
    return {str(item["id"]): item for item in items}


def _clashes(desk: Desk, asked: Mapping[str, str]) -> Counter[str]:
    """Return how many figures of each source disagree with others."""
    try:
        question = {"limit": "1000", "state": "standing", **moment(asked)}
        items = desk.ask("/api/v1/contradictions", question).get("items") or []
    except AskError:
        return Counter()
    return Counter(str(item[name]) for item in items for name in ("source", "other") if item.get(name))


def _word(column: str, lang: str) -> str:
    return say(f"quality.{column}" if column in MEASURES else f"sources.{column}", lang)


def _name(row: Json, clashes: int, lang: str) -> html.Div:
    name = dcc.Link(text(row.get("name"), lang) or str(row["id"]), href=f"/sources?source={row['id']}")
    if not clashes:
        return html.Div(name)
    words = say("trust.count", lang, n=clashes)
    sign = dcc.Link(
        f"≠ {clashes}", href=f"/contradictions?source={row['id']}", title=words, className="source-clash"
    )
    return html.Div([name, sign])


def _row(row: Json, chosen: str, owners: Mapping[str, str], scored: Json, clashes: int, lang: str) -> html.Tr:
    state = "disabled" if row.get("disabled") else str(row.get("state") or "never")
    look = LOOKS.get(state, "stale")
    note = text(row.get("sentence") or row.get("error"), lang)
    cells: list[Any] = [
        _name(row, clashes, lang),
        html.Span([mark(look), say(f"source.{state}", lang)], className=f"source-state ink-{look}"),
        _age(row.get("last_success")),
        _age(row.get("last_changed")),
        write.clock(row.get("next_poll")),
        write.number(row.get("records_today"), 0, lang),
        write.number(row.get("rejected_today"), 0, lang),
        *quality.columns(scored, lang),
        owners.get(str(row.get("owner")), str(row.get("owner") or "")),
        note,
    ]
    named = zip(COLUMNS, cells, strict=True)
    return html.Tr(
        [html.Td(cell, **data(label=_word(name, lang))) for name, cell in named],
        className="is-chosen" if row["id"] == chosen else "",
    )


def _fault(fault: Mapping[str, str], lang: str) -> html.Div:
    return html.Div(
        [mark("critical"), html.Span(say("sources.disabled", lang, **fault))], className="fault ink-critical"
    )


def _age(value: Any) -> html.Span:
    return html.Span(write.moment(value), **data(age=write.epoch(value)))
