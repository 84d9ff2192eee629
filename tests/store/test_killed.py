"""Killing the collector at random moments: every record once, no half page, and the next one goes on."""

from __future__ import annotations

import multiprocessing
import random
import time
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess

import sqlalchemy as sa

from ioc.store import Store, rebuild_measures, schema
from tests.store import child
from tests.store.given import opened, rows

KILLS, PAGES = 50, 600
"""More pages than collectors that are killed write on any machine: one that wrote the last would end by itself."""
servers = multiprocessing.get_context("forkserver")
servers.set_forkserver_preload(["tests.store.child"])


def start(url: str, number: int) -> tuple[ForkServerProcess, Connection]:
    """Start a collector, forked from a process that has imported it already; it tells of every page."""
    hear, tell = servers.Pipe(duplex=False)
    process = servers.Process(target=child.write, args=(url, f"collector {number}", PAGES, tell))
    process.start()
    tell.close()
    return process, hear


def pages_that_are_there(store: Store) -> int:
    """Check that there is no half page; return how many whole ones there are."""
    o, c, cursor = schema.observation.c, schema.case_record.c, schema.cursor.c
    with store.reading() as connection:
        times = connection.execute(sa.select(o.time).order_by(o.time)).scalars().all()
        keys = set(connection.execute(sa.select(c.key)).scalars())
        at = connection.execute(sa.select(cursor.body)).scalar_one_or_none() or {"pages": 0}
        counted = connection.execute(
            sa.select(sa.func.sum(schema.case_day.c.n)).where(schema.case_day.c.dim == "")
        ).scalar()
        hours = connection.execute(sa.select(sa.func.sum(schema.rollup_hour.c.n))).scalar()
        past = connection.execute(sa.select(sa.func.count()).select_from(schema.case_past)).scalar_one()
        told = connection.execute(sa.select(sa.func.sum(schema.run.c.new))).scalar() or 0
        kept = connection.execute(sa.select(sa.func.count()).select_from(schema.payload)).scalar_one()
    whole = at["pages"]
    assert times == [child.START + i * 60 for i in range(whole * child.OBSERVATIONS)]
    expected = {f"H{page}-{i}" for page in range(whole) for i in range(child.CASES)}
    assert keys == (expected | {"counter"} if whole else set())
    assert (counted or 0, hours or 0) == (len(keys), len(times))
    assert (past, told, kept) == (max(whole - 1, 0), len(keys) + len(times), whole)
    return whole


def test_a_collector_that_is_killed_fifty_times_keeps_every_record_once(store_url):
    chance = random.Random(20_251_009)
    with opened(store_url) as store:
        reached = []
        for number in range(KILLS):
            process, hear = start(store_url, number)
            # most are killed while they write; some while they start or wait for the lease
            if number % 5:
                for _ in range(chance.randint(1, 7)):
                    hear.recv()
                time.sleep(chance.uniform(0, 0.005))
            else:
                time.sleep(chance.uniform(0, 0.1))
            process.kill()
            process.join()
            hear.close()
            reached.append(pages_that_are_there(store))
        assert reached == sorted(reached)
        assert len(set(reached)) > 10
        last, hear = start(store_url, KILLS)
        while hear.recv() != "done":
            pass
        last.join()
        hear.close()
        assert pages_that_are_there(store) == PAGES
        before = rows(store, schema.case_day, "n")
        with store.writing(store_fence(store)) as commit:
            rebuild_measures(commit, [child.MEASURE])
        assert rows(store, schema.case_day, "n") == before


def store_fence(store: Store) -> int:
    with store.reading() as connection:
        return connection.execute(sa.select(schema.clock.c.fence)).scalar_one()
