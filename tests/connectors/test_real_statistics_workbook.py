"""A real monthly annex of the statistics office and a real index table, by declaration alone."""

from __future__ import annotations

import tomllib
from collections import Counter
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from connectors import check
from connectors.http import Sessions
from connectors.spreadsheet import fetch
from ioc.declared import Table
from ioc.model import Observation, Page
from ioc.sources import read_source

DECLARED = Path(__file__).with_name("statistics_workbook.toml")
SHARED = {
    "connector": "spreadsheet",
    "sector": "economy",
    "shape": "observation",
    "owner": "thong_ke",
    "name": {"vi": "Biểu thống kê", "en": "Statistics"},
    "every": "1d",
    "personal_data": False,
}


def day(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=timezone(timedelta(hours=7))).timestamp())


def read(real: Path, name: str) -> list[Page]:
    body = tomllib.loads(DECLARED.read_text(encoding="utf-8").replace("{real}", str(real)))[name]
    source = read_source(Table(name, DECLARED.name, {**SHARED, **body}), {})
    assert check(source) == []
    return list(fetch(source, Sessions().http(source), {}))


@pytest.mark.parametrize(
    ("name", "counts", "known"),
    [
        (
            "iip",
            {"iip_previous_month": 37, "iip_same_month": 37, "iip_to_date": 37},
            [
                ("iip_same_month", "2025-02-01", "00", "", 117.17),
                ("iip_previous_month", "2025-02-01", "00", "Dệt", 104.87),
                (
                    "iip_to_date",
                    "2025-02-01",
                    "00",
                    "Hoạt động thu gom, xử lý và tiêu huỷ rác thải; tái chế phế liệu",
                    114.7,
                ),
            ],
        ),
        (
            "labour",
            {"labour_index": 63},
            [
                ("labour_index", "2025-02-01", "Quảng Ninh", "", 98.5),
                ("labour_index", "2025-02-01", "Huế", "", 110.32),
                ("labour_index", "2025-02-01", "Đà Nẵng", "", 107.67),
            ],
        ),
        (
            "retail",
            {"retail_sales": 10},
            [
                ("retail_sales", "2025-01-01", "00", "", 575830.2890921918),
                ("retail_sales", "2025-02-01", "00", "Du lịch lữ hành", 7113.991607649858),
            ],
        ),
        (
            "cpi",
            {"cpi_same_month": 20, "cpi_previous_month": 20},
            [
                ("cpi_same_month", "2025-02-01", "00", "CHỈ SỐ GIÁ TIÊU DÙNG", 102.9131482297122),
                ("cpi_same_month", "2025-02-01", "00", "Lương thực", 101.09535519820605),
                ("cpi_previous_month", "2025-02-01", "00", "Giao thông", 100.6257),
            ],
        ),
        (
            "enterprises",
            {"enterprises_back": 20},
            [
                ("enterprises_back", "2025-02-01", "00", "TỔNG SỐ", 29067.0),
                ("enterprises_back", "2025-02-01", "00", "Khai khoáng", 175.0),
            ],
        ),
        (
            "papi",
            {"papi_participation": 63, "papi_transparency": 63},
            [
                ("papi_participation", "2016-01-01", "Hà Nội", "", 5.337698459625244),
                ("papi_transparency", "2016-01-01", "Cao Bằng", "", 5.499398708343506),
            ],
        ),
    ],
)
def test_a_published_table_lands_to_the_last_cell(real, name, counts, known):
    pages = read(real, name)
    records = [record for page in pages for record in page.records]
    assert all(isinstance(record, Observation) for record in records)
    assert Counter(record.variable for record in records) == counts
    assert [rejected for page in pages for rejected in page.rejected] == []
    found = {(r.variable, r.time, r.place, r.category): r.value for r in records}
    assert len(found) == len(records)
    for variable, at, place, category, value in known:
        assert found[variable, day(at), place, category] == value
