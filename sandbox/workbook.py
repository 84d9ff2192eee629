"""The health department's daily workbook (Office Open XML, ECMA-376), bad cells included."""

from __future__ import annotations

import io
import zipfile
from xml.sax.saxutils import escape

from ioc.calendar import date_of
from ioc.model import Site
from sandbox import health
from sandbox.chance import mix, share
from sandbox.setting import Setting

SHEET = "Số liệu ngày"
COLUMNS = (
    "STT", "Mã BV", "Tên bệnh viện", "Ngày báo cáo", "Giường kế hoạch", "Giường đang sử dụng", "Lượt khám", "Lượt cấp cứu",
)  # fmt: skip
BAD = ("đang cập nhật", "12O", "-5", "#REF!")
"""What people leave in cells: the first is a declared gap, the others are mistakes."""
ADDS_EMERGENCIES = 3
"""The hospital, by its row, that on some days counts emergencies among its visits, as its own system does not."""

Cell = str | int | float | None
"""What a cell holds; None leaves it empty."""

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_RELS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_RELS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELS}"><sheets>'
    f'<sheet name="{{sheet}}" sheetId="1" r:id="rId1"/></sheets></workbook>',
}


def health_workbook(setting: Setting, day: int, fault: str = "") -> bytes:
    """Return the workbook of one local day; a fault spoils it."""
    if fault == "html":
        return b"<html><body>Service unavailable</body></html>"
    content = zipped(SHEET, _rows(setting, day, fault))
    return content[: len(content) // 2] if fault in ("truncated", "500") else content


def _rows(setting: Setting, day: int, fault: str) -> list[list[Cell]]:
    when = f"{date_of(day):%d/%m/%Y}" if fault != "clock_skew" else f"{date_of(day + 3):%d/%m/%Y}"
    columns = [f"{column} (mới)" if fault == "changed_schema" else column for column in COLUMNS]
    rows: list[list[Cell]] = [
        [f"BÁO CÁO SỐ LIỆU KHÁM CHỮA BỆNH NGÀY {when}"],
        ["Số liệu mô phỏng"],
        [*columns],
    ]
    hospitals = setting.of_kind("hospital")
    body = [_row(setting, number, site, day, when) for number, site in enumerate(hospitals, 1)]
    if fault == "wrong_type":
        body = [[*row[:4], *("chưa có" for _ in row[4:])] for row in body]
    elif fault == "late_correction":
        body = [[*row[:6], "0", row[7]] for row in body]
    elif fault == "duplicate":
        body.append(body[0])
    elif fault == "vanished_record":
        body = body[1:]
    elif hospitals:
        line = mix(setting.seed, 80, day)
        body[line % len(body)][6] = BAD[line // 64 % len(BAD)]
        if share(setting.seed, 81, day) < 0.4:
            body[(line + 3) % len(body)][5] = BAD[0]
    return [*rows, *body]


def _row(setting: Setting, number: int, site: Site, day: int, when: str) -> list[Cell]:
    """Write as people do: large numbers with a dot between the thousands, as texts."""
    visits = health.visits(setting, site, day)
    if number == ADDS_EMERGENCIES and share(setting.seed, 82, day) < 0.4:
        visits += health.emergencies(setting, site, day)
    return [
        number,
        site.codes[0],
        site.name.vi,
        when,
        f"{health.beds(setting, site):,}".replace(",", "."),
        health.occupied(setting, site, day),
        f"{visits:,}".replace(",", ".") if visits > 999 else visits,
        health.emergencies(setting, site, day),
    ]


def zipped(name: str, rows: list[list[Cell]]) -> bytes:
    """Return a workbook of one sheet; the same rows always give the same bytes."""
    lines = []
    for number, row in enumerate(rows, 1):
        cells = "".join(_cell(f"{_column(place)}{number}", value) for place, value in enumerate(row))
        lines.append(f'<row r="{number}">{cells}</row>')
    sheet = f'<worksheet xmlns="{_MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        book = _PARTS["xl/workbook.xml"].replace("{sheet}", escape(name))
        parts = {**_PARTS, "xl/workbook.xml": book, "xl/worksheets/sheet1.xml": sheet}
        for path, part in parts.items():
            # a fixed date, so that the same day always gives the same bytes
            archive.writestr(zipfile.ZipInfo(path, (2025, 7, 1, 0, 0, 0)), _HEAD + part)
    return held.getvalue()


def _column(place: int) -> str:
    more, last = divmod(place, 26)
    return (_column(more - 1) if more else "") + chr(65 + last)


def _cell(address: str, value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, int | float):
        return f'<c r="{address}"><v>{value}</v></c>'
    return f'<c r="{address}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
