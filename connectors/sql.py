"""A read-only query on a department's database, by watermark. ISO/IEC 9075; https://docs.sqlalchemy.org/en/21/core/"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from connectors import kept, mapping, sql_query, values, windows
from connectors.options import Fault, Option, seconds
from connectors.pages import Draft
from connectors.sql_session import missing, reading, renew
from connectors.values import UnreadableError
from ioc.errors import ContractError
from ioc.model import Cursor, Page, Source

if TYPE_CHECKING:
    from connectors.http import Http

OPTIONS: Mapping[str, Option] = {
    **mapping.OPTIONS,
    "query": Option("text", "one SELECT; `:since` and `:until` are bound", required=True),
    "watermark": Option("table", "asks only for what changed since the newest row that was read", keys={
        "column": Option("text", "the column of the answer that grows with every change", required=True),
        "format": Option("text", 'how :since is bound: "timestamp" (default), "timestamptz", "number", "epoch", '
                                 '"epoch_ms", "iso" or a strftime format for a column of texts'),
        "zone": Option("text", 'the zone in which the database writes times (default "+07:00")'),
        "overlap": Option("length", "how far each query reaches back, for what was committed late"),
        "back": Option("whole", "the same of numbers: how many"),
        "span": Option("length", "the longest span asked for at once, where the query has :until"),
        "start": Option("any", 'where the first query begins: "30d", a day, or a number'),
    }),
}  # fmt: skip


def check(source: Source) -> Iterator[Fault]:
    """Yield what is wrong beyond the types of the keys."""
    yield from mapping.check(source)
    mark = source.options.get("watermark", {})
    reaches = bool(mark.get("back")) or seconds(mark.get("overlap", "0s")) > 0
    yield from sql_query.faults(source.options["query"], bool(mark), reaches)
    if told := missing(source.url):
        yield "url", told
    if source.auth.get("kind", "none") not in ("none", "basic"):
        yield "auth.kind", f'"basic" or "none" was expected, not {source.auth["kind"]!r}'
    if mark.get("format") == "number":
        if not isinstance(mark.get("start", 0), int):
            yield "watermark.start", f"a whole number was expected, not {mark['start']!r}"
        for key in ("overlap", "span", "zone"):
            if key in mark:
                yield (
                    f"watermark.{key}",
                    "a watermark of numbers has none" + (": write back" if key == "overlap" else ""),
                )
    elif mark:
        form = mark.get("format", "timestamp")
        written = {**mark, "format": "iso" if form in ("timestamp", "timestamptz") else form}
        if not isinstance(mark.get("start", ""), str):
            yield (
                "watermark.start",
                f'a length ("30d") or a day ("2026-01-01") was expected, not {mark["start"]!r}',
            )
            return
        yield from ((key.replace("window.", "watermark."), why) for key, why in windows.check(written))
        if "span" in mark and "until" not in sql_query.names(source.options["query"]):
            yield "watermark.span", "`< :until` was expected in the query: a span is asked for at once"  # fmt: skip


def reads_spans(source: Source) -> bool:
    """Say whether a span of the past can be asked for."""
    timed = source.options.get("watermark", {}).get("format") != "number"
    return timed and "until" in sql_query.names(source.options["query"])


def fetch(source: Source, http: Http, cursor: Cursor) -> Iterator[Page]:
    """Yield the rows that changed; a query lands as a whole before its watermark moves."""
    mark = source.options.get("watermark")
    now, mapped = http.now(), mapping.compiled(_with_iso(source))
    if mark is None:
        yield from _asked(source, mapped, {}, _Newest(mark, 0), lambda _newest: {}, complete=source.complete)
    elif mark.get("format") == "number":
        before = cursor.get("mark")
        since = mark.get("start", 0) if before is None else before - mark.get("back", 0)
        newest = _Newest(mark, 2**63, before)
        yield from _asked(source, mapped, {"since": since}, newest, _after)
    else:
        yield from _by_time(source, mapped, mark, now, cursor)


def _by_time(
    source: Source, mapped: mapping.Mapped, mark: Mapping[str, Any], now: int, cursor: Cursor
) -> Iterator[Page]:
    latest = int(now + source.ahead_s)  # a row from 2099 must not move the watermark past all others
    write = partial(_written, mark)
    if "window" in cursor:
        for span in windows.windows(
            {"span": mark["span"]} if "span" in mark else {"overlap": "0s"}, now, cursor
        ):
            asked = {"since": write(span.since), "until": write(span.until)}
            yield from _asked(
                source, mapped, asked, _Newest(mark, latest), lambda _newest, span=span: span.done()
            )
        return
    overlap, before = int(seconds(mark.get("overlap", "0s"))), cursor.get("mark")
    start = windows.start_of(mark.get("start", "30d"), now)
    since = start if before is None else min(before, latest) - overlap
    step = max(int(seconds(mark["span"])), overlap + 1) if "span" in mark else None
    while True:
        until = latest if step is None else min(latest, since + step)
        newest = _Newest(mark, latest, before)
        asked = {"since": write(since), "until": write(until)}
        if until >= latest:
            yield from _asked(source, mapped, asked, newest, _after)
            return
        yield from _asked(source, mapped, asked, newest, lambda _newest, until=until: {"mark": until})
        since, before = until - overlap, until  # fmt: skip


class _Newest:
    """The greatest watermark that came, starting from the one before; none beyond the latest counts."""

    def __init__(self, mark: Mapping[str, Any] | None, latest: int, before: int | None = None) -> None:
        self.column = mark["column"] if mark else ""
        form = (mark or {}).get("format", "timestamp")
        forms = ["iso"] if form in ("timestamp", "timestamptz", "iso") else [form, "iso"]
        number = values.number_reader()
        self.read: values.Read = (
            (lambda value: value if isinstance(value, int) else int(number(value))) if form == "number"
            else values.time_reader(forms, (mark or {}).get("zone", "+07:00"))
        )  # fmt: skip
        self.latest, self.value = latest, before

    def see(self, row: Mapping[str, Any]) -> None:
        try:
            found = self.read(row[self.column])
        except UnreadableError:
            return  # no watermark: the row lands, and is asked for again
        if found <= self.latest and (self.value is None or found > self.value):
            self.value = found


def _after(newest: _Newest) -> dict[str, Any]:
    return {} if newest.value is None else {"mark": newest.value}


def _asked(
    source: Source, mapped: mapping.Mapped, bound: Mapping[str, Any], newest: _Newest, after: Any, *, complete: bool = False
) -> Iterator[Page]:  # fmt: skip
    """Run the query once and yield its rows page by page; the last page carries the cursor."""
    query = text(source.options["query"])
    asked = {name: bound[name] for name in sql_query.names(source.options["query"])}
    step = max(1, kept.MOST_RECORDS // max(1, len(mapped.values)))
    draft = Draft(source)
    row = 0
    with (
        reading(source) as connection,
        connection.execution_options(yield_per=step).execute(query, asked) as result,
    ):
        columns = list(result.keys())
        if twice := sorted({name for name in columns if columns.count(name) > 1}):
            raise ContractError(
                f"Truy vấn trả về hai cột cùng tên {', '.join(twice)}; cần đặt tên khác (AS)."
            )
        if newest.column and newest.column not in columns:
            raise ContractError(
                f"Truy vấn không trả về cột mốc {newest.column} (có {', '.join(columns[:12])})."
            )
        for part in result.partitions(step):
            items = [dict(zip(columns, map(sql_query.plain, found), strict=True)) for found in part]
            if newest.column:
                for item in items:
                    newest.see(item)
            came = mapping.translate(mapped, items, lambda position, _path: f"dòng {position + 1}", row)
            row += len(items)
            lines = kept.lines(came.kept)
            if draft:
                yield draft.page(None)
                renew(connection, source.deadline)
            draft.receive(lines)
            draft.add(came.records, came.rejected, lines, came.structure)
    yield draft.page(after(newest), complete=complete)


def _written(mark: Mapping[str, Any], at: int | None) -> Any:
    """Write an instant as the database compares it."""
    form, zone = mark.get("format", "timestamp"), mark.get("zone", "+07:00")
    if at is None or form in ("epoch", "epoch_ms"):
        return None if at is None else at * (1000 if form == "epoch_ms" else 1)
    if form in ("timestamp", "timestamptz"):
        local = datetime.fromtimestamp(at, values.zone_of(zone))
        return local.replace(tzinfo=None) if form == "timestamp" else local
    return windows.write(at, form, zone)


def _with_iso(source: Source) -> Source:
    """Read also what a driver gives as a time, beside the declared texts; times are local where nothing is said."""
    times = dict(source.options.get("times", {}))
    declared = times.get("format", "iso")
    forms = [declared] if isinstance(declared, str) else list(declared)
    times = {"zone": "+07:00", **times, "format": list(dict.fromkeys([*forms, "iso"]))}
    return replace(source, options={**source.options, "times": times})
