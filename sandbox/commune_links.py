"""Up-links of the synthetic province's communes to its centre: who is connected, and when each last synchronised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ioc.calendar import DAY_S, OFFSET_S
from ioc.territory import Area
from sandbox.chance import mix, share
from sandbox.world import World
from sandbox.written import iso

STEP_S = 300
OUTAGE_S = 3 * 3600


def is_up(world: World, area: Area, at: int) -> bool:
    """Return whether a commune is connected at an instant: outages last three hours, more of them in the rain."""
    setting = world.setting
    chance = 0.012 + 0.06 * setting.rain((at + OFFSET_S) // DAY_S)
    return share(setting.seed, 170, int(area.code), at // OUTAGE_S) >= chance


def changed(world: World, since: int, until: int) -> Sequence[Area]:
    """Return every commune: a register of links knows the present alone."""
    return world.setting.communes


def told(world: World, area: Area, t: int) -> dict[str, Any]:
    """Return what the register says of a commune at t, its address too."""
    at = t - t % STEP_S
    up = is_up(world, area, at)
    minutes = mix(world.setting.seed, int(area.code), at) % 5 if up else (t % OUTAGE_S) // 60 + 5
    return {
        "ma_xa": area.code,
        "thoi_diem": iso(at),
        "ket_noi": 1 if up else 0,
        "phai_ket_noi": 1,
        "dong_bo_truoc_phut": minutes,
        "dia_chi": f"10.40.{int(area.code) % 250}.1",
    }
