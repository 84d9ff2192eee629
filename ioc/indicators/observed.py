"""Indicators of observations: what series say over a span at each place, and over all places."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import fsum

from ioc.calendar import Period
from ioc.indicators import cells
from ioc.indicators import standing as stand
from ioc.indicators.cells import Cell, Looker, SeriesKey
from ioc.indicators.definition import Definition
from ioc.indicators.judge import Number
from ioc.indicators.observations import LONG_S, YEARS_S
from ioc.indicators.parts import Pick
from ioc.indicators.reading import Answer, Outcome
from ioc.indicators.standing import Held
from ioc.model import BOUNDS


def observe(
    definition: Definition, looker: Looker, period: Period, *, newest: bool, standing: Looker | None = None
) -> Outcome:
    """Compute an indicator of observations over a period; newest: the latest value, whenever it came.

    standing: where that is looked up by which it is divided or weighed; where that is the same, None.
    """
    assert definition.num is not None
    num = _look(definition, definition.num, looker, period, newest=newest)
    if definition.standing is not None:
        held = stand.at(standing or looker, definition.standing, [period.until])[0]
        return fold(definition, num, None, held)
    den = None if definition.den is None else _look(definition, definition.den, looker, period, newest=newest)
    return fold(definition, num, den)


def observe_spans(
    definition: Definition,
    looker: Looker,
    spans: Sequence[tuple[int, int]],
    length: int,
    *,
    standing: Looker | None = None,
) -> list[Outcome]:
    """Compute an indicator over several ascending spans of whole hours or local days (length), in one look."""
    assert definition.num is not None
    num = _parted(looker.buckets(definition.num, spans[0][0], spans[-1][1], length), spans)
    if definition.standing is not None:
        held = stand.at(standing or looker, definition.standing, [end for _, end in spans])
        return [fold(definition, one, None, by) for one, by in zip(num, held, strict=True)]
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


def fold(
    definition: Definition, num: list[Cell], den: list[Cell] | None, held: Held | None = None
) -> Outcome:
    """Return what the cells of one span amount to, and at each place; held: what it is divided or weighed by."""
    per_num = cells.by_place(num, definition.over)
    reported = _reported(num)
    if definition.weight is not None:
        return _weighed(definition, num, per_num, held or {}, reported)
    per_den = _divisors(definition, per_num, den, held)
    if per_den is not None:
        # a share speaks of the places that reported both parts
        per_num = {place: value for place, value in per_num.items() if place in per_den}
        per_den = {place: value for place, value in per_den.items() if place in per_num}
    of_all = held is not None and per_den is None  # what sites have is divided by the area they lie in
    bounds = _bounds(definition, num, den)
    places = {
        place: Answer(
            exact(value),
            None if per_den is None else exact(per_den[place]),
            bound=bounds.get(place),
            reported_at=reported.get(place),
        )
        for place, value in per_num.items()
    }
    whole = cells.whole_places(per_num)
    how = "sum" if per_den is not None or of_all else definition.across
    total, where = cells.across({place: per_num[place] for place in whole}, how)
    divisor = None if per_den is None or not whole else fsum(per_den[place] for place in whole)
    if of_all and held is not None:
        divisor = stand.whole(held)
    latest = max((reported[place] for place in per_num if place in reported), default=None)
    bound = _of_places(bounds, [where] if where else whole)
    answer = Answer(exact(total), exact(divisor), where=where, bound=bound, reported_at=latest)
    return Outcome(answer, places)


def _divisors(
    definition: Definition, per_num: Mapping[str, float], den: list[Cell] | None, held: Held | None
) -> dict[str, float] | None:
    """Return what the value of each place is divided by, None where places are not divided one by one."""
    if den is not None:
        own = definition.den.over if definition.den is not None else ""
        return cells.by_place(den, own or definition.over)
    if held is None or not stand.are_areas(per_num):
        return None
    found = {place: stand.of(held, place) for place in per_num}
    return {place: value for place, value in found.items() if value is not None}


def _weighed(
    definition: Definition,
    num: list[Cell],
    values: Mapping[str, float],
    weights: Held,
    reported: Mapping[str, int],
) -> Outcome:
    """Return the mean of places, each counting by its weight; a place without a value or a weight does not count."""
    known = [place for place in values if weights.get(place, 0) > 0]
    bounds = _bounds(definition, num, None)
    places = {
        place: Answer(
            value=values[place],
            detail={"weight": exact(weights[place])},
            bound=bounds.get(place),
            reported_at=reported.get(place),
        )
        for place in known
    }
    latest = max((reported[place] for place in known if place in reported), default=None)
    whole = cells.whole_places(known)
    together = mean([places[place] for place in whole])
    return Outcome(replace(together, bound=_of_places(bounds, whole), reported_at=latest), places)


def mean(answers: Sequence[Answer]) -> Answer:
    """Return the mean of answers that carry their weights; the weight of all beside it."""
    total = fsum(answer.detail["weight"] for answer in answers)
    if not total:
        return Answer()
    value = fsum((answer.value or 0) * answer.detail["weight"] for answer in answers) / total
    return Answer(value=value, detail={"weight": exact(total), "places": len(answers)})


def _bounds(definition: Definition, num: list[Cell], den: list[Cell] | None) -> dict[str, str]:
    """Return of which places the value is only a bound: a part of at least so much, or a whole of at most so much."""
    found: dict[str, list[str]] = defaultdict(list)
    turned = {">=": "<=", "<=": ">="}
    for cell in num:
        found[cell.place].append(cell.bound_of(definition.over))
    for cell in den or ():
        bound = cell.bound_of(definition.over)
        found[cell.place].append(turned.get(bound, bound))
    return {place: bound for place, bounds in found.items() if (bound := cells.bounded(bounds)) in BOUNDS}


def _of_places(bounds: Mapping[str, str], places: Iterable[str]) -> str | None:
    bound = cells.bounded(bounds.get(place, "") for place in places)
    return bound if bound in BOUNDS else None


def exact(number: float | None) -> Number | None:
    """Return a whole number as an int, so that counts stay exact."""
    return int(number) if number is not None and float(number).is_integer() else number


def _look(definition: Definition, pick: Pick, looker: Looker, period: Period, *, newest: bool) -> list[Cell]:
    if definition.over == "last" and newest:
        yearly = ("span", ("year",)) in pick.accepts
        return looker.latest(pick, period.until, YEARS_S if yearly else LONG_S)
    return looker.total(pick, period.start, period.until)


def _reported(found: Iterable[Cell]) -> dict[str, int]:
    reported: dict[str, int] = {}
    for cell in found:
        if cell.valid:
            reported[cell.place] = max(cell.last_time, reported.get(cell.place, 0))
    return reported
