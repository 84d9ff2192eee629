"""What the province says to its people: announcements by channel, and loudspeakers in every commune."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from functools import lru_cache
from typing import Any, NamedTuple

from ioc.calendar import DAY_S, HOUR_S, OFFSET_S, date_of, day_start, local_day
from ioc.territory import Area
from sandbox.chance import cumulated, mix, normal, share, stream
from sandbox.lives import Lives
from sandbox.setting import Setting
from sandbox.world import World
from sandbox.written import iso

KIND = 9
SUBJECTS = (
    ("Lịch cắt điện, cắt nước tại {place}", "TIEN_ICH", 20), ("Hướng dẫn nộp hồ sơ trực tuyến", "THU_TUC", 22),
    ("Lịch tiêm chủng mở rộng tại {place}", "Y_TE", 12), ("Cảnh báo mưa lớn, đề phòng sạt lở", "THIEN_TAI", 3),
    ("Phân luồng giao thông tại {place}", "GIAO_THONG", 14), ("Cảnh báo lừa đảo trên mạng", "AN_NINH", 12),
    ("Lịch tiếp công dân tại {place}", "THU_TUC", 9), ("Tuyên truyền chuyển đổi số", "TUYEN_TRUYEN", 8),
)  # fmt: skip
CHANNELS = {"ZALO": 5_200, "UNG_DUNG": 3_900, "SMS": 2_100, "FACEBOOK": 2_800, "CONG_TTDT": 900}
"""The channels of announcements, each with how many people one announcement usually reaches there."""


class Announcement(NamedTuple):
    """One announcement; instants are epoch seconds; reach: people reached on each of its channels in the end."""

    key: str
    headline: str
    subject: str
    commune: Area | None
    sent: int
    ends: int
    reach: dict[str, int]

    @property
    def changes(self) -> tuple[int, ...]:
        """The instants at which the system's answer changes: what was reached is counted for two days."""
        return (self.sent, self.sent + 6 * HOUR_S, self.sent + 2 * DAY_S)

    def reached(self, channel: str, t: float) -> int:
        """Return how many people it has reached on a channel until t: most of them soon."""
        passed = max(0.0, min(t, self.changes[2]) - self.sent)
        return round(self.reach[channel] * (1 - math.exp(-passed / (5 * HOUR_S))))


@lru_cache(maxsize=4)
def announcements(setting: Setting) -> Lives[Announcement]:
    """Return all announcements of the province."""

    def count(day: int) -> int:
        return round(2 + 7 * setting.busyness(day) + 6 * setting.rain(day) + 2 * share(setting.seed, 90, day))

    def make(day: int, number: int) -> Announcement:
        return _announcement(setting, day, number)

    return Lives(count, make, 3)


def _announcement(setting: Setting, day: int, number: int) -> Announcement:
    draw = stream(setting.seed, KIND, day, number)
    weights = cumulated([260 * setting.rain(day) if kind == "THIEN_TAI" else w for _, kind, w in SUBJECTS])
    headline, subject, _ = SUBJECTS[bisect_right(weights, draw())]
    commune = setting.commune(draw())
    sent = day_start(day) + int((7 + 13 * draw()) * HOUR_S)
    chosen = [name for name in CHANNELS if draw() < 0.55] or ["ZALO"]
    wide = 1.0 if "{place}" not in headline else 0.12
    return Announcement(
        key=f"TB-{date_of(day):%y%m%d}-{number:02d}",
        headline=headline.format(place=commune.name),
        subject=subject,
        commune=commune if "{place}" in headline else None,
        sent=sent,
        ends=sent + (1 + int(4 * draw())) * DAY_S,
        reach={name: round(CHANNELS[name] * wide * (0.5 + draw())) for name in chosen},
    )


def changed(world: World, since: int, until: int) -> array[int]:
    """Return references to the announcements whose figures changed in a span."""
    return announcements(world.setting).changed(since, until)


