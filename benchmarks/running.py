"""The whole product on the sandbox from an empty store: how soon it stands, and what memory it then holds."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

from benchmarks import measured
from benchmarks.measured import cpu_s, figure, pss_mb, ratio, running, say, tree

START_WITHIN_S, LIMIT_MB = 10.0, 350.0


def run(home: Path, minutes: float) -> Path:
    """Start everything, watch it for some minutes; return the store that it filled."""
    env = measured.environment(home)
    store = home / "store.sqlite"
    say("Start-up: python app.py on an empty store and the sandbox province")
    began = time.monotonic()
    with running(["app.py"], env, home / "app.log") as app:
        times = _start(app.pid, int(env["PORT"]), store, began)
        figure("load of the machine, last minute", f"{os.getloadavg()[0]:.1f}")
        for name, at in times.items():
            figure(name, f"{at:.1f} s")
        last = max(times.values())
        ratio("all of it, seconds", last, f"<= {START_WITHIN_S:g}", last <= START_WITHIN_S)
        figure("CPU of collect and serve by then", f"{_cpu(app.pid):.1f} s")
        say(
            f"\nMemory: PSS of collect and serve, watched for {minutes:g} minutes while the history is fetched"
        )
        _watch(app.pid, store, minutes)
    return store


def _start(pid: int, port: int, store: Path, began: float) -> dict[str, float]:
    wall, _ = measured.wait_for(port, "/wall/", 120)
    board, _ = measured.wait_for(port, "/screen/overview", 120)
    while (left := _unpolled(store)) and time.monotonic() - began < 120:
        time.sleep(0.1)
    if left:
        say(f"  {left} sources were not polled within 120 s")
    return {
        "first answer of /wall": wall - began,
        "first published overview": board - began,
        "every source polled once": time.monotonic() - began,
    }


def _unpolled(store: Path) -> int:
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as connection:
        (names,) = connection.execute("SELECT count(*) FROM definition WHERE kind = 'source'").fetchone()
        ended = "SELECT count(DISTINCT source_id) FROM run WHERE kind = 'poll' AND finished IS NOT NULL"
        return int(names - connection.execute(ended).fetchone()[0]) if names else 1


def _parts(pid: int) -> dict[str, int]:
    """Return the process of each part: its name on the command line -> pid."""
    found: dict[str, int] = {}
    for child in tree(pid)[1:]:
        words = Path(f"/proc/{child}/cmdline").read_text().split("\0")
        if len(words) > 2 and words[1].endswith("app.py") and words[2] in ("collect", "serve"):
            found.setdefault(words[2], child)
    return found


def _cpu(pid: int) -> float:
    return sum(map(cpu_s, _parts(pid).values()))


def _watch(pid: int, store: Path, minutes: float) -> None:
    until, most, told = time.monotonic() + 60 * minutes, 0.0, 0.0
    began = time.monotonic()
    while time.monotonic() < until:
        time.sleep(min(5.0, 60 * minutes))
        parts = {name: pss_mb(child) for name, child in _parts(pid).items()}
        most = max(most, sum(parts.values()))
        if time.monotonic() - told > 300:
            told = time.monotonic()
            say(f"  after {(told - began) / 60:5.1f} min: " + _told(parts, store))
    say("  at the end:      " + _told(parts, store))
    ratio(
        "collect + serve at the end, MB",
        sum(parts.values()),
        f"< {LIMIT_MB:g}",
        sum(parts.values()) < LIMIT_MB,
    )
    figure("the most they held together", f"{most:.0f} MB")


def _told(parts: dict[str, float], store: Path) -> str:
    size = sum(file.stat().st_size for file in store.parent.glob(store.name + "*")) / 2**20
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as connection:
        cases, observations, oldest = connection.execute(
            "SELECT (SELECT count(*) FROM case_record), (SELECT count(*) FROM observation),"
            " (SELECT min(opened) FROM case_record)"
        ).fetchone()
    days = (time.time() - oldest) / 86_400 if oldest else 0
    held = ", ".join(f"{name} {mb:.0f} MB" for name, mb in parts.items())
    return (
        f"{held}; {cases:,} cases back to {days:.0f} days, {observations:,} observations, store {size:.0f} MB"
    )
