"""Statutory functions as indicators: each looks at observations and answers for every place and for all.

The formulae stand in ioc/indicators/statutory; what is chosen here is which hours and stations go in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ioc.calendar import DAY_S, HOUR_S
from ioc.indicators import air, diseases, ranking, stations, surface_water, water
from ioc.indicators.cells import newest
from ioc.indicators.look import Look
from ioc.indicators.observations import LONG_S, YEARS_S
from ioc.indicators.observed import exact
from ioc.indicators.reading import Answer, Outcome
from ioc.indicators.statutory import index_766


@dataclass(frozen=True, slots=True)
class Function:
    """A function, how many seconds before the asked span it looks, and whether it is compared with the past."""

    compute: Callable[[Look], Outcome]
    reach: int
    compared: bool = False


def score_766(look: Look) -> Outcome:
    """Return the official score with rank, groups and the weakest group; inputs: score, rank, rank of, six groups.

    The portal's score stands as it was published (ioc/indicators/statutory/index_766.py says why).
    """
    found: dict[str, tuple[float, int]] = {}
    for pick in look.definition.inputs:
        for cell in newest(look.latest(pick, LONG_S)):
            value = cell.value("last")
            if value is not None and cell.last_time >= found.get(pick.variable, (0.0, 0))[1]:
                found[pick.variable] = (value, cell.last_time)
    score, rank, rank_of, *groups = (pick.variable for pick in look.definition.inputs)
    if score not in found:
        return Outcome(Answer(), {})
    of = {group.code.lower(): group for group in look.standards.groups_766}
    shown = {variable.rpartition("_")[2]: found[variable][0] for variable in groups if variable in found}
    weakest = index_766.weakest(
        look.standards.groups_766, {of[code].code: value for code, value in shown.items() if code in of}
    )
    detail: dict[str, Any] = {
        "rank": None if rank not in found else exact(found[rank][0]),
        "rank_of": None if rank_of not in found else exact(found[rank_of][0]),
        "groups": [
            {
                "code": of[code].code,
                "name": {"vi": of[code].vi, "en": of[code].en},
                "value": value,
                "max": float(of[code].max),
            }
            for code, value in shown.items()
            if code in of
        ],
        "weakest": None
        if weakest is None
        else {"code": weakest.code, "name": {"vi": weakest.vi, "en": weakest.en}},
    }
    value, reported = found[score]
    return Outcome(Answer(exact(value), detail=detail, reported_at=reported), {})


FUNCTIONS: Mapping[str, Function] = {
    "vn_aqi_hour": Function(air.vn_aqi_hour, 16 * HOUR_S, True),
    "vn_aqi_day": Function(air.vn_aqi_day, 3 * DAY_S, True),
    "air_exceedances": Function(air.air_exceedances, 2 * DAY_S, True),
    "permit_exceedances": Function(stations.permit_exceedances, DAY_S),
    "stations_silent": Function(stations.stations_silent, 3 * DAY_S),
    "station_uptime": Function(stations.station_uptime, 0),
    "disease_week_alert": Function(diseases.disease_week_alert, 6 * 366 * DAY_S),
    "disease_month_outbreak": Function(diseases.disease_month_outbreak, 6 * 366 * DAY_S),
    "disease_suppressed": Function(diseases.disease_suppressed, LONG_S),
    "score_766": Function(score_766, LONG_S),
    "vn_wqi": Function(surface_water.vn_wqi, surface_water.REACH_S, True),
    "level_stage": Function(water.level_stage, water.REACH_S, True),
    "ranking": Function(ranking.ranking, YEARS_S, True),
    "levels_reached": Function(water.levels_reached, water.REACH_S, True),
}
"""By the name that a declaration writes."""

HIDING = frozenset({"disease_suppressed"})
"""Functions that hide small counts: what they count is listed nowhere one by one."""


def compute(look: Look) -> Outcome:
    """Compute the indicator that names a function."""
    return FUNCTIONS[look.definition.function].compute(look)
