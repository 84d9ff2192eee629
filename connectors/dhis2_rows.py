"""A DHIS2 analytics answer -> observations: columns by their names, periods as spans, units as places."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from connectors import values
from connectors.json_body import keys_of
from connectors.mapping import Translated
from connectors.values import UnreadableError
from ioc.calendar import date_of, day_of, day_start, local_day
from ioc.errors import ContractError
from ioc.model import Observation, Rejected

_PERIODS: tuple[tuple[str, str, Callable[[re.Match[str]], date]], ...] = (
    (r"(\d{4})(\d\d)(\d\d)", "day", lambda p: date(int(p[1]), int(p[2]), int(p[3]))),
    (r"(\d{4})W(\d\d?)", "week", lambda p: date.fromisocalendar(int(p[1]), int(p[2]), 1)),
    (r"(\d{4})(\d\d)", "month", lambda p: date(int(p[1]), int(p[2]), 1)),
    (r"(\d{4})Q([1-4])", "quarter", lambda p: date(int(p[1]), int(p[2]) * 3 - 2, 1)),
    (r"(\d{4})", "year", lambda p: date(int(p[1]), 1, 1)),
)
_RELATIVE = {"DAY": "day", "WEEK": "week", "MONTH": "month", "QUARTER": "quarter", "YEAR": "year"}
_SPAN_WORDS = {"day": "ngày", "week": "tuần", "month": "tháng", "quarter": "quý", "year": "năm"}
_number = values.number_reader()


def period(code: str) -> tuple[int, str]:
    """Return (start in epoch s, span) of 20261121, 2026W47, 202611, 2026Q4 or 2026, in local days.

    Weeks are ISO weeks. Raises ValueError for any other kind of period (bi-weeks, financial years, …).
    """
    for form, span, start in _PERIODS:
        if found := re.fullmatch(form, code):
            return day_start(day_of(start(found))), span
    raise ValueError(f"{code!r} is no day, week, month, quarter or year")


def span_asked(code: str) -> str:
    """Return the span of a period as it is asked for, also a relative one ("LAST_8_WEEKS"); "" where unknown."""
    try:
        return period(code)[1]
    except ValueError:
        words = code.removesuffix("S").split("_")
        if words[-1] == "YEAR" and words[0] in ("MONTHS", "QUARTERS", "WEEKS"):  # MONTHS_THIS_YEAR
            return _RELATIVE[words[0].removesuffix("S")]
        return _RELATIVE.get(words[-1], "day" if words[-1] in ("TODAY", "YESTERDAY") else "")


def periods_within(span: str, since: int, until: int) -> list[str]:
    """Return the days, weeks, months, quarters or years that begin in [since, until), epoch s, oldest first."""
    codes = {
        "day": lambda on: f"{on:%Y%m%d}",
        "week": lambda on: f"{on.isocalendar().year}W{on.isocalendar().week}",
        "month": lambda on: f"{on:%Y%m}",
        "quarter": lambda on: f"{on.year}Q{(on.month + 2) // 3}",
        "year": lambda on: f"{on.year}",
    }
    days = (date_of(day) for day in range(local_day(since), local_day(until - 1) + 1))
    wanted = dict.fromkeys(codes[span](on) for on in days)
    return [code for code in wanted if since <= period(code)[0] < until]


def translate(
    body: Any, data: Mapping[str, Mapping[str, str]], places: Mapping[str, str], place: str = ""
) -> Translated:
    """Translate the rows of an answer; a combination that is missing is no row and becomes nothing.

    data: what each data item is. places: org unit -> area or site; else the unit's code, else its name.
    place: where all rows belong whose units were asked for together. Raises ContractError.
    """
    columns, rows, meta = _parts(body)
    out = Translated()
    for number, row in enumerate(rows, 1):
        if not isinstance(row, list) or len(row) < len(columns):
            out.rejected.append(Rejected(f"dòng {number}", f"Dòng phải có {len(columns)} cột."))
            continue
        cell = {name: row[position] for position, name in enumerate(columns)}
        shown: dict[str, Any] = {name: cell[name] for name in ("dx", "pe", "ou", "value") if name in cell}
        try:
            out.records.append(_observation(cell, data, _only(meta, "pe"), _where(cell, meta, places, place)))
        except UnreadableError as error:
            shown = {name: values.shown(value)[1:-1] for name, value in shown.items()}
            out.rejected.append(Rejected(f"dòng {number}", f"{error}.", shown))
        out.kept.append(shown)
    return out


def _parts(body: Any) -> tuple[list[str], list[Any], Mapping[str, Any]]:
    headers = body.get("headers") if isinstance(body, dict) else None
    rows = body.get("rows") if isinstance(body, dict) else None
    if not isinstance(headers, list) or not isinstance(rows, list):
        raise ContractError(f"Cần headers và rows của DHIS2, nhưng nhận được {keys_of(body)}.")
    columns = [str(_table(header).get("name", "")) for header in headers]
    for name in ("dx", "value"):
        if name not in columns:
            raise ContractError(f"Câu trả lời DHIS2 không có cột {name} (có {', '.join(columns)}).")
    for header in headers:
        if _table(header).get("meta") and header.get("name") not in ("dx", "pe", "ou"):
            raise ContractError(f"Câu trả lời DHIS2 có thêm chiều {header.get('name')!s:.30} chưa khai báo.")
    return columns, rows, _table(body.get("metaData"))


def _observation(
    cell: Mapping[str, Any], data: Mapping[str, Mapping[str, str]], only_period: str, place: str
) -> Observation:
    declared = data.get(values.text(cell["dx"]))
    if declared is None:
        raise UnreadableError(f"Mục dữ liệu {values.shown(cell['dx'])} chưa được khai báo trong data")
    code = values.text(cell.get("pe", only_period))
    try:
        start, span = period(code)
    except ValueError:
        raise UnreadableError(f"Kỳ {values.shown(code)} không phải ngày, tuần, tháng, quý hay năm") from None
    if declared.get("span", span) != span:
        raise UnreadableError(
            f"Kỳ {values.shown(code)} không phải kỳ {_SPAN_WORDS[declared['span']]} như đã khai báo"
        )
    written = cell["value"]
    blank = written is None or (isinstance(written, str) and not written.strip())
    return Observation(
        declared["variable"],
        start,
        place,
        None if blank else _number(written),
        category=declared.get("category", ""),
        channel=declared.get("channel", ""),
        span=span,
        kind=declared.get("kind", "count"),
        method=declared.get("method", "measured"),
    )


def _where(cell: Mapping[str, Any], meta: Mapping[str, Any], places: Mapping[str, str], place: str) -> str:
    unit = values.text(cell.get("ou", "")) or ("" if place else _only(meta, "ou"))
    if not unit:
        if not place:
            raise UnreadableError("Không có đơn vị (ou), và khai báo không có place")
        return place
    if unit in places:
        return places[unit]
    item = _table(_table(meta.get("items")).get(unit))
    found = item.get("code") or item.get("name") or _table(meta.get("names")).get(unit)
    if not found:
        raise UnreadableError(
            f"Đơn vị {values.shown(unit)} không có mã trong metaData và không có trong places"
        )
    return values.text(found)


def _only(meta: Mapping[str, Any], dimension: str) -> str:
    """Return the one value of a dimension that was asked for as a filter, "" where there are several."""
    asked = _table(meta.get("dimensions", meta)).get(dimension)
    return str(asked[0]) if isinstance(asked, list) and len(asked) == 1 else ""


def _table(value: Any) -> Mapping[str, Any]:
    """Return an object of the answer, an empty one where something else stands."""
    return value if isinstance(value, dict) else {}
