"""What a hostile or broken source may send: it costs that record, or that source, and nothing else."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler
from typing import Any

import sqlalchemy as sa

from ioc.store import schema
from tests.core.given import PAGED, listing, report, source

EMOJI = "🛵 Ổ gà ở ngã tư 🏍️ 𠮷"

STRANGE = {
    "opened in 10^30 seconds": {"opened": 10**30},
    "opened long before time": {"opened": -(10**30)},
    "opened at the end of year 9999": {"opened": 253_402_300_799},
    "opened at 1e308": {"opened": 1e308},
    "opened on a text": {"opened": "9999-12-31"},
    "opened is true": {"opened": True},
    "opened is a table": {"opened": {"at": 1}},
    "due in 10^18 seconds": {"due": 10**18},
    "state is a list": {"state": ["open"]},
    "state is unknown": {"state": "lạ"},
    "commune of another province": {"area": "00070"},
    "commune that is none": {"area": "xã Không Có"},
    "commune of 5,000 letters": {"area": "x" * 5000},
    "empty key": {"id": ""},
    "no key": {"id": None},
    "key is a table": {"id": {"a": 1}},
}
CLEANED = {
    "NUL in a text": {"category": "hố\0ga"},
    "NUL in a fact": {"note": "hố\0ga"},
    "NUL in a key": {"id": "X\0"},
    "half a character": {"note": "\ud800"},
    "a place that is NUL": {"area": "\0"},
}


def test_strange_records_are_rejected_each_with_a_sentence_and_their_neighbours_land(given: Any, serve: Any):
    strange = [{**report(f"X{number}"), **patch} for number, patch in enumerate(STRANGE.values())]
    server = serve(listing([report("A"), *strange, report("B")], per_page=100))
    one = given(source("one", server.url, more="rejected_share = 1.0"))
    outcome = one.poll()
    assert (outcome.outcome, outcome.error) == ("changed", "")
    assert one.keys() == ["A", "B"]
    assert one.runs()[-1].rejected == len(STRANGE)
    reasons = one.rejected()
    assert all(20 < len(reason) < 500 for reason in reasons), reasons


def test_characters_that_are_none_are_taken_out_and_their_records_land(given: Any, serve: Any):
    odd = [{**report(f"X{number}"), **patch} for number, patch in enumerate(CLEANED.values())]
    server = serve(listing([report("A"), *odd], per_page=100))
    one = given(source("one", server.url))
    outcome = one.poll()
    assert (outcome.outcome, outcome.error) == ("changed", "")
    assert one.keys() == ["A", "X", "X0", "X1", "X3", "X4"]


def test_names_of_any_length_and_script_land_as_they_are(given: Any, serve: Any):
    long = "Đường " * 1000
    records = [report("A", category=EMOJI, note=EMOJI), report("🛵", category="c" * 5000, note=long)]
    server = serve(listing(records))
    one = given(source("one", server.url))
    assert one.poll().outcome == "changed"
    with one.product.store.reading() as connection:
        columns = schema.case_record.c
        found = {
            row.key: row
            for row in connection.execute(sa.select(columns.key, columns.category, columns.facts))
        }
    assert found["A"].category == EMOJI
    assert found["🛵"].category == "c" * 5000


def test_of_two_records_with_one_key_in_a_page_the_last_wins(given: Any, serve: Any):
    server = serve(listing([report("A", category="first"), report("A", category="second")]))
    one = given(source("one", server.url))
    one.poll()
    with one.product.store.reading() as connection:
        rows = connection.execute(sa.select(schema.case_record.c.key, schema.case_record.c.category)).all()
    assert rows == [("A", "second")]
    assert one.poll().outcome == "unchanged"


BODIES = {
    "deep": b'{"items": [' + b"[" * 100_000,
    "no list": b'{"items": {"a": 1}}',
    "no objects": b'{"items": [1, null, "x", [], {}]}',
    "no text": b'\xff\xfe\x00{"items"',
    "a page": b"<!DOCTYPE html><h1>0912 345 678</h1>",
    "nothing": b"",
    "null": b"null",
    "cut": b'{"items": [{"id": "A", "sta',
}


def test_a_body_that_is_none_makes_the_source_rejected_and_says_why(given: Any, serve: Any):
    bodies = iter(BODIES.values())
    server = serve(lambda query, request: next(bodies))
    one = given(source("one", server.url))
    for name in BODIES:
        outcome = one.poll()
        assert (outcome.outcome, outcome.error_kind) == ("failed", "contract"), name
        assert "345" not in outcome.error, name
        assert one.freshness().state == "rejected", name
        assert one.runs()[-1].error == outcome.error, name


def test_ten_thousand_rejected_records_are_kept_once_and_bounded_pages_land(given: Any, serve: Any):
    records = [report(f"K{number}", area="xã Không Có") for number in range(10_000)]
    server = serve(lambda query, request: {"items": records})
    one = given(source("one", server.url))
    outcome = one.poll()
    assert (outcome.outcome, outcome.error_kind) == ("failed", "contract")
    assert one.runs()[-1].rejected == 10_000
    assert len(one.rejected()) == 10_000


def test_an_answer_above_the_limit_is_left_unread(given: Any, serve: Any):
    sent = 0

    def flood(query: dict[str, str], request: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        request.send_response(200)
        request.send_header("Content-Type", "application/json")
        request.end_headers()
        block = b" " * 1_000_000
        for _ in range(200):
            request.wfile.write(block)
            sent += len(block)

    server = serve(flood)
    one = given(source("one", server.url, more="max_bytes = 2_000_000"))
    outcome = one.poll()
    assert (outcome.outcome, outcome.error_kind) == ("failed", "contract")
    assert "2 MB" in outcome.error
    assert sent < 30_000_000


def test_a_server_restarted_in_the_middle_of_a_list_costs_no_record(given: Any, serve: Any):
    records = [report(f"K{number:02}") for number in range(35)]
    broken = threading.Event()

    def answer(query: dict[str, str], request: BaseHTTPRequestHandler) -> Any:
        if query.get("page") == "3" and not broken.is_set():
            broken.set()
            request.connection.shutdown(socket.SHUT_RDWR)
            return None
        return listing(records)(query, request)

    server = serve(answer)
    one = given(source("one", server.url, more=PAGED))
    first = one.poll()
    assert (first.outcome, first.error_kind) == ("failed", "unreachable")
    assert len(one.keys()) == 20
    assert one.poll().outcome == "changed"
    assert len(one.keys()) == 35


def test_a_source_that_leads_in_a_circle_is_told_and_ends(given: Any, serve: Any):
    server = serve(lambda query, request: {"items": [report("A")], "next": "/?page=1"})
    one = given(source("one", server.url, more='paging = { kind = "next", next = "next" }'))
    outcome = one.poll()
    assert outcome.error_kind == "contract"
    assert len(server.asked) < 5


def test_a_page_that_breaks_keeping_fails_its_source_alone_and_says_where_without_the_record(
    given: Any, serve: Any
):
    server = serve(listing([report("A", note="Nguyễn Văn Bí Mật")]))
    one = given(source("one", server.url))

    def broken(*_: Any) -> Any:
        raise KeyError("Nguyễn Văn Bí Mật")

    one.collector.affects = broken  # a fault of ours, in the middle of the transaction
    outcome = one.poll()
    assert (outcome.outcome, outcome.error_kind) == ("failed", "fault")
    assert "KeyError" in outcome.error
    assert "Bí Mật" not in outcome.error
    assert one.keys() == []
    assert one.runs()[-1].finished is not None
