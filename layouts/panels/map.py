"""The map: values by commune and stations; the browser holds the shapes, a refresh sends only values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from dash import html

from layouts import format as write
from layouts.attributes import data, text
from layouts.panels.stations import band_name, is_lost, placed
from layouts.theme import ink
from layouts.words import say

Part = Mapping[str, Any]
STEPS = 6


def head(part: Part, lang: str) -> dict[str, Any]:
    """Return the props of the map's title and legend."""
    values, code, _ = painted(part)
    marks = breaks(values, code)
    decimals = 0 if marks[-1] == int(marks[-1]) else 1
    nought = all(not value for value in values)
    legend = [
        html.Span(write.quantity(marks[0], code, 0, lang) if marks[0] else "0"),
        *(html.Span(className=f"step step-{place}") for place in range(STEPS)),
        html.Span(write.quantity(marks[-1], code, decimals, lang)),
    ]
    if nought:  # one colour is one value: a scale up to what nobody has would mislead
        legend = legend[:2]
    scale = legend if any(value is not None for value in values) else []
    gaps = [] if sparse(part) else [html.Span(className="step step-none"), html.Span(say("no_data", lang))]
    return {
        "children": [
            html.Span(str(part.get("name") or ""), className="panel-name"),
            html.Span([*scale, *gaps], className="legend"),
        ]
    }


def draw(part: Part, lang: str) -> dict[str, Any]:
    """Return the props of the map itself: one attribute that the map's script draws."""
    rows = part.get("rows") or []
    values, code, decimals = painted(part)
    marks = breaks(values, code)
    areas = {}
    for row, value in zip(rows, values, strict=True):
        areas[str(row["area"])] = {
            "name": text(row.get("name"), lang),
            "step": None if value is None else step(value, marks),
            "text": write.quantity(value, code, decimals, lang)
            if value is not None
            else say("no_data", lang),
            "rank": value or 0,
            "stale": row.get("status") == "stale",
        }
        if row.get("den"):
            areas[str(row["area"])]["text"] += (
                f" ({write.number(row.get('num'), 0, lang)}/{write.number(row['den'], 0, lang)})"
            )
    stations = [
        _station(row, lang) for row in placed(part.get("stations") or [], lang) if row.get("lat") is not None
    ]
    warnings = [
        {
            "areas": list(row.get("areas") or []),
            "polygon": row.get("polygon"),
            "text": str(row.get("headline") or row.get("text") or ""),
        }
        for row in part.get("warnings") or []
    ]
    drawn = {
        "areas": areas,
        "stations": stations,
        "warnings": warnings,
        "sparse": sparse(part),
        "approximate": say("approximate", lang),
    }
    return data(map=orjson.dumps(drawn).decode())


def sparse(part: Part) -> bool:
    """Say whether only communes with a station can have a value, so that the others are no gaps."""
    return 0 < len(part.get("rows") or []) <= len(part.get("stations") or [])


def painted(part: Part) -> tuple[list[float | None], str, int]:
    """Return the values that colour the communes, their unit and decimals.

    A count that is part of something is painted as its share of it: large communes are not worse for being large.
    """
    rows, unit = part.get("rows") or [], str(part.get("unit") or "")
    if unit != "%" and any(row.get("den") for row in rows):
        shares = [
            100 * row["num"] / row["den"] if row.get("den") and row.get("num") is not None else None
            for row in rows
        ]
        return shares, "%", 1
    return [row.get("value") for row in rows], unit, int(part.get("decimals") or 0)


def breaks(values: Sequence[float | None], code: str = "%") -> list[float]:
    """Return the STEPS + 1 edges of the colour steps, from nought to a round number above the greatest value.

    Shares never pass a hundred; where all are high, the steps tell what is above the half apart.
    """
    known = [value for value in values if value is not None]
    most = max(known, default=0.0)
    if code == "%" and known and min(known) >= 50 and most <= 100:
        start = min(min(known) // 10 * 10, 90.0)
        return [round(start + place * (100 - start) / STEPS, 6) for place in range(STEPS + 1)]
    least = 0.5 if code == "%" else 1.0
    width = next(size for size in _ROUND if size >= least and size * STEPS >= most)
    if code == "%" and most <= 100 < width * STEPS:
        width = 100 / STEPS
    return [round(place * width, 6) for place in range(STEPS + 1)]


def step(value: float, marks: Sequence[float]) -> int:
    """Return the colour step of a value, from 0 to STEPS - 1."""
    return max(0, min(STEPS - 1, sum(value > mark for mark in marks[1:])))


_ROUND = [base * 10.0**power for power in range(-1, 9) for base in (1, 2, 2.5, 5)] + [float("inf")]


def _station(row: Part, lang: str) -> dict[str, Any]:
    lost, colour = is_lost(row), str(row.get("colour") or "")
    band = band_name(row, lang)
    if lost:
        freshness = row.get("freshness")
        band = (
            say(f"source.{freshness}", lang)
            if freshness in ("late", "down", "rejected")
            else say("no_data", lang)
        )
    return {
        "name": text(row.get("name"), lang),
        "lat": row["lat"],
        "lon": row["lon"],
        "text": write.number(row.get("value"), int(row.get("decimals") or 0), lang),
        "band": band,
        "colour": "" if lost else colour,
        "ink": ink(colour) if colour and not lost else "",
        "lost": lost,
        "rank": row.get("value") or 0,
    }