def told(world: World, reference: int, t: int) -> dict[str, Any]:
    """Return what the system says of an announcement at t, who approved it too."""
    one = announcements(world.setting).at(reference)
    counted = max(at for at in one.changes if at <= t)
    return {
        "ma": one.key,
        "tieu_de": one.headline,
        "nguoi_duyet": f"LÃNH ĐẠO {reference % 7}",
        "nhom": one.subject,
        "ma_xa": one.commune.code if one.commune else None,
        "gui_luc": iso(one.sent),
        "het_hieu_luc": iso(one.ends),
        "kenh": sorted(one.reach),
        "luot_tiep_can": sum(one.reached(channel, counted) for channel in one.reach),
    }


def channels_changed(world: World, since: int, until: int) -> list[tuple[int, str]]:
    """Return (local day, channel) of the days whose figures changed in a span."""
    last = min(until, int(world.now()))
    return [
        (day, channel) for day in range(local_day(since) - 2, local_day(last) + 1) for channel in CHANNELS
    ]


def channel_told(world: World, one: tuple[int, str], t: int) -> dict[str, Any]:
    """Return how much was sent over a channel on a day and how many it reached, counted by the hour."""
    day, channel = one
    lives, at = announcements(world.setting), t - t % HOUR_S
    sent = [lives.make(day, number) for number in range(lives.count(day))]
    there = [one for one in sent if channel in one.reach and one.sent <= t]
    return {
        "tinh": world.setting.province,
        "ngay": f"{date_of(day)}",
        "kenh": channel,
        "so_tin": len(there),
        "luot_tiep_can": sum(one.reached(channel, at) for one in there),
    }


# Loudspeakers


def clusters(setting: Setting, commune: Area) -> int:
    """Return how many loudspeaker units a commune has."""
    return 6 + int(14 * share(setting.seed, 91, int(commune.code)) + min(commune.area_km2, 250) / 25)


def online(setting: Setting, commune: Area, t: float) -> int:
    """Return how many of them answer at t: a few are broken for weeks, some lose their link for hours, rain silences more."""
    code, day = int(commune.code), local_day(t)
    silent = 0
    for unit in range(clusters(setting, commune)):
        broken = share(setting.seed, 92, code, unit, day // 21) < 0.025
        lost = share(setting.seed, 93, code, unit, int(t) // (3 * HOUR_S)) < 0.03 + 0.12 * setting.rain(day)
        silent += broken or lost
    return clusters(setting, commune) - silent


def minutes(setting: Setting, commune: Area, t: float) -> int:
    """Return how many minutes a commune has broadcast on the local day of t until then: at five and at seventeen."""
    day = local_day(t)
    hour = (int(t) + OFFSET_S - day * DAY_S) / HOUR_S
    length = 30 + 5 * (mix(setting.seed, 94, int(commune.code)) % 4)
    extra = round(20 * setting.rain(day) * (1 + 0.1 * normal(setting.seed, 95, day)))
    return sum(round(min(max(0.0, (hour - start) * 60), length + extra)) for start in (5.0, 17.0))


def entities(world: World) -> list[dict[str, Any]]:
    """Return the loudspeakers of each commune as entities of a context broker (NGSI-LD, normalized)."""
    setting, now = world.setting, int(world.now())
    at = iso(now - now % 60)
    return [
        {
            "id": f"urn:ngsi-ld:LoudspeakerCluster:{commune.code}",
            "type": "LoudspeakerCluster",
            "areaServed": {"type": "Property", "value": commune.code},
            "dateObserved": {"type": "Property", "value": {"@type": "DateTime", "@value": at}},
            "unitsTotal": {"type": "Property", "value": clusters(setting, commune), "observedAt": at},
            "unitsOnline": {"type": "Property", "value": online(setting, commune, now), "observedAt": at},
            "broadcastToday": {
                "type": "Property", "value": minutes(setting, commune, now), "unitCode": "MIN", "observedAt": at,
            },
            "operator": {"type": "Property", "value": f"CÁN BỘ {int(commune.code) % 97:02d}"},
        }
        for commune in setting.communes
    ]  # fmt: skip
