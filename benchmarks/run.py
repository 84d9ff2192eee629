"""Runs the benchmarks: all in about six minutes, or those that are named; docs/performance.md reports them."""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import collecting, daily_bytes, keeping, publishing, queries, refresh, running
from benchmarks.measured import say

NAMES = ("running", "refresh", "keeping", "collecting", "daily_bytes", "queries", "publishing")
NEEDS_STORE = ("running", "refresh", "daily_bytes")


def main() -> int:
    """Run what the command line names."""
    parser = argparse.ArgumentParser(prog="benchmarks/run.py", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)} (default: all)")
    parser.add_argument("--minutes", type=float, default=1.0, help="how long memory is watched (default 1)")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(NAMES):
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    names = asked.names or NAMES
    began = time.monotonic()
    say(
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {platform.machine()}, "
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n"
    )
    with tempfile.TemporaryDirectory(prefix="ioc-bench-") as folder:
        home = Path(folder)
        if any(name in names for name in NEEDS_STORE):
            store = running.run(home, asked.minutes if "running" in names else 0.2)
            say()
            if "refresh" in names:
                refresh.run(home)
                say()
        if "keeping" in names:
            keeping.run(home)
            say()
        if "collecting" in names:
            collecting.run(home)
            say()
        if "daily_bytes" in names:
            daily_bytes.run(store)
            say()
        if "queries" in names:
            queries.run(home)
            say()
        if "publishing" in names:
            publishing.run(home)
            say()
    say(f"{time.monotonic() - began:.0f} s in all, load {os.getloadavg()[0]:.1f} at the end")
    return 0


if __name__ == "__main__":
    sys.exit(main())
