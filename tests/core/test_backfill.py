"""A span of the past that the command line asks for: interrupted, killed and gone on, it ends as if nothing had been."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import app
from ioc.store import ask_poll, schema, waiting_requests
from tests.conftest import ROOT
from tests.connectors.answers import respond
from tests.core.given import collecting, eventually, lay_out, open_given, report, source
from tests.running.product import Running

DAY = 86_400
DAYS = 84
WINDOW = 'window = { since = "since", until = "until", format = "epoch", start = "1h" }'
BOARDS = """
[citizen_reports]
name = { vi = "Phản ánh", en = "Reports" }
tile = [{ indicator = "reports_received" }]
"""


def past(query: dict[str, str]) -> list[dict[str, Any]]:
    """List a report for every day of a span."""
    first = -(-int(query["since"]) // DAY)
    return [
        report(f"D{day}", opened=day * DAY, note=f"day {day}")
        for day in range(first, -(-int(query["until"]) // DAY))
    ]


def answer(query: dict[str, str], _: BaseHTTPRequestHandler) -> Any:
    if int(query["until"]) < time.time() - 30:
        time.sleep(0.1)
    return {"items": past(query)}


@pytest.fixture
def running(tmp_path: Path, store_url: str) -> Iterator[Running]:
    """Give a product whose processes run over this store; its sources are laid out by the test."""
    one = Running(tmp_path, tmp_path / "data", {"IOC_STORE_URL": store_url, "PYTHONUNBUFFERED": "1"})
    yield one
    one.stop_all()


def asking(running: Running, *more: str) -> subprocess.Popen[str]:
    """Start the command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, str(ROOT / "app.py"), "poll", "one", *more],
        env=running.env(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def let_lapse(url: str) -> None:
    """Let the lease of a collector that was killed run out at once."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.update(schema.lease).values(until_ms=0))
    engine.dispose()


def rows(url: str) -> list[tuple[Any, ...]]:
    """Return the cases of a store without what tells when they were learned."""
    engine = sa.create_engine(url)
    try:
        with engine.connect() as connection:
            told = [
                c
                for c in schema.case_record.c
                if c.name not in ("run_id", "known_from", "source_id", "facts")
            ]
            return sorted(tuple(row) for row in connection.execute(sa.select(*told)))
    finally:
        engine.dispose()


def test_a_span_that_was_interrupted_and_killed_ends_as_an_uninterrupted_one(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    running: Running,
    store_url: str,
    new_store_url: Any,
    tmp_path: Path,
    serve: Any,
):
    server = serve(answer)
    declared = source("one", server.url, more=WINDOW)
    since = (int(time.time()) // DAY - DAYS) * DAY
    day = time.strftime("%Y-%m-%dT00:00:00+00:00", time.gmtime(since))
    lay_out(tmp_path, declared, boards=BOARDS)
    running.start("collect")
    eventually(lambda: server.asked)
    first = asking(running, "--since", day)
    told = [first.stdout.readline() for _ in range(2)]
    assert all(
        re.search(r"back to \d{4}-\d\d-\d\d \(\d+%\): changed: 1 pages, \d+ new", line) for line in told
    ), told
    how = signal.SIGINT if store_url.startswith("sqlite") else signal.SIGTERM
    first.send_signal(how)
    rest, _ = first.communicate(timeout=20)
    assert first.returncode == 128 + how, rest
    assert "interrupted; the same command goes on before " in rest
    walked = len(server.asked)
    live = [at for at, query in server.asked if int(query["until"]) > time.time() - 60]
    assert all(later - earlier < 3 for earlier, later in pairwise(live)), "live polls keep their interval"
    second = asking(running, "--since", day)
    second.stdout.readline()
    running.kill("collect")
    second.kill()
    second.communicate()
    let_lapse(store_url)
    asked = len(server.asked)
    running.start("collect")
    eventually(lambda: len(server.asked) > asked)
    for name, value in running.env().items():
        monkeypatch.setenv(name, value)
    assert app.main(["poll", "one", "--since", day]) == 0
    last = capsys.readouterr().out
    assert re.search(r"done: one from .*: \d+ steps, \d+ new, 0 changed, \d+ same, 0 rejected", last), last
    running.stop_all()
    spans = [query["since"] for _, query in server.asked if int(query["until"]) < time.time() - DAY]
    assert len(server.asked) > walked
    assert len(spans) - len(set(spans)) <= 3, "only the step in hand is asked for again"

    folder = tmp_path / "other"
    folder.mkdir()
    url = new_store_url()
    product = open_given(folder, url, declared)
    other = collecting(product)
    other.poll()
    ask_poll(product.store, "one", now_ms=time.time_ns() // 1_000_000, since=since)
    with product.store.reading() as connection:
        request = waiting_requests(connection)[0]
    while other.collector.history(product.catalogue.sources["one"], time.time(), request)[0]:
        pass
    product.store.close()
    assert len(rows(url)) > DAYS
    assert rows(store_url) == rows(url)


def test_without_a_collector_or_with_a_source_of_now_the_command_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], store_url: str, tmp_path: Path
):
    two = source("two", "http://127.0.0.1:9/")
    monkeypatch.setenv(
        "IOC_DATA", str(lay_out(tmp_path, source("one", "http://127.0.0.1:9/", more=WINDOW), two))
    )
    monkeypatch.setenv("IOC_STORE_URL", store_url)
    for status, asked, words in (
        (1, ("one", "--since", "2026-01-01"), "no collector is running: start `python app.py collect`"),
        (
            2,
            ("two", "--since", "2026-01-01"),
            "a source of the kind rest_json declared like this one answers only",
        ),
        (2, ("one", "--since", "yesterday"), "a day such as 2020-01-01"),
        (2, ("one", "--since", "2012-01-01"), "what lies before 2019-01-01 is rejected (earliest in"),
        (2, ("one", "--until", "2026-01-01"), "--until needs --since"),
        (2, ("one", "--since", "2026-01-02", "--until", "2026-01-01"), "--since lies before --until"),
    ):
        assert app.main(["poll", *asked]) == status
        assert words in capsys.readouterr().err


def test_a_source_that_refuses_its_past_ends_the_command_in_words(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    given: Any,
    store_url: str,
    tmp_path: Path,
    serve: Any,
):
    def refuses(query: dict[str, str], request: BaseHTTPRequestHandler) -> Any:
        if int(query["since"]) < time.time() - DAY:
            respond(request, 403, b"{}")
            return None
        return {"items": []}

    server = serve(refuses)
    one = given(source("one", server.url, more=WINDOW))
    monkeypatch.setenv("IOC_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("IOC_STORE_URL", store_url)
    with one.scheduled():
        eventually(lambda: one.runs())
        assert app.main(["poll", "one", "--since", "2026-01-01"]) == 1
    said = capsys.readouterr().err
    assert "step failed (refused): " in said
    assert "the source refuses: asking again alone cannot help; the same command goes on at the start" in said
    with one.product.store.reading() as connection:
        assert not waiting_requests(connection), "nobody works on"
