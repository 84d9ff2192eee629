"""The duty officers' report of each morning: what happened in the province since the morning before."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from ioc.calendar import DAY_S, HOUR_S, date_of, day_of, day_start, local_day
from ioc.territory import Area
from sandbox.chance import share, stream
from sandbox.dropped import Dropped
from sandbox.setting import Setting
from sandbox.workbook import Cell, zipped
from sandbox.world import World
from sandbox.written import compact

KIND = 10
FOLDER = "truc-ban"
CLOSES_S = 6 * HOUR_S
ARRIVES_S = 6 * HOUR_S + 20 * 60
REPORTS = 14
MONTHS = 14
SHEET = "Vụ việc"
COLUMNS = (
    "STT", "Số vụ việc", "Loại", "Mức độ", "Thời điểm xảy ra", "Thời điểm kết thúc", "Địa bàn", "Tóm tắt", "Chết",
    "Bị thương", "Thiệt hại (triệu đồng)", "Cán bộ trực", "Người liên quan",
)  # fmt: skip
KINDS = {
    "Cháy nổ": (0.55, ("Cháy nhà dân", "Cháy xe ô tô", "Cháy rừng", "Cháy kho hàng")),
    "Tai nạn giao thông": (1.25, ("Va chạm xe máy", "Xe tải va chạm xe máy", "Xe con mất lái")),
    "Tai nạn khác": (0.22, ("Đuối nước", "Tai nạn lao động", "Sập công trình phụ")),
    "An ninh trật tự": (2.1, ("Trộm cắp tài sản", "Cố ý gây thương tích", "Lừa đảo qua mạng", "Gây rối trật tự")),
    "Sự cố điện, nước, viễn thông": (0.7, ("Mất điện diện rộng", "Vỡ ống nước", "Đứt cáp viễn thông")),
}  # fmt: skip
"""What is reported: how many a day, and what each is called."""
LEVELS = ("Ít nghiêm trọng", "Nghiêm trọng", "Rất nghiêm trọng")


class Matter(NamedTuple):
    """One thing that happened; instants are epoch s; damage in million đồng."""

    key: str
    kind: str
    summary: str
    commune: Area
    starts: int
    ends: int
    deaths: int
    injured: int
    damage: int

    @property
    def level(self) -> str:
        """How grave it is, in the report's words."""
        return LEVELS[
            2 if self.deaths > 1 or self.damage > 800 else 1 if self.deaths or self.injured > 2 else 0
        ]


def matters(setting: Setting, day: int) -> list[Matter]:
    """Return what the report of a local day's morning tells, in the order in which it happened."""
    found = []
    for place, (kind, (mean, names)) in enumerate(KINDS.items()):
        busy = 1 + 0.9 * setting.rain(day - 1) * (place in (2, 4)) + 0.25 * (date_of(day).weekday() in (0, 6))
        draw, number, chance = share(setting.seed, 100 + place, day), 0, math.exp(-mean * busy)
        while draw >= chance and number < 9:
            found.append(_matter(setting, day, kind, names, place * 10 + number))
            draw -= chance
            number += 1
            chance *= mean * busy / number
    return sorted(found, key=lambda one: (one.starts, one.key))


def _matter(setting: Setting, day: int, kind: str, names: tuple[str, ...], number: int) -> Matter:
    draw = stream(setting.seed, KIND, day, number)
    accident = kind.startswith("Tai nạn")
    deaths = int(draw() < 0.17) + int(draw() < 0.02) if accident else int(kind == "Cháy nổ" and draw() < 0.04)
    injured = int(2.3 * draw() ** 1.5) if accident else int(draw() < 0.12)
    damage = round(20 * math.exp(2.2 * draw())) * (4 if kind == "Cháy nổ" else 1) if draw() < 0.7 else 0
    starts = day_start(day - 1) + CLOSES_S + int(DAY_S * draw())
    return Matter(
        key=f"VV-{date_of(day):%y%m%d}-{number:02d}",
        kind=kind,
        summary=names[int(len(names) * draw())],
        commune=setting.commune(draw()),
        starts=starts - starts % 60,
        ends=starts - starts % 60 + 60 * int(25 + 200 * draw()),
        deaths=deaths,
        injured=injured,
        damage=damage,
    )


def reports(world: World, now: int) -> Iterator[Dropped]:
    """Yield the workbook of each of the last mornings."""
    last = local_day(now - ARRIVES_S)
    for day in range(last - REPORTS + 1, last + 1):
        name = f"truc_ban_{compact(day_start(day))[:8]}.xlsx"
        yield Dropped(name, day_start(day) + ARRIVES_S, partial(workbook, world.setting, day), day == last)


def workbook(setting: Setting, day: int, fault: str = "") -> bytes:
    """Return the workbook of one morning; a fault spoils it."""
    if fault == "html":
        return b"<html><body>Service unavailable</body></html>"
    columns = [f"{column} (mới)" if fault == "changed_schema" else column for column in COLUMNS]
    title = f"BÁO CÁO TRỰC BAN NGÀY {date_of(day):%d/%m/%Y} (từ 06:00 hôm trước đến 06:00)"
    rows: list[list[Cell]] = [[title], ["Số liệu mô phỏng"], [*columns]]
    for number, one in enumerate(matters(setting, day), 1):
        rows.append([
            number, one.key, one.kind, one.level, _written(one.starts), _written(one.ends), one.commune.full_name,
            f"{one.summary} tại {one.commune.name}", one.deaths, one.injured, one.damage or None,
            f"CÁN BỘ TRỰC {day % 9}", f"NGƯỜI LIÊN QUAN {number}",
        ])  # fmt: skip
    rows.append(["Tổng cộng", None, None, None, None, None, None, f"{len(rows) - 3} vụ"])
    content = zipped(SHEET, rows)
    return content[: len(content) // 2] if fault in ("truncated", "500") else content


def _written(at: int) -> str:
    text = compact(at)
    return f"{text[6:8]}/{text[4:6]}/{text[:4]} {text[8:10]}:{text[10:12]}"


def totals(world: World, now: int) -> Iterator[Dropped]:
    """Yield a table for each of the last months: one line a day and kind; this month's grows every morning."""
    last = local_day(now - ARRIVES_S)
    for back in range(MONTHS):
        when = date_of(last)
        months = when.year * 12 + when.month - 1 - back
        first = day_of(when.replace(year=months // 12, month=months % 12 + 1, day=1))
        end = day_of(date_of(first + 31).replace(day=1)) - 1
        until = min(last, end)
        arrives = day_start(until) + ARRIVES_S
        name = f"tong_hop_truc_ban_{date_of(first):%Y%m}.csv"
        yield Dropped(name, arrives, partial(table, world.setting, first, until), not back)


def table(setting: Setting, first: int, last: int, fault: str = "") -> bytes:
    """Return the table of the mornings of some local days, a line for each kind also where nothing happened."""
    lines = ["Ngày;Mã tỉnh;Loại;Số vụ;Chết;Bị thương;Thiệt hại (triệu đồng)"]
    for day in range(first, last + 1):
        told = matters(setting, day)
        for kind in KINDS:
            of = [one for one in told if one.kind == kind]
            added = [
                sum(one.deaths for one in of),
                sum(one.injured for one in of),
                sum(one.damage for one in of),
            ]
            when = f"{date_of(day):%d/%m/%Y}"
            lines.append(";".join(map(str, [when, setting.province, kind, len(of), *added])))
    content = "\r\n".join(lines).encode("utf-8-sig") + b"\r\n"
    return content[: len(content) // 2] if fault == "truncated" else content
