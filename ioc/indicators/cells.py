"""Observations as an indicator sees them: what a series says at a place over a span, and how spans become a number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum
from typing import NamedTuple, Protocol

from ioc.calendar import DAY_S, HOUR_S, day_start, local_day
from ioc.indicators.parts import Pick
from ioc.model import BOUNDS

SPANS = ("instant", "minute", "hour", "day", "week", "month", "quarter", "year")
INVALID = ("01", "02")
"""Flags of TT 10/2021 for calibration and device error: kept, counted as received, never averaged."""


class SeriesKey(NamedTuple):
    """A series: who sends which variable, of which part, over which span."""

    source: str
    variable: str
    agency: str = ""
    category: str = ""
    channel: str = ""
    span: str = "instant"
    kind: str = "instant"
    method: str = "measured"


@dataclass(slots=True)
class Cell:
    """What a series says at one place over one span of time.

    n: values received; valid: those that count; last_time: when the last of them was taken, epoch s. flag is the
    last one's; bound is ">=" or "<=" where one of them is only known to be at least or at most so much.
    """

    series: SeriesKey
    place: str
    start: int
    n: int = 0
    valid: int = 0
    sum: float = 0.0
    low: float | None = None
    high: float | None = None
    last: float | None = None
    last_time: int = 0
    flag: str = ""
    bound: str = ""

    def bound_of(self, over: str) -> str:
        """Return whether what the span amounts to is only a bound: ">=", "<=", "?" for both at once, "" for none."""
        return (self.flag if self.flag in BOUNDS else "") if over == "last" else self.bound

    def value(self, over: str) -> float | None:
        """Return what the span amounts to: last, sum, mean, max or min; None without a valid value."""
        if not self.valid:
            return None
        if over == "mean":
            return self.sum / self.valid
        return {"last": self.last, "sum": self.sum, "max": self.high, "min": self.low}[over]

    def add(self, later: Cell) -> None:
        """Take in a span that follows this one."""
        self.n += later.n
        if not later.valid:
            return
        self.valid += later.valid
        self.sum += later.sum
        self.bound = bounded((self.bound, later.bound))
        self.low = later.low if self.low is None or later.low is None else min(self.low, later.low)
        self.high = later.high if self.high is None or later.high is None else max(self.high, later.high)
        if later.last_time >= self.last_time:
            self.last, self.last_time, self.flag = later.last, later.last_time, later.flag


def bounded(bounds: Iterable[str]) -> str:
    """Return what parts with these bounds are together: ">=", "<=", "?" where they point both ways, "" for none."""
    found = {bound for bound in bounds if bound}
    return found.pop() if len(found) == 1 else "?" if found else ""


class Looker(Protocol):
    """Where observations are looked up; spans are half-open, epoch s, cells in the order of their start."""

    def total(self, pick: Pick, start: int, end: int) -> list[Cell]:
        """Return one cell a series and place over the whole span."""

    def buckets(self, pick: Pick, start: int, end: int, length: int) -> list[Cell]:
        """Return one cell a series, place and hour (length 3,600) or local day (86,400) that has values."""

    def latest(self, pick: Pick, at: int, horizon: int) -> list[Cell]:
        """Return the newest valid value of each series and place at an instant, not older than horizon seconds."""

    def values(self, pick: Pick, start: int, end: int) -> list[Cell]:
        """Return one cell a value, for series too coarse to be rolled up; start is the time as it was sent."""


class Value(NamedTuple):
    """One observation as it was sent."""

    series: SeriesKey
    place: str
    time: int
    value: float | None
    flag: str = ""
    late: int = 0


@dataclass
class Given:
    """Observations held in memory: worked examples, and the points of a series after one look at the store."""

    rows: Sequence[Value]
    keep: Callable[[SeriesKey, str], bool] = field(default=lambda series, place: True)

    def _rows(self, pick: Pick) -> Iterable[Value]:
        return (row for row in self.rows if fits(pick, row.series) and self.keep(row.series, row.place))

    def total(self, pick: Pick, start: int, end: int) -> list[Cell]:
        """Return one cell a series and place over the whole span."""
        rows = (row for row in self._rows(pick) if start <= row.time - row.late < end)
        return prefer(_gather(rows, lambda row: start))

    def buckets(self, pick: Pick, start: int, end: int, length: int) -> list[Cell]:
        """Return one cell a series, place and hour or local day."""
        rows = (row for row in self._rows(pick) if start <= row.time - row.late < end)
        return prefer(_gather(rows, lambda row: bucket(row.time - row.late, length)))

    def latest(self, pick: Pick, at: int, horizon: int) -> list[Cell]:
        """Return the newest valid value of each series and place."""
        rows = [row for row in self._rows(pick) if at - horizon <= row.time <= at and _is_valid(row)]
        newest = {(row.series, row.place): row for row in sorted(rows, key=lambda row: row.time)}
        return prefer(_gather(newest.values(), lambda row: row.time))

    def values(self, pick: Pick, start: int, end: int) -> list[Cell]:
        """Return one cell a value."""
        rows = (row for row in self._rows(pick) if start <= row.time < end)
        return prefer(_gather(rows, lambda row: row.time))


def bucket(time: int, length: int) -> int:
    """Return the start of the hour or local day that holds an instant."""
    return day_start(local_day(time)) if length == DAY_S else time - time % HOUR_S


def fits(pick: Pick, series: SeriesKey) -> bool:
    """Whether a series is one that the pick counts."""
    return series.variable == pick.variable and all(
        pick.fits(name, getattr(series, name))
        for name in ("agency", "category", "channel", "span", "kind", "method")
    )


def prefer(cells: Iterable[Cell], order: Sequence[str] = ()) -> list[Cell]:
    """Count one fact once: of several sources the first of `order` that has a value, of several spans the finest.

    Sources that order does not name follow by name.
    """
    found = list(cells)
    each = {cell.series for cell in found}
    if len({fact(series) for series in each}) == len(each):  # nothing to choose between
        return sorted(found, key=lambda cell: (cell.start, cell.place, cell.series))
    facts = {series: fact(series) for series in each}
    rank = {series: preference(series, order) for series in each}
    best: dict[tuple[object, ...], tuple[tuple[object, ...], Cell]] = {}
    for cell in found:
        told = (facts[cell.series], cell.place, cell.start)
        place = (cell.valid == 0, rank[cell.series])
        if told not in best or place < best[told][0]:
            best[told] = (place, cell)
    return sorted((cell for _, cell in best.values()), key=lambda cell: (cell.start, cell.place, cell.series))


def fact(series: SeriesKey) -> tuple[str, ...]:
    """Return what a series tells of, whoever tells it and however often."""
    s = series
    return (s.variable, s.agency, s.category, s.channel, s.kind, s.method)


def preference(series: SeriesKey, order: Sequence[str]) -> tuple[int, int, str]:
    """Return what orders series of one fact, the preferred first: by source, then the finest span."""
    rank = order.index(series.source) if series.source in order else len(order)
    return (rank, SPANS.index(series.span), series.source)


def newest(cells: Iterable[Cell]) -> list[Cell]:
    """Of several sources and spans of one fact keep the newest value."""
    best: dict[tuple[str, ...], Cell] = {}
    for cell in cells:
        told = (*fact(cell.series), cell.place)
        if told not in best or cell.last_time > best[told].last_time:
            best[told] = cell
    return list(best.values())


def whole_places(places: Iterable[str]) -> list[str]:
    """Return the places that add up to the whole: where a province reported for itself, its parts do not count again."""
    found = list(places)
    return [place for place in found if len(place) == 2 and place.isdigit()] or found


def by_place(found: Iterable[Cell], over: str) -> dict[str, float]:
    """Return what each place amounts to: parts of a place add up, its instruments are averaged."""
    units: dict[str, list[float]] = defaultdict(list)
    for cell in found:
        value = cell.value(over)
        if value is not None:
            units[cell.place].append(value)
    if over == "max":
        return {place: max(values) for place, values in units.items()}
    if over == "min":
        return {place: min(values) for place, values in units.items()}
    if over == "mean":
        return {place: fsum(values) / len(values) for place, values in units.items()}
    return {place: fsum(values) for place, values in units.items()}


def across(values: Mapping[str, float], how: str) -> tuple[float | None, str]:
    """Return what the values of several places amount to, and the place that decides it ("" where none does)."""
    if not values:
        return None, ""
    if how == "count":
        return len(values), ""
    if how in ("max", "worst", "min"):
        choose = min if how == "min" else max
        place = choose(sorted(values), key=values.__getitem__)
        return values[place], place
    total = fsum(values.values())
    return (total / len(values) if how == "mean" else total), ""


def _is_valid(row: Value) -> bool:
    return row.value is not None and row.flag not in INVALID


def _gather(rows: Iterable[Value], start_of: Callable[[Value], int]) -> list[Cell]:
    cells: dict[tuple[SeriesKey, str, int], Cell] = {}
    for row in sorted(rows, key=lambda row: row.time):
        start = start_of(row)
        valid = _is_valid(row)
        value = row.value if valid else None
        one = Cell(
            row.series, row.place, start, 1, int(valid), value or 0.0, value, value, value, row.time, row.flag
        )
        one.bound = row.flag if valid and row.flag in BOUNDS else ""
        key = (row.series, row.place, start)
        if key in cells:
            cells[key].add(one)
        else:
            cells[key] = one
    return list(cells.values())
