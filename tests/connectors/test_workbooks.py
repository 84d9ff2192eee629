"""XLSX, XLS, ODS and CSV as offices really write them: cells of every kind, fonts, passwords, limits, sources."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from connectors.sheets import UNCOMPUTED
from connectors.workbooks import workbook
from ioc.errors import ContractError, RefusedError, UnreachableError
from tests.connectors.answers import Loopback
from tests.connectors.file_servers import PASSWORD, USER, ftp_server, sftp_server
from tests.connectors.spreadsheets import HEADING, ROW, a_book, a_source, answering, drop, pages, records
from tests.connectors.test_cases import CASES, source_of

REPORTS = CASES / "spreadsheet"
NAMES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0"'
    for prefix in ("office", "table", "text", "style", "calcext")
)
TWICE = ' table:number-columns-repeated="2"'


def rows(content: bytes, most: int = 1_000_000, **how: Any) -> dict[str, list[tuple[int, tuple[Any, ...]]]]:
    with workbook(io.BytesIO(content), "so.x", most, **how) as found:
        return {title: list(begin().rows) for title, begin in found.items()}


def an_ods(*sheets: str, styles: str = "", manifest: str = "<manifest/>") -> bytes:
    """Write an OpenDocument spreadsheet of tables as they stand in its XML."""
    out = io.BytesIO()
    tables = "".join(
        f'<table:table table:name="Biểu {n}">{sheet}</table:table>' for n, sheet in enumerate(sheets, 1)
    )
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr(
            "content.xml",
            f"<office:document-content {NAMES}><office:automatic-styles>{styles}</office:automatic-styles><office:body>"
            f"<office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>",
        )
    return out.getvalue()


def changed(content: bytes, part: str, change: Any) -> bytes:
    """Return an archive in which one part is another."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as before,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in before.namelist():
            after.writestr(name, change(before.read(name)) if name == part else before.read(name))
    return out.getvalue()


def cell(kind: str, value: str = "", said: str = "", more: str = "") -> str:
    names = {
        "float": "value",
        "percentage": "value",
        "date": "date-value",
        "time": "time-value",
        "boolean": "boolean-value",
    }
    told = f' office:{names[kind]}="{value}"' if kind in names else ""
    return (
        f'<table:table-cell office:value-type="{kind}"{told}{more}><text:p>{said}</text:p></table:table-cell>'
    )


def test_the_cells_of_an_ods_are_what_they_are_and_not_what_they_look_like():
    row = "".join(
        [
            cell("float", "3359.8", "3.359,80"), cell("float", "900", "900"), cell("percentage", "0.937", "93,7 %"),
            cell("date", "2026-11-01", "01/11/26"), cell("date", "2026-11-01T08:30:00"), cell("time", "PT08H30M00S"),
            cell("boolean", "true", "ĐÚNG"), cell("string", said="Hạ<text:s/>Long"),
            cell("string", said="#CHIA/0!", more=' calcext:value-type="error" office:string-value=""'),
            '<table:table-cell table:formula="of:=[.A1]"/>',
        ]
    )  # fmt: skip
    assert rows(an_ods(f"<table:table-row>{row}</table:table-row>")) == {
        "Biểu 1": [
            (1, (3359.8, 900, 0.937, datetime(2026, 11, 1), datetime(2026, 11, 1, 8, 30), time(8, 30),  # noqa: DTZ001
                 True, "Hạ Long", "#CHIA/0!", UNCOMPUTED))
        ]
    }  # fmt: skip


def test_repeated_rows_and_cells_of_an_ods_keep_their_places_and_remarks_are_not_read():
    note = "<office:annotation><text:p>ai đó ghi chú</text:p></office:annotation>"
    sheet = (
        f"<table:table-row>{cell('float', '1')}<table:table-cell{TWICE}/>"
        f'<table:table-cell office:value-type="string">{note}<text:p>a</text:p><text:p>b</text:p></table:table-cell>'
        "</table:table-row>"
        '<table:table-row table:number-rows-repeated="3"><table:table-cell/></table:table-row>'
        f'<table:table-row table:number-rows-repeated="2">{cell("float", "7", more=TWICE)}</table:table-row>'
        '<table:table-row table:number-rows-repeated="1048570"><table:table-cell/></table:table-row>'
    )
    expected = [(1, (1, None, None, "a\nb")), (5, (7, 7)), (6, (7, 7))]
    assert rows(an_ods("", sheet)) == {"Biểu 1": [], "Biểu 2": expected}


def test_an_ods_that_repeats_a_row_for_ever_is_refused():
    endless = (
        f'<table:table-row table:number-rows-repeated="999999999">{cell("float", "1")}</table:table-row>'
    )
    with pytest.raises(ContractError, match="hỏng"):
        rows(an_ods(endless))


def test_a_font_of_a_column_or_of_a_parent_tells_how_an_ods_is_spelled():
    styles = (
        '<style:style style:name="cha"><style:text-properties style:font-name=".VnTime"/></style:style>'
        '<style:style style:name="con" style:parent-style-name="cha"><style:table-cell-properties/></style:style>'
    )
    sheet = (
        '<table:table-column table:default-cell-style-name="con"/><table:table-column/>'
        f"<table:table-row>{cell('string', said='Néi')}{cell('string', said='Néi')}</table:table-row>"
    )
    assert rows(an_ods(sheet, styles=styles)) == {"Biểu 1": [(1, ("Nội", "Néi"))]}
    assert rows(an_ods(sheet, styles=styles), encoding="tcvn3") == {"Biểu 1": [(1, ("Nội", "Nội"))]}


