"""The wall in a real browser: what it shows, how it ages, how it says that it lost somebody."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.layouts import sample
from tests.layouts.test_panels import contrast

LOOKS = (Path(__file__).parent / "looks.js").read_text("utf-8")
"""Questions to a page, in its own language: looks.filled(), clipped(), small(least), inks(), watch()."""


def opened(page, site, until, path="/wall/overview"):
    page.clock.install()
    page.add_init_script(LOOKS)
    page.goto(site.url(path))
    until(page, "looks.filled()", 20)
    return page


def settled(page):
    """Wait until the fonts are there and nothing moves."""
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(700)


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (3840, 2160), (3840, 1080)])
def test_every_scene_fits_its_screen_with_nothing_clipped(site, new_page, until, width, height):
    page = opened(new_page(width, height), site, until)
    settled(page)
    for _ in range(3 if width == 1920 else 2):
        assert page.evaluate("looks.clipped()") == []
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(700)


def test_text_is_legible_from_five_metres_and_nothing_is_posted_or_fetched_elsewhere(site, page, until):
    posted = []
    page.on("request", lambda request: request.method == "POST" and posted.append(request.url))
    opened(page, site, until)
    settled(page)
    assert page.evaluate("looks.small(20)") == []
    assert page.evaluate("looks.numbers()") >= 56
    # quiet text on the panel is 7.7:1; greyed text and the red of a status are judged as large, bold text
    for colour, text, marked in page.evaluate("looks.inks()"):
        assert contrast(colour, "#131c2e") >= (5.4 if marked else 6.5), text
    for word in (
        "DỮ LIỆU MÔ PHỎNG",
        "Tỉnh Quảng Ninh",
        "Thứ Bảy, 21/11/2026",
        "Toàn cảnh",
        "Kém",
        "mất kết nối",
    ):
        assert word in page.locator("body").inner_text()
    assert posted == []


def test_a_new_version_changes_only_its_part(site, page, until):
    opened(page, site, until)
    settled(page)
    page.evaluate("looks.watch()")
    document = sample.overview()
    document["tiles"][0]["value"] = 96.4
    document["tiles"][0]["status"] = "good"
    site.publish(document)
    until(
        page,
        "document.getElementById('overview-tile-dossiers_on_time').textContent.includes('96,4')",
        hastened=True,
    )
    assert "is-good" in page.locator("#overview-tile-dossiers_on_time").get_attribute("class")
    assert set(page.evaluate("looks.touched")) == {"overview-tile-dossiers_on_time"}


def test_a_tile_goes_stale_by_server_time_with_no_new_data(site, page, until):
    opened(page, site, until)
    tile = page.locator("#overview-tile-dossiers_on_time")
    assert tile.get_attribute("data-aged") is None
    site.shift = 3700
    until(
        page,
        "document.getElementById('overview-tile-dossiers_on_time').hasAttribute('data-aged')",
        hastened=True,
    )
    assert "Chậm cập nhật" in tile.inner_text()
    assert "Cần chú ý" not in tile.inner_text()
    assert "93,7" in tile.inner_text()


def test_losing_the_server_is_said_and_greyed_and_mended_by_itself(site, page, until, watch):
    watch.expect("ERR_CONNECTION_REFUSED|Failed to load resource")
    opened(page, site, until)
    site.stop()
    until(page, "document.querySelector('[data-lost=server_lost]')", 20, hastened=True)
    assert page.locator("#trouble").inner_text().startswith("Mất kết nối từ 10:2")
    shown = page.locator("#overview-tile-dossiers_on_time").inner_text()
    assert "93,7" in shown
    assert "Cần chú ý" not in shown
    site.start()
    until(page, "!document.querySelector('[data-lost]')", 20, hastened=True)
    assert "Cần chú ý" in page.locator("#overview-tile-dossiers_on_time").inner_text()


def test_a_dead_collector_greys_everything(site, page, until):
    opened(page, site, until)
    site.boards.collector = ("lost", sample.NOW - 30)
    until(page, "document.querySelector('[data-lost=collector_lost]')", hastened=True)
    assert page.locator("#trouble").inner_text() == "Bộ thu thập dừng từ 10:21:35"
    site.boards.collector = ("live", sample.NOW)
    until(page, "!document.querySelector('[data-lost]')", hastened=True)


def test_keys_move_pause_and_choose_scenes_without_a_reload(site, page, until):
    opened(page, site, until, "/wall/")
    page.evaluate("window.same = true")
    title = page.locator("#scene-title")
    page.keyboard.press("ArrowRight")
    assert title.inner_text() == "Dịch vụ công"
    page.keyboard.press("6")
    assert title.inner_text() == "Môi trường"
    page.keyboard.press("ArrowRight")
    assert title.inner_text() == "Toàn cảnh"
    page.keyboard.press(" ")
    assert page.locator(".paused").is_visible()
    page.keyboard.press(" ")
    page.evaluate("document.getElementById('screen').dataset.rotate = '1'")
    until(page, "document.getElementById('scene-title').textContent !== 'Toàn cảnh'")
    assert page.evaluate("window.same") is True


def test_a_scene_is_pinned_by_its_address_and_english_by_its_language(site, page, until):
    opened(page, site, until, "/wall/land?lang=en")
    assert page.locator("#scene-title").inner_text() == "Land"
    assert "SIMULATED DATA" in page.locator(".head").inner_text()
    page.evaluate("document.getElementById('screen').dataset.rotate = '1'")
    page.clock.run_for(1800)
    assert page.locator("#scene-title").inner_text() == "Land"


@pytest.fixture
def listed(site):
    """The site with two playlists."""
    site.stop()
    site.app.extensions["published"].stop()
    site.playlists = {"leaders": ("overview", "land"), "reception": ("overview", "health")}
    site.app = None
    site.start()
    return site


def test_a_playlist_shows_and_fetches_its_own_boards_alone(listed, page, until):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/screen/" in request.url else None)
    page.goto(listed.url("/wall/?playlist=reception"))
    until(page, "document.querySelector('.scene[data-active] .tile-number')")
    page.keyboard.press("ArrowRight")
    assert page.locator("#scene-title").inner_text() == "Y tế"
    page.keyboard.press("ArrowRight")
    assert page.locator("#scene-title").inner_text() == "Toàn cảnh"
    assert {url.split("/screen/")[1].split("?")[0] for url in asked} == {"overview", "health"}


def test_a_board_of_no_playlist_is_still_found_by_its_address(listed, page, until):
    page.goto(listed.url("/wall/health"))
    until(page, "document.querySelector('.scene[data-active] .tile-number')")
    assert page.locator("#scene-title").inner_text() == "Y tế"
    page.keyboard.press("ArrowRight")
    assert page.locator("#scene-title").inner_text() != "Y tế"
    assert page.locator(".scene[data-active]").count() == 1
