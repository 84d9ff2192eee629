"""Queues at the public administrative service centres of the synthetic province, every ten minutes of office time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ioc.calendar import OFFSET_S, day_start, local_day
from sandbox.chance import normal, share
from sandbox.setting import Setting
from sandbox.world import World
from sandbox.written import iso

STEP_S, LATE_S = 600, 20
OPEN_S, NOON_S, AFTERNOON_S, CLOSE_S = 27_000, 41_400, 48_600, 61_200
"""From half past seven to half past eleven, from half past one to five: seconds of the local day."""


def changed(world: World, since: int, until: int) -> Sequence[tuple[int, int]]:
    """Return (instant, centre) of what arrived in a span: office time of working days alone."""
    first = -(-(since - LATE_S) // STEP_S) * STEP_S
    count = len(world.setting.of_kind("service_centre"))
    return [
        (at, one)
        for at in range(first, until - LATE_S + 1, STEP_S)
        if is_open(world.setting, at)
        for one in range(count)
    ]


def is_open(setting: Setting, at: int) -> bool:
    """Return whether counters are open at an instant."""
    second = (at + OFFSET_S) % 86_400
    hours = OPEN_S <= second < NOON_S or AFTERNOON_S <= second < CLOSE_S
    return hours and setting.calendar.is_working_day(local_day(at))


def told(world: World, reference: tuple[int, int], t: int) -> dict[str, Any]:
    """Return what a centre's queue system says of an instant, the number called and all."""
    at, index = reference
    site = world.setting.of_kind("service_centre")[index]
    return {
        "ma_trung_tam": site.codes[0],
        "thoi_diem": iso(at),
        "so_dang_goi": f"A{at // STEP_S % 400:03d}",
        **state(world.setting, index, at),
    }


def state(setting: Setting, index: int, at: int) -> dict[str, int]:
    """Return who waits, how many minutes they have waited on average, how many were served since the morning."""
    counters = 14 if index == 0 else 4
    day, second = local_day(at), (at + OFFSET_S) % 86_400
    morning = 1.4 if second < 36_000 else 0.9
    busy = setting.busyness(day) * morning * (0.7 + 0.6 * share(setting.seed, 480, index, day))
    waiting = max(0, round(counters * busy * 1.3 + 1.5 * normal(setting.seed, 481, index, at // STEP_S)))
    worked = at - day_start(day) - OPEN_S - (AFTERNOON_S - NOON_S if second >= AFTERNOON_S else 0)
    served = int(
        worked
        / 3600
        * counters
        * 3.1
        * setting.busyness(day)
        * (0.85 + 0.3 * share(setting.seed, 482, index, day))
    )
    return {
        "dang_cho": waiting,
        "cho_binh_quan_phut": round(waiting / counters * 11),
        "da_phuc_vu": served,
        "quay_mo": counters,
    }
