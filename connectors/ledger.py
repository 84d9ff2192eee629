"""Which files of a folder have landed, remembered in a cursor whose size depends on days, not on files.

Per folder: the files changed last are remembered one by one; the older ones as one sum per day of change.
A day whose sum differs from what the server lists now is read again: a late, replaced or deleted file is noticed
even where its date was put back. Reading a file twice is harmless, missing one is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any

from connectors.folders import Entry

RECENT = 7_200
MOST = 500
DAY = 86_400
MODULUS = 1 << 64


class Ledger:
    """What has landed, folder by folder; reads and writes the JSON of a cursor."""

    def __init__(self, cursor: Mapping[str, Any], now: int) -> None:
        self._before: Mapping[str, Any] = cursor.get("folders", {})
        self._now = now
        self._listed: dict[str, list[Entry]] = {}
        self._landed: dict[str, dict[str, Entry]] = {}
        self._compacted: dict[str, dict[str, Any]] = {}

    def missing(self, folder: str, listed: list[Entry]) -> list[Entry]:
        """Return the files of a listing that have not landed as they are now."""
        known = self._before.get(folder, {"line": 0, "days": {}, "files": {}, "missing": []})
        line, never = known["line"], set(known["missing"])
        sums = _sums(entry for entry in listed if entry.mtime <= line and entry.name not in never)
        landed = {}
        for entry in listed:
            if entry.mtime > line:
                was_read = known["files"].get(entry.name) == [entry.size, entry.mtime]
            else:
                day = str(entry.mtime // DAY)
                was_read = entry.name not in never and known["days"].get(day) == f"{sums[day]:x}"
            if was_read:
                landed[entry.name] = entry
        self._listed[folder], self._landed[folder] = listed, landed
        return [entry for entry in listed if entry.name not in landed]

    def land(self, folder: str, entry: Entry) -> None:
        """Note that every line of a file is in the pages yielded so far and in the next one."""
        self._landed[folder][entry.name] = entry
        self._compacted.pop(folder, None)

    def cursor(self) -> dict[str, Any]:
        """Return the cursor; folders that were not listed this time are forgotten."""
        for folder, listed in self._listed.items():
            if folder not in self._compacted:
                self._compacted[folder] = self._compact(listed, self._landed[folder])
        return {"folders": dict(self._compacted)}

    def _compact(self, listed: list[Entry], landed: dict[str, Entry]) -> dict[str, Any]:
        newest = max((entry.mtime for entry in landed.values()), default=0)
        # a date in the future must not make every file an old one
        line = min(newest, self._now) - RECENT
        if len(landed) > MOST:
            line = max(line, sorted(entry.mtime for entry in landed.values())[-MOST])
        old = _sums(entry for entry in landed.values() if entry.mtime <= line)
        return {
            "line": line,
            "days": {day: f"{total:x}" for day, total in sorted(old.items())},
            "files": {
                name: [entry.size, entry.mtime]
                for name, entry in sorted(landed.items())
                if entry.mtime > line
            },
            "missing": sorted(
                entry.name for entry in listed if entry.mtime <= line and entry.name not in landed
            ),
        }


def _sums(entries: Iterable[Entry]) -> dict[str, int]:
    """Add up one number per file, day by day; the order of files does not matter."""
    sums: dict[str, int] = {}
    for name, size, mtime in entries:
        digest = blake2b(f"{name}\0{size}\0{mtime}".encode(), digest_size=8).digest()
        day = str(mtime // DAY)
        sums[day] = (sums.get(day, 0) + int.from_bytes(digest)) % MODULUS
    return sums
