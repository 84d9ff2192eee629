"""Declared rules of data/checks.toml: which figures must agree, and how far apart they may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ioc.catalogue import Catalogue
from ioc.declared import Reader, Table, tables
from ioc.errors import DeclarationError
from ioc.indicators.definition import Definition
from ioc.indicators.parts import Pick, part_of, read_pick, stated
from ioc.model import Text

KINDS = ("two_sources", "sum", "exceeds", "percent", "denominator", "impossible", "falls", "jump", "gone")
PERIODS = ("day", "week", "month", "quarter", "year")
BY = ("agency", "category", "channel", "area")
_COMMON = {"kind", "name", "basis"}
_KEYS: Mapping[str, set[str]] = {
    "two_sources": {"variables", "tolerance", "window"},
    "sum": {"total", "parts", "by", "over", "tolerance", "window", "indicator"},
    "exceeds": {"chains", "tolerance", "window"},
    "percent": {"printed", "part", "wholes", "decimals", "window", "indicator"},
    "denominator": {"indicators", "shrinks", "period"},
    "impossible": {"window"},
    "falls": {"variables", "window"},
    "jump": {"variables", "on", "factor"},
    "gone": set(),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One declared rule. Lengths are seconds; shares are parts of one.

    total: an indicator's id or a Pick; parts: the same, which must add up to it; by: the dimension over whose values
    the total's own variable, or the one of parts, must add up. over: "year" where the total is cumulative and adds up
    over the spans of its year. chains: variables of which none may exceed the one before it. printed, part, wholes: a
    published percentage, its numerator, and the totals that it may be of; without wholes no denominator was published.
    decimals: of the printed percentage; None: as many as it shows. shrinks: by how much a denominator must have
    fallen to explain a better rate; period: of the two that are compared ("": the indicator's own, a month where that
    rolls). on: the day (epoch s) from which areas are counted otherwise.
    """

    id: str
    kind: str
    name: Text
    basis: str
    indicator: str = ""
    variables: tuple[str, ...] = ()
    indicators: tuple[str, ...] = ()
    total: str | Pick | None = None
    parts: tuple[str | Pick, ...] = ()
    by: str = ""
    over: str = ""
    chains: tuple[tuple[str, ...], ...] = ()
    printed: Pick | None = None
    part: Pick | None = None
    wholes: tuple[Pick, ...] = ()
    decimals: int | None = None
    tolerance: float = 0.0
    window: float = 0.0
    shrinks: float = 0.0
    period: str = ""
    on: int = 0
    factor: float = 1.5

    @property
    def picks(self) -> tuple[Pick, ...]:
        """The series that it looks at."""
        told = (self.total, *self.parts, self.printed, self.part, *self.wholes)
        linked = dict.fromkeys(variable for chain in self.chains for variable in chain)
        return (*(one for one in told if isinstance(one, Pick)), *map(Pick, linked))

    @property
    def asked(self) -> tuple[str, ...]:
        """The indicators that it asks for."""
        told = (self.total, *self.parts, *self.indicators)
        return tuple(one for one in told if isinstance(one, str))


def load_rules(
    data: Path, catalogue: Catalogue, definitions: Mapping[str, Definition]
) -> tuple[dict[str, Rule], list[DeclarationError]]:
    """Read data/checks.toml; a rule that names what does not exist is a fault and left out."""
    faults: list[DeclarationError] = []
    rules: dict[str, Rule] = {}
    for table in tables(data, "checks.toml", faults):
        try:
            rule = _read(table)
            _cross_check(table, rule, catalogue, definitions)
        except DeclarationError as fault:
            faults.append(fault)
        else:
            rules[rule.id] = rule
    return rules, faults


