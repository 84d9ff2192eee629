"""Records that a server on loopback sends, through a collector that is killed again and again, to the read API."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from itertools import pairwise
from typing import Any

import pytest

from tests.connectors.answers import respond
from tests.core.given import Server, eventually, lay_out, source
from tests.running.product import Running

SECRETS = {"SECRET_KEY": "k3y-Of-The-Whole-Province", "SECRET_PASSWORD": "pa55 w0rd&of=all"}
PERSON, PHONE = "Nguyễn Thị Riêng Tư", "0912 345 678"
PAGED = 'paging = { kind = "page", page = "page", size = "size", per_page = 10, first = 1, total = "total" }'
BEARER = 'auth = { kind = "bearer", token_env = "SECRET_KEY" }'
BASIC = 'auth = { kind = "basic", user = "ioc", password_env = "SECRET_PASSWORD" }'

BOARDS = """
[public_services]
name = { vi = "Thủ tục hành chính", en = "Public services" }
tile = [{ indicator = "dossiers_on_time" }, { indicator = "dossiers_overdue" }]

[citizen_reports]
name = { vi = "Phản ánh", en = "Reports" }
tile = [{ indicator = "reports_overdue" }, { indicator = "reports_processed" }]
"""


@dataclass
class World:
    """What the servers tell: records by source, and how long they think about a page."""

    records: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    pause_s: float = 0.0

    def listing(self, name: str) -> Any:
        """Answer with the records of a source, page by page."""

        def answer(query: dict[str, str], request: BaseHTTPRequestHandler) -> Any:
            time.sleep(self.pause_s)
            size = int(query.get("size", 100_000))
            at = (int(query.get("page", 1)) - 1) * size
            return {"items": self.records[name][at : at + size], "total": len(self.records[name])}

        return answer


def refusing(query: dict[str, str], request: BaseHTTPRequestHandler) -> None:
    """Refuse, and say in the refusal what nobody may see."""
    sent = request.headers.get("Authorization", "")
    text = f'{{"message": "khóa {sent} của {PHONE}, a.b@example.vn không đúng", "token": "{sent}"}}'
    respond(request, 401, text.encode())


def cases(count: int, closed: int, on_time: int, opened: int, due: int, end: int) -> list[dict[str, Any]]:
    """Make cases of which so many are closed, of those so many before `end`, which is not after due."""
    made = []
    for number in range(count):
        one = {
            "id": f"N{number:05}",
            "state": "open",
            "opened": opened + number,
            "due": due,
            "person": PERSON,
        }
        if number < closed:
            one |= {"state": "closed", "closed": end if number < on_time else due + 60}
        made.append(one)
    return made


@pytest.fixture(scope="module")
def world() -> World:
    now = int(time.time())
    return World(
        {
            # 1,712 of 1,832 on time, this month or the last; 620 reports of which 588 closed
            "one_stop": cases(1832, 1832, 1712, now - 7200, now - 600, now - 660),
            "reports_1022": cases(620, 588, 588, now - 7200, now + 864_000, now - 300),
        },
        pause_s=0.02,
    )


@pytest.fixture(scope="module")
def product(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Start collect and serve over sources of these servers; the collector is killed five times on the way."""
    folder = tmp_path_factory.mktemp("golden")
    servers = {name: Server(world.listing(name)) for name in world.records}
    servers |= {"refusing": Server(refusing), "denying": Server(refusing)}
    one_stop = source("one_stop", servers["one_stop"].url, every="2s", more=f'fresh_for = "1m"\n{PAGED}')
    data = lay_out(
        folder,
        one_stop.replace("case:report", "case:dossier").replace("citizen_reports", "public_services"),
        source("reports_1022", servers["reports_1022"].url, every="1h"),
        source("refusing", servers["refusing"].url, more=BEARER).replace("citizen_reports", "land"),
        source("denying", servers["denying"].url, more=BASIC).replace("citizen_reports", "land"),
        boards=BOARDS,
    )
    running = Running(folder, data, SECRETS)
    running.start("serve", "collect")
    running.until_answering()
    chance = random.Random(9)
    for _ in range(5):
        asked = len(servers["one_stop"].asked)
        eventually(lambda asked=asked: len(servers["one_stop"].asked) > asked + 5, 60, "a collector polls")
        time.sleep(chance.random() * 0.7)
        running.kill("collect")
        running.lapse_lease()
        running.start("collect")
    world.pause_s = 0.0
    yield running
    running.stop_all()
    for server in servers.values():
        server.close()


def test_every_record_is_there_once_though_the_collector_was_killed(product: Running):
    eventually(lambda: product.state("one_stop")["state"] == "live", 60)
    value = eventually(
        lambda: (found := product.value("dossiers_on_time", period="last_30d"))[2] == 1832 and found, 60
    )
    assert value == (pytest.approx(93.45, abs=0.005), 1712, 1832) or value == (93.4, 1712, 1832)
    runs = product.get("/api/v1/sources/one_stop/runs", limit=1000)["items"]
    assert sum(run["new"] for run in runs) == 1832
    assert sum(run["changed"] for run in runs) == 0


