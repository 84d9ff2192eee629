"""The groups of an index: the points that were published first, those computed from our own records beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from layouts import format as write
from layouts.attributes import text
from layouts.panels.tile import BOUNDS
from layouts.panels.trend import fresh
from layouts.words import say

Part = Mapping[str, Any]


def draw(part: Part, lang: str) -> dict[str, Any]:
    """Return the props of a table of groups; a group that our records cannot know says so in place of points."""
    groups = list((part.get("detail") or {}).get("groups") or [])
    head = html.Div(html.Span(str(part.get("name") or ""), className="panel-name"), className="panel-head")
    if not groups:
        return {"children": [head, html.Div(say("no_rows", lang), className="empty")], **fresh(part)}
    titles = ("groups.group", "groups.official", "groups.ours", "groups.most")
    table = html.Table(
        [
            html.Thead(
                html.Tr(
                    [
                        html.Th(say(title, lang), className="is-number" if place else "")
                        for place, title in enumerate(titles)
                    ]
                )
            ),
            html.Tbody([*(_row(group, lang) for group in groups), _total(part, groups, lang)]),
        ],
        className="table table-groups",
    )
    return {"children": [head, html.Div(table, className="table-box")], **fresh(part)}


def _total(part: Part, groups: list[Part], lang: str) -> html.Tr:
    """Return the row of all groups: the published score, ours, and the points that there are."""
    whole = {
        "name": say("groups.total", lang),
        "official": (part.get("detail") or {}).get("official"),
        "value": part.get("value"),
        "bound": part.get("bound"),
        "max": sum(group.get("max") or 0 for group in groups),
    }
    return _row(whole, lang, "table-total")


def _row(group: Part, lang: str, look: str = "") -> html.Tr:
    official, ours, most = group.get("official"), group.get("value"), group.get("max")
    if ours is None:
        said: Any = html.Span(say("groups.unknown", lang), className="quiet")
    else:
        sign = BOUNDS.get(str(group.get("bound")), ("",))[0]
        said = f"{sign}{' ' if sign else ''}{write.number(ours, 2, lang)}"
    cells = [
        html.Td(text(group.get("name"), lang)),
        html.Td(write.number(official, 2, lang), className="is-number"),
        html.Td(said, className="is-number"),
        html.Td(write.number(most, 0, lang), className="is-number"),
    ]
    return html.Tr(cells, className=look)
