"""Indicators made of indicators, as declared: a change, a funnel, an index, the index of Decision 766 from its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ioc.calendar import Calendar, Period, previous, same_last_year
from ioc.declared import Reader
from ioc.indicators.parts import part_of

KINDS = ("change", "funnel", "index", "index_766")
AGAINST = ("previous", "same_period_last_year")
AS = ("percent", "difference")
MISSING = ("refuse", "reweigh", "zero")


@dataclass(frozen=True, slots=True)
class Part:
    """An indicator that another is made of; low is worth 0 and high 100 (low may lie above high), None: as it is.

    code: which part of the index of Decision 766 it measures; "" for the official score beside them.
    """

    indicator: str
    weight: float = 1.0
    low: float | None = None
    high: float | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Composite:
    """What an indicator makes of others.

    kind: one of KINDS. against and as_ say of a change what it is measured against and how it is stated; missing
    says of an index what becomes of a part without a value.
    """

    kind: str
    parts: tuple[Part, ...]
    against: str = ""
    as_: str = ""
    missing: str = ""

    @property
    def ids(self) -> tuple[str, ...]:
        """The indicators it is made of, in their order."""
        return tuple(part.indicator for part in self.parts)


def read_composite(body: Reader) -> Composite:
    """Read what an indicator makes of others; raises DeclarationError."""
    given = [kind for kind in KINDS if kind in body.table.body]
    if len(given) != 1:
        raise body.fault(given[1] if given else "of", f"exactly one of {', '.join(KINDS)} was expected")
    return {"change": _change, "funnel": _funnel, "index": _index, "index_766": _index_766}[given[0]](body)


def _change(body: Reader) -> Composite:
    part = part_of(body, "change", body.get("change", dict), {"of", "against", "as"})
    stated = part.one_of("as", AS)
    if stated == "percent" and body.get("unit", str) != "%":
        raise body.fault("unit", "% was expected: the change is stated in per cent")
    return Composite("change", (Part(part.get("of", str)),), part.one_of("against", AGAINST), stated)


def _funnel(body: Reader) -> Composite:
    ids = body.get("funnel", list)
    if len(ids) < 2 or len(set(map(str, ids))) < len(ids) or not all(isinstance(id, str) for id in ids):
        raise body.fault("funnel", f"at least two different indicators were expected, not {ids!r}")
    if body.get("unit", str) != "%":
        raise body.fault("unit", "% was expected: the value is the share of the weakest step")
    return Composite("funnel", tuple(Part(id) for id in ids))


def _index(body: Reader) -> Composite:
    declared = part_of(body, "index", body.get("index", dict), {"parts", "missing"})
    parts: list[Part] = []
    for position, raw in enumerate(declared.get("parts", list)):
        one = part_of(declared, f"parts {position + 1}", raw, {"indicator", "weight", "low", "high"})
        part = Part(
            one.get("indicator", str),
            one.number("weight", float),
            one.optional_number("low"),
            one.optional_number("high"),
        )
        if part.weight <= 0:
            raise one.fault("weight", f"a weight above nought was expected, not {part.weight:g}")
        if (part.low is None) != (part.high is None) or (part.low is not None and part.low == part.high):
            raise one.fault("high", "low and high, which differ, were expected: what is worth 0 and what 100")
        parts.append(part)
    if not parts or len({part.indicator for part in parts}) < len(parts):
        raise declared.fault("parts", "at least one part was expected, each indicator once")
    return Composite("index", tuple(parts), missing=declared.one_of("missing", MISSING))


def _index_766(body: Reader) -> Composite:
    declared = part_of(body, "index_766", body.get("index_766", dict), {"official", "parts"})
    told = declared.get("parts", dict)
    if not told or not all(isinstance(id, str) for id in told.values()):
        raise declared.fault("parts", 'indicators by the codes of their parts, ON_TIME = "…", were expected')
    parts = [Part(id, code=code) for code, id in told.items()]
    return Composite("index_766", (Part(declared.get("official", str)), *parts))


def faults_between(definitions: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Return of each definition that cannot stand on its parts the key and what was expected.

    A part must be declared, stand itself, and not rest on what is made of it; a funnel counts.
    """
    found: dict[str, tuple[str, str]] = {}
    again = True
    while again:
        again = False
        for id, definition in definitions.items():
            composite = definition.composite
            if id in found or composite is None:
                continue
            told = _fault(id, composite, definitions, found)
            if told:
                found[id] = (composite.kind, told)
                again = True
    return found


def _fault(id: str, composite: Composite, definitions: Mapping[str, Any], faulty: Mapping[str, Any]) -> str:
    for part in composite.ids:
        if part not in definitions or part in faulty:
            return f"no usable indicator {part!r} is declared"
        if id in rests_on(part, definitions):
            return f"{part!r} rests on {id!r} itself"
        if composite.kind == "funnel" and (
            definitions[part].is_share or definitions[part].length is not None
        ):
            return f"a count was expected as a step, not {part!r}"
    return ""


def rests_on(id: str, definitions: Mapping[str, Any]) -> frozenset[str]:
    """Return an indicator and all that it is made of, at any depth."""
    found: set[str] = set()
    ahead = [id]
    while ahead:
        one = ahead.pop()
        if one in found or one not in definitions:
            continue
        found.add(one)
        composite = definitions[one].composite
        ahead += composite.ids if composite is not None else ()
    return frozenset(found)


def earlier(composite: Composite, period: Period, calendar: Calendar) -> Period | None:
    """Return the period against which a change is measured, cut to what has elapsed of this one; None for others."""
    if composite.kind != "change":
        return None
    return (previous if composite.against == "previous" else same_last_year)(period, calendar)
