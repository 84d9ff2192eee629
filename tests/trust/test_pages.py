"""The pages of trust in a real browser, over a real store and the real read API."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from werkzeug.serving import make_server

import api
from ioc.model import Observation, Page
from ioc.product import Declared, open_product
from ioc.publish import Publisher
from ioc.store import finish_run, keep_page, start_run
from ioc.store.lease import take
from ioc.trust import Trust
from layouts.web import create_web
from tests.api.province import epoch

NOW = float(epoch("2026-11-20T10:00"))
WATCHED_S = 700.0
"""The sources answered so long before: what was watched for less has no scores (data/quality.toml)."""


class Site:
    """The whole product in this process, over figures of two sources that disagree."""

    def __init__(self, declared: Declared, folder: Path) -> None:
        url = f"sqlite:///{folder / 'ioc.sqlite'}"
        boards = {
            id: declared.catalogue.boards[id] for id in ("health", "quality")
        }  # the others cost a minute
        self.product = open_product(
            replace(
                declared,
                settings=replace(declared.settings, store_url=url),
                catalogue=replace(declared.catalogue, boards=boards),
            )
        )
        self.fence = take(self.product.store, "tests", ttl_s=10**8) or 0
        self.trust = Trust(self.product, self.fence, lambda: None)
        for source, visits in (("hospitals", 500.0), ("workbook", 530.0)):
            self.keep(source, visits, NOW - WATCHED_S)
        self.trust.check(NOW)
        self.trust.count(NOW + 30)
        Publisher(self.product, self.fence).publish(NOW)
        web = create_web(
            self.product, blueprints=[api.blueprint(self.product, now=lambda: NOW + 60)], now=lambda: NOW + 60
        )
        self.published = web.extensions["published"]
        self.server = make_server("127.0.0.1", 0, web, threaded=True)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def keep(self, source: str, visits: float, at: float) -> None:
        ms = int(at * 1000)
        run = start_run(self.product.store, self.fence, source, now_ms=ms)
        record = Observation("visits", epoch("2026-11-19T00:00"), "22", visits, span="day", kind="count")
        keep_page(
            self.product.store, self.fence, run, self.product.catalogue.sources[source], Page([record]),
            now_ms=ms, marks=self.product.engine.affects,
        )  # fmt: skip
        finish_run(self.product.store, self.fence, run, "changed", now_ms=ms)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server.server_port}{path}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.published.stop()
        self.product.store.close()


@pytest.fixture(scope="module")
def site(declared: Declared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    running = Site(declared, tmp_path_factory.mktemp("pages"))
    yield running
    running.close()


def test_owners_are_ranked_and_lead_to_their_sources(site, page):
    page.goto(site.url("/quality"))
    page.get_by_role("link", name="Sở Y tế").click(timeout=20_000)
    page.get_by_text("Các nguồn của Sở Y tế").wait_for(timeout=20_000)
    rows = page.locator("section.panel").nth(1).inner_text()
    assert "Tệp của Sở" in rows
    assert "chưa thống nhất 1/1" in rows
    page.goto(site.url("/sources"))
    page.locator(".source-clash").first.wait_for(timeout=20_000)
    assert "Sạch" in page.locator(".sources-table").inner_text()


def test_a_number_that_rests_on_a_dispute_leads_to_it_and_a_person_explains_it(site, page):
    page.goto(site.url("/sector/health"))
    sign = page.locator("#health-tile-visits .tile-clash")
    sign.wait_for(timeout=20_000)
    assert "Số liệu chưa thống nhất" in sign.inner_text()
    assert "phản ánh" not in page.locator("#health-narration").inner_text()
    sign.click()
    page.locator(".clash .table").wait_for(timeout=20_000)
    said = page.locator(".clash").inner_text()
    assert "“Giường bệnh” ghi 500 lượt, “Tệp của Sở” ghi 530 lượt" in said
    assert "19/11" in said
    page.locator("#trust-explain").click()
    page.get_by_text("Hãy ghi lý do trước khi giải thích.").wait_for()
    page.locator("#trust-note").fill("Sở tính cả lượt cấp cứu")
    page.locator("#trust-note").blur()
    page.locator("#trust-explain").click()
    page.get_by_text("Đã ghi ý kiến").wait_for()
    assert site.trust.answers(NOW) == 1
    page.goto(site.url("/contradictions?state=explained"))
    page.get_by_text("Sở tính cả lượt cấp cứu").wait_for(timeout=20_000)


def test_the_wall_has_a_scene_of_the_data_themselves_that_fits_a_phone_as_a_page(site, new_page):
    wall = new_page()
    wall.goto(site.url("/wall/quality"))
    wall.locator("#scene-quality .scores").wait_for(timeout=20_000)
    assert "Sở YT" in wall.locator("#scene-quality").inner_text()
    phone = new_page(390, 844)
    for path in ("/quality", "/contradictions", "/sources"):
        phone.goto(site.url(path))
        phone.locator(".page-title").wait_for(timeout=20_000)
        assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
