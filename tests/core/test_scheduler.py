"""Every source on its own clock: nobody waits for a silent one, back-off by kind, requests, the store away."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from ioc.errors import FencedError
from ioc.outcome import Outcome, backoff
from ioc.store import ask_poll
from tests.conftest import PostgresServer
from tests.connectors.answers import respond
from tests.core.given import PAGED, collecting, eventually, listing, open_given, report, source, take_over

WINDOW = 'window = { since = "since", until = "until", format = "epoch", overlap = "1h", start = "1d" }'


@pytest.fixture
def store_kind() -> str:
    """Clocks and turns do not depend on the database: the embedded one is enough, but where a test says so."""
    return "sqlite"


def test_a_source_that_is_silent_and_one_that_drips_delay_nobody_and_are_asked_once(given: Any, serve: Any):
    over = threading.Event()

    def silent(query: dict[str, str], request: BaseHTTPRequestHandler) -> None:
        over.wait(60)
        request.close_connection = True

    def dripping(query: dict[str, str], request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "1000")
        request.end_headers()
        while not over.wait(0.5):
            request.wfile.write(b" ")
        request.close_connection = True

    quiet, drip, good = serve(silent), serve(dripping), serve(listing([report("A")]))
    one = given(
        source("silent", quiet.url),
        source("drip", drip.url),
        source("good", good.url),
        source("other", good.url),
    )
    with one.scheduled():
        eventually(lambda: len(good.asked) >= 6, what="the good sources keep their interval")
        over.set()
    assert len(quiet.asked) == 1, "a run in hand is never overlapped"
    assert len(drip.asked) == 1


WAITS = [
    ("unreachable", 1, None, 30),
    ("unreachable", 2, None, 60),
    ("unreachable", 3, None, 120),
    ("unreachable", 9, None, 300),
    ("contract", 9, None, 600),
    ("refused", 9, None, 1800),
    ("fault", 9, None, 300),
    ("unreachable", 1, 1000.0, 1000),
    ("unreachable", 9, 5.0, 300),
    ("unreachable", 1, 10e9, 86_400),
]


@pytest.mark.parametrize(("kind", "failures", "asked_for", "wait"), WAITS)
def test_back_off_depends_on_the_kind_of_error(
    kind: Any, failures: int, asked_for: float | None, wait: float
):
    outcome = Outcome("one", "failed", error_kind=kind, retry_after_s=asked_for)
    assert backoff(60.0, failures, outcome) == wait


def test_a_source_asked_rarely_is_not_asked_more_often_because_it_fails():
    assert backoff(3600.0, 5, Outcome("one", "failed", error_kind="unreachable")) == 3600


@pytest.mark.parametrize("restarted", [False, True])
def test_retry_after_is_honoured_and_one_good_cycle_clears_the_error(given: Any, serve: Any, restarted: bool):
    def throttled(query: dict[str, str], request: BaseHTTPRequestHandler) -> Any:
        if len(server.asked) == 1:
            respond(request, 429, b"{}", {"Retry-After": "2"})
            return None
        return {"items": [report("A")]}

    server = serve(throttled)
    one = given(source("one", server.url))
    with one.scheduled():
        eventually(lambda: len(server.asked) == 1)
        eventually(lambda: one.runs()[0].finished)
        assert one.runs()[0].http_status == 429
        if not restarted:
            eventually(lambda: one.keys() == ["A"])
    if restarted:
        with one.again().scheduled():
            eventually(lambda: one.keys() == ["A"])
    assert server.asked[1][0] - server.asked[0][0] >= 1.9
    found = one.freshness()
    assert (found.state, one.runs()[-1].error) == ("live", "")


def test_somebody_who_asks_during_a_run_is_served_right_after_it(given: Any, serve: Any):
    go_on = threading.Event()

    def slow(query: dict[str, str], request: BaseHTTPRequestHandler) -> Any:
        go_on.wait(30)
        return {"items": [report("A")]}

    server = serve(slow)
    one = given(source("one", server.url, every="1h"))
    with one.scheduled():
        eventually(lambda: len(server.asked) == 1)
        ask_poll(one.product.store, "one", now_ms=time.time_ns() // 1_000_000)
        time.sleep(1.5)  # the request is taken while the run is in hand
        go_on.set()
        eventually(lambda: len([run for run in one.runs() if run.finished]) == 2)


def test_a_clock_that_was_set_back_does_not_stop_the_polls(given: Any, serve: Any):
    server = serve(listing([report("A")]))
    one = given(source("one", server.url, every="2s"))
    with one.scheduled() as scheduler:
        eventually(lambda: server.asked)
        scheduler._wait("one", 7200)  # as far away as a clock that went back by two hours leaves it
        scheduler.clock_moved()
        count = len(server.asked)
        eventually(lambda: len(server.asked) > count + 1)


def test_a_rejected_share_above_the_limit_makes_the_source_rejected_while_good_records_land(
    given: Any, serve: Any
):
    records = [report("A"), report("B"), report("C", area="xã Không Có")]
    server = serve(lambda query, request: {"items": records})
    one = given(source("one", server.url, more="rejected_share = 0.2"))
    outcome = one.poll()
    assert (outcome.error_kind, outcome.to_end) == ("contract", True)
    assert "1 trên 3 bản ghi bị từ chối, quá mức cho phép 20%" in outcome.error
    assert one.keys() == ["A", "B"]
    assert one.freshness().state == "rejected"
    records.pop()
    assert one.poll().outcome == "unchanged"
    assert one.freshness().state == "live"


def test_a_collector_that_lost_its_lease_lands_nothing_more(given: Any, serve: Any):
    records = [report(f"K{number:02}") for number in range(30)]
    lost = threading.Event()

    def answer(query: dict[str, str], request: BaseHTTPRequestHandler) -> Any:
        if query["page"] == "2" and not lost.is_set():
            lost.set()
            take_over(one.product)
        return listing(records)(query, request)

    server = serve(answer)
    one = given(source("one", server.url, more=PAGED))
    with pytest.raises(FencedError):
        one.poll()
    assert len(one.keys()) == 10
    other = one.again()
    assert other.poll().outcome == "changed"
    assert len(one.keys()) == 30


def test_a_run_told_to_stop_finishes_its_page_and_another_goes_on_from_there(given: Any, serve: Any):
    records = [report(f"K{number:02}") for number in range(50)]

    def answer(query: dict[str, str], request: BaseHTTPRequestHandler) -> Any:
        if query["page"] == "3":
            one.collector.stopping.set()
        return listing(records)(query, request)

    server = serve(answer)
    one = given(source("one", server.url, more=PAGED))
    outcome = one.poll()
    assert outcome.outcome == "interrupted"
    assert len(one.keys()) == 30
    assert (one.runs()[-1].outcome, one.runs()[-1].pages) == ("changed", 3)
    assert not one.collector.in_hand
    first = len(server.asked)
    one.again().poll()
    assert len(one.keys()) == 50
    assert [query["page"] for _, query in server.asked[first:]] == ["3", "4", "5"]


def spans(server: Any) -> list[tuple[int, int]]:
    return [(int(query["since"]), int(query["until"])) for _, query in server.asked]


def test_history_walks_backwards_goes_on_after_a_kill_and_ends(given: Any, serve: Any):
    failing = {3}

    def answer(query: dict[str, str], request: BaseHTTPRequestHandler) -> Any:
        if len(server.asked) in failing:
            respond(request, 500, b"{}")
            return None
        return {"items": [report(f"K{query['since']}")]}

    server = serve(answer)
    one = given(source("one", server.url, more=f'{WINDOW}\nhistory = "60d"'))
    declared, now = one.product.catalogue.sources["one"], time.time()
    assert one.collector.history(declared, now)[0]
    assert one.collector.history(declared, now)[0]
    more, outcome = one.collector.history(declared, now)
    assert (more, outcome.outcome) == (True, "failed")
    other = one.again()  # as after a kill
    while other.collector.history(declared, now)[0]:
        pass
    asked = spans(server)
    assert asked[3] == asked[2], "a step that failed is asked again"
    walked = [span for number, span in enumerate(asked) if number != 2]
    assert all(later[1] == earlier[0] for earlier, later in pairwise(walked))
    assert walked[-1][0] == int(now - 60 * 86_400)
    assert not other.collector.history(declared, now)[0]
    assert all(run.kind == "backfill" for run in one.runs())


def test_a_step_of_history_with_too_many_bad_records_is_not_asked_for_ever(given: Any, serve: Any):
    server = serve(lambda query, request: {"items": [report("A", area="xã Không Có")]})
    one = given(source("one", server.url, more=f'{WINDOW}\nhistory = "20d"'))
    declared, now = one.product.catalogue.sources["one"], time.time()
    steps = 0
    while one.collector.history(declared, now)[0]:
        steps += 1
        assert steps < 5
    assert len(set(spans(server))) == len(server.asked)


def test_a_source_that_is_down_is_not_hammered_for_its_history(given: Any, serve: Any):
    def down(query: dict[str, str], request: BaseHTTPRequestHandler) -> None:
        respond(request, 503, b"{}")

    server = serve(down)
    one = given(source("one", server.url, every="1h", more=f'{WINDOW}\nhistory = "60d"'))
    with one.scheduled():
        eventually(lambda: one.runs() and one.runs()[-1].finished)
        time.sleep(6)  # history begins five seconds after the start
    assert len(server.asked) <= 2


@pytest.fixture
def away(postgres_server: PostgresServer) -> Iterator[tuple[str, Any, Any]]:
    """Give a store, and two functions: one cuts everybody off from it, the other lets them in again."""
    url = postgres_server.create()
    name = url.rsplit("/", 1)[1]

    def cut() -> None:
        postgres_server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        postgres_server.execute(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        )

    yield url, cut, lambda: postgres_server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    postgres_server.drop(url)


def test_a_store_that_is_away_for_a_while_is_said_once_and_the_polls_go_on_by_themselves(
    away: tuple[str, Any, Any], tmp_path: Path, serve: Any, caplog: pytest.LogCaptureFixture
):
    url, cut, restore = away
    records = [report("A")]
    server = serve(lambda query, request: {"items": records})
    one = collecting(open_given(tmp_path, url, source("one", server.url), source("two", server.url)))
    caplog.set_level("INFO")
    with one.scheduled():
        eventually(lambda: one.keys() == ["A", "A"])
        cut()
        records.append(report("B"))
        time.sleep(3)
        restore()
        eventually(lambda: one.keys() == ["A", "A", "B", "B"])
        eventually(lambda: "the store answers again" in caplog.text)
        eventually(lambda: all(run.finished for run in one.runs()[:-2]))
    said = [line.getMessage() for line in caplog.records if "does not answer" in line.getMessage()]
    assert len(said) == 1, said
    one.product.store.close()
