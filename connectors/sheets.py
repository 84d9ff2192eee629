"""The sheets of an XLSX (ECMA-376) or CSV (RFC 4180) file, row by row, without holding them in memory."""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import IO, Any, cast

import openpyxl
from openpyxl.utils import get_column_letter, range_boundaries

from ioc.errors import ContractError

MOST_COLUMNS = 512
MOST_NOTED = 100_000
TIMES_LIMIT = 4
BLOCK = 1 << 20
OVERLAP = 1 << 15  # a formula has at most 8,192 characters

Row = tuple[int, tuple[Any, ...]]
"""A row's number from 1 and its cells from column A: texts, numbers, truths, datetimes, None."""

_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]+\d+:[A-Z]+\d+)"')
_NO_RESULT = re.compile(
    rb'<c r="([A-Z]+\d+)"((?:(?!t="str")[^>])*)>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>'
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet. merged: cell -> the first cell of its merged range; uncomputed: formulas without a result."""

    title: str
    rows: Iterator[Row]
    merged: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    uncomputed: frozenset[str] = frozenset()
    joined_headings: bool = False


def address(column: int, row: int) -> str:
    """Write "C7" for column 3, row 7."""
    return f"{get_column_letter(column)}{row}"


@contextmanager
def workbook(content: bytes, name: str, most: int, separator: str = "") -> Iterator[dict[str, Any]]:
    """Open a file by what it holds, not by its name; yield its sheets' titles, in order, for sheet() to read.

    most: bytes that one sheet, and all that must be held in memory, may have uncompressed.
    """
    if content.startswith(b"PK\x03\x04"):
        with _readable(name):
            archive = zipfile.ZipFile(io.BytesIO(content))
            _within(archive, name, most)
            with warnings.catch_warnings():  # it warns of parts that we do not read, such as drawings
                warnings.simplefilter("ignore")
                book = openpyxl.load_workbook(
                    io.BytesIO(content), read_only=True, data_only=True, keep_links=False
                )
        try:
            yield {sheet.title: (name, archive, sheet) for sheet in book.worksheets}
        finally:
            book.close()
            archive.close()
    else:
        yield {"": (name, _text(content, name), separator)}


def sheet(found: tuple[Any, ...], title: str) -> Sheet:
    """Begin to read one of the sheets that workbook() yielded."""
    if not isinstance(found[1], zipfile.ZipFile):
        return Sheet(title, _csv_rows(*found), joined_headings=True)
    name, archive, read = found
    with _readable(name), archive.open(read._worksheet_path.lstrip("/")) as file:
        merges, uncomputed = _noted(file)
    return Sheet(title, _xlsx_rows(name, read), _anchors(merges), frozenset(uncomputed))


def _xlsx_rows(name: str, read: Any) -> Iterator[Row]:
    read.reset_dimensions()  # what a file says about its size is often wrong
    rows = enumerate(read.iter_rows(max_col=MOST_COLUMNS, values_only=True), 1)
    while True:
        with _readable(name), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            block = list(islice(rows, 200))
        yield from block
        if len(block) < 200:
            return


def _csv_rows(name: str, text: str, separator: str) -> Iterator[Row]:
    first = text[:10_000].split("\n", 1)[0]
    delimiter = separator or max(";\t,", key=first.count)
    with _readable(name):
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 1):
            yield number, tuple(cell if cell.strip() else None for cell in cells[:MOST_COLUMNS])


def _text(content: bytes, name: str) -> str:
    start = content[:512].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml")):
        raise ContractError(
            f"Tệp {name} là trang web (HTML/XML), không phải bảng tính; có thể do chưa đăng nhập."
        )
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise ContractError(
            f"Tệp {name} là Excel 97-2003 (.xls) hoặc có mật khẩu; hãy lưu thành .xlsx không mật khẩu."
        )
    if not content.strip():
        raise ContractError(f"Tệp {name} rỗng.")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    if b"\0" in content[:4096]:
        raise ContractError(f"Tệp {name} không phải XLSX hay CSV.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1258", "replace")


def _within(archive: zipfile.ZipFile, name: str, most: int) -> None:
    """Refuse an archive that unpacks to more than is agreed; zipfile never unpacks more than it says here."""
    names = {info.filename: info.file_size for info in archive.infolist()}
    if "xl/workbook.xml" not in names:
        raise ContractError(f"Tệp {name} không phải XLSX (bên trong không có bảng tính Excel).")
    sheets = [size for path, size in names.items() if path.startswith("xl/worksheets/")]
    held = [
        size for path, size in names.items() if re.match(r"xl/[^/]+\.xml|\[|docProps|_rels|xl/_rels", path)
    ]
    if sum(held) > most or max(sheets, default=0) > most or sum(sheets) > TIMES_LIMIT * most:
        raise ContractError(f"Tệp {name} giải nén ra lớn hơn giới hạn đã khai báo ({most / 1e6:g} MB).")


def _noted(file: IO[bytes]) -> tuple[list[str], set[str]]:
    """Find merged ranges and formulas without a stored result; the first stand behind all rows of a sheet."""
    merges: dict[str, None] = {}
    uncomputed: set[str] = set()
    tail = b""
    while block := file.read(BLOCK):
        text = tail + block
        if b"<f" in text and len(uncomputed) < MOST_NOTED:
            uncomputed.update(found[1].decode() for found in _NO_RESULT.finditer(text))
        if b"mergeCell " in text and len(merges) < MOST_NOTED:
            merges.update(dict.fromkeys(found.decode() for found in _MERGE.findall(text)))
        tail = text[-OVERLAP:]
    return list(merges), uncomputed


def _anchors(merges: list[str]) -> dict[tuple[int, int], tuple[int, int]]:
    anchors: dict[tuple[int, int], tuple[int, int]] = {}
    for merge in merges:
        left, top, right, bottom = cast("tuple[int, int, int, int]", range_boundaries(merge))
        if (right - left + 1) * (bottom - top + 1) > 10_000:
            continue
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                anchors[row, column] = (top, left)
        if len(anchors) > MOST_NOTED:
            break
    return anchors


@contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        yield
    except (ContractError, GeneratorExit):
        raise
    except Exception as error:  # a damaged file breaks the libraries in ways without a common base
        raise ContractError(f"Tệp {name} hỏng hoặc đang được ghi dở ({type(error).__name__}).") from error


def plain(value: Any) -> Any:
    """Return a cell as declarations read it: dates in ISO 8601, a date without a time as a day."""
    if isinstance(value, datetime):
        midnight = value.hour == value.minute == value.second == value.microsecond == 0
        return value.date().isoformat() if midnight else value.replace(microsecond=0).isoformat()
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "total_seconds"):
        return value.total_seconds()
    return value
