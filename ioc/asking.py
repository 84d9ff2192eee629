"""Asks the active collector for a poll, or for a span of the past, and tells what comes of it."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import TextIO

from ioc.errors import QuestionError
from ioc.model import Source
from ioc.past import begun
from ioc.store import Store, ask_poll, read_cursor, waiting_requests, withdraw_request
from ioc.store.lease import holder
from ioc.store.reads.fields import structure_changes
from ioc.store.reads.runs import Run, runs
from ioc.store.reads.scope import EVERYTHING

LOOK_S = 0.1
ALIVE_S = 20.0
"""A collector that renewed its lease within so long is at work, or about to be restarted."""
NEVER_S = 2.0
"""The same where no collector holds the lease, or the last one gave it back."""
GIVE_UP_AFTER = 3
"""So often may one step fail of a source that answers otherwise than agreed."""
_LOCAL = timezone(timedelta(hours=7))


def span_of(since: str, until: str, now: float) -> tuple[int, int | None] | None:
    """Read a span of local days or instants (ISO 8601), None where none is asked for; raises QuestionError."""
    if not since:
        if until:
            raise QuestionError("--until needs --since: from which day on?")
        return None
    begin, end = _instant("--since", since), _instant("--until", until) if until else None
    if begin >= (now if end is None else end):
        raise QuestionError("--since lies before --until, and before now")
    if end is not None and end > now:
        raise QuestionError(f"--until {until} lies ahead: nothing was measured there yet")
    return begin, end


def unreadable(source: Source, span: tuple[int, int | None], reads_spans: bool) -> str:
    """Say why a source's past cannot be asked for, "" where it can."""
    if not reads_spans:
        return (
            f"{source.id}: a source of the kind {source.connector} declared like this one answers only what is now; "
            "its past cannot be asked for (docs/connectors.md says which kinds read spans, and how they are declared)"
        )
    if span[0] < source.earliest:
        return (
            f"{source.id}: what lies before {_day(source.earliest)} is rejected (earliest in {source.file}); "
            "ask from that day on, or declare an earlier one"
        )
    return ""


def poll(store: Store, source: str, wait_s: float) -> int:
    """Ask for a poll now and tell its run; return the exit status: 0 kept, 1 failed or not served."""
    asked_ms = _ms()
    ask_poll(store, source, now_ms=asked_ms)
    until = time.monotonic() + wait_s
    told: dict[int, str] = {}
    while time.monotonic() < until:
        for run in _runs(store, source, "poll"):
            if run.started < asked_ms:
                continue
            line = _said(run)
            if told.get(run.id) != line:
                told[run.id] = line
                print(f"run {run.id}: {line}", flush=True)
            if run.outcome:
                _tell_structure(store, source)
                return 1 if run.outcome == "failed" else 0
        time.sleep(LOOK_S)
    print(
        f"no collector served the request within {wait_s:g} s; is `app.py collect` running?", file=sys.stderr
    )
    return 1


def backfill(store: Store, source: Source, since: int, until: int | None, wait_s: float) -> int:
    """Ask for a span of the past (epoch s) and tell each step until everything came; return the exit status.

    0: everything came. 1: it failed, or nobody does the work. 130 or 143: interrupted or told to end; the same
    span asked for again goes on where it stopped.
    """
    with _signals() as heard:
        request = _request(store, source, since, until)
        watch = _Watch(store, source, since, wait_s)
        for _ in watch.steps(request):
            if heard:
                break
            time.sleep(LOOK_S)
    if heard:
        withdraw_request(store, request, now_ms=_ms())
        watch.bar.line(f"interrupted; the same command goes on {watch.place()}")
        return 128 + heard[0]
    if watch.given_up:
        withdraw_request(store, request, now_ms=_ms())
        watch.bar.line(f"{watch.given_up}; the same command goes on {watch.place()}", sys.stderr)
        return 1
    watch.bar.line(watch.summary())
    return 0


