"""A published board as the parts of a screen: each part's props and hash, compressed once per version."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import brotli
import orjson
from dash.development.base_component import Component

from layouts.markup import attributes, to_html
from layouts.panels import (
    figure,
    funnel,
    groups,
    histogram,
    morning,
    ranking,
    stations,
    strips,
    table,
    target,
    tile,
    trend,
    trust,
)
from layouts.panels import map as maps

Document = Mapping[str, Any]
Props = dict[str, Any]
SURFACES = ("wall", "desk")

WALL: dict[str, Callable[[Document, str], Props]] = {
    "trend": trend.draw,
    "ranking": lambda part, lang: ranking.draw(part, lang, rows=_fitting(part)),
    "stations": lambda part, lang: stations.draw(part, lang, rows=int(part.get("rows_shown") or 6)),
    "table": lambda part, lang: table.draw(part, lang, rows=int(part.get("rows_shown") or 8)),
    "funnel": funnel.draw,
    "groups": groups.draw,
    "histogram": histogram.draw,
    "pareto": lambda part, lang: ranking.draw(part, lang, rows=_fitting(part)),
    "target": target.draw,
    "targets": lambda part, lang: target.listed(part, lang, rows=int(part.get("rows_shown") or 10)),
    "quality": lambda part, lang: trust.scores(part, lang, rows=int(part.get("rows_shown") or 10)),
    "overnight": lambda part, lang: morning.overnight(part, lang, rows=int(part.get("rows_shown") or 9)),
    "workday": lambda part, lang: morning.workday(part, lang, rows=int(part.get("rows_shown") or 8)),
    "contradictions": lambda part, lang: trust.contradictions(
        part, lang, rows=int(part.get("rows_shown") or 6)
    ),
}
DESK: dict[str, Callable[[Document, str], Props]] = {
    "trend": figure.draw,
    "ranking": lambda part, lang: ranking.draw(part, lang, rows=8),
    "stations": stations.draw,
    "table": table.draw,
    "funnel": funnel.draw,
    "groups": groups.draw,
    "histogram": histogram.draw,
    "pareto": lambda part, lang: ranking.draw(part, lang, rows=8),
    "target": target.draw,
    "targets": target.listed,
    "quality": trust.scores,
    "contradictions": trust.contradictions,
    "overnight": morning.overnight,
    "workday": morning.workday,
}


def _fitting(part: Document) -> int:
    """Return how many rows of each list of a ranking a panel of the wall holds: of two lists five each."""
    rows = int(part.get("rows_shown") or 5)
    return min(rows, 5) if len(part.get("groups") or []) > 1 else rows


@dataclass(frozen=True, slots=True)
class Screen:
    """The bytes of one board in one language for one surface, by content coding; tag names them strongly."""

    tag: str
    version: str
    bodies: Mapping[str, bytes]


def build(document: Document, lang: str, surface: str, version: str) -> Screen:
    """Build the screen of a board: its parts as bytes, raw, gzip and br."""
    drawn = {name: dump(told(props)) for name, props in parts(document, lang, surface).items()}
    hashed = {
        name: {"hash": hashlib.sha256(part).hexdigest()[:16], "part": orjson.Fragment(part)}
        for name, part in drawn.items()
    }
    raw = orjson.dumps({"version": version, "parts": hashed})
    bodies = {
        "identity": raw,
        "gzip": gzip.compress(raw, 6, mtime=0),
        "br": brotli.compress(raw, quality=5),
    }
    return Screen(hashlib.sha256(raw).hexdigest()[:20], version, bodies)


def told(props: Props) -> dict[str, Any]:
    """Return a part as it is sent: its HTML and attributes, or its props where a component needs Dash."""
    try:
        return {"html": to_html(props.get("children")), "attributes": attributes(props)}
    except TypeError:
        return {"props": props}


def parts(document: Document, lang: str, surface: str) -> dict[str, Props]:
    """Return the props of every component of a board's screen, by component id."""
    board, kinds = document["id"], WALL if surface == "wall" else DESK
    drawn: dict[str, Props] = {}
    for part in document.get("tiles") or []:
        drawn[part_id(board, part)] = tile.draw(part, lang, wall=surface == "wall")
    for part in document.get("panels") or []:
        name = part_id(board, part)
        if part["kind"] == "map":
            drawn[f"{name}-head"] = maps.head(part, lang)
            drawn[name] = maps.draw(part, lang)
        elif part["kind"] in kinds:
            silent = part.get("freshness") in ("late", "down", "rejected")
            drawn[name] = {**kinds[part["kind"]](part, lang), "data-stale": "1" if silent else ""}
    rows = document.get("sources") or []
    drawn[f"{board}-sentences"] = strips.sentences(document.get("sentences") or [], rows, lang)
    if surface == "desk":
        drawn[f"{board}-narration"] = strips.narration(document.get("narration") or [], lang)
        drawn[f"nav-{board}"] = strips.attention(document.get("tiles") or [], lang)
    if board == "overview":
        drawn["all-sources"] = strips.sources(rows, lang)
        drawn["head-readings"] = strips.header(document.get("tiles") or [], lang)
    return drawn


def part_id(board: str, part: Document) -> str:
    """Return the component id of a tile or a panel; Dash allows neither dot nor brace in it."""
    kind = "tile" if is_tile(part) else "panel"
    return re.sub(r"[^\w-]+", "-", f"{board}-{kind}-{part['id']}")


def is_tile(part: Document) -> bool:
    """Return whether a part is a tile; panels say their kind."""
    return part.get("kind", "tile") == "tile"


def structure(document: Document) -> str:
    """Return a hash of what a board consists of and of what draws it; when it changes, a page is loaded anew."""
    named = [
        [part["id"], part.get("kind"), part.get("place"), part.get("sector")]
        for part in [*(document.get("tiles") or []), *(document.get("panels") or [])]
    ]
    board = [document["id"], document.get("name"), document.get("wall"), bool(document.get("simulated"))]
    named_parts = [release(), *board, named]
    return hashlib.sha256(dump(named_parts)).hexdigest()[:16]


@cache
def release() -> str:
    """Return a hash of the code and the assets of the screens: a wall that stays open for months must notice an update."""
    home = Path(__file__).parent
    files = sorted(path for path in home.rglob("*") if path.suffix in (".py", ".js", ".css"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]


def dump(value: Any) -> bytes:
    """Write JSON; components become what the browser's renderer reads."""
    return orjson.dumps(value, default=_component)


def _component(value: Any) -> Any:
    if isinstance(value, Component):
        return value.to_plotly_json()
    raise TypeError(f"{type(value).__name__} is no part of a screen")
