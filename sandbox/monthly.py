"""A department's declared series as it reports them by month: a workbook with a row for each commune."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from sandbox import series
from sandbox.chance import mix, share
from sandbox.dropped import Dropped
from sandbox.series import Figure
from sandbox.setting import Setting
from sandbox.workbook import Cell, zipped
from sandbox.world import World

GAP = "đang cập nhật"


class Book(NamedTuple):
    """A workbook that comes every month: its feed of series, its file names, its title and its sheet."""

    feed: str
    stem: str
    title: str
    sheet: str = "Biểu tháng"


def files(book: Book) -> Callable[[World, int], Iterator[Dropped]]:
    """Return what yields the workbooks of the last months, each again when one of its figures is corrected."""

    def dropped(world: World, now: int) -> Iterator[Dropped]:
        columns = [one for one in series.load(book.feed) if one.places == "commune"]
        months = series.months(columns[0], now)
        for month in months:
            comes = max(series.arrives(world.setting, Figure(one, month)) for one in columns)
            again = max(series.corrected(world.setting, Figure(one, month)) for one in columns)
            if comes <= now:
                at = again if comes < again <= now else comes
                year, number = divmod(month, 12)
                name = f"{book.stem}_{year}_{number + 1:02d}.xlsx"
                made = partial(workbook, world.setting, book, month, at)
                yield Dropped(name, at, made, newest=month == months[-1])

    return dropped


def workbook(setting: Setting, book: Book, month: int, t: float, fault: str = "") -> bytes:
    """Return the workbook of a month (counted from year 0) as it stands at t; a fault spoils it."""
    if fault == "html":
        return b"<html><body>Service unavailable</body></html>"
    columns = [one for one in series.load(book.feed) if one.places == "commune"]
    year, number = divmod(month, 12)
    after = " (mới)" if fault == "changed_schema" else ""
    rows: list[list[Cell]] = [
        [f"{book.title} THÁNG {number + 1}/{year}"],
        ["STT", "Mã xã", "Tên xã", *(f"{one.name}{after}" for one in columns)],
    ]
    communes = setting.communes[1:] if fault == "vanished_record" else setting.communes
    for place, area in enumerate(communes, 1):
        cells: list[Cell] = []
        for one in columns:
            value = series.told(setting, Figure(one, month, area.code), t)
            cells.append(
                "chưa có"
                if fault == "wrong_type"
                else _written(value * (1.2 if fault == "late_correction" else 1))
            )
        if is_gap(setting, book.feed, month, area.code, t):
            cells = [GAP] * len(columns)
        rows.append([place, area.code, area.full_name, *cells])
    if fault == "duplicate":
        rows.append(rows[2])
    rows += [[], ["Người lập biểu: CÁN BỘ 01, điện thoại 0900000001"]]
    content = zipped(book.sheet, rows)
    return content[: len(content) // 2] if fault in ("truncated", "500") else content


def is_gap(setting: Setting, feed: str, month: int, place: str, t: float) -> bool:
    """Return whether a commune has not reported a month's figures yet: a few have not when the workbook first comes."""
    if share(setting.seed, 450, mix(*feed.encode()), month, int(place)) >= 0.012:
        return False
    columns = [one for one in series.load(feed) if one.places == "commune"]
    again = max(series.corrected(setting, Figure(one, month)) for one in columns)
    return not again or t < again


def _written(value: float) -> Cell:
    """Write as people do: whole numbers above 999 as texts with dots between the thousands."""
    if value != int(value):
        return value
    return f"{int(value):,}".replace(",", ".") if value > 999 else int(value)
