"""Every kind of contradiction, from the source's answer to the tile: it appears, it passes, and the past remembers it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

import api
import connectors
from ioc import settings
from ioc.calendar import iso, local_date
from ioc.product import Product, declare, open_product
from ioc.publish import Publisher
from ioc.store.contradictions import answer
from ioc.trust import Trust
from tests.api.province import Province
from tests.conftest import ROOT
from tests.core.given import Server, collecting

SOURCE = """
[{id}]
name      = {{ vi = "Nguồn {id}", en = "Source {id}" }}
connector = "rest_json"
sector    = "{sector}"
shape     = "{shape}"
owner     = "so_y_te"
url       = "{url}/{id}"
every     = "1h"
items     = "{id}"
times     = {{ format = "%Y-%m-%d", zone = "+07:00" }}
earliest  = "2017-01-01"
rejected_share = 1.0
{more}
"""
FIGURES = """
personal_data = false
[{id}.fields]
variable = "v"
place = "p"
time = "t"
span = "s"
kind = "k"
category = "c"
channel = "ch"
value = "x"
method = "'official'"
"""
REPORTS = """
complete = true
[reports_1022.fields]
key = "id"
state = "'open'"
opened = "t"
"""
SECTORS = {
    "hospitals": "health",
    "health_workbook": "health",
    "diseases": "health",
    "published_figures": "public_services",
    "finance_workbook": "socio_economy",
    "population": "population",
}
SITES = """
[hospital_1]
name = { vi = "Bệnh viện 1", en = "Hospital 1" }
kind = "hospital"
area = "06685"
lat = 20.95
lon = 107.08
[hospital_2]
name = { vi = "Bệnh viện 2", en = "Hospital 2" }
kind = "hospital"
area = "06652"
lat = 20.96
lon = 107.09
"""
TILES = (
    {"indicator": "visits"},
    {"indicator": "visits", "area": "06685"},
    {"indicator": "visits", "area": "06652"},
    {"indicator": "visits", "site": "hospital_2"},
    {"indicator": "emergency_visits"},
    {"indicator": "reports_printed", "period": "2022-04"},
    {"indicator": "reports_printed", "period": "2020"},
    {"indicator": "procedures_integrated_printed", "period": "2022"},
    {"indicator": "dossiers_on_time_printed", "period": "2020"},
    {"indicator": "services_online_printed", "period": "2020"},
    {"indicator": "reports_within_24h"},
    {"indicator": "budget_revenue_ytd"},
    {"indicator": "budget_spending_ytd"},
    {"indicator": "dengue_month"},
    {"indicator": "disease_cases", "category": "dengue"},
    {"indicator": "disease_cases", "category": "measles"},
    {"indicator": "cards_returned_share"},
    {"indicator": "cards_sent_share"},
    {"indicator": "reports_open"},
)
NOTE = "Báo cáo gốc không nêu mẫu số"
NOW = time.time()
TODAY = local_date(NOW)
LAST = TODAY - timedelta(days=1 + (TODAY.timetuple().tm_yday == 2))
TWO_DAYS = (LAST - timedelta(days=1), LAST)
"""Two days of one year that are over."""
MONDAY = TODAY - timedelta(days=TODAY.weekday())


def figure(
    v: str, x: float, t: date | str, s: str = "day", p: str = "22", k: str = "count", **more: str
) -> dict[str, Any]:
    """Write a figure as the sources of this test do."""
    return {"v": v, "x": x, "t": str(t), "s": s, "p": p, "k": k, **more}


def visits(x: float) -> list[dict[str, Any]]:
    """Give yesterday's visits of two hospitals, the first with so many."""
    day = TODAY - timedelta(days=1)
    return [figure("visits", x, day, p="hospital_1"), figure("visits", 80, day, p="hospital_2")]


