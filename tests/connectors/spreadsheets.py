"""Spreadsheets of a department, the source that reads them, and what came of it."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import openpyxl

from connectors import check
from connectors.http import Sessions
from connectors.spreadsheet import fetch
from ioc.declared import Table
from ioc.model import Observation, Page, Source
from ioc.sources import read_source

NOVEMBER = int(datetime(2026, 11, 1, tzinfo=timezone(timedelta(hours=7))).timestamp())
NAME = "giuong_benh.xlsx"
BEDS: dict[str, Any] = {
    "columns": {"Cơ sở": "co_so", "Ngày": "ngay", "Giường": "giuong", "Đang dùng": "dung"},
    "fields": {"place": "co_so", "time": "ngay"},
    "variables": {
        "beds_total": {"field": "giuong", "unit": "{bed}"},
        "beds_occupied": {"field": "dung", "unit": "{bed}"},
    },
}
CASES: dict[str, Any] = {
    "shape": "case:task",
    "variables": None,
    "columns": {"Số": "so", "Tình trạng": "tt", "Giao": "giao", "Hạn": "han", "Đơn vị": "dv"},
    "fields": {"key": "so", "state": "tt", "opened": "giao", "due": "han", "responsible": "dv"},
    "enums": {"state": {"Đang làm": "open", "Xong": "closed"}},
}
HEADING = ("Cơ sở", "Ngày", "Giường", "Đang dùng")
ROW = ("bv_bai_chay", date(2026, 11, 1), 900, 750)


def a_source(url: Path | str, **options: Any) -> Source:
    own = {
        "shape": "observation",
        "settle": "0s",
        "deadline": "10s",
        "earliest": "2020-01-01",
        **BEDS,
        **options,
    }
    body = {
        "connector": "spreadsheet",
        "sector": "health",
        "name": {"vi": "Giường bệnh", "en": "Beds"},
        "owner": "so_y_te",
        "url": str(url),
        "every": "1h",
        **{key: value for key, value in own.items() if value is not None},
    }
    return read_source(Table("beds", "beds.toml", body), {}, sandbox={})


def pages(source: Source, cursor: Any = None) -> list[Page]:
    assert check(source) == []
    return list(fetch(source, Sessions().http(source), cursor or {}))


def records(found: list[Page]) -> list[Any]:
    return [record for page in found for record in page.records]


def reasons(found: list[Page]) -> list[tuple[str, str]]:
    return [(rejected.address, rejected.reason) for page in found for rejected in page.rejected]


def beds(
    place: str = "bv_bai_chay", total: float | None = 900.0, used: float | None = 750.0
) -> list[Observation]:
    return [
        Observation("beds_total", NOVEMBER, place, total),
        Observation("beds_occupied", NOVEMBER, place, used),
    ]


def a_book(*rows: tuple[Any, ...], merged: tuple[str, ...] = (), title: str = "Sheet1") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    for area in merged:
        sheet.merge_cells(area)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def drop(folder: Path, content: bytes | str, name: str = NAME, age: float = 60) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    os.utime(path, (time.time() - age, time.time() - age))
    return path


def answering(body: bytes, status: int = 200) -> Callable[[Any], None]:
    """Answer every request with a body and its validators."""

    def answer(request: Any) -> None:
        fresh = request.headers.get("If-None-Match") != '"v1"'
        request.send_response(status if fresh else 304)
        request.send_header("ETag", '"v1"')
        request.send_header("Content-Length", str(len(body) if fresh else 0))
        request.end_headers()
        request.wfile.write(body if fresh else b"")

    return answer
