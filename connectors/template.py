"""The XLSX template that a department fills in, made from the declaration that will read it."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, NamedTuple

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from connectors import tables
from connectors.mapping import shape_of
from ioc.model import Observation, Source, Variable

ROWS = 2_000
INSTANTS = {"time", "opened", "due", "closed", "starts", "ends"}
PLACES = {"place", "area", "site", "responsible", "received_by", "holder", "agency"}
GUIDE = "Hướng dẫn"

_HEAD = PatternFill("solid", fgColor="1F4E79")
_EXAMPLE = PatternFill("solid", fgColor="FFF2CC")
_THIN = Side(style="thin", color="BFBFBF")


class Column(NamedTuple):
    """One column of the template: where it stands, its heading's rows, and what it expects."""

    at: int
    heading: tuple[str, ...]
    expects: str
    example: Any
    kind: str
    choices: tuple[str, ...]


def write(
    source: Source, variables: Mapping[str, Variable], places: tuple[str, ...] = (), *, example: bool = True
) -> bytes:
    """Return the template of a spreadsheet source as XLSX.

    variables: the catalogue's, for names and limits; places: what the column of places may hold.
    example: fill the first row with an example, which the department overwrites.
    """
    layout = tables.table(source.options)
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    declared = source.options.get("sheet", "")
    sheet.title = (declared.replace("*", "").strip() or "Số liệu")[:31]
    columns = _columns(source, layout, variables, places)
    rows = layout.header_rows or (layout.first_row - 1,)
    for column in columns:
        _head(sheet, column, rows)
        _expect(sheet, column, layout.first_row)
        if example:
            sheet.cell(layout.first_row, column.at, column.example).fill = _EXAMPLE
    if "cell" in layout.period:
        sheet[layout.period["cell"]].value = "Tháng 11 năm 2026"
    sheet.freeze_panes = f"A{layout.first_row}"
    _guide(book.create_sheet(GUIDE), source, columns)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _columns(
    source: Source, layout: tables.Table, variables: Mapping[str, Variable], places: tuple[str, ...]
) -> list[Column]:
    fields = {path: target for target, path in source.options.get("fields", {}).items()}
    measured = {known["field"]: (name, known) for name, known in source.options.get("variables", {}).items()}
    by_heading = {
        heading: (name, block) for block in layout.blocks for heading, name in block.columns.items()
    }
    columns: list[Column] = []
    depth = max(1, len(layout.header_rows))
    taken = {column_index_from_string(key) for key in by_heading if tables.LETTERS.fullmatch(key)}
    free = (index for index in range(1, 512) if index not in taken)
    for heading, (name, _) in by_heading.items():
        lettered = tables.LETTERS.fullmatch(heading) is not None
        index = column_index_from_string(heading) if lettered else next(free)
        parts = (name,) if lettered else tuple(heading.split(" / ", depth - 1))
        if name in measured:
            columns.append(Column(index, parts, *_number(*measured[name], variables)))
        else:
            target = fields.get(name, name)
            words = source.options.get("enums", {}).get(target, {})
            columns.append(Column(index, parts, *_field(source, target, tuple(words), places)))
    return columns


def _number(
    name: str, known: Mapping[str, Any], variables: Mapping[str, Variable]
) -> tuple[str, Any, str, tuple[str, ...]]:
    variable = variables.get(name)
    title = variable.name.vi if variable else name
    unit = known.get("unit") or (variable.unit if variable else "")
    return f"{title}, đơn vị {unit}" if unit else title, 0, "number", ()


def _field(
    source: Source, target: str, words: tuple[str, ...], places: tuple[str, ...]
) -> tuple[str, Any, str, tuple[str, ...]]:
    words = tuple(word for word in words if word != "*")
    if target in INSTANTS:
        return "Ngày theo dạng 21/11/2026", "21/11/2026", "date", ()
    if target in PLACES:
        return "Tên hoặc mã đúng như danh mục", places[0] if places else "", "choice", places
    if words:
        return f"Một trong: {', '.join(words)}", words[0], "choice", words
    if target == "key" and shape_of(source) is not Observation:
        return "Mã duy nhất của hồ sơ, không đổi giữa các lần gửi", "HS-0001", "text", ()
    return "Văn bản", "", "text", ()


def _head(sheet: Worksheet, column: Column, rows: tuple[int, ...]) -> None:
    for row, text in zip(rows, column.heading, strict=False):
        sheet.cell(row, column.at, text)
    for row in rows:
        cell = sheet.cell(row, column.at)
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), _HEAD
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        cell.border = Border(_THIN, _THIN, _THIN, _THIN)
    sheet.column_dimensions[get_column_letter(column.at)].width = max(
        14, min(40, len(max(column.heading, key=len)) + 4)
    )


def _expect(sheet: Worksheet, column: Column, first_row: int) -> None:
    letter = get_column_letter(column.at)
    where = f"{letter}{first_row}:{letter}{first_row + ROWS}"
    if column.kind == "number":
        # a text such as "đang cập nhật" is allowed, and told apart when the file is read
        rule = DataValidation(
            "custom", formula1=f"OR(ISNUMBER({letter}{first_row}),ISTEXT({letter}{first_row}))"
        )
    elif column.kind == "choice" and column.choices and len(",".join(column.choices)) < 250:
        rule = DataValidation("list", formula1=f'"{",".join(column.choices)}"', allow_blank=True)
    else:
        rule = DataValidation()
    rule.promptTitle, rule.prompt, rule.showInputMessage = column.heading[-1][:32], column.expects[:255], True
    rule.error, rule.showErrorMessage = column.expects[:225], column.kind in ("number", "choice")
    rule.add(where)
    sheet.add_data_validation(rule)
    if column.kind == "date":
        for row in range(first_row, first_row + 200):
            sheet.cell(row, column.at).number_format = "dd/mm/yyyy"


def _guide(sheet: Worksheet, source: Source, columns: list[Column]) -> None:
    blank = ", ".join(f"“{text}”" for text in source.options.get("blank", tables.BLANK[:2]))
    lines = [
        (source.name.vi,),
        ("Không đổi tên trang, dòng tiêu đề và thứ tự các dòng tiêu đề.",),
        ("Dòng đầu tô vàng là ví dụ: ghi đè lên bằng số liệu thật.",),
        ("Số viết theo kiểu Việt Nam: 3.359,80. Ngày viết 21/11/2026.",),
        (f"Chưa có số liệu thì ghi {blank}; không ghi số 0 thay cho chỗ trống. Số 0 là một số liệu.",),
        ("Ô sai sẽ được trả lại kèm địa chỉ ô; các ô đúng vẫn được nhận.",),
        (),
        ("Cột", "Tiêu đề", "Nội dung cần nhập", "Ví dụ"),
        *((get_column_letter(c.at), " / ".join(c.heading), c.expects, str(c.example)) for c in columns),
    ]
    for line in lines:
        sheet.append(line)
    sheet["A1"].font = Font(bold=True, size=14)
    for cell in sheet[8]:
        cell.font = Font(bold=True)
    for letter, width in zip("ABCD", (8, 40, 60, 20), strict=True):
        sheet.column_dimensions[letter].width = width
