"""Web portals: what polling them finds equals the world's truth, in two provinces."""

from __future__ import annotations

import pytest

from sandbox import portals
from tests.sandbox.conftest import TUESDAY
from tests.sandbox.polling import polled


@pytest.fixture(scope="module", params=["22", "01"])
def province(request, tmp_path_factory):
    with polled(request.param, TUESDAY, tmp_path_factory.mktemp("portals")) as found:
        yield found


def values(records):
    return {(r.variable, r.place): r.value for r in records}


def test_thirty_one_component_and_five_independent_portals_stand_as_they_are(province):
    component, independent = (
        values(province.records(f"portals_{kind}")) for kind in ("component", "independent")
    )
    assert len([1 for variable, _ in component if variable == "portal_up"]) == 31
    assert len([1 for variable, _ in independent if variable == "portal_up"]) == 5
    setting, found = province.world.setting, {**component, **independent}
    for site in portals.portals(setting):
        up = portals.is_up(setting, site, TUESDAY)
        assert found["portal_up", site.id] == up
        if up:
            age = portals.age_days(setting, site, TUESDAY)
            # a page shows days alone
            assert age - 0.01 <= found["newest_article_age", site.id] <= age + 1
    assert not any(variable == "certificate_days" for variable, _ in found)


def test_portals_that_nobody_writes_for_are_old(province):
    found = values(province.records("portals_component"))
    old = {place for (variable, place), age in found.items() if variable == "newest_article_age" and age > 10}
    assert {*portals.DORMANT} <= old
    sites = portals.portals(province.world.setting)
    assert old <= {one.id for one in sites if portals.age_days(province.world.setting, one, TUESDAY) > 9}


def test_a_portal_in_maintenance_is_down_and_has_no_newest_article(province):
    setting = province.world.setting
    site = next(one for one in portals.portals(setting) if one.id == portals.FRAIL)
    down = next(
        t for t in range(int(TUESDAY), int(TUESDAY) + 40 * 86_400, 600) if not portals.is_up(setting, site, t)
    )
    province.clock.at = down
    found = values(province.records("portals_component"))
    province.clock.at = TUESDAY
    assert found["portal_up", site.id] == 0
    assert ("newest_article_age", site.id) not in found
    assert sum(value for (variable, _), value in found.items() if variable == "portal_up") >= 28
