"""Opens a spreadsheet file by what it holds, not by its name: XLSX, XLS, ODS or CSV."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO
from zipfile import ZipFile

from connectors import csv_sheets, ods_sheets, xls_sheets, xlsx_sheets
from connectors.old_fonts import SPELLINGS
from connectors.sheets import Book, readable
from ioc.errors import ContractError, RefusedError

ENDINGS = (".xlsx", ".xlsm", ".xls", ".ods", ".csv", ".txt", ".tsv")
TIMES_LIMIT = 4


@contextmanager
def workbook(
    file: IO[bytes], name: str, most: int, separator: str = "", encoding: str = ""
) -> Iterator[Book]:
    """Open a file; yield its sheets by title, in order.

    most: bytes that one sheet may have uncompressed. encoding: of texts that are neither Unicode nor in a font
    that tells. Raises RefusedError for an encrypted file, ContractError for any other that cannot be read.
    """
    declared = SPELLINGS.get(encoding)
    file.seek(0)
    start = file.read(512)
    if start.startswith(b"PK\x03\x04"):
        with readable(name):
            archive = ZipFile(file)
        with archive:
            kind = _kind(archive, name)
            _within(archive, name, most)
            with (ods_sheets if kind == "ods" else xlsx_sheets).book(archive, name, declared) as found:
                yield found
    elif start.startswith(xls_sheets.SIGNATURE):
        with xls_sheets.book(file, name, declared) as found:
            yield found
    else:
        _is_text(start, name)
        file.seek(0)
        with csv_sheets.book(file, name, declared, separator) as found:
            yield found


def _is_text(start: bytes, name: str) -> None:
    if start.lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        raise ContractError(
            f"Tệp {name} là trang web (HTML/XML), không phải bảng tính; có thể do chưa đăng nhập."
        )
    if not start.strip():
        raise ContractError(f"Tệp {name} rỗng.")


def _kind(archive: ZipFile, name: str) -> str:
    """Return ods or xlsx; raises RefusedError for an encrypted ODS, ContractError for any other archive."""
    names = {info.filename: info.file_size for info in archive.infolist()}
    with readable(name):
        said = archive.read("mimetype").strip() if names.get("mimetype", 1_000) < 200 else b""
        if said.startswith(ods_sheets.MIMETYPE) and "content.xml" in names:
            manifest = "META-INF/manifest.xml"
            if 0 < names.get(manifest, 0) < 1_000_000 and b"encryption-data" in archive.read(manifest):
                raise RefusedError(xls_sheets.LOCKED.format(name=name))
            return "ods"
    if "xl/workbook.bin" in names:
        raise ContractError(f"Tệp {name} là bảng tính nhị phân (.xlsb); hãy lưu thành .xlsx.")
    if not any(re.fullmatch(r"xl/workbook\w*\.xml", part) for part in names):
        raise ContractError(f"Tệp {name} không phải XLSX hay ODS (bên trong không có bảng tính).")
    return "xlsx"


def _within(archive: ZipFile, name: str, most: int) -> None:
    """Refuse an archive that unpacks to more than is agreed; zipfile never unpacks more than it says here."""
    sizes = {info.filename: info.file_size for info in archive.infolist()}
    streamed = [size for path, size in sizes.items()
                if path.startswith("xl/worksheets/") or path in ("xl/sharedStrings.xml", "content.xml")]  # fmt: skip
    held = [size for path, size in sizes.items()
            if re.match(r"xl/(?!sharedStrings)[^/]+\.xml|\[|_rels|xl/_rels|styles\.xml", path)]  # fmt: skip
    if sum(held) > most or max(streamed, default=0) > most or sum(streamed) > TIMES_LIMIT * most:
        raise ContractError(f"Tệp {name} giải nén ra lớn hơn giới hạn đã khai báo ({most / 1e6:g} MB).")
