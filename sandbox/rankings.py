"""Indices by which provinces are ranked every year, and departments by the province itself: the published workbooks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache, partial
from typing import NamedTuple

from ioc.calendar import HOUR_S, day_of, day_start, local_date
from sandbox.chance import mix, share
from sandbox.dropped import Dropped
from sandbox.setting import Setting
from sandbox.tasks import AGENCIES
from sandbox.workbook import Cell, zipped
from sandbox.world import World

YEARS = 6
MERGED = 2025
"""From this year on 34 provinces are ranked, 63 before."""
SHEET, PARTS_SHEET = "Xếp hạng", "Thành phần"
HEAD = ("Năm", "Chỉ số", "Mã tỉnh", "Tỉnh, thành phố", "Điểm", "Hạng", "Số tỉnh", "Điểm cao nhất")
PARTS_HEAD = ("Năm", "Chỉ số", "Thành phần", "Mã tỉnh", "Điểm", "Hạng")
DEPARTMENTS_HEAD = ("STT", "Mã tỉnh", "Đơn vị", "Điểm", "Hạng")


class Index(NamedTuple):
    """An index: the scores of its leader and its last, the month in which it is published, its parts.

    ranked: whether ranks are published beside the scores. until: the last year of which it was published.
    """

    name: str
    best: float
    worst: float
    month: int
    parts: tuple[str, ...]
    ranked: bool = True
    until: int = 9999


INDICES = (
    Index("PCI", 74.8, 58.9, 5, ("Gia nhập thị trường", "Tiếp cận đất đai", "Tính minh bạch", "Chi phí thời gian",
                                 "Chi phí không chính thức", "Cạnh tranh bình đẳng", "Tính năng động",
                                 "Hỗ trợ doanh nghiệp", "Đào tạo lao động", "Thiết chế pháp lý")),
    Index("PAR INDEX", 96.2, 82.4, 4, ("Chỉ đạo điều hành", "Thể chế", "Thủ tục hành chính", "Tổ chức bộ máy",
                                       "Chế độ công vụ", "Tài chính công", "Chính quyền số", "Tác động")),
    Index("SIPAS", 91.9, 78.3, 4, ()),
    Index("PAPI", 47.1, 38.4, 4, ("Tham gia của người dân", "Công khai, minh bạch", "Trách nhiệm giải trình",
                                  "Kiểm soát tham nhũng", "Thủ tục hành chính công", "Cung ứng dịch vụ công",
                                  "Quản trị môi trường", "Quản trị điện tử"), ranked=False),
    Index("DTI", 0.81, 0.49, 9, ("Chính quyền số", "Kinh tế số", "Xã hội số")),
    Index("ICT INDEX", 0.92, 0.21, 4, (), until=2020),
)  # fmt: skip


def ranked_of(year: int) -> int:
    """Return how many provinces were ranked in a year."""
    return 34 if year >= MERGED else 63


def rank(setting: Setting, index: Index, year: int, place: str, part: int = 0) -> int:
    """Return the rank of a province in a year: of all 34 since the merger, an own one of 63 before."""
    if year >= MERGED:
        return _order(setting, index, year, part).index(place) + 1
    now = rank(setting, index, MERGED, place, part)
    drift = int(9 * (share(setting.seed, 481, _number(index), year, part) - 0.35) + 2 * (MERGED - year))
    return max(1, min(63, now + drift))


def score(index: Index, position: int, of: int) -> float:
    """Return the score that goes with a rank: leaders lie further apart than the middle."""
    lag = (position - 1) / (of - 1)
    return round(index.best - (index.best - index.worst) * lag**0.8, 4 if index.best < 1 else 2)


@lru_cache(maxsize=256)
def _order(setting: Setting, index: Index, year: int, part: int) -> tuple[str, ...]:
    def quality(code: str) -> float:
        steady = share(setting.seed, 480, _number(index), int(code))
        return 0.7 * steady + 0.3 * share(setting.seed, 482, _number(index), int(code), year, part)

    return tuple(sorted((area.code for area in setting.provinces), key=quality, reverse=True))


def years(now: float) -> range:
    """Return the years of which indices may have been published."""
    last = local_date(now).year - 1
    return range(last - YEARS + 1, last + 1)


def published(index: Index, year: int) -> int:
    """Return when an index of a year is published: on the tenth of its month of the next year."""
    return day_start(day_of(date(year + 1, index.month, 10))) + 9 * HOUR_S


def is_out(index: Index, year: int, t: float) -> bool:
    """Return whether an index of a year has been published at t."""
    return year <= index.until and published(index, year) <= t


def dropped(world: World, now: int) -> Iterator[Dropped]:
    """Yield a workbook for each year; it is replaced as further indices of that year are published."""
    for year in years(now):
        out = [published(index, year) for index in INDICES if is_out(index, year, now)]
        if out:
            made = partial(workbook, world.setting, year, max(out))
            yield Dropped(f"xep_hang_{year}.xlsx", max(out), made, newest=year == years(now)[-1])


def dropped_parts(world: World, now: int) -> Iterator[Dropped]:
    """Yield a workbook for each year with the province's standing in the parts of each index."""
    for year in years(now):
        out = [published(index, year) for index in INDICES if is_out(index, year, now)]
        if out:
            made = partial(parts_workbook, world.setting, year, max(out))
            yield Dropped(f"thanh_phan_{year}.xlsx", max(out), made, newest=year == years(now)[-1])


