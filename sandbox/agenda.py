"""The leaders' calendar, the weather and the prices of the synthetic province's markets."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from functools import lru_cache
from typing import Any, NamedTuple

from ioc.calendar import DAY_S, HOUR_S, OFFSET_S, date_of, day_start, local_day
from sandbox.chance import cumulated, normal, share, stream, wave
from sandbox.lives import Lives
from sandbox.setting import Setting
from sandbox.world import World
from sandbox.written import iso

KIND = 11
OFFICES = ("Chủ tịch UBND tỉnh", "Phó Chủ tịch UBND tỉnh", "Chánh Văn phòng UBND tỉnh")
MEETINGS = (
    ("Họp giao ban UBND tỉnh", "HOP", 16), ("Họp thường kỳ UBND tỉnh", "HOP", 4),
    ("Làm việc với UBND {place}", "LAM_VIEC", 18), ("Kiểm tra tiến độ dự án tại {place}", "KIEM_TRA", 14),
    ("Tiếp công dân định kỳ", "TIEP_DAN", 8), ("Hội nghị trực tuyến với Chính phủ", "HOI_NGHI", 10),
    ("Hội nghị chuyển đổi số", "HOI_NGHI", 8), ("Tiếp xúc doanh nghiệp", "LAM_VIEC", 8),
    ("Dự lễ khánh thành tại {place}", "SU_KIEN", 6),
)  # fmt: skip
_MEETINGS = cumulated([weight for _, _, weight in MEETINGS])
ROOMS = ("Phòng họp số 1, trụ sở UBND tỉnh", "Hội trường tỉnh", "Trụ sở tiếp công dân tỉnh")
AHEAD_DAYS = 7

GOODS = {
    "GAO_TE": ("Gạo tẻ thường", "kg", 17_500), "THIT_LON": ("Thịt lợn mông sấn", "kg", 128_000),
    "THIT_GA": ("Gà ta", "kg", 125_000), "CA": ("Cá trắm", "kg", 72_000), "TRUNG": ("Trứng gà", "chục", 34_000),
    "RAU": ("Rau muống", "mớ", 9_000), "XANG_E5": ("Xăng E5 RON 92", "lít", 19_800), "DIESEL": ("Dầu DO 0,05S", "lít", 18_700),
    "GAS": ("Gas bình 12 kg", "bình", 445_000), "VANG": ("Vàng nhẫn 9999", "chỉ", 14_800_000),
}  # fmt: skip
"""The goods whose prices are watched: name, unit and usual price in đồng."""


class Meeting(NamedTuple):
    """One entry of the calendar; instants are epoch s; known: when it was entered, moved: when it was put off or 0."""

    key: str
    headline: str
    kind: str
    office: str
    place: str
    starts: int
    ends: int
    known: int
    moved: int

    @property
    def changes(self) -> tuple[int, ...]:
        """The instants at which the calendar's answer changes."""
        return (self.known, self.moved) if self.moved else (self.known,)

    def begins(self, t: float) -> int:
        """Return when it begins as the calendar says at t."""
        return self.starts + 2 * HOUR_S if self.moved and self.moved <= t else self.starts


@lru_cache(maxsize=4)
def meetings(setting: Setting) -> Lives[Meeting]:
    """Return the calendar of the province's leaders; an entry belongs to the day on which it was made."""

    def count(day: int) -> int:
        planned = day + AHEAD_DAYS
        if not setting.calendar.is_working_day(planned):
            return int(share(setting.seed, 110, planned) < 0.4)
        return 4 + int(4 * share(setting.seed, 111, planned))

    def make(day: int, number: int) -> Meeting:
        return _meeting(setting, day, number)

    return Lives(count, make, AHEAD_DAYS)


def _meeting(setting: Setting, day: int, number: int) -> Meeting:
    draw = stream(setting.seed, KIND, day, number)
    planned = day + AHEAD_DAYS
    headline, kind, _ = MEETINGS[bisect_right(_MEETINGS, draw())]
    commune = setting.commune(draw())
    hour = (7.5, 8.0, 9.0, 10.0, 14.0, 15.0, 16.0)[int(7 * draw())]
    starts = day_start(planned) + int(hour * HOUR_S)
    there = f"{commune.full_name}" if "{place}" in headline else ROOMS[int(3 * draw())]
    return Meeting(
        key=f"LCT-{date_of(planned):%y%m%d}-{number:02d}",
        headline=headline.format(place=commune.name),
        kind=kind,
        office=OFFICES[int(3 * draw() ** 1.5)],
        place=there,
        starts=starts,
        ends=starts + int((1 + 1.5 * draw()) * HOUR_S),
        known=day_start(day) + int((8 + 9 * draw()) * HOUR_S),
        moved=starts - 20 * HOUR_S if draw() < 0.06 and hour < 15 else 0,
    )


