"""Which communes have fibre and which industrial parks have 5G, as the department sums up its operators every month."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial

from ioc.calendar import HOUR_S, day_of, day_start, local_date
from ioc.model import Site
from sandbox.chance import mix, share
from sandbox.dropped import Dropped
from sandbox.monthly import Book
from sandbox.setting import Setting
from sandbox.workbook import Cell, zipped
from sandbox.world import World

FOLDER = "vien_thong"
HOUSEHOLDS = Book("telecom", "ha_tang_so", "HẠ TẦNG SỐ THEO XÃ")
MONTHS = 14
OPERATORS = ("VNPT", "Viettel", "MobiFone")
SHEET = "Phủ sóng"
HEAD = ("STT", "Mã", "Tên", *OPERATORS, "Có")


def parks(setting: Setting) -> list[Site]:
    """List the industrial parks."""
    return setting.of_kind("industrial_park")


def covers(setting: Setting, kind: str, code: str, operator: int, month: int) -> bool:
    """Return whether an operator reaches a commune with fibre, or a park with 5G, at the end of a month."""
    number = mix(*code.encode()) % 1_000_003
    first, spread = (2025 * 12 - 14, 30) if kind == "fibre" else (2025 * 12 + 8, 34)
    return month >= first + int(spread * share(setting.seed, 500, operator, number, len(kind)))


def has(setting: Setting, kind: str, code: str, month: int) -> bool:
    """Return whether at least one operator reaches a commune or park."""
    return any(covers(setting, kind, code, operator, month) for operator in range(len(OPERATORS)))


def dropped(kind: str, stem: str) -> Callable[[World, int], Iterator[Dropped]]:
    """Return what yields the workbooks of the last months: "fibre" of communes or "5g" of parks."""

    def files(world: World, now: int) -> Iterator[Dropped]:
        today = local_date(now)
        last = today.year * 12 + today.month - 2
        for month in range(last - MONTHS + 1, last + 1):
            year, number = divmod(month + 1, 12)
            at = day_start(day_of(date(year, number + 1, 7))) + 14 * HOUR_S
            if at <= now:
                made = partial(workbook, world.setting, kind, month)
                yield Dropped(
                    f"{stem}_{month // 12}_{month % 12 + 1:02d}.xlsx", at, made, newest=month == last
                )

    return files


def workbook(setting: Setting, kind: str, month: int, fault: str = "") -> bytes:
    """Return a month's workbook with an x for each operator and yes or no in the last column; a fault spoils it."""
    if fault == "html":
        return b"<html><body>Service unavailable</body></html>"
    rows: list[list[Cell]] = [[f"PHỦ SÓNG THÁNG {month % 12 + 1}/{month // 12}"]]
    rows.append([f"{name} (mới)" if fault == "changed_schema" else name for name in HEAD])
    places = [(area.code, area.full_name) for area in setting.communes]
    if kind == "5g":
        places = [(site.id, site.name.vi) for site in parks(setting)]
    for number, (code, name) in enumerate(places, 1):
        reached = [covers(setting, kind, code, operator, month) for operator in range(len(OPERATORS))]
        yes: Cell = "chưa có" if fault == "wrong_type" else int(any(reached))
        rows.append([number, code, name, *("x" if one else None for one in reached), yes])
    content = zipped(SHEET, [*rows, [], ["Người lập biểu: CÁN BỘ 03"]])
    return content[: len(content) // 2] if fault in ("truncated", "500") else content
