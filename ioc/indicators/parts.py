"""What the parts of an indicator are: which cases, which series, which lengths, and how each is declared."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ioc import conditions
from ioc.conditions import Condition
from ioc.declared import Reader, Table

PERCENTILES = ("p10", "p25", "p50", "p75", "p90", "p95")
PER = (1_000, 10_000, 100_000)
"""What a rate may be stated for: a thousand, ten thousand, a hundred thousand of what it is divided by."""
CLOSED = {
    "span": ("instant", "minute", "hour", "day", "week", "month", "quarter", "year"),
    "kind": ("instant", "mean", "count", "cumulative", "rank", "share"),
    "method": ("measured", "estimated", "forecast", "official"),
}
"""The dimensions of a series whose words are all known."""
TAKES = ("median", *PERCENTILES, "mean", "max", "sum")
NOW = "now"


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Cases that meet a condition and, for a stock, what the instant makes of them.

    overdue: pending, not suspended, due before the instant. due_within: pending, not suspended, not yet overdue
    and due today or within so many working days after it. older_than: seconds since opened. None: not asked.
    """

    condition: Condition = field(default_factory=Condition)
    overdue: bool | None = None
    due_within: int | None = None
    older_than: float | None = None

    @property
    def timed(self) -> bool:
        """Whether time alone changes what it holds for."""
        return self.overdue is not None or self.due_within is not None or self.older_than is not None


@dataclass(frozen=True, slots=True)
class Length:
    """What is measured of each case in place of counting it, and how the lengths become one number.

    fact: a declared fact that is a number; else the time from one instant of the case to another, in unit
    ("h" or "d"), whole working days where working is true. Of a stock it runs from opening to NOW, the instant that
    is asked for. take: one of TAKES.
    """

    take: str
    fact: str = ""
    start: str = ""
    end: str = ""
    unit: str = "h"
    working: bool = False


@dataclass(frozen=True, slots=True)
class Pick:
    """Which series of a variable count; an absent dimension accepts every value of it.

    Forecasts and estimates never count unless `method` asks for them. over: how the values of a period become one,
    where that differs from the indicator's own.
    """

    variable: str
    accepts: tuple[tuple[str, tuple[str, ...]], ...] = ()
    over: str = ""

    def fits(self, dimension: str, value: str) -> bool:
        """Whether a value of a dimension (agency, category, channel, span, kind, method) is accepted."""
        for name, values in self.accepts:
            if name == dimension:
                return value in values
        return dimension != "method" or value in ("measured", "official")


@dataclass(frozen=True, slots=True)
class Target:
    """An assigned value to be reached by the end of a year, with the resolution that says so."""

    by: int
    value: float
    basis: str


@dataclass(frozen=True, slots=True)
class Start:
    """Where the path of targets begins: the value that was reached at the end of a year."""

    year: int
    value: float


@dataclass(frozen=True, slots=True)
class Example:
    """A worked example: records in short form, the instant of asking, and what must come out."""

    given: tuple[Mapping[str, Any], ...]
    expect: Mapping[str, Any]
    at: str = "2026-11-20T10:00:00+07:00"


def read_targets(body: Reader) -> tuple[Target, ...]:
    """Read the path of targets, in the order of their years; raises DeclarationError."""
    targets = []
    for position, raw in enumerate(body.get("target", list, [])):
        part = part_of(body, f"target {position + 1}", raw, {"by", "value", "basis"})
        targets.append(
            Target(
                part.number("by", int),
                part.number("value", float),
                stated(part, "basis", "a resolution was expected"),
            )
        )
    years = [target.by for target in targets]
    if len(set(years)) < len(years):
        raise body.fault("target", "one target a year was expected")
    return tuple(sorted(targets, key=lambda target: target.by))


def read_start(body: Reader, targets: Sequence[Target]) -> Start | None:
    """Read where the path of targets begins, None where that is not declared; raises DeclarationError."""
    if "start" not in body.table.body:
        return None
    part = part_of(body, "start", body.get("start", dict), {"year", "value"})
    start = Start(part.number("year", int), part.number("value", float))
    if not targets or start.year >= targets[0].by:
        raise part.fault("year", f"a year before that of the first target was expected, not {start.year}")
    return start


def read_examples(body: Reader) -> tuple[Example, ...]:
    """Read the worked examples, of which there is at least one; raises DeclarationError."""
    examples = []
    for position, raw in enumerate(body.get("example", list, [])):
        part = part_of(body, f"example {position + 1}", raw, {"given", "expect", "at"})
        given = part.get("given", list)
        if not all(isinstance(row, dict) for row in given):
            raise part.fault("given", "a list of records { n = 3, closed = true } was expected")
        at = part.get("at", str, Example.__dataclass_fields__["at"].default)
        if not part.get("expect", dict):
            raise part.fault("expect", "what must come out was expected, such as { value = 93.7 }")
        examples.append(Example(tuple(given), part.get("expect", dict), at))
    if not examples:
        raise body.fault(
            "example",
            "at least one worked example was expected: [[<id>.example]] given = [...], expect = {...}",
        )
    return tuple(examples)


