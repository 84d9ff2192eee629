"""The lease: one writes at a time, and who lost it cannot write any more."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ioc.errors import FencedError
from ioc.store import Store, read_cursor, schema
from ioc.store.lease import holder, release, renew, take
from tests.conftest import ROOT
from tests.store import child
from tests.store.given import count, keep, opened


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with opened(store_url) as found:
        yield found


def test_a_lease_is_anothers_only_after_it_lapsed_or_was_given_back(store):
    first = take(store, "a")
    assert first is not None
    assert take(store, "b") is None
    assert take(store, "a") == first
    release(store, "a", first)
    second = take(store, "b", ttl_s=0.0)
    assert second == first + 1
    assert take(store, "c") == second + 1


def test_only_the_holder_renews_and_each_heartbeat_is_told(store):
    assert holder(store) is None
    fence = take(store, "a", ttl_s=0.0)
    before = holder(store)
    time.sleep(0.005)
    assert renew(store, "a", fence)
    after = holder(store)
    assert (after.owner, after.fence) == ("a", fence)
    assert after.heartbeat_ms > before.heartbeat_ms
    assert not renew(store, "b", fence)
    assert not renew(store, "a", fence + 1)


def test_a_former_holder_that_takes_its_lapsed_lease_again_writes_under_a_new_fence(store):
    old = take(store, "a", ttl_s=0.0)
    assert take(store, "a") == old + 1
    with pytest.raises(FencedError), store.writing(old):
        pass


@pytest.fixture
def start(store_url: str) -> Iterator[object]:
    started: list[subprocess.Popen[str]] = []

    def begin(owner: str, what: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.store.child", store_url, owner, what]
        started.append(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def wait_until_stopped(process: subprocess.Popen[str]) -> None:
    for _ in range(1000):
        if "\nState:\tT" in Path(f"/proc/{process.pid}/status").read_text():
            return
        time.sleep(0.01)
    raise AssertionError("it did not stop")


@pytest.mark.parametrize("where", ["before", "inside"])
def test_the_page_of_a_holder_that_was_stopped_does_not_land_after_a_takeover(
    store, store_kind, start, where
):
    if (store_kind, where) == ("sqlite", "inside"):
        where = (
            "before"  # who stops inside SQLite's transaction blocks the takeover itself: see the next test
        )
    stopped = start("stopped", where)
    assert stopped.stdout.readline() == "in hand\n"
    wait_until_stopped(stopped)
    until = time.monotonic() + 20
    while (fence := take(store, "successor")) is None:
        assert time.monotonic() < until
        time.sleep(0.02)
    with store.reading() as connection:
        assert read_cursor(connection, child.SOURCE.id) == {}
    os.kill(stopped.pid, signal.SIGCONT)
    said = stopped.communicate(timeout=30)[0]
    assert "landed" not in said
    assert "FencedError" in said if where == "before" else "StoreError" in said
    for table in (schema.observation, schema.case_record, schema.payload, schema.cursor, schema.mark):
        assert count(store, table) == 0, table.name
    with store.writing(fence):
        pass


def test_a_holder_stopped_inside_sqlites_transaction_blocks_writers_not_readers(store, store_kind, start):
    if store_kind == "postgresql":
        with store.writing(0):
            return  # PostgreSQL takes the clock from it, as the test before shows
    stopped = start("stopped", "inside")
    assert stopped.stdout.readline() == "in hand\n"
    wait_until_stopped(stopped)
    assert count(store, schema.observation) == 0
    assert holder(store).owner == "stopped"
    os.kill(stopped.pid, signal.SIGCONT)
    assert "landed" in stopped.communicate(timeout=30)[0]
    assert count(store, schema.observation) == child.OBSERVATIONS


def test_two_stores_of_one_process_write_in_turns(store, store_url):
    with opened(store_url) as other:
        for n in range(3):
            for one in (store, other):
                keep(one, child.SOURCE, child.page(n).records, measures=[child.MEASURE])
    assert count(store, schema.observation) == 3 * child.OBSERVATIONS
