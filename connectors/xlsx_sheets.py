"""The sheets of an XLSX workbook (ECMA-376), read as a stream: a sheet of any length costs a few megabytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import IO, Any, cast
from zipfile import ZipFile

from openpyxl.utils import column_index_from_string, range_boundaries
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from connectors import xml_stream
from connectors.old_fonts import Spelling, spelled
from connectors.sheets import MOST_COLUMNS, MOST_ROWS, UNCOMPUTED, Book, Row, Sheet, merge, readable
from connectors.xlsx_parts import OWN_FONT, Rich, Strings, Style, main_part, relations, sheets, styles

OVERLAP = 1 << 10

_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]+\d+:[A-Z]+\d+)"')


@contextmanager
def book(archive: ZipFile, name: str, declared: Spelling | None) -> Iterator[Book]:
    """Open a workbook; declared: how texts are read whose font does not tell."""
    with readable(name):
        main = main_part(archive)
        parts = relations(archive, main)
        titles, mac = sheets(archive, main)
        known = styles(archive, next((path for kind, path in parts.values() if kind == "styles"), ""))
        shared = next((path for kind, path in parts.values() if kind == "sharedStrings"), "")
        strings = Strings(archive, shared)
    epoch = CALENDAR_MAC_1904 if mac else CALENDAR_WINDOWS_1900
    reader = partial(_Reader, known, strings, declared, epoch)
    try:
        yield {
            title: partial(_sheet, archive, name, title, parts[key][1], reader)
            for title, key in titles
            if parts.get(key, ("",))[0] == "worksheet"
        }
    finally:
        strings.close()


def _sheet(archive: ZipFile, name: str, title: str, path: str, reader: Callable[[], _Reader]) -> Sheet:
    anchors: dict[tuple[int, int], tuple[int, int]] = {}
    with readable(name), archive.open(path) as file:
        for area in _merges(file):
            merge(anchors, *cast("tuple[int, int, int, int]", range_boundaries(area)))
    return Sheet(title, _rows(archive, name, path, reader()), anchors)


def _rows(archive: ZipFile, name: str, path: str, reader: _Reader) -> Iterator[Row]:
    with archive.open(path) as file:
        blocks = xml_stream.walk(file, reader.start, reader.end, reader.words)
        while True:
            with readable(name):
                more = next(blocks, False) is None
            rows, reader.rows = reader.rows, []
            yield from rows
            if not more:
                return


def _merges(file: IO[bytes]) -> list[str]:
    """Find merged ranges, which stand behind all rows of a sheet."""
    merges: dict[str, None] = {}
    tail = b""
    while block := file.read(xml_stream.BLOCK):
        text = tail + block
        if b"mergeCell " in text:
            merges.update(dict.fromkeys(found.decode() for found in _MERGE.findall(text)))
        tail = text[-OVERLAP:]
    return list(merges)


class _Reader:
    """Gathers the rows of a sheet while its XML passes."""

    def __init__(self, styles: list[Style], strings: Strings, declared: Spelling | None, epoch: Any) -> None:
        self.styles, self.strings, self.declared, self.epoch = styles, strings, declared, epoch
        self.rows: list[Row] = []
        self.row, self.column = 0, 0
        self.cells: list[Any] = []
        self.kind, self.style, self.has_formula = "n", 0, False
        self.value, self.inline, self.taken = "", Rich(), False
        self.columns: dict[str, int] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._place(attributes.get("r"))
            self.kind, self.style = attributes.get("t", "n"), int(attributes.get("s", 0))
            self.value, self.has_formula, self.taken = "", False, False
        elif name == "v":
            self.taken = True
        elif name == "f":
            self.has_formula = True
        elif name == "row":
            self.row, self.column = int(attributes.get("r", self.row + 1)), 0
            self.cells = []
            if self.row > MOST_ROWS:
                raise ValueError(self.row)
        elif name == "is":
            self.inline = Rich()
        elif self.kind == "inlineStr":
            self.inline.start(name, attributes)

    def words(self, text: str) -> None:
        if self.taken:
            self.value += text
        elif self.kind == "inlineStr":
            self.inline.words(text)

    def end(self, name: str) -> None:
        if name == "v":
            self.taken = False
        elif name == "c":
            value = self._read()
            if value is not None and self.column <= MOST_COLUMNS:
                self.cells += [None] * (self.column - 1 - len(self.cells))
                self.cells[self.column - 1 :] = [value]
            self.kind = "n"
        elif name == "row":
            if self.cells:
                self.rows.append((self.row, tuple(self.cells)))
        elif self.kind == "inlineStr":
            self.inline.end(name)

    def _place(self, ref: str | None) -> None:
        if ref is None:
            self.column += 1
            return
        letters = ref.rstrip("0123456789")
        column = self.columns.get(letters)
        if column is None:
            column = self.columns[letters] = column_index_from_string(letters)
        self.column = column

    def _read(self) -> Any:
        written, kind = self.value, self.kind
        if not written and kind != "inlineStr":
            return UNCOMPUTED if self.has_formula and kind != "str" else None
        if kind == "n":
            return self._number(written)
        if kind == "s":
            return self._text(self.strings[int(written)])
        if kind in ("str", "inlineStr"):
            return self._text(self.inline.said() if kind == "inlineStr" else written)
        if kind == "b":
            return written == "1"
        return datetime.fromisoformat(written) if kind == "d" else written

    def _number(self, written: str) -> Any:
        if "_" in written:  # Python reads 1_000, XML does not
            raise ValueError(written)
        number = float(written) if {".", "e", "E"} & {*written} else int(written)
        if not self.styles or (style := self.styles[self.style]).dates == "":
            return number
        try:
            return from_excel(number, self.epoch, timedelta=style.dates == "length")
        except (ValueError, OverflowError):
            return "#VALUE!"

    def _text(self, text: str) -> str | None:
        if OWN_FONT in text:
            text = text.replace(OWN_FONT, "")
        else:
            font = self.styles[self.style].font if self.styles else None
            text = spelled(text, font or self.declared)
        return text or None