def test_six_hundred_and_twenty_reports_read_as_they_should(product: Running):
    eventually(lambda: product.value("reports_received", period="last_30d")[0] == 620, 30)
    told = product.get("/api/v1/cases", kind="report", limit=1000)
    assert len([one for one in told["items"] if one["state"] == "open"]) == 32
    handled = product.value("reports_processed", period="last_30d")
    assert handled == (94.8, 588, 620) or handled == (pytest.approx(94.84, abs=0.005), 588, 620)


def test_boards_are_published_right_after_a_takeover(product: Running):
    before = {one["id"]: one["version"] for one in product.get("/api/v1/boards")["items"]}
    product.kill("collect")
    product.lapse_lease()
    product.start("collect")
    eventually(lambda: product.ask("/healthz")[0] == 200, 30)
    judged = ("good", "warning", "critical")
    eventually(lambda: product.tile("public_services", "dossiers_on_time").get("status") in judged, 20)
    assert before.keys() == {one["id"] for one in product.get("/api/v1/boards")["items"]}


def test_a_late_correction_changes_the_number_and_keeps_the_past(product: Running, world: World):
    before = product.value("dossiers_on_time", period="last_30d")
    then = datetime.now(UTC).isoformat()
    time.sleep(0.1)
    wrong = world.records["one_stop"][1800]
    world.records["one_stop"][1800] = {**wrong, "closed": wrong["due"] - 60}
    eventually(lambda: product.value("dossiers_on_time", period="last_30d")[1] == 1713, 30)
    assert product.value("dossiers_on_time", period="last_30d", as_of=then) == before


def test_a_case_that_passes_its_due_time_is_overdue_with_no_poll(product: Running, world: World):
    due = int(time.time()) + 7
    world.records["reports_1022"].append({"id": "LATE", "state": "open", "opened": due - 600, "due": due})
    assert product.run("poll", "reports_1022").returncode == 0
    assert product.tile("citizen_reports", "reports_overdue")["value"] == 0
    runs = product.get("/api/v1/sources/reports_1022/runs")["items"]
    tile = eventually(
        lambda: (found := product.tile("citizen_reports", "reports_overdue")).get("value") == 1 and found, 20
    )
    assert time.time() > due
    assert tile["status"] == "warning"
    assert product.get("/api/v1/sources/reports_1022/runs")["items"] == runs, "nobody asked the source"


def test_poll_tells_what_came_and_fails_where_the_source_does(product: Running):
    good = product.run("poll", "reports_1022")
    assert good.returncode == 0
    assert re.search("unchanged: 1 pages, 0 new, 0 changed, 62[01] same, 0 rejected, 0 gone", good.stdout)
    bad = product.run("poll", "refusing")
    assert bad.returncode == 1
    assert "Nguồn từ chối chúng ta (HTTP 401" in bad.stdout


def test_explain_walks_a_number_back_to_its_parts(product: Running):
    told = product.run("explain", "reports_processed")
    assert told.returncode == 0
    for part in ("tử số 588", "reports_1022", "sha256:"):
        assert part in told.stdout


def test_two_collectors_share_the_work_one_at_a_time(product: Running):
    product.processes["second"] = product.processes.pop("collect")
    product.start("collect")
    time.sleep(3)
    runs = product.get("/api/v1/sources/one_stop/runs", limit=20)["items"]
    polls = sorted((run["started"], run["finished"]) for run in runs if run["finished"])
    assert all(one[1] <= other[0] for one, other in pairwise(polls))
    held = product.log("collect").read_text("utf-8").count("holds the lease")
    assert product.stop("second") == 0
    eventually(lambda: product.log("collect").read_text("utf-8").count("holds the lease") > held, 20)
    eventually(lambda: product.get("/api/v1/sources/one_stop/runs")["items"][0]["id"] > runs[0]["id"], 20)


def test_no_secret_and_no_person_is_kept_logged_or_shown(product: Running):
    for id in ("refusing", "denying"):
        assert product.state(id)["error"].startswith("Nguồn từ chối chúng ta (HTTP 401")
    everything = product.everything_kept()
    for path in ("/healthz", "/api/v1/sources", "/api/v1/sources/refusing/runs", "/api/v1/cases?kind=report"):
        everything += product.ask(path)[1]
    for secret in (*SECRETS.values(), PERSON, PHONE, "345 678", "a.b@example.vn"):
        assert secret.encode() not in everything, secret


def test_logs_say_a_change_once(product: Running):
    log = product.log("collect").read_text("utf-8")
    starts = log.count("holds the lease")
    assert 1 <= log.count("WARNING refusing:") <= starts
    assert "Traceback" not in log
    assert "Traceback" not in product.log("serve").read_text("utf-8")


def test_sigterm_ends_collect_and_serve_in_time(product: Running):
    for name in ("collect", "serve"):
        assert product.stop(name, 8) == 0
