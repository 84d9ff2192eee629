"""Keeping pages: all of a page or nothing, once, and nothing overwritten."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import pytest
import sqlalchemy as sa

from ioc.errors import FencedError
from ioc.model import Event, Page, Rejected
from ioc.store import Store, finish_run, keep_page, read_cursor, reader, schema, start_run
from ioc.store.lease import take
from tests.store.given import (
    ALL,
    CLOSED,
    DAY,
    HOUR,
    NOW,
    NOW_MS,
    OPENED,
    count,
    dossier,
    keep,
    opened,
    rows,
    source,
    value,
)

EVERY_TABLE = [table for table in schema.metadata.sorted_tables if table.name not in ("run", "clock")]
STOP = source("one_stop", "case:dossier")


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with opened(store_url) as found:
        yield found


def mixed_page(**more: object) -> Page:
    return Page(
        [
            value(NOW - HOUR, 12.5),
            value(NOW, None, flag="01"),
            value(NOW - DAY, 3.0, variable="beds", span="day", kind="count"),
            dossier("H1", due=NOW, responsible="so_xd"),
            Event("W1", "warning", NOW, severity="high", areas=("07126", "07129")),
        ],
        [Rejected("items[3]", "opened is '31/02': no date", {"MaHoSo": "H9"})],
        cursor={"page": 2},
        kept=b'{"MaHoSo":"H1"}\n',
        received_hash="ab" * 32,
        received_bytes=512,
        status=200,
        **more,
    )


def test_keeping_the_same_page_again_writes_nothing_but_the_runs_counts(store):
    first = keep(store, source(), mixed_page())
    before = {table.name: rows(store, table) for table in EVERY_TABLE}
    again = keep(store, source(), mixed_page(), now_ms=NOW_MS + 60_000)
    assert (first.new, first.changed, first.same, first.rejected) == (5, 0, 0, 1)
    assert (again.new, again.changed, again.same, again.rejected) == (0, 0, 5, 1)
    assert {table.name: rows(store, table) for table in EVERY_TABLE} == before
    assert count(store, schema.payload) == 1
    with store.reading() as connection:
        last, *_ = reader.runs(connection, ALL, "one_stop").items
    assert (last.pages, last.new, last.same, last.rejected, last.received_bytes, last.payloads) == (
        1,
        0,
        5,
        1,
        512,
        (),
    )


def test_a_correction_keeps_what_was_known_before(store):
    was = keep(store, source(), [value(NOW, 12.5)])
    now = keep(store, source(), [value(NOW, 14.0)], now_ms=NOW_MS + 5000)
    with store.reading() as connection:
        versions = reader.observation_versions(connection, ALL, 1, "st1", NOW)
    assert [(v.value, v.known_from, v.known_to) for v in versions] == [
        (12.5, was.known_from, now.known_from),
        (14.0, now.known_from, None),
    ]


def test_a_case_that_changed_keeps_its_versions_and_its_counts_follow(store):
    was = keep(store, STOP, [dossier("H1", responsible="so_xd")])
    closed = dossier("H1", responsible="so_xd", state="closed", closed=NOW)
    now = keep(store, STOP, [closed], now_ms=NOW_MS + DAY * 1000)
    with store.reading() as connection:
        versions = reader.case_versions(connection, ALL, "one_stop", "H1")
        span = {"start": 0, "end": NOW + DAY, "dim": "responsible"}
        counted = [
            reader.cases_counted(connection, ALL, CLOSED, **span, as_of=t) for t in (was.known_from, None)
        ]
        opened_ = reader.cases_counted(connection, ALL, OPENED, **span)
    assert [(v.case.state, v.known_from, v.known_to) for v in versions] == [
        ("open", was.known_from, now.known_from),
        ("closed", now.known_from, None),
    ]
    assert (counted, opened_) == ([{}, {"so_xd": 1}], {"so_xd": 1})


def test_a_field_that_is_ignored_makes_no_version(store):
    of = source("one_stop", "case:dossier", ignore=("facts.seen", "step"))
    keep(store, of, [dossier("H1", step="a", facts={"seen": 1, "fee": 5})])
    same = keep(store, of, [dossier("H1", step="b", facts={"seen": 2, "fee": 5})])
    changed = keep(store, of, [dossier("H1", step="c", facts={"seen": 3, "fee": 6})])
    assert (same.same, changed.changed, count(store, schema.case_past)) == (1, 1, 1)
    with store.reading() as connection:
        (only,) = reader.cases(connection, ALL, reader.CaseFilter(kind="dossier")).items
    assert (only.case.step, only.case.facts) == ("c", {"seen": 3, "fee": 6})


@pytest.mark.parametrize("records", [
    [value(NOW, 1.0), value(NOW, 2.0)],
    [dossier("H1", step="a"), dossier("H1", step="b")],
    [Event("W1", "warning", NOW), Event("W1", "warning", NOW, severity="high")],
], ids=["observation", "case", "event"])  # fmt: skip
def test_of_several_records_with_one_key_the_last_wins(store, records):
    assert keep(store, source(), records).new == 1
    again = keep(store, source(), records[1:])
    assert (again.new, again.changed, again.same) == (0, 0, 1)


def test_what_cannot_be_is_rejected_with_a_sentence_and_the_rest_lands(store):
    of = source(earliest=1_704_067_200)
    impossible = [value(NOW, math.nan), value(0, 1.0), value(NOW + HOUR, 1.0), value(NOW, 1.0, place="st\0")]
    kept = keep(store, of, [*impossible, value(NOW - 60, 7.0), dossier("H1", step="a\0"), dossier("H2")])
    assert (kept.new, kept.rejected) == (2, 5)
    with store.reading() as connection:
        found = reader.rejected_records(connection, ALL, "one_stop").items
    assert [one.reason.split(",")[0] for one in reversed(found)] == [
        "pm25 is nan: no number",
        "time is 01/01/1970 07:00",
        "time is 09/10/2025 16:53",
        "a field holds a character that is none (NUL or half of one)",
        "a field holds a character that is none (NUL or half of one)",
    ]


def test_what_was_rejected_is_kept_without_the_persons_in_it(store):
    told = Rejected(
        "row 3", "unknown unit of Nguyễn A, 0912 345 678", {"note": "a.b@example.vn", "id": ["022085001234"]}
    )
    keep(store, source(), Page(rejected=[told]))
    with store.reading() as connection:
        (only,) = reader.rejected_records(connection, ALL, "one_stop").items
    assert only.reason == "unknown unit of Nguyễn A, […]"
    assert only.fragment == {"note": "[…]", "id": ["[…]"]}


def test_a_source_without_personal_data_keeps_rejected_fragments_as_they_came(store):
    keep(
        store,
        source(personal_data=False),
        Page(rejected=[Rejected("row 3", "station 022085001234 is unknown")]),
    )
    with store.reading() as connection:
        (only,) = reader.rejected_records(connection, ALL, "one_stop").items
    assert only.reason == "station 022085001234 is unknown"


def test_an_error_inside_a_page_leaves_nothing_of_it(store):
    def fail(touched: object) -> Sequence[str]:
        raise RuntimeError("no marks today")

    with pytest.raises(RuntimeError, match="no marks today"):
        keep(store, source(), mixed_page(), marks=fail)
    for table in (schema.observation, schema.case_record, schema.event_record, schema.payload, schema.series):
        assert count(store, table) == 0, table.name
    with store.reading() as connection:
        assert read_cursor(connection, "one_stop") == {}
    assert keep(store, source(), mixed_page()).new == 5


def test_the_cursor_lands_with_its_page_and_stays_where_a_page_has_none(store):
    keep(store, source(), mixed_page())
    keep(store, source(), [value(NOW - 5, 1.0)])
    with store.reading() as connection:
        assert read_cursor(connection, "one_stop") == {"page": 2}


def test_a_page_marks_what_it_made_stale_and_says_what_changed(store):
    told = []
    keep(store, source(), mixed_page(), marks=lambda touched: told.append(touched) or ["pm25_mean", "open"])
    keep(store, source(), mixed_page(), marks=lambda touched: told.append(touched) or ["never"])
    assert [row[0] for row in rows(store, schema.mark)] == ["open", "pm25_mean"]
    assert [(t.source, sorted(t.variables), sorted(t.case_kinds), sorted(t.event_kinds)) for t in told] == [
        ("one_stop", ["beds", "pm25"], ["dossier"], ["warning"])
    ]


def test_a_page_is_refused_once_another_collector_took_the_lease(store):
    mine = take(store, "first", ttl_s=0.0)
    run = start_run(store, mine, "one_stop", now_ms=NOW_MS)
    assert take(store, "second") == mine + 1
    with pytest.raises(FencedError, match="another collector holds the lease"):
        keep_page(store, mine, run, source(), mixed_page(), now_ms=NOW_MS)
    assert count(store, schema.observation) == 0


def test_latest_moves_forward_only(store):
    for time, number in ((NOW - 60, 1.0), (NOW - 120, 2.0), (NOW - 60, 3.0)):
        keep(store, source(), [value(time, number)])
    with store.reading() as connection:
        (only,) = reader.latest_values(connection, ALL, [1])
    assert (only.time, only.value) == (NOW - 60, 3.0)


COMPLETE = {
    "observation": [value(NOW - i * 60, float(i)) for i in range(40)],
    "case:dossier": [dossier(f"H{i}", responsible="so_xd") for i in range(40)],
    "event:warning": [Event(f"W{i}", "warning", NOW - i) for i in range(40)],
}
TABLES = {
    "observation": (schema.observation, schema.observation_past),
    "case:dossier": (schema.case_record, schema.case_past),
    "event:warning": (schema.event_record, schema.event_past),
}


@pytest.mark.parametrize("shape", COMPLETE)
def test_a_key_missing_in_two_complete_runs_is_withdrawn_and_may_come_back(store, shape):
    of, records = source("list", shape, complete=True), COMPLETE[shape]
    now, past = TABLES[shape]
    gone = [
        keep(store, of, Page(part, complete=True), now_ms=NOW_MS + n * 1000).gone
        for n, part in enumerate((records, records[1:], records, records[1:], records[1:], records[1:]))
    ]
    assert (gone, count(store, now), count(store, past)) == ([0, 0, 0, 0, 1, 0], 39, 1)
    back = keep(store, of, Page(records, complete=True), now_ms=NOW_MS + 60_000)
    assert (back.new, back.same, count(store, now), count(store, past)) == (1, 39, 40, 1)


def test_a_withdrawn_observation_leaves_its_rollups_and_latest_and_stays_in_the_past(store):
    of, records = source("list", complete=True), COMPLETE["observation"]
    known = keep(store, of, Page(records, complete=True)).known_from
    for n in (1, 2):
        keep(store, of, Page(records[1:], complete=True), now_ms=NOW_MS + n * 1000)
    with store.reading() as connection:
        asked = reader.find_series(connection, ALL)
        (now,), (then,) = (
            reader.totals(connection, ALL, asked, start=NOW - DAY, end=NOW + 1, as_of=t)
            for t in (None, known)
        )
        (last,) = reader.latest_values(connection, ALL, [1])
    assert ((now.n, now.last), (then.n, then.last), last.time) == ((39, 1.0), (40, 0.0), NOW - 60)


def test_withdrawn_cases_are_counted_out(store):
    of, records = source("list", "case:dossier", complete=True), COMPLETE["case:dossier"]
    for n, part in enumerate((records, records[2:], records[2:])):
        keep(store, of, Page(part, complete=True), now_ms=NOW_MS + n * 1000)
    with store.reading() as connection:
        counted = reader.cases_counted(connection, ALL, OPENED, start=0, end=NOW, dim="responsible")
    assert counted == {"so_xd": 38}


def test_more_than_a_twentieth_gone_at_once_is_not_followed(store):
    of, records = source("list", "case:dossier", complete=True), COMPLETE["case:dossier"]
    kept = [
        keep(store, of, Page(part, complete=True), now_ms=NOW_MS + n * 1000)
        for n, part in enumerate((records, records[3:], records[3:]))
    ]
    assert [(k.gone, k.gone_refused) for k in kept] == [(0, 0), (0, 0), (0, 3)]
    assert count(store, schema.case_record) == 40


def test_a_run_of_several_pages_is_complete_with_all_of_them_together(store):
    of, records = source("list", "case:dossier", complete=True), COMPLETE["case:dossier"]
    for n in range(3):
        run = start_run(store, 0, of.id, now_ms=NOW_MS + n * 1000)
        for part, complete in ((records[:20], False), (records[20:], True)):
            kept = keep_page(store, 0, run, of, Page(part, complete=complete), now_ms=NOW_MS + n * 1000)
            assert kept.gone == 0
        finish_run(store, 0, run, "unchanged", now_ms=NOW_MS + n * 1000)
    assert (count(store, schema.case_record), count(store, schema.missing)) == (40, 0)


def test_a_run_that_rejected_something_proves_nothing_gone(store):
    of, records = source("list", "case:dossier", complete=True), COMPLETE["case:dossier"]
    keep(store, of, Page(records, complete=True))
    for n in (1, 2, 3):
        page = Page(records[1:], [Rejected("items[0]", "unknown state")], complete=True)
        assert keep(store, of, page, now_ms=NOW_MS + n * 1000).gone == 0
    assert count(store, schema.case_record) == 40


def test_series_and_places_are_named_once_however_many_pages_use_them(store):
    for n in range(3):
        keep(store, source(), [value(NOW - n, 1.0, place="st1"), value(NOW - n, 1.0, place="st2")])
    with opened(store.engine.url.render_as_string(hide_password=False)) as other:
        keep(other, source(), [value(NOW - 9, 1.0, place="st2"), value(NOW - 9, 1.0, place="st3")])
    keep(store, source(), [value(NOW - 10, 1.0, place="st3")])
    assert (count(store, schema.series), count(store, schema.place), count(store, schema.source)) == (1, 3, 1)
    with store.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(schema.observation)).scalar() == 9
