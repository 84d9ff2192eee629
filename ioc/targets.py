"""Targets as assigned: those of indicators and those of data/targets.toml, of which each stands somewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ioc.boards import LANGUAGES
from ioc.calendar import day_start, local_date, local_day
from ioc.declared import Reader, Table
from ioc.errors import DeclarationError
from ioc.indicators import path
from ioc.indicators.definition import Definition
from ioc.indicators.judge import Number
from ioc.indicators.question import Question
from ioc.indicators.reading import Reading
from ioc.indicators.snapshot import Snapshot
from ioc.model import Text
from ioc.product import Declared, Product

PILLARS: Mapping[str, Text] = {
    "government": Text("Chính quyền số", "Digital government"),
    "economy": Text("Kinh tế số", "Digital economy"),
    "society": Text("Xã hội số", "Digital society"),
}
STATED = ("not_started", "going", "met", "missed")
"""What an owner may state of a target that nothing measures."""
STATUSES = (*STATED, "unknown")


@dataclass(frozen=True, slots=True)
class Declaration:
    """A declared target. value: None for one that is no number. status: as its owner states it, "" where an
    indicator measures it.
    """

    id: str
    name: Text
    pillar: str
    by: int
    basis: str
    owner: str
    value: float | None = None
    unit: str = ""
    status: str = ""
    indicator: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a target stands. reading and state are absent where no indicator measures it."""

    id: str
    name: Text
    pillar: str
    sector: str
    by: int
    value: float | None
    unit: str
    basis: str
    owner: str
    status: str
    indicator: str = ""
    decimals: int = 0
    reading: Reading | None = None
    state: path.TargetState | None = None
    points: tuple[tuple[int, float], ...] = field(default=())


def read_targets(declared: Declared) -> tuple[dict[str, Declaration], list[DeclarationError]]:
    """Read data/targets.toml; a faulty table is left out."""
    found: dict[str, Declaration] = {}
    faults: list[DeclarationError] = []
    for table in declared.catalogue.targets.values():
        try:
            found[table.id] = _read(table, declared)
        except DeclarationError as fault:
            faults.append(fault)
    return found, faults


def check_targets(declared: Declared) -> list[DeclarationError]:
    """List the faults of the declared targets."""
    return read_targets(declared)[1]


def _read(table: Table, declared: Declared) -> Declaration:
    body = Reader(
        table, {"name", "short", "pillar", "by", "value", "unit", "basis", "owner", "status", "indicator"}
    )
    indicator = body.get("indicator", str, "")
    if indicator and indicator not in declared.definitions:
        raise body.fault("indicator", f"no usable indicator {indicator!r} is declared")
    if indicator and "status" in table.body:
        raise body.fault("status", f"none was expected: {indicator} says how it stands")
    value = body.optional_number("value")
    by = body.number("by", int)
    if indicator and value is None:
        value = next((one.value for one in declared.definitions[indicator].targets if one.by == by), None)
        if value is None:
            raise body.fault("value", f"a number was expected: {indicator} has no target by {by}")
    owner, basis = body.get("owner", str), body.get("basis", str)
    if not declared.agencies.knows(owner):
        raise body.fault("owner", f"no agency {owner!r} is declared in agencies.toml")
    if not basis.strip():
        raise body.fault("basis", "the document that assigns it was expected")
    unit = body.get("unit", str, declared.definitions[indicator].unit if indicator else "")
    if value is not None and not unit:
        raise body.fault("unit", "the unit of value was expected")
    return Declaration(
        table.id,
        body.text("name"),
        body.one_of("pillar", tuple(PILLARS)),
        by,
        basis,
        owner,
        value,
        unit,
        "" if indicator else body.one_of("status", STATED),
        indicator,
    )


