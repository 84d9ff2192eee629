"""Departments' spreadsheets: what lands, how a bad cell is answered, and what a file may not do to us."""

from __future__ import annotations

import io
import os
import time
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from connectors import check, template
from connectors.http import Sessions
from connectors.spreadsheet import fetch
from ioc.declared import Table
from ioc.errors import ContractError, RefusedError, UnreachableError
from ioc.model import Case, Observation, Page, Source, Text, Variable
from ioc.sources import read_source
from tests.connectors.answers import Loopback
from tests.connectors.file_servers import PASSWORD, USER, ftp_server, sftp_server, silent_server

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


CASES: dict[str, Any] = {
    "shape": "case:task",
    "variables": None,
    "columns": {"Số": "so", "Tình trạng": "tt", "Giao": "giao", "Hạn": "han", "Đơn vị": "dv"},
    "fields": {"key": "so", "state": "tt", "opened": "giao", "due": "han", "responsible": "dv"},
    "enums": {"state": {"Đang làm": "open", "Xong": "closed"}},
}


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


# Files that are not what was agreed


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def ods() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    return out.getvalue()


def bomb() -> bytes:
    out = io.BytesIO()
    book = a_book(HEADING, ROW)
    with (
        zipfile.ZipFile(io.BytesIO(book)) as before,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in before.namelist():
            data = before.read(name)
            if name.endswith("sheet1.xml"):
                data = data.replace(b"</sheetData>", b" " * 80_000_000 + b"</sheetData>")
            after.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: b"<!DOCTYPE html><html><body>Please log in</body></html>", "là trang web"),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "không phải bảng tính Excel 97-2003"),
        (lambda: cut(a_book(HEADING, ROW)), "hỏng hoặc đang được ghi dở"),
        (ods, "không phải XLSX"),
        (lambda: b"", "rỗng"),
        (lambda: os.urandom(64) + b"\0" * 64, "không phải XLSX, XLS, ODS hay CSV"),
        (bomb, "giải nén ra lớn hơn giới hạn"),
        (lambda: a_book(("Cơ sở", "Ngày", "Giường"), ROW), "không thấy cột “Đang dùng”"),
        (lambda: a_book((*HEADING, "Giường"), ROW), "tiêu đề “Giường” có ở 2 cột (C1, E1)"),
        (lambda: a_book(HEADING), "không có dòng dữ liệu nào từ dòng 2"),
    ],
)
def test_a_file_that_is_not_what_was_agreed_is_told_after_the_good_one_landed(tmp_path, make, sentence):
    drop(tmp_path, make(), "a_sai.xlsx", 100)
    drop(tmp_path, a_book(HEADING, ROW), "b_dung.xlsx")
    source, landed = a_source(tmp_path), []
    with pytest.raises(ContractError) as told:
        landed.extend(fetch(source, Sessions().http(source), {}))
    assert sentence in str(told.value)
    assert records(landed) == beds()
    with pytest.raises(ContractError):
        pages(source, landed[-1].cursor)


def test_a_missing_sheet_and_period_are_told(tmp_path):
    drop(tmp_path, a_book(HEADING, ROW))
    with pytest.raises(ContractError, match=r"không có trang “Biểu 2”; có Sheet1"):
        pages(a_source(tmp_path, sheet="Biểu 2"))
    with pytest.raises(ContractError, match="không thấy kỳ báo cáo"):
        pages(a_source(tmp_path, period={"in": "file", "pattern": r"(?P<year>\d{4})"}))


def test_an_entity_bomb_is_refused(tmp_path):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(a_book(HEADING, ROW))) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            data = before.read(name)
            if name == "xl/workbook.xml":
                data = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + data
            after.writestr(name, data)
    drop(tmp_path, out.getvalue())
    with pytest.raises(ContractError, match=r"Tệp giuong_benh\.xlsx khai báo DTD hoặc thực thể"):
        pages(a_source(tmp_path))


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"columns": {}}, "columns"),
        ({"columns": {"Cơ sở": "cơ sở"}}, "columns.cơ sở"),
        ({"variables": {"beds_total": {"field": "giuon"}}}, "variables.beds_total.field"),
        ({"fields": {"place": "co_so"}}, "fields.time"),
        ({"header_rows": ["1"]}, "header_rows[0]"),
        ({"totals": "("}, "totals"),
        ({"period": {"cell": "2A", "pattern": "x"}}, "period.cell"),
        ({"sheets": "x"}, "sheets"),
    ],
)
def test_a_faulty_declaration_is_named_by_its_key(tmp_path, options, key):
    assert key in {fault.key for fault in check(a_source(tmp_path, **options))}


# What is remembered


def test_a_file_is_read_again_only_when_it_changed(tmp_path):
    path = drop(tmp_path, a_book(HEADING, ROW))
    source = a_source(tmp_path)
    first = pages(source)[-1]
    assert pages(source, first.cursor) == [Page(unchanged=True)]
    os.utime(path, (time.time() - 5, time.time() - 5))
    touched = pages(source, first.cursor)
    assert records(touched) == []
    assert touched[0].unchanged
    assert touched[0].cursor != first.cursor
    drop(tmp_path, a_book(HEADING, ("bv_bai_chay", "01/11/2026", 901, 750)))
    assert records(pages(source, touched[0].cursor)) == beds(total=901.0)


def test_a_declaration_that_changed_reads_every_file_again(tmp_path):
    drop(tmp_path, a_book(HEADING, ROW))
    landed = pages(a_source(tmp_path, variables={"beds_total": BEDS["variables"]["beds_total"]}))[-1]
    assert records([landed]) == beds()[:1]
    assert records(pages(a_source(tmp_path), landed.cursor)) == beds()


