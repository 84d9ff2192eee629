"""Boards published page by page equal boards published from nothing, whatever the pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ioc.indicators.flows import measures
from ioc.indicators.shown import standing
from ioc.model import Case, Observation, Record
from ioc.product import Declared, open_product
from ioc.publish import Publisher
from ioc.store import ensure_measures
from ioc.store.lease import take
from ioc.store.published import mark_stale
from tests.api.province import Province, epoch

NewProvince = Callable[[], AbstractContextManager[Province]]
DAY = 86_400
NOW = epoch("2026-11-20T10:02:10")
SHOWN = ("public_services", "environment", "targets")
QUIET = settings(
    max_examples=4,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@st.composite
def dossiers(draw: Any) -> Case:
    """Draw a version of one of a few dossiers: any of its dates, its state and its agency may change."""
    opened = NOW - draw(st.integers(0, 60)) * DAY + draw(st.integers(0, DAY // 2))
    opened = min(opened, NOW - 600)
    state = draw(st.sampled_from(["open", "open", "closed", "closed", "waiting_supplement", "stopped"]))
    closed = (
        min(NOW - 60, opened + draw(st.integers(300, 20 * DAY))) if state in ("closed", "stopped") else None
    )
    return Case(
        f"k{draw(st.integers(0, 12))}", "dossier", state, opened, closed=closed,
        due=draw(st.none() | st.integers(opened + 3600, opened + 12 * DAY)),
        responsible=draw(st.sampled_from(["so_xay_dung", "so_y_te"])), holder=draw(st.sampled_from(["", "so_y_te"])),
        channel=draw(st.sampled_from(["online", "direct"])), waited_s=draw(st.sampled_from([0, DAY])),
        facts=draw(st.sampled_from([{}, {"rating": "satisfied"}, {"rating": "dissatisfied"}])),
    )  # fmt: skip


@st.composite
def measured(draw: Any) -> Observation:
    """Draw the mean of an hour of the last weeks at one of two stations."""
    time = NOW - NOW % 3600 - 3600 * draw(st.integers(0, 20 * 24))
    return Observation(
        draw(st.sampled_from(["pm25", "o3"])), time, draw(st.sampled_from(["air_1", "air_2"])),
        float(draw(st.integers(0, 200))), span="hour", kind="mean",
    )  # fmt: skip


PAGES = st.lists(
    st.tuples(
        st.just("one_stop"), st.lists(dossiers(), min_size=1, max_size=8, unique_by=lambda one: one.key)
    )
    | st.tuples(st.just("air"), st.lists(measured(), min_size=1, max_size=30, unique_by=lambda one: one[:3])),
    min_size=2,
    max_size=7,
)


@contextmanager
def opened(store_url: str, declared: Declared) -> Iterator[Province]:
    """Give a province that nobody asks over the wire."""
    catalogue = declared.catalogue
    boards = {id: catalogue.boards[id] for id in SHOWN}
    shown = replace(declared, catalogue=replace(catalogue, boards=boards))
    product = open_product(replace(shown, settings=replace(declared.settings, store_url=store_url)))
    fence = take(product.store, "tests", ttl_s=3600)
    assert fence is not None
    counted = tuple(measures(product.definitions.values(), product.calendar))
    with product.store.writing(fence, (NOW - 90 * DAY) * 1000) as commit:
        ensure_measures(commit, counted)
    try:
        yield Province(product, [float(NOW)], 0, fence, counted)
    finally:
        product.store.close()


@contextmanager
def statements(province: Province) -> Iterator[list[str]]:
    """Give what the store is asked meanwhile."""
    asked: list[str] = []

    def hear(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        asked.append(statement)

    engine = province.product.store.engine
    sa.event.listen(engine, "before_cursor_execute", hear)
    try:
        yield asked
    finally:
        sa.event.remove(engine, "before_cursor_execute", hear)


@pytest.fixture
def new_province(new_store_url: Callable[[], str], declared: Declared) -> NewProvince:
    """Give what opens a province without records, on both stores."""
    return lambda: opened(new_store_url(), declared)


@QUIET
@given(pages=PAGES)
def test_boards_published_page_by_page_equal_boards_published_from_nothing(
    new_province: NewProvince, pages: list[tuple[str, list[Record]]]
):
    with new_province() as province:
        publisher = Publisher(province.product, province.fence)
        for source, records in pages:
            province.keep(source, records)
            publisher.publish(province.clock[0])
            province.clock[0] += 47
        now, store = province.clock[0], province.product.store
        with store.writing(province.fence, int(now * 1000)) as commit:
            # everything is computed again, with what is still remembered of the past
            mark_stale(commit, dict.fromkeys(province.product.definitions, int(now)))
        publisher.publish(now)
        anew = Publisher(province.product, province.fence)
        anew.publish(now)
        for key, part in anew.parts.items():
            assert orjson.dumps(publisher.parts[key]) == orjson.dumps(part), key
        assert publisher._hashes == anew._hashes


def test_a_page_that_changes_nothing_publishes_nothing(new_province: NewProvince):
    case = Case("a", "dossier", "open", NOW - 5 * DAY, due=NOW + DAY, responsible="so_y_te")
    with new_province() as province:
        publisher = Publisher(province.product, province.fence)
        province.keep("one_stop", [case])
        assert {name.partition("/")[0] for name in publisher.publish(float(NOW))} == set(SHOWN)
        with statements(province) as asked:
            assert publisher.publish(NOW + 1.0) == []
        assert len(asked) < 12, asked
        province.clock[0] += 2
        province.keep("one_stop", [case._replace(responsible="so_xay_dung")])
        changed = {name.partition("/")[0] for name in publisher.publish(NOW + 3.0)}
        assert "public_services" in changed
        assert "environment" not in changed


def test_a_page_marks_and_computes_again_only_what_rests_on_what_it_brought(new_province: NewProvince):
    hour = NOW - NOW % 3600 - 3600
    case = Case("a", "dossier", "open", NOW - 5 * DAY, due=NOW + DAY, responsible="so_y_te")
    value = Observation("pm25", hour, "air_1", 20.0, span="hour", kind="mean")
    with new_province() as province:
        publisher, product = Publisher(province.product, province.fence), province.product
        province.keep("one_stop", [case])
        province.keep("air", [value])
        publisher.publish(float(NOW))
        before, both = dict(publisher.parts), ["dossiers_pending", "pm25_day"]
        with product.store.reading() as connection:
            stood = set(standing(connection, both, NOW + 1))
        province.clock[0] += 2
        province.keep("air", [value._replace(value=90.0)])
        with product.engine.snapshot(NOW + 2) as snapshot:
            standing_now, standing_later = (
                set(standing(snapshot.connection, both, at)) for at in (NOW + 2, NOW + 30 * DAY)
            )
            resting = {
                id
                for id, definition in product.definitions.items()
                if "air" in {source.id for source in snapshot.inputs(definition)}
            }
        publisher.publish(NOW + 3.0)
        again = {key for key, part in publisher.parts.items() if part is not before[key]}
        plans = publisher._plan_of.items()
        shown = {key for key, plan in plans if {plan.indicator, plan.stations} & resting}
    assert (stood, standing_now, standing_later) == (set(both), {"dossiers_pending"}, set())
    assert again
    assert again <= shown
    assert 4 * len(again) < len(before)
