"""Keeping ready-made observations with all that follows from them, against a raw bulk upsert of the same rows."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from benchmarks.measured import figure, middle, ratio, say
from ioc.model import Observation, Page, Source, Text
from ioc.store import Store, finish_run, keep_page, open_store, start_run
from ioc.store.bulk import fill, temporary

PAGES, ROWS = 24, 5_000
START = 1_750_000_000 - 1_750_000_000 % 86_400
SOURCE = Source("network", Text("Mạng trạm", "Network"), "rest_json", "environment", "observation", "so_nnmt")

Row = tuple[int, int, int, float]
_columns = [sa.Column(name, sa.BigInteger) for name in ("series", "time", "place")]
bare = sa.Table(
    "bare",
    sa.MetaData(),
    *(
        sa.Column(name, sa.BigInteger, primary_key=True, autoincrement=False)
        for name in ("series", "time", "place")
    ),
    sa.Column("value", sa.Float),
    sqlite_with_rowid=False,
)
waiting = temporary("waiting", *_columns, sa.Column("value", sa.Float))


def run(home: Path) -> None:
    """Measure on SQLite, and on PostgreSQL where there is a server."""
    say(
        f"Keeping observations: rows/s, {PAGES} pages of {ROWS} in turn, against a bulk upsert into a bare table"
    )
    _measure("SQLite", f"sqlite:///{home}/keeping.sqlite", shape=_history)
    _measure("SQLite", f"sqlite:///{home}/network.sqlite", shape=_network)
    with postgres() as new_url:
        if new_url is None:
            say("  PostgreSQL: no server here; apt-get install postgresql-15")
            return
        _measure("PostgreSQL", new_url(), shape=_history)
        _measure("PostgreSQL", new_url(), shape=_network)


def _history(page: int) -> list[Row]:
    """One station's past: 10 variables, every five minutes, 500 instants to a page."""
    start = START + page * 500 * 300
    return [(s, start + 300 * i, 0, (s * i) % 97 / 4) for i in range(500) for s in range(10)]


def _network(page: int) -> list[Row]:
    """A network as it reports: 50 stations, 10 variables, the next ten instants of five minutes."""
    start = START + page * 10 * 300
    return [
        (s, start + 300 * i, place, (s * i + place) % 97 / 4)
        for i in range(10)
        for place in range(50)
        for s in range(10)
    ]


def _measure(name: str, url: str, *, shape: Callable[[int], list[Row]]) -> None:
    store = open_store(url, simulated=True, province="22")
    with store.engine.begin() as connection:
        bare.create(connection)
    kept, raw = [], []
    run_id = start_run(store, 0, SOURCE.id, now_ms=time.time_ns() // 1_000_000)
    for page in range(PAGES):
        rows = shape(page)
        records = [Observation(f"v{s}", at, f"st{place}", value) for s, at, place, value in rows]
        if page % 2:
            kept.append(_keep(store, run_id, records))
            raw.append(_upsert(store, rows))
        else:
            raw.append(_upsert(store, rows))
            kept.append(_keep(store, run_id, records))
    finish_run(store, 0, run_id, "changed", now_ms=time.time_ns() // 1_000_000)
    store.close()
    what = "a station's past" if shape is _history else "a network's news"
    figure(f"{name}, {what}: kept", f"{ROWS / middle(kept):,.0f} rows/s")
    figure(f"{name}, {what}: raw upsert", f"{ROWS / middle(raw):,.0f} rows/s")
    found = middle([b / a for a, b in zip(kept, raw, strict=True)])
    ratio(f"{name}, {what}: kept : raw", found, ">= 0.2", found >= 0.2)


def _keep(store: Store, run_id: int, records: Sequence[Observation]) -> float:
    began = time.perf_counter()
    keep_page(store, 0, run_id, SOURCE, Page(records), now_ms=time.time_ns() // 1_000_000)
    return time.perf_counter() - began


def _upsert(store: Store, rows: list[Row]) -> float:
    began = time.perf_counter()
    with store.engine.execution_options(ioc_writes=True).begin() as connection:
        if store.is_sqlite:
            connection.exec_driver_sql(
                "INSERT INTO bare VALUES (?, ?, ?, ?) "
                "ON CONFLICT (series, time, place) DO UPDATE SET value = excluded.value",
                rows,
            )
        else:  # the fastest way there is: COPY, then one statement over all rows
            fill(connection, waiting, rows)
            connection.exec_driver_sql(
                "INSERT INTO bare SELECT * FROM waiting "
                "ON CONFLICT (series, time, place) DO UPDATE SET value = excluded.value"
            )
    return time.perf_counter() - began


@contextmanager
def postgres() -> Iterator[Callable[[], str] | None]:
    """Run a cluster of our own as the tests do; give a function that makes a database, None without a server."""
    try:
        from tests.conftest import postgres_binaries, start_postgres, unprivileged
    except ImportError:
        yield None
        return
    binaries = postgres_binaries()
    if binaries is None:
        yield None
        return
    home = Path(tempfile.mkdtemp(prefix="ioc-bench-"))
    prefix: list[str] = []
    if user := unprivileged():
        prefix = user[0]
        shutil.chown(home, user[1], user[2])
    try:
        made = [str(binaries / "initdb"), "-D", str(home / "data"), "-U", "postgres", "--auth=trust"]
        made += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        subprocess.run([*prefix, *made], cwd=home, check=True, capture_output=True)
        server = start_postgres(binaries, home, prefix)
        try:
            yield server.create
        finally:
            server.process.send_signal(2)
            server.process.wait(20)
    finally:
        shutil.rmtree(home, ignore_errors=True)
