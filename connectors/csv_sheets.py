"""The one sheet of a CSV file (RFC 4180) in the encodings and with the separators that Excel writes, as a stream."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import IO

from connectors import old_fonts
from connectors.old_fonts import Spelling
from connectors.sheets import MOST_COLUMNS, Book, Row, Sheet, readable
from ioc.errors import ContractError

BLOCK = 1 << 20
MOST_LINE = 1_000_000


@contextmanager
def book(file: IO[bytes], name: str, declared: Spelling | None, separator: str) -> Iterator[Book]:
    """Open a file of text; declared: how it is read if it is older than Unicode. Its one sheet has no title."""
    encoding = old_fonts.BYTES if declared else _encoding(file, name)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="")
    try:
        yield {"": partial(_sheet, text, name, declared, separator)}
    finally:
        text.detach()  # else it would close a file that is not its own


def _sheet(text: io.TextIOWrapper, name: str, declared: Spelling | None, separator: str) -> Sheet:
    return Sheet("", _rows(text, name, declared, separator), joined_headings=True)


def _rows(text: io.TextIOWrapper, name: str, declared: Spelling | None, separator: str) -> Iterator[Row]:
    text.seek(0)
    first = text.readline(10_000)
    text.seek(0)
    lines = _lines(text, name)
    rows = enumerate(csv.reader(lines, delimiter=separator or max(";\t,", key=first.count)), 1)
    while True:
        with readable(name):
            number, cells = next(rows, (0, []))
        if not number:
            return
        if declared:
            cells = list(map(declared, cells))
        yield number, tuple(cell if cell.strip() else None for cell in cells[:MOST_COLUMNS])


def _lines(text: io.TextIOWrapper, name: str) -> Iterator[str]:
    while line := text.readline(MOST_LINE):
        if len(line) == MOST_LINE:
            raise ContractError(f"Tệp {name} có một dòng dài hơn {MOST_LINE / 1e6:g} triệu ký tự.")
        yield line


def _encoding(file: IO[bytes], name: str) -> str:
    """Return the encoding of a text: what its mark says, UTF-8 where all of it is, else Windows' for Vietnam."""
    start = file.read(4096)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" in start:
        raise ContractError(f"Tệp {name} không phải XLSX, XLS, ODS hay CSV.")
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(start)
        while block := file.read(BLOCK):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1258"
    return "utf-8-sig"
