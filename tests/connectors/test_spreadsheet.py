"""Departments' spreadsheets: what lands, and how a bad cell is answered."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from ioc.model import Case
from tests.connectors.spreadsheets import (
    CASES,
    HEADING,
    NAME,
    NOVEMBER,
    ROW,
    a_book,
    a_source,
    beds,
    drop,
    pages,
    reasons,
    records,
)

# What lands


def test_a_row_becomes_observations(tmp_path):
    drop(tmp_path, a_book(HEADING, ROW))
    (page,) = pages(a_source(tmp_path))
    assert page.records == beds()
    assert page.rejected == []
    assert page.kept == (b'{"co_so":"bv_bai_chay","dung":750,"giuong":900,"ngay":"2026-11-01"}\n')


@pytest.mark.parametrize(
    ("total", "at"),
    [
        (900, "01/11/2026"),
        ("900", datetime(2026, 11, 1)),  # noqa: DTZ001  Excel knows no zones
        ("900,0", "2026-11-01"),
        ("+900", " 01/11/2026 "),
        (900.0, "tháng 11/2026"),
        ("900", "11/2026"),
        ("9\u00a000".replace("9\u00a000", "900 "), "Tháng 11/2026"),
    ],
)
def test_numbers_and_dates_however_they_are_typed(tmp_path, total, at):
    drop(tmp_path, a_book(HEADING, ("bv_bai_chay", at, total, 750)))
    assert records(pages(a_source(tmp_path))) == beds()


def test_vietnamese_marks_in_numbers(tmp_path):
    drop(tmp_path, a_book(HEADING, ("bv_bai_chay", "01/11/2026", "3.359,80", "1.234.567")))
    assert records(pages(a_source(tmp_path))) == beds(total=3359.8, used=1234567.0)


@pytest.mark.parametrize("blank", ["đang cập nhật", "Đang cập nhật ", "-", "…", "...", "chờ duyệt"])
def test_a_declared_blank_is_a_gap_and_a_zero_is_a_number(tmp_path, blank):
    drop(tmp_path, a_book(HEADING, ("bv_bai_chay", "01/11/2026", blank, 0)))
    assert records(pages(a_source(tmp_path, blank=["chờ duyệt"]))) == beds(total=None, used=0.0)


def test_an_empty_cell_says_nothing(tmp_path):
    drop(
        tmp_path,
        a_book(
            HEADING, ("bv_bai_chay", "01/11/2026", None, 750), (None, None, None, None), ("Ghi chú", None)
        ),
    )
    found = pages(a_source(tmp_path))
    assert records(found) == beds()[1:]
    assert reasons(found) == []


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_csv_in_the_spellings_of_excel(tmp_path, separator, encoding):
    lines = [HEADING, ("bv_bai_chay", "01/11/2026", "900", "750")]
    drop(tmp_path, "\r\n".join(map(separator.join, lines)).encode(encoding), "x.csv")
    assert records(pages(a_source(tmp_path))) == beds()


def test_two_merged_heading_rows_and_merged_labels(tmp_path):
    content = a_book(
        ("BÁO CÁO THÁNG 11 NĂM 2026",),
        ("Cơ sở", "Khoa", "Giường", None),
        (None, None, "Thực kê\n(giường)", "Đang dùng"),
        ("bv_bai_chay", "Nội", 900, 750),
        (None, "Ngoại", 100, 50),
        ("TỔNG SỐ", None, 1000, 800),
        ("Người lập biểu", None, "Nguyễn Văn A", None),
        merged=("A1:D1", "A2:A3", "B2:B3", "C2:D2", "A4:A5"),
    )
    drop(tmp_path, content)
    source = a_source(
        tmp_path,
        header_rows=[2, 3],
        columns={
            "Cơ sở": "co_so", "Khoa": "khoa", "Giường / Thực kê (giường)": "giuong", "Giường / Đang dùng": "dung",
        },
        fields={"place": "co_so", "time": "period", "category": "khoa"},
        period={"cell": "A1", "pattern": r"tháng (?P<month>\d+) năm (?P<year>\d{4})"},
        totals="^tổng số",
        until="^người lập",
    )  # fmt: skip
    found = pages(source)
    assert [(r.place, r.category, r.variable, r.value) for r in records(found)] == [
        ("bv_bai_chay", "Nội", "beds_total", 900.0),
        ("bv_bai_chay", "Nội", "beds_occupied", 750.0),
        ("bv_bai_chay", "Ngoại", "beds_total", 100.0),
        ("bv_bai_chay", "Ngoại", "beds_occupied", 50.0),
    ]
    assert {record.time for record in records(found)} == {NOVEMBER}
    assert reasons(found) == []


def test_blocks_of_columns_give_a_record_each(tmp_path):
    drop(tmp_path, a_book(("Cơ sở", "Tháng 10", "Tháng 11"), ("bv_bai_chay", 700, "750 (ước)")))
    source = a_source(
        tmp_path,
        columns={"Cơ sở": "co_so"},
        notes=r"\(ước\)",
        blocks=[
            {"columns": {"Tháng 10": "dung"}, "set": {"ngay": "2026-10-01"}},
            {"columns": {"Tháng 11": "dung"}, "set": {"ngay": "2026-11-01"}},
        ],
        variables={"beds_occupied": {"field": "dung", "unit": "{bed}"}},
    )
    assert [(record.time, record.value) for record in records(pages(source))] == [
        (NOVEMBER - 31 * 86_400, 700.0),
        (NOVEMBER, 750.0),
    ]


def test_a_row_becomes_a_case(tmp_path):
    drop(
        tmp_path,
        a_book(
            ("Số", "Tình trạng", "Giao", "Hạn", "Đơn vị"),
            (17, "Đang làm", date(2026, 11, 1), "30/11/2026", "Sở Y tế"),
        ),
    )
    (case,) = records(pages(a_source(tmp_path, **CASES)))
    assert case == Case("17", "task", "open", NOVEMBER, due=NOVEMBER + 30 * 86_400 - 1, responsible="Sở Y tế")


def test_several_sheets_by_pattern(tmp_path):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for month in (10, 11):
        sheet = book.create_sheet(f"T{month}-2026")
        for row in (("Cơ sở", "Giường"), ("bv_bai_chay", 900)):
            sheet.append(row)
    book.create_sheet("Ghi chú").append(("không đọc",))
    book.save(tmp_path / NAME)
    source = a_source(
        tmp_path,
        sheet="T*-2026",
        columns={"Cơ sở": "co_so", "Giường": "giuong"},
        fields={"place": "co_so", "time": "period"},
        variables={"beds_total": {"field": "giuong"}},
        period={"in": "sheet", "pattern": r"T(?P<month>\d+)-(?P<year>\d+)"},
    )
    assert [record.time for record in records(pages(source))] == [NOVEMBER - 31 * 86_400, NOVEMBER]


def test_a_large_sheet_comes_page_by_page_and_the_cursor_with_the_last(tmp_path):
    drop(tmp_path, a_book(HEADING, *[(f"tram_{n}", "01/11/2026", n, n) for n in range(4_000)]))
    found = pages(a_source(tmp_path))
    assert sum(len(page.records) for page in found) == 8_000
    assert all(len(page.records) <= 5_000 for page in found)
    assert [page.cursor is None for page in found] == [True] * (len(found) - 1) + [False]


# How a bad cell is answered


@pytest.mark.parametrize(
    ("row", "address", "reason"),
    [
        (("bv", "01/11/2026", "abc", 750), "C3", "“abc” không đọc được là số"),
        (
            ("bv", "01/11/2026", "1.5", 750),
            "C3",
            "“1.5” không đọc được là số (dấu thập phân đã khai báo: “,”)",
        ),
        (("bv", "01/11/2026", "😀", 750), "C3", "“😀” không đọc được là số"),
        (("bv", "01/11/2026", "#DIV/0!", 750), "C3", "“#DIV/0!” không đọc được là số"),
        (("bv", "01/11/2026", True, 750), "C3", "không đọc được là số"),
        (("bv", "01/11/2026", date(2026, 11, 1), 750), "C3", "“2026-11-01” không đọc được là số"),
        (("bv", "31/02/2026", 900, 750), "B3", "“31/02/2026” không đúng dạng thời điểm"),
        (("bv", 46327, 900, 750), "B3", "thời điểm"),
        (("bv", date(1970, 1, 1), 900, 750), "B3", "sớm hơn giới hạn"),
        (("bv", None, 900, 750), "B3", "không có giá trị"),
        ((None, "01/11/2026", 900, 750), "A3", "không có giá trị"),
    ],
)
def test_a_bad_cell_is_answered_by_its_address_and_good_rows_land(tmp_path, row, address, reason):
    drop(tmp_path, a_book(HEADING, ROW, row))
    found = pages(a_source(tmp_path))
    assert records(found)[:2] == beds()
    ((where, told),) = reasons(found)
    assert where == f"[{NAME}]Sheet1!{address}"
    assert reason in told


def test_the_good_cells_of_a_row_with_a_bad_one_land(tmp_path):
    drop(tmp_path, a_book(HEADING, ("bv_bai_chay", "01/11/2026", "??", 750)))
    assert records(pages(a_source(tmp_path))) == beds()[1:]


def test_every_bad_cell_of_a_case_has_its_address(tmp_path):
    drop(
        tmp_path,
        a_book(("Số", "Tình trạng", "Giao", "Hạn", "Đơn vị"), (17, "??", "hôm qua", "31/02/2026", "Sở Y tế")),
    )
    ((where, told),) = reasons(pages(a_source(tmp_path, **CASES)))
    assert where == f"[{NAME}]Sheet1!B2, [{NAME}]Sheet1!C2, [{NAME}]Sheet1!D2"
    assert "Trường state (tt): “??” không có trong danh mục đã khai báo (Đang làm, Xong)" in told


def test_rows_that_contradict_each_other_are_told_and_equal_ones_land_once(tmp_path):
    drop(tmp_path, a_book(HEADING, ROW, ROW, ("bv_bai_chay", "01/11/2026", 901, 750)))
    found = pages(a_source(tmp_path))
    assert records(found) == beds()
    assert reasons(found) == [
        (
            f"[{NAME}]Sheet1!C4",
            "Dòng này nói khác dòng 2 về cùng một đối tượng và thời điểm; dòng 2 được giữ.",
        )
    ]


def test_a_formula_without_a_result_is_told_and_one_with_an_empty_result_is_not(tmp_path):
    content = a_book(HEADING, ("bv_bai_chay", "01/11/2026", "=400+500", 750))
    drop(tmp_path, content)
    found = pages(a_source(tmp_path))
    assert records(found) == beds()[1:]
    assert reasons(found) == [
        (
            f"[{NAME}]Sheet1!C2",
            "Ô có công thức nhưng chưa có kết quả: hãy mở tệp bằng Excel, tính lại (F9) rồi lưu.",
        )
    ]
    for stored, expected in [(b"<v>900</v>", beds()), (None, beds()[1:])]:
        drop(tmp_path, with_result(content, stored))
        found = pages(a_source(tmp_path))
        assert records(found) == expected
        assert reasons(found) == []


def with_result(content: bytes, stored: bytes | None) -> bytes:
    """Write a formula's stored result into a workbook, as Excel does; None is an empty text."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as before,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in before.namelist():
            data = before.read(name)
            if name.endswith("sheet1.xml"):
                assert b"<v></v>" in data or b"<v />" in data or b"<v/>" in data
                for empty in (b"<v></v>", b"<v />", b"<v/>"):
                    data = data.replace(empty, stored or b"<v></v>")
                if stored is None:
                    data = data.replace(b'<c r="C2">', b'<c r="C2" t="str">')
            after.writestr(name, data)
    return out.getvalue()
