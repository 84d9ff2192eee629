"""A department's spreadsheet, XLSX, XLS, ODS or CSV, from a folder, one file or a web address.

Every bad cell is answered by its address, as Excel writes it: [file.xlsx]Sheet1!C7; everything else lands.
A file is read from disk row by row, so that its size costs no memory (ECMA-376, [MS-XLS], ODF 1.3, RFC 4180).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import partial
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from connectors import kept, mapping, tables
from connectors.folders import Entry, open_folder, shown_name
from connectors.options import Fault, Option, seconds
from connectors.pages import Draft
from connectors.said_once import SaidOnce
from connectors.workbooks import ENDINGS, workbook
from ioc.errors import ContractError, RefusedError, SourceError
from ioc.model import Cursor, Observation, Page, Rejected, Source
from ioc.vietnamese import clean

if TYPE_CHECKING:
    from connectors.http import Http

IN_MEMORY = 1_000_000
BLOCK = 1 << 18
TIMES = ("iso", "%d/%m/%Y", "%d/%m/%Y %H:%M", "%d-%m-%Y", "%m/%Y", "tháng %m/%Y")

_COLUMNS = Option("table", "heading (\"A / B\" over two rows) or column letter -> name",
                  each=Option("text", "a name for fields and variables"))  # fmt: skip
_ROW = Option("count", "a row's number from 1")
OPTIONS: Mapping[str, Option] = {
    **mapping.OPTIONS,
    "files": Option("text", 'which files of the folder, such as "baocao_*.xlsx"; default *'),
    "settle": Option("length", "files younger than this are still being written; default 10s"),
    "sheet": Option("text", "a sheet's title, or a pattern with * for several; default the first sheet"),
    "separator": Option("choice", "CSV: between columns; absent: told from the heading", choices=(",", ";", "\t", "|")),
    "encoding": Option("choice", "of texts that are neither Unicode nor in a font that tells; CSV has no fonts",
                       choices=("tcvn3", "vni")),
    "header_rows": Option("list", "rows whose texts make the headings; default [1]", each=_ROW),
    "first_row": Option("count", "the first row of data; default the one after the headings"),
    "last_row": _ROW,
    "until": Option("regex", "the table ends before a row whose first text matches"),
    "totals": Option("regex", "rows whose first text matches are left out: totals, section headings"),
    "notes": Option("regex", "what is taken out of cells: (*), (ước)"),
    "columns": _COLUMNS,
    "blocks": Option("list", "repeated groups of columns; each gives a record of its own", each=Option(
        "table", "one group", keys={"columns": _COLUMNS, "set": Option("table", "name -> constant", each=Option("scalar", ""))})),
    "period": Option("table", "where the period stands; its first day is named period", keys={
        "in": Option("choice", "in the file's name or the sheet's title", choices=("file", "sheet")),
        "cell": Option("text", "or in a cell above the table, such as A2"),
        "pattern": Option("regex", "with groups year, month or quarter, day", required=True)}),
    "ca_file": Option("text", "ftps: the authority to trust, a PEM file"),
}  # fmt: skip


def check(source: Source) -> Iterator[Fault]:
    """Yield what the options' types cannot say."""
    options = source.options
    yield from mapping.check(_with_defaults(source))
    if not options.get("columns") and not any(block.get("columns") for block in options.get("blocks", ())):
        yield "columns", "is missing: name the columns that are read"
    names = {
        name for block in tables.table(options).blocks for name in (*block.columns.values(), *block.constants)
    }
    names |= {tables.PERIOD} if "period" in options else set()
    for name in sorted(name for name in names if not re.fullmatch(r"[A-Za-z_]\w*", name, re.A)):
        yield f"columns.{name}", "a name of ASCII letters, digits and _ was expected"
    for variable, known in options.get("variables", {}).items():
        if known["field"] not in names:
            yield f"variables.{variable}.field", f"{known['field']!r} is no name in columns"
    if "cell" in options.get("period", {}) and not re.fullmatch(r"[A-Z]{1,3}\d+", options["period"]["cell"]):
        yield "period.cell", f"a cell such as A2 was expected, not {options['period']['cell']!r}"


