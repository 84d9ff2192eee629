"""What stands in the drawer of a number: formula, basis, records, sources, what was shown before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from dash import dcc, html

from layouts import format as write
from layouts.attributes import data, text
from layouts.panels.strips import LOOKS
from layouts.panels.tile import mark
from layouts.ports import Json
from layouts.words import say


def content(answer: Json, reading: Json, owners: Mapping[str, str], lang: str) -> list[Any]:
    """Return the drawer of an explained number; answer holds its definition too."""
    code = str(reading.get("unit") or "")
    decimals = int(answer.get("decimals") or 0)
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
        *head(f"{say('explain', lang)}: {value}", " · ".join(word for word in (name, when) if word), lang),
        _section(
            say("explain.formula", lang), [html.Div(_formula(answer, value, lang), className="formula")]
        ),
        _section(
            say("explain.basis", lang),
            [
                html.Div(text(answer.get("basis"), lang)),
                html.Div(owners.get(str(answer.get("owner")), str(answer.get("owner") or ""))),
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
        _records_link(answer, lang),
        html.Details(
            [
                html.Summary(say("technical", lang)),
                html.Pre(orjson.dumps(_technical(answer), option=orjson.OPT_INDENT_2).decode()),
            ]
        ),
    ]
    return [part for part in parts if part is not None]


def _records_link(answer: Json, lang: str) -> dcc.Link | None:
    if not str(answer.get("of") or "").startswith("case:"):
        return None
    return dcc.Link(
        say("explain.see", lang), href=f"/sector/{answer.get('sector')}?tab=records", className="button"
    )


def head(title: str, below: str, lang: str) -> list[Any]:
    """Return the top of the drawer: how to close it, what it is about."""
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
    value = write.quantity(version.get("value"), code, decimals, lang)
    why = text(version.get("reason"), lang) if version.get("reason") else ""
    label = (
        [write.moment(when), html.Span(why, className="quiet", style={"display": "block"})]
        if why
        else write.moment(when)
    )
    return _pair(label, value)


def _technical(answer: Json) -> dict[str, Any]:
    return {
        "definition": answer.get("definition"),
        "payloads": [name for source in answer.get("sources") or [] for name in source.get("payloads") or []],
    }
