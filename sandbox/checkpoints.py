"""Health checkpoints of the synthetic province: what their cameras notice of people and vehicles that pass."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from functools import lru_cache
from typing import Any, NamedTuple

from ioc.calendar import date_of, day_start
from ioc.model import Site
from sandbox.chance import cumulated, share, stream
from sandbox.lives import Lives
from sandbox.setting import Setting
from sandbox.world import World
from sandbox.written import iso

KIND = 16
NOTICED = ("THAN_NHIET_CAO", "KHONG_KHAI_BAO", "XE_TU_VUNG_DICH", "KHONG_DEO_KHAU_TRANG", "QUA_TAI_CHOT")
_NOTICED = cumulated((22, 30, 18, 26, 4))
_LASTS_S = (1500, 900, 1200, 300, 3600)


class Passing(NamedTuple):
    """What was noticed at a checkpoint, from its beginning to when it was settled (epoch s)."""

    key: str
    kind: str
    site: Site
    vehicle: bool
    starts: int
    ends: int
    plate: str

    @property
    def changes(self) -> tuple[int, ...]:
        """The instants at which the system's answer changes."""
        return (self.starts, self.ends)


@lru_cache(maxsize=4)
def passings(setting: Setting) -> Lives[Passing]:
    """Return everything that the checkpoints' cameras notice."""

    def count(day: int) -> int:
        return round((9 + 9 * share(setting.seed, 165, day)) * (0.7 + 0.4 * setting.busyness(day)))

    def make(day: int, number: int) -> Passing:
        return _passing(setting, day, number)

    return Lives(count, make, 1)


def _passing(setting: Setting, day: int, number: int) -> Passing:
    draw = stream(setting.seed, KIND, day, number)
    sites = setting.of_kind("health_checkpoint")
    place = bisect_right(_NOTICED, draw())
    starts = day_start(day) + int(3600 * (5 + 17 * (draw() + draw()) / 2))
    return Passing(
        key=f"CHOT-{date_of(day):%y%m%d}-{number:03d}",
        kind=NOTICED[place],
        site=sites[int(len(sites) * draw())],
        vehicle=NOTICED[place] in ("XE_TU_VUNG_DICH", "QUA_TAI_CHOT") or draw() < 0.4,
        starts=starts,
        ends=starts + int(_LASTS_S[place] * (0.5 + draw())),
        plate=f"14C-{int(90_000 * draw()) + 10_000}",
    )


def changed(world: World, since: int, until: int) -> array[int]:
    """Return references to what was noticed or settled in a span."""
    return passings(world.setting).changed(since, until)


def told(world: World, reference: int, t: int) -> dict[str, Any]:
    """Return what the checkpoints' system says of one passing at t, the person and the number plate too."""
    one = passings(world.setting).at(reference)
    return {
        "ma": one.key,
        "loai": one.kind,
        "chot": one.site.codes[0],
        "ma_xa": one.site.area,
        "doi_tuong": "PHUONG_TIEN" if one.vehicle else "NGUOI",
        "bat_dau": iso(one.starts),
        "ket_thuc": iso(one.ends) if one.ends <= t else None,
        "ho_ten": f"NGƯỜI QUA CHỐT {reference % 1000:03d}",
        "bien_so": one.plate if one.vehicle else None,
    }
