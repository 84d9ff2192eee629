"""Warnings of the hydro-meteorological office about the synthetic province's rain and rivers: what was issued when."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from ioc.calendar import DAY_S, HOUR_S, date_of, day_start, local_day
from sandbox import water
from sandbox.chance import share
from sandbox.setting import Setting

FEED_DAYS = 12
"""So long a bulletin stands in the feed."""
_SEVERITY = {1: "Minor", 2: "Moderate", 3: "Severe", 4: "Extreme", 5: "Extreme"}


class Bulletin(NamedTuple):
    """One message; sent, onset and expires are epoch s, communes are codes (empty: the whole province).

    kind: Alert, Update or Cancel; before: the identifier that it refers to, with its instant (0: none).
    """

    id: str
    kind: str
    sent: int
    onset: int
    expires: int
    event: str
    risk: int
    headline: str
    communes: tuple[str, ...]
    before: str
    before_sent: int

    @property
    def severity(self) -> str:
        """The word of CAP for its level of risk."""
        return _SEVERITY[self.risk]


def issued(setting: Setting, since: int, until: int) -> list[Bulletin]:
    """Return the bulletins that were sent in since <= t <= until, oldest first."""
    found = [
        bulletin
        for day in range(local_day(since) - 1, local_day(until) + 2)
        for bulletin in _of_day(setting, day)
        if since <= bulletin.sent <= until
    ]
    return sorted(found, key=lambda bulletin: (bulletin.sent, bulletin.id))


@lru_cache(maxsize=1024)
def _of_day(setting: Setting, day: int) -> tuple[Bulletin, ...]:
    return (*_rain(setting, day), *_flood(setting, day))


def _rain(setting: Setting, day: int) -> Iterator[Bulletin]:
    """Yield the rain bulletin about a local day, sent the afternoon before, and its end at the end of a spell."""
    wet, before = setting.rain(day), setting.rain(day - 1)
    if wet == 0:
        if before:
            last = _named("MUA", day - 1)
            yield Bulletin(
                _named("MUA-KT", day), "Cancel", day_start(day) + 5 * HOUR_S, day_start(day) + 5 * HOUR_S,
                day_start(day) + 6 * HOUR_S, "Mưa lớn", 1, "Kết thúc cảnh báo mưa lớn", (), last, _afternoon(day - 1),
            )  # fmt: skip
        return
    risk = 1 if wet < 0.35 else 2 if wet < 0.75 else 3
    mm = round(water.day_rain(setting, day) / 10) * 10
    yield Bulletin(
        _named("MUA", day), "Update" if before else "Alert", _afternoon(day), day_start(day),
        day_start(day) + DAY_S + 6 * HOUR_S, "Mưa lớn", risk,
        f"Mưa {'rất to' if risk > 2 else 'to' if risk > 1 else 'vừa, có nơi mưa to'} ngày {date_of(day):%d/%m}, "
        f"phổ biến {max(20, mm)} mm",
        (), _named("MUA", day - 1) if before else "", _afternoon(day - 1) if before else 0,
    )  # fmt: skip


def _flood(setting: Setting, day: int) -> Iterator[Bulletin]:
    """Yield the bulletin on flash floods and slides of a day on which a river passes alarm I."""
    noon = day_start(day) + 12 * HOUR_S
    stages = [
        sum(water.level(setting, river, noon) >= at for at in water.alarms(river)) for river in range(5)
    ]
    if not max(stages):
        return
    number = max(3, len(setting.communes) // 4)
    chosen = sorted(setting.communes, key=lambda area: share(setting.seed, 410, day // 30, int(area.code)))[
        :number
    ]
    risk = 1 + min(2, max(stages))
    yield Bulletin(
        _named("LU", day), "Alert", day_start(day) + int(7.5 * HOUR_S), noon - 4 * HOUR_S, noon + DAY_S - 4 * HOUR_S,
        "Lũ, lũ quét, sạt lở đất", risk,
        f"Lũ trên các sông ở mức báo động {'I' * max(stages)}, nguy cơ lũ quét, sạt lở đất",
        tuple(sorted(area.code for area in chosen)), "", 0,
    )  # fmt: skip


def _named(kind: str, day: int) -> str:
    return f"{kind}-{date_of(day):%Y%m%d}"


def _afternoon(day: int) -> int:
    """Return when the bulletin about a day is sent: at half past three the day before."""
    return day_start(day - 1) + int(15.5 * HOUR_S)
