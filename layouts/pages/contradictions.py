"""Figures that disagree: filtered in the address, each with its numbers, its owner and what people said of it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from dash import Dash, Input, Output, State, ctx, dcc, html, no_update
from flask import request

from ioc.errors import StoreError
from layouts import format as write
from layouts.attributes import data, text
from layouts.pages.desk_page import Desk, agencies, moment
from layouts.pages.filters import search_of
from layouts.panels.tile import mark
from layouts.panels.trust import LOOKS, kind
from layouts.ports import AskError, Json
from layouts.words import language, say

STATES = ("standing", "open", "acknowledged", "explained", "gone", "all")
FILTERS = ("owner", "sector")
ANSWERS = {"trust-acknowledge": "acknowledged", "trust-explain": "explained", "trust-reopen": "open"}

log = logging.getLogger("serve")


def register(app: Dash, desk: Desk) -> None:
    """Register the filters of the page, and what a person says of a contradiction."""

    @app.callback(
        Output("desk-url", "search", allow_duplicate=True),
        *(Input(f"trust-{name}", "value") for name in FILTERS),
        State("desk-url", "search"),
        prevent_initial_call=True,
    )
    def choose(owner: str | None, sector: str | None, search: str | None) -> Any:
        before = dict(parse_qsl((search or "").lstrip("?")))
        after = {key: value for key, value in before.items() if key not in FILTERS}
        after |= {key: value for key, value in (("owner", owner), ("sector", sector)) if value}
        return no_update if after == before else search_of(after)

    @app.callback(
        Output("trust-noted", "children"),
        *(Input(id, "n_clicks") for id in ANSWERS),
        State("trust-note", "value"),
        State("trust-chosen", "data"),
        prevent_initial_call=True,
    )
    def answer(*values: Any) -> str:
        *clicks, note, chosen = values
        lang, said = language(request.cookies.get("lang")), ANSWERS.get(str(ctx.triggered_id), "")
        if not any(clicks) or not said or not chosen or desk.ports.answer is None:
            return ""
        if said == "explained" and not (note or "").strip():
            return say("trust.needs_note", lang)
        try:
            desk.ports.answer(chosen, said, note or "")
        except StoreError as fault:
            log.warning("contradiction %s: %s", chosen, fault)
            return say("failed", lang)
        return say("trust.noted", lang)


def layout(desk: Desk, asked: Mapping[str, str], lang: str) -> Any:
    """Return the page: filters, then every contradiction, the chosen one opened."""
    state = asked.get("state", "standing")
    state = state if state in STATES else "standing"
    question = {"limit": "1000", **moment(asked)}
    try:
        rows = desk.ask("/api/v1/contradictions", question).get("items") or []
    except AskError as error:
        return html.Div(
            [html.P(say("failed", lang)), html.P(str(error), className="quiet")], className="empty"
        )
    owners = agencies(desk, lang, short=True)
    wanted = [row for row in rows if _fits(row, state, asked)]
    shown = [_row(desk, row, asked, owners, lang) for row in wanted]
    return html.Div(
        [
            html.H1(say("trust.title", lang), className="page-title"),
            _tabs(rows, state, asked, lang),
            _filters(desk, rows, asked, owners, lang),
            html.Div(shown, className="clash-list")
            if shown
            else html.Div(say("trust.none", lang), className="empty"),
        ]
    )


def _fits(row: Json, state: str, asked: Mapping[str, str]) -> bool:
    told = str(row.get("state"))
    if state == "standing" and told not in ("open", "acknowledged"):
        return row.get("id") == asked.get("key")
    if state not in ("standing", "all") and told != state:
        return row.get("id") == asked.get("key")
    owner, sector, source = (asked.get(name, "") for name in ("owner", "sector", "source"))
    return (
        owner in ("", row.get("owner"))
        and sector in ("", row.get("sector"))
        and source in ("", row.get("source"), row.get("other"))
    )


def _tabs(rows: Sequence[Json], state: str, asked: Mapping[str, str], lang: str) -> html.Nav:
    found = []
    for name in STATES:
        n = sum(1 for row in rows if _fits(row, name, {k: v for k, v in asked.items() if k != "key"}))
        search = search_of({**{k: v for k, v in asked.items() if k not in ("lang", "key")}, "state": name})
        words = f"{say(f'trust.state.{name}', lang)} ({write.number(n, 0, lang)})"
        found.append(
            dcc.Link(
                words,
                href=f"/contradictions{search}",
                className=f"page-tab{' is-on' if name == state else ''}",
            )
        )
    return html.Nav(found, className="page-tabs")


def _filters(
    desk: Desk, rows: Sequence[Json], asked: Mapping[str, str], owners: Mapping[str, str], lang: str
) -> html.Div:
    sectors = {id: name[lang] for id, name in desk.ports.sectors}
    names = {"owner": owners, "sector": sectors}
    boxes = []
    for name in FILTERS:
        keys = {str(row[name]) for row in rows if row.get(name)} | {asked.get(name, "")} - {""}
        options = [{"value": key, "label": names[name].get(key, key)} for key in sorted(keys)]
        boxes.append(
            html.Label(
                [
                    html.Span(say(f"trust.{name}", lang)),
                    dcc.Dropdown(
                        options,
                        asked.get(name),
                        id=f"trust-{name}",
                        placeholder=say("filter.all", lang),
                        className="choice",
                    ),
                ],
                className="filter",
            )
        )
    return html.Div(boxes, className="filters")


def _row(
    desk: Desk, row: Json, asked: Mapping[str, str], owners: Mapping[str, str], lang: str
) -> html.Article:
    state, key = str(row.get("state") or "open"), str(row["id"])
    look, opened = LOOKS.get(state, "warning"), asked.get("key") == row["id"]
    search = search_of({**{k: v for k, v in asked.items() if k != "lang"}, "key": "" if opened else key})
    owner = str(row.get("owner") or "")
    head = [
        html.Span([mark(look), kind(row.get("kind"), lang)], className=f"clash-kind ink-{look}"),
        html.Span(say(f"trust.state.{state}", lang)),
        html.Span(owners.get(owner, owner), className="quiet"),
        html.Span(say("trust.first_seen", lang, time=write.moment(row.get("first_seen"))), className="quiet"),
    ]
    said = dcc.Link(text(row.get("sentence"), lang), href=f"/contradictions{search}", className="clash-said")
    note = [html.Div(f"“{row['note']}”", className="quiet")] if row.get("note") else []
    more = [_opened(desk, row, asked, lang)] if opened else []
    return html.Article(
        [html.Div(head, className="clash-head"), said, *note, *more], className=f"clash is-{state}"
    )


def _opened(desk: Desk, row: Json, asked: Mapping[str, str], lang: str) -> html.Div:
    heads = ("figure", "value", "source", "at", "known")
    body = [
        html.Tr(
            [
                html.Td(
                    cell,
                    className="is-number" if name == "value" else "",
                    **data(label=say(f"trust.{name}", lang)),
                )
                for name, cell in zip(heads, _figure(one, lang), strict=True)
            ]
        )
        for one in row.get("evidence") or []
    ]
    table = html.Table(
        [html.Thead(html.Tr([html.Th(say(f"trust.{name}", lang)) for name in heads])), html.Tbody(body)],
        className="table sources-table",
    )
    links: list[Any] = []
    if row.get("indicator"):
        links.append(html.Button(say("explain", lang), **data(why=row["indicator"])))
    links += [
        dcc.Link(say("trust.to_source", lang), href=f"/sources?source={row[name]}")
        for name in ("source", "other")
        if row.get(name)
    ]
    basis = html.P(f"{say('trust.basis', lang)}: {text(row.get('basis'), lang)}", className="quiet")
    form = html.P(say("trust.then", lang), className="quiet") if moment(asked) else _form(row, lang)
    return html.Div(
        [html.Div(table, className="table-scroll"), html.Div(links, className="clash-links"), basis, form]
    )


def _form(row: Json, lang: str) -> html.Div:
    confirms = "trust.confirm" if row.get("kind") == "gone" else "trust.explain"
    buttons = [
        html.Button(say("trust.acknowledge", lang), id="trust-acknowledge", className="button"),
        html.Button(say(confirms, lang), id="trust-explain", className="button"),
        html.Button(say("trust.reopen", lang), id="trust-reopen", className="button"),
    ]
    return html.Div(
        [
            dcc.Store(id="trust-chosen", data=row["id"]),
            dcc.Textarea(
                id="trust-note",
                value=str(row.get("note") or ""),
                placeholder=say("trust.note", lang),
                maxLength=500,
                title=say("trust.note", lang),
            ),
            *buttons,
            html.Span(id="trust-noted", role="status"),
        ],
        className="clash-form",
    )


def _figure(one: Json, lang: str) -> tuple[str, ...]:
    """Return a piece of evidence as cells: what, how much, who says so, of when and received when."""
    received = "" if one.get("computed") else write.moment(one.get("known_from"))
    return (
        text(one.get("name"), lang),
        _value(one, lang),
        text(one.get("source_name"), lang),
        write.moment(one.get("at")),
        received,
    )


def _value(one: Json, lang: str) -> str:
    value = one.get("value")
    if not isinstance(value, int | float):
        return write.ABSENT
    return write.quantity(value, str(one.get("unit") or ""), _decimals(value), lang)


def _decimals(value: float) -> int:
    return len(f"{round(value, 3):.3f}".rstrip("0").partition(".")[2])
