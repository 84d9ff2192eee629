"""The strips around a scene: the state of the sources above, sentences made from the data below."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from layouts import format as write
from layouts.attributes import data, text
from layouts.panels.tile import mark, state
from layouts.words import say

Part = Mapping[str, Any]
LOOKS = {
    "live": "good",
    "late": "warning",
    "down": "stale",
    "rejected": "critical",
    "never": "stale",
    "not_due": "neutral",
}
ORDER = ("live", "late", "rejected", "down", "never")


def sources(rows: Sequence[Part], lang: str) -> dict[str, Any]:
    """Return the props of the summary: 10 nguồn: 8 bình thường · 1 chậm cập nhật · 1 mất kết nối."""
    counts = Counter(
        "live" if row.get("state") == "not_due" else str(row.get("state") or "never") for row in rows
    )
    said = [html.Span(say("sources.n", lang, n=len(rows)), className="sources-n")]
    for known in ORDER:
        if counts[known]:
            look = LOOKS[known]
            said.append(
                html.Span(
                    [mark(look), html.Span(f"{counts[known]} {say(f'source.{known}', lang)}")],
                    className=f"source ink-{look}",
                )
            )
    return {"children": said}


def header(tiles: Sequence[Part], lang: str) -> dict[str, Any]:
    """Return the props of the readings in a wall's header: 24°C · 0 mm; a silent one says so in grey."""
    said = []
    for part in tiles:
        if part.get("place") != "header":
            continue
        look = state(part)
        number, name = write.compact(
            part.get("value"), str(part.get("unit") or ""), int(part.get("decimals") or 0), lang
        )
        value = f"{number}{'' if name in ('%', '°C') else ' '}{name}".rstrip()
        children: list[Any] = [
            html.Span(str(part.get("short") or part.get("name") or ""), className="head-what"),
            html.Span(value),
        ]
        if look in ("stale", "waiting"):
            children.insert(0, mark("stale"))
        until = write.epoch(part.get("fresh_until")) if look not in ("stale", "waiting") else ""
        said.append(html.Span(children, className=f"head-reading is-{look}", **data(fresh_until=until)))
    return {"children": said}


def attention(tiles: Sequence[Part], lang: str) -> dict[str, Any]:
    """Return the props of a sector's count in the menu: what needs a look, else what is silent."""
    looks = Counter(state(part) for part in tiles)
    for look, count in (
        ("critical", looks["critical"]),
        ("warning", looks["warning"]),
        ("stale", looks["stale"]),
    ):
        if count:
            return {
                "children": [mark(look), str(count)],
                "className": f"nav-count ink-{look}",
                "title": say(f"status.{look}", lang),
            }
    return {"children": [], "className": "nav-count", "title": ""}


def _said(row: Part, lang: str) -> str:
    name, sentence = text(row.get("name"), lang), text(row.get("sentence"), lang)
    return sentence if not name or name.lower() in sentence.lower() else f"{name}: {sentence}"


def sentences(rows: Sequence[Part], down: Sequence[Part], lang: str) -> dict[str, Any]:
    """Return the props of the footer: what the data say, and first the sources that say nothing."""
    lost = [
        html.Span([mark("stale"), html.Span(_said(row, lang))], className="sentence ink-stale")
        for row in down
        if row.get("state") in ("down", "rejected") and row.get("sentence")
    ]
    said = [
        html.Span(str(row["text"] if isinstance(row, Mapping) else row), className="sentence") for row in rows
    ]
    return {"children": [*lost[:1], *said]}


def narration(rows: Sequence[Part], lang: str) -> dict[str, Any]:
    """Return the props of what a sector's numbers say in sentences; each phrase opens the basis of its number."""
    said = []
    for row in rows:
        phrases = row.get("phrases") or []
        text_of = str(row.get("text") or "")
        look = "is-silent" if row.get("sort") == "silent" else ""
        if not phrases or row.get("sort") == "silent":
            said.append(html.P(text_of, className=look))
            continue
        parts: list[Any] = []
        for place, one in enumerate(phrases):
            words = str(one["text"])
            words = words[:1].upper() + words[1:] if place == 0 else words
            end = "." if place == len(phrases) - 1 else ";"
            # the space stands between the buttons: at the end of one a browser drops it
            parts += [" "] if place else []
            parts.append(
                html.Button(words + end, title=say("explain", lang), **data(why=one.get("indicator")))
            )
        said.append(html.P(parts, className=look))
    return {"children": said, "className": "narration" if said else ""}
