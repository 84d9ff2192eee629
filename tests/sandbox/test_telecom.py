"""Digital infrastructure: what the workbooks' connector brings equals the world's truth, in two provinces."""

from __future__ import annotations

from datetime import date

import pytest

from ioc.calendar import day_of, day_start
from sandbox import commune_links, telecom
from tests.sandbox.conftest import TUESDAY
from tests.sandbox.polling import polled

OCTOBER = 2026 * 12 + 9


@pytest.fixture(scope="module", params=["22", "12"])
def province(request, tmp_path_factory):
    with polled(request.param, TUESDAY, tmp_path_factory.mktemp("telecom")) as found:
        found.drop("telecom_households", "telecom_fibre", "telecom_parks")
        yield found


def october(records):
    at = day_start(day_of(date(2026, 10, 1)))
    return {(r.variable, r.place): r.value for r in records if r.time == at}


def test_fibre_and_5g_are_yes_or_no_as_in_the_world(province):
    setting = province.world.setting
    fibre = october(province.records("telecom_fibre"))
    for area in setting.communes:
        assert fibre["commune_fibre", area.code] == telecom.has(setting, "fibre", area.code, OCTOBER)
        assert fibre["commune_counted", area.code] == 1
    parks = october(province.records("telecom_parks"))
    assert {place for _, place in parks} == {site.id for site in telecom.parks(setting)}
    for site in telecom.parks(setting):
        assert parks["park_5g", site.id] == telecom.has(setting, "5g", site.id, OCTOBER)


def test_no_commune_has_more_of_a_part_than_of_the_whole(province):
    found = october(province.records("telecom_households"))
    pairs = (
        ("households_fibre", "households"),
        ("households_addressed", "households"),
        ("adults_smartphone", "adults_working"),
        ("villages_5g", "villages"),
    )
    for part, whole in pairs:
        for area in province.world.setting.communes:
            if found[whole, area.code] is not None:
                assert 0 < found[part, area.code] <= found[whole, area.code]


def test_coverage_grows_and_never_shrinks(province):
    setting = province.world.setting
    for kind, codes in (
        ("fibre", [a.code for a in setting.communes]),
        ("5g", [s.id for s in telecom.parks(setting)]),
    ):
        counts = [
            sum(telecom.has(setting, kind, code, month) for code in codes)
            for month in range(OCTOBER - 12, OCTOBER)
        ]
        assert counts == sorted(counts)
        assert counts[-1] > len(codes) * 0.6


def test_Q16_each_commune_says_whether_it_is_linked_and_its_address_stays_there(province):
    records = [record for page in province.pages("commune_links") for record in page.records]
    up = {one.place: one.value for one in records if one.variable == "commune_link_up"}
    world = province.world
    at = int(TUESDAY) - int(TUESDAY) % commune_links.STEP_S
    assert up == {area.code: float(commune_links.is_up(world, area, at)) for area in world.setting.communes}
    minutes = {one.place: one.value for one in records if one.variable == "commune_link_minutes"}
    assert all((minutes[code] < 5) == bool(value) for code, value in up.items())
    assert not any("10.40." in str(record) for record in records)