def changed(world: World, since: int, until: int) -> array[int]:
    """Return references to the entries that were made or moved in a span."""
    return meetings(world.setting).changed(since, until)


def told(world: World, reference: int, t: int) -> dict[str, Any]:
    """Return what the calendar says of an entry at t, who comes too."""
    one = meetings(world.setting).at(reference)
    begins = one.begins(t)
    return {
        "ma": one.key,
        "noi_dung": one.headline,
        "loai": one.kind,
        "chu_tri": one.office,
        "ho_ten_chu_tri": f"LÃNH ĐẠO {reference % 5}",
        "thanh_phan": f"CÁN BỘ {reference % 40:02d}",
        "dia_diem": one.place,
        "bat_dau": iso(begins),
        "ket_thuc": iso(begins + one.ends - one.starts),
    }


# Weather


def temperature(setting: Setting, at: float) -> float:
    """Return the air temperature of an hour in degrees Celsius: a season, a day, some waves; rain cools."""
    day = local_day(at)
    hour = (at + OFFSET_S) % DAY_S / HOUR_S
    season = 23.5 + 6.5 * math.sin(2 * math.pi * (date_of(day).timetuple().tm_yday - 105) / 365)
    daily = 3.2 * math.sin(2 * math.pi * (hour - 8.5) / 24) * (1 - 0.6 * setting.rain(day))
    return round(season + daily + 2.6 * wave(setting.seed, 112, at, 3.5 * DAY_S) - 1.5 * setting.rain(day), 1)


def humidity(setting: Setting, at: float) -> float:
    """Return the relative humidity of an hour in %."""
    wet = 78 + 9 * wave(setting.seed, 113, at, 2 * DAY_S) + 12 * setting.rain(local_day(at))
    return round(min(100.0, wet - 2.2 * (temperature(setting, at) - 24)))


def wind(setting: Setting, at: float) -> float:
    """Return the wind of an hour in km/h."""
    return round(11 + 6 * wave(setting.seed, 114, at, 30_000.0) + 18 * setting.rain(local_day(at)), 1)


def rainfall(setting: Setting, at: float) -> float:
    """Return the rain of the hour before an instant in mm."""
    day = local_day(at - 1)
    falls = share(setting.seed, 115, int(at) // HOUR_S) < 0.1 + 0.6 * setting.rain(day)
    return (
        round(14 * setting.rain(day) * share(setting.seed, 116, int(at) // HOUR_S) ** 2, 1) if falls else 0.0
    )


# Prices


def price(setting: Setting, good: str, day: int) -> int:
    """Return the price of a good on a local day in đồng: it drifts, and food costs more before Tết."""
    number = list(GOODS).index(good)
    usual = GOODS[good][2]
    drift = 0.05 * wave(setting.seed, 1170 + number, day, 45.0) + 0.012 * normal(
        setting.seed, 118, number, day // 3
    )
    tet = setting.calendar.tet.get(date_of(day).year)
    festive = 0.09 if tet and -14 <= (date_of(day) - tet).days < 3 and number < 6 else 0.0
    exact = usual * (1 + drift + festive)
    step = 100 if usual < 100_000 else 1000
    return round(exact / step) * step


def prices(world: World, days: int) -> bytes:
    """Return the table of market prices of the last local days, told at nine."""
    last = local_day(world.now() - 9 * HOUR_S)
    lines = ["Ngày;Mã tỉnh;Mặt hàng;Đơn vị tính;Giá (đồng)"]
    for day in range(last - days + 1, last + 1):
        for good, (name, unit, _) in GOODS.items():
            if share(world.setting.seed, 119, day, len(name)) < 0.02:
                continue  # nobody asked on that day
            cost = f"{price(world.setting, good, day):,}".replace(",", ".")
            lines.append(f"{date_of(day):%d/%m/%Y};{world.setting.province};{name};{unit};{cost}")
    return "\r\n".join(lines).encode("utf-8-sig") + b"\r\n"
