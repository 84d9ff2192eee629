"""What the rows of a file have said so far, so that the first about something stands; on disk once there are many."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from ioc.model import Observation, Record

MEMORY_KB = 16_000


class SaidOnce:
    """Remembers, of every record, what it spoke of and said, as two hashes and the row of it."""

    def __init__(self) -> None:
        # a nameless database lives in memory and overflows into a file of its own that goes with it
        self.known = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self.known.execute("PRAGMA journal_mode = OFF")
        self.known.execute(f"PRAGMA cache_size = -{MEMORY_KB}")
        self.known.execute("CREATE TABLE said (about INTEGER PRIMARY KEY, row INTEGER, words INTEGER)")
        self.known.execute("BEGIN")

    def first(self, record: Record, row: int) -> tuple[int, bool] | None:
        """Return None where nobody spoke of this before, else the row that did and whether it said the same."""
        mine = (hash(_about(record)), row, hash(_said(record)))
        if self.known.execute("INSERT OR IGNORE INTO said VALUES (?, ?, ?)", mine).rowcount:
            return None
        found = self.known.execute("SELECT row, words FROM said WHERE about = ?", mine[:1]).fetchone()
        return found[0], found[1] == mine[2]

    def close(self) -> None:
        """Forget everything."""
        self.known.close()


def _about(record: Record) -> tuple[Any, ...]:
    return record._replace(value=None, flag="") if isinstance(record, Observation) else (record.key,)


def _said(record: Record) -> tuple[Any, ...]:
    if isinstance(record, Observation):
        return (record.value, record.flag)
    return (*(part for part in record if not isinstance(part, Mapping)), *sorted(record.facts.items()))
