"""How a value stands on the path of its targets: what is wanted of it now, and how fast it must change from here."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from ioc.calendar import date_of, day_of, local_day
from ioc.indicators.definition import Definition
from ioc.indicators.judge import Number, rounded


@dataclass(frozen=True, slots=True)
class TargetState:
    """How a value stands against the target that its period works towards.

    gap: value minus target. required: what the path wants at the end of the period; required_slope: by how much a
    year the value must change until the target is due, None once it is. on_track: None where the value is a bound
    that lies on neither side for certain.
    """

    value: float
    by: int
    basis: str
    gap: float
    on_track: bool | None
    required: float
    required_slope: float | None


def state(definition: Definition, value: Number, bound: str | None, at: int) -> TargetState | None:
    """Compare a value as shown with its targets at the end of its period (epoch s); None without a target.

    A target is due at the end of its year. Between two points of the path, or its start and the first, what is
    wanted lies on the straight line; without a point before it the target itself is wanted.
    """
    now = years(at)
    goal = definition.target_for(date_of(local_day(at - 1)).year)
    if goal is None:
        return None
    wanted = rounded(Decimal(repr(required(definition, now, goal.value))), definition.decimals)
    left = goal.by + 1 - now
    gap = Decimal(repr(value)) - Decimal(repr(goal.value))
    slope = None if left <= 0 else float(rounded(float(-gap) / left, definition.decimals + 1))
    return TargetState(
        goal.value,
        goal.by,
        goal.basis,
        float(rounded(gap, definition.decimals)),
        met(definition, value, bound, wanted),
        float(wanted),
        slope,
    )


def required(definition: Definition, now: float, otherwise: float) -> float:
    """Return what the path wants at an instant in years; `otherwise` where it does not lie between two points."""
    for (since, low), (until, high) in pairwise(points(definition)):
        if since <= now <= until:
            return low + (high - low) * (now - since) / (until - since)
    return otherwise


def points(definition: Definition) -> list[tuple[int, float]]:
    """Return the points of the path, (year at whose beginning it holds, value): the end of 2025 is 2026."""
    start = [(definition.start.year + 1, definition.start.value)] if definition.start else []
    return start + [(target.by + 1, target.value) for target in definition.targets]


def met(definition: Definition, value: Number, bound: str | None, wanted: float) -> bool | None:
    """Whether a value keeps up with what is wanted; None where only a bound is known that does not decide it."""
    if definition.better == "lower":
        kept, certain = value <= wanted, {True: "<=", False: ">="}
    else:
        kept, certain = value >= wanted, {True: ">=", False: "<="}
    if bound is None or bound == certain[kept]:
        return kept
    return None


def years(at: int) -> float:
    """Return an instant in years, to the local day that ends at or after it: the first of January 2026 is 2026.0."""
    last = date_of(local_day(at - 1))
    first = last.replace(month=1, day=1)
    length = day_of(first.replace(year=first.year + 1)) - day_of(first)
    return last.year + (day_of(last) + 1 - day_of(first)) / length
