"""Honest states, seen from outside: every fault of a source, a faulty declaration, a dead collector, and back again."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from ioc.store import ask_poll, open_store
from tests.conftest import ROOT, a_free_port
from tests.core.given import eventually, lay_out, source
from tests.running.product import Running

SANDBOX = {"ID": "sandbox", "SECRET": "sandbox", "REPORTS_KEY": "sandbox-1022"}
REPLACED = [
    ('every     = "30s"', 'every = "1s"'),
    ('every      = "60s"', 'every = "1s"'),
    ('fresh_for = "3m"', 'fresh_for = "5s"'),
    ('fresh_for  = "5m"', 'fresh_for = "5s"'),
    ('deadline  = "20s"', 'deadline = "4s"'),
    ('deadline   = "20s"', 'deadline = "4s"'),
    ('history   = "395d"', ""),
    ('history    = "395d"', ""),
    ('start = "3d"', 'start = "1d"'),
    ('start = "7d"', 'start = "1d"'),
    ('id = "sandbox", secret = "sandbox"', 'id_env = "ID", secret_env = "SECRET"'),
    ('key = "sandbox-1022"', 'key_env = "REPORTS_KEY"'),
    ('overlap = "10m"', 'overlap = "1d"'),  # so that every poll brings records, also on a Sunday before dawn
    ("{sandbox}", "${SANDBOX}"),
]
IDS = ("one_stop", "reports_1022", "land_requests")
BOARDS = """
[overview]
name = { vi = "Toàn cảnh", en = "Overview" }
tile = [
  { indicator = "dossiers_overdue", place = "lefft" },
  { indicator = "dossiers_on_time", place = "left" },
  { indicator = "reports_overdue", place = "left" },
  { indicator = "land_overdue", place = "right" },
  { indicator = "certificates_issued", place = "right" },
]

[public_services]
name = { vi = "Thủ tục hành chính", en = "Public services" }
tile = [{ indicator = "dossiers_on_time" }, { indicator = "dossiers_overdue" }]

[citizen_reports]
name = { vi = "Phản ánh", en = "Reports" }
tile = [{ indicator = "reports_overdue" }, { indicator = "reports_on_time" }]

[land]
name = { vi = "Đất đai", en = "Land" }
tile = [{ indicator = "land_overdue" }]
"""
"""Few tiles, so that intervals of a second suffice: what is shown follows within one publication."""


def declared() -> str:
    """Write the sandbox's sources as a province declares its own: by address and environment, at short intervals."""
    text = ""
    for name in ("public_services", "citizen_reports", "land"):
        text += (ROOT / "sandbox" / "data" / "sources" / f"{name}.toml").read_text("utf-8")
    text = text.partition("[national_portal_766]")[0] + text[text.index("[reports_1022]") :]
    for old, new in REPLACED:
        text = text.replace(old, new)
    return text


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Run sandbox, collect and serve, over a source, an indicator and a board's tile that are misspelt."""
    folder = tmp_path_factory.mktemp("states")
    broken = source("broken", "http://127.0.0.1:9/").replace('"1s"', '"hourly"')
    data = lay_out(folder, declared(), broken, boards=BOARDS)
    (data / "indicators").unlink()
    (data / "indicators").mkdir()
    for path in (ROOT / "data" / "indicators").glob("*.toml"):
        text = path.read_text("utf-8").replace("certificates_issued]", "certificates_isued]", 1)
        (data / "indicators" / path.name).write_text(text, encoding="utf-8")
    sandbox = a_free_port()
    environ = {**SANDBOX, "SANDBOX": f"http://127.0.0.1:{sandbox}", "IOC_SANDBOX_PORT": str(sandbox)}
    running = Running(folder, data, environ)
    running.start("sandbox", "serve", "collect")
    running.until_answering()
    for id in IDS:
        eventually(lambda id=id: running.state(id)["state"] == "live", 60, f"{id} is live")
    yield running
    running.stop_all()


def switch(product: Running, **faults: str) -> None:
    """Switch faults of the sandbox on, or off."""
    for id, fault in faults.items():
        connection = http.client.HTTPConnection(
            "127.0.0.1", int(product.environ["IOC_SANDBOX_PORT"]), timeout=20
        )
        connection.request("POST", "/_admin/faults", json.dumps({"source": id, "fault": fault}))
        assert connection.getresponse().status == 200
        connection.close()


