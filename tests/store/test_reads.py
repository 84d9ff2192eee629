"""Questions to the store: states of sources, lists in pages, events, definitions, boards and kept answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from ioc.errors import QuestionError
from ioc.model import Event, Page, Rejected
from ioc.store import (
    Store,
    ask_poll,
    close_abandoned_runs,
    ensure_measures,
    finish_run,
    reader,
    schema,
    serve_request,
    start_run,
    waiting_requests,
)
from ioc.store.definitions import keep_definitions
from ioc.store.observations import restamp
from ioc.store.payloads import expire_payloads
from ioc.store.published import (
    KeptReading,
    clear_marks,
    drop_boards,
    keep_board,
    keep_readings,
    mark_stale,
    stale_marks,
)
from ioc.store.runs import thin_runs
from tests.store.given import (
    ALL,
    CLOSED,
    DAY,
    HOUR,
    LATE,
    MEASURES,
    MIDNIGHT,
    NOW,
    NOW_MS,
    OPENED,
    count,
    dossier,
    keep,
    opened,
    source,
    value,
)

STOP = source("one_stop", "case:dossier")


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with opened(store_url) as found:
        yield found


def failed(store: Store, at_ms: int, **more: str) -> None:
    run = start_run(store, 0, "one_stop", now_ms=at_ms)
    finish_run(
        store, 0, run, "failed", error="no answer within 20 s", error_kind="unreachable", now_ms=at_ms + 10
    )


def test_a_summary_tells_what_freshness_follows_from(store):
    keep(store, source(), Page([value(NOW, 1.0)], [Rejected("a", "bad")]))
    keep(store, source(), [value(NOW, 1.0)], now_ms=NOW_MS + 60_000)
    for n in (2, 3):
        failed(store, NOW_MS + n * 60_000)
    run = start_run(store, 0, "one_stop", "backfill", now_ms=NOW_MS + 200_000)
    finish_run(store, 0, run, "changed", now_ms=NOW_MS + 201_000)
    running = start_run(store, 0, "one_stop", now_ms=NOW_MS + 240_000)
    with store.reading() as connection:
        found = reader.run_summaries(connection, ALL, now_ms=NOW_MS + 240_000)["one_stop"]
    assert running
    assert found == reader.RunSummary(
        source="one_stop",
        last_finished=NOW_MS + 180_010,
        last_outcome="failed",
        last_error="no answer within 20 s",
        last_error_kind="unreachable",
        last_success=NOW_MS + 60_000,
        last_changed=NOW_MS,
        last_reported=NOW,
        failures=2,
        failing_since=NOW_MS + 120_000,
        records_today=1,
        rejected_today=1,
        running_since=NOW_MS + 240_000,
    )


def test_what_is_counted_of_today_begins_at_local_midnight(store):
    keep(store, source(), Page([value(NOW, 1.0)], [Rejected("a", "bad")]))
    with store.reading() as connection:
        told = [
            reader.run_summaries(connection, ALL, now_ms=(MIDNIGHT + DAY) * 1000 + late)["one_stop"]
            for late in (-1, 0)
        ]
    assert [(one.records_today, one.rejected_today) for one in told] == [(1, 1), (0, 0)]
    assert told[0].rejected_share == 0.5


def test_runs_that_a_dead_collector_left_behind_are_closed(store):
    start_run(store, 0, "one_stop", now_ms=NOW_MS)
    assert close_abandoned_runs(store, 0, now_ms=NOW_MS + 5) == 1
    with store.reading() as connection:
        (run,) = reader.runs(connection, ALL, "one_stop").items
    assert (run.outcome, run.error_kind, run.finished) == ("failed", "fault", NOW_MS + 5)


def test_runs_that_told_nothing_are_forgotten_in_time(store):
    for n in range(3):
        keep(store, source(), [value(NOW, 1.0)], now_ms=NOW_MS + n)
    with store.writing(0) as commit:
        assert thin_runs(commit, before_ms=NOW_MS + DAY) == 2
    assert count(store, schema.run) == 1


def test_a_poll_that_was_asked_for_waits_until_it_is_served(store):
    ask_poll(store, "one_stop", now_ms=NOW_MS)
    ask_poll(store, "beds", now_ms=NOW_MS + 1, since=NOW - DAY)
    with store.reading() as connection:
        first, second = waiting_requests(connection)
    assert [(one.source, one.asked, one.since) for one in (first, second)] == [
        ("one_stop", NOW_MS, None),
        ("beds", NOW_MS + 1, NOW - DAY),
    ]
    with store.writing(0) as commit:
        serve_request(commit, first.id)
    with store.reading() as connection:
        assert [one.source for one in waiting_requests(connection)] == ["beds"]


@pytest.mark.parametrize("sort", ["-opened", "opened", "due", "-due", "-known_from", "closed"])
def test_pages_of_a_list_of_cases_give_each_case_once_in_order(store, sort):
    keep(
        store,
        STOP,
        [dossier(f"H{n}", NOW - n % 4 * DAY, due=NOW + n % 3, closed=NOW - n % 5) for n in range(25)],
    )
    found: list[reader.CaseVersion] = []
    with store.reading() as connection:
        wanted, cursor = reader.CaseFilter(kind="dossier"), None
        while True:
            part = reader.cases(connection, ALL, wanted, sort=sort, cursor=cursor, limit=7)
            found += part.items
            cursor = part.next
            if cursor is None:
                break
    name = sort.removeprefix("-")
    told = [one.known_from if name == "known_from" else getattr(one.case, name) for one in found]
    assert told == sorted(told, reverse=sort.startswith("-"))
    assert len({one.case.key for one in found}) == len(found) == 25


@pytest.mark.parametrize(
    ("wanted", "keys"),
    [
        ({"kind": "dossier"}, "ABCD"),
        ({"responsible": "so_xd"}, "AB"),
        ({"state": "closed"}, "D"),
        ({"overdue_at": NOW}, "A"),
        ({"overdue_at": NOW - DAY}, ""),
        ({"opened_from": NOW - HOUR}, "B"),
        ({"opened_to": NOW - HOUR, "channel": "post"}, "C"),
        ({"source": "another"}, ""),
    ],
)
def test_a_list_of_cases_is_narrowed_by_what_is_asked(store, wanted, keys):
    kept = [
        dossier("A", due=NOW - 1, responsible="so_xd"),
        dossier("B", NOW - 5, due=NOW + 1, responsible="so_xd"),
        dossier("C", due=NOW - 1, state="waiting_payment", channel="post"),
        dossier("D", due=NOW - 1, state="closed", closed=NOW),
    ]
    keep(store, STOP, kept)
    with store.reading() as connection:
        found = reader.cases(connection, ALL, reader.CaseFilter(**wanted), sort="opened").items
    assert "".join(sorted(one.case.key for one in found)) == keys


@pytest.mark.parametrize("cursor", ["nonsense!", "WzFd", "e30"])
def test_a_cursor_of_another_list_is_refused_with_a_sentence(store, cursor):
    with store.reading() as connection, pytest.raises(QuestionError, match="not one that this list gave out"):
        reader.cases(connection, ALL, reader.CaseFilter(), cursor=cursor)


def test_a_count_by_what_is_not_counted_is_refused_with_a_sentence(store):
    with (
        store.reading() as connection,
        pytest.raises(QuestionError, match=r"is counted by responsible, .*, not by step"),
    ):
        reader.cases_counted(connection, ALL, OPENED, start=0, end=NOW, dim="step")


def test_events_are_listed_by_start_and_by_whether_they_are_active(store):
    keep(store, source("cap", "event:warning"), [
        Event("rain", "warning", NOW - DAY, NOW - HOUR, "high", "Mưa lớn", ("07126",)),
        Event("storm", "warning", NOW - HOUR, None, "extreme"),
        Event("news", "press", NOW, NOW + DAY),
    ])  # fmt: skip
    with store.reading() as connection:
        everything = reader.events(connection, ALL, limit=2)
        rest = reader.events(connection, ALL, limit=2, cursor=everything.next)
        active = reader.events(connection, ALL, kinds=["warning"], active_at=NOW)
        (version,) = reader.event_versions(connection, ALL, "cap", "rain")
    keys = [one.event.key for one in (*everything.items, *rest.items)]
    assert (keys, rest.next, [one.event.key for one in active.items]) == (
        ["news", "storm", "rain"],
        None,
        ["storm"],
    )
    assert version.event == Event("rain", "warning", NOW - DAY, NOW - HOUR, "high", "Mưa lớn", ("07126",))


def test_totals_of_any_span_count_each_observation_once(store):
    told = [value(MIDNIGHT - DAY + n * 600, 1.0) for n in range(200)]
    keep(store, source(), told)
    with store.reading() as connection:
        asked = reader.find_series(connection, ALL, variables=["pm25"], span="instant")
        for start, end in (
            (MIDNIGHT - DAY, MIDNIGHT),
            (MIDNIGHT - 7000, MIDNIGHT + 7000),
            (MIDNIGHT + 601, MIDNIGHT + 1201),
        ):
            (found,) = reader.totals(connection, ALL, asked, start=start, end=end)
            assert found.n == len([one for one in told if start <= one.time < end])


def test_a_series_whose_stamp_is_declared_anew_is_rolled_up_anew(store):
    told = [value(MIDNIGHT + n * HOUR, float(n), variable="rain", span="hour") for n in range(1, 4)]
    keep(store, source(), told)

    def hours() -> list[tuple[int, float | None]]:
        with store.reading() as connection:
            asked = reader.find_series(connection, ALL)
            found = reader.buckets(connection, ALL, asked, grain="hour", start=MIDNIGHT, end=NOW)
        return [((one.start - MIDNIGHT) // HOUR, one.sum) for one in found]

    before = hours()
    with store.writing(0) as commit:
        assert restamp(commit, {"rain": "end", "pm25": "end"}) == ["rain"]
    with store.writing(0) as commit:
        assert restamp(commit, {"rain": "end"}) == []
    keep(store, source(), [value(MIDNIGHT + 4 * HOUR, 4.0, variable="rain", span="hour")])
    assert before == [(1, 1.0), (2, 2.0), (3, 3.0)]
    assert hours() == [(0, 1.0), (1, 2.0), (2, 3.0), (3, 4.0)]


def test_hours_of_a_series_by_day_are_refused_with_a_sentence(store):
    keep(store, source(), [value(NOW, 1.0, span="day", variable="beds")])
    with (
        store.reading() as connection,
        pytest.raises(QuestionError, match="beds comes by day: ask for its observations"),
    ):
        reader.buckets(connection, ALL, reader.find_series(connection, ALL), grain="hour", start=0, end=NOW)


def test_the_past_is_answered_with_the_definitions_of_the_past(store):
    known = []
    for declared in (
        {"a": ("1", {"x": 1}), "b": ("1", None)},
        {"a": ("2", {"x": 2}), "b": ("1", None)},
        {"b": ("1", None)},
    ):
        with store.writing(0) as commit:
            changed = keep_definitions(commit, "indicator", declared)
            known.append((commit.known_from, changed))
    assert [changed for _, changed in known] == [{"a", "b"}, {"a"}, {"a"}]
    with store.reading() as connection:
        told = [
            reader.definitions(connection, ALL, "indicator", as_of=at)
            for at in (*(at for at, _ in known), None)
        ]
        history = reader.definition_history(connection, ALL, "indicator", "a")
    assert [found["a"].body if "a" in found else None for found in told] == [{"x": 1}, {"x": 2}, None, None]
    assert [sorted(found) for found in told] == [["a", "b"], ["a", "b"], ["b"], ["b"]]
    assert [one.known_to for one in history] == [known[1][0], known[2][0]]


def test_readings_that_boards_showed_are_found_as_they_were(store):
    def show(number: int) -> int:
        with store.writing(0) as commit:
            keep_readings(
                commit,
                [KeptReading("pm25/22", "pm25_mean", {"value": number}, NOW), KeptReading("x", "x", 1, None)],
            )
            return commit.known_from

    first, same, second = show(1), show(1), show(2)
    assert count(store, schema.reading_past) == 1
    with store.reading() as connection:
        told = [
            reader.readings(connection, ALL, keys=["pm25/22"], as_of=at)["pm25/22"].body
            for at in (first, same, second, None)
        ]
        soon = reader.next_expiry(connection, ALL)
    assert (told, soon) == ([{"value": 1}, {"value": 1}, {"value": 2}, {"value": 2}], [(NOW, "pm25_mean")])


def test_a_board_gets_a_new_version_only_with_new_bytes(store):
    versions = []
    for etag in ("a", "a", "b"):
        with store.writing(0) as commit:
            versions.append(keep_board(commit, "overview", "vi", etag, etag.encode(), b"g", b"b"))
    with store.reading() as connection:
        found = reader.read_board(connection, ALL, "overview", "vi")
        assert reader.board_versions(connection, ALL) == {("overview", "vi"): 2}
        assert reader.read_board(connection, ALL, "overview", "en") is None
    assert (versions, found.version, found.body) == ([1, None, 2], 2, b"b")
    with store.writing(0) as commit:
        drop_boards(commit, ["land"])
    assert count(store, schema.board) == 0


def test_a_mark_that_was_set_again_while_it_was_served_stays(store):
    with store.writing(0) as commit:
        mark_stale(commit, ["a", "b"])
    with store.reading() as connection:
        read = stale_marks(connection)
    with store.writing(0) as commit:
        mark_stale(commit, ["b"])
    with store.writing(0) as commit:
        clear_marks(commit, read)
    with store.reading() as connection:
        assert list(stale_marks(connection)) == ["b"]


def test_an_expired_answer_keeps_its_hash_and_size_but_not_its_body(store):
    for n, of in enumerate((source("a"), source("b"))):
        for day in range(3):
            body = f"{of.id} {day}".encode() * 200
            page = Page([value(NOW + n, float(day))], kept=body, received_hash="ff", received_bytes=999)
            keep(store, of, page, now_ms=NOW_MS + day * DAY * 1000)
    with store.writing(0, NOW_MS + 3 * DAY * 1000) as commit:
        assert expire_payloads(commit, {"a": 1.5, "never_ran": 1}) == 2
    with store.writing(0, NOW_MS + 3 * DAY * 1000) as commit:
        assert expire_payloads(commit, {}, budget_bytes=1) == 4
    with store.reading() as connection:
        *_, oldest = reader.runs(connection, ALL, "a").items
        found = reader.read_payload(connection, ALL, oldest.payloads[0])
        assert reader.read_payload(connection, ALL, "sha256:00") is None
    assert (found.body, found.size, found.received_hash, found.source) == (None, 600, "ff", "a")
    assert found.size == len(b"a 0" * 200)


def test_an_answer_that_expired_and_comes_again_is_kept_again(store):
    page = Page([value(NOW, 1.0)], kept=b"the same\n")
    keep(store, source(), page)
    with store.writing(0, NOW_MS + DAY * 1000) as commit:
        expire_payloads(commit, {"one_stop": 0.5})
    keep(store, source(), page, now_ms=NOW_MS + 2 * DAY * 1000)
    with store.reading() as connection:
        *_, first = reader.runs(connection, ALL, "one_stop").items
        assert reader.read_payload(connection, ALL, first.payloads[0]).body == b"the same\n"


def test_measures_are_counted_when_they_are_first_asked_and_again_when_their_hash_changes(store):
    keep(
        store,
        STOP,
        [dossier("A", responsible="so_xd"), dossier("B", due=NOW - 9, state="closed", closed=NOW)],
        measures=(),
    )
    with store.writing(0) as commit:
        assert ensure_measures(commit, MEASURES) == ["opened", "closed_hours", "late"]
    with store.writing(0) as commit:
        assert ensure_measures(commit, [OPENED, CLOSED]) == []
    with store.reading() as connection:
        span = {"start": 0, "end": NOW + DAY}
        assert reader.cases_counted(connection, ALL, OPENED, **span, dim="responsible,channel") == {
            ",": 1,
            "so_xd,": 1,
        }
        assert reader.case_durations(connection, ALL, CLOSED, **span) == {"": {24: 1}}
        assert reader.cases_counted(connection, ALL, LATE, **span) == {}  # nobody asks for it any more
    keep(store, STOP, [dossier("C")])
    with store.reading() as connection:
        assert reader.cases_counted(connection, ALL, LATE, **span) == {"": 1}


def test_many_threads_may_keep_pages_at_once(store):
    faults: list[BaseException] = []

    def poll(number: int) -> None:
        try:
            for n in range(3):
                keep(
                    store,
                    source(f"s{number}"),
                    [value(NOW - n, 1.0, place=f"st{number % 3}"), dossier(f"H{number}{n}")],
                )
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=poll, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert (
        count(store, schema.observation),
        count(store, schema.case_record),
        count(store, schema.place),
    ) == (36, 36, 3)
