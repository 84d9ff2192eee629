"""The text of one station file, translated into observations: lines of TT 10/2021/TT-BTNMT, or a table."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import orjson

from connectors.station_layout import Layout, Meaning, same_symbol
from connectors.values import UnreadableError, shown
from ioc.errors import ContractError
from ioc.model import Observation, Rejected

PART = 5_000
LINE = ("parameter", "value", "unit", "time", "status")
FIELDS = ("station", *LINE)

Row = tuple[str, str, str, str, str, str]
"""station ("" where the file has one), then the fields of LINE, as texts."""


@dataclass(slots=True)
class Part:
    """What up to 5,000 lines gave."""

    records: list[Observation] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def kept(self) -> bytes:
        """Return the fields of each line that gave a record, as JSON lines with sorted keys."""
        return "".join(self.lines).encode()


def decoded(content: bytes, encodings: Sequence[str]) -> str:
    """Return a file's text in the first declared encoding that fits; a UTF-16 mark is believed."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-16", *encodings)
    content = content.removeprefix(b"\xef\xbb\xbf")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ContractError(f"Tệp không đọc được bằng bảng mã đã khai báo ({', '.join(encodings)}).")


def translate(text: str, name: str, station: str, layout: Layout, earliest: int = 0) -> Iterator[Part]:
    """Yield what the lines of a file say, 5,000 at a time.

    A line nobody understands is rejected under its address; an unknown station, parameter, unit or status once per
    file with the number of its lines. Of two lines of one time with different values the later stands.
    """
    problems: dict[str, list[int]] = {}
    meanings = layout.meanings
    instants: dict[str, tuple[int, str]] = {}
    blank, new = layout.blank, tuple.__new__
    part = Part()
    placed: dict[tuple[int, int], tuple[int, int]] = {}
    for number, row, fault in _table(text, layout) if layout.columns else _lines(text, layout):
        if len(part.records) + len(part.rejected) >= PART:
            yield part
            part, placed = Part(), {}
        if row is None:
            part.rejected.append(Rejected(f"{name}, dòng {number}", fault))
            continue
        own, symbol, value, unit, at, status = row
        key = (own or station, symbol, unit, status)
        meaning = meanings.get(key)
        if meaning is None:
            meaning = meanings[key] = _meaning(*key, layout)
        if isinstance(meaning, str):
            problems.setdefault(meaning, []).append(number)
            continue
        site, variable, scale, flag, series, which, before, between = meaning
        try:
            instant = instants.get(at)
            if instant is None:
                instant = instants[at] = (layout.time(at), _json(at))
            time, time_json = instant
            if time < earliest:
                raise UnreadableError(f"thời gian {shown(at)} sớm hơn giới hạn đã khai báo")
            measured = None if value in blank else _measured(value, flag, layout)
        except UnreadableError as error:
            part.rejected.append(
                Rejected(
                    f"{name}, dòng {number}", f"{str(error)[0].upper()}{str(error)[1:]}.", _fragment(row)
                )
            )
            continue
        if measured is not None and scale != 1.0:
            measured *= scale
        record = new(Observation, (variable, time, site, measured, flag, *series))  # at half the cost
        place = (which, time)
        if place in placed:
            _stand_later(part, *placed[place], number, record, name)
            placed[place] = (placed[place][0], number)
            continue
        placed[place] = (len(part.records), number)
        part.records.append(record)
        said = _json(value) if measured is None else f'"{value}"'  # a number needs no escaping
        part.lines.append(f"{before}{time_json}{between}{said}}}\n")
    for problem, numbers in problems.items():
        if len(part.records) + len(part.rejected) >= PART:
            yield part
            part = Part()
        part.rejected.append(_told(name, problem, numbers))
    if part.records or part.rejected:
        yield part


def _lines(text: str, layout: Layout) -> Iterator[tuple[int, Row | None, str]]:
    separator = layout.separator
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line.isspace():
            continue
        cut = separator or ("\t" if "\t" in line else ";" if ";" in line else " ")
        parts = line.split() if cut == " " else line.split(cut)
        if len(parts) == 4 and cut == " ":  # an empty value leaves no trace between spaces
            parts.insert(1, "")
        if len(parts) != 5 and (len(parts) < 5 or "".join(parts[5:]).strip()):
            yield number, None, (f"Dòng có {len(parts)} cột, cần 5 cột: thông số, giá trị, đơn vị, thời gian, "
                                 f"trạng thái; nhận được {shown(line)}.")  # fmt: skip
            continue
        if " " in line:
            parts = [part.strip() for part in parts]
        symbol, value, unit, at, status = parts[:5]
        yield number, ("", symbol, value, unit, at, status), ""


