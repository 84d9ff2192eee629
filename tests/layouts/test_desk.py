"""The desk in a real browser: the menu, a sector narrowed by its address, the basis of a number, the sources."""

from __future__ import annotations

from tests.layouts import sample


def test_the_overview_leads_to_a_sector_and_a_number_to_its_basis(site, page, until):
    page.goto(site.url("/"))
    until(page, "document.querySelectorAll('.tile:not(.is-loading)').length >= 10", 20)
    assert "Mất kết nối nguồn dữ liệu" in page.locator("#overview-tile-land_overdue").inner_text()
    page.locator("#overview-tile-dossiers_on_time .why").click()
    drawer = page.locator("#desk-drawer")
    until(page, "document.getElementById('desk-drawer').dataset.open === '1'")
    for words in (
        "Căn cứ số liệu: 93,7%",
        "1.342 ÷ 1.432 = 93,7%",
        "Quyết định 766/QĐ-TTg",
        "Chi tiết kỹ thuật",
    ):
        assert words in drawer.inner_text()
    page.keyboard.press("Escape")
    until(page, "document.getElementById('desk-drawer').dataset.open === ''")
    page.get_by_role("link", name="Dịch vụ công").first.click()
    until(
        page,
        "location.pathname === '/sector/public_services' && document.querySelector('.js-plotly-plot')",
        20,
    )


def test_a_filter_lives_in_the_address_and_a_bar_narrows_the_page(site, page, until):
    page.goto(site.url("/sector/public_services?area=06793"))
    until(page, "document.querySelector('.crumbs')?.textContent.includes('Phường Cẩm Phả')", 20)
    assert "91,2" in page.locator(".tile").first.inner_text()
    page.goto(site.url("/sector/public_services"))
    until(page, "document.querySelector('.rank-row')", 20)
    page.locator(".rank-row").first.click()
    until(
        page,
        "location.search.includes('agency=') && document.querySelector('.crumbs')?.textContent.includes('Cơ quan')",
    )


def test_the_records_come_in_pages_as_one_scrolls(site, page, until):
    page.goto(site.url("/sector/public_services?tab=records"))
    until(page, "document.querySelector('.ag-row')?.textContent.includes('H99.12-202611-0000')", 20)
    page.locator(".ag-body-viewport").first.hover()
    for _ in range(6):
        page.mouse.wheel(0, 2500)
        page.wait_for_timeout(150)
    until(
        page,
        "[...document.querySelectorAll('.ag-row')].some(row => /H99.12-202611-0[1-4]\\d\\d/.test(row.textContent))",
    )


def test_a_moment_stays_in_the_address_from_page_to_page_until_one_goes_back(site, page, until):
    page.goto(site.url("/sector/public_services?as_of=2026-11-20T08:00"))
    until(page, "document.querySelector('.as-of-banner')?.textContent.includes('08:00 20/11/2026')", 20)
    until(page, "document.querySelector('#as-of summary').textContent.includes('08:00 20/11/2026')")
    assert page.evaluate("document.querySelectorAll('[data-board=public_services].page > *').length") == 0
    page.get_by_role("link", name="Đất đai").first.click()
    until(page, "location.pathname === '/sector/land' && location.search.includes('as_of=')")
    until(page, "document.querySelector('.page-title')?.textContent === 'Đất đai'")
    page.get_by_role("button", name="Về hiện tại").first.click()
    until(page, "!location.search.includes('as_of') && !document.querySelector('.as-of-banner')")


def test_the_sources_say_how_they_are_and_one_is_asked_at_once(site, page, until):
    page.goto(site.url("/sources?source=source_9"))
    until(page, "document.querySelector('#sources-poll')", 20)
    text = page.locator("#desk-page").inner_text()
    for words in (
        "mất kết nối",
        "Hệ thống đất đai mất kết nối",
        "Nguồn không trả lời trong 20 giây",
        "data.items[12]",
        "Thay đổi cấu trúc: trường mới ghi_chu, thiếu loai",
    ):
        assert words in text
    page.locator("#sources-poll").click()
    until(page, "document.getElementById('sources-asked').textContent.startsWith('Đã ghi yêu cầu')")


def test_a_phone_shows_everything_without_scrolling_sideways(site, new_page, until):
    page = new_page(390, 844)
    for path in ("/", "/sector/public_services", "/sources"):
        page.goto(site.url(path))
        until(page, "document.querySelector('.tile:not(.is-loading), .sources-table')", 20)
        page.wait_for_timeout(500)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    page.locator(".menu-button").click()
    assert page.get_by_role("link", name=sample.SECTORS[2][1]["vi"]).first.is_visible()
