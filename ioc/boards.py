"""Boards: which parts a declared board has, and the document that its parts make in one language.

A part is a JSON object that carries instants, never ages, and texts in both languages as {"vi", "en"};
a document is the same with one language chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any

from ioc.declared import Reader, Table
from ioc.errors import DeclarationError
from ioc.indicators.definition import Definition
from ioc.model import Text
from ioc.narration.board import footer, told_by
from ioc.product import Declared

LANGUAGES = ("vi", "en")
TILE_KEYS = {"indicator", "place", "area", "agency", "site", "category", "channel", "period", "spark", "span"}
PANEL_KEYS = {
    "kind", "place", "name", "indicator", "area", "agency", "site", "category", "channel", "period", "grain", "span", "by",
    "stations", "warnings", "limit", "rows", "share_of", "audience",
}  # fmt: skip
PANEL_KINDS = (
    "trend",
    "ranking",
    "map",
    "stations",
    "table",
    "funnel",
    "groups",
    "histogram",
    "pareto",
    "target",
    "targets",
    "quality",
    "contradictions",
    "overnight",
    "workday",
)
OF_NO_INDICATOR = ("targets", "quality", "contradictions", "overnight", "workday")
"""Panels about all targets, about the data themselves, and about the night and the day."""
GRAINS = ("hour", "day", "week", "month", "quarter", "year")
BY = (
    "area",
    "agency",
    "responsible",
    "holder",
    "site",
    "category",
    "channel",
    "step",
    "received_by",
    "procedure",
    "age",
)
WALL = (4, 5, 6)
"""How many panels of a sector's board stand on the wall."""
QUESTION_KEYS = ("area", "agency", "site", "category", "channel", "period")
_SPARK: Mapping[str, tuple[str, float]] = {
    "hour": ("hour", 24 * 3600.0),
    "last_24h": ("hour", 24 * 3600.0),
    "week": ("week", 12 * 7 * 86400.0),
    "month": ("month", 395 * 86400.0),
    "report": ("month", 395 * 86400.0),
    "quarter": ("quarter", 3 * 366 * 86400.0),
    "year": ("year", 6 * 366 * 86400.0),
}
_SPARK_OTHERWISE = ("day", 30 * 86400.0)


@dataclass(frozen=True, slots=True)
class PartPlan:
    """One declared part of a board: a tile or a panel of a kind.

    key says what is computed, so that two boards share it; id names it on its board. asked are the
    dimensions and the period of its question. grain and span_s: of its series, span in seconds.
    """

    id: str
    key: str
    kind: str
    place: str
    indicator: str
    asked: Mapping[str, str]
    name: Text | None = None
    grain: str = "day"
    span_s: float = 0.0
    by: str = ""
    stations: str = ""
    warnings: str = ""
    limit: Mapping[str, Any] | None = None
    rows: int = 0


@dataclass(frozen=True, slots=True)
class BoardPlan:
    """One declared board. sentences: texts with {indicator} and {indicator.field} to be filled in; wall: panels on it."""

    id: str
    name: Text
    audience: str
    parts: tuple[PartPlan, ...]
    sentences: tuple[Text, ...]
    wall: int = 4


def read_boards(declared: Declared) -> tuple[dict[str, BoardPlan], list[DeclarationError]]:
    """Read every board; a part that names what does not exist is a fault and left out, the rest stands."""
    boards: dict[str, BoardPlan] = {}
    faults: list[DeclarationError] = []
    for table in declared.catalogue.boards.values():
        try:
            boards[table.id] = _read_board(table, declared, faults)
        except DeclarationError as fault:
            faults.append(fault)
    return boards, faults


def check_boards(declared: Declared) -> list[DeclarationError]:
    """List the faults of the declared boards."""
    return read_boards(declared)[1]


def _read_board(table: Table, declared: Declared, faults: list[DeclarationError]) -> BoardPlan:
    body = Reader(table, {"name", "audience", "tile", "panel", "sentence", "wall"})
    parts: list[PartPlan] = []
    for read, rows in ((_read_tile, body.get("tile", list, [])), (_read_panel, body.get("panel", list, []))):
        for position, raw in enumerate(rows):
            one = Table(f"{table.id}.{read.__name__.removeprefix('_read_')} {position + 1}", table.file, raw)
            try:
                parts.append(read(one, declared, len(parts)))
            except DeclarationError as fault:
                faults.append(fault)
    sentences = []
    for position, raw in enumerate(body.get("sentence", list, [])):
        one = Table(f"{table.id}.sentence {position + 1}", table.file, raw)
        try:
            sentences.append(_read_sentence(one, parts))
        except DeclarationError as fault:
            faults.append(fault)
    wall = body.number("wall", int, 4)
    if wall not in WALL:
        raise body.fault("wall", f"one of {', '.join(map(str, WALL))} panels was expected, not {wall}")
    audience = body.get("audience", str, "leaders")
    return BoardPlan(table.id, body.text("name"), audience, tuple(parts), tuple(sentences), wall)


