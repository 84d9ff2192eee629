"""A tile: one number, its period, its status as icon, word and colour, its target, its change, its age."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from layouts import format as write
from layouts.attributes import data, text
from layouts.panels.notes import notes, sentence_of, stale_moment
from layouts.panels.shapes import spark
from layouts.theme import ink
from layouts.words import say, unit

Part = Mapping[str, Any]
BOUNDS = {">=": ("≥", "bound.ge"), "<=": ("≤", "bound.le")}
"""The sign of a value that is only known to be at least, or at most, so much, and what it says."""
LINE = 22
"""What fits on one line of a tile of the wall, in letters of a unit."""
JUDGED = ("good", "warning", "critical")


def draw(part: Part, lang: str, *, wall: bool = True) -> dict[str, Any]:
    """Return the props of a tile: class name, the instant it goes stale, children."""
    look = state(part)
    children = [
        html.Div([_name(part, lang, wall), *([] if wall else [_why(part, lang)])], className="tile-name"),
        html.Div(
            [
                html.Span(write.period(part.get("period"), lang, short=wall)),
                _age(part),
            ],
            className="tile-when",
        ),
        _number(part, lang, wall),
        _line(part),
        html.Div([*_disputed(part, lang, wall), *_below(part, look, lang)], className="tile-below"),
    ]
    ages = look not in ("stale", "waiting") and not part.get("as_of")
    return {
        "className": f"tile is-{look}",
        "data-fresh-until": write.epoch(part.get("fresh_until")) if ages else "",
        "children": children,
    }


def state(part: Part) -> str:
    """Return how a tile looks: good, warning, critical, stale, neutral or waiting."""
    status = part.get("status") or "none"
    if status in (*JUDGED, "stale"):
        return str(status)
    return "waiting" if part.get("value") is None else "neutral"


def status_word(part: Part, lang: str) -> str:
    """Return the word of a status; a stale one says what happened to its source."""
    look, freshness = state(part), part.get("freshness") or ""
    if look == "stale":
        return say(
            f"status.{freshness}" if freshness in ("late", "down", "rejected") else "status.stale", lang
        )
    if look == "waiting":
        return say(f"status.{freshness}" if freshness in ("not_due", "never") else "status.none", lang)
    return say(f"status.{look}", lang)


def mark(look: str) -> html.Span:
    """Return the icon of a status, drawn by the style sheet: ● ▲ ■ ◌ are in no font alike."""
    hidden: dict[str, Any] = {"aria-hidden": "true"}
    return html.Span(className=f"mark mark-{look}", **hidden)


def _name(part: Part, lang: str, wall: bool) -> str:
    name = part.get("short") if wall else None
    return str(name or part.get("name") or part.get("indicator") or "")


def _why(part: Part, lang: str) -> html.Button:
    """Return the button that opens the basis of a number; the desk's script reads its attribute."""
    return html.Button("?", className="why", title=say("explain", lang), **data(why=part.get("indicator")))


def _age(part: Part) -> html.Span:
    if part.get("as_of"):  # of another moment: it grows no older
        return html.Span(write.moment(part.get("reported_at"), part["as_of"]), className="tile-age")
    return html.Span(className="tile-age", **data(age=write.epoch(part.get("reported_at"))))


def _number(part: Part, lang: str, wall: bool) -> html.Div:
    value, bound = part.get("value"), part.get("bound")
    code, decimals = str(part.get("unit") or ""), int(part.get("decimals") or 0)
    if wall:
        text, name = write.compact(value, code, decimals, lang)
    else:
        text, name = write.number(value, decimals, lang), unit(code, lang)
    name = name if value is not None else ""
    children: list[Any] = []
    if bound in BOUNDS:
        sign, words = BOUNDS[bound]
        children.append(html.Span(sign, className="tile-bound", title=say(words, lang)))
    children.append(html.Span(text, className="tile-value"))
    if name:
        children.append(html.Span(name, className="tile-percent" if name == "%" else "tile-unit"))
    # a digit is three times as wide as a letter of the unit; the unit goes below where both do not fit
    long = len(text) > 5 or (wall and 3 * len(text) + len(name) > LINE)
    return html.Div(children, className="tile-number" + (" is-long" if long else ""))


def _line(part: Part) -> html.Div:
    target = part.get("target") or {}
    picture = spark([point.get("value") for point in part.get("spark") or []], target.get("value"))
    return html.Div(html.Img(src=picture, alt="") if picture else None, className="tile-spark")


def _below(part: Part, look: str, lang: str) -> list[Any]:
    rows: list[Any] = []
    band = _band(part, lang)
    if band is not None and look != "stale":
        rows.append(band)
    elif look != "neutral":
        rows.append(
            html.Div([mark(look), html.Span(status_word(part, lang))], className=f"tile-status ink-{look}")
        )
    if look == "stale":
        rows.append(html.Div(say("last_value", lang, time=stale_moment(part)), className="tile-note"))
    elif look == "waiting":
        rows.append(html.Div(sentence_of(part, lang), className="tile-note"))
    else:
        rows += _when_old(part, lang)
        most = 2 if part.get("disputed") else 3
        rows += [html.Div(line, className="tile-note") for line in notes(part, lang)[:most]]
    return rows


def _disputed(part: Part, lang: str, wall: bool) -> list[Any]:
    """Return the sign of a number that rests on figures that disagree; on the desk it leads to them."""
    found = part.get("disputed")
    if not isinstance(found, Mapping) or not found.get("n"):
        return []
    said = [html.Span("≠", className="clash-mark"), html.Span(say("contradiction", lang))]
    look: dict[str, Any] = {"className": "tile-note tile-clash", "title": text(found.get("sentence"), lang)}
    if wall:
        return [html.Div(said, **look)]
    return [html.A(said, href=f"/contradictions?key={found.get('key')}", **look)]


def _when_old(part: Part, lang: str) -> list[html.Div]:
    """Return the words that stand in for the status once time has passed or somebody is lost."""
    last = say("last_value", lang, time=write.clock(part.get("reported_at")))
    return [
        html.Div([mark("stale"), html.Span(words)], className=f"tile-status ink-stale when-{when}")
        for when, words in (("aged", say("status.late", lang)), ("lost", last))
    ]


def _band(part: Part, lang: str) -> html.Div | None:
    band = (part.get("detail") or {}).get("band")
    if not isinstance(band, Mapping):
        return None
    name, colour = text(band, lang), band.get("colour")
    if not name or not colour:
        return None
    return html.Div(
        html.Span(str(name), className="band", style={"background": colour, "color": ink(colour)}),
        className="tile-status",
    )
