"""The files that the desk gives away: they open in a spreadsheet, say where they come from, and run nothing."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime

import openpyxl
import pytest

from layouts import exports
from layouts.ports import AskError
from layouts.web import create_web
from tests.layouts import sample

DANGEROUS = ("=1+1", "+1", "-1", "@sum")


@pytest.fixture
def asked():
    return []


@pytest.fixture
def client(asked):
    def ask(path, parameters):
        asked.append((path, dict(parameters)))
        if parameters.get("area") == "nowhere":
            raise AskError("there is no area 'nowhere'")
        answer = sample.ask(path, parameters)
        if path == "/api/v1/cases":
            for item, text in zip(answer["items"], DANGEROUS, strict=False):
                item["category"] = text
        if path == "/api/v1/sources":
            kinds = {"sector": "public_services", "shape": "case:dossier", "name": {"vi": "Một cửa; tỉnh"}}
            answer["items"][0] |= kinds
        return answer

    ports = sample.ports()
    app = create_web(ports.__class__(**{**vars(ports), "ask": ask}), now=lambda: sample.NOW)
    yield app.test_client()
    app.extensions["published"].stop()


def test_a_csv_opens_in_a_vietnamese_spreadsheet_with_its_origin_on_top(client):
    answer = client.get("/export/public_services/cases.csv?area=06793&lang=vi")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert "ho_so_public_services_2026-11-" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
    empty = rows.index([])
    head = dict(rows[:empty])
    assert "Một cửa; tỉnh" in head["Nguồn dữ liệu"]
    assert "Phường Cẩm Phả" in head["Bộ lọc"]
    assert head["Số liệu tại thời điểm"].endswith("/2026")
    assert head["Giới hạn"] == "Nhiều nhất 200.000 dòng"
    assert "DỮ LIỆU MÔ PHỎNG" in head
    columns, *records = rows[empty + 1 :]
    assert columns[:3] == ["Mã", "Lĩnh vực", "Đơn vị chịu trách nhiệm"]
    assert [row[1] for row in records[:4]] == [f"'{text}" for text in DANGEROUS]
    assert re.fullmatch(r"\d\d/\d\d/2026 \d\d:\d\d", records[0][columns.index("Tiếp nhận")])


def test_every_page_is_fetched_and_the_files_hold_the_same_rows(client, asked):
    text = client.get("/export/public_services/cases.csv?lang=vi").data.decode("utf-8-sig")
    book = openpyxl.load_workbook(
        io.BytesIO(client.get("/export/public_services/cases.xlsx?lang=vi").data), read_only=True
    )
    origin, sheet = book.worksheets
    rows = list(sheet.iter_rows(values_only=True))
    lines = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert len(rows) == len(lines) - lines.index([]) - 1 == 2001
    assert [row[1] for row in rows[1:5]] == list(DANGEROUS)
    assert isinstance(rows[1][rows[0].index("Tiếp nhận")], datetime)
    said = dict(origin.iter_rows(values_only=True))
    assert said["Số dòng"] == 2000
    assert said["Bộ lọc"] == "tất cả"


def test_what_begins_like_a_formula_is_text_in_a_workbook(client):
    book = openpyxl.load_workbook(io.BytesIO(client.get("/export/public_services/cases.xlsx").data))
    assert [book.worksheets[1].cell(2 + place, 2).data_type for place in range(4)] == ["s"] * 4


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_is_cut_at_its_limit_and_says_so(client, monkeypatch, kind):
    monkeypatch.setattr(exports, "MOST", 7)
    answer = client.get(f"/export/public_services/cases.{kind}?lang=vi")
    if kind == "csv":
        assert "chỉ chứa 7 dòng đầu" in answer.data.decode().splitlines()[-1]
    else:
        origin, sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets
        assert sheet.max_row == 8
        assert "chỉ chứa 7 dòng đầu" in origin.cell(origin.max_row, 2).value


def test_decimals_are_written_with_a_comma_and_numbers_stay_numbers(client):
    text = client.get("/export/public_services/units.csv?lang=vi").data.decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text), delimiter=";"))
    columns, *rows = lines[lines.index([]) + 1 :]
    values = [row[columns.index("Giá trị")] for row in rows]
    assert values
    assert all("." not in value for value in values)
    book = openpyxl.load_workbook(io.BytesIO(client.get("/export/public_services/units.xlsx?lang=vi").data))
    assert isinstance(book.worksheets[1].cell(2, 4).value, int | float)


def test_a_moment_reaches_every_question_and_the_name_of_the_file(client, asked):
    answer = client.get("/export/public_services/cases.csv?as_of=2026-11-01T08:30&lang=vi")
    assert "2026-11-01.csv" in answer.headers["Content-Disposition"]
    assert "08:30:00 01/11/2026" in answer.data.decode()
    assert all(more.get("as_of") for path, more in asked if path in ("/api/v1/cases", "/api/v1/sources"))


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/export/nowhere/cases.csv", 404, "Không có trang này"),
        ("/export/health/cases.csv", 404, "không có hồ sơ"),
        ("/export/public_services/cases.csv?area=nowhere", 422, "there is no area"),
    ],
)
def test_a_file_that_cannot_be_made_is_refused_with_a_sentence(client, path, status, said):
    answer = client.get(path)
    assert answer.status_code == status
    assert said in answer.json["detail"]