def _table(text: str, layout: Layout) -> Iterator[tuple[int, Row | None, str]]:
    """Read a table: a value per row, or (no column "parameter") a value column per declared parameter."""
    lines = text.splitlines()
    rows = csv.reader(
        lines, delimiter=layout.separator or (";" if lines and lines[0].count(";") > 1 else ",")
    )
    heading = [cell.strip() for cell in next(rows, [])]
    missing = [column for column in layout.columns.values() if column not in heading]
    if missing:
        raise ContractError(
            f"Bảng không có cột {', '.join(map(shown, missing))}; có {', '.join(map(shown, heading))}."
        )
    at = {name: heading.index(column) for name, column in layout.columns.items()}
    wide = (
        []
        if "parameter" in at
        else [column for column in heading if same_symbol(column) in layout.parameters]
    )
    fields = ("station", "", "", "unit", "time", "status") if wide else FIELDS
    for cells in rows:
        if not any(cells):
            continue
        if len(cells) != len(heading):
            yield rows.line_num, None, f"Dòng có {len(cells)} cột, tiêu đề có {len(heading)} cột."
            continue
        row = [cells[at[name]].strip() if name in at else "" for name in fields]
        if not wide:
            yield rows.line_num, (row[0], row[1], row[2], row[3], row[4], row[5]), ""
        for column in wide:
            value = cells[heading.index(column)].strip()
            if value:  # an empty cell of a wide table: this parameter was not measured then
                yield rows.line_num, (row[0], column, value, row[3], row[4], row[5]), ""


def _meaning(station: str, symbol: str, unit: str, status: str, layout: Layout) -> Meaning | str:
    """Return site, variable, factor, flag and series of a line, or a sentence why it has none."""
    site = layout.site(station)
    if site is None:
        return f"trạm {shown(station)} chưa được khai báo"
    parameter = layout.parameters.get(same_symbol(symbol))
    if parameter is None:
        return f"thông số {shown(symbol)} chưa được khai báo"
    try:
        scale = parameter.scale(unit)
    except ValueError:
        return f"đơn vị {shown(unit)} của {symbol} khác đơn vị đã khai báo {shown(parameter.unit)}"
    if status not in layout.statuses and (status or layout.columns.get("status")):
        return f"trạng thái {shown(status)} chưa được khai báo"
    before = f'{{"parameter":{_json(symbol)},"station":{_json(station)},"status":{_json(status)},"time":'
    between = f',"unit":{_json(unit)},"value":'
    known = layout.series.setdefault((site, parameter.variable, parameter.series), len(layout.series))
    return (
        site,
        parameter.variable,
        scale,
        layout.statuses.get(status, ""),
        parameter.series,
        known,
        before,
        between,
    )


def _measured(value: str, flag: str, layout: Layout) -> float | None:
    if value:
        return layout.number(value)
    if flag:
        return None
    raise UnreadableError("giá trị trống dù trạng thái là đang đo")


def _stand_later(part: Part, index: int, before: int, number: int, record: Observation, name: str) -> None:
    """Let the later of two lines of one time stand, and say so where they differ."""
    was = part.records[index]
    if was == record:
        return
    part.records[index] = record
    part.rejected.append(
        Rejected(
            f"{name}, dòng {before}",
            f"Cùng thông số và thời điểm với dòng {number} nhưng khác giá trị; dòng sau được giữ.",
            {"value": was.value, "status": was.flag},
        )
    )


def _told(name: str, problem: str, numbers: list[int]) -> Rejected:
    count = f" ({len(numbers)} dòng)" if len(numbers) > 1 else ""
    return Rejected(f"{name}, dòng {numbers[0]}", f"{problem[0].upper()}{problem[1:]}{count}.")


def _fragment(row: Row) -> dict[str, str]:
    return {key: value[:60] for key, value in zip(("station", *LINE), row, strict=True) if value}


def _json(text: str) -> str:
    return orjson.dumps(text).decode()
