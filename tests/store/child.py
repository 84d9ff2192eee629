"""A collector of the tests' own: writes numbered pages until they are all there, or until it is killed.

python -m tests.store.child URL OWNER before|inside: stops itself inside its first page, before or in its
transaction, and says what became of the page once it goes on.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Any

from ioc.conditions import Condition
from ioc.errors import StoreError
from ioc.model import Case, Observation, Page, Record, Source, Text
from ioc.store import Measure, Store, Touched, finish_run, keep_page, open_store, read_cursor, start_run
from ioc.store.lease import take

TTL_S = 0.1
HELD_S = 0.03
"""So long a collector that was killed keeps the next one waiting."""
START = 1_759_968_000
SOURCE = Source("numbers", Text("số", "numbers"), "rest_json", "environment", "observation", "so_tnmt")
MEASURE = Measure("opened", "dossier", "opened", Condition())
OBSERVATIONS, CASES = 20, 5


def page(number: int) -> Page:
    """Make page number n: its records are its own, and one dossier that every page changes."""
    records: list[Record] = [
        Observation("pm25", START + (number * OBSERVATIONS + i) * 60, "st1", float(i))
        for i in range(OBSERVATIONS)
    ]
    records += [Case(f"H{number}-{i}", "dossier", "open", START + number * 600) for i in range(CASES)]
    records.append(Case("counter", "dossier", "open", START, step=str(number)))
    return Page(records, cursor={"pages": number + 1}, kept=f'{{"page":{number}}}\n'.encode())


class Stopping(list[Record]):
    """Records that stop the process once, when the page is sorted, before its transaction begins."""

    stopped = False

    def __iter__(self) -> Iterator[Record]:
        if not self.stopped:
            self.stopped = True
            stop()
        return super().__iter__()


def stop() -> None:
    """Say that the page is in hand, and stop until somebody sends SIGCONT."""
    print("in hand", flush=True)
    os.kill(os.getpid(), signal.SIGSTOP)


def stop_in_transaction(touched: Touched) -> tuple[str, ...]:
    """Stop after everything of the page was written, before it is committed."""
    stop()
    return ("written",)


def hold(store: Store, owner: str) -> int:
    """Take the lease, waiting for whoever holds it; return the fence."""
    while (fence := take(store, owner, ttl_s=HELD_S)) is None:
        time.sleep(0.005)
    return fence


def write(url: str, owner: str, pages: int, tell: Connection) -> None:
    """Hold the lease and write the pages that are still missing; tell of each once it is there."""
    store = open_store(url, simulated=True, province="22")
    fence = hold(store, owner)
    with store.reading() as connection:
        next_page = read_cursor(connection, SOURCE.id).get("pages", 0)
    if next_page < pages:
        run = start_run(store, fence, SOURCE.id, now_ms=now())
        for number in range(next_page, pages):
            keep_page(store, fence, run, SOURCE, page(number), now_ms=now(), measures=[MEASURE])
            tell.send(number)
            fence = hold(store, owner)
        finish_run(store, fence, run, "changed", now_ms=now())
    store.close()
    tell.send("done")


def write_one_and_stop(store: Store, owner: str, where: str) -> None:
    """Take the lease and stop inside the first page, before or in its transaction; then say what became of it."""
    fence = take(store, owner, ttl_s=TTL_S)
    assert fence is not None
    run = start_run(store, fence, SOURCE.id, now_ms=now())
    first = page(0)
    more: dict[str, Any] = {"measures": [MEASURE]}
    if where == "before":
        first = Page(Stopping(first.records), cursor=first.cursor, kept=first.kept)
    else:
        more["marks"] = stop_in_transaction
    try:
        keep_page(store, fence, run, SOURCE, first, now_ms=now(), **more)
    except StoreError as fault:
        print(f"{type(fault).__name__}: {fault}", flush=True)
    else:
        print("landed", flush=True)


def now() -> int:
    """Return this machine's time, epoch ms."""
    return time.time_ns() // 1_000_000


if __name__ == "__main__":
    url, owner, where = sys.argv[1:]
    opened = open_store(url, simulated=True, province="22")
    opened.patience_s = 0.5
    write_one_and_stop(opened, owner, where)