def test_a_young_file_and_excels_lock_file_wait(tmp_path):
    drop(tmp_path, a_book(HEADING, ROW), age=1)
    drop(tmp_path, b"\x05Nguyen Van A", "~$giuong_benh.xlsx")
    assert pages(a_source(tmp_path, settle="10s")) == [Page(unchanged=True)]


# Where it comes from


def test_one_file_by_its_path(tmp_path):
    drop(tmp_path, a_book(HEADING, ROW))
    drop(tmp_path, b"not this one", "khac.csv")
    assert records(pages(a_source(tmp_path / NAME))) == beds()
    with pytest.raises(ContractError, match=r"Không thấy tệp vang\.xlsx"):
        pages(a_source(tmp_path / "vang.xlsx"))


def answering(body: bytes, status: int = 200) -> Callable[[Any], None]:
    def answer(request: Any) -> None:
        fresh = request.headers.get("If-None-Match") != '"v1"'
        request.send_response(status if fresh else 304)
        request.send_header("ETag", '"v1"')
        request.send_header("Content-Length", str(len(body) if fresh else 0))
        request.end_headers()
        request.wfile.write(body if fresh else b"")

    return answer


def test_a_web_address_is_asked_whether_it_changed():
    server = Loopback(answering(a_book(HEADING, ROW)))
    try:
        source = a_source(f"{server.url}/bao-cao/giuong_benh.xlsx")
        found = pages(source)
        assert records(found) == beds()
        assert found[-1].status == 200
        again = pages(source, found[-1].cursor)
        assert [(page.unchanged, len(page.records)) for page in again] == [(True, 0)]
    finally:
        server.close()


def test_a_login_page_behind_a_web_address():
    server = Loopback(answering(b"<html>Dang nhap</html>"))
    try:
        with pytest.raises(ContractError, match="là trang web"):
            pages(a_source(f"{server.url}/giuong_benh.xlsx"))
    finally:
        server.close()


def test_ftp_and_sftp_deliver_what_the_directory_does(tmp_path):
    drop(tmp_path, a_book(HEADING, ROW))
    login = {"kind": "password", "user": USER, "password": PASSWORD}
    with ftp_server(tmp_path) as url:
        assert records(pages(a_source(url, auth=login))) == beds()
    with sftp_server(tmp_path) as (url, key):
        assert records(pages(a_source(url, auth={**login, "host_key": key}))) == beds()


def test_a_folder_that_vanished(tmp_path):
    with pytest.raises(UnreachableError, match="Không thấy thư mục"):
        pages(a_source(tmp_path / "gone"))


def test_a_refused_login_and_a_refused_file(tmp_path):
    drop(tmp_path, a_book(HEADING, ROW))
    login = {"kind": "password", "user": USER, "password": "sai"}
    with ftp_server(tmp_path) as url, pytest.raises(RefusedError, match="Đăng nhập"):
        pages(a_source(url, auth=login))
    login["password"] = PASSWORD
    with (
        ftp_server(tmp_path, permissions="el") as url,
        pytest.raises(RefusedError, match="Không có quyền đọc tệp"),
    ):
        pages(a_source(url, auth=login))


def test_a_server_that_hangs_costs_its_deadline(tmp_path):
    with silent_server(b"220 chao\r\n") as port:
        started = time.monotonic()
        with pytest.raises(UnreachableError, match="Quá 1 giây"):
            pages(a_source(f"ftp://127.0.0.1:{port}/", deadline="1s"))
        assert time.monotonic() - started < 2.5


# The template


VARIABLES = {
    "beds_total": Variable("beds_total", Text("Giường thực kê", "Beds"), "{bed}"),
    "beds_occupied": Variable("beds_occupied", Text("Giường đang sử dụng", "Occupied"), "{bed}"),
}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {
            "sheet": "Biểu 01",
            "header_rows": [3, 4],
            "columns": {
                "Cơ sở": "co_so",
                "Ngày": "ngay",
                "Giường / Thực kê": "giuong",
                "Giường / Đang dùng": "dung",
            },
        },
    ],
)
def test_a_template_that_was_filled_in_lands(tmp_path, options):
    source = a_source(tmp_path, **options)
    drop(tmp_path, template.write(source, VARIABLES, ("bv_bai_chay", "bv_ha_long")))
    book = openpyxl.load_workbook(tmp_path / NAME)
    sheet = book.worksheets[0]
    first = max(options.get("header_rows", [1])) + 1
    for number, place in enumerate(("bv_bai_chay", "bv_ha_long")):
        for column, value in enumerate((place, date(2026, 11, 1), 900, 750), 1):
            sheet.cell(first + number, column).value = value
    book.save(tmp_path / NAME)
    found = pages(source)
    assert records(found) == beds() + beds("bv_ha_long")
    assert reasons(found) == []


def test_a_template_explains_itself(tmp_path):
    book = openpyxl.load_workbook(io.BytesIO(template.write(a_source(tmp_path), VARIABLES, ("bv_bai_chay",))))
    assert book.sheetnames == ["Số liệu", "Hướng dẫn"]
    guide = [cell for row in book["Hướng dẫn"].iter_rows(values_only=True) for cell in row if cell]
    assert "Giường bệnh" in guide
    assert "Giường thực kê, đơn vị {bed}" in guide
    rules = book["Số liệu"].data_validations.dataValidation
    assert [rule.type for rule in rules] == ["list", None, "custom", "custom"]


def test_an_untouched_example_of_a_case_template_is_read_as_what_it_is(tmp_path):
    source = a_source(tmp_path, **CASES)
    drop(tmp_path, template.write(source, {}, ("Sở Y tế",)))
    (case,) = records(pages(source))
    assert (case.key, case.state, case.responsible) == ("HS-0001", "open", "Sở Y tế")
