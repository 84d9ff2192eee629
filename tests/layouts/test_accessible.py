"""What axe finds in the screens: no serious or critical fault, on the wall and on every page of the desk."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

LEFT_OUT = [
    [".map-text"],  # its halo in the sea's colour is a stroke, which axe does not see
    [".dash-dropdown-focus-target"],  # Dash's own, inside its dropdown
]
PAGES = {
    "wall": ("/wall/overview", "document.querySelectorAll('.scene[data-active] .tile-number').length > 8"),
    "wall of a sector": ("/wall/land", "document.querySelector('.scene[data-active] .tile-number')"),
    "overview": ("/", "document.querySelectorAll('.tile:not(.is-loading)').length >= 10"),
    "sector": ("/sector/public_services", "document.querySelector('.js-plotly-plot')"),
    "records": ("/sector/public_services?tab=records", "document.querySelector('.ag-row')"),
    "sources": ("/sources?source=source_9", "document.querySelector('#sources-poll')"),
    "light": ("/?theme=light", "document.querySelectorAll('.tile:not(.is-loading)').length >= 10"),
}


@pytest.fixture(scope="module")
def axe():
    """The checker; it travels with its library and asks no other host."""
    return Axe()


@pytest.mark.parametrize("name", PAGES)
def test_no_serious_fault_is_found(name, axe, site, page, until):
    path, drawn = PAGES[name]
    page.goto(site.url(path))
    until(page, drawn, 20)
    page.wait_for_timeout(400)
    found = axe.run(page, context={"exclude": LEFT_OUT}, options={"resultTypes": ["violations"]}).response[
        "violations"
    ]
    told = [
        f"{fault['id']} ({fault['impact']}): {node['html'][:160]}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"][:3]
    ]
    assert told == []
