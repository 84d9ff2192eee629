"""The sources: how fresh each is, what it brought today, its runs, what was rejected and why, and asking at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import Dash, Input, Output, State, dcc, html
from flask import request

from layouts import format as write
from layouts.attributes import data, text
from layouts.pages.desk_page import Desk
from layouts.panels.strips import LOOKS
from layouts.panels.tile import mark
from layouts.ports import AskError, Json
from layouts.words import WORDS, language, say

COLUMNS = (
    "source",
    "state",
    "last_success",
    "last_changed",
    "next_poll",
    "records_today",
    "rejected_today",
    "owner",
    "note",
)
RUNS = ("started", "outcome", "took", "new", "changed", "same", "rejected", "error")


def layout(desk: Desk, asked: Mapping[str, str], lang: str) -> Any:
    """Return the page: every source, then the runs of the chosen one."""
    try:
        rows = desk.ask("/api/v1/sources", {"limit": "1000"}).get("items") or []
    except AskError as error:
        return html.Div(
            [html.P(say("failed", lang)), html.P(str(error), className="quiet")], className="empty"
        )
    chosen = asked.get("source", "")
    table = html.Table(
        [
            html.Thead(html.Tr([html.Th(say(f"sources.{name}", lang)) for name in COLUMNS])),
            html.Tbody([_row(row, chosen, lang) for row in rows]),
        ],
        className="table sources-table",
    )
    return html.Div(
        [
            html.H1(say("sources.title", lang), className="page-title"),
            *[_fault(fault, lang) for fault in desk.ports.faults],
            html.Div(table if rows else say("sources.none", lang), className="panel table-scroll"),
            _runs(desk, chosen, lang) if chosen else html.P(say("sources.choose", lang), className="quiet"),
        ]
    )


def register(app: Dash, desk: Desk) -> None:
    """Register the button that has a source polled at once."""

    @app.callback(
        Output("sources-asked", "children"),
        Input("sources-poll", "n_clicks"),
        State("sources-chosen", "data"),
        prevent_initial_call=True,
    )
    def poll(clicks: int | None, chosen: str | None) -> str:
        lang = language(request.cookies.get("lang"))
        if not clicks or not chosen or desk.ports.poll_now is None:
            return ""
        try:
            desk.ports.poll_now(chosen)
        except Exception:
            return say("failed", lang)
        return say("sources.asked", lang)


def _row(row: Json, chosen: str, lang: str) -> html.Tr:
    state = "disabled" if row.get("disabled") else str(row.get("state") or "never")
    look = LOOKS.get(state, "stale")
    error = row.get("error") or row.get("sentence")
    note = text(error.get("sentence") or error if isinstance(error, dict) else error, lang)
    cells: list[Any] = [
        dcc.Link(text(row.get("name"), lang) or str(row["id"]), href=f"/sources?source={row['id']}"),
        html.Span([mark(look), say(f"source.{state}", lang)], className=f"source-state ink-{look}"),
        _age(row.get("last_success")),
        _age(row.get("last_changed")),
        write.clock(row.get("next_poll")),
        write.number(row.get("records_today"), 0, lang),
        write.number(row.get("rejected_today"), 0, lang),
        text(row.get("owner_name") or row.get("owner"), lang),
        note,
    ]
    named = zip(COLUMNS, cells, strict=True)
    return html.Tr(
        [html.Td(cell, **data(label=say(f"sources.{name}", lang))) for name, cell in named],
        className="is-chosen" if row["id"] == chosen else "",
    )


def _runs(desk: Desk, source: str, lang: str) -> html.Section:
    try:
        runs = desk.ask(f"/api/v1/sources/{source}/runs", {"limit": "30"}).get("items") or []
        rejected = desk.ask(f"/api/v1/sources/{source}/rejected", {"limit": "50"}).get("items") or []
    except AskError as error:
        return html.Section(html.P(str(error), className="empty"))
    return html.Section(
        [
            dcc.Store(id="sources-chosen", data=source),
            html.Div(
                [
                    html.H2(f"{say('sources.runs', lang)}: {source}"),
                    html.Button(say("sources.poll_now", lang), id="sources-poll", className="button"),
                    html.Span(id="sources-asked", className="quiet", role="status"),
                ],
                className="section-head",
            ),
            _table(
                [f"run.{name}" for name in RUNS],
                [_run(run, lang) for run in runs],
                say("sources.no_runs", lang),
                lang,
            ),
            html.H2(say("sources.rejected", lang)),
            _table(
                ["rejected.at", "rejected.address", "rejected.reason"],
                [
                    [
                        write.moment(one.get("at") or one.get("known_from")),
                        str(one.get("address") or ""),
                        text(one.get("reason"), lang),
                    ]
                    for one in rejected
                ],
                say("sources.no_rejected", lang),
                lang,
            ),
        ],
        className="panel",
    )


def _run(run: Json, lang: str) -> list[str]:
    started, finished = write.instant(run.get("started")), write.instant(run.get("finished"))
    took = (
        write.ABSENT
        if started is None or finished is None
        else f"{write.number(finished - started, 1, lang)} s"
    )
    outcome = f"outcome.{run.get('outcome') or 'running'}"
    error = run.get("error")
    said = text(
        error.get("sentence") or error.get("text") or error if isinstance(error, dict) else error, lang
    )
    counts = [write.number(run.get(name), 0, lang) for name in ("new", "changed", "same", "rejected")]
    return [write.moment(started), say(outcome, lang) if outcome in WORDS else "", took, *counts, said]


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], empty: str, lang: str) -> html.Div:
    if not rows:
        return html.Div(empty, className="empty")
    table = html.Table(
        [
            html.Thead(html.Tr([html.Th(say(head, lang)) for head in heads])),
            html.Tbody([html.Tr([html.Td(cell) for cell in row]) for row in rows]),
        ],
        className="table",
    )
    return html.Div(table, className="table-scroll")


def _fault(fault: Mapping[str, str], lang: str) -> html.Div:
    return html.Div(
        [mark("critical"), html.Span(say("sources.disabled", lang, **fault))], className="fault ink-critical"
    )


def _age(value: Any) -> html.Span:
    return html.Span(write.moment(value), **data(age=write.epoch(value)))