def answers(step: str) -> dict[str, list[dict[str, Any]]]:
    """Return what every source says: figures that agree, or ones that contradict each other."""
    wrong = step == "wrong"
    emergencies = {"right": 5, "wrong": -5, "again": 6}[step]
    weeks = [MONDAY - timedelta(weeks=2), MONDAY - timedelta(weeks=1)]
    due, told = ((100, 50), (80, 45)) if wrong else ((100, 100), (80, 85))
    ytd = (500, 480) if wrong else (500, 520)
    months = ("2025-05-01", "2025-06-01", "2025-07-01", "2025-08-01")
    cases = [(10, 12, 200, 210) if wrong else (10, 12, 11, 13), (5, 5, 5, 5)]
    return {
        "hospitals": visits(100),
        "health_workbook": [
            *visits(130 if wrong else 100),
            figure("emergency_visits", emergencies, TODAY - timedelta(days=1), p="hospital_1"),
        ],
        "diseases": [
            *(figure("reports_24h_due", n, week, "week") for n, week in zip(due, weeks, strict=True)),
            *(figure("reports_24h", n, week, "week") for n, week in zip(told, weeks, strict=True)),
            *(
                figure("disease_cases", n, month, "month", c=category)
                for category, numbers in zip(("dengue", "measles"), cases, strict=True)
                for n, month in zip(numbers, months, strict=True)
            ),
        ],
        "finance_workbook": [
            *(figure("budget_revenue_ytd", x, day, k="cumulative") for day, x in zip(TWO_DAYS, ytd, strict=True)),
            figure("budget_spending_ytd", 300, TWO_DAYS[1], k="cumulative"),
        ],
        "population": [
            figure(step, n, TWO_DAYS[1], k="cumulative")
            for step, n in (
                ("cards_collected", 1000),
                ("cards_sent", 900),
                ("cards_received", 800),
                ("cards_returned", 801 if wrong else 790),
            )
        ],
        "published_figures": [
            figure("reports_printed", 442, "2022-04-01", "month"),
            figure("reports_printed", 620, "2020-01-01", "year"),
            *(
                figure("reports_by_channel_printed", n, "2022-04-01", "month", ch=channel)
                for channel, n in (("phone", 345 if wrong else 346), ("EMAIL", 3), ("zalo", 42), ("web", 38), ("facebook", 13))
            ),
            figure("procedures_integrated_printed", 75 if wrong else 68.9, "2022-01-01", "year", k="share"),
            figure("procedures_integrated", 1180, "2022-01-01", "year"),
            figure("procedures_online_34", 1712, "2022-01-01", "year"),
            figure("procedures_total", 1832, "2022-01-01", "year"),
            figure("services_online_printed", 1945, "2020-01-01", "year"),
            *([figure("dossiers_on_time_printed", 99.1, "2020-07-01", "year", k="share")] if wrong else []),
        ],
        "reports_1022": [{"id": f"PA-{n:02}", "t": f"{TODAY}"} for n in range(30 if wrong else 40)],
    }  # fmt: skip


@dataclass
class Told:
    """What the API said after each step: "right", "wrong" and "again"; at: the instant behind each, as the API takes it."""

    get: Callable[..., Any]
    at: dict[str, str] = field(default_factory=dict)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    tiles: dict[str, dict[str, Any]] = field(default_factory=dict)

    def of_rule(self, step: str, rule: str) -> list[dict[str, Any]]:
        """Return what a rule found, as it stood after a step."""
        return [row for row in self.rows[step] if row["rule"] == rule]


def key(tile: dict[str, str]) -> str:
    """Name a tile by its indicator and what it is narrowed to."""
    return " ".join(tile.values())


