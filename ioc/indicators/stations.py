"""Automatic stations: values above a facility's permit, lost transmission, and what arrived of what was expected."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from ioc.calendar import DAY_S, HOUR_S, date_of, hour_start, local_day
from ioc.indicators.cells import Cell
from ioc.indicators.look import Look
from ioc.indicators.parts import Pick
from ioc.indicators.reading import Answer, Outcome
from ioc.indicators.statutory import qcvn

REACH_S = 3 * DAY_S
"""How far back a station's newest value is looked for."""


def permit_exceedances(look: Look) -> Outcome:
    """Count the facilities with an hourly mean outside the limits of their permit, by the limits' validity.

    The hours of the period; stations of settings.kinds whose site declares limits. num: facilities outside a
    limit; den: facilities judged. An hour counts with settings.least_share of settings.per_hour valid values.
    """
    sites = {
        id: site
        for id, site in look.sites_of(*look.definition.settings.get("kinds", ())).items()
        if site.limits
    }
    least, per_hour = look.setting("least_share", 0.75), look.setting("per_hour", 12)
    start = hour_start(look.period.start)
    worst: dict[str, dict[str, Any]] = {}
    hours: dict[str, int] = defaultdict(int)
    judged: dict[str, int] = {}
    for pick in look.definition.inputs:
        for cell in look.looker.buckets(pick, start, look.period.until, HOUR_S):
            site = sites.get(cell.place)
            mean = cell.value("mean")
            expected = 1 if cell.series.span == "hour" else per_hour
            if site is None or mean is None or cell.valid < least * expected:
                continue
            limit = qcvn.limit_on(site.limits, pick.variable, date_of(local_day(cell.start)))
            if limit is None:
                continue
            judged[cell.place] = max(judged.get(cell.place, 0), cell.start + HOUR_S)
            if not qcvn.exceeds(mean, limit):
                continue
            hours[cell.place] += 1
            times = _times(mean, limit.low, limit.high)
            if cell.place not in worst or times > worst[cell.place]["times"]:
                worst[cell.place] = {
                    **look.named(cell.place),
                    "facility": site.facility or site.id,
                    "variable": pick.variable,
                    "mean": round(mean, 3),
                    "limit": limit.low if limit.low is not None and mean < limit.low else limit.high,
                    "times": times,
                    "basis": limit.basis,
                    "hour": cell.start,
                }
    rows = sorted(worst.values(), key=lambda row: (-row["times"], row["site"]))
    for row in rows:
        row["hours"] = hours[row["site"]]
    facilities = {row["facility"] for row in rows}
    all_judged = {sites[place].facility or place for place in judged}
    places = {
        place: Answer(int(place in worst), 1, detail=worst.get(place, {}), reported_at=at)
        for place, at in judged.items()
    }
    answer = Answer(
        len(facilities) if judged else None,
        len(all_judged) or None,
        value=len(facilities) if judged else None,
        where=rows[0]["site"] if rows else "",
        detail={"above": [{**row, "times": round(row["times"], 2)} for row in rows[:5]]},
        reported_at=max(judged.values(), default=None),
        changes_at=hour_start(look.at) + HOUR_S,
    )
    return Outcome(answer, places)


def stations_silent(look: Look) -> Outcome:
    """Count the stations of settings.kinds that sent nothing for longer than settings.silent_after_s.

    num: silent stations; den: stations declared. A station that never sent anything is silent.
    """
    sites = look.sites_of(*look.definition.settings.get("kinds", ()))
    after = int(look.setting("silent_after_s", 2 * HOUR_S))
    at = look.period.until if look.explicit else look.at
    newest: dict[str, int] = {}
    for pick in look.definition.inputs:
        for cell in look.looker.latest(pick, at, REACH_S):
            newest[cell.place] = max(newest.get(cell.place, 0), cell.last_time)
    silent = sorted((newest.get(id, 0), id) for id in sites if newest.get(id, 0) + after < at)
    names = {id for _, id in silent}
    places = {id: Answer(int(id in names), 1, reported_at=newest.get(id)) for id in sites}
    answer = Answer(
        len(silent),
        len(sites),
        value=len(silent) if sites else None,
        where=silent[0][1] if silent else "",
        detail={"silent": [{**look.named(id), "since": since or None} for since, id in silent[:10]]},
        reported_at=max(newest.values(), default=None),
        changes_at=min(
            (newest[id] + after + 1 for id in sites if id in newest and id not in names), default=None
        ),
    )
    return Outcome(answer, places)


def station_uptime(look: Look) -> Outcome:
    """Return the values received of those expected: by the step of each day, for each series that a station ever sent.

    settings.per_hour: the numbers of values an hour by which networks report (a past that is fetched comes by
    the hour). A source's day counts by the smallest of them that no hour of any of its series exceeds.
    """
    sites = look.sites_of(*look.definition.settings.get("kinds", ()))
    start, end = hour_start(look.period.start), hour_start(look.period.until)
    series: dict[tuple[str, Pick], set[str]] = defaultdict(set)
    reported: dict[str, int] = {}
    cells: list[Cell] = []
    for pick in look.definition.inputs:
        for cell in look.looker.latest(pick, look.period.until, REACH_S):
            if cell.place in sites:
                series[cell.series.source, pick].add(cell.place)
                reported[cell.place] = max(reported.get(cell.place, 0), cell.last_time)
        cells += look.looker.buckets(pick, start, end, HOUR_S)
    due = _due_each_day(look, cells, start, end)
    got: dict[str, int] = defaultdict(int)
    expected: dict[str, int] = defaultdict(int)
    for (source, _), stations in series.items():
        for place in stations:
            expected[place] += due(source)
    for cell in cells:
        if cell.place in expected:
            got[cell.place] += cell.n
    places = {
        place: Answer(
            min(got[place], expected[place]),
            expected[place],
            value=100 * min(got[place], expected[place]) / expected[place],
            reported_at=reported.get(place),
        )
        for place in expected
        if expected[place]
    }
    received = sum(int(one.num or 0) for one in places.values())
    wanted = sum(int(one.den or 0) for one in places.values())
    answer = Answer(
        received if wanted else None,
        wanted or None,
        value=100 * received / wanted if wanted else None,
        where=min(places, key=lambda place: ((places[place].num or 0) / (places[place].den or 1), place))
        if places
        else "",
        reported_at=max(reported.values(), default=None),
        changes_at=hour_start(look.at) + HOUR_S,
    )
    return Outcome(answer, places)


def _due_each_day(look: Look, cells: Iterable[Cell], start: int, end: int) -> Callable[[str], int]:
    """Return how many values a series of a source owes over a span of whole hours, each day by its own step."""
    declared = look.definition.settings.get("per_hour", 12)
    steps = sorted(declared if isinstance(declared, list) else {1, declared})
    most: dict[tuple[str, int], int] = defaultdict(int)
    for cell in cells:
        day = (cell.series.source, local_day(cell.start))
        most[day] = max(most[day], cell.n)
    hours: dict[int, int] = defaultdict(int)
    for hour in range(start, end, HOUR_S):
        hours[local_day(hour)] += 1

    def step(source: str, day: int) -> int:
        seen = most.get((source, day), steps[-1])
        return int(next((one for one in steps if one >= seen), steps[-1]))

    def due(source: str) -> int:
        return sum(count * step(source, day) for day, count in hours.items())

    return cache(due)


def _times(mean: float, low: float | None, high: float | None) -> float:
    """Return how many times a limit a value is; below a low end, the inverse."""
    if low is not None and mean < low:
        return low / mean if mean > 0 else float("1e9")
    return mean / high if high else 1.0
