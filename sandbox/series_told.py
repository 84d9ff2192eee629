"""How offices tell their plain figures: as lists of a REST interface, as CSV at an address, as monthly workbooks."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from sandbox import series
from sandbox.chance import share
from sandbox.dropped import Drop, Dropped
from sandbox.series import Figure, Series
from sandbox.setting import Setting
from sandbox.workbook import Cell, zipped
from sandbox.world import World

HEAD = ("STT", "Mã số", "Chỉ tiêu", "Đơn vị tính", "Mã địa bàn", "Kỳ báo cáo", "Loại số liệu", "Giá trị")
PREPARED = "NGƯỜI LẬP BIỂU 0900000002"


def changed(feed: str, world: World, since: int, until: int) -> list[Figure]:
    """Return the figures of a feed that were reported or corrected in a span."""
    return series.changed(world.setting, feed, since, until)


def told(world: World, figure: Figure, t: int) -> dict[str, Any]:
    """Return a figure as one entry of a list; the period as its first day."""
    return {
        "ma": figure.series.id,
        "ten": figure.series.name,
        "don_vi_tinh": figure.series.unit,
        "ky": f"{figure.first:%Y-%m-%d}",
        "dia_ban": figure.place or world.setting.province,
        "loai": _manner(figure.series),
        "do_dai": {"month": "Tháng", "quarter": "Quý", "year": "Năm"}[figure.series.grain],
        "gia_tri": series.told(world.setting, figure, t),
        "nguoi_lap": PREPARED,
    }


def csv(world: World, feed: str) -> bytes:
    """Return all figures of a feed as CSV with semicolons, UTF-8 with BOM, numbers as people here write them."""
    now = world.now()
    lines = [";".join(HEAD)]
    for number, figure in enumerate(series.figures(world.setting, feed, now), 1):
        row = _row(world.setting, figure, number, now)
        lines.append(";".join("" if cell is None else str(cell) for cell in row))
    return ("﻿" + "\r\n".join(lines) + "\r\n").encode()


def drop(source: str, feed: str, title: str) -> Drop:
    """Return the monthly workbooks that an office drops: all figures that were due for a month, in one file."""
    return Drop(source, f"drop/{feed}", f"{feed}_*.xlsx", partial(_files, feed, title))


def _files(feed: str, title: str, world: World, now: int) -> Iterator[Dropped]:
    by_month: dict[int, list[Figure]] = {}
    for figure in series.figures(world.setting, feed, now):
        by_month.setdefault(figure.month, []).append(figure)
    for month, figures in by_month.items():
        arrived = [series.arrives(world.setting, figure) for figure in figures]
        fixed = [
            at for at in (series.corrected(world.setting, figure) for figure in figures) if 0 < at <= now
        ]
        newest = month == max(by_month)
        name = f"{feed}_{month // 12}{month % 12 + 1:02d}.xlsx"
        yield Dropped(
            name, max(*arrived, *fixed, 0), partial(_book, world.setting, title, figures, now), newest
        )


def _book(setting: Setting, title: str, figures: list[Figure], now: int, fault: str = "") -> bytes:
    """Return a workbook; a cell that is still being gathered says so."""
    if fault == "html":
        return b"<html><body>Service unavailable</body></html>"
    rows: list[list[Cell]] = [[title.upper()], [PREPARED], [f"{name} (mới)" if fault == "changed_schema" else name
                                                          for name in HEAD]]  # fmt: skip
    rows += [_row(setting, figure, number, now) for number, figure in enumerate(figures, 1)]
    if fault == "wrong_type":
        rows[3:] = [[*row[:7], "chưa có"] for row in rows[3:]]
    content = zipped("Biểu 01", rows)
    return content[: len(content) // 2] if fault in ("truncated", "500") else content


def _row(setting: Setting, figure: Figure, number: int, t: float) -> list[Cell]:
    one = figure.series
    missing = share(setting.seed, 450, figure.month, number) < 0.004
    value = "đang cập nhật" if missing else f"{series.told(setting, figure, t):,.{one.decimals}f}"
    written = value if missing else value.translate(str.maketrans(",.", ".,"))
    place = figure.place or setting.province
    return [number, one.id, one.name, one.unit, place, f"{figure.first:%d/%m/%Y}", _manner(one), written]


def _manner(one: Series) -> str:
    return {"flow": "Trong kỳ", "ytd": "Lũy kế", "spent": "Lũy kế"}.get(
        one.kind.partition(":")[0], "Thời điểm"
    )