def poll_now(product: Running, *ids: str) -> None:
    """Ask the collector for a poll, as the page of the sources does."""
    store = open_store(product.env()["IOC_STORE_URL"], simulated=False, province="22")
    for id in ids:
        ask_poll(store, id, now_ms=time.time_ns() // 1_000_000)
    store.close()


def until(page: Any, true: str, within_s: float = 20) -> None:
    """Wait until a page says that something is true; its policy forbids the usual way, which evaluates texts."""
    eventually(lambda: page.evaluate(true), within_s, true)


ROUNDS = [
    {
        "one_stop": ("500", "down", "HTTP 500"),
        "reports_1022": ("html", "rejected", "HTML"),
        "land_requests": ("hang", "down", "không trả lời xong trong 4 giây"),
    },
    {
        "one_stop": ("expired_token", "down", "HTTP 401"),
        "reports_1022": ("wrong_type", "rejected", "danh sách"),
        "land_requests": ("drip", "down", "không trả lời xong trong 4 giây"),
    },
    {
        "one_stop": ("changed_schema", "rejected", "bị từ chối"),
        "reports_1022": ("429", "down", "sẽ hỏi lại 30 giây nữa"),
        "land_requests": ("truncated", "down", "đứt"),
    },
]
SECTOR_TILES = {
    "one_stop": ("public_services", "dossiers_on_time"),
    "reports_1022": ("citizen_reports", "reports_overdue"),
    "land_requests": ("land", "land_overdue"),
}


@pytest.mark.parametrize("faults", ROUNDS, ids=["-".join(f[0] for f in one.values()) for one in ROUNDS])
def test_a_fault_greys_its_tiles_with_one_sentence_and_one_good_cycle_clears_it(
    product: Running, faults: dict[str, tuple[str, str, str]]
):
    switch(product, **{id: fault for id, (fault, _, _) in faults.items()})
    for id, (fault, state, sentence) in faults.items():
        told = eventually(
            lambda id=id, state=state: (found := product.state(id))["state"] == state and found,
            30,
            f"{id} with {fault} becomes {state}",
        )
        assert sentence in told["error"], told["error"]
        assert told["sentence"]["vi"].startswith(("Mất kết nối từ", "Bị từ chối từ"))
        board, indicator = SECTOR_TILES[id]
        tile = eventually(
            lambda b=board, i=indicator: (found := product.tile(b, i))["status"] == "stale" and found, 15
        )
        assert tile["value"] is not None, "a stale number stays, greyed"
    switch(product, **dict.fromkeys(faults, "off"))
    poll_now(product, *faults)
    for id in faults:
        eventually(lambda id=id: product.state(id)["state"] == "live", 30, f"{id} is live again")
        board, indicator = SECTOR_TILES[id]
        eventually(lambda b=board, i=indicator: product.tile(b, i)["status"] != "stale", 15)


def test_duplicates_and_vanished_records_change_no_number(product: Running):
    before = product.get("/api/v1/sources/one_stop/runs", limit=1)["items"][0]["id"]
    switch(product, one_stop="duplicate", reports_1022="vanished_record")
    eventually(
        lambda: product.get("/api/v1/sources/one_stop/runs", limit=1)["items"][0]["id"] > before + 6, 30
    )
    switch(product, one_stop="off", reports_1022="off")
    for id in ("one_stop", "reports_1022"):
        runs = product.get(f"/api/v1/sources/{id}/runs", limit=3)["items"]
        assert product.state(id)["state"] == "live"
        assert all(run["gone"] == 0 and run["rejected"] == 0 for run in runs)


def test_a_typo_disables_one_source_indicator_and_tile_and_is_told_everywhere(product: Running, page: Any):
    health = product.get("/healthz")
    faults = {(fault["file"].rpartition("/")[2], fault["key"]): fault["table"] for fault in health["faults"]}
    assert faults["given.toml", "every"] == "broken"
    assert faults["given.toml", "place"] == "overview.tile 1"
    assert faults["given.toml", "indicator"] == "overview.tile 5", (
        "what rests on the indicator is told as well"
    )
    assert faults["land.toml", "of"] == "certificates_issued"
    told = product.state("broken")
    assert (told["disabled"], told["state"]) == (True, "never")
    assert 'a length such as "30s"' in told["error"]
    page.goto(f"http://127.0.0.1:{product.port}/sources")
    until(page, "document.body.innerText.includes('a length such as')")
    text = page.locator("body").inner_text()
    assert "left, middle, right, row" in text
    assert "every" in text
    assert product.tile("overview", "reports_overdue")


def test_killing_the_collector_greys_the_wall_and_it_comes_back_by_itself(product: Running, page: Any):
    page.goto(f"http://127.0.0.1:{product.port}/wall/overview?lang=vi")
    until(page, "document.querySelectorAll('.tile').length > 2", 20)
    until(page, "!document.querySelector('[data-lost]')", 20)
    product.kill("collect")
    killed = time.monotonic()
    until(page, "document.querySelector('[data-lost=collector_lost]')", 25)
    assert time.monotonic() - killed < 20
    assert "Bộ thu thập dừng từ" in page.locator("#trouble").inner_text()
    status, body = product.ask("/healthz")
    assert status == 503
    assert "the collector's last heartbeat is" in json.loads(body)["reasons"][0]
    product.start("collect")
    until(page, "!document.querySelector('[data-lost]')", 30)
    for id in IDS:
        eventually(lambda id=id: product.state(id)["state"] == "live", 30)


def test_a_silent_source_greys_its_tile_on_the_wall(product: Running, page: Any):
    page.goto(f"http://127.0.0.1:{product.port}/wall/public_services?lang=vi")
    tile = "document.getElementById('public_services-tile-dossiers_on_time')"
    until(page, f"{tile} && {tile}.classList.contains('tile') && !{tile}.classList.contains('is-stale')")
    switch(product, one_stop="500")
    until(page, f"{tile}.classList.contains('is-stale')")
    until(page, f"{tile}.innerText.includes('Mất kết nối')")
    switch(product, one_stop="off")
    poll_now(product, "one_stop")
    until(page, f"!{tile}.classList.contains('is-stale')")


def test_no_person_of_the_sources_is_kept_or_logged(product: Running):
    everything = product.everything_kept()
    for personal in ("CÔNG DÂN", "090000", "sandbox-1022"):
        assert personal.encode() not in everything, personal


def test_nothing_was_said_twice_and_no_trace_was_printed(product: Running):
    for name in ("collect", "serve", "sandbox"):
        log = Path(product.log(name)).read_text("utf-8")
        assert "Traceback" not in log
    lines = product.log("collect").read_text("utf-8").splitlines()
    for id in IDS:
        told = [line.partition(f"{id}: ")[2] for line in lines if f"{id}: " in line]
        assert len(told) >= 6, "down and back in each of three rounds"
        assert all(one != other for one, other in pairwise(told)), told


def test_sigterm_ends_everything_in_time_with_nothing_lost(product: Running):
    for name in ("collect", "serve", "sandbox"):
        assert product.stop(name, 8) == 0