def _read(table: Table) -> Rule:
    head = Reader(table, set(), others=True)
    kind = head.one_of("kind", KINDS)
    body = Reader(table, _COMMON | _KEYS[kind])
    more: dict[str, Any] = {}
    for key in ("variables", "indicators"):
        if key in table.body:
            more[key] = tuple(str(one) for one in body.get(key, list))
    for key in ("tolerance", "shrinks", "factor"):
        if key in table.body:
            more[key] = body.number(key, float)
    if kind == "sum":
        more["total"] = _figure(body, "total", body.get("total", dict))
        more["by"] = body.one_of("by", BY, "") if "by" in table.body else ""
        parts = body.get("parts", list, [])
        more["parts"] = tuple(_figure(body, f"parts[{n}]", raw) for n, raw in enumerate(parts, 1))
        if not more["by"] and not more["parts"]:
            raise body.fault("parts", "parts were expected, or by")
        if more["by"] and (len(more["parts"]) > 1 or not all(isinstance(one, Pick) for one in more["parts"])):
            raise body.fault("parts", "beside by no more than the one variable that is divided was expected")
        if more["by"] and isinstance(more["total"], str):
            raise body.fault("by", "a total of a variable was expected: an indicator says its parts")
        if "over" in table.body:
            more["over"] = body.one_of("over", ("year",))
            if len(more["parts"]) != 1 or not all(
                isinstance(one, Pick) for one in (more["total"], *more["parts"])
            ):
                raise body.fault(
                    "over", "a variable as total and one as parts were expected: what each span brought"
                )
    if kind == "exceeds":
        more["chains"] = _chains(body)
    if kind == "percent":
        more["printed"] = read_pick(body, "printed", body.get("printed", dict))
        if "part" in table.body:
            more["part"] = read_pick(body, "part", body.get("part", dict))
        wholes = body.get("wholes", list, [])
        more["wholes"] = tuple(read_pick(body, f"wholes[{n}]", raw) for n, raw in enumerate(wholes, 1))
        more["decimals"] = body.number("decimals", int) if "decimals" in table.body else None
    if kind == "denominator" and not more.get("indicators"):
        raise body.fault("indicators", "the shares whose denominators are watched were expected")
    if kind == "denominator" and "period" in table.body:
        more["period"] = body.one_of("period", PERIODS)
    if kind == "jump":
        if not more.get("variables"):
            raise body.fault("variables", "the variables whose totals must not jump were expected")
        more["on"] = _day(body)
    return Rule(
        table.id,
        kind,
        body.text("name"),
        stated(body, "basis", "why these figures must agree was expected"),
        indicator=body.get("indicator", str, "") if "indicator" in _KEYS[kind] else "",
        window=(body.length("window", None) or 0.0) if "window" in _KEYS[kind] else 0.0,
        **more,
    )


def _chains(body: Reader) -> tuple[tuple[str, ...], ...]:
    chains = body.get("chains", list)
    for n, chain in enumerate(chains, 1):
        if not isinstance(chain, list) or len(chain) < 2 or not all(isinstance(one, str) for one in chain):
            raise body.fault(
                f"chains[{n}]", "at least two variables were expected, the whole before its part"
            )
    if not chains:
        raise body.fault("chains", 'a list such as [["documents_sent", "documents_signed"]] was expected')
    return tuple(tuple(chain) for chain in chains)


def _day(body: Reader) -> int:
    body.get("on", object)
    return body.day("on", date.min)


def _figure(body: Reader, key: str, raw: Any) -> str | Pick:
    if isinstance(raw, dict) and "indicator" in raw:
        return str(part_of(body, key, raw, {"indicator"}).get("indicator", str))
    return read_pick(body, key, raw)


def _cross_check(
    table: Table, rule: Rule, catalogue: Catalogue, definitions: Mapping[str, Definition]
) -> None:
    for pick in (*rule.picks, *(Pick(variable) for variable in rule.variables)):
        if pick.variable not in catalogue.variables:
            raise DeclarationError(
                table.file, table.id, "variable", f"{pick.variable!r} is not declared in variables.toml"
            )
    for indicator in (*rule.asked, *([rule.indicator] if rule.indicator else [])):
        if indicator not in definitions:
            raise DeclarationError(
                table.file, table.id, "indicator", f"no usable indicator {indicator!r} is declared"
            )
    for indicator in rule.indicators:
        if not definitions[indicator].is_share:
            raise DeclarationError(
                table.file, table.id, "indicators", f"{indicator!r} is no share: it has no denominator"
            )
