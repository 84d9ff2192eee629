"""Files of departments: what they may not do to us, when they are read again, where they come from, and their template."""

from __future__ import annotations

import io
import os
import time
import zipfile
from datetime import date

import openpyxl
import pytest

from connectors import check, template
from connectors.http import Sessions
from connectors.spreadsheet import fetch
from ioc.errors import ContractError, RefusedError, UnreachableError
from ioc.model import Page, Text, Variable
from tests.connectors.answers import Loopback
from tests.connectors.file_servers import PASSWORD, USER, ftp_server, sftp_server, silent_server
from tests.connectors.spreadsheets import (
    BEDS,
    CASES,
    HEADING,
    NAME,
    ROW,
    a_book,
    a_source,
    answering,
    beds,
    drop,
    pages,
    reasons,
    records,
)

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
