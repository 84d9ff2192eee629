"""Drafts a spreadsheet source: its sheets are listed, the row of headings is found, its columns get names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from io import BytesIO
from itertools import islice, pairwise
from typing import Any
from urllib.parse import unquote, urlsplit

from connectors.drafts.columns import fold
from connectors.drafts.draft import Draft
from connectors.drafts.guess import mapping
from connectors.folders import open_folder
from connectors.http import Http
from connectors.sheets import plain
from connectors.spreadsheet import TIMES
from connectors.workbooks import ENDINGS, workbook
from ioc.errors import ContractError
from ioc.model import Source

LOOKED_AT = 300


def draft(source: Source, http: Http, options: Mapping[str, str], known: frozenset[str]) -> Draft:
    """Draft from the first file, and of it --option sheet=… or the first sheet with a table."""
    name, content = _content(source, http)
    notes, wanted = [f"file {name}"], options.get("sheet", "")
    best: tuple[str, int, list[tuple[int, list[Any]]]] | None = None
    with workbook(
        BytesIO(content), name, source.max_bytes, options.get("separator", ""), options.get("encoding", "")
    ) as found:
        for title in found:
            rows = [
                (number, [plain(cell) for cell in cells])
                for number, cells in islice(found[title]().rows, LOOKED_AT)
            ]
            header = heading_row(rows)
            notes.append(
                f"sheet {title!r}: headings in row {header}" if title else f"headings in row {header}"
            )
            if header and (title == wanted or (best is None and not wanted)):
                best = title, header, rows
    if best is None:
        raise ContractError(f"Tệp {name} không có trang nào có dòng tiêu đề.")
    title, header, rows = best
    headings = next(cells for number, cells in rows if number == header)
    columns = _named(headings)
    places = {heading: index for index, heading in enumerate(map(_text, headings))}
    items = [
        {name: cells[places[heading]] for heading, name in columns.items()
         if places[heading] < len(cells) and cells[places[heading]] is not None}
        for number, cells in rows if number > header and any(cell is not None for cell in cells)
    ]  # fmt: skip
    table = mapping([_unmarked(item) for item in items], options.get("shape", ""), known)
    times = table.get("times", {})
    if times.get("format") in (*TIMES, "iso"):
        table.pop("times")  # what spreadsheets in Vietnam share is read anyway
    if _has_points(items):
        table |= {"decimal": ".", "thousands": ","}
    head: dict[str, Any] = {"url": source.url, "header_rows": [header], "columns": columns}
    return Draft({**head, **({"sheet": title} if title else {}), **table}, items, notes)


def heading_row(rows: Sequence[tuple[int, Sequence[Any]]]) -> int:
    """Return the row of headings: the first of at least two texts as wide as the row after it, 0 where there is none."""
    for (number, cells), (_, below) in pairwise(rows):
        texts = [_text(cell) for cell in cells if cell is not None]
        named = [text for text in texts if text and not _is_number(text)]
        heads = len(named) >= 2 and len(named) >= 0.7 * len(texts) and len(set(texts)) >= 0.8 * len(texts)
        if heads and sum(cell is not None for cell in below) >= 0.5 * len(texts):
            return number
    return 0


def _content(source: Source, http: Http) -> tuple[str, bytes]:
    parts = urlsplit(source.url)
    if parts.scheme in ("http", "https"):
        return unquote(parts.path).rpartition("/")[2], http.get().body
    folder, _, name = source.url.rstrip("/").rpartition("/")
    if name.lower().endswith(ENDINGS):
        source, pattern = replace(source, url=folder), unquote(name)
    else:
        pattern = "*"
    with open_folder(source) as server:
        for entry in server.entries("") or ():
            if fnmatchcase(entry.name, pattern) and entry.name.lower().endswith(ENDINGS):
                content = server.read(entry.name, source.max_bytes)
                if content is not None:
                    return entry.name, content
    raise ContractError(f"Không có bảng tính nào ở {pattern}.")


def _named(headings: Sequence[Any]) -> dict[str, str]:
    columns: dict[str, str] = {}
    twice = [_text(cell) for cell in headings]
    for heading in twice:
        if heading and twice.count(heading) == 1:
            name = fold(heading)[:40] or "cot"
            name = name if name[0].isalpha() else f"c_{name}"
            columns[heading] = name if name not in columns.values() else f"{name}_{len(columns) + 1}"
    return columns


def _unmarked(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item with the numbers of texts read: "1.234,5" as 1234.5, "12.5" as 12.5."""
    return {name: _number(value) if isinstance(value, str) else value for name, value in item.items()}


def _number(text: str) -> Any:
    written = text.strip().replace("\xa0", "")
    for form in (written, written.replace(".", "").replace(",", ".")):
        if _is_number(form):
            return float(form) if not form.lstrip("-").isdigit() or len(form) < 7 else text
    return text


def _has_points(items: Sequence[Mapping[str, Any]]) -> bool:
    texts = [value.strip() for item in items for value in item.values() if isinstance(value, str)]
    return any(_is_number(text) and "." in text and len(text.rpartition(".")[2]) != 3 for text in texts)


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).lstrip("-").isdigit() and text.isascii()


def _text(cell: Any) -> str:
    return " ".join(str(cell).split()) if cell is not None else ""
