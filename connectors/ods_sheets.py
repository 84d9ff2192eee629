"""The sheets of an OpenDocument spreadsheet (ODF 1.3, .ods), read as a stream."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time
from functools import partial
from typing import Any
from zipfile import ZipFile

from connectors import xml_stream
from connectors.old_fonts import Spelling, of_font, spelled
from connectors.sheets import MOST_COLUMNS, MOST_ROWS, UNCOMPUTED, Book, Row, Sheet, merge, readable

MIMETYPE = b"application/vnd.oasis.opendocument.spreadsheet"

_LENGTH = re.compile(r"PT(\d+)H(\d+)M(\d+)(?:[.,]\d+)?S")


@contextmanager
def book(archive: ZipFile, name: str, declared: Spelling | None) -> Iterator[Book]:
    """Open a workbook; declared: how texts are read whose font does not tell."""
    styles = _Styles()
    titles: list[str] = []

    def start(element: str, attributes: dict[str, str]) -> None:
        styles.start(element, attributes)
        if element == "table":
            titles.append(_of(attributes, "name"))

    with readable(name):
        for part in ("styles.xml", "content.xml"):
            if part in archive.namelist():
                with archive.open(part) as file:
                    xml_stream.read(file, start)
        fonts = styles.fonts()
    yield {
        title: partial(_sheet, archive, name, title, number, fonts, declared)
        for number, title in enumerate(titles)
    }


def _sheet(
    archive: ZipFile,
    name: str,
    title: str,
    number: int,
    fonts: dict[str, Spelling | None],
    declared: Spelling | None,
) -> Sheet:
    reader = _Reader(number, fonts, declared)
    return Sheet(title, _rows(archive, name, reader), reader.anchors)


def _rows(archive: ZipFile, name: str, reader: _Reader) -> Iterator[Row]:
    with archive.open("content.xml") as file:
        blocks = xml_stream.walk(file, reader.start, reader.end, reader.words)
        while not reader.is_done:
            with readable(name):
                more = next(blocks, False) is None
            rows, reader.rows = reader.rows, []
            for first, times, cells in rows:
                for row in range(first, first + times):
                    yield row, cells
            if not more:
                return


def _of(attributes: dict[str, str], name: str, default: str = "") -> str:
    """Return an attribute whatever its namespace: they do not collide in what we read."""
    for key, value in attributes.items():
        if key == name or key.endswith(" " + name):
            return value
    return default


class _Styles:
    """The fonts of named styles, each with the style that it derives from."""

    def __init__(self) -> None:
        self.faces: dict[str, str] = {}
        self.found: dict[str, list[str]] = {}
        self.at = ""

    def start(self, element: str, attributes: dict[str, str]) -> None:
        if element == "font-face":
            self.faces[_of(attributes, "name")] = _of(attributes, "font-family")
        elif element == "style":
            self.at = _of(attributes, "name")
            self.found[self.at] = [_of(attributes, "parent-style-name", "Default"), ""]
        elif element == "text-properties" and self.at in self.found:
            said = _of(attributes, "font-name")
            self.found[self.at][1] = self.faces.get(said, said) or _of(attributes, "font-family")

    def fonts(self) -> dict[str, Spelling | None]:
        """Return how the texts of each style are read."""
        return {name: of_font(self._font(name)) for name in self.found}

    def _font(self, name: str) -> str:
        for _ in range(20):
            parent, font = self.found.get(name, ("", ""))
            if font or parent == name:
                return font
            name = parent
        return ""


class _Reader:
    """Gathers the rows of one sheet while the document passes; rows: first number, how often, cells."""

    def __init__(self, number: int, fonts: dict[str, Spelling | None], declared: Spelling | None) -> None:
        self.number, self.fonts, self.declared = number, fonts, declared
        self.anchors: dict[tuple[int, int], tuple[int, int]] = {}
        self.rows: list[tuple[int, int, tuple[Any, ...]]] = []
        self.table, self.is_done = -1, False
        self.row, self.times = 0, 1
        self.columns: list[tuple[int, str]] = []
        self.cells: list[Any] = []
        self.cell: dict[str, str] = {}
        self.words_of: list[str] = []
        self.spans: list[Spelling | None] = []
        self.in_cell = self.paragraphs = self.beside = 0

    def start(self, element: str, attributes: dict[str, str]) -> None:
        if element == "table":
            self.table += 1
        if self.table != self.number or self.is_done:
            return
        if element == "table-row":
            self.row += self.times
            self.times = _count(attributes, "number-rows-repeated")
            self.cells = []
        elif element == "table-column":
            self.columns.append(
                (_count(attributes, "number-columns-repeated"), _of(attributes, "default-cell-style-name"))
            )
        elif element in ("table-cell", "covered-table-cell"):
            self.cell = {
                key.rpartition(" ")[2]: value for key, value in attributes.items() if key[-4:] != "type"
            }
            self.cell["kind"] = _kind(attributes)
            self.words_of, self.spans = [], [self._font(self.cell.get("style-name", ""))]
            self.in_cell, self.paragraphs, self.beside = 1, 0, 0
        elif self.in_cell:
            self._inside(element, attributes)

    def _inside(self, element: str, attributes: dict[str, str]) -> None:
        if element in ("annotation", "frame", "shapes"):  # a remark or a drawing is not what the cell says
            self.beside += 1
        elif self.beside:
            return
        elif element == "p":
            self.words_of += ["\n"] * bool(self.paragraphs)
            self.paragraphs += 1
        elif element == "span":
            self.spans.append(self.fonts.get(_of(attributes, "style-name")) or self.spans[-1])
        elif element == "s":
            self.words_of.append(" " * min(_count(attributes, "c"), 100))
        elif element in ("tab", "line-break"):
            self.words_of.append(" ")

    def words(self, text: str) -> None:
        if self.in_cell and self.paragraphs and not self.beside:
            self.words_of.append(spelled(text, self.spans[-1] or self.declared))

    def end(self, element: str) -> None:
        if self.table != self.number or self.is_done:
            return
        if element in ("annotation", "frame", "shapes"):
            self.beside -= 1
        elif element == "span" and self.in_cell and not self.beside:
            self.spans.pop()
        elif element in ("table-cell", "covered-table-cell"):
            self._place()
            self.in_cell = 0
        elif element == "table-row":
            self._land()
        elif element == "table":
            self.is_done = True

    def _place(self) -> None:
        value, cell = self._value(), self.cell
        times = int(cell.get("number-columns-repeated", 1))
        column = len(self.cells) + 1
        wide, high = int(cell.get("number-columns-spanned", 1)), int(cell.get("number-rows-spanned", 1))
        if wide > 1 or high > 1:
            merge(self.anchors, column, self.row, column + wide - 1, self.row + high - 1)
        self.cells += [value] * min(times, MOST_COLUMNS - len(self.cells))

    def _land(self) -> None:
        while self.cells and self.cells[-1] is None:
            self.cells.pop()
        if self.cells:
            if self.row + self.times - 1 > MOST_ROWS:
                raise ValueError(self.row)
            self.rows.append((self.row, self.times, tuple(self.cells)))

    def _font(self, style: str) -> Spelling | None:
        if not style:
            at = len(self.cells)
            for times, name in self.columns:
                if at < times:
                    style = name
                    break
                at -= times
        return self.fonts.get(style) or self.fonts.get("Default")

    def _value(self) -> Any:
        cell, kind = self.cell, self.cell["kind"]
        text = "".join(self.words_of)
        if kind in ("float", "percentage", "currency") and "value" in cell:
            return _number(cell["value"])
        if kind == "date" and "date-value" in cell:
            return datetime.fromisoformat(cell["date-value"])
        if kind == "boolean" and "boolean-value" in cell:
            return cell["boolean-value"] == "true"
        if kind == "time" and (found := _LENGTH.fullmatch(cell.get("time-value", ""))) and int(found[1]) < 24:
            return time(int(found[1]), int(found[2]), int(found[3]))
        if not text and not kind and "formula" in cell:
            return UNCOMPUTED
        return text or None


def _kind(attributes: dict[str, str]) -> str:
    """Return the type of a cell's value; LibreOffice calls a failed formula an empty text, and says so beside it."""
    found = {value for key, value in attributes.items() if key.endswith("value-type")}
    return "error" if "error" in found else next(iter(found), "")


def _number(written: str) -> float:
    if "_" in written:  # Python reads 1_000, XML does not
        raise ValueError(written)
    number = float(written)
    return int(number) if number.is_integer() and abs(number) < 1e15 else number


def _count(attributes: dict[str, str], name: str) -> int:
    return max(1, int(_of(attributes, name, "1")))