@contextmanager
def _signals() -> Iterator[list[int]]:
    """Collect the signals that ask for an end: raised amid a query or a clean-up, they would be lost."""
    heard: list[int] = []
    before = {
        one: signal.signal(one, lambda number, _: heard.append(number))
        for one in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield heard
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


class Bar:
    """A line that is written over on a terminal, and left out elsewhere."""

    WIDTH = 30

    def __init__(self, out: TextIO | None = None) -> None:
        self.out = out or sys.stdout
        self._drawn = False

    def draw(self, share: float, text: str) -> None:
        """Show how much of the work is done (0 to 1)."""
        if self.out.isatty():
            done = round(self.WIDTH * share)
            bar = "#" * done + "." * (self.WIDTH - done)
            self.out.write(f"\r\x1b[K[{bar}] {share:4.0%} {text}")
            self.out.flush()
            self._drawn = True

    def line(self, text: str, out: TextIO | None = None) -> None:
        """Write a line that stays."""
        if self._drawn:
            self.out.write("\r\x1b[K")
            self.out.flush()
            self._drawn = False
        print(text, file=out or self.out, flush=True)


@dataclass
class _Watch:
    store: Store
    source: Source
    since: int
    wait_s: float
    bar: Bar = field(default_factory=Bar)
    given_up: str = ""
    _at: int | None = None
    _top: int | None = None
    _news: float = 0.0
    _failed: int = 0
    _stuck: int | None = None
    _steps: int = 0
    _counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("new", "changed", "same", "rejected"), 0)
    )

    def steps(self, request: int) -> Iterator[None]:
        """Tell what happens until the request has been served or is given up; yields between two looks."""
        started = self._news = time.monotonic()
        last = max((run.id for run in _runs(self.store, self.source.id)), default=0)
        beat, beaten = None, time.monotonic()
        seen: tuple[object, ...] = ()
        while True:
            with self.store.reading() as connection:
                waiting = any(one.id == request for one in waiting_requests(connection))
                past = begun(read_cursor(connection, self.source.id))
                listed = runs(connection, EVERYTHING, self.source.id, limit=40).items
            if past is not None and past.floor == self.since and (self._at is not None or not past.is_done):
                self._top, self._at = past.top, past.until
            fresh = [run for run in sorted(listed, key=lambda run: run.id) if run.id > last]
            for run in fresh:
                if not run.outcome:
                    break
                last = run.id
                self._tell(run)
            state = (self._at, last, [_said(run) for run in fresh])
            if state != seen:
                seen, self._news = state, time.monotonic()
            if not waiting and past is not None and past.floor == self.since and not past.is_done:
                self.given_up = "somebody else took the request back"
            if not waiting or self.given_up:
                return
            self.bar.draw(self._share(), self._words(started))
            lease = holder(self.store)
            now = None if lease is None or not lease.until_ms else lease.heartbeat_ms
            if now != beat:
                beat, beaten = now, time.monotonic()
            if time.monotonic() - beaten > (ALIVE_S if beat is not None else NEVER_S):
                self.given_up = "no collector is running: start `python app.py collect`"
            elif time.monotonic() - self._news > self.wait_s:
                self.given_up = f"nothing came for {self.wait_s:g} s"
            yield

    def place(self) -> str:
        """Say where the work goes on."""
        return "at the start" if self._at is None else f"before {_day(self._at)}"

    def summary(self) -> str:
        """Return what came of everything."""
        counted = ", ".join(f"{n} {name}" for name, n in self._counts.items())
        return f"done: {self.source.id} from {_day(self.since)}: {self._steps} steps, {counted}"

    def _tell(self, run: Run) -> None:
        if run.kind != "backfill":
            if run.outcome == "failed":
                self.bar.line(
                    f"live poll failed, the past waits: {run.error}"
                    if run.error
                    else "live poll failed, the past waits"
                )
            return
        if run.outcome == "failed":
            # a step of which too much was rejected is passed all the same: only one that stays counts
            self._failed = self._failed + 1 if self._at == self._stuck else 1
            self._stuck = self._at
            self.bar.line(f"step failed ({run.error_kind}): {run.error}", sys.stderr)
            if run.error_kind == "refused":
                self.given_up = "the source refuses: asking again alone cannot help"
            elif self._failed >= GIVE_UP_AFTER and run.error_kind in ("contract", "fault"):
                self.given_up = f"the same step failed {self._failed} times"
            return
        self._failed = 0
        self._steps += 1
        for name in self._counts:
            self._counts[name] += getattr(run, name)
        back = "" if self._at is None else f"back to {_day(self._at)} ({self._share():.0%}): "
        self.bar.line(f"{back}{_said(run)}")

    def _share(self) -> float:
        if self._at is None or self._top is None or self._top <= self.since:
            return 0.0
        return (self._top - self._at) / (self._top - self.since)

    def _words(self, started: float) -> str:
        new = self._counts["new"] + self._counts["changed"]
        at = "waiting for the collector" if self._at is None else f"back to {_day(self._at)}"
        return f"{at}, {new} records, {time.monotonic() - started:.0f} s"


def _request(store: Store, source: Source, since: int, until: int | None) -> int:
    """Return the request for this span: the one that still waits, or a new one in place of any other."""
    with store.reading() as connection:
        waiting = [
            one for one in waiting_requests(connection) if one.source == source.id and one.since is not None
        ]
    same = [one.id for one in waiting if (one.since, one.until) == (since, until)]
    for one in waiting:
        if one.id not in same[:1]:
            withdraw_request(store, one.id, now_ms=_ms())
    return same[0] if same else ask_poll(store, source.id, now_ms=_ms(), since=since, until=until)


def _tell_structure(store: Store, source: str) -> None:
    with store.reading() as connection:
        change = structure_changes(connection, EVERYTHING).get(source)
    if change is not None:
        since = "" if change.changed_at is None else f" (since {_minute(change.changed_at // 1000)})"
        print(f"structure changed{since}: {change.say('en')}", flush=True)


def _runs(store: Store, source: str, kind: str = "") -> list[Run]:
    with store.reading() as connection:
        listed = runs(connection, EVERYTHING, source, limit=40).items
    return sorted((run for run in listed if not kind or run.kind == kind), key=lambda run: run.id)


def _said(run: Run) -> str:
    told = (
        f"{run.outcome or 'running'}: {run.pages} pages, {run.new} new, {run.changed} changed, "
        f"{run.same} same, {run.rejected} rejected, {run.gone} gone"
    )
    return f"{told}: {run.error}" if run.error else told


def _instant(option: str, text: str) -> int:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise QuestionError(f"{option} {text}: a day such as 2020-01-01 was expected") from None
    return int((at if at.tzinfo else at.replace(tzinfo=_LOCAL)).timestamp())


def _day(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).astimezone(_LOCAL).strftime("%Y-%m-%d")


def _minute(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).astimezone(_LOCAL).strftime("%Y-%m-%d %H:%M")


def _ms() -> int:
    return time.time_ns() // 1_000_000