def standings(product: Product, now: int, snapshot: Snapshot, as_of: int | None = None) -> Iterator[Standing]:
    """Yield where each target stands at an instant (epoch s), the declared ones first, as known at as_of (epoch ms)."""
    readings: dict[str, Reading] = {}

    def read(indicator: str) -> Reading:
        if indicator not in readings:
            asked = Question(as_of=as_of)
            readings[indicator] = product.engine.read(indicator, asked, now, snapshot=snapshot, compare=False)
        return readings[indicator]

    year = local_date(now if as_of is None else as_of / 1000).year
    declared = read_targets(product)[0]
    for one in declared.values():
        definition = product.definitions[one.indicator] if one.indicator else None
        yield _standing(one, definition, read(one.indicator) if definition else None, year)
    told = {(one.indicator, one.by) for one in declared.values()}
    for definition in product.definitions.values():
        for target in definition.targets:
            if (definition.id, target.by) in told:
                continue
            name, unit = definition.name, definition.unit
            own = Declaration(
                f"{definition.id}.{target.by}", name, "", target.by, target.basis, definition.owner,
                target.value, unit, "", definition.id,
            )  # fmt: skip
            yield _standing(own, definition, read(definition.id), year)


def _standing(
    one: Declaration, definition: Definition | None, reading: Reading | None, year: int
) -> Standing:
    status = one.status
    if definition is not None and reading is not None:
        status = _status(definition, reading.value, reading.bound, one, year)
    return Standing(
        one.id, one.name, one.pillar, definition.sector if definition else "", one.by, one.value, one.unit, one.basis,
        one.owner, status, one.indicator, definition.decimals if definition else 0, reading,
        reading.target if reading and reading.target and reading.target.by == one.by else None,
        tuple(path.points(definition)) if definition else (),
    )  # fmt: skip


def _status(
    definition: Definition, value: Number | None, bound: str | None, one: Declaration, year: int
) -> str:
    """Return how a measured target stands: met by the value, missed once its year is over, unknown without one."""
    if value is not None and one.value is not None and path.met(definition, value, bound, one.value):
        return "met"
    if value is None:
        return "unknown"
    return "missed" if year > one.by else "going"


def document(one: Standing) -> dict[str, Any]:
    """Return where a target stands as the read API and the boards state it."""
    reading, state = one.reading, one.state
    told = None if reading is None else reading.document()
    return {
        "id": one.id,
        "name": {"vi": one.name.vi, "en": one.name.en},
        "pillar": one.pillar or None,
        "pillar_name": None
        if not one.pillar
        else {"vi": PILLARS[one.pillar].vi, "en": PILLARS[one.pillar].en},
        "sector": one.sector or None,
        "by": one.by,
        "value": one.value,
        "unit": one.unit or None,
        "decimals": one.decimals,
        "basis": one.basis,
        "owner": one.owner,
        "status": one.status,
        "indicator": one.indicator or None,
        "reading": None
        if told is None
        else {
            name: told[name] for name in ("value", "bound", "period", "status", "freshness", "reported_at")
        },
        "gap": None if state is None else state.gap,
        "required": None if state is None else state.required,
        "required_slope": None if state is None else state.required_slope,
        "on_track": None if state is None else state.on_track,
        "path": [{"year": year, "value": value} for year, value in one.points],
    }


def of_board(product: Product, now: int, snapshot: Snapshot) -> tuple[dict[str, Any], float | None]:
    """Return the list of targets as a part of a board, by pillar and year, and when it changes by itself (epoch s)."""
    found = list(standings(product, now, snapshot))
    order = {pillar: position for position, pillar in enumerate(PILLARS)}
    found.sort(key=lambda one: (order.get(one.pillar, len(order)), one.by, one.id))
    until = [
        one.reading.valid_until
        for one in found
        if one.reading is not None and one.reading.valid_until is not None
    ]
    keys = ("id", "name", "pillar_name", "by", "value", "unit", "decimals", "status")
    rows = []
    for one in found:
        told, owner = document(one), product.agencies.agency(one.owner).name
        reading = told["reading"] or {"value": None, "bound": None}
        rows.append(
            {name: told[name] for name in keys}
            | {"owner": {lang: owner.say(lang, short=True) for lang in LANGUAGES}}
            | {"reading": {"value": reading["value"], "bound": reading["bound"]}}
        )
    return {"rows": rows}, min([*until, day_start(local_day(now) + 1)])