def _read_sentence(table: Table, parts: list[PartPlan]) -> Text:
    body = Reader(table, set(LANGUAGES))
    text = Text(body.get("vi", str), body.get("en", str, "") or body.get("vi", str))
    shown = {part.indicator for part in parts if part.kind == "tile" and not part.asked}
    for lang in LANGUAGES:
        try:
            names = [name for _, name, _, _ in Formatter().parse(text.say(lang)) if name is not None]
        except ValueError as error:
            raise body.fault(lang, f"a text with {{indicator}} in it was expected: {error}") from None
        for name in names:
            if name.partition("__")[0] not in shown:
                raise body.fault(
                    lang, f"{{{name}}} names no tile of this board that asks for the whole province"
                )
    return text


def _read_tile(table: Table, declared: Declared, position: int) -> PartPlan:
    body = Reader(table, TILE_KEYS)
    indicator = _indicator(body, declared)
    definition = declared.definitions[indicator]
    grain, span = _SPARK_OTHERWISE if definition.stock else _SPARK.get(definition.period, _SPARK_OTHERWISE)
    grain = body.one_of("spark", (*GRAINS, "none"), grain)
    span_s = body.length("span", span) or span
    asked = _asked(body)
    key = _key("tile", indicator, asked, grain, span_s)
    place = body.one_of("place", ("left", "middle", "right", "row", "header"), "row")
    return PartPlan(
        _id(table, indicator, asked), key, "tile", place, indicator, asked, grain=grain, span_s=span_s
    )


def _read_panel(table: Table, declared: Declared, position: int) -> PartPlan:
    body = Reader(table, PANEL_KEYS)
    kind = body.one_of("kind", PANEL_KINDS)
    if kind in OF_NO_INDICATOR:
        return _read_of_data(body, kind)
    indicator = _indicator(body, declared)
    _fits(body, kind, declared.definitions[indicator])
    asked = _asked(body)
    grain = body.one_of("grain", GRAINS, "year" if kind == "target" else "day")
    span_s = body.length("span", 21 * 86400.0) or 0.0
    by = body.one_of(
        "by",
        BY,
        {
            "map": "area",
            "stations": "site",
            "ranking": "responsible",
            "histogram": "age",
            "pareto": "category",
        }.get(kind, "area"),
    )
    stations = body.get("stations", str, "")
    if stations and stations not in declared.definitions:
        raise body.fault("stations", f"no indicator {stations!r} is declared")
    warnings = body.get("warnings", str, "")
    if warnings and (warnings not in declared.definitions or declared.definitions[warnings].shape != "event"):
        raise body.fault("warnings", f"an indicator of events was expected, not {warnings!r}")
    limit = body.get("limit", dict, {}) or None
    name = body.text("name") if "name" in table.body else None
    return PartPlan(
        _id(table, f"{kind}-{indicator}-{by}", asked),
        _key(kind, indicator, asked, grain, span_s, by, stations, warnings),
        kind,
        body.one_of("place", ("left", "middle", "right", "row"), "row"),
        indicator,
        asked,
        name,
        grain,
        span_s,
        by,
        stations,
        warnings,
        limit,
        body.number("rows", int, 0),
    )


def _fits(body: Reader, kind: str, definition: Definition) -> None:
    """Refuse a funnel of what is none, and the path of what has no target."""
    composite = definition.composite
    if kind == "funnel" and (composite is None or composite.kind != "funnel"):
        raise body.fault("indicator", f"an indicator with a funnel was expected, not {definition.id}")
    if kind == "groups" and (composite is None or composite.kind != "index_766"):
        raise body.fault("indicator", f"an indicator with index_766 was expected, not {definition.id}")
    if kind == "histogram" and not definition.ages:
        raise body.fault("indicator", f"a stock with ages was expected, not {definition.id}")
    if kind == "target" and not definition.targets:
        raise body.fault("indicator", f"an indicator with a target was expected, not {definition.id}")


def _read_of_data(body: Reader, kind: str) -> PartPlan:
    """Read a panel about the data themselves: it asks no indicator."""
    rows = body.number("rows", int, 8)
    place = body.one_of("place", ("left", "middle", "right", "row"), "row")
    return PartPlan(kind, f"{kind}|{rows}", kind, place, "", {}, body.text("name"), rows=rows)


def _indicator(body: Reader, declared: Declared) -> str:
    indicator = str(body.get("indicator", str))
    if indicator not in declared.definitions:
        raise body.fault("indicator", f"no usable indicator {indicator!r} is declared")
    return indicator


def _asked(body: Reader) -> dict[str, str]:
    return {key: str(body.get(key, str)) for key in QUESTION_KEYS if key in body.table.body}


def _key(*parts: Any) -> str:
    return "|".join(
        ",".join(f"{k}={v}" for k, v in sorted(p.items())) if isinstance(p, dict) else str(p) for p in parts
    )


def _id(table: Table, name: str, asked: Mapping[str, str]) -> str:
    return "-".join((name, *asked.values())).replace("|", "-").replace(" ", "_")


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
