"""Station files of TT 10/2021 and the files that departments drop, written into folders as time goes on.

Per station: a file each five minutes for this hour and the last, one per hour back to yesterday, one per day
(a line each full hour) for what is older. A file's date is when it would have arrived, not when we wrote it.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ioc.calendar import DAY_S, HOUR_S, day_start, local_day
from sandbox.chance import share
from sandbox.drops import DROPS
from sandbox.faults import KINDS
from sandbox.nature import STEP_S, is_lost, lines
from sandbox.world import World
from sandbox.written import compact

HISTORY_DAYS = 395
PAST_AFTER_S = 20


class Feed(NamedTuple):
    """Where the stations of one kind put their files."""

    source: str
    kind: str
    folder: str


FEEDS = (
    Feed("air_stations", "air_station", "air"),
    Feed("wastewater_stations", "wastewater", "ftp/wastewater"),
    Feed("stack_stations", "stack", "sftp/stacks"),
)
SHUT = ("hang", "500", "429", "refused", "expired_token", "drip")
"""Faults that make a folder unreachable: the directory is gone, the servers refuse or stall."""


class File(NamedTuple):
    """One file of a station: its name, when it arrives, and the instants it holds."""

    name: str
    arrives: int
    instants: tuple[int, ...]


class Files:
    """Keeps the folders of all feeds as they should be at the world's present instant."""

    def __init__(
        self, world: World, folder: Path, history_days: int = HISTORY_DAYS, past_after_s: int = PAST_AFTER_S
    ) -> None:
        self.world, self.folder, self.history_days = world, folder, history_days
        self.past_after_s = past_after_s
        self._stopping = threading.Event()
        self._was: dict[str, str] = {}
        self._tick = -1

    def start(self) -> threading.Thread:
        """Write what is recent, then go on in the background."""
        for path in ("ftp", "sftp", *(drop.folder for drop in DROPS)):
            (self.folder / path).mkdir(parents=True, exist_ok=True)
        self._recent(days=0)
        thread = threading.Thread(target=self._run, name="sandbox-files", daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        """Stop writing."""
        self._stopping.set()
        with self.world.faults.changed:
            self.world.faults.changed.notify_all()

    def _run(self) -> None:
        self._drop()
        self._recent(days=1)
        # the past waits until whoever starts with us has asked everybody once
        for _ in range(self.past_after_s):
            if self._stopping.wait(1):
                return
            self._keep_up()
        today = local_day(self.world.now())
        for day in range(today - 2, today - self.history_days, -1):
            for feed in FEEDS:
                self._day(feed, day)
            self._keep_up()
            if self._stopping.wait(0.05):  # whoever asks meanwhile goes first
                return
        while not self._stopping.is_set():
            self._keep_up()
            with self.world.faults.changed:
                self.world.faults.changed.wait(1.0)

    def _keep_up(self) -> None:
        """Bring the recent days up to date every ten seconds, and at once where a fault began or ended."""
        tick = int(self.world.now()) // 10
        if self._faults_changed() or tick != self._tick:
            self._tick = tick
            self._recent(days=2)
            self._drop()

    def refresh(self) -> None:
        """Bring the recent days up to date at once."""
        self._faults_changed()
        self._recent(days=2)
        self._drop()

    def _faults_changed(self) -> bool:
        """Follow faults of the feeds; what the former one spoiled is written anew."""
        changed = False
        for feed in FEEDS:
            fault = self.world.faults.of(feed.source)
            if fault == self._was.get(feed.source, ""):
                continue
            self._was[feed.source] = fault
            changed = True
            home, away = self.folder / feed.folder, self.folder / f"{feed.folder}.gone"
            if feed.folder == "air" and fault in SHUT and home.exists():
                home.rename(away)
            elif away.exists():
                shutil.rmtree(home, ignore_errors=True)
                away.rename(home)
        return changed

    def _recent(self, days: int) -> None:
        today = local_day(self.world.now())
        for feed in FEEDS:
            if feed.folder == "air" and self.world.faults.of(feed.source) in SHUT:
                continue
            for back in range(days + 1):
                self._day(feed, today - back)

    def _day(self, feed: Feed, day: int) -> None:
        """Make one day's folder hold exactly the files that it should hold now."""
        now, fault = int(self.world.now()), self.world.faults.of(feed.source)
        folder = self.folder / feed.folder / _dated(day)
        wanted: set[str] = set()
        for index, site in enumerate(self.world.setting.of_kind(feed.kind)):
            files = [file for file in _files(site.codes[0], day, now) if file.arrives <= now]
            for file in files:
                newest = file is files[-1] and local_day(now) == day
                wanted |= self._file(feed, folder, index, file, fault if newest and fault not in SHUT else "")
            if fault == "vanished_record" and len(files) > 1:
                wanted.discard(files[-2].name)
        if folder.is_dir():
            for path in folder.iterdir():
                if path.name not in wanted:
                    path.unlink(missing_ok=True)

    def _file(self, feed: Feed, folder: Path, index: int, file: File, fault: str) -> set[str]:
        """Write one file unless it stands there already; return the names that belong to it."""
        path = folder / file.name
        copy = path.with_name(f"{file.name[:-5]}1.txt") if fault == "duplicate" else None
        names = {file.name} | ({copy.name} if copy else set())
        at = _marked(file.arrives, fault)
        if _date(path) == at:
            return names
        content = self._content(feed, index, file, fault)
        if not content:
            return set()
        self._write(path, content, at)
        if copy:
            self._write(copy, content, at)
        return names

    def _content(self, feed: Feed, index: int, file: File, fault: str) -> bytes:
        setting, rows = self.world.setting, []
        for at in file.instants:
            if is_lost(setting, feed.kind, index, at):
                continue
            shown = at + 3 * HOUR_S if fault == "clock_skew" else at
            for line in lines(setting, feed.kind, index, at):
                value = line.value if fault != "late_correction" or line.value is None else line.value * 1.2
                text = "" if value is None else f"{value:g}"
                rows.append(_row(line.parameter, text, line.unit, compact(shown), line.status, fault))
        if not rows:
            return b""
        if fault == "html":
            return b"<html><body>Service unavailable</body></html>\r\n"
        content = "\r\n".join(rows).encode() + b"\r\n"
        return content[: len(content) // 2].rstrip()[:-1] if fault == "truncated" else content

    def _write(self, path: Path, content: bytes, at: int) -> None:
        """Write under another name first, so that nobody reads half a file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        part.write_bytes(content)
        os.utime(part, (at, at))
        part.replace(path)

    def _drop(self) -> None:
        """Make every folder of dropped files hold what it should hold now."""
        now = int(self.world.now())
        for drop in DROPS:
            fault = self.world.faults.of(drop.source)
            folder, names = self.folder / drop.folder, set()
            for file in drop.files(self.world, now):
                spoils = fault if file.newest else ""
                names.add(file.name)
                if _date(folder / file.name) != _marked(file.arrives, spoils):
                    self._write(folder / file.name, file.content(spoils), _marked(file.arrives, spoils))
            for path in folder.glob(drop.pattern):
                if path.name not in names:
                    path.unlink(missing_ok=True)


def _files(code: str, day: int, now: int) -> Iterator[File]:
    """Yield the files of a station's day in the order of their arrival, also those still to come."""
    start, age = day_start(day), local_day(now) - day
    if age > 1:
        hours = tuple(range(start, start + DAY_S, HOUR_S))
        yield File(f"{code}_{compact(start + DAY_S - 1)}.txt", start + DAY_S + HOUR_S, hours)
        return
    current = now - now % HOUR_S
    for hour in range(start, start + DAY_S, HOUR_S):
        ticks = tuple(range(hour, hour + HOUR_S, STEP_S))
        if hour < current - HOUR_S:
            yield File(f"{code}_{compact(hour + HOUR_S - 1)}.txt", hour + HOUR_S + 40, ticks)
        else:
            for tick in ticks:
                delay = 15 + int(30 * share(tick, len(code), int(code[-2:])))
                yield File(f"{code}_{compact(tick)}.txt", tick + delay, (tick,))


def _marked(at: int, fault: str) -> int:
    """Return a file's date: some seconds late under a fault, which tells what it wrote from what is right."""
    return at + (1 + KINDS.index(fault) if fault else 0)


def _date(path: Path) -> int | None:
    try:
        return int(path.stat().st_mtime)
    except FileNotFoundError:
        return None


def _row(symbol: str, value: str, unit: str, at: str, status: str, fault: str) -> str:
    if fault == "wrong_type":
        value = "không đo"
    columns = (symbol, value, unit, at, status)
    return "\t".join(columns[::-1] if fault == "changed_schema" else columns)


def _dated(day: int) -> Path:
    text = compact(day_start(day))
    return Path(text[:4], text[4:6], text[6:8])