def lay_out(folder: Path, url: str) -> Path:
    """Make a data folder: the province's own declarations, these sources and one board."""
    data = folder / "data"
    for name in ("sources", "sites", "boards"):
        (data / name).mkdir(parents=True)
    for path in (ROOT / "data").iterdir():
        if path.name not in ("store", "sources", "sites", "boards", "playlists.toml"):
            (data / path.name).symlink_to(path)
    told = [
        SOURCE.format(id=id, sector=sector, shape="observation", url=url, more=FIGURES.format(id=id))
        for id, sector in SECTORS.items()
    ]
    told.append(
        SOURCE.format(id="reports_1022", sector="citizen_reports", shape="case:report", url=url, more=REPORTS)
    )
    (data / "sources" / "told.toml").write_text("".join(told), encoding="utf-8")
    (data / "sites" / "hospitals.toml").write_text(SITES, encoding="utf-8")
    board = ['[health]\nname = { vi = "Thử", en = "Test" }\naudience = "sector"\n']
    for tile in TILES:
        lines = "".join(f'{name} = "{value}"\n' for name, value in tile.items())
        board.append(f'[[health.tile]]\nspark = "none"\n{lines}')
    (data / "boards" / "health.toml").write_text("\n".join(board), encoding="utf-8")
    return data


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """Let all sources speak right, wrong and right again, each time collected, watched over and published."""
    state = {"step": "right"}
    server = Server(lambda query, request: answers(state["step"]))
    folder = tmp_path_factory.mktemp("kinds")
    env = {
        "IOC_DATA": str(lay_out(folder, server.url)),
        "IOC_STORE_URL": f"sqlite:///{folder / 'ioc.sqlite'}",
    }
    product = open_product(declare(settings.load(env), environ=env, check_source=connectors.check))
    collector = collecting(product)
    publisher = Publisher(product, collector.fence)
    app = Flask(__name__)
    app.register_blueprint(api.blueprint(product))
    web = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        found = Told(Province(product, [NOW], web.server_port, collector.fence, ()).get)
        for step in ("right", "wrong", "again"):
            state["step"] = step
            if step == "again":
                (row,) = found.of_rule("wrong", "on_time_share")
                answer(product.store, row["id"], "explained", NOTE, now_ms=time.time_ns() // 1_000_000)
            _live(product, collector.poll, publisher, rounds=2 if step == "wrong" else 1)
            found.rows[step] = found.get("/api/v1/contradictions", limit="1000").items
            tiles = found.get("/api/v1/boards/health").json["tiles"]
            found.tiles[step] = dict(zip(map(key, TILES), tiles, strict=True))
            time.sleep(1.02 - time.time() % 1)  # the API takes whole seconds
            found.at[step] = iso(time.time())
        yield found
    finally:
        web.shutdown()
        thread.join()
        web.server_close()
        product.store.close()
        server.close()


def _live(product: Product, poll: Callable[[str], Any], publisher: Publisher, rounds: int) -> None:
    """Poll all sources, so many times, then look for contradictions and publish."""
    for _ in range(rounds):
        for id in product.catalogue.sources:
            assert poll(id).error == ""
    trust = Trust(product, publisher.fence, lambda: None)
    trust.answers(time.time())
    trust.check(time.time())
    publisher.publish(time.time())


CLEAN = ["services_online_printed 2020"]
KINDS = [
    # rule, kind, what the sentence says, tiles that carry the sign, tiles that stay clean
    ("two_sources", "two_sources", "chênh 30 lượt (23,1%)", ["visits", "visits 06685"],
     ["visits 06652", "visits hospital_2"]),
    ("reports_by_channel", "sum", "345 + 42 + 38 + 13 + 3 = 441 (thiếu 1)", ["reports_printed 2022-04"],
     ["reports_printed 2020"]),
    ("part_exceeds_whole", "exceeds", "ghi 801", ["cards_returned_share"], ["cards_sent_share"]),
    ("integrated_share", "percent", "cần mẫu số ≈ 1.573", ["procedures_integrated_printed 2022"], CLEAN),
    ("on_time_share", "no_denominator", "mẫu số không công bố", ["dossiers_on_time_printed 2020"], CLEAN),
    ("health_reports_shrink", "denominator", "do mẫu số giảm từ 100 còn 50", ["reports_within_24h"], ["visits 06652"]),
    ("impossible", "impossible", "nhỏ hơn mức có thể 0 lượt", [], ["emergency_visits"]),
    ("cumulative_falls", "falls", "giảm từ 500 tỷ đồng", ["budget_revenue_ytd"], ["budget_spending_ytd"]),
    ("disease_jump", "jump", "quanh ngày 01/07/2025", ["dengue_month", "disease_cases dengue"], ["disease_cases measles"]),
    ("records_gone", "gone", "10/40 bản ghi", ["reports_open"], ["visits 06652"]),
]  # fmt: skip
each = pytest.mark.parametrize(
    ("rule", "kind", "says", "marked", "clean"), KINDS, ids=[one[1] for one in KINDS]
)


def test_figures_that_agree_flag_nothing(told: Told):
    assert told.rows["right"] == []
    assert {name for name, tile in told.tiles["right"].items() if tile["disputed"]} == set()


@each
def test_it_is_found_named_owned_and_marks_its_own_tiles(told: Told, rule, kind, says, marked, clean):
    (row,) = told.of_rule("wrong", rule)
    assert (row["kind"], row["state"], row["owner"]) == (kind, "open", "so_y_te")
    assert says in row["sentence"]["vi"]
    assert all(one["source"] and one["value"] is not None for one in row["evidence"])
    for name in marked:
        assert told.tiles["wrong"][name]["disputed"]["key"] == row["id"], name
    assert [name for name in clean if told.tiles["wrong"][name]["disputed"]] == []


@each
def test_it_passes_when_the_figures_agree_again_or_a_person_explains_it(
    told: Told, rule, kind, says, marked, clean
):
    (row,) = told.of_rule("again", rule)
    ended = ("explained", NOTE) if kind == "no_denominator" else ("gone", None)
    assert (row["state"], row["note"]) == ended
    assert [name for name in marked if told.tiles["again"][name]["disputed"]] == []
    versions = told.get(f"/api/v1/contradictions/{row['id']}").items
    assert [one["state"] for one in versions] == ["open", ended[0]]


@each
def test_what_was_known_then_is_told_as_of_then(told: Told, rule, kind, says, marked, clean):
    (was,) = told.of_rule("wrong", rule)
    then = told.get("/api/v1/contradictions", key=was["id"], as_of=told.at["wrong"]).items
    assert [(one["state"], one["sentence"]) for one in then] == [("open", was["sentence"])]
    assert told.get("/api/v1/contradictions", key=was["id"], as_of=told.at["right"]).items == []


def test_the_board_and_the_reading_as_of_then_carry_the_sign(told: Told):
    (row,) = told.of_rule("wrong", "two_sources")
    board = told.get("/api/v1/boards/health", as_of=told.at["wrong"]).json["tiles"]
    then = dict(zip(map(key, TILES), board, strict=True))
    assert then["visits"]["disputed"]["key"] == row["id"]
    told_then = told.get(
        "/api/v1/indicators/visits", area="06685", period="last_7d", as_of=told.at["wrong"]
    ).json
    assert told_then["disputed"]["sentence"] == row["sentence"]
    assert told.get("/api/v1/indicators/visits", area="06652").json["disputed"] is None
    assert told.get("/api/v1/indicators/visits").json["disputed"] is None


def test_a_source_says_how_many_of_its_figures_disagree(told: Told):
    rows = told.get("/api/v1/contradictions", state="open", as_of=told.at["wrong"], limit="1000").items
    at = [row for row in rows if "published_figures" in (row["source"], row["other"])]
    assert {row["kind"] for row in at} == {"sum", "percent", "no_denominator"}
    assert all(row["sector"] for row in rows)
