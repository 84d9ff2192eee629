"""Indicators of observations: what series say over a span at each place, and over all places."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import fsum

from ioc.calendar import Period
from ioc.indicators import cells
from ioc.indicators.cells import BOUNDS, Cell, Looker, SeriesKey
from ioc.indicators.definition import Definition
from ioc.indicators.judge import Number
from ioc.indicators.observations import LONG_S
from ioc.indicators.parts import Pick
from ioc.indicators.reading import Answer


@dataclass(frozen=True, slots=True)
class Outcome:
    """An answer, and the answer of each place by its code."""

    answer: Answer
    places: Mapping[str, Answer]


def observe(definition: Definition, looker: Looker, period: Period, *, newest: bool) -> Outcome:
    """Compute an indicator of observations over a period; newest: the latest value, whenever it came."""
    assert definition.num is not None
    num = _look(definition, definition.num, looker, period, newest=newest)
    den = None if definition.den is None else _look(definition, definition.den, looker, period, newest=newest)
    return fold(definition, num, den)


def observe_spans(
    definition: Definition, looker: Looker, spans: Sequence[tuple[int, int]], length: int
) -> list[Outcome]:
    """Compute an indicator over several ascending spans of whole hours or local days (length), in one look."""
    assert definition.num is not None
    num = _parted(looker.buckets(definition.num, spans[0][0], spans[-1][1], length), spans)
    if definition.den is None:
        return [fold(definition, one, None) for one in num]
    den = _parted(looker.buckets(definition.den, spans[0][0], spans[-1][1], length), spans)
    return [fold(definition, one, other) for one, other in zip(num, den, strict=True)]


def _parted(found: Iterable[Cell], spans: Sequence[tuple[int, int]]) -> list[list[Cell]]:
    """Part cells by span and join those of one series and place."""
    starts = [start for start, _ in spans]
    parted: list[dict[tuple[SeriesKey, str], Cell]] = [{} for _ in spans]
    for cell in found:
        index = bisect_right(starts, cell.start) - 1
        if index < 0 or cell.start >= spans[index][1]:
            continue
        key = (cell.series, cell.place)
        if key in parted[index]:
            parted[index][key].add(cell)
        else:
            parted[index][key] = replace(cell)
    return [list(part.values()) for part in parted]


def fold(definition: Definition, num: list[Cell], den: list[Cell] | None) -> Outcome:
    """Return what the cells of one span amount to, and at each place."""
    per_num = by_place(num, definition.over)
    per_den = None if den is None else by_place(den, definition.over)
    if per_den is not None:
        # a share speaks of the places that reported both parts
        per_num = {place: value for place, value in per_num.items() if place in per_den}
        per_den = {place: value for place, value in per_den.items() if place in per_num}
    reported = _reported(num)
    places = {
        place: Answer(
            exact(value),
            None if per_den is None else exact(per_den[place]),
            reported_at=reported.get(place),
        )
        for place, value in per_num.items()
    }
    whole = whole_places(per_num)
    total, where = cells.across(
        {place: per_num[place] for place in whole}, "sum" if per_den is not None else definition.across
    )
    divisor = None if per_den is None else fsum(per_den[place] for place in whole)
    if not whole:
        divisor = None
    latest = max((reported[place] for place in per_num if place in reported), default=None)
    flags = {cell.flag for cell in num if cell.flag in BOUNDS}
    answer = Answer(
        exact(total),
        exact(divisor),
        where=where,
        bound=flags.pop() if len(flags) == 1 else None,
        reported_at=latest,
    )
    return Outcome(answer, places)


def whole_places(places: Iterable[str]) -> list[str]:
    """Return the places that add up to the whole: where a province reported for itself, its parts do not count again."""
    found = list(places)
    return [place for place in found if len(place) == 2 and place.isdigit()] or found


def exact(number: float | None) -> Number | None:
    """Return a whole number as an int, so that counts stay exact."""
    return int(number) if number is not None and float(number).is_integer() else number


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


def _look(definition: Definition, pick: Pick, looker: Looker, period: Period, *, newest: bool) -> list[Cell]:
    if definition.over == "last" and newest:
        return looker.latest(pick, period.until, LONG_S)
    return looker.total(pick, period.start, period.until)


def _reported(found: Iterable[Cell]) -> dict[str, int]:
    reported: dict[str, int] = {}
    for cell in found:
        if cell.valid:
            reported[cell.place] = max(cell.last_time, reported.get(cell.place, 0))
    return reported
