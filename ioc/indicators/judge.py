"""What a value means: rounding, status, target. Pure."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from math import inf
from typing import Literal

from ioc.indicators.definition import Definition
from ioc.quality import State

Status = Literal["good", "warning", "critical", "stale", "neutral", "none"]
Number = int | float

_BAD = ("good", "warning", "critical")
LIVE: tuple[State, ...] = ("live", "not_due")


def rounded(value: Number | Decimal, decimals: int) -> Number:
    """Round half up, as one rounds by hand: 2.5 is 3, 93.45 at one decimal is 93.5."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    shown = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return int(shown) if decimals == 0 else float(shown)


def value_of(definition: Definition, num: Number | None, den: Number | None) -> Number | None:
    """Return the value as shown: num, or num / den; None where a part is absent or nothing is divided by."""
    if num is None:
        return None
    if not definition.is_share:
        return rounded(num, definition.decimals)
    if not den:
        return None
    exact = Decimal(repr(num)) * definition.factor / Decimal(repr(den))
    return rounded(exact, definition.decimals)


def status(
    definition: Definition, value: Number | None, freshness: State, bound: str | None = None
) -> Status:
    """Judge the value as shown. An absent value is "none"; one on an input that is not live is "stale".

    Where higher is better a limit is missed below it; where lower is better it is reached at it. bound: ">=" or
    "<=" where only so much is known: what lies on neither side of a limit for certain is "neutral".
    """
    if value is None:
        return "none"
    if freshness not in LIVE:
        return "stale"
    shown = band(definition, value)
    if bound is None or shown == "neutral":
        return shown
    furthest = band(definition, inf if bound == ">=" else -inf)
    best = min(shown, furthest, key=_BAD.index)
    return best if best == max(shown, furthest, key=_BAD.index) or best != "good" else "neutral"


def band(definition: Definition, value: Number) -> Status:
    """Judge a value that may be relied on by its limits alone."""
    if definition.better == "neutral" or (definition.warning is None and definition.critical is None):
        return "neutral"
    for name, limit in (("critical", definition.critical), ("warning", definition.warning)):
        if limit is not None and (value < limit if definition.better == "higher" else value >= limit):
            return "critical" if name == "critical" else "warning"
    return "good"
