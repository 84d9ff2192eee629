"""Air stations: VN_AQI of the hour and of the day, and days above QCVN 05:2023. The worst station speaks for all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from ioc.calendar import DAY_S, HOUR_S, date_of, day_start, hour_start, local_day
from ioc.indicators.cells import Cell
from ioc.indicators.look import Look
from ioc.indicators.reading import Answer, Outcome
from ioc.indicators.statutory import nowcast, qcvn, vn_aqi
from ioc.indicators.statutory.vn_aqi import AirIndex

Means = Mapping[str, Mapping[str, Mapping[int, float]]]
"""place -> variable -> start of the hour -> mean of the hour."""


def vn_aqi_hour(look: Look) -> Outcome:
    """Return VN_AQI of each station's newest finished hour (Decision 1459/QĐ-TCMT, 2.2.1).

    settings: least_share of the values of an hour must be valid, per_hour of them are expected, and a station
    may be lookback hours behind.
    """
    if look.explicit and not look.period.complete:
        return Outcome(Answer(), {})
    newest = look.period.start if look.explicit else hour_start(look.at) - HOUR_S
    back = 0 if look.explicit else int(look.setting("lookback", 2))
    first = newest - (back + nowcast.HOURS - 1) * HOUR_S
    means = hour_means(look, first, newest + HOUR_S)
    places: dict[str, Answer] = {}
    for place, variables in means.items():
        for hour in range(newest, newest - (back + 1) * HOUR_S, -HOUR_S):
            wanted = range(hour - (nowcast.HOURS - 1) * HOUR_S, hour + 1, HOUR_S)
            hours = {variable: [values.get(one) for one in wanted] for variable, values in variables.items()}
            index = vn_aqi.hour_index(
                {variable: values for variable, values in hours.items() if any_of(values)}
            )
            if index is not None:
                places[place] = _answer(look, index, place, ("hour", hour), hour + HOUR_S)
                break
    return _worst(look, places, means, hour_start(look.at) + HOUR_S)


def vn_aqi_day(look: Look) -> Outcome:
    """Return VN_AQI of each station's newest finished day (Decision 1459/QĐ-TCMT, 2.2.2)."""
    if look.explicit and not look.period.complete:
        return Outcome(Answer(), {})
    start = look.period.start if look.explicit else day_start(local_day(look.at) - 1)
    before = vn_aqi.HOURS_OF_MEAN - 1
    means = hour_means(look, start - before * HOUR_S, start + DAY_S)
    places: dict[str, Answer] = {}
    hours = range(start, start + DAY_S, HOUR_S)
    for place, variables in means.items():
        day = {variable: [values.get(hour) for hour in hours] for variable, values in variables.items()}
        ozone = variables.get("o3", {})
        o3_before = [ozone.get(hour) for hour in range(start - before * HOUR_S, start, HOUR_S)]
        present = {variable: values for variable, values in day.items() if any_of(values)}
        index = vn_aqi.day_index(present, look.standards.aqi.completeness, o3_before)
        if index is not None:
            places[place] = _answer(look, index, place, ("day", start), start + DAY_S)
    return _worst(look, places, means, day_start(local_day(look.at) + 1))


def air_exceedances(look: Look) -> Outcome:
    """Count the stations whose mean of the newest finished day exceeds a 24 h limit of QCVN 05:2023 by its date.

    A day's mean rests on at least settings.least_hours hours. num: stations above a limit; den: stations judged.
    """
    if look.explicit and not look.period.complete:
        return Outcome(Answer(), {})
    start = look.period.start if look.explicit else day_start(local_day(look.at) - 1)
    day = date_of(local_day(start))
    least = look.setting("least_hours", look.standards.aqi.completeness.day)
    above: list[dict[str, Any]] = []
    places: dict[str, Answer] = {}
    for place, variables in hour_means(look, start, start + DAY_S).items():
        worst: dict[str, Any] | None = None
        judged = False
        for variable, values in variables.items():
            limit = qcvn.air_limit_on(look.standards.air, variable, "day", day)
            if limit is None or len(values) < least:
                continue
            judged = True
            mean = sum(values.values()) / len(values)
            share = qcvn.share_of_limit(mean, limit)
            if qcvn.exceeds(mean, limit) and share is not None and (worst is None or share > worst["times"]):
                worst = {
                    **look.named(place),
                    "variable": variable,
                    "mean": round(mean, 1),
                    "limit": limit.high,
                    "times": share,
                }
        if judged:
            detail = {} if worst is None else worst
            places[place] = Answer(int(worst is not None), 1, detail=detail, reported_at=start + DAY_S)
        if worst is not None:
            above.append(worst)
    above.sort(key=lambda row: -row["times"])
    span = ("day", start)
    reported = start + DAY_S if places else None
    answer = Answer(
        len(above) if places else None,
        len(places) or None,
        value=len(above) if places else None,
        where=above[0]["site"] if above else "",
        detail={"above": [{**row, "times": round(row["times"], 2)} for row in above[:5]]},
        reported_at=reported,
        changes_at=day_start(local_day(look.at) + 1),
        span=span,  # type: ignore[arg-type]
    )
    return Outcome(answer, places)


def hour_means(look: Look, start: int, end: int) -> Means:
    """Return the hourly means of [start, end) that rest on enough valid values; hours in ascending order."""
    least, per_hour = look.setting("least_share", 0.75), look.setting("per_hour", 12)
    means: dict[str, dict[str, dict[int, float]]] = defaultdict(lambda: defaultdict(dict))
    for pick in look.definition.inputs:
        for cell in look.looker.buckets(pick, start, end, HOUR_S):
            expected = 1 if cell.series.span == "hour" else per_hour
            mean = cell.value("mean")
            if mean is not None and cell.valid >= least * expected:
                means[cell.place][pick.variable][cell.start] = mean
    return means


def any_of(values: Iterable[float | None]) -> bool:
    """Whether anything is there."""
    return any(value is not None for value in values)


def stations_with(found: Iterable[Cell]) -> set[str]:
    """Return the places that sent anything."""
    return {cell.place for cell in found if cell.n}


def _answer(look: Look, index: AirIndex, place: str, span: Any, reported: int) -> Answer:
    band = vn_aqi.band(index.value, look.standards.aqi.bands)
    detail = {
        "dominant": index.dominant,
        "parts": dict(index.parts),
        "complete": index.complete,
        "band": {
            "id": band.id,
            "vi": band.vi,
            "en": band.en,
            "colour": band.colour,
            "ink": band.ink,
        },
        "hour" if span[0] == "hour" else "day": span[1],
    }
    return Answer(index.value, None, where=place, detail=detail, reported_at=reported, span=span)


def _worst(look: Look, places: dict[str, Answer], means: Means, changes_at: int) -> Outcome:
    expected = set(look.sites_of(*look.definition.settings.get("kinds", ()))) | set(means)
    used = {"used": len(places), "expected": len(expected)}
    if not places:
        return Outcome(Answer(detail={"stations": used}, changes_at=changes_at), {})
    worst = min(places, key=lambda place: (-(places[place].num or 0), place))
    chosen = places[worst]
    exceeding = sum(1 for answer in places.values() if (answer.num or 0) > look.setting("bad_from", 100))
    answer = Answer(
        chosen.num,
        where=worst,
        detail={**chosen.detail, "stations": used, "exceeding": exceeding},
        reported_at=chosen.reported_at,
        changes_at=changes_at,
        span=chosen.span,
    )
    return Outcome(answer, places)
