"""Every declared indicator asked of a province of any size, now and as of an earlier moment, on both databases.

`python -m benchmarks.queries --observations 100000000 --cases 3000000` is the large form: --home keeps its SQLite
store, so that a load that was cut off goes on; --postgres names a database of one's own for the same.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import quantiles

from benchmarks import publishing
from benchmarks.keeping import postgres
from benchmarks.measured import figure, ratio, say
from benchmarks.province import NOW, Province, declare, fill
from ioc.calendar import DAY_S
from ioc.errors import QuestionError
from ioc.indicators.question import Question
from ioc.store import Store, open_store

SMALL = (1_000_000, 30_000)
THEN_MS = (NOW - 10 * DAY_S) * 1000
COLD, WARM = "cold", "warm"
PLAIN, ANY = "rollups answer", "any filters, or as_of"
AIMS_MS = {PLAIN: 50.0, ANY: 500.0}


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: which indicator, under which name of a filter, and whether the rollups answer it."""

    indicator: str
    filters: str
    question: Question
    kind: str


def run(
    home: Path, sizes: Sequence[tuple[int, int]] = (SMALL,), postgres_url: str = "", every: int = 1
) -> None:
    """Measure each size on SQLite and on PostgreSQL; of larger ones print the ratio to the smallest.

    every: ask one question of so many, the same ones of each size.
    """
    first: dict[str, dict[str, float]] = {}
    for observations, cases in sizes:
        url = f"sqlite:///{home}/province-{observations}-{cases}.sqlite"
        _measure("SQLite", url, observations, cases, first, every)
    with postgres() as new_url:
        if new_url is None:
            say("  PostgreSQL: no server here; apt-get install postgresql-15")
            return
        for observations, cases in sizes:
            given = postgres_url if (observations, cases) == sizes[-1] else ""
            _measure("PostgreSQL", given or new_url(), observations, cases, first, every)


def _measure(
    name: str, url: str, observations: int, cases: int, first: dict[str, dict[str, float]], every: int
) -> None:
    store = open_store(url, simulated=True, province="22")
    province = declare(store, observations, cases)
    began = time.monotonic()
    fill(store, province)
    loaded = time.monotonic() - began
    rows = _rows(store)
    say(
        f"{name}: {rows['observation']:,} observations ({rows['observation_past']:,} older versions), "
        f"{rows['case_record']:,} cases ({rows['case_past']:,}), loaded in {loaded:.0f} s"
    )
    if not store.is_sqlite:
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    store.engine.dispose()
    took: dict[str, dict[str, list[float]]] = {kind: {COLD: [], WARM: []} for kind in AIMS_MS}
    slow: list[tuple[float, str]] = []
    questions = list(_questions(province))[::every]
    for asked in questions:
        for state in (COLD, WARM):
            ms = _ask(province, asked)
            took[asked.kind][state].append(ms)
        slow.append((ms, f"{asked.indicator} {asked.filters}"))
    told: dict[str, float] = {}
    for kind, aim in AIMS_MS.items():
        for state in (COLD, WARM):
            p50, p95 = _percentiles(took[kind][state])
            figure(f"{name}, {kind}, {state}: p50, p95", f"{p50:.1f}, {p95:.1f} ms")
            told[f"{kind} {state} p50"], told[f"{kind} {state} p95"] = p50, p95
        p95 = told[f"{kind} {WARM} p95"]
        ratio(f"{name}, {kind}: p95 in ms", p95, f"< {aim:g}", p95 < aim)
    for ms, what in sorted(slow, reverse=True)[:8]:
        figure(f"  slow: {what}", f"{ms:.0f} ms")
    took_ms = [_explain(province, asked) for asked in questions if asked.filters == "province"]
    worst, id = max(took_ms)
    p50, p95 = _percentiles([ms for ms, _ in took_ms])
    figure(f"{name}, explain: p50, p95", f"{p50:.0f}, {p95:.0f} ms")
    ratio(f"{name}, explain: slowest in ms ({id})", worst, "< 300", worst < 300)
    for table, size in _bytes(store):
        figure(f"  {table}", f"{size / 1e6:,.1f} MB")
    if name in first:
        for key, before in first[name].items():
            if key.endswith(f"{WARM} p50"):
                times = told[key] / before
                ratio(f"{name}, {key} : that of the smallest form", times, "< 1.5", times < 1.5)
    first.setdefault(name, told)
    store.close()
    say(f"{name}: from a changed page to its published boards")
    publishing.over(url, NOW)


def _questions(province: Province) -> Iterator[Asked]:
    area, agency = province.communes[3], province.agencies[0]
    for definition in province.definitions.values():
        narrow = {"province": Question(), "area": Question(area=area)}
        if definition.shape == "case":
            narrow["channel"] = Question(channel="online")
            narrow["area, channel"] = Question(area=area, channel="online")
            narrow["agency, category"] = Question(agency=agency, category="c7")
        for filters, question in narrow.items():
            several = "," in filters
            yield Asked(definition.id, filters, question, ANY if several or definition.stock else PLAIN)
            if not several:
                yield Asked(definition.id, f"{filters}, as_of", replace(question, as_of=THEN_MS), ANY)


def _ask(province: Province, asked: Asked) -> float:
    began = time.perf_counter()
    with suppress(QuestionError):
        province.engine.read(asked.indicator, asked.question, NOW)
    return (time.perf_counter() - began) * 1000


def _explain(province: Province, asked: Asked) -> tuple[float, str]:
    began = time.perf_counter()
    with suppress(QuestionError):
        province.engine.explain(asked.indicator, asked.question, NOW)
    return (time.perf_counter() - began) * 1000, asked.indicator


def _percentiles(values: Sequence[float]) -> tuple[float, float]:
    parts = quantiles(values, n=20)
    return parts[9], parts[18]


def _rows(store: Store) -> dict[str, int]:
    tables = ("observation", "observation_past", "case_record", "case_past")
    with store.reading() as connection:
        return {
            name: connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one() for name in tables
        }


def _bytes(store: Store) -> list[tuple[str, int]]:
    """Return the tables with their indexes in bytes, the largest first."""
    if store.is_sqlite:
        query = "SELECT m.tbl_name, sum(s.pgsize) FROM dbstat s JOIN sqlite_master m ON m.name = s.name GROUP BY 1"
    else:
        query = (
            "SELECT relname, pg_total_relation_size(oid) FROM pg_class "
            "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
    with store.reading() as connection:
        found = [(name, int(size)) for name, size in connection.exec_driver_sql(query)]
    return sorted((one for one in found if one[1] > 1_000_000), key=lambda one: -one[1])


def main() -> int:
    """Run the size that the command line names, beside the small one."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.queries", description=__doc__)
    parser.add_argument("--observations", type=int, default=SMALL[0])
    parser.add_argument("--cases", type=int, default=SMALL[1])
    parser.add_argument("--home", type=Path, help="a folder that keeps the stores; default: a temporary one")
    parser.add_argument(
        "--postgres", default="", help="URL of an empty database, or of one of an earlier run"
    )
    parser.add_argument("--every", type=int, default=1, help="ask one question of so many (default: all)")
    asked = parser.parse_args()
    size = (asked.observations, asked.cases)
    sizes = (SMALL,) if size == SMALL else (SMALL, size)
    say(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(prefix="ioc-queries-") as folder:
        home = asked.home or Path(folder)
        home.mkdir(parents=True, exist_ok=True)
        run(home, sizes, asked.postgres, asked.every)
    say(f"load {os.getloadavg()[0]:.1f} at the end")
    return 0


if __name__ == "__main__":
    sys.exit(main())
