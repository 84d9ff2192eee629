"""Boards: which parts a declared board has, and what each of them asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any

from ioc.declared import Reader, Table
from ioc.errors import DeclarationError
from ioc.indicators.definition import Definition
from ioc.model import Text
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