def fetch(source: Source, http: Http, cursor: Cursor) -> Iterator[Page]:
    """Yield the rows of every file that changed since it was last read; a file lands as a whole.

    A file that cannot be read is raised once the others have landed, and tried again each time.
    """
    if urlsplit(source.url).scheme in ("http", "https"):
        yield from _from_web(source, http, cursor)
    else:
        yield from _from_folder(source, http.now(), cursor)


def _from_web(source: Source, http: Http, cursor: Cursor) -> Iterator[Page]:
    with _scratch() as file:
        of = kept.version(source)
        before = cursor if cursor.get("of") == of else {}
        answer = http.save(file, conditional=before.get("validators"))
        if answer.unchanged or before.get("sha256") == answer.hash:
            yield Page(unchanged=True, status=answer.status)
            return
        name = unquote(urlsplit(source.url).path).rpartition("/")[2] or source.id
        draft = Draft(source)
        for page in _pages(source, shown_name(name), file, draft):
            yield replace(page, status=answer.status)
    after = {"validators": answer.validators, "sha256": answer.hash, "of": of}
    last = draft.page(after, complete=source.complete)
    yield replace(last, status=answer.status)


def _from_folder(source: Source, now: int, cursor: Cursor) -> Iterator[Page]:
    folder, pattern = _place(source)
    of = kept.version(source)  # a declaration that takes something else reads every file again
    before = cursor.get("files", {}) if cursor.get("of") == of else {}
    settle = seconds(source.options.get("settle", "10s"))
    failure: SourceError | None = None
    read = 0
    with open_folder(folder) as server:
        listed = [entry for entry in server.entries("") or () if _is_wanted(entry, pattern)]
        if "*" not in pattern and not listed:
            raise ContractError(f"Không thấy tệp {pattern}.")
        names = {_remembered(entry) for entry in listed}
        known = {name: was for name, was in before.items() if name in names}
        for entry in sorted(listed, key=lambda entry: (entry.mtime, entry.name)):
            if (
                known.get(_remembered(entry), [])[:2] == [entry.size, entry.mtime]
                or 0 <= now - entry.mtime < settle
            ):
                continue
            try:
                with _scratch() as file:
                    if server.copy(entry.name, source.max_bytes, file) != entry.size:
                        continue  # gone, or still growing: the next poll looks again
                    digest = _digest(file)
                    after = {**known, _remembered(entry): [entry.size, entry.mtime, digest]}
                    if known.get(_remembered(entry), ["", "", ""])[2] == digest:
                        yield Page(unchanged=True, cursor={"files": after, "of": of})
                    else:
                        draft = Draft(source)
                        yield from _pages(source, shown_name(entry.name), file, draft)
                        read += 1
                        yield draft.page(
                            {"files": after, "of": of}, complete=source.complete and read == len(listed)
                        )
                known = after
            except (ContractError, RefusedError) as error:
                failure = error
    if failure:
        raise failure
    if not read:
        yield Page(unchanged=True)


def _remembered(entry: Entry) -> str:
    """Return the name by which a cursor knows a file, without what is personal in it."""
    shown = shown_name(entry.name)
    return shown if shown == entry.name else hashlib.sha256(entry.name.encode()).hexdigest()[:16]


def _scratch() -> IO[bytes]:
    """Return a file of our own that goes when it is closed, in memory while it is small."""
    return SpooledTemporaryFile(IN_MEMORY)


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    return iter(partial(file.read, BLOCK), b"")


