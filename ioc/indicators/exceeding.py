"""How many hours, days or single values exceed a limit: a declared number, an ambient limit of the law, a permit."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import fsum

from ioc.calendar import HOUR_S, date_of, local_day
from ioc.indicators import cells
from ioc.indicators.above import Above
from ioc.indicators.cells import Cell, Looker
from ioc.indicators.observations import Stored
from ioc.indicators.parts import Pick
from ioc.indicators.reading import Answer, Outcome
from ioc.indicators.standards import Standards
from ioc.indicators.statutory import qcvn
from ioc.model import Limit, Site


def exceeding(
    above: Above,
    pick: Pick,
    looker: Looker,
    spans: Sequence[tuple[int, int]],
    standards: Standards,
    sites: Mapping[str, Site],
) -> list[Outcome]:
    """Count, over each of several ascending spans, what exceeds its limit (num) among what can be judged (den).

    An hour or a day counts once it is over; several instruments at one place are averaged. A value equal to the
    limit does not exceed it. Where no limit holds nothing is judged.
    """
    found = _cells(above, pick, looker, spans[0][0], spans[-1][1])
    starts = [start for start, _ in spans]
    of_all = None if above.limit is None else Limit(pick.variable, None, above.limit, "", None, "")
    counted: list[dict[str, list[int]]] = [defaultdict(lambda: [0, 0, 0]) for _ in spans]
    for (place, start), value in found.items():
        index = bisect_right(starts, start) - 1
        if index < 0 or start + above.length > spans[index][1] or start >= spans[index][1]:
            continue
        limit = of_all or _limit(above, pick.variable, place, start, standards, sites)
        if limit is None:
            continue
        one = counted[index][place]
        one[0] += bool(qcvn.exceeds(value, limit))
        one[1] += 1
        one[2] = max(one[2], start + above.length)
    return [_outcome(places) for places in counted]


def changes_at(above: Above, at: int) -> int:
    """Return when the hour or the local day is over that an instant lies in; a single value is over at once."""
    return cells.bucket(at, above.length or HOUR_S) + (above.length or HOUR_S)


def _cells(above: Above, pick: Pick, looker: Looker, start: int, end: int) -> dict[tuple[str, int], float]:
    """Return place, start -> what the hour or the day amounts to."""
    if above.length == HOUR_S and isinstance(looker, Stored):
        hours = looker.hours(pick, start, end, above.within)
        if hours is not None:
            return {key: fsum(values) / len(values) for key, values in hours.items()}
    read: Iterable[Cell] = (
        looker.buckets(pick, start, end, above.length) if above.length else looker.values(pick, start, end)
    )
    units: dict[tuple[str, int], list[float]] = defaultdict(list)
    for cell in read:
        value = cell.value(above.within)
        if value is not None:
            units[cell.place, cell.start].append(value)
    return {key: fsum(values) / len(values) for key, values in units.items()}


def _limit(
    above: Above,
    variable: str,
    place: str,
    start: int,
    standards: Standards,
    sites: Mapping[str, Site],
) -> Limit | None:
    day = date_of(local_day(start))
    if above.standard == "permit":
        return qcvn.limit_on(sites[place].limits, variable, day) if place in sites else None
    return qcvn.air_limit_on(standards.air, variable, above.grain, day)


def _outcome(counted: Mapping[str, list[int]]) -> Outcome:
    places = {
        place: Answer(above, judged, reported_at=last) for place, (above, judged, last) in counted.items()
    }
    if not places:
        return Outcome(Answer(), {})
    most = max(sorted(places), key=lambda place: places[place].num or 0)
    return Outcome(
        Answer(
            sum(above for above, _, _ in counted.values()),
            sum(judged for _, judged, _ in counted.values()),
            where=most if places[most].num else "",
            reported_at=max(last for _, _, last in counted.values()),
        ),
        places,
    )
