"""Which span of change times to ask for next, so that late data and a crash in the middle lose nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.options import Fault, Option, seconds
from connectors.values import UnreadableError, time_reader, zone_of
from ioc.model import Cursor

OPTIONS: Mapping[str, Option] = {
    "since": Option("text", "the parameter that takes the window's start", required=True),
    "until": Option("text", "the parameter that takes its end; absent: asks without an end"),
    "format": Option(
        "text", 'how the parameters are written: "iso", "epoch", "epoch_ms" or a strftime format'
    ),
    "zone": Option("text", 'the zone in which they are written (default "+07:00")'),
    "overlap": Option("length", "how far each window reaches back into the one before, for late data"),
    "span": Option("length", "the longest window that the source answers"),
    "start": Option("text", 'where the first window begins: a length back ("30d") or a day ("2026-01-01")'),
}


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open span of change times (epoch s); both None where a source is always asked for everything."""

    since: int | None = None
    until: int | None = None

    def cursor(self) -> dict[str, Any]:
        """Return this window as part of a cursor in the middle of it."""
        return {} if self.since is None else {"since": self.since, "to": self.until}

    def done(self) -> dict[str, Any]:
        """Return the cursor once everything of this window is in the store."""
        return {} if self.until is None else {"until": self.until}


def windows(declared: Mapping[str, Any] | None, now: int, cursor: Cursor) -> Iterator[Window]:
    """Yield the windows from where the cursor stands until now, the first one being the unfinished one."""
    if not declared:
        yield Window()
        return
    overlap = int(seconds(declared.get("overlap", "0s")))
    span = int(seconds(declared["span"])) if "span" in declared else None
    if asked := cursor.get("window"):
        since, until = asked
        yield from _past(cursor, since, until, span)
        return
    done = cursor.get("until")
    if "at" in cursor and "since" in cursor:
        yield Window(cursor["since"], cursor["to"])
        if (done := cursor["to"]) >= now:
            return
    since = start_of(declared.get("start", "30d"), now) if done is None else min(done, now) - overlap
    while True:
        until = now if span is None else min(now, since + max(span, overlap + 1))
        yield Window(since, until)
        if until >= now:
            return
        since = until - overlap


def _past(cursor: Cursor, since: int, until: int, span: int | None) -> Iterator[Window]:
    """Yield the windows of a span of the past, from where the cursor stands; nothing there arrives late."""
    at = cursor.get("until", since)
    if "at" in cursor and "since" in cursor:
        yield Window(cursor["since"], cursor["to"])
        at = cursor["to"]
    while at < until:
        to = until if span is None else min(until, at + span)
        yield Window(at, to)
        at = to


def parameters(declared: Mapping[str, Any] | None, window: Window) -> dict[str, str]:
    """Write a window as the source's parameters."""
    if not declared or window.since is None or window.until is None:
        return {}
    form, zone = declared.get("format", "iso"), declared.get("zone", "+07:00")
    written = {declared["since"]: write(window.since, form, zone)}
    if "until" in declared:
        written[declared["until"]] = write(window.until, form, zone)
    return written


def write(at: int, form: str, zone: str = "+07:00") -> str:
    """Write an instant (epoch s) in a declared format and zone."""
    if form in ("epoch", "epoch_ms"):
        return str(at * (1000 if form == "epoch_ms" else 1))
    local = datetime.fromtimestamp(at, zone_of(zone))
    return local.isoformat() if form == "iso" else local.strftime(form)


def check(declared: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what is wrong with a declared window beyond its types."""
    try:
        start_of(declared.get("start", "30d"), 0)
    except (ValueError, UnreadableError):
        yield (
            "window.start",
            f'a length ("30d") or a day ("2026-01-01") was expected, not {declared["start"]!r}',
        )
    form = declared.get("format", "iso")
    if form not in ("iso", "epoch", "epoch_ms") and "%" not in form:
        yield (
            "window.format",
            f'"iso", "epoch", "epoch_ms" or a format such as "%Y%m%d" was expected, not {form!r}',
        )
    try:
        zone_of(declared.get("zone", "+07:00"))
    except ValueError as error:
        yield "window.zone", str(error)


def start_of(text: str, now: int) -> int:
    """Return where a first window begins, epoch s: a length back from now, or a day; raises ValueError."""
    try:
        return now - int(seconds(text))
    except ValueError:
        return int(time_reader("iso", "+07:00")(text))