def read_filter(body: Reader, key: str, stock: bool) -> CaseFilter:
    """Read a condition on cases with, for a stock, the conditions of the instant; raises DeclarationError."""
    declared = dict(body.get(key, dict))
    timed: dict[str, Any] = {}
    if stock:
        part = Reader(Table(f"{body.table.id}.{key}", body.table.file, declared), set(), others=True)
        if "overdue" in declared:
            timed["overdue"] = part.get("overdue", bool)
        if "due_within" in declared:
            seconds = part.length("due_within", None) or 0.0
            if seconds % 86_400:
                raise part.fault(
                    "due_within",
                    f'whole working days such as "2d" were expected, not {declared["due_within"]!r}',
                )
            timed["due_within"] = int(seconds // 86_400)
        if "older_than" in declared:
            timed["older_than"] = part.length("older_than", None)
        for name in conditions.AT_AN_INSTANT:
            declared.pop(name, None)
    try:
        return CaseFilter(conditions.parse(declared), **timed)
    except ValueError as fault:
        raise body.fault(key, str(fault)) from None


def read_events(body: Reader, key: str) -> CaseFilter:
    """Read a condition on events; raises DeclarationError."""
    try:
        return CaseFilter(conditions.parse(body.get(key, dict), conditions.OF_EVENTS))
    except ValueError as fault:
        raise body.fault(key, str(fault)) from None


def read_length(body: Reader) -> Length | None:
    """Read what is measured of each case, or None where cases are counted; raises DeclarationError."""
    if "duration" not in body.table.body and "value" not in body.table.body:
        refuse(body, ("take",), "needs duration or value")
        return None
    take = body.one_of("take", TAKES)
    if "value" in body.table.body:
        fact = body.get("value", str)
        if not re.fullmatch(r"facts\.[a-z][a-z0-9_]*", fact):
            raise body.fault("value", f'a declared fact such as "facts.tax_days" was expected, not {fact!r}')
        return Length(take, fact=fact[6:])
    part = part_of(body, "duration", body.get("duration", dict), {"from", "to", "unit", "working"})
    dates = ("opened", "due", "closed")
    stock = body.get("stock", bool, False)
    ends = (NOW,) if stock else dates
    working = part.get("working", bool, False)
    unit = part.one_of("unit", ("h", "d"), "d" if working else "h")
    if working and unit != "d":
        raise part.fault("unit", 'working time is counted in whole days: "d" was expected')
    return Length(
        take,
        start=part.one_of("from", ("opened",) if stock else dates, "opened"),
        end=part.one_of("to", ends, NOW if stock else "closed"),
        unit=unit,
        working=working,
    )


def read_pick(body: Reader, key: str, raw: Mapping[str, Any], *, over: tuple[str, ...] = ()) -> Pick:
    """Read which series of a variable count; over: the words that its own `over` may be. Raises DeclarationError."""
    dimensions = {"agency", "category", "channel", "span", "kind", "method"}
    part = part_of(body, key, raw, {"variable", *dimensions, *(["over"] if over else [])})
    accepts = []
    for name in sorted(dimensions & set(raw)):
        values = raw[name] if isinstance(raw[name], list) else [raw[name]]
        if not values or not all(isinstance(value, str) for value in values):
            raise part.fault(name, f"a text or a list of texts was expected, not {raw[name]!r}")
        known = CLOSED.get(name, ())
        if known and not set(values) <= set(known):
            raise part.fault(name, f"one of {', '.join(known)} was expected, not {raw[name]!r}")
        accepts.append((name, tuple(values)))
    own = part.one_of("over", over) if "over" in raw else ""
    return Pick(part.get("variable", str), tuple(accepts), own)


def read_per(body: Reader) -> int:
    """Read for how many of its denominator a rate is stated, 0 for none; raises DeclarationError."""
    per = body.number("per", int, 0)
    if not per:
        return 0
    if per not in PER:
        raise body.fault("per", f"one of {', '.join(map(str, PER))} was expected, not {per}")
    if "denominator" not in body.table.body:
        raise body.fault(
            "per", "a denominator was expected beside it: a rate is stated for so many of something"
        )
    if body.get("unit", str) == "%":
        raise body.fault("unit", f"the unit of a rate for {per} was expected, not %")
    return int(per)


def part_of(body: Reader, key: str, raw: Any, known: set[str]) -> Reader:
    """Return a reader of a table inside a declaration; raises DeclarationError."""
    if not isinstance(raw, dict):
        raise body.fault(key, f"a table was expected, not {raw!r}")
    return Reader(Table(f"{body.table.id}.{key}", body.table.file, raw), known)


def refuse(body: Reader, keys: Sequence[str], why: str) -> None:
    """Raise DeclarationError where one of these keys stands."""
    for key in keys:
        if key in body.table.body:
            raise body.fault(key, why)


def stated(body: Reader, key: str, expected: str) -> str:
    """Return a text that must be there and say something; raises DeclarationError."""
    value = body.table.body.get(key)
    if not isinstance(value, str) or not value.strip():
        raise body.fault(key, expected)
    return value
