"""The document that a board's parts make in one language, as it is served.

A part is a JSON object that carries instants, never ages, and texts in both languages as {"vi", "en"};
a document is the same with one language chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ioc.boards import BoardPlan, PartPlan
from ioc.model import Text
from ioc.narration.board import footer, told_by
from ioc.product import Declared


def document(
    plan: BoardPlan,
    parts: Mapping[str, Mapping[str, Any]],
    sources: list[Mapping[str, Any]],
    declared: Declared,
    lang: str,
    written: Callable[[PartPlan, Mapping[str, Any], str], Any] | None = None,
) -> dict[str, Any]:
    """Put a board's parts together in one language; parts are by PartPlan.key, a missing one is left out.

    written: gives a part that was put into words before, in place of saying it anew.
    """
    province = declared.territory.province(declared.province.code)
    emblem = declared.province.emblem
    made: dict[str, list[Any]] = {"tiles": [], "panels": []}
    for part in plan.parts:
        found = parts.get(part.key)
        if found is None:
            continue
        told = written(part, found, lang) if written else said(part, found, declared, lang)
        made["tiles" if part.kind == "tile" else "panels"].append(told)
    narration = (
        told_by(plan.parts, parts, declared.definitions, lang)
        if plan.id in declared.catalogue.sectors
        else []
    )
    return {
        "id": plan.id,
        "lang": lang,
        "name": plan.name.say(lang),
        "audience": plan.audience,
        "wall": plan.wall,
        "simulated": declared.catalogue.simulated,
        "province": {
            "code": province.code,
            "name": province.full_name,
            "title": declared.province.title.say(lang),
            "emblem": emblem.name if emblem else None,
        },
        "sources": [say(source, lang) for source in sources],
        **made,
        "sentences": list(_sentences(plan, parts, lang)) or footer(narration),
        "narration": narration,
    }


def said(part: PartPlan, found: Mapping[str, Any], declared: Declared, lang: str) -> dict[str, Any]:
    """Put one part into words of a language, with what its plan says of it."""
    head = {
        "id": part.id,
        "kind": part.kind,
        "place": part.place,
        **_about(part, declared, lang),
        "rows_shown": part.rows,
        "limit": None if part.limit is None else say(part.limit, lang),
    }
    return {**head, **say(found, lang)}


def _about(part: PartPlan, declared: Declared, lang: str) -> dict[str, Any]:
    """Return what a part is called and which sector it belongs to; one about the data belongs to none."""
    if not part.indicator:
        name = part.name or Text(part.kind, part.kind)
        return {"sector": "", "sector_name": "", "name": name.say(lang), "short": name.say(lang, short=True)}
    definition = declared.definitions[part.indicator]
    sector = declared.catalogue.sectors.get(definition.sector)
    name = part.name or definition.name
    return {
        "sector": definition.sector,
        "sector_name": sector.name.say(lang) if sector else definition.sector,
        "name": name.say(lang),
        "short": name.say(lang, short=True),
        "decimals": definition.decimals,
        "better": definition.better,
    }


def say(value: Any, lang: str) -> Any:
    """Choose the language wherever a text stands as {"vi", "en"}."""
    if isinstance(value, Mapping):
        if "vi" in value and set(value) <= {"vi", "en"}:
            return value.get(lang) or value["vi"]
        return {key: say(part, lang) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [say(part, lang) for part in value]
    return value


def _sentences(
    plan: BoardPlan, parts: Mapping[str, Mapping[str, Any]], lang: str
) -> Iterator[dict[str, str]]:
    """Fill the declared sentences; one with a part that has no usable value is left out."""
    tiles = {
        part.indicator: parts.get(part.key, {})
        for part in plan.parts
        if part.kind == "tile" and not part.asked
    }
    for text in plan.sentences:
        wanted = text.say(lang)
        filled = _Filled(tiles, lang)
        try:
            sentence = wanted.format_map(filled)
        except (KeyError, ValueError, IndexError, TypeError, AttributeError):
            continue
        if filled.first and not filled.idle:
            yield {"text": sentence, "indicator": filled.first}


class _Filled(dict[str, Any]):
    """Gives a sentence its numbers; idle where the first of them is nought, so that nothing is worth saying."""

    def __init__(self, tiles: Mapping[str, Mapping[str, Any]], lang: str) -> None:
        super().__init__()
        self.tiles, self.lang, self.first, self.idle = tiles, lang, "", False

    def __missing__(self, name: str) -> Any:
        indicator, _, field = name.partition("__")
        tile = self.tiles.get(indicator, {})
        value = tile.get(field or "value")
        if value is None or tile.get("status") == "stale":
            raise KeyError(name)
        if not self.first:
            self.first, self.idle = indicator, not value
        text = value.get(self.lang, value.get("vi")) if isinstance(value, Mapping) else value
        return _number(text, self.lang) if isinstance(text, int | float) else text


def _number(value: float, lang: str) -> str:
    text = f"{value:,.1f}".removesuffix(".0") if isinstance(value, float) else f"{value:,}"
    return text if lang == "en" else text.translate(str.maketrans(",.", ".,"))
