"""The sheets of an Excel 97-2003 workbook ([MS-XLS], BIFF), which cannot be read as a stream and so has a limit."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import IO, Any

import xlrd
from xlrd.biffh import XLRDError

from connectors.old_fonts import Spelling, of_font, spelled
from connectors.sheets import MOST_COLUMNS, Book, Row, Sheet, merge, readable
from ioc.errors import ContractError, RefusedError

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MOST_BYTES = 24_000_000
"""A workbook of this size takes about 300 MB of memory while it is read."""
LOCKED = "Tệp {name} có mật khẩu; hãy bỏ mật khẩu (mã hóa) rồi gửi lại."

_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_WORKBOOK = ("Workbook".encode("utf-16-le"), "Book".encode("utf-16-le"))


@contextmanager
def book(file: IO[bytes], name: str, declared: Spelling | None) -> Iterator[Book]:
    """Open a workbook; declared: how texts are read whose font does not tell.

    Raises RefusedError where it is encrypted, ContractError where it is too large or no workbook.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size > MOST_BYTES:
        # an encrypted .xlsx stands in the same container and may be of any size
        if _ENCRYPTED_PACKAGE in file.read(1 << 16):
            raise RefusedError(LOCKED.format(name=name))
        raise ContractError(f"Tệp {name} là Excel 97-2003 (.xls) lớn hơn {MOST_BYTES / 1e6:g} MB, phải đọc cả tệp "
                            "một lúc; hãy lưu thành .xlsx hoặc .csv.")  # fmt: skip
    content = file.read()
    if _ENCRYPTED_PACKAGE in content:
        raise RefusedError(LOCKED.format(name=name))
    if not any(stream in content for stream in _WORKBOOK):
        raise ContractError(f"Tệp {name} không phải bảng tính Excel 97-2003 (.xls).")
    with readable(name):
        try:
            found = xlrd.open_workbook(
                file_contents=content,
                logfile=io.StringIO(),
                formatting_info=True,
                on_demand=True,
                ragged_rows=True,
            )
        except XLRDError as error:
            if "encrypted" in str(error):
                raise RefusedError(LOCKED.format(name=name)) from None
            raise
    del content
    try:
        fonts = [of_font(font.name) for font in found.font_list]
        yield {
            title: partial(_sheet, found, name, number, fonts, declared)
            for number, title in enumerate(found.sheet_names())
        }
    finally:
        found.release_resources()


def _sheet(
    found: xlrd.Book, name: str, number: int, fonts: list[Spelling | None], declared: Spelling | None
) -> Sheet:
    with readable(name):
        sheet = found.sheet_by_index(number)
    anchors: dict[tuple[int, int], tuple[int, int]] = {}
    for top, bottom, left, right in sheet.merged_cells:  # from 0, the last ones not included
        merge(anchors, left + 1, top + 1, right, bottom)
    return Sheet(sheet.name, _rows(found, sheet, name, fonts, declared), anchors)


def _rows(
    found: xlrd.Book, sheet: Any, name: str, fonts: list[Spelling | None], declared: Spelling | None
) -> Iterator[Row]:
    for row in range(sheet.nrows):
        with readable(name):
            cells = [
                _value(found, sheet, row, column, fonts, declared)
                for column in range(min(sheet.row_len(row), MOST_COLUMNS))
            ]
        if any(cell is not None for cell in cells):
            yield row + 1, tuple(cells)
    found.unload_sheet(sheet.number)


def _value(
    found: xlrd.Book,
    sheet: Any,
    row: int,
    column: int,
    fonts: list[Spelling | None],
    declared: Spelling | None,
) -> Any:
    kind, value = sheet.cell_type(row, column), sheet.cell_value(row, column)
    if kind == xlrd.XL_CELL_NUMBER:
        return int(value) if value.is_integer() and abs(value) < 1e15 else value
    if kind == xlrd.XL_CELL_TEXT:
        font = fonts[found.xf_list[sheet.cell_xf_index(row, column)].font_index]
        runs = sheet.rich_text_runlist_map.get((row, column), [])
        return _said(value, [(0, font), *((at, fonts[number]) for at, number in runs)], declared) or None
    if kind == xlrd.XL_CELL_DATE:
        return _date(value, found.datemode)
    if kind == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    if kind == xlrd.XL_CELL_ERROR:
        return xlrd.error_text_from_code.get(value, "#VALUE!")
    return None


def _said(text: str, runs: list[tuple[int, Spelling | None]], declared: Spelling | None) -> str:
    """Read a text, each run in its own font; where none of them is an old one, as declared."""
    if not any(font for _, font in runs):
        return spelled(text, declared)
    ends = [at for at, _ in runs[1:]] + [len(text)]
    return "".join(spelled(text[at:end], font) for (at, font), end in zip(runs, ends, strict=True))


def _date(value: float, mode: Any) -> Any:
    try:
        found: datetime = xlrd.xldate.xldate_as_datetime(value, mode)
    except (ValueError, OverflowError):
        return "#VALUE!"
    return found.time() if value < 1 else found