def dropped_departments(world: World, now: int) -> Iterator[Dropped]:
    """Yield the province's own ranking of its departments by their digital transformation, each February."""
    for year in years(now):
        at = day_start(day_of(date(year + 1, 2, 20))) + 9 * HOUR_S
        if at <= now:
            made = partial(departments_workbook, world.setting, year)
            yield Dropped(f"cds_so_nganh_{year}_12.xlsx", at, made, newest=year == years(now)[-1])


def workbook(setting: Setting, year: int, t: float, fault: str = "") -> bytes:
    """Return the scores and ranks of a year as published at t: of all provinces since 2025, of ours before."""
    rows: list[list[Cell]] = [[f"KẾT QUẢ XẾP HẠNG NĂM {year}"], [*HEAD]]
    of = ranked_of(year)
    for index in INDICES:
        if not is_out(index, year, t):
            continue
        for area in setting.provinces:
            if year < MERGED and area.code != setting.province:
                continue
            place = rank(setting, index, year, area.code)
            cell = place if index.ranked or year < MERGED else None
            rows.append(
                [
                    year,
                    index.name,
                    area.code,
                    area.name,
                    score(index, place, of),
                    cell,
                    of,
                    score(index, 1, of),
                ]
            )
    return _spoiled(rows, SHEET, fault)


def parts_workbook(setting: Setting, year: int, t: float, fault: str = "") -> bytes:
    """Return the province's standing in the parts of each index of a year as published at t."""
    rows: list[list[Cell]] = [[f"CHỈ SỐ THÀNH PHẦN NĂM {year}"], [*PARTS_HEAD]]
    for index in INDICES:
        for part, name in enumerate(index.parts if is_out(index, year, t) else (), 1):
            place = rank(setting, index, year, setting.province, part)
            value = score(index, place, ranked_of(year)) / (1 if index.best < 1 else len(index.parts))
            rows.append([year, index.name, name, setting.province, round(value, 4), place])
    return _spoiled(rows, PARTS_SHEET, fault)


def departments(setting: Setting, year: int) -> list[tuple[str, float]]:
    """Return the departments with their scores in a year, the best first."""
    found = []
    for id in AGENCIES:
        if id not in ("cong_an_tinh", "bql_kkt"):
            number = mix(*id.encode())
            part = 0.7 * share(setting.seed, 485, number) + 0.3 * share(setting.seed, 486, number, year)
            found.append((id, round(60 + 36 * part, 2)))
    return sorted(found, key=lambda one: -one[1])


def departments_workbook(setting: Setting, year: int, fault: str = "") -> bytes:
    """Return the ranking of departments of a year."""
    rows: list[list[Cell]] = [[f"MỨC ĐỘ CHUYỂN ĐỔI SỐ CỦA SỞ, NGÀNH NĂM {year}"], [*DEPARTMENTS_HEAD]]
    for place, (id, value) in enumerate(departments(setting, year), 1):
        rows.append([place, setting.province, setting.agency(id, setting.communes[0]), value, place])
    return _spoiled(rows, SHEET, fault)


def _spoiled(rows: list[list[Cell]], sheet: str, fault: str) -> bytes:
    if fault == "html":
        return b"<html><body>Service unavailable</body></html>"
    if fault == "changed_schema":
        rows[1] = [f"{name} (mới)" for name in rows[1]]
    content = zipped(sheet, [*rows, [], ["Người lập biểu: CÁN BỘ 02"]])
    return content[: len(content) // 2] if fault in ("truncated", "500") else content


def _number(index: Index) -> int:
    return mix(*index.name.encode()) % 1_000_003
