"""What papers and social networks say about the synthetic province, and which of it is answered."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from functools import lru_cache
from typing import Any, NamedTuple

from ioc.calendar import DAY_S, HOUR_S, OFFSET_S, date_of, day_start, local_day
from sandbox.chance import cumulated, mix, normal, share, stream, wave
from sandbox.lives import Lives
from sandbox.setting import Setting
from sandbox.world import World
from sandbox.written import iso

KIND = 8
PAPERS = ("bao-tinh", "cong-tin", "do-thi", "du-lich")
SHOWN = 40
HEADLINES = (
    ("{place} khởi công tuyến đường ven sông", 9), ("Kiểm tra an toàn giao thông tại {place}", 8),
    ("{place} đón thêm đoàn khách du lịch", 10), ("Bệnh viện tại {place} triển khai khám sớm", 7),
    ("Trường học ở {place} đổi mới dạy và học", 8), ("{place} chủ động ứng phó mưa lũ", 6),
    ("Người dân {place} phản ánh rác thải tồn đọng", 5), ("Khu công nghiệp tại {place} thu hút đầu tư", 8),
    ("Công an {place} triệt phá nhóm trộm cắp", 5), ("Ùn tắc giờ cao điểm tại {place}", 4),
    ("{place} đẩy mạnh chuyển đổi số, dịch vụ công trực tuyến", 8), ("Sạt lở tại {place}, không có thiệt hại về người", 3),
    ("Giải thể thao mừng ngày hội tại {place}", 6), ("Giá cả tại chợ {place} ổn định", 5),
)  # fmt: skip
_HEADLINES = cumulated([weight for _, weight in HEADLINES])
_HOURS = cumulated((2, 1, 1, 1, 2, 5, 9, 11, 12, 11, 10, 8, 7, 7, 9, 10, 10, 8, 6, 6, 7, 6, 4, 3))

MOODS = ("TICH_CUC", "TRUNG_TINH", "TIEU_CUC")
PLATFORMS = ("FACEBOOK", "TIKTOK", "YOUTUBE", "DIEN_DAN", "BAO_DIEN_TU")
_PLATFORM = {"FACEBOOK": 620.0, "TIKTOK": 340.0, "YOUTUBE": 90.0, "DIEN_DAN": 55.0, "BAO_DIEN_TU": 70.0}
TOPICS = ("GIAO_THONG", "DU_LICH", "MOI_TRUONG", "Y_TE", "GIAO_DUC", "THU_TUC", "AN_NINH", "GIA_CA")
_TOPIC = {
    "GIAO_THONG": 190.0, "DU_LICH": 240.0, "MOI_TRUONG": 110.0, "Y_TE": 95.0, "GIAO_DUC": 120.0, "THU_TUC": 75.0,
    "AN_NINH": 85.0, "GIA_CA": 70.0,
}  # fmt: skip
BODIES = (
    "so_xay_dung",
    "so_vhttdl",
    "so_nnmt",
    "so_y_te",
    "so_gddt",
    "tt_hcc",
    "cong_an_tinh",
    "so_cong_thuong",
)
"""Who answers about each topic."""


class Article(NamedTuple):
    """One article of one paper; at is epoch s."""

    number: int
    headline: str
    at: int


def articles(setting: Setting, paper: str, now: int) -> list[Article]:
    """Return the newest articles of a paper at an instant, newest first."""
    place, found = PAPERS.index(paper), list[Article]()
    for day in range(local_day(now), local_day(now) - 20, -1):
        count = 5 + int(9 * share(setting.seed, 80, place, day))
        made = [_article(setting, place, day, number) for number in range(count)]
        found += sorted((one for one in made if one.at <= now), key=lambda one: -one.at)
        if len(found) >= SHOWN:
            break
    return found[:SHOWN]


def _article(setting: Setting, place: int, day: int, number: int) -> Article:
    draw = stream(setting.seed, KIND, place, day, number)
    hour = bisect_right(_HOURS, draw())
    pattern = HEADLINES[bisect_right(_HEADLINES, draw())][0]
    where = setting.commune(draw()).name if draw() < 0.72 else "toàn tỉnh"
    at = day_start(day) + hour * HOUR_S + int(HOUR_S * draw())
    headline = pattern.format(place=where)
    return Article(day * 100 + number, f"{headline[0].upper()}{headline[1:]} ({date_of(day):%d/%m})", at)


# Mentions


def mentions(setting: Setting, day: int, platform: str, mood: str, until: int) -> int:
    """Return how many mentions of a mood a platform had on a local day until an instant: storms come and go."""
    part = max(0, min(24, (until + OFFSET_S - day * DAY_S) // HOUR_S))
    storm = max(0.0, wave(setting.seed, 81, day, 6.0) - 0.55) * 1.6
    negative = min(0.6, 0.14 + storm + 0.1 * setting.rain(day))
    shares = {"TIEU_CUC": negative, "TICH_CUC": 0.31 * (1 - negative / 2)}
    of_mood = shares.get(mood, 1 - sum(shares.values()))
    place = PLATFORMS.index(platform)
    noise = 1 + 0.09 * normal(setting.seed, 82, place, MOODS.index(mood), day)
    whole = _PLATFORM[platform] * (1 + 1.4 * storm) * of_mood * noise
    return max(0, round(whole * (_HOURS[part - 1] if part else 0.0)))


def topic_mentions(setting: Setting, day: int, topic: str, until: int) -> int:
    """Return how often a topic was spoken of on a local day until an instant; now and then one runs hot."""
    part = max(0, min(24, (until + OFFSET_S - day * DAY_S) // HOUR_S))
    number = TOPICS.index(topic)
    hot = 3.4 if share(setting.seed, 83, number, day // 3) < 0.05 else 1.0
    noise = 1 + 0.15 * normal(setting.seed, 84, number, day)
    return max(0, round(_TOPIC[topic] * hot * noise * (_HOURS[part - 1] if part else 0.0)))


def _days(world: World, since: int, until: int) -> range:
    """Return the local days whose figures changed in a span."""
    return range(local_day(since), local_day(min(until, int(world.now()))) + 1)


def mentions_changed(world: World, since: int, until: int) -> list[tuple[int, str, str]]:
    """Return (day, platform, mood) of the days of a span."""
    return [(day, one, mood) for day in _days(world, since, until) for one in PLATFORMS for mood in MOODS]


def mention_told(world: World, one: tuple[int, str, str], t: int) -> dict[str, Any]:
    """Return how many mentions a platform had on a day, counted by the hour."""
    day, platform, mood = one
    count = mentions(world.setting, day, platform, mood, t)
    return {"tinh": world.setting.province, "ngay": f"{date_of(day)}", "nen_tang": platform, "sac_thai": mood,
            "luot": count}  # fmt: skip


def topics_changed(world: World, since: int, until: int) -> list[tuple[int, str]]:
    """Return (day, topic) of the days of a span."""
    return [(day, topic) for day in _days(world, since, until) for topic in TOPICS]


def topic_told(world: World, one: tuple[int, str], t: int) -> dict[str, Any]:
    """Return how often a topic was spoken of on a day."""
    day, topic = one
    count = topic_mentions(world.setting, day, topic, t)
    return {"tinh": world.setting.province, "ngay": f"{date_of(day)}", "chu_de": topic, "luot": count}


# What needs an answer


class Item(NamedTuple):
    """One piece that a body must answer; instants are epoch seconds, answered 0 where nobody ever does."""

    key: str
    platform: str
    topic: int
    reach: int
    found: int
    due: int
    answered: int
    author: int

    @property
    def changes(self) -> tuple[int, ...]:
        """The instants at which the system's answer changes."""
        return (self.found, self.answered)


