"""Election day of 2021 by commune of that time: voters on the list and voters who cast a ballot, sums alone."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from ioc.calendar import day_of, day_start, local_date
from sandbox.chance import share
from sandbox.dropped import Drop, Dropped
from sandbox.setting import Setting
from sandbox.workbook import Cell, zipped
from sandbox.world import World

ELECTION_DAY = "23/05/2021"
SHEET = "Kết quả bầu cử"
HEAD = ("STT", "Ngày bầu cử", "Mã xã", "Tên xã", "Cử tri trong danh sách", "Cử tri đã bỏ phiếu")
ABSENT_SHARE = 0.0005
"""What one province printed: 99,95 % of its voters cast a ballot."""


class Unit(NamedTuple):
    """What a commune counted: its code and name of that day, voters on the list, and those who cast a ballot."""

    code: str
    name: str
    voters: int
    ballots: int


def units(setting: Setting) -> list[Unit]:
    """Return the count of each commune; together ABSENT_SHARE of the voters, to the voter, stayed away."""
    areas = setting.former_communes
    voters = [1_500 + round(9_000 * share(setting.seed, 620, int(area.code))) for area in areas]
    weights = [
        count * share(setting.seed, 621, int(area.code)) ** 3
        for area, count in zip(areas, voters, strict=True)
    ]
    absent, whole = round(sum(voters) * ABSENT_SHARE), sum(weights)
    found, told, weighed = [], 0, 0.0
    for area, count, weight in zip(areas, voters, weights, strict=True):
        weighed += weight
        until = min(absent, round(absent * weighed / whole))
        found.append(Unit(area.code, area.full_name, count, count - (until - told)))
        told = until
    return found


def _book(setting: Setting, fault: str) -> bytes:
    if fault == "html":
        return b"<html><body>Service unavailable</body></html>"
    heads: list[Cell] = [f"{name} (mới)" if fault == "changed_schema" else name for name in HEAD]
    rows: list[list[Cell]] = [
        [place, ELECTION_DAY, one.code, one.name, one.voters, one.ballots]
        for place, one in enumerate(units(setting), 1)
    ]
    content = zipped(SHEET, [["KẾT QUẢ BẦU CỬ ĐẠI BIỂU QUỐC HỘI KHÓA XV"], heads, *rows])
    return content[: len(content) // 2] if fault in ("truncated", "500") else content


def _files(world: World, now: int) -> Iterator[Dropped]:
    """Yield the workbook; it was filled in on the first day of the year."""
    arrives = day_start(day_of(local_date(now).replace(month=1, day=1)))
    yield Dropped("bau_cu_2021.xlsx", arrives, partial(_book, world.setting), True)


DROP = Drop("election", "bau_cu", "bau_cu_*.xlsx", _files)
