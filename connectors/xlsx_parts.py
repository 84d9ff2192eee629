"""The parts of an XLSX workbook (ECMA-376) that its sheets refer to: titles, formats, shared texts."""

from __future__ import annotations

import os
import tempfile
from array import array
from zipfile import ZipFile

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format

from connectors import xml_stream
from connectors.old_fonts import Spelling, of_font, spelled

OWN_FONT = "\x02"
"""Marks a text whose runs named fonts of their own and were read by them; XML cannot contain it."""

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships id"
_STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships id"


class Style:
    """How cells of one format are read. dates: "", "date" or "length"; font: of texts before Unicode."""

    def __init__(self, dates: str, font: Spelling | None) -> None:
        self.dates, self.font = dates, font


class Rich:
    """A text whose runs may have fonts of their own; how it is to be pronounced is left out."""

    def __init__(self) -> None:
        self.parts: list[tuple[str, Spelling | None]] = []
        self.text = ""
        self.font: Spelling | None = None
        self.silent = self.inside = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "t":
            self.inside, self.text = not self.silent, ""
        elif name == "rFont":
            self.font = of_font(attributes.get("val", ""))
        elif name == "r":
            self.font = None
        elif name == "rPh":
            self.silent = True

    def words(self, text: str) -> None:
        if self.inside:
            self.text += text

    def end(self, name: str) -> None:
        if name == "t" and self.inside:
            self.parts.append((self.text, self.font))
            self.inside = False
        elif name == "rPh":
            self.silent = False

    def said(self) -> str:
        """Return the text, read where its runs name an old font, and then marked so."""
        own = any(font for _, font in self.parts)
        told = "".join(spelled(text, font) for text, font in self.parts)
        return OWN_FONT + told if own else told


class Strings:
    """The texts that cells share, on disk: they may be as large as the sheets."""

    def __init__(self, archive: ZipFile, path: str) -> None:
        self.ends = array("Q", [0])
        self.file = tempfile.TemporaryFile()  # noqa: SIM115  close() ends it
        if path:
            self._fill(archive, path)
        self.file.flush()

    def _fill(self, archive: ZipFile, path: str) -> None:
        rich = Rich()
        write, ends, at = self.file.write, self.ends, 0

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal rich
            if name == "si":
                rich = Rich()
            else:
                rich.start(name, attributes)

        def end(name: str) -> None:
            nonlocal at
            if name == "si":
                at += write(rich.said().encode(errors="replace"))
                ends.append(at)
            else:
                rich.end(name)

        with archive.open(path) as file:
            xml_stream.read(file, start, end, lambda text: rich.words(text))

    def __getitem__(self, number: int) -> str:
        if number < 0:
            raise IndexError(number)
        start = self.ends[number]
        return os.pread(self.file.fileno(), self.ends[number + 1] - start, start).decode()

    def close(self) -> None:
        self.file.close()


def main_part(archive: ZipFile) -> str:
    """Return where the workbook itself stands; generators call it otherwise than Excel does."""
    for kind, path in relations(archive, "").values():
        if kind == "officeDocument":
            return path
    raise KeyError("officeDocument")


def relations(archive: ZipFile, path: str) -> dict[str, tuple[str, str]]:
    """Return the parts that a part names: id -> kind, path in the archive."""
    folder, _, name = path.rpartition("/")
    found: dict[str, tuple[str, str]] = {}

    def start(element: str, attributes: dict[str, str]) -> None:
        if element == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes["Target"]
            whole = target[1:] if target.startswith("/") else f"{folder}/{target}".lstrip("/")
            found[attributes["Id"]] = (attributes["Type"].rpartition("/")[2], whole)

    with archive.open(f"{folder}/_rels/{name}.rels".lstrip("/")) as file:
        xml_stream.read(file, start)
    return found


def sheets(archive: ZipFile, path: str) -> tuple[list[tuple[str, str]], bool]:
    """Return title and relation of every sheet, and whether days count from 1904."""
    titles: list[tuple[str, str]] = []
    mac = [False]

    def start(element: str, attributes: dict[str, str]) -> None:
        if element == "sheet":
            titles.append((attributes["name"], attributes.get(_OFFICE) or attributes[_STRICT]))
        elif element == "workbookPr":
            mac[0] = attributes.get("date1904") in ("1", "true")

    with archive.open(path) as file:
        xml_stream.read(file, start)
    return titles, mac[0]


def styles(archive: ZipFile, path: str) -> list[Style]:
    """Return how the cells of each format are read."""
    fonts: list[Spelling | None] = []
    formats: dict[int, str] = dict(BUILTIN_FORMATS)
    styles: list[Style] = []
    inside: list[str] = []
    dates: dict[int, str] = {}

    def start(element: str, attributes: dict[str, str]) -> None:
        inside.append(element)
        if element == "numFmt" and "dxf" not in inside:
            formats[int(attributes["numFmtId"])] = attributes["formatCode"]
        elif element == "font" and inside[-2] == "fonts":
            fonts.append(None)
        elif element == "name" and inside[-2] == "font" and inside[-3] == "fonts":
            fonts[-1] = of_font(attributes.get("val", ""))
        elif element == "xf" and inside[-2] == "cellXfs":
            number, font = int(attributes.get("numFmtId", 0)), int(attributes.get("fontId", 0))
            if number not in dates:
                dates[number] = _dates(formats.get(number, ""))
            styles.append(Style(dates[number], fonts[font] if font < len(fonts) else None))

    if path:
        with archive.open(path) as file:
            xml_stream.read(file, start, lambda _name: inside.pop())
    return styles


def _dates(code: str) -> str:
    if not is_date_format(code):
        return ""
    return "length" if is_timedelta_format(code) else "date"
