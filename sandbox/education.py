"""Schools of the synthetic province: a database of attendance, diplomas and enrolment, and a workbook each month."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date
from functools import partial

from ioc.calendar import DAY_S, HOUR_S, OFFSET_S, date_of, day_of, day_start, local_day
from ioc.territory import Area
from sandbox.chance import normal, share
from sandbox.dropped import Dropped
from sandbox.setting import Setting
from sandbox.workbook import Cell, zipped
from sandbox.world import World
from sandbox.written import compact

FOLDER = "so-gddt"
NAME = "giao_duc.sqlite"
TOLD_S = 9 * HOUR_S + 30 * 60
DAYS = 395
MONTHS = 14
MONTH_DAY = 5
LEVELS = {"Mầm non": 0.24, "Tiểu học": 0.36, "THCS": 0.25, "THPT": 0.15}
FIRST_DIPLOMAS, LAST_DIPLOMAS = 1974, 2025
COLUMNS = ("STT", "Xã, phường, đặc khu", *LEVELS, "Số trường", "Trường kết nối", "Phòng học", "Phòng học thông minh",
           "Trường có phòng thông minh", "Người lập")  # fmt: skip
_BEGUN = day_of(date(2024, 1, 1))
SCHEMA = """
CREATE TABLE diem_danh (ngay TEXT, ma_xa TEXT, si_so INTEGER, co_mat INTEGER, nguoi_nhap TEXT, cap_nhat TEXT);
CREATE TABLE van_bang (ngay TEXT, ma_tinh TEXT, nam INTEGER, so_bang INTEGER, da_so_hoa INTEGER, cap_nhat TEXT);
CREATE TABLE tuyen_sinh (ngay TEXT, ma_tinh TEXT, cap_hoc TEXT, chi_tieu INTEGER, dang_ky INTEGER, cap_nhat TEXT);
"""


def pupils(setting: Setting, commune: Area) -> int:
    """Return how many children of a commune go to school: more in wards."""
    usual = 5_600 if commune.kind == "phường" else 2_900
    return round(usual * (0.5 + share(setting.seed, 120, int(commune.code))))


def is_school_day(setting: Setting, day: int) -> bool:
    """Whether schools are open on a local day: working days from 5 September to the end of May."""
    when = date_of(day)
    in_term = (when.month, when.day) >= (9, 5) or when.month <= 5
    return in_term and setting.calendar.is_working_day(day)


def present(setting: Setting, commune: Area, day: int) -> int:
    """Return how many of them are there on a local day: floods and flu keep some at home."""
    code, enrolled = int(commune.code), pupils(setting, commune)
    away = 0.021 + 0.25 * max(0.0, setting.rain(day) - 0.45) + 0.012 * (date_of(day).month in (1, 2, 12))
    flu = 0.06 if share(setting.seed, 121, code, day // 7) < 0.03 else 0.0
    return round(
        enrolled * (1 - min(0.6, max(0.004, away + flu + 0.006 * normal(setting.seed, 122, code, day))))
    )


def attendance(setting: Setting, day: int, t: float) -> Iterator[tuple[Area, int, int]]:
    """Yield (commune, present, told at) of the communes that told of a day until t: some late, some corrected."""
    for commune in setting.communes:
        code = int(commune.code)
        told = day_start(day) + TOLD_S - int(5400 * share(setting.seed, 123, code, day))
        if share(setting.seed, 124, code, day) < 0.03:
            told += DAY_S
        there = present(setting, commune, day)
        corrected = day_start(day + 1) + 8 * HOUR_S
        if share(setting.seed, 125, code, day) < 0.02 and corrected > told:
            there, told = (there, corrected) if corrected <= t else (there - 37, told)
        if told <= t:
            yield commune, there, told


def diplomas(setting: Setting, year: int, day: int) -> tuple[int, int]:
    """Return how many diplomas a year gave, and how many are digitised on a local day: the newest went first."""
    age = LAST_DIPLOMAS - year
    issued = round(max(900, 15_500 - 260 * age) * (0.93 + 0.14 * share(setting.seed, 126, year)))
    begun = _BEGUN + 15 * age
    done = min(1.0, max(0.0, (day - begun) / (240 + 6 * age)))
    return issued, round(issued * done)


def enrolment(setting: Setting, level: str, day: int) -> tuple[int, int] | None:
    """Return the places of the first class of a level and how many are taken on a day; None outside of the campaign."""
    when = date_of(day)
    first, last = (day_of(date(when.year, *ends)) for ends in ((6, 1), (8, 15)))
    if not first <= day <= last:
        return None
    classes = {"Mầm non": 3, "Tiểu học": 5, "THCS": 4, "THPT": 3}[level]
    places = round(sum(pupils(setting, commune) for commune in setting.communes) * LEVELS[level] / classes)
    part = (day - first + 1) / (last - first + 1)
    return places, round(places * min(0.992, 1.06 * part**0.7))


def database(setting: Setting, t: int, fault: str = "") -> bytes:
    """Return the department's database as it stands at t; a fault spoils it."""
    if fault in ("html", "500", "truncated"):
        return b"<html><body>Service unavailable</body></html>"
    today = local_day(t)
    with sqlite3.connect(":memory:") as held:
        held.executescript(SCHEMA)
        held.executemany("INSERT INTO diem_danh VALUES (?, ?, ?, ?, ?, ?)", _attended(setting, today, t))
        held.executemany("INSERT INTO van_bang VALUES (?, ?, ?, ?, ?, ?)", _digitised(setting, today, t))
        held.executemany("INSERT INTO tuyen_sinh VALUES (?, ?, ?, ?, ?, ?)", _enrolled(setting, today))
        held.commit()
        content: bytes = held.serialize()
    held.close()
    return content


