"""Surface and coastal water of the synthetic province: what automatic stations measure every three hours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ioc.calendar import DAY_S, HOUR_S, OFFSET_S, local_day
from ioc.model import Site
from sandbox import water
from sandbox.chance import normal, share, wave
from sandbox.setting import Setting
from sandbox.world import World
from sandbox.written import iso

STEP_S, LATE_S = 3 * HOUR_S, 600
POLLUTED = 1
"""The second surface water station lies below a town: ammonium is high there."""


def stations(setting: Setting) -> list[Site]:
    """Return the stations: surface water first, then coastal."""
    return [*setting.of_kind("surface_water"), *setting.of_kind("coastal_water")]


def changed(world: World, since: int, until: int) -> Sequence[tuple[int, int]]:
    """Return (instant, station) of the samples that arrived in a span; a station is silent for a day now and then."""
    first = -(-(since - LATE_S) // STEP_S) * STEP_S
    count = len(stations(world.setting))
    return [
        (at, one)
        for at in range(first, until - LATE_S + 1, STEP_S)
        for one in range(count)
        if share(world.setting.seed, 460, one, local_day(at)) > 0.015
    ]


def told(world: World, reference: tuple[int, int], t: int) -> dict[str, Any]:
    """Return a sample as the system tells it: a fault of the ammonium probe is written as a gap."""
    at, number = reference
    values = sample(world.setting, number, at)
    failing = share(world.setting.seed, 461, number, at // (12 * HOUR_S)) < 0.02
    return {
        "ma_tram": stations(world.setting)[number].codes[0],
        "thoi_gian": iso(at),
        **{name: None if failing and name == "n_nh4" else value for name, value in values.items()},
    }


def sample(setting: Setting, number: int, at: int) -> dict[str, float]:
    """Return what station `number` measures at an instant: muddier and thinner after rain, warm in summer."""
    sea = number >= len(setting.of_kind("surface_water"))
    rain = water.day_rain(setting, local_day(at)) + 0.6 * water.day_rain(setting, local_day(at) - 1)
    mud = min(3.0, rain / 80)
    year = (at / DAY_S % 365.25) / 365.25
    hour = (at + OFFSET_S) % DAY_S / 3600

    def around(kind: int, usual: float, swing: float) -> float:
        slow = wave(setting.seed, 4700 + 20 * number + kind, at, 3 * DAY_S)
        return usual * (1 + swing * slow + 0.03 * normal(setting.seed, 471, number, kind, at // STEP_S))

    warm = 24 - 6.5 * math.cos(2 * math.pi * (year - 0.06)) + 0.8 * math.sin(2 * math.pi * (hour - 9) / 24)
    fouled = 2.6 if number == POLLUTED else 1.0
    return {
        "nhiet_do": round(around(0, warm, 0.02), 1),
        "ph": round(around(1, 8.0 if sea else 7.2, 0.03), 2),
        "do": round(around(2, 6.6 if sea else 6.2 / fouled**0.3, 0.08) - 0.25 * mud, 2),
        "cod": round(around(3, 6.0 if sea else 11.0 * fouled**0.6, 0.2) * (1 + 0.25 * mud), 1),
        "n_nh4": round(max(0.01, around(4, 0.05 if sea else 0.18 * fouled, 0.35)), 3),
        "n_no3": round(around(5, 0.12 if sea else 1.1, 0.25), 2),
        "p_po4": round(max(0.005, around(6, 0.02 if sea else 0.07 * fouled, 0.3)), 3),
        "tss": round(around(7, 14.0 if sea else 26.0, 0.2) * (1 + 1.6 * mud), 1),
    }
