"""Monthly counts of diseases that must not be traced to people, by commune, as the disease control centre tells them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import Any

from ioc.calendar import HOUR_S, day_of, day_start, local_date
from sandbox.chance import share
from sandbox.setting import Setting
from sandbox.world import World

MEANS = {"HIV": 0.9, "LAO": 2.4}
REPORT_DAY = 4
MONTHS = 13


def changed(world: World, since: int, until: int) -> Sequence[tuple[int, str, int]]:
    """Return (month from year 0, disease, commune) of the months that were reported in a span."""
    today = local_date(until)
    last = today.year * 12 + today.month - 2
    found = [month for month in range(last - MONTHS + 1, last + 1) if since <= _reported(month) <= until]
    return [
        (month, disease, n)
        for month in found
        for disease in MEANS
        for n in range(len(world.setting.communes))
    ]


def told(world: World, reference: tuple[int, str, int], t: int) -> dict[str, Any]:
    """Return a commune's count of a month."""
    month, disease, number = reference
    return {
        "benh": disease,
        "ma_xa": world.setting.communes[number].code,
        "thang": f"{month // 12}-{month % 12 + 1:02d}-01",
        "so_ca": cases(world.setting, disease, month, number),
    }


def cases(setting: Setting, disease: str, month: int, number: int) -> int:
    """Return a commune's cases of a month: mostly none or a few."""
    mean = MEANS[disease] * (0.3 + 1.6 * share(setting.seed, 490, number) ** 2)
    limit, product, count = math.exp(-mean), 1.0, 0
    while (product := product * share(setting.seed, 491, len(disease), month, number, count)) > limit:
        count += 1
    return count


def _reported(month: int) -> int:
    return day_start(day_of(date((month + 1) // 12, (month + 1) % 12 + 1, REPORT_DAY))) + 9 * HOUR_S
