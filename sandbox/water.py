"""Rain, rivers and reservoirs of the synthetic province: what gauges show at an instant, all of the same rain."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

from ioc.calendar import DAY_S, HOUR_S, date_of, day_start, local_day
from sandbox.chance import normal, share, wave
from sandbox.setting import Setting

MEMORY = 7
"""So many days of rain still show in rivers."""
TIDE_S = 44_712
"""From one high water to the next, 12 h 25 min."""


class Basin(NamedTuple):
    """A river at its gauge: usual level (m), rise for 100 mm of rain (m), hours to the peak, tide (m)."""

    usual: float
    rise: float
    hours: float
    tide: float


class Reservoir(NamedTuple):
    """A reservoir: full level (m), its fall in the dry season (m), rise for 100 mm (m), base inflow (m3/s)."""

    full: float
    fall: float
    rise: float
    inflow: float


BASINS = (
    Basin(1.1, 0.62, 22, 0.35), Basin(2.0, 0.95, 12, 0.05), Basin(24.5, 1.25, 9, 0.0),
    Basin(3.2, 0.8, 14, 0.1), Basin(1.6, 0.7, 18, 0.25),
)  # fmt: skip
RESERVOIRS = (
    Reservoir(29.5, 5.5, 0.75, 2.4), Reservoir(24.6, 4.2, 0.6, 1.6), Reservoir(60.7, 7.0, 1.1, 0.9),
    Reservoir(27.0, 3.5, 0.55, 0.5),
)  # fmt: skip
_DRIZZLE = (1.2, 1.4, 1.6, 2.4, 4.0, 5.0, 5.5, 6.0, 4.5, 2.2, 1.2, 0.9)


def day_rain(setting: Setting, day: int) -> float:
    """Return the province's mean rain of a local day in mm: a flood brings 100 to 280, a small spell up to 40."""
    wet = setting.rain(day)
    light = share(setting.seed, 400, day)
    drizzle = _DRIZZLE[date_of(day).month - 1] * max(0.0, light - 0.55) * 4
    return 280 * wet**1.6 + (drizzle if wet == 0 else 0.0)


def hour_rain(setting: Setting, gauge: int, hour: int) -> float:
    """Return the rain in mm of the hour that starts at an instant, at gauge `gauge` (from 0)."""
    day = local_day(hour)
    return _hours(setting, gauge, day)[(hour - day_start(day)) // HOUR_S]


def last_rain(setting: Setting, gauge: int, at: int, hours: int) -> float:
    """Return the rain in mm of the last so many full hours."""
    end = at - at % HOUR_S
    return round(sum(hour_rain(setting, gauge, end - back * HOUR_S) for back in range(1, hours + 1)), 1)


@lru_cache(maxsize=8192)
def _hours(setting: Setting, gauge: int, day: int) -> tuple[float, ...]:
    total = day_rain(setting, day) * (0.75 + 0.55 * share(setting.seed, 401, gauge, day))
    weights = [share(setting.seed, 402, day, hour // 3) ** 2 + 0.3 * share(setting.seed, 403, gauge, day, hour)
               for hour in range(24)]  # fmt: skip
    found = (round(total * weight / sum(weights), 1) for weight in weights)
    return tuple(mm if mm >= 0.2 else 0.0 for mm in found)


def level(setting: Setting, river: int, at: int) -> float:
    """Return a river's level in m at an instant: its rain of a week, the tide, a slow wave."""
    basin = BASINS[river]
    rise = sum(
        day_rain(setting, day) / 100 * basin.rise * _wave_of((at - day_start(day) - DAY_S / 2) / HOUR_S, basin.hours)
        for day in range(local_day(at) - MEMORY, local_day(at) + 1)
    )  # fmt: skip
    tide = basin.tide * math.sin(2 * math.pi * (at / TIDE_S + river / 5))
    slow = 0.12 * wave(setting.seed, 4040 + river, at, 6 * DAY_S)
    return round(basin.usual + rise + tide + slow, 2)


def _wave_of(hours: float, peak: float) -> float:
    """Return how much of a rain's rise is there so many hours later: up to the peak quickly, then slowly down."""
    if hours <= 0:
        return 0.0
    return (
        hours / peak * math.exp(1 - hours / peak) if hours < peak else math.exp(-(hours - peak) / (3 * peak))
    )


def alarms(river: int) -> tuple[float, float, float]:
    """Return the levels of alarm I, II and III at a gauge, in m, as the sites declare them."""
    basin = BASINS[river]
    first, step = basin.usual + 2.0 * basin.rise + basin.tide, 1.1 * basin.rise
    return round(first, 1), round(first + step, 1), round(first + 2 * step, 1)


class Water(NamedTuple):
    """A reservoir at an instant: level in m, what it is full, in %, inflow and release in m3/s."""

    level: float
    filled: float
    inflow: float
    release: float


def reservoir(setting: Setting, index: int, at: int) -> Water:
    """Return a reservoir's state: full in autumn, low in spring, up after rain; above full it releases what comes."""
    one, day = RESERVOIRS[index], local_day(at)
    year = (at / DAY_S % 365.25) / 365.25
    season = one.fall * (0.5 - 0.5 * math.cos(2 * math.pi * (year - 0.86)))
    wet = [day_rain(setting, day - back) for back in range(12)]
    stored = sum(mm / 100 * one.rise * math.exp(-back / 9) for back, mm in enumerate(wet) if back)
    level = one.full - 0.35 - season + stored + 0.05 * normal(setting.seed, 405, index, at // (6 * HOUR_S))
    inflow = one.inflow * (1 + 0.15 * normal(setting.seed, 406, index, at // HOUR_S)) + one.inflow * sum(
        mm * math.exp(-back / 1.5) / 6 for back, mm in enumerate(wet)
    )
    inflow = max(0.1, inflow)
    above = max(0.0, level - one.full)
    release = one.inflow * 0.6 + (0.85 * inflow if above else 0.0)
    level = min(level, one.full + 0.9 + 0.1 * above)
    filled = max(5.0, 100 - 60 * max(0.0, one.full - level) / one.fall)
    return Water(round(level, 2), round(min(filled, 108.0), 1), round(inflow, 1), round(release, 1))
