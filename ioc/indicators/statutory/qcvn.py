"""Limits of QCVN regulations and of permits: which one holds on a day, and whether a value exceeds it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from ioc.model import Limit
from ioc.toml_file import Table, read

PERIODS = ("hour", "8h", "day", "year")


@dataclass(frozen=True, slots=True)
class AirLimit(Limit):
    """A limit of ambient air over an averaging period, in µg/Nm³ at 25 °C and 760 mmHg.

    `verified` says whether it was read in the text of the regulation.
    """

    period: str
    unit: str
    verified: bool


@dataclass(frozen=True, slots=True)
class WaterLimit(Limit):
    """A value of a column of a wastewater regulation before the permit's own factors."""

    regulation: str
    column: str
    unit: str
    verified: bool


AnyLimit = TypeVar("AnyLimit", bound=Limit)


def exceeds(value: float | None, limit: Limit) -> bool | None:
    """Say whether a value lies above the limit's high or below its low end; None for a gap.

    A value equal to the limit does not exceed it. The value must be in the limit's unit and be a mean over
    its averaging period.
    """
    if value is None:
        return None
    return (limit.high is not None and value > limit.high) or (limit.low is not None and value < limit.low)


def share_of_limit(value: float | None, limit: Limit) -> float | None:
    """Return value / high ("1,4 lần giới hạn"), or None for a gap or without a high end above zero."""
    return None if value is None or not limit.high else value / limit.high


def limit_on(limits: Iterable[AnyLimit], variable: str, day: date) -> AnyLimit | None:
    """Return the limit of a variable that holds on a local day, or None where nothing is prescribed.

    valid_to is the last day of a limit. Where two hold (a permit renewed before the old one ended) the later
    valid_from wins.
    """
    at = day.isoformat()
    valid = [
        limit
        for limit in limits
        if limit.variable == variable
        and limit.valid_from <= at
        and (limit.valid_to is None or at <= limit.valid_to)
    ]
    return max(valid, key=lambda limit: limit.valid_from, default=None)


def air_limit_on(limits: Iterable[AirLimit], variable: str, period: str, day: date) -> AirLimit | None:
    """Return the ambient limit over an averaging period (one of PERIODS) that holds on a local day."""
    if period not in PERIODS:
        raise ValueError(f"an averaging period is one of {', '.join(PERIODS)}, found {period}")
    return limit_on([limit for limit in limits if limit.period == period], variable, day)


def load_air_limits(path: Path) -> tuple[AirLimit, ...]:
    """Read data/standards/qcvn_05.toml."""
    top = read(path)
    top.keys(("basis", "verified", "unit", "valid_from", "limit"))
    limits = []
    for table in top.tables("limit"):
        table.keys(("variable", "period", "high", "valid_from", "valid_to", "basis", "verified"))
        # What a limit does not say itself it takes from the head of the file.
        whole = Table({**top.values, **table.values}, table.file, table.name)
        period = whole.text("period")
        if period not in PERIODS:
            raise table.fault("period", f"expected one of {', '.join(PERIODS)}, found {period!r}")
        since, until = whole.validity()
        limits.append(
            AirLimit(
                variable=whole.text("variable"),
                low=None,
                high=whole.decimal("high"),
                valid_from=since.isoformat(),
                valid_to=until.isoformat() if until else None,
                basis=whole.text("basis"),
                period=period,
                unit=whole.text("unit"),
                verified=whole.flag("verified"),
            )
        )
    return _without_overlap(top, limits, lambda limit: (limit.variable, limit.period))


def load_water_limits(path: Path) -> tuple[WaterLimit, ...]:
    """Read data/standards/qcvn_40.toml."""
    top = read(path)
    top.keys(("regulation",))
    limits = []
    for regulation in top.tables("regulation"):
        regulation.keys(("name", "basis", "verified", "valid_from", "valid_to", "limit"))
        since, until = regulation.validity()
        for table in regulation.tables("limit"):
            table.keys(("variable", "column", "low", "high", "unit"))
            low, high = table.optional_decimal("low"), table.optional_decimal("high")
            if high is None or (low is not None and low >= high):
                raise table.fault("high", f"expected a number above low ({low}), found {high}")
            limits.append(
                WaterLimit(
                    variable=table.text("variable"),
                    low=low,
                    high=high,
                    valid_from=since.isoformat(),
                    valid_to=until.isoformat() if until else None,
                    basis=regulation.text("basis"),
                    regulation=regulation.text("name"),
                    column=table.text("column"),
                    unit=table.text("unit"),
                    verified=regulation.flag("verified"),
                )
            )
    return _without_overlap(top, limits, lambda limit: (limit.regulation, limit.variable, limit.column))


def _without_overlap(
    top: Table, limits: list[AnyLimit], key: Callable[[AnyLimit], tuple[str, ...]]
) -> tuple[AnyLimit, ...]:
    """Refuse two limits of the same thing on the same day."""
    ordered = sorted(limits, key=lambda limit: (key(limit), limit.valid_from))
    for earlier, later in pairwise(ordered):
        if key(earlier) == key(later) and (earlier.valid_to is None or later.valid_from <= earlier.valid_to):
            found = f"{' '.join(key(later))} from {later.valid_from} beside an earlier one"
            raise top.fault("limit", f"expected one limit of a thing on a day, found {found}")
    return tuple(limits)