def _attended(setting: Setting, today: int, t: int) -> Iterator[tuple[object, ...]]:
    for day in range(today - DAYS, today + 1):
        if is_school_day(setting, day):
            for commune, there, told in attendance(setting, day, t):
                by = f"GIÁO VIÊN {int(commune.code) % 90:02d}"
                yield f"{date_of(day)}", commune.code, pupils(setting, commune), there, by, _written(told)


def _digitised(setting: Setting, today: int, t: int) -> Iterator[tuple[object, ...]]:
    for day in range(today - DAYS, today + 1):
        if date_of(day).day != 1:
            continue
        for year in range(FIRST_DIPLOMAS, LAST_DIPLOMAS + 1):
            told = day_start(day) + 8 * HOUR_S
            if told <= t:
                issued, done = diplomas(setting, year, day)
                yield f"{date_of(day)}", setting.province, year, issued, done, _written(told)


def _enrolled(setting: Setting, today: int) -> Iterator[tuple[object, ...]]:
    for day in range(today - DAYS, today):
        for level in LEVELS:
            if found := enrolment(setting, level, day):
                told = _written(day_start(day) + 18 * HOUR_S)
                yield f"{date_of(day)}", setting.province, level, *found, told


def _written(at: int) -> str:
    text = compact(at)
    return f"{text[:4]}-{text[4:6]}-{text[6:8]} {text[8:10]}:{text[10:12]}:{text[12:]}"


def databases(world: World, now: int) -> Iterator[Dropped]:
    """Yield the database as it was written last: half past eight, half past nine and eighteen."""
    day, at = local_day(now), (now + OFFSET_S) % DAY_S
    hours = [hour for hour in (8.5, 9.5, 18.0) if hour * HOUR_S <= at]
    arrives = day_start(day) + int(hours[-1] * HOUR_S) if hours else day_start(day - 1) + 18 * HOUR_S
    yield Dropped(NAME, arrives, partial(database, world.setting, arrives), newest=True)


# The workbook of each month


def schools(setting: Setting, commune: Area, month: int) -> tuple[int, int, int, int, int]:
    """Return a commune's schools, those connected, classrooms, smart ones, schools with one; month: year × 12 + month."""
    code = int(commune.code)
    count = 4 + round(pupils(setting, commune) / 720)
    later = max(0, month - (2025 * 12 + 7))
    connected = min(count, round(count * (0.86 + 0.1 * share(setting.seed, 127, code)) + 0.045 * later))
    rooms = round(pupils(setting, commune) / 31)
    smart = min(rooms, round(rooms * (0.07 + 0.12 * share(setting.seed, 128, code)) + 0.11 * later))
    return count, connected, rooms, smart, min(count, round(smart / 6 + 0.4))


def workbooks(world: World, now: int) -> Iterator[Dropped]:
    """Yield the workbook of each of the last months, dropped on the fifth of the next one."""
    today = date_of(local_day(now))
    newest = today.year * 12 + today.month - 1 - (1 if today.day >= MONTH_DAY else 2)
    for month in range(newest - MONTHS + 1, newest + 1):
        year, number = divmod(month, 12)
        following = day_of(today.replace(year=(month + 1) // 12, month=(month + 1) % 12 + 1, day=MONTH_DAY))
        name = f"giao_duc_{year}{number + 1:02d}.xlsx"
        content = partial(workbook, world.setting, year, number + 1)
        yield Dropped(name, day_start(following) + 8 * HOUR_S, content, month == newest)


def workbook(setting: Setting, year: int, month: int, fault: str = "") -> bytes:
    """Return the workbook of one month; a fault spoils it."""
    if fault == "html":
        return b"<html><body>Service unavailable</body></html>"
    columns = [f"{column} (mới)" if fault == "changed_schema" else column for column in COLUMNS]
    rows: list[list[Cell]] = [
        [f"SỐ LIỆU GIÁO DỤC THÁNG {month:02d}/{year}"],
        ["Số liệu mô phỏng"],
        [*columns],
    ]
    for number, commune in enumerate(setting.communes, 1):
        by_level = [round(pupils(setting, commune) * part) for part in LEVELS.values()]
        told = [f"{count:,}".replace(",", ".") if count > 999 else count for count in by_level]
        rows.append([number, commune.full_name, *told, *schools(setting, commune, year * 12 + month),
                     f"CÁN BỘ {number:02d}"])  # fmt: skip
    rows.append(["Tổng cộng", f"{len(setting.communes)} đơn vị"])
    content = zipped("Giáo dục", rows)
    return content[: len(content) // 2] if fault in ("truncated", "500") else content
