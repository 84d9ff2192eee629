"""What a day of 60 sources weighs, table by table: bytes per row measured in a store, times declared rates."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from benchmarks.measured import say

SOURCES, CASE_SOURCES = 60, 20
POLLS = SOURCES * 24 * 60
"""A poll a minute each."""
CASES = 15_000
"""New cases a day in all kinds together: a province of Quảng Ninh's size writes 1,500 to 3,000 in five."""
VERSIONS = 5 * CASES
"""A case changes four times on its way; each version moves the one before it to the past."""
VALUES = (SOURCES - CASE_SOURCES) * 10 * 6 * 288
"""40 sources of 10 stations with 6 variables every five minutes."""
CORRECTED = VALUES // 200

RATES: dict[str, tuple[int, str]] = {
    "observation": (VALUES, "40 sources × 10 stations × 6 variables, every 5 minutes"),
    "observation_past": (CORRECTED, "one value of 200 is corrected later"),
    "rollup_hour": (VALUES // 12, "an hour of each series and place"),
    "rollup_day": (VALUES // 288, "a day of each series and place"),
    "case_record": (CASES, "20 sources, 750 new cases a day each"),
    "case_past": (VERSIONS - CASES, "four changes of each case"),
    "case_day": (VERSIONS * 6, "counts of cases: about six differences a version remain after summing"),
    "run": (POLLS, "60 sources, a poll a minute"),
    "run_payload": (POLLS // 4, "one poll of four brings something"),
    "payload": (VALUES + VERSIONS, "bytes per record that was received; expires after keep_days"),
    "reading_past": (60 * 288, "60 tiles that change every 5 minutes"),
}

LIKE = {"observation_past": "observation", "case_past": "case_record"}
"""A past version weighs as its current one where a young store has too few of them to measure."""


def run(store: Path) -> None:
    """Print the table over a store that holds real rows of every kind."""
    say(
        f"A day of {SOURCES} sources (SQLite, bytes per row with its indexes, measured in a store of the sandbox)"
    )
    say(f"  {'table':<18}{'rows/day':>12}{'bytes/row':>11}{'MB/day':>9}  why so many rows")
    total = 0.0
    for table, (rows, why) in RATES.items():
        each = bytes_per_row(store, table)
        if each is None and table in LIKE:
            each, why = bytes_per_row(store, LIKE[table]), f"{why} (weighed as {LIKE[table]})"
        total += rows * (each or 0) / 1e6
        say(f"  {table:<18}{rows:>12,}{each or 0:>11.0f}{rows * (each or 0) / 1e6:>9.1f}  {why}")
    say(f"  {'together':<18}{'':>12}{'':>11}{total:>9.0f}")


def bytes_per_row(store: Path, table: str) -> float | None:
    """Return the bytes of a table's and its indexes' pages per row; None where it holds fewer than 20 rows.

    Of payload: per record received, since a page holds as many as came at once.
    """
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as connection:
        (rows,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        if rows < 20:
            return None
        names = connection.execute("SELECT name FROM sqlite_master WHERE tbl_name = ?", (table,)).fetchall()
        pages = connection.execute(
            f"SELECT sum(pgsize) FROM dbstat WHERE name IN ({', '.join('?' * len(names))})",
            [name for (name,) in names],
        ).fetchone()[0]
        if table == "payload":
            (rows,) = connection.execute("SELECT sum(new + changed + same) FROM run").fetchone()
        return float(pages) / rows
