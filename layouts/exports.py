"""Tables to take away: what the desk shows as CSV or XLSX, under the filters of its address, with its origin on top."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

import orjson
from flask import Blueprint, Response, request, send_file

from layouts import format as write
from layouts.attributes import text
from layouts.pages import filters, records
from layouts.pages.desk_page import Desk, agencies, as_of, moment, narrowed
from layouts.pages.sector import parts_of
from layouts.panels.ranking import ranked_by
from layouts.panels.tile import BOUNDS
from layouts.ports import AskError, Json
from layouts.words import WORDS, called, language, say, unit

MOST = 200_000
PAGE = 1000
CASES = (
    "key", "category", "responsible", "holder", "step", "opened", "due", "closed", "overdue", "state",
    "status", "channel", "area", "source",
)  # fmt: skip
UNITS = ("panel", "key", "name", "value", "unit", "bound", "num", "den", "judged")
KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_INSTANT = "dd/mm/yyyy hh:mm"
_LONGEST = 32_000

Row = Sequence[Any]


class _Table:
    """One table to take away. head: pairs of words; rows: a generator, asked for once; cut: whether it was cut."""

    def __init__(self, head: list[tuple[str, str]], columns: Sequence[str], rows: Iterator[Row]) -> None:
        self.head, self.columns, self.cut, self.lines = head, columns, False, 0
        self._rows = rows

    def rows(self) -> Iterator[Row]:
        for row in self._rows:
            if self.lines == MOST:
                self.cut = True
                return
            self.lines += 1
            yield row


def routes(desk: Desk, now: Callable[[], float] = time.time) -> Blueprint:
    """Return the addresses of the exports: /export/<sector>/cases.csv, units.xlsx and their like."""
    answers = Blueprint("exports", __name__)

    @answers.get("/export/<sector>/<any(cases,units):what>.<any(csv,xlsx):kind>")
    def export(sector: str, what: str, kind: str) -> Response:
        asked = request.args.to_dict()
        lang = language(asked.get("lang") or request.cookies.get("lang"))
        known = dict(desk.ports.sectors)
        if sector not in known or (what == "cases" and sector not in desk.ports.kinds):
            return _refused(404, say("records.none" if sector in known else "not_found", lang))
        try:
            table = (_cases if what == "cases" else _units)(desk, sector, asked, now(), lang)
        except AskError as fault:
            return _refused(422, str(fault))
        day = write.local(as_of(asked) or now())
        name = f"{say(f'export.{what}', lang)}_{sector}_{day:%Y-%m-%d}.{kind}"
        if kind == "csv":
            answer = Response(as_csv(table, lang), mimetype=KINDS["csv"])
            answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        else:
            try:
                book = as_xlsx(table, lang)
            except AskError as fault:
                return _refused(503, str(fault))
            answer = send_file(book, KINDS["xlsx"], as_attachment=True, download_name=name)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    return answers


def as_csv(table: Any, lang: str) -> Iterator[bytes]:
    """Write a table as Vietnamese Excel opens it: UTF-8 with its mark, semicolons, decimal commas."""
    line = io.StringIO()
    out = csv.writer(line, delimiter=";", lineterminator="\r\n")

    def written() -> bytes:
        said = line.getvalue().encode()
        line.seek(0)
        line.truncate()
        return said

    yield b"\xef\xbb\xbf"
    for pair in table.head:
        out.writerow([_plain(cell, lang) for cell in pair])
    out.writerow([])
    out.writerow(table.columns)
    yield written()
    try:
        for row in table.rows():
            out.writerow([_plain(cell, lang) for cell in row])
            if line.tell() > 65_536:
                yield written()
        if table.cut:
            out.writerow([say("export.cut", lang, n=write.number(MOST, 0, lang))])
    except AskError as fault:  # what was sent cannot be taken back: the last line says that it is not whole
        out.writerow([say("export.broken", lang, why=fault)])
    yield written()


def as_xlsx(table: Any, lang: str) -> io.BytesIO:
    """Return the bytes of a workbook: the origin on its first sheet, the rows on its second."""
    from openpyxl import Workbook  # only who exports pays for it
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    origin, sheet = (book.create_sheet(say(name, lang)) for name in ("export.origin", "export.rows"))
    origin.column_dimensions["A"].width, origin.column_dimensions["B"].width = 32, 90
    for place in range(len(table.columns)):
        sheet.column_dimensions[chr(ord("A") + place)].width = 22
    sheet.freeze_panes = "A2"

    def cell(on: Any, value: Any, bold: bool = False) -> Any:
        if isinstance(value, str):
            told = ILLEGAL_CHARACTERS_RE.sub("", value)[:_LONGEST]
            if not bold and not told.startswith(("=", "#")):
                return told  # a cell of its own costs five times as much
            made = WriteOnlyCell(on, told)
            made.data_type = "s"  # a text that begins with = stays a text
        elif isinstance(value, datetime):
            made = WriteOnlyCell(on, value.replace(tzinfo=None))
            made.number_format = _INSTANT
        else:
            return value
        if bold:
            made.font = Font(bold=True)
        return made

    sheet.append([cell(sheet, name, True) for name in table.columns])
    for row in table.rows():
        sheet.append([cell(sheet, value) for value in row])
    ends = [(say("export.count", lang), table.lines)]
    if table.cut:
        ends.append(("", say("export.cut", lang, n=write.number(MOST, 0, lang))))
    for name, said in chain(table.head, ends):
        origin.append([cell(origin, name, True), cell(origin, said)])
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


def _cases(desk: Desk, sector: str, asked: Mapping[str, str], now: float, lang: str) -> _Table:
    question = records.question(desk, sector, asked)
    if asked.get("sort"):
        question["sort"] = asked["sort"]
    names = agencies(desk, lang)
    areas = {
        str(one["code"]): text(one.get("name"), lang)
        for one in desk.ask("/api/v1/areas", {"limit": "1000"}).get("items") or []
    }
    shape = f"case:{desk.ports.kinds[sector]}"
    sources = [one for one in _sources(desk, sector, asked) if one.get("shape") in (shape, None)]
    sent_by = {str(one["id"]): text(one.get("name"), lang) for one in sources}

    def row(item: Json) -> Row:
        told: dict[str, Any] = {name: text(item.get(name), lang) for name in CASES}
        for name in records.SORTED:
            told[name] = write.local(item.get(name)) or ""
        for name in ("responsible", "holder"):
            told[name] = names.get(told[name], told[name])
        told["channel"] = called(told["channel"], lang)
        told["area"] = areas.get(told["area"], told["area"])
        told["source"] = sent_by.get(told["source"], told["source"])
        told["overdue"] = say("yes" if item.get("overdue") else "no", lang)
        state = f"state.{item.get('state')}"
        told["state"] = say(state, lang) if state in WORDS else ""
        return [told[name] for name in CASES]

    head = _head(desk, sector, sources, records.PARAMETERS, asked, now, lang)
    columns = [say(f"col.{name}", lang) for name in CASES]
    return _Table(head, columns, (row(item) for item in _begun(_pages(desk, "/api/v1/cases", question))))


def _units(desk: Desk, sector: str, asked: Mapping[str, str], now: float, lang: str) -> _Table:
    document = desk.published.document(sector, lang)
    if document is None:
        raise AskError(say("no_board", lang))
    chosen = {name: value for name, value in narrowed(asked).items() if name != "compare"} | moment(asked)

    def rows() -> Iterator[Row]:
        for part in parts_of(document, "units"):
            path = f"/api/v1/indicators/{part['indicator']}/breakdown"
            said = unit(str(part.get("unit") or ""), lang)
            for item in _pages(desk, path, {**chosen, "by": ranked_by(part)}):
                judged = f"status.{item.get('status')}"
                yield [
                    str(part.get("name") or ""),
                    str(item.get("key") or ""),
                    text(item.get("name"), lang),
                    item.get("value"),
                    said,
                    BOUNDS.get(str(item.get("bound")), ("", ""))[0],
                    item.get("num"),
                    item.get("den"),
                    say(judged, lang) if judged in WORDS else "",
                ]

    head = _head(desk, sector, _sources(desk, sector, asked), tuple(chosen), asked, now, lang)
    return _Table(head, [say(f"col.{name}", lang) for name in UNITS], _begun(rows()))


def _head(
    desk: Desk,
    sector: str,
    sources: Sequence[Json],
    counted: Sequence[str] | Mapping[str, str],
    asked: Mapping[str, str],
    now: float,
    lang: str,
) -> list[tuple[str, str]]:
    """Return what stands above the rows: whose they are, which, where they come from, as known when."""
    known = as_of(asked) or now
    chosen = {name: value for name, value in narrowed(asked).items() if name in counted}
    said = "; ".join(
        f"{say(f'filter.{name}', lang)}: {filters.named(desk, name, chosen[name], lang)}" for name in chosen
    )
    head = [
        (desk.ports.province[f"name.{lang}"], dict(desk.ports.sectors)[sector][lang]),
        (say("export.sources", lang), "; ".join(text(one.get("name"), lang) for one in sources)),
        (say("export.filters", lang), said or say("filter.all", lang)),
        (
            say("export.as_of", lang),
            f"{write.clock(known, seconds=True)} {write.day(known)}",
        ),
        (say("export.limit", lang), say("export.most", lang, n=write.number(MOST, 0, lang))),
    ]
    return [*head, (say("simulated", lang), "")] if desk.ports.simulated else head


def _sources(desk: Desk, sector: str, asked: Mapping[str, str]) -> list[Json]:
    found = desk.ask("/api/v1/sources", {"limit": "1000", **moment(asked)}).get("items") or []
    return [one for one in found if one.get("sector") == sector]


def _pages(desk: Desk, path: str, question: Mapping[str, str]) -> Iterator[Json]:
    """Yield what a list of the read API holds, a page at a time, all as known when the first was given out."""
    cursor = ""
    while True:
        answer = desk.ask(path, {**question, "limit": str(PAGE), "cursor": cursor})
        yield from answer.get("items") or []
        cursor = str(answer.get("next") or "")
        if not cursor:
            return


def _begun(rows: Iterator[Any]) -> Iterator[Any]:
    """Ask for the first page at once, so that a question that is refused is answered with a sentence."""
    for first in rows:
        return chain([first], rows)
    return iter(())


def _plain(value: Any, lang: str) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y %H:%M}"
    if isinstance(value, int | float):
        said = repr(value)
        return said.replace(".", ",") if lang == "vi" else said
    said = str(value)
    return f"'{said}" if said.startswith(_FORMULA) else said


def _refused(status: int, detail: str) -> Response:
    body = orjson.dumps({"title": "", "status": status, "detail": detail})
    return Response(body, status, {"Cache-Control": "no-store"}, mimetype="application/problem+json")
