"""A load leaves what keeping its pages one after another leaves, table by table."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.model import Event, Page, Rejected
from ioc.store import finish_run, keep_page, load, open_store, schema, start_run
from ioc.store.load import MOST_RECORDS
from tests.store.generated import STAMPS, examples, measures, names, pages
from tests.store.given import DAY, HOUR, MEASURES, MIDNIGHT, NOW, NOW_MS, count, dossier, source, value

TABLES = [
    table for table in schema.metadata.sorted_tables if table.name not in ("stamp", "case_day", "lease")
]
MINUTES = st.sampled_from((0, 1, 60_000, 3_600_000, 30 * 3_600_000))


@pytest.fixture
def stores(new_store_url):
    found = [open_store(new_store_url(), simulated=True, province="22") for _ in range(2)]
    yield found
    for store in found:
        store.close()


def keep_both(stores, of, runs, **more):
    """Keep the pages of several runs, each a list of (now_ms, page), one by one in one store and loaded in the other."""
    one_by_one, at_once = stores
    for kept in runs:
        for store in stores:
            run = start_run(store, 0, of.id, "backfill", now_ms=kept[0][0])
            if store is one_by_one:
                for now_ms, page in kept:
                    keep_page(store, 0, run, of, page, now_ms=now_ms, **more)
            else:
                load(at_once, 0, run, of, kept, **more)
            finish_run(store, 0, run, "changed", now_ms=kept[-1][0] + 1000)


def assert_equal(stores):
    """Compare every table; counts that cancelled out within a load left no row."""
    for table in TABLES:
        one, other = (held(store, table.name) for store in stores)
        assert one == other, table.name
    one, other = ({row for row in held(store, "case_day") if not row.endswith(", 0)")} for store in stores)
    assert one == other


def held(store, table):
    """Return the rows of a table in words, as the driver gives them."""
    with store.reading() as connection:
        return set(map(repr, connection.exec_driver_sql(f"SELECT * FROM {table}")))


def test_any_pages_loaded_are_the_pages_kept(stores):
    now = iter(range(NOW_MS, NOW_MS + 10**15, 10**9))

    @examples(stores[0])
    @given(data=st.data())
    def holds(data):
        name = next(names)
        kept = [Page(records) for records in data.draw(pages(name))]
        gaps = data.draw(st.lists(MINUTES, min_size=len(kept), max_size=len(kept)))
        instants = [next(now)]
        for gap in gaps:
            instants.append(instants[-1] + gap)
        parts = list(zip(instants, kept, strict=False))
        cut = data.draw(st.integers(0, len(parts)))
        runs = [part for part in (parts[:cut], parts[cut:]) if part]
        keep_both(stores, source(name), runs, measures=measures(name), stamps=STAMPS)

    holds()
    assert_equal(stores)


def test_a_hundred_thousand_records_with_their_older_versions_are_the_same(stores):
    chance = random.Random(7)
    base = MIDNIGHT - 18 * DAY
    times = [
        (st_, base + i * 300, variable)
        for i in range(4600)
        for st_ in range(10)
        for variable in ("pm25", "no2")
    ]
    values = [value(at, chance.randrange(100) / 4, f"st{n}", variable) for n, at, variable in times]
    corrected = [one._replace(value=one.value + 1) for one in values if chance.random() < 0.02]
    cases = [
        dossier(f"D{i}", MIDNIGHT - i * 40, due=MIDNIGHT + i * 10, responsible=f"so_{i % 7}")
        for i in range(3000)
    ]
    closed = [
        case._replace(state="closed", closed=case.opened + HOUR * chance.randrange(1, 90))
        for case in cases
        if chance.random() < 0.3
    ]
    events = [Event(f"e{i}", "warning", base + i * HOUR, severity="low") for i in range(200)]
    changed = [one._replace(severity="high") for one in events[::9]]
    records = [*values, *cases, *events, *corrected, *closed, *changed, values[0], cases[0]]
    kept = [
        (
            NOW_MS + n * 50_000_000,
            Page(part, [Rejected(f"row {n}", "no date")], cursor={"n": n}, kept=b"%d" % n),
        )
        for n, part in enumerate(records[start : start + 5000] for start in range(0, len(records), 5000))
    ]
    assert all(a[0] < b[0] for a, b in pairwise(kept))
    keep_both(stores, source(earliest=0, ahead_s=10**9), [kept[:-1], kept[-1:]], measures=MEASURES)
    assert_equal(stores)
    assert count(stores[1], schema.observation_past) > 1000
    assert count(stores[1], schema.case_past) > 500


def test_what_cannot_be_loaded_is_refused(stores):
    run = start_run(stores[0], 0, "one_stop", now_ms=NOW_MS)
    with pytest.raises(ValueError, match="withdraws what its runs leave out"):
        load(stores[0], 0, run, source(complete=True), [(NOW_MS, Page())])
    with pytest.raises(ValueError, match="a load holds at most"):
        load(stores[0], 0, run, source(), [(NOW_MS, Page([value(NOW, 1.0)] * (MOST_RECORDS + 1)))])
