"""Project 06 in the synthetic province: the police's monthly workbook of population data and identity cards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import NamedTuple

from ioc.calendar import DAY_S, HOUR_S, day_of, day_start, local_date
from sandbox.chance import normal, share
from sandbox.dropped import Dropped
from sandbox.setting import Setting
from sandbox.workbook import Cell, zipped
from sandbox.world import World

MONTHS = 14
SHEET = "Biểu 06"
PER_COMMUNE = 25_000


class Line(NamedTuple):
    """A line of the workbook: its code and words, the total (per inhabitant) and the part done of it in the end.

    pace: how much of what is undone is left after a year; total 0: a plain count, which is the part done.
    """

    code: str
    words: str
    total: float
    done: float
    pace: float


LINES = (
    Line("DC01", "Bản ghi dân cư đã thu thập, cập nhật", 0.0, 1.073, 0.6),
    Line("DC02", "Bản ghi trùng phải xử lý", 0.0301, 0.97, 0.35),
    Line("DC03", "Trường hợp thôi quốc tịch đã cập nhật", 0.0, 0.00124, 0.5),
    Line("DC04", "Số CMND 9 số còn thiếu phải bổ sung", 0.136, 0.93, 0.45),
    Line("CC01", "Hồ sơ thẻ căn cước đã thu nhận", 0.0, 0.813, 0.4),
    Line("CC02", "Hồ sơ đã gửi Cục C06", 0.0, 0.797, 0.45),
    Line("CC03", "Thẻ đã nhận từ Cục C06", 0.0, 0.731, 0.7),
    Line("CC04", "Thẻ đã trả công dân", 0.0, 0.727, 0.72),
)
"""The shares are those that one province printed in 2022; cards wait in the centre, not at the counters."""


def inhabitants(setting: Setting) -> int:
    """Return the inhabitants of the province, by its communes."""
    return PER_COMMUNE * len(setting.communes)


def value(setting: Setting, line: Line, month: int) -> tuple[int | None, int]:
    """Return (total, done) of a line at the end of a month counted from year 0; total None for a plain count."""
    people = inhabitants(setting)
    years = (month - (2025 * 12 + 5)) / 12
    part = 1 - (0.22 * line.pace**years)
    if not line.total:
        return None, round(people * line.done * part)
    total = round(people * line.total)
    return total, min(total, round(total * line.done * part))


def told(setting: Setting, line: Line, month: int, t: float) -> tuple[int | None, int]:
    """Return what the workbook says of a line at t: some months were told a little too low until their correction."""
    total, done = value(setting, line, month)
    if t < corrected(setting, month):
        done = round(done * (1 - 0.004 * abs(normal(setting.seed, 461, month))))
    return total, done


def arrives(setting: Setting, month: int) -> int:
    """Return when the workbook of a month comes: on the fifth of the next one, one in twelve six days late."""
    days = 4 + (6 if share(setting.seed, 460, month) < 1 / 12 else 0)
    return day_start(day_of(_first(month + 1)) + days) + 9 * HOUR_S


def corrected(setting: Setting, month: int) -> int:
    """Return when a month's workbook is replaced by a corrected one, 0 for never."""
    return arrives(setting, month) + 12 * DAY_S if share(setting.seed, 462, month) < 0.2 else 0


def dropped(world: World, now: int) -> Iterator[Dropped]:
    """Yield the workbooks of the last months."""
    today = local_date(now)
    last = today.year * 12 + today.month - 2
    for month in range(last - MONTHS + 1, last + 1):
        comes, again = arrives(world.setting, month), corrected(world.setting, month)
        if comes <= now:
            at = again if again and again <= now else comes
            name = f"de_an_06_{_first(month):%Y_%m}.xlsx"
            yield Dropped(name, at, partial(workbook, world.setting, month, at), newest=month == last)


def workbook(setting: Setting, month: int, t: float, fault: str = "") -> bytes:
    """Return the workbook of a month as it stands at t; a fault spoils it."""
    if fault == "html":
        return b"<html><body>Service unavailable</body></html>"
    done = "Đã thực hiện (mới)" if fault == "changed_schema" else "Đã thực hiện"
    rows: list[list[Cell]] = [
        [f"KẾT QUẢ THỰC HIỆN ĐỀ ÁN 06 THÁNG {_first(month):%m/%Y}"],
        ["STT", "Mã tỉnh", "Mã", "Nội dung", "Tổng số", done],
    ]
    for place, line in enumerate(LINES, 1):
        total, part = told(setting, line, month, t)
        cell: Cell = "chưa có" if fault == "wrong_type" else _dotted(part)
        rows.append(
            [place, setting.province, line.code, line.words, None if total is None else _dotted(total), cell]
        )
    rows += [[], ["Người lập biểu: CÁN BỘ 06"]]
    content = zipped(SHEET, rows)
    return content[: len(content) // 2] if fault in ("truncated", "500") else content


def _dotted(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def _first(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)
