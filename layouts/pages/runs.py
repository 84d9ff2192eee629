"""The runs of one source and what it rejected, each with its reason; the button that has it asked at once."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from dash import Dash, Input, Output, State, dcc, html
from flask import request

from ioc.errors import StoreError
from layouts import format as write
from layouts.attributes import text
from layouts.pages.desk_page import Desk
from layouts.panels.tile import mark
from layouts.ports import AskError, Json
from layouts.words import WORDS, language, say

RUNS = ("started", "outcome", "took", "new", "changed", "same", "rejected", "error")

log = logging.getLogger("serve")


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
        except StoreError as fault:
            log.warning("poll now %s: %s", chosen, fault)
            return say("failed", lang)
        return say("sources.asked", lang)


def layout(desk: Desk, source: str, name: str, lang: str, changed: str = "") -> html.Section:
    """Return the part of one source; changed: what changed in the structure of its answers, in words."""
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
                    html.H2(f"{say('sources.runs', lang)}: {name}"),
                    html.Button(say("sources.poll_now", lang), id="sources-poll", className="button"),
                    html.Span(id="sources-asked", className="quiet", role="status"),
                ],
                className="section-head",
            ),
            *([_changed(changed, lang)] if changed else []),
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


def _changed(changed: str, lang: str) -> html.Div:
    words = html.Span(say("sources.structure", lang, change=changed))
    return html.Div([mark("warning"), words], className="fault ink-warning", role="note")


def _run(run: Json, lang: str) -> list[str]:
    started, finished = write.instant(run.get("started")), write.instant(run.get("finished"))
    took = (
        write.ABSENT
        if started is None or finished is None
        else f"{write.number(finished - started, 1, lang)} s"
    )
    outcome = f"outcome.{run.get('outcome') or 'running'}"
    said = text(run.get("error"), lang)
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
