"""What must hold whatever comes: of rollups, of daily counts, of any order of pages, and of the past."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from ioc.store import Store, open_store, reader, rebuild_measures, schema
from ioc.store.rollups import INVALID
from tests.store.generated import (
    END,
    NUMBERS,
    START,
    answers,
    cases,
    examples,
    keep_all,
    measures,
    names,
    observations,
    pages,
)
from tests.store.given import ALL, DAY, HOUR, MIDNIGHT, value

MINUTES = st.sampled_from((60_000, 3_600_000, 7 * 3_600_000, 30 * 3_600_000))


@pytest.fixture
def stores(new_store_url):
    found = [open_store(new_store_url(), simulated=True, province="22") for _ in range(2)]
    yield found
    for store in found:
        store.close()


def test_as_of_answers_like_a_store_that_never_saw_the_later_records(stores):
    everything, until_then = stores

    @examples(everything)
    @given(data=st.data())
    def holds(data):
        name = next(names)
        kept = data.draw(pages(name))
        gaps = data.draw(st.lists(MINUTES, min_size=len(kept), max_size=len(kept)))
        cut = data.draw(st.integers(0, len(kept) - 1))
        known = keep_all(everything, name, kept, gaps)
        keep_all(until_then, name, kept[: cut + 1], gaps)
        later = known[cut + 1] - 1 if cut + 1 < len(known) else known[cut] + 10**9
        expected = dict(answers(until_then, name, None))
        for as_of in (known[cut], later):
            assert _without_late_series(dict(answers(everything, name, as_of))) == _without_late_series(
                expected
            )

    holds()


def _without_late_series(told):
    # durations without cases, totals without values: an answer that is empty says the same as none
    return {what: answer for what, answer in told.items() if answer}


def test_rollups_answer_like_the_observations_themselves(stores):
    store = stores[0]

    @examples(store)
    @given(data=st.data())
    def holds(data):
        name = next(names)
        kept = data.draw(st.lists(st.lists(observations(name), max_size=20), min_size=1, max_size=4))
        keep_all(store, name, kept, [60_000] * len(kept))
        with store.reading() as connection:
            found = {one.id: one for one in reader.find_series(connection, ALL, sources=[name])}
            values = list(reader.each_observation(connection, ALL, list(found), start=0, end=END + DAY))
            for grain, length in (("hour", HOUR), ("day", DAY)):
                asked = [one for one in found.values() if one.grain == "hour" or one.grain == grain]
                rolled = reader.buckets(connection, ALL, asked, grain=grain, start=0, end=END + DAY)
                expected = defaultdict(list)
                for one in values:
                    if found[one.series_id] in asked:
                        begin = one.time - found[one.series_id].late
                        begin -= (begin - MIDNIGHT) % length
                        expected[one.series_id, one.place, begin].append(one)
                assert {(b.series_id, b.place, b.start): _told(b) for b in rolled} == {
                    key: _counted(of) for key, of in expected.items()
                }

    holds()


def _told(bucket):
    return bucket.n, bucket.n_valid, bucket.sum, bucket.min, bucket.max, bucket.first, bucket.last


def _counted(values):
    valid = [v.value for v in values if v.value is not None and v.flag not in INVALID]
    if not valid:
        return len(values), 0, None, None, None, None, None
    return len(values), len(valid), sum(valid), min(valid), max(valid), valid[0], valid[-1]


def test_pages_in_any_order_split_and_repeated_leave_the_same_store(stores):
    one, other = stores

    @examples(one)
    @given(data=st.data())
    def holds(data):
        name = next(names)
        by_key = {}
        for record in data.draw(st.lists(st.one_of(observations(name), cases(name)), max_size=40)):
            by_key[(record[0], record[1:3]) if hasattr(record, "time") else record.key] = record
        records = list(by_key.values())
        again = data.draw(
            st.permutations(records + data.draw(st.lists(st.sampled_from(records))) if records else [])
        )
        cuts = sorted(data.draw(st.lists(st.integers(0, len(again)), max_size=5)))
        parts = [again[a:b] for a, b in zip([0, *cuts], [*cuts, len(again)], strict=True)]
        keep_all(one, name, [records], [60_000])
        keep_all(other, name, parts, [60_000] * len(parts))
        assert dict(answers(one, name, None)) == dict(answers(other, name, None))

    holds()


def test_daily_counts_equal_those_rebuilt_from_the_cases(stores):
    store = stores[0]

    @examples(store)
    @given(data=st.data())
    def holds(data):
        name = next(names)
        kept = data.draw(st.lists(st.lists(cases(name), max_size=12), min_size=1, max_size=6))
        gaps = data.draw(st.lists(MINUTES, min_size=len(kept), max_size=len(kept)))
        keep_all(store, name, kept, gaps)
        before = _cells(store, name)
        with store.writing(0) as commit:
            rebuild_measures(commit, measures(name))
        assert _cells(store, name) == before

    holds()


def test_daily_counts_answer_like_the_cases_themselves(stores):
    store = stores[0]

    @examples(store)
    @given(data=st.data())
    def holds(data):
        name = next(names)
        kept = data.draw(st.lists(st.lists(cases(name), max_size=12), min_size=1, max_size=5))
        known = keep_all(store, name, kept, data.draw(st.lists(MINUTES, min_size=5, max_size=5)))
        start, end = sorted(
            data.draw(st.sampled_from((START, MIDNIGHT - DAY, MIDNIGHT, END))) for _ in range(2)
        )
        as_of = data.draw(st.sampled_from((None, *known, known[0] - 1)))
        with store.reading() as connection:
            for one in measures(name)[:2]:
                for dim in ("", "responsible", "channel"):
                    by = (dim,) if dim else ()
                    raw = reader.count_cases(
                        connection,
                        ALL,
                        name,
                        one.condition.where,
                        by=by,
                        period=(one.by, start, end),
                        as_of=as_of,
                    )
                    told = reader.cases_counted(
                        connection, ALL, one, start=start, end=end, dim=dim, as_of=as_of
                    )
                    assert told == {"".join(key): n for key, n in raw.items()}

    holds()


def test_a_counter_that_began_again_is_summed_by_its_steps(stores):
    store = stores[0]

    @examples(store)
    @given(numbers=st.lists(NUMBERS.map(lambda n: n and abs(n)), min_size=1, max_size=12))
    def holds(numbers):
        name = next(names)
        told = [
            value(START + i * HOUR, n, place=name, variable="energy", kind="cumulative")
            for i, n in enumerate(numbers)
        ]
        keep_all(store, name, [told], [60_000])
        known = [n for n in numbers if n is not None]
        steps = [b - a if b >= a else b for a, b in pairwise(known)]
        with store.reading() as connection:
            ids = [one.id for one in reader.find_series(connection, ALL, sources=[name])]
            found = reader.increases(connection, ALL, ids, start=START, end=END)
        assert list(found.values()) == ([sum(steps)] if steps else [])

    holds()


def _cells(store: Store, kind: str) -> set[tuple[object, ...]]:
    c = schema.case_day.c
    with store.reading() as connection:
        found = connection.execute(
            sa.select(schema.measure.c.name, c.dim, c.day, c.key, c.bin, c.known_day, c.n)
            .join_from(schema.case_day, schema.measure, schema.measure.c.id == c.measure_id)
            .where(schema.measure.c.name.startswith(f"{kind}."), c.n != 0)
        )
        return {tuple(row) for row in found}
