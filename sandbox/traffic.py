"""Traffic of the synthetic province: flow, speed and jams at road points, and violations that were fined."""

from __future__ import annotations

import math
from typing import Any

from ioc.calendar import DAY_S, OFFSET_S, date_of, day_start, local_day
from sandbox.chance import normal, share, wave
from sandbox.setting import Setting
from sandbox.world import World
from sandbox.written import iso

POINTS = 10
STEP_S = 900
KINDS = ("TOC_DO", "NONG_DO_CON", "DEN_TIN_HIEU", "DUNG_DO", "QUA_TAI", "MU_BAO_HIEM")
_DAILY = {
    "TOC_DO": 46.0,
    "NONG_DO_CON": 38.0,
    "DEN_TIN_HIEU": 14.0,
    "DUNG_DO": 22.0,
    "QUA_TAI": 9.0,
    "MU_BAO_HIEM": 31.0,
}
_CAPACITY = (3200, 2800, 3600, 2400, 4200, 2000, 1800, 2600, 3000, 2200)
_FREE_SPEED = (48, 46, 62, 45, 74, 44, 42, 50, 58, 47)


def _load(setting: Setting, point: int, at: int) -> float:
    """Return how full a road is at an instant, 1 being its capacity: two peaks on working days, weekends by the sea."""
    day, hour = local_day(at), (at + OFFSET_S) % DAY_S / 3600
    weekday = date_of(day).weekday()
    peaks = math.exp(-(((hour - 7.2) / 1.1) ** 2)) + 1.05 * math.exp(-(((hour - 17.2) / 1.4) ** 2))
    if not setting.calendar.is_working_day(day):
        peaks = 0.75 * math.exp(-(((hour - 10.0) / 2.6) ** 2)) + 0.9 * math.exp(-(((hour - 16.5) / 2.4) ** 2))
        peaks *= 1.1 if point in (0, 1, 4) and weekday >= 5 else 0.8
    base = 0.1 + 0.3 * max(0.0, math.sin(math.pi * (hour - 5) / 17)) if 5 <= hour <= 22 else 0.06
    usual = (base + 0.48 * peaks) * (0.86 + 0.3 * share(setting.seed, 70, point))
    return max(
        0.02, usual * (1 + 0.14 * wave(setting.seed, 7100 + point, at, 2700.0) + 0.12 * setting.rain(day))
    )


def flow(setting: Setting, point: int, at: int) -> float | None:
    """Return the flow at a road point over the quarter hour from an instant, vehicles an hour; None: no detector."""
    if share(setting.seed, 72, point, at // 7200) < 0.004:
        return None
    load = _load(setting, point, at)
    passing = load if load < 1 else max(0.55, 1.9 - 0.9 * load)
    return round(_CAPACITY[point] * passing * (1 + 0.03 * normal(setting.seed, 73, point, at)))


def speed(setting: Setting, point: int, at: int) -> float | None:
    """Return the mean speed there and then, km/h: it falls with the load of the road."""
    if flow(setting, point, at) is None:
        return None
    load = _load(setting, point, at)
    free = _FREE_SPEED[point] * (1 - 0.1 * setting.rain(local_day(at)))
    return round(max(5.0, free / (1 + 0.9 * load**4)), 1)


def occupancy(setting: Setting, point: int, at: int) -> float | None:
    """Return how full the road is there and then, % of its capacity."""
    if flow(setting, point, at) is None:
        return None
    return round(100 * min(1.0, _load(setting, point, at)), 1)


def violations(setting: Setting, day: int, kind: str) -> int:
    """Return how many violations of a kind were fined on a local day: more at weekends and before Tết."""
    number = KINDS.index(kind)
    campaign = 1.35 if share(setting.seed, 74, day // 10) < 0.25 else 1.0
    late_week = 1.15 if date_of(day).weekday() >= 4 else 1.0
    mean = _DAILY[kind] * campaign * late_week
    return max(0, round(mean + math.sqrt(mean) * normal(setting.seed, 75, number, day)))


def violations_changed(world: World, since: int, until: int) -> list[tuple[int, str]]:
    """Return (local day, kind) of the days that were closed in a span: each at six the next morning."""
    days = range(local_day(since) - 1, local_day(until) + 1)
    told = [day for day in days if since <= closed_at(day) <= min(until, int(world.now()))]
    return [(day, kind) for day in told for kind in KINDS]


def closed_at(day: int) -> int:
    """Return when the figures of a local day are told."""
    return day_start(day + 1) + 6 * 3600


def violation_told(world: World, one: tuple[int, str], t: int) -> dict[str, Any]:
    """Return how many violations of a kind were fined on a day."""
    day, kind = one
    return {
        "tinh": world.setting.province,
        "ngay": f"{date_of(day):%Y-%m-%d}",
        "hanh_vi": kind,
        "so_vu": violations(world.setting, day, kind),
        "cap_nhat": iso(closed_at(day)),
    }
