"""Căn cứ số liệu: why a number is what it is, from any page, in one answer of the read API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

import orjson
from dash import Dash, Input, Output, State, html
from flask import request

from layouts import format as write
from layouts.attributes import data, text
from layouts.pages.desk_page import Desk, narrowed
from layouts.panels.strips import LOOKS
from layouts.panels.tile import mark
from layouts.ports import AskError, Json
from layouts.words import language, say


def register(app: Dash, desk: Desk) -> None:
    """Register the callback that opens the drawer of the number whose "?" was pressed."""

    @app.callback(
        Output("desk-drawer", "children"),
        Output("desk-drawer", "data-open"),
        Input("desk-why", "data"),
        State("desk-url", "search"),
    )
    def explain(why: Mapping[str, str] | None, search: str | None) -> tuple[Any, str]:
        if not why or not why.get("indicator"):
            return None, ""
        lang = language(request.cookies.get("lang"))
        filters = narrowed(dict(parse_qsl((search or "").lstrip("?"))))
        filters.pop("compare", None)
        try:
            answer = desk.ask(f"/api/v1/indicators/{why['indicator']}/explain", filters)
            reading = desk.ask(f"/api/v1/indicators/{why['indicator']}", filters)
        except AskError as error:
            return [
                *_head(say("explain", lang), "", lang),
                html.P(say("explain.failed", lang)),
                html.P(str(error), className="quiet"),
            ], "1"
        return content(answer, reading, lang), "1"


def content(answer: Json, reading: Json, lang: str) -> list[Any]:
    """Return the drawer of an explained number."""
    code = str(reading.get("unit") or "")
    decimals = int(answer.get("decimals") or (0 if _whole(answer.get("value")) else 1))
    value = write.quantity(answer.get("value"), code, decimals, lang)
    name = text(answer.get("name") or reading.get("name"), lang)
    when = write.period(reading.get("period"), lang)
    records = answer.get("records") or {}
    rows = [
        (say("counted", lang), records.get("used")),
        (say("explain.rejected", lang), records.get("rejected")),
        (say("after_closing", lang), records.get("late")),
    ]
    parts = [
        *_head(f"{say('explain', lang)}: {value}", " · ".join(word for word in (name, when) if word), lang),
        _section(
            say("explain.formula", lang), [html.Div(_formula(answer, value, lang), className="formula")]
        ),
        _section(
            say("explain.basis", lang),
            [
                html.Div(text(answer.get("basis"), lang)),
                html.Div(text(answer.get("owner_name") or answer.get("owner"), lang)),
            ],
        ),
        _section(
            say("explain.records", lang),
            [_pair(label, write.number(count, 0, lang)) for label, count in rows if count is not None],
        ),
        _section(
            say("explain.sources", lang), [_source(source, lang) for source in answer.get("sources") or []]
        ),
        _section(
            say("shown_before", lang),
            [_version(version, code, decimals, lang) for version in (answer.get("history") or [])[:6]],
        ),
        html.Details(
            [
                html.Summary(say("technical", lang)),
                html.Pre(orjson.dumps(_technical(answer), option=orjson.OPT_INDENT_2).decode()),
            ]
        ),
    ]
    return [part for part in parts if part is not None]


def _head(title: str, below: str, lang: str) -> list[Any]:
    return [
        html.Button("×", className="drawer-close", title=say("close", lang), **data(toggle="drawer")),
        html.H2(title),
        html.P(below, className="quiet"),
    ]


def _section(title: str, children: Sequence[Any]) -> html.Section | None:
    return html.Section([html.H3(title), *children]) if children else None


def _pair(label: Any, value: str) -> html.Div:
    return html.Div([html.Span(label), html.Span(value, className="quiet")], className="pair")


def _formula(answer: Json, value: str, lang: str) -> list[Any]:
    said: list[Any] = [html.Div(text(answer.get("formula"), lang))]
    if answer.get("den"):
        said.append(
            html.Strong(
                f"{write.number(answer.get('num'), 0, lang)} ÷ {write.number(answer['den'], 0, lang)} = {value}"
            )
        )
    return said


def _source(source: Json, lang: str) -> html.Div:
    state = str(source.get("state") or "never")
    look = LOOKS.get(state, "stale")
    name = html.Span(
        [mark(look), text(source.get("name"), lang) or str(source.get("id"))], className=f"ink-{look}"
    )
    return _pair(name, write.moment(source.get("last_success")))


def _version(version: Json, code: str, decimals: int, lang: str) -> html.Div:
    when = version.get("at") or version.get("known_from") or version.get("from")
    return _pair(write.moment(when), write.quantity(version.get("value"), code, decimals, lang))


def _technical(answer: Json) -> dict[str, Any]:
    return {
        "definition": answer.get("definition"),
        "payloads": [name for source in answer.get("sources") or [] for name in source.get("payloads") or []],
    }


def _whole(value: Any) -> bool:
    return value is None or value == int(value)