def test_an_xlsx_of_another_generator_is_read_alike():
    content = a_book(HEADING, ROW)
    prefixed = changed(
        content, "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b"<", b"<x:").replace(b"<x:/", b"</x:").replace(b'xmlns="', b'xmlns:x="'),
    )  # fmt: skip
    unnumbered = changed(
        content, "xl/worksheets/sheet1.xml",
        lambda xml: re.sub(rb' r="[A-Z]*\d+"', b"", xml),
    )  # fmt: skip
    assert rows(prefixed) == rows(content) == rows(unnumbered)
    assert rows(content)["Sheet1"][1][1] == ("bv_bai_chay", datetime(2026, 11, 1), 900, 750)  # noqa: DTZ001


def test_days_count_from_1904_where_the_workbook_says_so():
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    sheet = book.active
    assert sheet is not None
    sheet.append((datetime(2026, 11, 1),))  # noqa: DTZ001
    written = io.BytesIO()
    book.save(written)
    assert rows(written.getvalue())["Sheet"] == [(1, (datetime(2026, 11, 1),))]  # noqa: DTZ001


@pytest.mark.parametrize(
    ("inside", "read"),
    [
        (b"<is><r><rPr><rFont val='.VnTime'/></rPr><t>N\xc3\xa9i</t></r><r><t> \xc4\x91\xc3\xa3 k\xc3\xbd</t></r>"
         b"<rPh><t>noi</t></rPh></is>", "Nội đã ký"),
        (b"<is><t>N\xc3\xa9i</t></is>", "Néi"),
        (b"<is><t/></is>", None),
    ],
)  # fmt: skip
def test_the_runs_of_a_text_are_read_each_in_its_font(inside: bytes, read: str | None):
    cells = b'<row r="1"><c r="A1" t="inlineStr">' + inside + b'</c><c r="B1"><v>1</v></c></row>'
    content = changed(
        a_book(("x", 1)), "xl/worksheets/sheet1.xml",
        lambda xml: xml[: xml.index(b"<sheetData>") + 11] + cells + xml[xml.index(b"</sheetData>") :],
    )  # fmt: skip
    assert rows(content)["Sheet1"] == [(1, (read, 1))]


def test_files_that_cannot_be_read_are_named():
    xls = (REPORTS / "types_xls" / "folder" / "giuong_benh.xls").read_bytes()
    locked = xls.replace(
        b"\xe1\x00\x02\x00\xb0\x04", b"\x2f\x00\x02\x00\xb0\x04"
    )  # a record that says: encrypted
    assert locked != xls
    secret = an_ods("", manifest="<manifest><encryption-data/></manifest>")
    for content, error, says in [
        (locked, RefusedError, "có mật khẩu"),
        (secret, RefusedError, "có mật khẩu"),
        (xls[:2000], ContractError, "hỏng|không phải bảng tính Excel"),
        (xls + b"\0" * 24_000_000, ContractError, r"lớn hơn 24 MB, phải đọc cả tệp một lúc; hãy lưu thành \.xlsx"),
        (b"x" * 2_000_000 + b";\n1", ContractError, "dòng dài hơn 1 triệu"),
    ]:  # fmt: skip
        with pytest.raises(error, match=says):
            rows(content)


def test_a_binary_workbook_is_named():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.bin", b"")
    with pytest.raises(ContractError, match=r"nhị phân \(\.xlsb\); hãy lưu thành \.xlsx"):
        rows(out.getvalue())


@pytest.mark.parametrize("report", ["report_xls/folder/bieu_02.xls", "report_ods/folder/bieu_02.ods"])
def test_xls_and_ods_come_from_the_web_from_ftp_and_from_sftp_as_from_a_folder(tmp_path: Path, report: str):
    content = (REPORTS / report).read_bytes()
    name = drop(tmp_path, content, Path(report).name).name
    declared = (REPORTS / report).parent.parent / "source.toml"

    def found(url: str, **auth: str) -> list[Any]:
        said = "".join(f'auth.{key} = "{value}"\n' for key, value in auth.items())
        toml = declared.read_text(encoding="utf-8").replace('"{folder}"', f'"{url}"\n{said}')
        return records(pages(source_of(toml)))

    expected = found(str(tmp_path))
    assert len(expected) == 11
    login = {"kind": "password", "user": USER, "password": PASSWORD}
    server = Loopback(answering(content))
    try:
        assert found(f"{server.url}/{name}") == expected
    finally:
        server.close()
    with ftp_server(tmp_path) as url:
        assert found(url, **login) == expected
    with sftp_server(tmp_path) as (url, key):
        assert found(url, **login, host_key=key) == expected


def test_a_workbook_that_breaks_off_on_its_way_is_no_workbook():
    content = a_book(HEADING, *[ROW] * 3)

    def cut(request: Any) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content[: len(content) // 2])
        request.close_connection = True

    server = Loopback(cut)
    try:
        with pytest.raises(UnreachableError, match="đứt sau"):
            pages(a_source(f"{server.url}/giuong.xlsx"))
    finally:
        server.close()
