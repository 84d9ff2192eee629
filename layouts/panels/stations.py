"""Stations with their VN_AQI or level: number and band name in its colour, governing pollutant, freshness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from layouts import format as write
from layouts.attributes import text, without_shared_start
from layouts.theme import ink
from layouts.words import BANDS, SUBSTANCES, say

Part = Mapping[str, Any]


def draw(part: Part, lang: str, *, rows: int | None = None) -> dict[str, Any]:
    """Return the props of a panel of stations, worst first."""
    found = sorted(placed(part.get("rows") or [], lang), key=_worst_first)[:rows]
    head = html.Div(
        [
            html.Span(str(part.get("name") or say("stations", lang)), className="panel-name"),
            html.Span(
                write.period(part["period"], lang, short=True) if part.get("period") else "",
                className="quiet",
            ),
        ],
        className="panel-head",
    )
    if not found:
        return {"children": [head, html.Div(say("no_stations", lang), className="empty")]}
    return {"children": [head, html.Div([_station(row, lang) for row in found], className="stations")]}


def _worst_first(row: Part) -> tuple[int, float]:
    return -(row.get("stage") or 0), -(row.get("value") or -1)


def placed(rows: Sequence[Part], lang: str) -> list[Part]:
    """Return stations called by where they stand, without the words that all their names begin with."""
    names = without_shared_start([text(row.get("name"), lang) for row in rows])
    return [{**row, "name": name} for row, name in zip(rows, names, strict=True)]


def band_name(row: Part, lang: str) -> str:
    """Return the legal name of a station's band."""
    band = text(row.get("band"), lang)
    return BANDS[band][lang == "en"] if band in BANDS else band


def is_lost(row: Part) -> bool:
    """Return whether a station's value may no longer be taken for the present."""
    return row.get("value") is None or row.get("freshness") not in (None, "live")


def _station(row: Part, lang: str) -> html.Div:
    colour, lost = row.get("colour") or "", is_lost(row)
    shown = {} if lost or not colour else {"background": colour, "color": ink(colour)}
    governing = row.get("governing")
    second = band_name(row, lang)
    if lost:
        second = (
            say(f"source.{row.get('freshness')}", lang)
            if row.get("freshness") in ("late", "down", "rejected")
            else say("no_data", lang)
        )
    elif governing:
        second = f"{second} · {SUBSTANCES.get(str(governing), governing)}"
    return html.Div(
        [
            html.Span(
                write.number(row.get("value"), int(row.get("decimals") or 0), lang),
                className="aqi" + (" is-lost" if lost else ""),
                style=shown,
            ),
            html.Div(
                [
                    html.Div(text(row.get("name"), lang), className="station-name"),
                    html.Div(second, className="quiet"),
                ]
            ),
        ],
        className="station",
    )
