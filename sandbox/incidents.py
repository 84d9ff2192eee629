"""Flooded, cut-off and slide points, evacuations and damage in the synthetic province, as the command post reports them."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from functools import lru_cache
from typing import Any, NamedTuple

from ioc.calendar import HOUR_S, date_of, day_start
from ioc.territory import Area
from sandbox.chance import Draw, cumulated, share, stream
from sandbox.lives import Lives
from sandbox.setting import Setting
from sandbox.world import World
from sandbox.written import day as written_day
from sandbox.written import iso

KIND, DAMAGE = 5, 6
HORIZON = 12
POINTS = ("NGAP", "SAT_LO", "CHIA_CAT", "SO_TAN")
_POINTS = cumulated((58, 16, 11, 15))


class Point(NamedTuple):
    """A point that somebody watches: flooded, slide, cut off or evacuated; people and households concerned."""

    key: str
    kind: str
    commune: Area
    lat: float
    lon: float
    opened: int
    closed: int
    households: int
    people: int
    depth_cm: int
    damage: int

    @property
    def changes(self) -> tuple[int, ...]:
        """The instants at which the answer changes."""
        return (self.opened, self.closed)


class Damage(NamedTuple):
    """One commune's report of what a day of flood destroyed; corrected: from then on a tenth more houses."""

    key: str
    commune: Area
    reported: int
    corrected: int
    dead: int
    missing: int
    injured: int
    houses: int
    flooded: int
    crops_ha: float
    cost: int

    @property
    def changes(self) -> tuple[int, ...]:
        """The instants at which the answer changes."""
        return (self.reported, self.corrected) if self.corrected else (self.reported,)


@lru_cache(maxsize=4)
def points(setting: Setting) -> Lives[Point]:
    """Return all points: none without rain, some tens on the worst day of a flood."""

    def count(day: int) -> int:
        return round(46 * max(0.0, setting.rain(day) - 0.18) ** 1.3)

    def make(day: int, number: int) -> Point:
        return _point(setting, day, number)

    return Lives(count, make, HORIZON)


@lru_cache(maxsize=4)
def damages(setting: Setting) -> Lives[Damage]:
    """Return all damage reports: of floods alone."""

    def count(day: int) -> int:
        return round(18 * max(0.0, setting.rain(day - 1) - 0.35))

    def make(day: int, number: int) -> Damage:
        return _damage(setting, day, number)

    return Lives(count, make, HORIZON)


def _point(setting: Setting, day: int, number: int) -> Point:
    draw = stream(setting.seed, KIND, day, number)
    kind = POINTS[bisect_right(_POINTS, draw())]
    commune = setting.commune(draw())
    opened = day_start(day) + int((3 + 20 * draw()) * HOUR_S)
    hours = {"NGAP": 6 + 30 * draw(), "SAT_LO": 12 + 70 * draw()}.get(kind, 18 + 60 * draw())
    spread = math.sqrt(max(commune.area_km2, 4.0)) / 111 / 3
    households = (
        0 if kind == "SAT_LO" and draw() < 0.6 else 2 + int(38 * draw() ** 2 * (1 + setting.rain(day)))
    )
    return Point(
        key=f"DN-{date_of(day):%y%m%d}-{number:03d}",
        kind=kind,
        commune=commune,
        lat=round((commune.lat or 0.0) + (2 * draw() - 1) * spread, 5),
        lon=round((commune.lon or 0.0) + (2 * draw() - 1) * spread, 5),
        opened=opened,
        closed=opened + int(hours * HOUR_S),
        households=households,
        people=int(households * (3.1 + draw())),
        depth_cm=20 + int(110 * draw() ** 2) if kind == "NGAP" else 0,
        damage=0 if kind == "SO_TAN" else int(households * (4 + 30 * draw() ** 2)),
    )


def _damage(setting: Setting, day: int, number: int) -> Damage:
    draw = stream(setting.seed, DAMAGE, day, number)
    chosen, wet = int(share(setting.seed, DAMAGE, day) * 97) + 5 * number, setting.rain(day - 1)
    commune = setting.communes[chosen % len(setting.communes)]  # one report a commune and day
    houses, flooded = int(14 * draw() ** 2 * wet), int(220 * draw() ** 2 * wet)
    crops = round(95 * draw() ** 2 * wet, 1)
    reported = day_start(day) + int((6 + 2 * draw()) * HOUR_S)
    return Damage(
        key=f"TH-{date_of(day):%y%m%d}-{number:03d}",
        commune=commune,
        reported=reported,
        corrected=reported + int((5 + 20 * draw()) * HOUR_S) if draw() < 0.2 else 0,
        dead=_rare(draw, 0.035 * wet),
        missing=_rare(draw, 0.025 * wet),
        injured=_rare(draw, 0.09 * wet),
        houses=houses,
        flooded=flooded,
        crops_ha=crops,
        cost=int(houses * 90 + flooded * 4 + crops * 22),
    )


def _rare(draw: Draw, chance: float) -> int:
    return 1 + int(1.5 * draw()) if draw() < chance else 0


def points_changed(world: World, since: int, until: int) -> array[int]:
    """Return references to the points that changed in a span."""
    return points(world.setting).changed(since, until)


def damages_changed(world: World, since: int, until: int) -> array[int]:
    """Return references to the damage reports that changed in a span."""
    return damages(world.setting).changed(since, until)


def told_point(world: World, reference: int, t: int) -> dict[str, Any]:
    """Return what the command post's system says of a point at t, who watches it and all."""
    point = points(world.setting).at(reference)
    over = point.closed <= t
    return {
        "ma": point.key,
        "loai": point.kind,
        "ma_xa": point.commune.code,
        "don_vi": f"UBND {point.commune.short}",
        "nguoi_truc": f"CÁN BỘ {reference % 100:02d}",
        "dien_thoai": f"090000{reference % 10_000:04d}",
        "vi_do": point.lat,
        "kinh_do": point.lon,
        "bat_dau": iso(point.opened),
        "ket_thuc": iso(point.closed) if over else None,
        "trang_thai": "KET_THUC" if over else "DANG_XU_LY",
        "so_ho": point.households,
        "so_nguoi": point.people,
        "do_sau_cm": point.depth_cm or None,
        "uoc_thiet_hai_trieu": point.damage or None,
    }


def told_damage(world: World, reference: int, t: int) -> dict[str, Any]:
    """Return a damage report as it stands at t."""
    one = damages(world.setting).at(reference)
    corrected = bool(one.corrected and one.corrected <= t)
    houses = one.houses + math.ceil(one.houses / 10) if corrected else one.houses
    return {
        "ma": one.key,
        "ma_xa": one.commune.code,
        "nguoi_lap": f"CÁN BỘ {reference % 100:02d}",
        "ngay": written_day(one.reported),
        "chet": one.dead,
        "mat_tich": one.missing,
        "bi_thuong": one.injured,
        "nha_hu_hong": houses,
        "nha_ngap": one.flooded,
        "lua_hoa_mau_ha": one.crops_ha,
        "uoc_thiet_hai_trieu": one.cost,
    }