@lru_cache(maxsize=4)
def items(setting: Setting) -> Lives[Item]:
    """Return everything that must be answered."""

    def count(day: int) -> int:
        storm = max(0.0, wave(setting.seed, 81, day, 6.0) - 0.55)
        return round(3 + 5 * share(setting.seed, 85, day) + 14 * storm)

    def make(day: int, number: int) -> Item:
        return _item(setting, day, number)

    return Lives(count, make, 45)


def _item(setting: Setting, day: int, number: int) -> Item:
    draw = stream(setting.seed, KIND, 9, day, number)
    found = day_start(day) + int(6.5 * HOUR_S + 16 * HOUR_S * draw())
    due = setting.calendar.work_end(setting.calendar.add_working_days(day, 1))
    late = draw() < 0.16
    lasts = (due - found) * (1.0 + 1.8 * draw() if late else 0.08 + 0.85 * draw())
    return Item(
        key=f"MXH-{date_of(day):%y%m%d}-{number:03d}",
        platform=PLATFORMS[int(4 * draw() ** 1.8)],
        topic=int(len(TOPICS) * draw()),
        reach=int(300 / (0.004 + draw())),
        found=found,
        due=due,
        answered=found + max(1800, int(lasts)),
        author=mix(setting.seed, day, number) % 1000,
    )


def items_changed(world: World, since: int, until: int) -> array[int]:
    """Return references to what changed in a span."""
    return items(world.setting).changed(since, until)


def item_told(world: World, reference: int, t: int) -> dict[str, Any]:
    """Return what the listening service says of a piece at t, its author and words too."""
    item = items(world.setting).at(reference)
    done = item.answered <= t
    return {
        "ma": item.key,
        "tac_gia": f"TÀI KHOẢN {item.author:03d}",
        "noi_dung": f"Bài đăng của tài khoản {item.author:03d}, liên hệ 090000{item.author:04d}",
        "nen_tang": item.platform,
        "chu_de": TOPICS[item.topic],
        "luot_tiep_can": item.reach,
        "don_vi_tra_loi": world.setting.agency(BODIES[item.topic], world.setting.communes[0]),
        "phat_hien": iso(item.found),
        "han_tra_loi": iso(item.due),
        "trang_thai": "DA_TRA_LOI" if done else "CHO_TRA_LOI",
        "tra_loi": iso(item.answered) if done else None,
    }
