"""How the systems of rain gauges, reservoirs and the command post tell about the synthetic province's water, hour by hour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from ioc.calendar import DAY_S, HOUR_S, date_of, day_of, local_day
from ioc.model import Site
from sandbox import incidents, water
from sandbox.bulletins import issued
from sandbox.chance import share
from sandbox.setting import Setting
from sandbox.world import World
from sandbox.written import iso

RAIN_LATE_S, LATE_S = 180, 300
STEP_S = 6 * HOUR_S
"""Reservoirs report at 1, 7, 13 and 19 o'clock."""
_PARTS = ("dead", "missing", "injured", "houses", "flooded", "crops_ha", "cost")


def rain_changed(world: World, since: int, until: int) -> Sequence[tuple[int, int]]:
    """Return (end of the hour, gauge) of what arrived in a span; a gauge is silent for some hours now and then."""
    count = len(world.setting.of_kind("rain_gauge"))
    return [
        (at, gauge)
        for at in _instants(since - RAIN_LATE_S, until - RAIN_LATE_S, HOUR_S, 0)
        for gauge in range(count)
        if share(world.setting.seed, 420, gauge, at // (5 * HOUR_S)) > 0.012
    ]


def told_rain(world: World, reference: tuple[int, int], t: int) -> dict[str, Any]:
    """Return a gauge's rain of the hour that ended at an instant and of the last three hours."""
    at, gauge = reference
    return {
        "ma_tram": _code(world.setting.of_kind("rain_gauge"), gauge),
        "thoi_gian": iso(at),
        "mua_1h": water.last_rain(world.setting, gauge, at, 1),
        "mua_3h": water.last_rain(world.setting, gauge, at, 3),
    }


def reservoirs_changed(world: World, since: int, until: int) -> Sequence[tuple[int, int]]:
    """Return (instant, reservoir) of the reports that arrived in a span."""
    count = len(world.setting.of_kind("reservoir"))
    return [
        (at, one) for at in _instants(since - LATE_S, until - LATE_S, STEP_S, -STEP_S) for one in range(count)
    ]


def told_reservoir(world: World, reference: tuple[int, int], t: int) -> dict[str, Any]:
    """Return a reservoir's report: level, how full, inflow and release."""
    at, index = reference
    state = water.reservoir(world.setting, index, at)
    return {
        "ma_ho": _code(world.setting.of_kind("reservoir"), index),
        "thoi_gian": iso(at),
        "muc_nuoc_m": state.level,
        "dung_tich_phan_tram": state.filled,
        "q_den": state.inflow,
        "q_xa": state.release,
    }


def situation_changed(world: World, since: int, until: int) -> Sequence[int]:
    """Return the full hours that the command post reported in a span."""
    return _instants(since - LATE_S, until - LATE_S, HOUR_S, 0)


def told_situation(world: World, at: int, t: int) -> dict[str, Any]:
    """Return the command post's figures of an hour: level of risk, people evacuated, households cut off, damage."""
    setting = world.setting
    on = [point for point in incidents.points(setting).begun(at) if point.opened <= at < point.closed]
    in_force = [
        one for one in issued(setting, at - 4 * DAY_S, at) if one.kind != "Cancel" and one.expires > at
    ]
    done = year_damage(setting, local_day(at))
    return {
        "don_vi": setting.province,
        "thoi_diem": iso(at),
        "cap_do_rui_ro": max((one.risk for one in in_force), default=0),
        "so_tan_nguoi": sum(point.people for point in on if point.kind == "SO_TAN"),
        "chia_cat_ho": sum(point.households for point in on if point.kind == "CHIA_CAT"),
        "chet_mat_tich": int(done[0] + done[1]),
        "nha_hu_hong": int(done[3]),
        "thiet_hai_ty": round(done[6] / 1000, 2),
    }


@lru_cache(maxsize=2048)
def year_damage(setting: Setting, day: int) -> tuple[float, ...]:
    """Return what was reported since 1 January up to and including a local day: each figure of the reports, summed."""
    when = date_of(day)
    months = [_month_damage(setting, when.year, month) for month in range(1, when.month)]
    first = day_of(when.replace(day=1))
    return _summed([*months, _of_days(setting, range(first, day + 1))])


@lru_cache(maxsize=64)
def _month_damage(setting: Setting, year: int, month: int) -> tuple[float, ...]:
    first = day_of(date(year, month, 1))
    return _of_days(setting, range(first, day_of(date(year + month // 12, month % 12 + 1, 1))))


def _of_days(setting: Setting, days: range) -> tuple[float, ...]:
    lives = incidents.damages(setting)
    reports = [lives.make(day, number) for day in days for number in range(lives.count(day))]
    return _summed([tuple(float(getattr(one, part)) for part in _PARTS) for one in reports])


def _summed(rows: Sequence[tuple[float, ...]]) -> tuple[float, ...]:
    return tuple(sum(row[place] for row in rows) for place in range(len(_PARTS)))


def _instants(since: int, until: int, step: int, shift: int) -> range:
    """Return the instants since <= t <= until that are whole steps after `shift`."""
    return range(-(-(since - shift) // step) * step + shift, until + 1, step)


def _code(sites: Sequence[Site], index: int) -> str:
    return sites[index].codes[0]
