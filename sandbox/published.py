"""What earlier reports printed, kept as printed, in one workbook that the province's office filled in once."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import partial

from ioc.calendar import day_of, day_start, local_date
from sandbox.dropped import Drop, Dropped
from sandbox.setting import WORLD, Setting
from sandbox.workbook import Cell, zipped
from sandbox.world import World

HEAD = (
    "Mã số",
    "Chỉ tiêu",
    "Nơi công bố",
    "Mã địa bàn",
    "Kỳ",
    "Độ dài kỳ",
    "Cách có số",
    "Phần",
    "Kênh",
    "Giá trị",
)


def rows(setting: Setting) -> list[list[Cell]]:
    """Return the printed figures as rows: the value as it was printed, "> 70" and all."""
    with (WORLD / "published.csv").open(encoding="utf-8", newline="") as file:
        return [
            [one["code"], one["name"], one["where"], setting.province, one["period"], one["span"], one["method"],
             one["part"] or None, one["channel"] or None, one["value"]]
            for one in csv.DictReader(file)
        ]  # fmt: skip


def _book(setting: Setting, fault: str) -> bytes:
    if fault == "html":
        return b"<html><body>Service unavailable</body></html>"
    heads: list[Cell] = [f"{name} (mới)" if fault == "changed_schema" else name for name in HEAD]
    content = zipped("Số công bố", [["SỐ LIỆU ĐÃ CÔNG BỐ TRONG CÁC BÁO CÁO"], heads, *rows(setting)])
    return content[: len(content) // 2] if fault in ("truncated", "500") else content


def _files(world: World, now: int) -> Iterator[Dropped]:
    """Yield the workbook; it was filled in on the first day of the year."""
    arrives = day_start(day_of(local_date(now).replace(month=1, day=1)))
    yield Dropped("bao_cao_cong_bo.xlsx", arrives, partial(_book, world.setting), True)


DROP = Drop("published_figures", "drop/cong_bo", "bao_cao_cong_bo.xlsx", _files)
