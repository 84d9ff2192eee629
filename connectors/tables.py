"""A sheet's rows as items by declaration: headings, columns, blocks, totals, gaps; every item knows its cells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from openpyxl.utils import column_index_from_string

from connectors.sheets import UNCOMPUTED, Sheet, address, plain
from connectors.values import shown
from ioc.errors import ContractError
from ioc.model import Rejected
from ioc.vietnamese import clean

BLANK = ("đang cập nhật", "-", "–", "—", "…", "...", "n/a")
WITHOUT_RESULT = "Ô có công thức nhưng chưa có kết quả: hãy mở tệp bằng Excel, tính lại (F9) rồi lưu."
PERIOD = "period"

LETTERS = re.compile(r"[A-Z]{1,3}")


class Block(NamedTuple):
    """Columns that belong together in a row: heading or letter -> name, and what is the same for all of them."""

    columns: Mapping[str, str]
    constants: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """How a sheet is laid out."""

    header_rows: tuple[int, ...]
    first_row: int
    last_row: int | None
    until: re.Pattern[str] | None
    totals: re.Pattern[str] | None
    notes: re.Pattern[str] | None
    blank: frozenset[str]
    blocks: tuple[Block, ...]
    values: frozenset[str]
    period: Mapping[str, str]


class Item(NamedTuple):
    """One item: its values by name, the cells they stand in, and its row."""

    values: dict[str, Any]
    cells: dict[str, str]
    row: int


def table(options: Mapping[str, Any]) -> Table:
    """Read a sheet's layout from a source's options."""
    header = tuple(options.get("header_rows", (1,)))
    shared = options.get("columns", {})
    blocks = options.get("blocks") or [{}]
    pattern = {key: re.compile(options[key], re.I) for key in ("until", "totals", "notes") if key in options}
    return Table(
        header_rows=header,
        first_row=options.get("first_row", max(header, default=0) + 1),
        last_row=options.get("last_row"),
        until=pattern.get("until"),
        totals=pattern.get("totals"),
        notes=pattern.get("notes"),
        blank=frozenset(_folded(text) for text in (*BLANK, *options.get("blank", ()))),
        blocks=tuple(Block({**shared, **block.get("columns", {})}, block.get("set", {})) for block in blocks),
        values=frozenset(known["field"] for known in options.get("variables", {}).values()),
        period=options.get("period", {}),
    )


def items(
    sheet: Sheet, layout: Table, file: str, rejected: list[Rejected], others: list[str] | None = None
) -> Iterator[Item]:
    """Yield an item per row and block; a cell that cannot even be read goes to rejected with its address.

    others: takes the headings that no column is declared for.

    A row without any value is a heading or a space and yields nothing. Raises ContractError where a declared
    heading or the period is missing.
    """
    where = f"[{file}]{sheet.title}!" if sheet.title else f"{file}!"
    above: dict[tuple[int, int], Any] = {}
    anchored: dict[tuple[int, int], Any] = {}
    places: list[dict[str, int]] | None = None
    period: dict[str, str] = {}
    for number, cells in sheet.rows:
        if number < layout.first_row:
            above.update({(number, column): cell for column, cell in enumerate(cells, 1) if cell is not None})
            continue
        if places is None:
            places = _places(sheet, layout, above, where)
            if others is not None:
                read = {column for columns in places for column in columns.values()}
                named = headings(sheet, layout.header_rows, above)
                others += [heading for column, heading in named.items() if column not in read]
            period = _period(sheet, layout, above, file)
        if layout.last_row and number > layout.last_row:
            break
        label = next((clean(cell) for cell in cells if isinstance(cell, str) and cell.strip()), "")
        if layout.until and layout.until.search(label):
            break
        if layout.totals and layout.totals.search(label):
            continue
        for block, columns in zip(layout.blocks, places, strict=True):
            item, filled = Item({**period, **block.constants}, {}, number), set()
            for name, column in columns.items():
                cell = cells[column - 1] if column <= len(cells) else None
                if (anchor := sheet.merged.get((number, column))) and name not in layout.values:
                    # a label merged over several rows stands for each of them; a number counts once
                    cell = anchored.setdefault(anchor, cell)
                if cell is UNCOMPUTED:
                    rejected.append(Rejected(where + address(column, number), WITHOUT_RESULT))
                elif (value := _value(cell, layout)) is not None:
                    item.values[name] = value
                    filled.add(name)
                item.cells[name] = where + address(column, number)
            if filled & (layout.values or filled):
                yield item
    if places is None:
        raise ContractError(f"{where[:-1]} không có dòng dữ liệu nào từ dòng {layout.first_row}.")


def headings(sheet: Sheet, rows: Sequence[int], above: Mapping[tuple[int, int], Any]) -> dict[int, str]:
    """Combine the heading rows of each column to "A / B"; a merged heading stands over all its columns."""
    widest = max((column for _, column in above), default=0)
    parts: dict[int, list[str]] = {column: [] for column in range(1, widest + 1)}
    for row in rows:
        before = ""
        for column, said in parts.items():
            found = above.get(sheet.merged.get((row, column), (row, column)))
            text = clean(str(plain(found))) if found is not None else ""
            if not text and sheet.joined_headings and row != rows[-1]:
                text = before  # a CSV cannot merge cells: the heading stands over the empty ones on its right
            before = text
            if text and text not in said[-1:]:
                said.append(text)
    return {column: " / ".join(said) for column, said in parts.items() if said}


def _places(
    sheet: Sheet, layout: Table, above: Mapping[tuple[int, int], Any], where: str
) -> list[dict[str, int]]:
    found: dict[str, list[int]] = {}
    said = headings(sheet, layout.header_rows, above)
    for column, heading in said.items():
        found.setdefault(_folded(heading), []).append(column)
    places = []
    for block in layout.blocks:
        columns: dict[str, int] = {}
        for heading, name in block.columns.items():
            at = found.get(_folded(heading), [])
            if len(at) > 1:
                raise ContractError(f"{where[:-1]}: tiêu đề {shown(heading)} có ở {len(at)} cột "
                                    f"({', '.join(address(column, layout.header_rows[-1]) for column in at)}).")  # fmt: skip
            if not at and LETTERS.fullmatch(heading):
                at = [column_index_from_string(heading)]
            if not at:
                there = ", ".join(map(shown, list(said.values())[:12])) or "không có tiêu đề nào"
                raise ContractError(f"{where[:-1]}: không thấy cột {shown(heading)} ở dòng tiêu đề "
                                    f"{', '.join(map(str, layout.header_rows))}; có {there}.")  # fmt: skip
            columns[name] = at[0]
        places.append(columns)
    return places


def _period(sheet: Sheet, layout: Table, above: Mapping[tuple[int, int], Any], file: str) -> dict[str, str]:
    """Find the period that a file's name, a sheet's title or a cell above the table says, as its first day."""
    if not layout.period:
        return {}
    texts = {"file": file, "sheet": sheet.title}
    if "cell" in layout.period:
        found = re.fullmatch(r"([A-Z]{1,3})(\d+)", layout.period["cell"])
        assert found
        texts = {"cell": above.get((int(found[2]), column_index_from_string(found[1])), "")}
    in_what = layout.period.get("in", "cell" if "cell" in layout.period else "file")
    text = clean(str(plain(texts[in_what])))
    said = re.search(layout.period["pattern"], text, re.I)
    try:
        if said is None:
            raise ValueError
        parts = {key: int(value) for key, value in said.groupdict().items() if value}
        month = parts.get("month", parts.get("quarter", 1) * 3 - 2 if "quarter" in parts else 1)
        return {PERIOD: date(parts["year"], month, parts.get("day", 1)).isoformat()}
    except (ValueError, KeyError):
        raise ContractError(
            f"Tệp {file}: không thấy kỳ báo cáo trong {shown(text)} (cần dạng {layout.period['pattern']})."
        ) from None


def _value(cell: Any, layout: Table) -> Any:
    """Return a cell's value, "" for a declared gap, None for an empty cell."""
    if not isinstance(cell, str):
        return plain(cell)
    text = clean(layout.notes.sub("", cell) if layout.notes else cell)
    if not text:
        return None
    return "" if _folded(text) in layout.blank else text


def _folded(text: str) -> str:
    return clean(text).casefold()
