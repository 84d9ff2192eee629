"""Disasters: what gauges, warnings and the command post bring equals one and the same rain, in two provinces."""

from __future__ import annotations

import json

import pytest

from ioc.calendar import DAY_S, HOUR_S, day_start, local_day
from sandbox import bulletins, incidents, water
from tests.api.province import epoch
from tests.sandbox.polling import polled

FLOOD = epoch("2026-10-22T15:10")


@pytest.fixture(scope="module", params=["22", "92"])
def province(request, tmp_path_factory):
    with polled(request.param, FLOOD, tmp_path_factory.mktemp("disaster")) as found:
        yield found


@pytest.fixture
def setting(province):
    province.clock.at, province.cursors = FLOOD, {}
    return province.world.setting


def test_a_flood_is_in_the_rain_the_rivers_the_warnings_and_the_points_of_the_same_days(province, setting):
    wet = [day for day in range(local_day(FLOOD) - 40, local_day(FLOOD)) if setting.rain(day) > 0.6]
    dry = [day for day in range(local_day(FLOOD) - 40, local_day(FLOOD) - 20) if setting.rain(day) == 0]
    assert wet
    assert dry
    assert (
        min(water.day_rain(setting, day) for day in wet)
        > 100
        > max(water.day_rain(setting, day) for day in dry)
    )
    lives = incidents.points(setting)
    assert min(map(lives.count, wet)) > 10
    assert max(map(lives.count, dry)) == 0
    events = province.records("weather_warnings")
    assert {event.starts for event in events if event.facts.get("risk_level") == 3} & {
        day_start(day) for day in wet
    }
    noon = day_start(wet[-1]) + 12 * HOUR_S
    assert any(water.level(setting, river, noon) >= water.alarms(river)[0] for river in range(5))


def test_rain_arrives_hour_by_hour_over_page_boundaries_as_it_fell(province, setting):
    options = province.catalogue.sources["rain_gauges"].options
    records = province.records("rain_gauges", paging={**options["paging"], "per_page": 37})
    fallen = {(one.place, one.time): one.value for one in records if one.variable == "rain"}
    assert len(fallen) > 6 * 24 * 2.5
    for gauge, site in enumerate(setting.of_kind("rain_gauge")):
        at = FLOOD - FLOOD % HOUR_S - 5 * HOUR_S
        if (site.id, at) in fallen:
            assert fallen[site.id, at] == water.hour_rain(setting, gauge, at - HOUR_S)
    three = {(one.place, one.time): one.value for one in records if one.variable == "rain_3h"}
    place, at = max(three)
    hours = [fallen[place, at - back * HOUR_S] for back in range(3) if (place, at - back * HOUR_S) in fallen]
    assert len(hours) < 3 or three[place, at] == pytest.approx(sum(hours), abs=0.11)


def test_river_levels_are_the_worlds_and_every_gauge_declares_its_three_alarms(province, setting):
    records = province.records("river_gauges", top=50)
    sites = setting.of_kind("river_gauge")
    newest = {one.place: one for one in records}
    for river, site in enumerate(sites):
        assert newest[site.id].value == water.level(setting, river, newest[site.id].time)
        assert FLOOD - newest[site.id].time < 2 * HOUR_S
        assert tuple(limit.high for limit in site.limits) == water.alarms(river)
        assert all(limit.basis for limit in site.limits)


def test_points_in_hand_are_the_worlds_and_nobody_who_watches_them_is_read(province, setting):
    cases = {case.key: case for case in province.records("disaster_points")}
    on = {
        point.key for point in incidents.points(setting).begun(FLOOD) if point.opened <= FLOOD < point.closed
    }
    assert {key for key, case in cases.items() if case.state == "open"} == on
    assert on
    assert "CÁN BỘ" not in json.dumps(
        [case._asdict() for case in cases.values()], default=dict, ensure_ascii=False
    )


def test_the_situation_sums_the_points_and_names_the_highest_risk_in_force(province, setting):
    newest = {one.variable: one for one in province.records("disaster_situation")}
    at = newest["evacuated_people"].time
    people = sum(
        point.people
        for point in incidents.points(setting).begun(at)
        if point.kind == "SO_TAN" and point.opened <= at < point.closed
    )
    assert newest["evacuated_people"].value == people
    in_force = [
        one.risk
        for one in bulletins.issued(setting, at - 4 * DAY_S, at)
        if one.kind != "Cancel" and one.expires > at
    ]
    assert newest["disaster_risk"].value == max(in_force)


def test_a_damage_report_is_one_a_commune_and_day_and_some_are_corrected_later(province, setting):
    def houses(at):
        province.clock.at, province.cursors = at, {}
        found = [one for one in province.records("disaster_damage") if one.variable == "houses_damaged"]
        assert len({(one.place, one.time) for one in found}) == len(found)
        return {(one.place, one.time): one.value for one in found}

    first, later = houses(FLOOD), houses(FLOOD + 3 * DAY_S)
    corrected = [
        one for one in incidents.damages(setting).begun(FLOOD) if one.corrected > FLOOD and one.houses
    ]
    raised = {place for (place, at), value in first.items() if later[place, at] > value}
    assert {one.commune.code for one in corrected} == raised
    assert all(later[key] >= value for key, value in first.items())


def test_reservoirs_report_four_times_a_day(province, setting):
    records = [one for one in province.records("reservoirs") if one.variable == "reservoir_level"]
    hours = {(one.time + 7 * HOUR_S) % DAY_S // HOUR_S for one in records}
    assert hours == {1, 7, 13, 19}
    newest = records[-1]
    index = [site.id for site in setting.of_kind("reservoir")].index(newest.place)
    assert newest.value == water.reservoir(setting, index, newest.time).level