def _digest(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    for block in _blocks(file):
        digest.update(block)
    return digest.hexdigest()


def _place(source: Source) -> tuple[Source, str]:
    """Return the source's folder and which files in it; url may name one file."""
    folder, _, name = source.url.rstrip("/").rpartition("/")
    if name.lower().endswith(ENDINGS):
        return replace(source, url=folder), unquote(name)
    return source, source.options.get("files", "*")


def _is_wanted(entry: Entry, pattern: str) -> bool:
    """Say whether a file is meant; Excel keeps a lock file ~$name.xlsx beside an open one."""
    name = entry.name
    return name.lower().endswith(ENDINGS) and not name.startswith(("~$", ".")) and fnmatchcase(name, pattern)


def _pages(source: Source, name: str, file: IO[bytes], draft: Draft) -> Iterator[Page]:
    """Yield full pages of one file and leave its last one in draft."""
    options = source.options
    mapped = mapping.compiled(_with_defaults(source))
    layout = tables.table(options)
    draft.receive_blocks(_blocks(file))
    step = max(1, 2_000 // max(1, len(mapped.values)))
    opened = workbook(file, name, source.max_bytes, options.get("separator", ""), options.get("encoding", ""))
    with opened as found, closing(SaidOnce()) as before:
        for title in _wanted(list(found), options.get("sheet", ""), name):
            unread, others = list[Rejected](), list[str]()
            items = tables.items(found[title](), layout, name, unread, others)
            while block := list(islice(items, step)):
                came = _translated(mapped, block, before)
                came.sample = [dict.fromkeys(others) | item.values for item in block[: mapping.SAMPLED]]
                came.rejected[:0] = unread
                unread.clear()
                if draft and not draft.has_room(len(came.records) + len(came.rejected)):
                    yield draft.page(None)
                draft.add(came.records, came.rejected, kept.lines(came.kept), came.structure)
            draft.add((), unread, b"")


def _wanted(titles: list[str], declared: str, name: str) -> Iterable[str]:
    if not titles:
        raise ContractError(f"Tệp {name} không có trang tính nào.")
    if not declared or titles == [""]:
        return titles[:1]
    exact = [title for title in titles if clean(title).casefold() == clean(declared).casefold()]
    found = exact or [title for title in titles if fnmatchcase(clean(title), clean(declared))]
    if not found:
        raise ContractError(f"Tệp {name} không có trang “{declared}”; có {', '.join(titles[:20])}.")
    return found


def _translated(mapped: mapping.Mapped, block: list[tables.Item], before: SaidOnce) -> mapping.Translated:
    """Translate items; of rows that say different things about the same the first stands, the others are told."""
    out = mapping.Translated(paths=mapped.paths)
    fields = {value.variable: value.path for value in mapped.values}
    for item in block:
        came = mapping.translate(mapped, [item.values], partial(_address, item))
        out.kept += came.kept
        out.rejected += [_addressed(bad, item) for bad in came.rejected]
        for record in came.records:
            first = before.first(record, item.row)
            if first is None:
                out.records.append(record)
            elif not first[1]:
                words = f"Dòng này nói khác dòng {first[0]} về cùng một đối tượng và thời điểm; dòng {first[0]} được giữ."
                field = fields.get(record.variable, "") if isinstance(record, Observation) else ""
                out.rejected.append(Rejected(_address(item, 0, field), words))
    return out


def _addressed(bad: Rejected, item: tables.Item) -> Rejected:
    """Give every cell that a reason names its address: a row may have several bad cells."""
    cells = [cell for name, cell in item.cells.items() if f"({name}): " in bad.reason]
    return replace(bad, address=", ".join(cells)) if len(cells) > 1 else bad


def _address(item: tables.Item, _position: int, path: str) -> str:
    return item.cells.get(path) or next(iter(item.cells.values()))


def _with_defaults(source: Source) -> Source:
    """Add what spreadsheets in Vietnam share: 3.359,80 and 21/11/2026 in local time."""
    options: dict[str, Any] = {"decimal": ",", "thousands": ".", **source.options}
    times = dict(options.get("times", {}))
    declared = times.get("format", TIMES)
    formats = list(declared) if isinstance(declared, list | tuple) else [declared]
    further = [form for form in formats if form != "iso"]
    options["times"] = {"zone": "+07:00", **times, "format": ["iso", *further]}
    if options["decimal"] == options["thousands"]:
        del options["thousands"]
    return replace(source, options=options)
