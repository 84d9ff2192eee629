"""The personnel database of the department of home affairs: head-count against quota, discipline and training."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from functools import partial
from typing import NamedTuple

from ioc.calendar import HOUR_S, day_of, day_start, local_date
from sandbox.chance import mix, share
from sandbox.dropped import Dropped
from sandbox.setting import Setting
from sandbox.tasks import AGENCIES
from sandbox.world import World
from sandbox.written import day

MONTHS = 14
FILE = "can_bo.sqlite"
TABLES = """
CREATE TABLE don_vi (ma TEXT PRIMARY KEY, ten TEXT, cap TEXT);
CREATE TABLE can_bo (ma INTEGER PRIMARY KEY, ma_don_vi TEXT, ho_ten TEXT, ngay_sinh TEXT, so_cccd TEXT);
CREATE TABLE bien_che (ma_don_vi TEXT, thang TEXT, giao INTEGER, co_mat INTEGER, cap_nhat TEXT);
CREATE TABLE ky_luat (ma_don_vi TEXT, thang TEXT, so_nguoi INTEGER);
CREATE TABLE dao_tao (ma_don_vi TEXT, thang TEXT, ke_hoach INTEGER, da_hoc INTEGER);
CREATE TABLE tinh (ma TEXT);
"""


class Staff(NamedTuple):
    """An agency's staff at the end of a month: quota, present, disciplined in it, to be trained this year, trained."""

    quota: int
    present: int
    disciplined: int
    planned: int
    trained: int


def agencies(setting: Setting) -> list[tuple[str, str]]:
    """List the agencies as (name, level)."""
    found = [
        (setting.agency(id, setting.communes[0]), "Sở, ngành") for id in AGENCIES if id != "cong_an_tinh"
    ]
    return found + [(f"UBND {area.short}", "Xã, phường") for area in setting.communes]


def staff(setting: Setting, name: str, level: str, month: int) -> Staff:
    """Return the staff of an agency at the end of a month counted from year 0."""
    number = mix(*name.encode()) % 1_000_003
    usual = 72 if level == "Sở, ngành" else 34
    quota = round(usual * (0.8 + 0.6 * share(setting.seed, 490, number)))
    filled = (
        0.9 + 0.09 * share(setting.seed, 491, number) + 0.03 * share(setting.seed, 492, number, month // 3)
    )
    year = (month % 12 + 1) / 12
    planned = round(quota * (0.45 + 0.2 * share(setting.seed, 493, number, month // 12)))
    trained = round(planned * min(1.0, year**1.3 * (0.75 + 0.3 * share(setting.seed, 494, number))))
    disciplined = share(setting.seed, 495, number, month) < 0.035
    return Staff(quota, round(quota * filled), int(disciplined), planned, trained)


def dropped(world: World, now: int) -> Iterator[Dropped]:
    """Yield the database as it stood after its newest month was closed, on the fifth of the next one."""
    today = local_date(now)
    last = today.year * 12 + today.month - 2
    months = [month for month in range(last - MONTHS, last + 1) if closed(month) <= now]
    if months:
        yield Dropped(FILE, closed(months[-1]), partial(database, world.setting, tuple(months)), newest=True)


def closed(month: int) -> int:
    """Return when a month's figures are entered: at ten on the fifth of the next one."""
    year, number = divmod(month + 1, 12)
    return day_start(day_of(date(year, number + 1, 5))) + 10 * HOUR_S


def database(setting: Setting, months: tuple[int, ...], fault: str = "") -> bytes:
    """Return the SQLite file, people's names and all; a fault spoils it."""
    if fault == "html":
        return b"<html><body>Service unavailable</body></html>"
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(TABLES if fault != "changed_schema" else TABLES.replace("co_mat", "hien_co"))
        connection.execute("INSERT INTO tinh VALUES (?)", [setting.province])
        for number, (name, level) in enumerate(agencies(setting)):
            code = f"DV{number:03d}"
            connection.execute("INSERT INTO don_vi VALUES (?, ?, ?)", [code, name, level])
            person = (number, code, f"CÁN BỘ {number:03d}", "1990-01-01", f"000000{number:06d}")
            connection.execute("INSERT INTO can_bo VALUES (?, ?, ?, ?, ?)", person)
            for month in months:
                one = staff(setting, name, level, month)
                first, at = f"{month // 12}-{month % 12 + 1:02d}-01", closed(month)
                entered = f"{day(at)} 10:00:00"
                connection.execute(
                    "INSERT INTO bien_che VALUES (?, ?, ?, ?, ?)",
                    [code, first, one.quota, one.present, entered],
                )
                connection.execute("INSERT INTO ky_luat VALUES (?, ?, ?)", [code, first, one.disciplined])
                connection.execute(
                    "INSERT INTO dao_tao VALUES (?, ?, ?, ?)", [code, first, one.planned, one.trained]
                )
        connection.commit()
        content = connection.serialize()
    return content[: len(content) // 2] if fault in ("truncated", "500") else content
