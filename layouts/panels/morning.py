"""The morning's briefing as panels: what happened overnight with the warnings, and the day's work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from layouts import format as write
from layouts.attributes import text
from layouts.panels.tile import mark
from layouts.words import say

Part = Mapping[str, Any]
LOOKS = {
    "critical": "critical",
    "extreme": "critical",
    "severe": "critical",
    "high": "warning",
    "moderate": "warning",
}


def overnight(part: Part, lang: str, *, rows: int | None = None) -> dict[str, Any]:
    """Return the props of the night: counts, the gravest matters first; then the warnings; rows cuts both together."""
    happened, warnings = list(part.get("happened") or []), list(part.get("warnings") or [])
    near = (part.get("span") or {}).get("end")
    room = max((rows or 10**6) - min(len(warnings), 3), 3)
    return {
        "children": [
            _head(part, summary(part, lang)),
            matters(happened[:room], say("morning.quiet", lang), lang, near),
            html.Div(say("morning.warnings", lang), className="panel-name"),
            matters(warnings[:3] if rows else warnings, say("morning.no_warnings", lang), lang, near),
        ]
    }


def workday(part: Part, lang: str, *, rows: int | None = None) -> dict[str, Any]:
    """Return the props of the day's work by kind of case; rows cuts it."""
    return {"children": [_head(part, ""), work(list(part.get("rows") or [])[:rows], lang)]}


def summary(part: Part, lang: str) -> str:
    """Return the night in one line: 2 trộm cắp · 1 cháy nổ · bị thương 1."""
    said = [
        f"{write.number(one['n'], 0, lang)} {_small(text(one['name'], lang))}"
        for one in part.get("counts") or []
    ]
    said += [
        say(f"morning.{name}", lang, n=write.number(n, 0, lang))
        for name, n in (part.get("harm") or {}).items()
        if n
    ]
    return " · ".join(said)


def matters(rows: Sequence[Part], nothing: str, lang: str, near: Any) -> html.Div:
    """Return events as lines: when (its day where it is not that of near), what, how grave, where."""
    if not rows:
        return html.Div(nothing, className="quiet")
    return html.Div([_matter(row, lang, near) for row in rows], className="matters")


def work(rows: Sequence[Part], lang: str) -> html.Div:
    """Return the day's work as a table."""
    if not rows:
        return html.Div(say("morning.no_work", lang), className="quiet")
    names = ("kind", "overdue", "due", "most")
    heads = [
        html.Th(say(f"morning.{name}", lang), className="is-number" if name in ("overdue", "due") else "")
        for name in names
    ]
    body = []
    for row in rows:
        most = row.get("most")
        who = ""
        if most:
            name = (
                text(most, lang)
                if isinstance(most, str)
                else str(most.get(f"short_{lang}") or most.get(lang) or "")
            )
            who = f"{name} ({write.number(row.get('most_n'), 0, lang)})"
        body.append(
            html.Tr(
                [
                    html.Td(text(row.get("name"), lang)),
                    html.Td(write.number(row.get("overdue"), 0, lang), className="is-number"),
                    html.Td(write.number(row.get("due"), 0, lang), className="is-number"),
                    html.Td(who),
                ]
            )
        )
    table = html.Table([html.Thead(html.Tr(heads)), html.Tbody(body)], className="table")
    return html.Div(table, className="table-box")


def _matter(row: Part, lang: str, near: Any) -> html.Div:
    look = LOOKS.get(str(row.get("severity") or ""), "neutral")
    where = ", ".join(text(area, lang) for area in row.get("areas") or [])
    harm = [
        say(f"morning.{name}", lang, n=write.number(n, 0, lang))
        for name, n in (row.get("harm") or {}).items()
    ]
    more = [text(row.get("category"), lang), where, *harm]
    if row.get("risk"):
        more.append(say("morning.risk", lang, n=row["risk"]))
    said = " · ".join(one for one in more if one)
    return html.Div(
        [
            html.Span(write.moment(row.get("at"), near), className="matter-at quiet"),
            html.Span(
                [
                    mark(look),
                    html.Span(text(row.get("headline"), lang)),
                    html.Span(f" {said}", className="quiet"),
                ],
                className="matter-said",
            ),
        ],
        className="matter",
    )


def _head(part: Part, said: str) -> html.Div:
    name = html.Span(str(part.get("name") or ""), className="panel-name")
    return html.Div([name, html.Span(said, className="quiet")], className="panel-head")


def _small(name: str) -> str:
    return name if len(name) > 1 and name[1].isupper() else name[:1].lower() + name[1:]
